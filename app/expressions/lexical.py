"""A first look at the text: finds what Python's parser would explain badly, accept or choke on.

Signs of other languages (`&&`, `===`, `<>`), full-width signs from a Chinese keyboard, escapes,
comments, odd numbers, quotes and brackets without a partner: each with its own place and hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.expressions.tree import MAX_DEPTH
from app.source.diagnostics import N_

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<string>'[^']*'|"[^"]*")
      | (?P<number>(?:\d|\.\d)[\w.]*)
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>===|!==|<=>|<>|=>|=<|&&|\|\||==|!=|<=|>=|:=|\*\*|//|.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d+)?|\.\d+")
_PAIRS = MappingProxyType({")": "(", "]": "[", "}": "{"})
_NOT_A_SIGN = N_("'{sign}' is not a sign of this language")
_FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        "&&": "and", "||": "or", "===": "==", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "!": "not",
        "<=>": "==", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "＝": "==", "＞": ">", "＜": "<",
        "！": "not", "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "，": ",", "、": ",",
        "＋": "+", "－": "-", "＊": "*", "／": "/", "．": ".", "。": ".",
        "“": "'", "”": "'", "‘": "'", "’": "'",
        "「": "'", "」": "'", "『": "'", "』": "'", "＂": "'", "＇": "'", "`": "'", "＆": "and", "｜": "or",
    }
)  # fmt: skip
_OTHER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "\\": (N_("a backslash has no meaning here"), N_("write the text as it is, without escapes")),
        "#": (N_("a comment cannot stand inside an expression"), N_("put it into `note:`")),
        "?": (_NOT_A_SIGN, N_("write `a if condition else b`")),
        ";": (_NOT_A_SIGN, N_("one expression only; join conditions with `and`")),
        "；": (_NOT_A_SIGN, N_("one expression only; join conditions with `and`")),
        ":=": (_NOT_A_SIGN, N_("nothing can be assigned in an expression")),
        "$": (_NOT_A_SIGN, N_("write the field's name alone")),
    }
)
_QUOTES = "'\""
_PREFIXES = frozenset({"f", "r", "b", "u", "fr", "rf", "br", "rb"})
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "for", "lambda"})
_UPPER = MappingProxyType({word.upper(): word for word in ("and", "or", "not", "in")})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at `offset`; a soft one counts only when the parser stumbles too."""

    code: str
    offset: int
    length: int
    text: str
    hint: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """The text cut into blanks, strings, numbers, names and signs."""
    for found in _TOKEN.finditer(text):
        yield Token(found.lastgroup or "", found.group(), found.start())


def look(text: str) -> tuple[Finding, ...]:
    """All findings in the text, in order of place."""
    found: list[Finding] = []
    stack: list[Token] = []
    before = Token("", "", 0)
    for token in tokens(text):
        if token.kind == "blank":
            continue
        found.extend(_odd_token(token, before, text))
        if token.kind == "sign":
            found.extend(_odd_bracket(token, stack))
            if token.text in _QUOTES:
                break  # everything after an open quote is guesswork
        before = token
    else:
        found.extend(Finding("EXPR001", left.offset, 1, N_("'{sign}' is never closed"), "",
                             {"sign": left.text}) for left in stack)  # fmt: skip
    return tuple(sorted(found, key=lambda finding: finding.offset))


def _odd_token(token: Token, before: Token, text: str) -> Iterator[Finding]:
    touching = before.offset + len(before.text) == token.offset
    match token.kind:
        case "number":
            if _NUMBER.fullmatch(token.text) is None:
                yield _finding(token, N_("'{sign}' is not a number"), N_("write it out, like 1250 or 0.5"))
            elif _ends_value(before):
                yield _two_values(token)
        case "string":
            if "\\" in token.text:
                yield from _odd_sign(Token("sign", "\\", token.offset + token.text.index("\\")))
            elif before.kind == "string":
                yield _finding(token, N_("two texts in a row"), N_("put a comma or an operator between them"))
            elif before.text.lower() in _PREFIXES and touching:
                place = Token("name", before.text, before.offset)
                yield _finding(place, N_("a text has no prefix like '{sign}'"), N_("write the quotes alone"),
                               code="EXPR002")  # fmt: skip
            elif _ends_value(before):
                yield _two_values(token)
        case "name":
            yield from _odd_name(token)
            if token.text not in _WORDS and _ends_value(before):
                yield _two_values(token)
        case "sign":
            yield from _odd_sign(token)


def _ends_value(token: Token) -> bool:
    """Whether something could be read as complete with this token."""
    if token.kind == "name":
        return token.text not in _WORDS
    return token.kind in ("string", "number") or token.text in _PAIRS


def _two_values(token: Token) -> Finding:
    text = N_("an operator is missing before '{sign}'")
    return replace(_finding(token, text, N_("look for a missing operator, comma or `else`")), soft=True)


def _odd_name(token: Token) -> Iterator[Finding]:
    if not token.text.isascii():
        yield _finding(
            token,
            N_("'{sign}' is not a name"),
            N_("fields and options go by their declared snake_case names, not by their titles"),
        )
    elif token.text in _UPPER:
        yield _foreign(token, _UPPER[token.text], soft=True)


def _odd_sign(token: Token) -> Iterator[Finding]:
    sign = token.text
    if sign in _FOREIGN:
        yield _foreign(token, _FOREIGN[sign])
    elif sign in _OTHER:
        text, hint = _OTHER[sign]
        yield _finding(token, text, hint, code="EXPR002")
    elif sign == "=":
        yield _foreign(token, "==", soft=True)
    elif sign in _QUOTES:
        yield _finding(token, N_("the text that begins here has no closing quote"))
    elif not sign.isprintable() or not sign.isascii():
        yield _finding(token, N_("a character that has no meaning here"))


def _odd_bracket(token: Token, stack: list[Token]) -> Iterator[Finding]:
    if token.text in _PAIRS.values():
        stack.append(token)
        if len(stack) == MAX_DEPTH + 1:
            yield _finding(
                token,
                N_("the expression is nested deeper than {most} levels"),
                code="EXPR009",
                most=MAX_DEPTH,
            )
    elif token.text in _PAIRS:
        if stack and stack[-1].text == _PAIRS[token.text]:
            stack.pop()
        else:
            stack.clear()
            yield _finding(token, N_("'{sign}' closes nothing"))


def _finding(token: Token, text: str, hint: str = "", code: str = "EXPR001", **params: object) -> Finding:
    return Finding(code, token.offset, len(token.text), text, hint, {"sign": token.text, **params})


def _foreign(token: Token, ours: str, *, soft: bool = False) -> Finding:
    params = {"sign": token.text, "ours": ours}
    hint = N_("write '{ours}'") if ours != "'" else N_("put texts into straight quotes: 'text'")
    return Finding("EXPR001", token.offset, len(token.text), _NOT_A_SIGN, hint, params, soft)
