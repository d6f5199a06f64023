"""The figures that administrators tune, as tables: amounts, points, times, targets, days off.

Each row is one value of the YAML with its place; what is typed into a table is written back at that place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.source import N_, Span
from app.source.raw import RawList
from app.source.splice import Edit, splice
from app.spec.base import Named, Strict
from app.spec.checklists import Checklist
from app.spec.portal import Portal

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class TuningRow:
    """One value. path: as in a plan's changes; owner, name: the declaration's and the value's own words;
    value: as written, None = unset; kind: number, duration, figure or days (a list, joined by blanks);
    what: which of several values of that name, empty for the plain one; items: of days that are a list."""

    path: str
    regime: str
    owner: str
    name: str
    value: str | None
    kind: str
    span: Span
    note: str = ""
    source: str = ""
    what: str = ""
    items: RawList | None = None


class UnknownRow(KeyError):
    """A path that no table has."""


_Rows = Iterator[TuningRow]
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "points": N_("points"),
        "min": N_("at least"),
        "max": N_("at most"),
        "multiply": N_("Late payment: times"),
        "add": N_("Late payment: added"),
        "full": N_("Full score"),
        "pass": N_("Passing score"),
        "closed": N_("Closed besides"),
        "open": N_("Open besides"),
    }
)
"""Words for keys that have no title of their own."""


def _row(
    path: str, owner: Named, label: str, place: Strict, key: str, value: object, kind: str, named: Strict
) -> _Rows:
    """The row of `key`, unless it is not written where it stands (a base has it, or nobody)."""
    if place.wrote(key):
        span = place.span_of(key)
        written = None if value is None else str(value)
        note, source = str(getattr(named, "note", "")), str(getattr(named, "source", ""))
        yield TuningRow(path, owner.regime, owner.label, label, written, kind, span, note, source)


def _amounts(portal: Portal) -> _Rows:
    for schedule in portal.penalty_schedules.values():
        base = f"{_home(schedule)}penalty_schedules.{schedule.name}"
        for name, level in schedule.levels.items():
            title = portal.level_title(schedule, name)
            for key in ("amount", "points", "min", "max"):
                path = f"{base}.levels.{name}.{key}"
                for row in _row(path, schedule, title, level, key, level.written_at(key), "number", level):
                    yield replace(row, what=_WORDS.get(key, ""))
        for number, step in enumerate(schedule.payment.late if schedule.payment else ()):
            for key in ("multiply", "add"):
                path = f"{base}.payment.late[{number}].{key}"
                words = _WORDS[key]
                yield from _row(path, schedule, words, step, key, step.written_at(key), "number", step)


def _points(portal: Portal) -> _Rows:
    for checklist in portal.checklists.values():
        base = f"{_home(checklist)}checklists.{checklist.name}"
        scoring = checklist.scoring
        if scoring is not None:
            for key in ("full", "pass"):
                path = f"{base}.scoring.{key}"
                found = scoring.written_at(key)
                yield from _row(path, checklist, _WORDS[key], scoring, key, found, "number", scoring)
        for section in checklist.sections:
            for item in section.items:
                path = f"{base}.sections.{section.id}.items.{item.id}.points"
                found = item.written_at("points")
                yield from _row(path, checklist, item.title or item.id, item, "points", found, "number", item)


def _times(portal: Portal) -> _Rows:
    for level in portal.service_levels.values():
        base = f"{_home(level)}service_levels.{level.name}"
        for number, target in enumerate(level.within):
            for key in ("time", "at_most"):
                words = target.when or ""
                path = f"{base}.within[{number}].{key}"
                yield from _row(path, level, words, target, key, target.written_at(key), "duration", target)


def _targets(portal: Portal) -> _Rows:
    for indicator in portal.indicators.values():
        path = f"{_home(indicator)}indicators.{indicator.name}.target"
        yield from _row(
            path, indicator, indicator.label, indicator, "target", indicator.target, "figure", indicator
        )
    for standard in portal.standards.values():
        base = f"{_home(standard)}standards.{standard.name}.clauses"
        for name, clause in standard.clauses.items():
            path = f"{base}.{name}.figure"
            yield from _row(
                path, standard, clause.title or name, clause, "figure", clause.figure, "figure", clause
            )
    for checklist in portal.checklists.values():
        yield from _limits(checklist)


def _limits(checklist: Checklist) -> _Rows:
    base = f"{_home(checklist)}checklists.{checklist.name}"
    for section in checklist.sections:
        for item in section.items:
            path = f"{base}.sections.{section.id}.items.{item.id}.limit"
            found = item.written_at("limit")
            yield from _row(path, checklist, item.title or item.id, item, "limit", found, "figure", item)


def _days(portal: Portal) -> _Rows:
    for calendar in portal.calendars.values():
        for key in ("closed", "open"):
            value = calendar.written_at(key)
            items = value if isinstance(value, RawList) else None
            days = " ".join(str(one) for one in items) if items is not None else str(value or "")
            path = f"{_home(calendar)}calendars.{calendar.name}.{key}"
            for row in _row(path, calendar, _WORDS[key], calendar, key, days, "days", calendar):
                # What an alias repeats stands at another place.
                yield replace(row, items=items if items is not None and items.span == row.span else None)


def _home(declared: Named) -> str:
    return f"{declared.regime}." if declared.regime else ""


TABLES: Mapping[str, tuple[str, Callable[[Portal], _Rows]]] = MappingProxyType(
    {
        "amounts": (N_("Amounts"), _amounts),
        "points": (N_("Points"), _points),
        "times": (N_("Response times"), _times),
        "targets": (N_("Targets and limits"), _targets),
        "days": (N_("Days off and worked"), _days),
    }
)
"""Table -> its title and its rows."""


def tuning_rows(portal: Portal, table: str) -> tuple[TuningRow, ...]:
    """The rows of a table, each value once, where it is written. KeyError for an unknown table."""
    seen: set[Span] = set()
    rows = []
    for row in TABLES[table][1](portal):
        if row.span not in seen and not row.span.file.startswith("<"):
            seen.add(row.span)
            rows.append(row)
    return tuple(rows)


def tuned(files: Files, portal: Portal, changes: Mapping[str, str | None]) -> dict[str, bytes]:
    """`files` with the values at these paths replaced (None = unset); comments, order and layout stay.

    Raises UnknownRow for a path that no table has, CannotSplice where a value cannot be written. Whether the
    new values make sense is for the check of the result to say.
    """
    rows = {row.path: row for table in TABLES for row in tuning_rows(portal, table)}
    edits: dict[str, list[Edit]] = {}
    for path, value in changes.items():
        if path not in rows:
            raise UnknownRow(path)
        row = rows[path]
        if value != row.value:
            edits.setdefault(row.span.file, []).append(Edit(row.span, _shaped(row, value), row.items))
    out = dict(files)
    for file, found in edits.items():
        out[file] = splice(files[file].decode("utf-8"), found).encode("utf-8")
    return out


def _shaped(row: TuningRow, value: str | None) -> str | Sequence[str] | None:
    if row.kind == "days":
        return (value or "").replace(",", " ").split()
    return value if value is not None and value.strip() else None
