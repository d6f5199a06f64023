"""Clocks that rest on other records: a link that their conditions follow, the calendar of a unit.

When such a record changes, an order to compute those clocks anew goes into the outbox in the same commit.
What is counted over other records (`count(...)` in a condition) is read whenever the clock itself is
computed, and sets nothing off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.actions.clock_levels import all_levels
from app.actions.context import Context
from app.release import RecordModel
from app.storage import enqueue

RECOMPUTE = "recompute"
UNIT = "unit"
_CALENDAR = frozenset({"calendar", "parent"})
"""Fields of a unit that decide which calendar counts for it."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Clocks of `record_type` read `field` of the record at the end of `path`, a path of links."""

    record_type: str
    path: tuple[str, ...]
    field: str


def note_change(
    context: Context,
    record_type: str,
    record_id: int,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """Order the clocks that rest on a changed record to be computed anew."""
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    resting = [one for one in rests_on(context).get(record_type, ()) if one.field in changed]
    if record_type == UNIT and changed & _CALENDAR and _by_calendar(context):
        _order(context, f"unit:{record_id}", {"unit": record_id})
    for kind in dict.fromkeys(one.record_type for one in resting):
        paths = dict.fromkeys(one.path for one in resting if one.record_type == kind)
        payload = {"record_type": kind, "paths": [list(path) for path in paths], "target": record_id}
        _order(context, f"{record_type}:{record_id}:{kind}", payload)


def rests_on(context: Context) -> Mapping[str, tuple[Rest, ...]]:
    """Record type -> what clocks of other records read of it."""
    return context.keep("clocks rest on", lambda: _rests(context))


def _rests(context: Context) -> Mapping[str, tuple[Rest, ...]]:
    found: dict[str, set[Rest]] = {}
    for level in all_levels(context).values():
        for path in level.compiled.paths:
            for kind, rest in _along(context, context.record(level.compiled.record), path):
                found.setdefault(kind, set()).add(rest)
    return {
        kind: tuple(sorted(rests, key=lambda one: (one.record_type, one.path, one.field)))
        for kind, rests in found.items()
    }


def _along(context: Context, record: RecordModel, path: tuple[str, ...]) -> Iterator[tuple[str, Rest]]:
    """Each record on the way that lies behind a link, with the field that is read of it."""
    here: RecordModel | None = record
    for index, part in enumerate(path):
        if here is None:
            return
        if index:
            yield here.name, Rest(record.name, path[:index], part)
        field = here.columns.get(part)
        # What hangs on a record (lines, several links) changes with the record itself.
        single = field is not None and field.kind.storage == "link" and field.target is not None
        here = context.release.records.get(field.target or "") if single and field is not None else None


def _by_calendar(context: Context) -> bool:
    """Whether any clock is counted by a calendar that a unit can replace."""
    return any(not level.compiled.always for level in all_levels(context).values())


def _order(context: Context, place: str, payload: Mapping[str, object]) -> None:
    key = f"{RECOMPUTE}:{place}:{context.now.timestamp():.6f}"
    enqueue(context.session, key, RECOMPUTE, payload, context.now)
