"""The Python reader: a checked expression becomes one Python function of a scope.

A scope maps root names to values: None for empty, int or Decimal, bool, str (choices by option name),
date, aware datetime, time, timedelta, `Period`; a linked record is a mapping of its fields (or a bare
id where nothing below it is read), several links and lines are sequences of mappings, several options
a collection of names. A name that is missing is empty, and so is the empty text.

The function is written from the checked tree alone: fixed phrases, names quoted by `repr`, and every
value and helper passed in beside the text, so nothing that a user wrote is ever run. `s` is the
scope, `r1`, `r2`, ... the rows of the frames inside.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from app.expressions import exact
from app.expressions.core import (
    FACTS,
    ROWS,
    WORKING,
    Aggregate,
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Const,
    Custom,
    During,
    HasRole,
    IsEmpty,
    LookedUp,
    Member,
    Node,
    Not,
    OneOf,
    Or,
    Quantify,
    Read,
    RowsInHand,
    Size,
)
from app.expressions.matching import COLLECTIONS
from app.expressions.python_rows import aggregate, any_row, every_row
from app.expressions.python_values import SIGNS, during, follow, guarded, has_role, key_of, member, one_of
from app.expressions.types import ANY, DATE, TEXT, ChoiceType, LinkType, Type

_FLIPPED = MappingProxyType({"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="})
_OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add": exact.add,
        "sub": exact.sub,
        "mul": exact.mul,
        "div": exact.div,
        "neg": exact.neg,
        "abs": exact.absolute,
        "round": exact.round_half_up,
        "lesser": min,
        "greater": max,
        "whole": exact.whole,
        "whole_neg": operator.neg,
        "elapsed": exact.elapsed,
        "span_add": exact.span_add,
        "span_sub": exact.span_sub,
        "span_neg": operator.neg,
        "span_abs": abs,
        "span_times": exact.span_times,
        "span_over": exact.span_over,
        "span_ratio": exact.span_ratio,
        "date_shift": exact.date_shift,
        "date_months": exact.date_months,
        "date_gap": exact.date_gap,
        "instant_shift": exact.instant_shift,
        "instant_months": exact.instant_months,
        "instant_gap": exact.instant_gap,
        "instant_date": exact.instant_date,
        "instant_hour": exact.instant_hour,
        "length": len,
        "contains": operator.contains,
        "starts_with": str.startswith,
    }
)
_WORKING = frozenset({"date_working", "instant_working"})


@dataclass(slots=True)
class _Writer:
    """The values that the text refers to, and fresh names for what it holds in between."""

    values: dict[str, object] = field(default_factory=lambda: {"__builtins__": {}})
    count: int = 0

    def fresh(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def keep(self, value: object) -> str:
        name = f"k{len(self.values)}"
        self.values[name] = value
        return name


def function(node: Node, *rows: str) -> Callable[..., Any]:
    """The node as a function of the scope and, for a part of a look-up, the row ('r1')."""
    writer = _Writer()
    text = f"lambda {', '.join(('s', *rows))}: {_write(node, writer)}"
    made: Callable[..., Any] = eval(compile(text, "<expression>", "eval"), writer.values)
    return made


def _write(node: Node, writer: _Writer) -> str:
    return _WRITERS[type(node)](node, writer)


def _texty(kind: Type) -> bool:
    return kind == TEXT or isinstance(kind, ChoiceType)


def _const(node: Const, writer: _Writer) -> str:
    return repr(node.value) if node.value is None or isinstance(node.value, bool) else writer.keep(node.value)


def _raw(node: Read, writer: _Writer) -> str:
    """The value as it stands in the scope, the empty text included."""
    root = f"{f'r{node.frame}' if node.frame else 's'}.get({node.parts[0]!r})"
    match node.parts[1:]:
        case ():
            return root
        case (name,):
            link = writer.fresh()
            return f"(None if ({link}:={root}) is None else {link}.get({name!r}))"
        case rest:
            return f"{writer.keep(follow)}({root}, {writer.keep(rest)})"


def _read(node: Read, writer: _Writer) -> str:
    raw = _raw(node, writer)
    if _texty(node.type):
        return f"({raw} or None)"
    if node.type == ANY:
        found = writer.fresh()
        return f"(None if ({found}:={raw}) == '' else {found})"
    return raw


def _is_empty(node: IsEmpty, writer: _Writer) -> str:
    word = "not {}" if isinstance(node.item.type, COLLECTIONS) else "{} is None"
    return f"({word.format(_write(node.item, writer))})"


def _not(node: Not, writer: _Writer) -> str:
    found = writer.fresh()
    return f"(None if ({found}:={_write(node.item, writer)}) is None else not {found})"


def _and(node: And, writer: _Writer) -> str:
    names = [writer.fresh() for _ in node.items]
    parts = [f"({name}:={_write(item, writer)})" for name, item in zip(names, node.items, strict=True)]
    false = " or ".join(f"not {part} and {name} is not None" for name, part in zip(names, parts, strict=True))
    empty = " or ".join(f"{name} is None" for name in names)
    return f"(False if {false} else None if {empty} else True)"


def _or(node: Or, writer: _Writer) -> str:
    names = [writer.fresh() for _ in node.items]
    true = " or ".join(
        f"({name}:={_write(item, writer)})" for name, item in zip(names, node.items, strict=True)
    )
    empty = " or ".join(f"{name} is None" for name in names)
    return f"(True if {true} else None if {empty} else False)"


def _compare(node: Compare, writer: _Writer) -> str:
    if isinstance(node.right, Const) and node.right.value is not None:
        return _against_const(node.kind, node.left, node.sign, node.right, writer)
    if isinstance(node.left, Const) and node.left.value is not None:
        return _against_const(node.kind, node.right, _FLIPPED[node.sign], node.left, writer)
    left, right = writer.fresh(), writer.fresh()
    test = f"{left} {node.sign} {right}"
    if node.kind == ANY:
        test = f"{writer.keep(guarded(SIGNS[node.sign]))}({left}, {right})"
    one, other = (_comparable(part, node, writer) for part in (node.left, node.right))
    return f"(None if ({left}:={one}) is None or ({right}:={other}) is None else {test})"


def _against_const(kind: Type, node: Node, sign: str, const: Const, writer: _Writer) -> str:
    """One comparison in two is a field with a fixed value, and worth a phrase of its own."""
    found = writer.fresh()
    if isinstance(kind, ChoiceType):
        test = f"{found} in {writer.keep(passing(kind, sign, str(const.value)))}"
    elif ANY in (kind, node.type):
        test = f"{writer.keep(guarded(SIGNS[sign]))}({found}, {writer.keep(const.value)})"
    else:
        test = f"{found} {sign} {_const(const, writer)}"
    if isinstance(node, Read) and _texty(node.type):
        return f"({test} if ({found}:={_raw(node, writer)}) else None)"
    return f"(None if ({found}:={_write(node, writer)}) is None else {test})"


def passing(kind: ChoiceType, sign: str, option: str) -> frozenset[str]:
    """The options for which `option-of-kind sign option` holds."""
    test, limit = SIGNS[sign], kind.options.index(option)
    return frozenset(name for index, name in enumerate(kind.options) if test(index, limit))


def _comparable(node: Node, within: Compare, writer: _Writer) -> str:
    """A value in a form that compares: links by id, options by position when order matters."""
    text = _write(node, writer)
    if isinstance(within.kind, LinkType):
        return f"{writer.keep(key_of)}({text})"
    if isinstance(within.kind, ChoiceType) and within.sign not in ("==", "!="):
        rank = {option: index for index, option in enumerate(within.kind.options)}
        return f"{writer.keep(rank)}.get({text})"
    return text


def _one_of(node: OneOf, writer: _Writer) -> str:
    if all(isinstance(option, Const) for option in node.options) and node.kind != ANY:
        fixed = frozenset(option.value for option in node.options if isinstance(option, Const))
        found = writer.fresh()
        return (
            f"(None if ({found}:={_write(node.item, writer)}) is None else {found} in {writer.keep(fixed)})"
        )
    options = ", ".join(_write(option, writer) for option in node.options)
    return f"{writer.keep(one_of)}({_write(node.item, writer)}, ({options},))"


def _member(node: Member, writer: _Writer) -> str:
    return f"{writer.keep(member)}({_write(node.item, writer)}, {_write(node.group, writer)})"


def _during(node: During, writer: _Writer) -> str:
    helper = writer.keep(during(node.sign, days=node.item.type == DATE))
    return f"{helper}({_write(node.item, writer)}, {_write(node.period, writer)})"


def _choose(node: Choose, writer: _Writer) -> str:
    then, test, other = (_write(part, writer) for part in (node.then, node.test, node.other))
    return f"({then} if {test} else {other})"


def _coalesce(node: Coalesce, writer: _Writer) -> str:
    pairs = [(writer.fresh(), _write(item, writer)) for item in node.items]
    return (
        "(" + " else ".join(f"{name} if ({name}:={text}) is not None" for name, text in pairs) + " else None)"
    )


def _apply(node: Apply, writer: _Writer) -> str:
    if node.name in _WORKING:
        return _strict(f"s[{WORKING!r}]", node.items, writer)
    return _strict(writer.keep(_OPERATIONS[node.name]), node.items, writer)


def _strict(helper: str, items: tuple[Node, ...], writer: _Writer) -> str:
    names, checks = [], []
    for item in items:
        if isinstance(item, Const) and item.value is not None:
            names.append(_const(item, writer))
            continue
        names.append(writer.fresh())
        checks.append(f"({names[-1]}:={_write(item, writer)}) is None")
    call = f"{helper}({', '.join(names)})"
    return f"(None if {' or '.join(checks)} else {call})" if checks else call


def _custom(node: Custom, writer: _Writer) -> str:
    if node.signature.call is None:
        raise TypeError(f"function {node.signature.name} is declared without the Python that computes it")
    return _strict(writer.keep(node.signature.call), node.items, writer)


def _size(node: Size, writer: _Writer) -> str:
    return f"{writer.keep(len)}({_write(node.group, writer)} or ())"


def _has_role(node: HasRole, writer: _Writer) -> str:
    return f"{writer.keep(has_role)}(s.get('me'), {node.role!r})"


def _rows_in_hand(node: RowsInHand, writer: _Writer) -> str:
    return f"s.get({ROWS!r})"


def _quantify(node: Quantify, writer: _Writer) -> str:
    helper = writer.keep(any_row if node.word == "any" else every_row)
    return f"{helper}({_write(node.group, writer)}, lambda r{node.frame}: {_write(node.where, writer)})"


def _aggregate(node: Aggregate, writer: _Writer) -> str:
    parts = [
        "None" if part is None else f"lambda r{node.frame}: {_write(part, writer)}"
        for part in (node.value, node.where)
    ]
    helper = writer.keep(aggregate(node.function, node.type))
    return f"{helper}({_write(node.group, writer)}, {', '.join(parts)})"


def _looked_up(node: LookedUp, writer: _Writer) -> str:
    return f"s[{FACTS!r}][{node.lookup.key!r}]"


_WRITERS: Mapping[type[Node], Callable[[Any, _Writer], str]] = MappingProxyType(
    {
        Const: _const,
        Read: _read,
        IsEmpty: _is_empty,
        Not: _not,
        And: _and,
        Or: _or,
        Compare: _compare,
        OneOf: _one_of,
        Member: _member,
        During: _during,
        Choose: _choose,
        Coalesce: _coalesce,
        Apply: _apply,
        Custom: _custom,
        Size: _size,
        HasRole: _has_role,
        RowsInHand: _rows_in_hand,
        Quantify: _quantify,
        Aggregate: _aggregate,
        LookedUp: _looked_up,
    }
)
