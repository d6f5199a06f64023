"""Text -> syntax tree. Python's own parser reads the text; only what the language lists passes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from types import MappingProxyType

from app.expressions.lexical import Finding, look, tokens
from app.expressions.tree import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_NODES,
    Arithmetic,
    Called,
    Comparison,
    Conditional,
    Listed,
    Literal,
    Logic,
    Minus,
    Negation,
    Path,
    Tree,
    walk,
)
from app.source.diagnostics import N_, Diagnostic, Span, fault

_COMPARISONS: Mapping[type[ast.cmpop], str] = MappingProxyType(
    {
        ast.Eq: "==",
        ast.NotEq: "!=",
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.In: "in",
        ast.NotIn: "not in",
    }
)
_ARITHMETIC: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
)
_NOT_LISTED: Mapping[type[ast.AST], tuple[str, str]] = MappingProxyType(
    {
        ast.Lambda: (N_("a lambda is not allowed"), N_("write the condition itself: any(lines, amount > 0)")),
        ast.ListComp: (N_("a comprehension is not allowed"), N_("use any(), all(), count() or sum()")),
        ast.SetComp: (N_("a comprehension is not allowed"), N_("use any(), all(), count() or sum()")),
        ast.DictComp: (N_("a comprehension is not allowed"), N_("use any(), all(), count() or sum()")),
        ast.GeneratorExp: (N_("a comprehension is not allowed"), N_("use any(), all(), count() or sum()")),
        ast.Subscript: (N_("square brackets after a value are not allowed"), N_("use a dotted path")),
        ast.Starred: (N_("a star is not allowed"), N_("write the arguments one by one")),
        ast.Set: (N_("braces are not allowed"), N_("write the options in square brackets")),
        ast.Dict: (N_("braces are not allowed"), N_("write the options in square brackets")),
        ast.NamedExpr: (N_("nothing can be assigned in an expression"), ""),
        ast.Pow: (N_("powers are not allowed"), N_("multiply")),
        ast.FloorDiv: (N_("'//' is not allowed"), N_("write round(a / b)")),
        ast.Mod: (N_("'%' is not allowed"), N_("a percentage is written as its figure: 98 for 98 %")),
        ast.BitAnd: (N_("'&' is not allowed"), N_("write 'and'")),
        ast.BitOr: (N_("'|' is not allowed"), N_("write 'or'")),
        ast.Invert: (N_("'~' is not allowed"), N_("write 'not'")),
        ast.Is: (N_("'is' is not allowed"), N_("write '=='")),
        ast.IsNot: (N_("'is not' is not allowed"), N_("write '!='")),
    }
)
_COMMA_LIST = N_("write the list in square brackets")
_PYTHON_WORDS = frozenset(
    ("as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "except",
     "finally", "from", "global", "import", "nonlocal", "pass", "raise", "return", "try", "while", "with",
     "yield")
)  # fmt: skip
"""Words that Python keeps for itself and this language does not: fields may be called so (`class`)."""


class _Refused(Exception):
    """Ends the reading of one branch; its fault is already noted."""


def parse(text: str, span: Span) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """The syntax tree of `text`, a YAML scalar at `span`, or None with every fault found.

    A fault has its exact column when the scalar lies on one line as it is written; a folded or
    escaped scalar's faults carry the place of the whole scalar.
    """
    if len(text) > MAX_LENGTH:
        return None, (fault("EXPR009", span, N_("the expression is longer than {most} characters"),
                            N_("split it, for instance into a formula field"), most=MAX_LENGTH),)  # fmt: skip
    if not text.strip():
        return None, (fault("EXPR001", span, N_("the expression is empty")),)
    places = _Places(text, span)
    found = look(text)
    firm = [finding for finding in found if not finding.soft]
    if firm:
        return None, tuple(places.fault_of(finding) for finding in firm)
    try:
        syntax = _python_tree(text)
    except SyntaxError as error:
        return None, tuple(map(places.fault_of, found)) or (_stumbled(error, text, places),)
    except (RecursionError, MemoryError):
        return None, (_too_deep(span),)
    reader = _Reader(text, places)
    tree = reader.start(syntax.body)
    return (None if reader.faults else tree), tuple(reader.faults)


def _python_tree(text: str) -> ast.Expression:
    """Leading blanks would be an indentation to Python, line ends the end of the expression.

    Python's own words stand in capitals here; the reader takes names from the text as it was written.
    """
    words = (token.text.upper() if token.text in _PYTHON_WORDS else token.text for token in tokens(text))
    return ast.parse(
        "(" + "".join(" " if char.isspace() else char for char in "".join(words)) + ")", mode="eval"
    )


def _stumbled(error: SyntaxError, text: str, places: _Places) -> Diagnostic:
    offset = (error.offset or 2) - 2
    if offset >= len(text.rstrip()) or offset < 0:
        last = max(len(text.rstrip()) - 1, 0)
        return fault("EXPR001", places.at(last), N_("the expression breaks off here: something is missing"))
    return fault("EXPR001", places.at(offset), N_("the expression cannot be read from here on"),
                 N_("look for a missing operator, comma or `else`"))  # fmt: skip


def _too_deep(span: Span) -> Diagnostic:
    return fault("EXPR009", span, N_("the expression is nested deeper than {most} levels"), most=MAX_DEPTH)


class _Places:
    """Turns offsets in the text into places in the file."""

    def __init__(self, text: str, span: Span) -> None:
        self.span = span
        self._shift = self._shift_of(text, span)

    @staticmethod
    def _shift_of(text: str, span: Span) -> int | None:
        """How far the text begins behind the scalar's place; None when columns cannot be told."""
        if "\n" in text:
            return None
        if span.end_line < span.line or (span.end_line == span.line and span.end_column <= span.column):
            return 0  # the place has no end: take the text as written plainly
        width = span.end_column - span.column if span.end_line == span.line else -1
        return {len(text): 0, len(text) + 2: 1}.get(width)

    def at(self, offset: int, length: int = 1) -> Span:
        return self.span if self._shift is None else self.span.inside(self._shift + offset, length)

    def fault_of(self, finding: Finding) -> Diagnostic:
        place = self.at(finding.offset, finding.length)
        return Diagnostic(finding.code, "error", place, finding.text, finding.params, finding.hint)


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int


class _Reader:
    """Python's tree -> ours. Every refusal is noted, and the branches beside it are still read."""

    def __init__(self, text: str, places: _Places) -> None:
        self.faults: list[Diagnostic] = []
        self._text = text
        self._places = places
        self._numbers = {token.offset: token.text for token in tokens(text) if token.kind == "number"}
        widths = accumulate((len(char.encode()) for char in text), initial=1)
        self._characters = {byte: index for index, byte in enumerate(widths)}
        self._nodes = 0

    def start(self, syntax: ast.expr) -> Tree | None:
        try:
            return self._read(syntax, 1)
        except _Refused:
            return None

    def _stretch(self, syntax: ast.expr | ast.keyword) -> _Stretch:
        start = self._characters.get(syntax.col_offset, 0)
        return _Stretch(start, self._characters.get(syntax.end_col_offset or 0, len(self._text)))

    def _at(self, syntax: ast.expr | ast.keyword) -> Span:
        stretch = self._stretch(syntax)
        return self._places.at(stretch.start, stretch.end - stretch.start)

    def _written(self, syntax: ast.expr) -> str:
        stretch = self._stretch(syntax)
        return self._text[stretch.start : stretch.end]

    def _sign_at(self, left: ast.expr, right: ast.expr) -> Span:
        """The place of the operator between two operands (which may stand in brackets)."""
        between = _Stretch(self._stretch(left).end, self._stretch(right).start)
        sign = self._text[between.start : between.end].strip(" \t\n()")
        return self._places.at(self._text.index(sign, between.start), max(len(sign), 1))

    def _refuse(
        self, at: Span, text: str, hint: str = "", code: str = "EXPR002", **params: object
    ) -> _Refused:
        self.faults.append(fault(code, at, text, hint, **params))
        return _Refused()

    def _read(self, syntax: ast.expr, depth: int) -> Tree:
        self._nodes += 1
        if depth > MAX_DEPTH:
            if not any(known.code == "EXPR009" for known in self.faults):
                self.faults.append(_too_deep(self._at(syntax)))
            raise _Refused
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                raise self._refuse(self._places.span, N_("the expression has more than {most} parts"),
                                   N_("split it, for instance into a formula field"), "EXPR009",
                                   most=MAX_NODES)  # fmt: skip
            raise _Refused
        reader = _READERS.get(type(syntax))
        if reader is None:
            raise self._not_listed(type(syntax), self._at(syntax))
        return reader(self, syntax, depth)

    def _not_listed(self, kind: type[ast.AST], at: Span) -> _Refused:
        text, hint = _NOT_LISTED.get(kind, (N_("this is not part of the expression language"), ""))
        if kind is ast.Tuple:
            hint = _COMMA_LIST
        return self._refuse(at, text, hint)

    def _all(self, parts: list[ast.expr], depth: int) -> tuple[Tree, ...]:
        """Reads every part before giving up, so that all faults come at once."""
        done: list[Tree] = []
        for part in parts:
            try:
                done.append(self._read(part, depth + 1))
            except _Refused:
                continue
        if len(done) != len(parts):
            raise _Refused
        return tuple(done)

    def constant(self, syntax: ast.Constant, depth: int) -> Tree:
        at, value = self._at(syntax), syntax.value
        if value is None or isinstance(value, bool | str):
            return Literal(at, value)
        written = self._numbers.get(self._stretch(syntax).start)
        if written is None:
            raise self._not_listed(type(syntax), at)
        if len(written) > MAX_DIGITS:
            raise self._refuse(at, N_("a number of more than {most} digits"), "", "EXPR009", most=MAX_DIGITS)
        number = Decimal(written.replace("_", ""))
        return Literal(at, int(number) if number == number.to_integral_value() else number)

    def path(self, syntax: ast.expr, depth: int) -> Tree:
        parts: list[str] = []
        places: list[Span] = []
        whole, current = self._at(syntax), syntax
        while isinstance(current, ast.Attribute):
            end = self._stretch(current).end
            start = end - len(current.attr)
            parts.append(self._text[start:end])
            places.append(self._places.at(start, end - start))
            current = current.value
        if not isinstance(current, ast.Name):
            raise self._refuse(self._at(current), N_("only a name can stand before a dot"))
        parts.append(self._written(current))
        places.append(self._at(current))
        if len(parts) > MAX_DEPTH:
            raise self._refuse(
                whole, N_("the path has more than {most} parts"), "", "EXPR009", most=MAX_DEPTH
            )
        return Path(whole, tuple(reversed(parts)), tuple(reversed(places)))

    def listed(self, syntax: ast.List, depth: int) -> Tree:
        return Listed(self._at(syntax), self._all(syntax.elts, depth))

    def logic(self, syntax: ast.BoolOp, depth: int) -> Tree:
        word = "and" if isinstance(syntax.op, ast.And) else "or"
        return Logic(self._at(syntax), word, self._all(syntax.values, depth))

    def unary(self, syntax: ast.UnaryOp, depth: int) -> Tree:
        if isinstance(syntax.op, ast.Invert):
            raise self._not_listed(ast.Invert, self._at(syntax))
        (item,) = self._all([syntax.operand], depth)
        if isinstance(syntax.op, ast.Not):
            return Negation(self._at(syntax), item)
        return Minus(self._at(syntax), item) if isinstance(syntax.op, ast.USub) else item

    def arithmetic(self, syntax: ast.BinOp, depth: int) -> Tree:
        sign = _ARITHMETIC.get(type(syntax.op))
        if sign is None:
            raise self._not_listed(type(syntax.op), self._sign_at(syntax.left, syntax.right))
        left, right = self._all([syntax.left, syntax.right], depth)
        return Arithmetic(self._at(syntax), sign, left, right)

    def comparison(self, syntax: ast.Compare, depth: int) -> Tree:
        at = self._at(syntax)
        operands = [syntax.left, *syntax.comparators]
        for n, operator in enumerate(syntax.ops):
            if type(operator) not in _COMPARISONS:
                raise self._not_listed(type(operator), self._sign_at(operands[n], operands[n + 1]))
        parts = self._all(operands, depth)
        signs = [_COMPARISONS[type(operator)] for operator in syntax.ops]
        for middle in parts[1:-1]:
            # A part that stands in two comparisons is doubled; nested chains would grow without bound.
            if any(isinstance(part, Comparison) for part in walk(middle)):
                raise self._refuse(middle.at, N_("a comparison inside a chain of comparisons"),
                                   N_("write two comparisons joined by 'and'"))  # fmt: skip
        pairs = [Comparison(at, sign, parts[n], parts[n + 1]) for n, sign in enumerate(signs)]
        return pairs[0] if len(pairs) == 1 else Logic(at, "and", tuple(pairs))

    def conditional(self, syntax: ast.IfExp, depth: int) -> Tree:
        test, then, other = self._all([syntax.test, syntax.body, syntax.orelse], depth)
        return Conditional(self._at(syntax), test, then, other)

    def called(self, syntax: ast.Call, depth: int) -> Tree:
        if isinstance(syntax.func, ast.Attribute):
            raise self._refuse(self._at(syntax), N_("'.{name}()' is not allowed: values have no methods"),
                               N_("call a listed function, like contains(title, 'text')"),
                               name=syntax.func.attr)  # fmt: skip
        if not isinstance(syntax.func, ast.Name):
            raise self._refuse(self._at(syntax), N_("only a listed function can be called"))
        for keyword in syntax.keywords:
            hint = N_("give the argument alone, without '{name}='")
            self._refuse(
                self._at(keyword), N_("arguments have no names here"), hint, name=keyword.arg or "**"
            )
        items = self._all(syntax.args, depth)
        if syntax.keywords:
            raise _Refused
        written = " ".join(self._written(syntax).split())
        return Called(self._at(syntax), self._written(syntax.func), items, written)


# The table is what ties each of Python's constructs to its reader, so the argument types differ.
_READERS: Mapping[type[ast.expr], Callable[..., Tree]] = MappingProxyType(
    {
        ast.Constant: _Reader.constant,
        ast.Name: _Reader.path,
        ast.Attribute: _Reader.path,
        ast.List: _Reader.listed,
        ast.BoolOp: _Reader.logic,
        ast.UnaryOp: _Reader.unary,
        ast.BinOp: _Reader.arithmetic,
        ast.Compare: _Reader.comparison,
        ast.IfExp: _Reader.conditional,
        ast.Call: _Reader.called,
    }
)
