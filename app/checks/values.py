"""A value that YAML gives to a field: the declared type reads it first, an expression is what remains.

`default: 12:30`, `with: {kind: surprise}`, `set: {charged: true}` are values of the field's type;
`default: me` and `set: {handled_at: now}` are expressions. Both come out as expressions, so
they run the same way.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from app.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    TEXT,
    TIME,
    ChoiceType,
    Environment,
    Expression,
    Type,
    compile_expression,
)
from app.source import Diagnostic, Span

_SWITCH = {"true": "True", "yes": "True", "false": "False", "no": "False"}
_FIRST_WORD = re.compile(r"[A-Za-z_]\w*")
_CODE_SIGNS = re.compile(r"""['"()]""")


def _is_moment(text: str, want: Type) -> bool:
    readers = {DATE: date.fromisoformat, DATETIME: datetime.fromisoformat, TIME: time.fromisoformat}
    reader = readers.get(want)  # type: ignore[call-overload]  # SimpleType is the key of all three
    if reader is None:
        return False
    try:
        reader(text)
    except ValueError:
        return False
    return True


def as_written(text: str, want: Type | None) -> str:
    """The expression that `text` stands for where a `want` is expected."""
    words = text.strip()
    if want == BOOLEAN:
        return _SWITCH.get(words.lower(), words)
    if isinstance(want, ChoiceType) and words in want.options:
        return repr(words)
    return repr(words) if want is not None and _is_moment(words, want) else words


def compile_value(
    text: str, span: Span, env: Environment, want: Type | None = None
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    """The expression for a value of type `want`, or None; and every fault and warning.

    Where a text is wanted, words that are no expression are that text, unless they look like one: they
    begin with a known name, or hold quotes or brackets.
    """
    written = as_written(text, want)
    compiled, faults = compile_expression(written, span, env, want)
    if compiled is not None or want != TEXT or _means_expression(written, env):
        return compiled, faults
    return compile_expression(repr(written), span, env, TEXT)


def _means_expression(text: str, env: Environment) -> bool:
    first = _FIRST_WORD.match(text)
    named = first is not None and (first[0] in env.names or first[0] in ("this", "old")) and first[0] != text
    return named or _CODE_SIGNS.search(text) is not None
