"""What differs between two configurations: each figure, word and rule, with both values and its place.

Compared is what is meant, after `extends` has been worked in: an amount that changes in a base changes in its
heirs too, and is told for each. Comments and layout are no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.source import Span
from app.source.raw import RawList, RawMapping
from app.spec.base import Strict
from app.spec.portal import SECTIONS, Portal

UNSET = "~"
_IDENTITIES = ("id", "when", "where", "person", "at", "name", "group", "from", "title")
"""What tells the mappings of a list apart, where each of them has it and no two have the same."""

UNJUDGED = frozenset({"examples"})
"""Keys that change nothing for anybody: the regulation's own tests."""

_Row = tuple[str, object, Span]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. old is None for what is new, new for what is gone; `~` stands for an unset value.

    path: `regime.section.name.key…`, rows of lists as `[number]` counted from 0 in the later configuration
    (in the earlier one where the row is gone); span: its place in the configuration that has it.
    """

    path: str
    old: str | None
    new: str | None
    span: Span
    declaration: str

    def as_json(self) -> dict[str, object]:
        """`{"path", "old", "new", "file", "line"}`."""
        place = {"file": self.span.file, "line": self.span.line}
        return {"path": self.path, "old": self.old, "new": self.new, **place}


def compare_portals(before: Portal | None, after: Portal) -> tuple[Change, ...]:
    """Every difference in the order of paths; `before` is None where nothing was served yet: no changes."""
    if before is None:
        return ()
    found = [*_settings(before, after)]
    for section, kind in SECTIONS.items():
        old, new = getattr(before, section), getattr(after, section)
        for full in sorted({*old, *new} - before.sealed_alike(after, kind)):
            found += _declaration(_path_of(section, full), full, old.get(full), new.get(full))
    return (*found, *_templates(before, after))


def _settings(before: Portal, after: Portal) -> Iterator[Change]:
    yield from _declaration("portal", "portal", before.settings, after.settings)
    for name in sorted({*before.regimes, *after.regimes}):
        old, new = before.regimes.get(name), after.regimes.get(name)
        yield from _declaration(f"{name}.regime", name, old, new)


def _templates(before: Portal, after: Portal) -> Iterator[Change]:
    paths = {one.path for one in (*before.templates.values(), *after.templates.values())}
    for path in sorted(paths):
        old, new = before.files.get(path), after.files.get(path)
        if old != new:
            yield Change(path, old and old[:12], new and new[:12], Span(path), path)


def _path_of(section: str, full: str) -> str:
    regime, _, name = full.rpartition(".")
    return f"{regime}.{section}.{name}" if regime else f"{section}.{name}"


def _declaration(path: str, full: str, old: Strict | None, new: Strict | None) -> Iterator[Change]:
    if old is None or new is None:
        there = new or old
        if there is not None and there.span.file and not there.span.file.startswith("<"):
            label = str(getattr(there, "label", "") or full)
            yield Change(path, label if old else None, label if new else None, there.span, full)
        return
    if old == new:
        return
    yield from _mappings(path, full, old.written, new.written)


def _mappings(path: str, full: str, old: RawMapping, new: RawMapping) -> Iterator[Change]:
    for key in [*new, *(key for key in old if key not in new)]:
        if key in UNJUDGED:
            continue
        place = new.place.value(key) if key in new else old.place.value(key)
        yield from _values(f"{path}.{key}", full, _at(old, key), _at(new, key), place)


class _Gone:
    """Not written at all, which is another thing than `~`."""


_GONE = _Gone()


def _at(raw: Mapping[str, object], key: str) -> object:
    return raw[key] if key in raw else _GONE


def _values(path: str, full: str, old: object, new: object, place: Span) -> Iterator[Change]:
    if isinstance(old, RawMapping) and isinstance(new, RawMapping):
        yield from _mappings(path, full, old, new)
    elif isinstance(old, RawList) and isinstance(new, RawList) and _has_rows(old, new):
        yield from _lists(path, full, old, new)
    elif old != new:
        yield Change(path, _words(old), _words(new), place, full)


def _has_rows(*lists: RawList) -> bool:
    return any(isinstance(one, RawMapping) for found in lists for one in found)


def _lists(path: str, full: str, old: RawList, new: RawList) -> Iterator[Change]:
    naming = _naming(old, new)
    before = {name: (place, value) for name, value, place in _rows(old, naming)}
    kept = set()
    for name, value, place in _rows(new, naming):
        kept.add(name)
        _, earlier = before.get(name, (place, _GONE))
        yield from _values(f"{path}{_step(naming, name, new, value)}", full, earlier, value, place)
    for name, (place, value) in before.items():
        if name not in kept:
            yield Change(f"{path}{_step(naming, name, old, value)}", _words(value), None, place, full)


def _step(naming: str, name: str, rows: Sequence[object], value: object) -> str:
    if naming == "id":
        return f".{name}"
    return f"[{next(number for number, one in enumerate(rows) if one is value)}]"


def _naming(old: RawList, new: RawList) -> str:
    """The key by which the rows of both lists are told apart; empty = by their number."""
    return next((key for key in _IDENTITIES if _tells_apart(old, key) and _tells_apart(new, key)), "")


def _tells_apart(rows: RawList, key: str) -> bool:
    """Whether each row has the key with a value of its own; the last of rows with conditions may lack it."""
    names = [_words(_at(one, key)) if isinstance(one, RawMapping) else None for one in rows]
    return not names or (len(set(names)) == len(names) and names != [None])


def _rows(rows: RawList, naming: str) -> Iterator[_Row]:
    for number, value in enumerate(rows):
        name: object = number
        if naming and isinstance(value, RawMapping):
            name = _words(_at(value, naming))
        yield str(name), value, rows.items_at[number] if number < len(rows.items_at) else rows.span


def _words(value: object) -> str | None:
    """A value in one line, as it would be written."""
    if isinstance(value, _Gone):
        return None
    if value is None:
        return UNSET
    return _flow(value)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_flow(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_flow(one) for one in value)}]"
    return UNSET if value is None else str(value)


def changed_sections(changes: Sequence[Change]) -> Counter[str]:
    """How many changes there are in each section, the most changed first."""
    return Counter(_section(one.path) for one in changes)


def _section(path: str) -> str:
    return next((part for part in path.split(".")[:2] if part in SECTIONS), path.split(".")[0])
