"""Changing single values in a YAML text: every other character stays as it was.

A value is replaced at its own place, so comments, order, quotes and blank lines around it are never read and
never written anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.source.composer import compose
from app.source.diagnostics import Span
from app.source.raw import RawList, RawMapping
from app.source.syntax import LINE_BREAK

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`~][^:#,\[\]{}\n\r\x85\u2028\u2029]*")
_WORDS = frozenset({"null", "Null", "NULL", "~", ""})
_KEY = "value"


@dataclass(frozen=True, slots=True)
class Edit:
    """New text for the value at `span`; None makes it unset (`~`), a sequence a list in brackets."""

    span: Span
    value: str | Sequence[str] | None


class CannotSplice(ValueError):
    """The place is not one that a value can be written to; nothing was changed."""


def splice(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits made. Raises CannotSplice where places overlap or lie outside the text, or where
    the text would not read the same in every other place."""
    starts = _line_starts(text)
    ranges = sorted(((_offset(starts, text, one), one) for one in edits), key=lambda pair: pair[0])
    out: list[str] = []
    reached = 0
    for (begin, end), one in ranges:
        if begin < reached:
            raise CannotSplice(f"two changes at {one.span}")
        out += [text[reached:begin], written(one.value)]
        reached = end
    return "".join([*out, text[reached:]])


def written(value: str | Sequence[str] | None) -> str:
    """A value as YAML: plain where that reads back the same, else in quotes."""
    if value is None:
        return "~"
    if not isinstance(value, str):
        return f"[{', '.join(written(one) for one in value)}]"
    plain = value == value.strip() and value not in _WORDS and _PLAIN.fullmatch(value)
    if plain and _reads_as(value, value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _reads_as(text: str, value: str) -> bool:
    composed = compose(f"{{{_KEY}: {text}}}", "")
    return isinstance(composed.raw, RawMapping) and composed.raw.get(_KEY) == value


def insert_item(text: str, items: RawList, value: str) -> str:
    """`text` with one more element at the end of a list that is written line by line or in brackets."""
    if not items or not _line_by_line(text, items):
        return splice(text, [Edit(items.span, [*(str(one) for one in items), value])])
    starts = _line_starts(text)
    last = items.items_at[-1]
    line = text[starts[last.line - 1] : starts[last.end_line] if last.end_line < len(starts) else len(text)]
    indent = re.match(r"\s*-\s+", line)
    if indent is None:
        raise CannotSplice(f"the list at {items.span} cannot be added to")
    ending = "" if line.endswith(("\n", "\r")) else "\n"
    end = starts[last.line - 1] + len(line)
    added = f"{ending}{indent[0]}{written(value)}" + ("\n" if not ending else "")
    return text[:end] + added + text[end:]


def remove_item(text: str, items: RawList, number: int) -> str:
    """`text` without the element `number` of the list, and without the rest of its line where it had one."""
    if not _line_by_line(text, items):
        kept = [str(one) for at, one in enumerate(items) if at != number]
        return splice(text, [Edit(items.span, kept)])
    starts, place = _line_starts(text), items.items_at[number]
    if len(items) == 1:
        return splice(text, [Edit(place, None)])
    end = starts[place.end_line] if place.end_line < len(starts) else len(text)
    return text[: starts[place.line - 1]] + text[end:]


def _line_by_line(text: str, items: RawList) -> bool:
    begin = _position(_line_starts(text), items.span.line, items.span.column)
    return text[begin : begin + 1] == "-"


def _line_starts(text: str) -> list[int]:
    """Where each line begins, as YAML counts lines."""
    mark = int(text.startswith("\ufeff"))  # a byte order mark is no character of the first line
    return [mark, *(found.end() for found in LINE_BREAK.finditer(text))]


def _position(starts: Sequence[int], line: int, column: int) -> int:
    return starts[line - 1] + column - 1


def _offset(starts: Sequence[int], text: str, edit: Edit) -> tuple[int, int]:
    span = edit.span
    if not (0 < span.line <= span.end_line <= len(starts)):
        raise CannotSplice(f"{span} lies outside the text")
    begin, end = (
        _position(starts, line, column)
        for line, column in ((span.line, span.column), (span.end_line, span.end_column))
    )
    if not 0 <= begin <= end <= len(text):
        raise CannotSplice(f"{span} lies outside the text")
    return begin, end


__all__ = ["CannotSplice", "Edit", "insert_item", "remove_item", "splice", "written"]
