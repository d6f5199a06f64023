"""Changing single values in a YAML text: every other character stays as it was.

A value is replaced at its own place, so comments, order, quotes and blank lines around it are never read and
never written anew.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.source.composer import compose
from app.source.diagnostics import Span
from app.source.raw import RawList, RawMapping
from app.source.syntax import LINE_BREAK

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`~][^:#,\[\]{}\n\r\x85\u2028\u2029]*")
_WORDS = frozenset({"null", "Null", "NULL", "~", ""})
_KEY = "value"
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+[ \t]+")
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_DASH = re.compile(r"[ \t]*-[ \t]+")
Piece = tuple[int, int, str]
"""From where to where in a text, and what comes in its place."""


@dataclass(frozen=True, slots=True)
class Edit:
    """New text for the value at `span`; None makes it unset (`~`), a sequence a list in brackets. items: the
    list that stands there: elements that it keeps stay as they are, with their comments."""

    span: Span
    value: str | Sequence[str] | None
    items: RawList | None = None


class CannotSplice(ValueError):
    """The place is not one that a value can be written to; nothing was changed."""


def splice(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits made. Raises CannotSplice where places overlap or lie outside the text, or where
    the text would not read the same in every other place."""
    starts = _line_starts(text)
    pieces = [piece for one in edits for piece in _pieces(starts, text, one)]
    out: list[str] = []
    reached = 0
    for begin, end, new in sorted(pieces, key=lambda piece: piece[:2]):
        if begin < reached:
            raise CannotSplice(f"two changes in line {bisect_right(starts, begin)}")
        out += [text[reached:begin], new]
        reached = end
    return "".join([*out, text[reached:]])


def _pieces(starts: Sequence[int], text: str, edit: Edit) -> Iterator[Piece]:
    begin, end = _offset(starts, text, edit.span)
    value, items = edit.value, edit.items
    if items and value and not isinstance(value, str):
        yield from _changed_items(starts, text, items, value)
    elif items and _line_by_line(text, items):
        # What a list written line by line ends with belongs to what follows it.
        first, end = items.items_at[0], _offset(starts, text, items.items_at[-1])[1]
        line = starts[first.line - 1]
        yield text.index("-", line), end, f"  {written(value)}"
    elif (
        value is not None
        and not isinstance(value, str)
        and len(value) == 1
        and text[begin : begin + 1] != "["
    ):
        yield _fitted(text, begin, end, written(value[0]))
    else:
        yield _fitted(text, begin, end, written(value))


def _fitted(text: str, begin: int, end: int, new: str) -> Piece:
    """The new text with what the place asks besides: an anchor stays, a key without a value gets its blank,
    and the line break that a block of text ends with is no part of the value."""
    old = text[begin:end]
    anchor = _ANCHOR.match(old)
    if anchor is not None:
        begin += anchor.end()
    elif not old:
        before = text[begin - 1 : begin]
        new = f" {new}" if before == ":" else new if before.isspace() else f": {new}"
    return begin, end, new + old[len(old.rstrip()) :]


def _changed_items(
    starts: Sequence[int], text: str, items: RawList, wanted: Sequence[str]
) -> Iterator[Piece]:
    """Elements replaced where they stand, put in after their neighbour, or taken out with their line."""
    old, places = [str(one) for one in items], [_offset(starts, text, one) for one in items.items_at]
    by_line = _line_by_line(text, items)
    for _tag, first, last, begin, end in SequenceMatcher(None, old, wanted, autojunk=False).get_opcodes():
        if old[first:last] == list(wanted[begin:end]):
            continue
        both = min(last - first, end - begin)
        for number in range(both):
            yield _fitted(text, *places[first + number], written(wanted[begin + number]))
        for number in range(first + both, last):
            yield _taken_out(starts, text, items.items_at[number], by_line)
        added = [written(one) for one in wanted[begin + both : end]]
        if added:
            yield _put_in(starts, text, items, first + both - 1, added)


def _taken_out(starts: Sequence[int], text: str, place: Span, by_line: bool) -> Piece:
    if by_line:
        end = starts[place.end_line] if place.end_line < len(starts) else len(text)
        return starts[place.line - 1], end, ""
    begin, end = _offset(starts, text, place)
    comma = _COMMA.match(text, end)
    return begin, comma.end() if comma is not None else end, ""


def _put_in(starts: Sequence[int], text: str, items: RawList, after: int, added: Sequence[str]) -> Piece:
    """New elements after the one of that number; -1: before all."""
    place = items.items_at[max(after, 0)]
    begin, end = _offset(starts, text, place)
    if not _line_by_line(text, items):
        new = ", ".join(added)
        return (end, end, f", {new}") if after >= 0 else (begin, begin, f"{new}, ")
    dash = _DASH.match(text, starts[place.line - 1])
    if dash is None:
        raise CannotSplice(f"the list at {items.span} cannot be added to")
    found = LINE_BREAK.search(text, end) or LINE_BREAK.search(text)
    line_break = found[0] if found is not None else "\n"
    lines = [f"{dash[0]}{one}" for one in added]
    if after < 0:
        at = starts[place.line - 1]
        return at, at, "".join(f"{line}{line_break}" for line in lines)
    if place.end_line < len(starts):
        at = starts[place.end_line]
        return at, at, "".join(f"{line}{line_break}" for line in lines)
    return len(text), len(text), "".join(f"{line_break}{line}" for line in lines)


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
    starts, first = _line_starts(text), items.items_at[0]
    dash = _DASH.match(text, starts[first.line - 1])
    return dash is not None and dash.end() == _position(starts, first.line, first.column)


def _line_starts(text: str) -> list[int]:
    """Where each line begins, as YAML counts lines."""
    mark = int(text.startswith("\ufeff"))  # a byte order mark is no character of the first line
    return [mark, *(found.end() for found in LINE_BREAK.finditer(text))]


def _position(starts: Sequence[int], line: int, column: int) -> int:
    return starts[line - 1] + column - 1


def _offset(starts: Sequence[int], text: str, span: Span) -> tuple[int, int]:
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
