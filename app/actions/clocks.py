"""The clocks of a record, computed from its history whenever something is written, in the same commit.

Nothing is counted up: what is stored of a clock (`deadline`) can be thrown away and computed again. What is
stored besides are the steps that were set going, so that each happens once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.access import link_id
from app.actions.appeal_spans import appeal_spans
from app.actions.clock_levels import PENALTY, Level, calendar_of, had_levels, level_of_row, levels_for
from app.actions.clock_steps import (
    DO,
    JUST_AFTER,
    LATE,
    MISSED,
    NOTIFY,
    SYNC,
    TRANSITION,
    WARN,
    Wanted,
    merged,
    next_at,
    passed_over,
    read_steps,
)
from app.actions.clock_versions import versions_of
from app.actions.context import Context
from app.actions.late_steps import next_late_step
from app.release import RecordModel
from app.rules.clock_history import Version, moment_of
from app.rules.clock_targets import Extension
from app.rules.clocks import Clock, judge_clock
from app.rules.in_force import in_force
from app.rules.pauses import Pause
from app.spec.durations import Duration, parse_duration
from app.storage import Record, read_record, read_records
from app.storage.deadlines import (
    DeadlineRow,
    clocked_types,
    deadlines_of,
    deadlines_of_many,
    insert_deadline,
    update_deadline,
)
from app.storage.past import PastChange, changes_of_many

UNWRITTEN = ("not_started", "cancelled", "no_target")
"""States of a clock that is not stored until it has begun once."""
BEGIN, END = "begin", "end"


@dataclass(frozen=True, slots=True)
class Judged:
    """A clock of a record, with the service level and the stored row (None: not stored yet)."""

    level: Level
    row: DeadlineRow | None
    clock: Clock


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a record's clocks, where it has been read already: the clocks and the trail."""

    rows: tuple[DeadlineRow, ...]
    changes: tuple[PastChange, ...]


def sync_clocks(context: Context, record_type: str, record_id: int, kept: bool = False) -> None:
    """Bring the stored clocks of one record up to date, inside the caller's transaction.

    kept: look for stored clocks even where no service level is served for the type any more.
    """
    if not kept and not _has_clocks(context, record_type):
        return
    stored = read_record(context.session, context.models, record_type, record_id)
    if stored is None or record_type not in context.release.records:
        return
    for one in judge_all(context, stored, lock=True):
        _store(context, stored, one)


def sync_many(context: Context, record_type: str, ids: Sequence[int]) -> None:
    """`sync_clocks` for several records of one type, read together."""
    if not _has_clocks(context, record_type) or record_type not in context.release.records:
        return
    session, models = context.session, context.models
    rows = deadlines_of_many(session, models, record_type, ids, lock=True)
    changes = changes_of_many(session, models, record_type, ids)
    for stored in read_records(session, models, record_type, ids):
        kept = Kept(rows.get(stored.id, ()), changes.get(stored.id, ()))
        for one in judge_all(context, stored, kept=kept):
            _store(context, stored, one)


def judge_all(
    context: Context, stored: Record, lock: bool = False, kept: Kept | None = None
) -> tuple[Judged, ...]:
    """Every clock of a record as it stands now, those that have not begun too; lock: keep the stored ones to
    this transaction."""
    session, models = context.session, context.models
    found_rows = kept.rows if kept else deadlines_of(session, models, stored.record_type, stored.id, lock)
    rows = {row.service_level: row for row in found_rows}
    levels = {one.name: one for one in levels_for(context, stored.record_type, stored.release_id)}
    for name, row in rows.items():
        if row.level_digest is None and name in levels:
            continue
        found = level_of_row(context, name, row.level_digest, row.release_id)
        if found is not None:
            levels[name] = found
    if not levels:
        return ()
    record = context.record(stored.record_type)
    paths = frozenset(path for level in levels.values() for path in level.compiled.paths)
    lookups = {one.key: one for level in levels.values() for one in level.compiled.lookups}
    told = kept.changes if kept else None
    versions = versions_of(context, record, stored, paths, tuple(lookups.values()), told)
    unit = unit_of_record(record, stored)
    stops = standing_still(context, stored)
    judged = (
        Judged(level, rows.get(name), _judge(context, level, rows.get(name), versions, unit, stops(level)))
        for name, level in levels.items()
    )
    return tuple(one for one in judged if one.row is not None or _applies(one.level, one.clock.started_at))


def _applies(level: Level, begun: datetime | None) -> bool:
    """Whether the regulation of a service level was in force when the clock began."""
    return begun is None or in_force(level.release.portal, level.compiled.spec.regime, begun)


def standing_still(context: Context, stored: Record) -> Callable[[Level], tuple[Pause, ...]]:
    """When a clock stands still for reasons that lie outside its record: the time to pay a penalty during an
    appeal, where the schedule says so."""
    name = stored.values.get("schedule") if stored.record_type == PENALTY else None
    schedule = context.release.portal.penalty_schedules.get(str(name)) if name else None
    payment = schedule.payment if schedule is not None else None
    if payment is None or not payment.suspended_by_appeal:
        return lambda _level: ()
    spans = appeal_spans(context, stored.id)
    return lambda level: spans if name in level.schedules else ()


def _judge(
    context: Context,
    level: Level,
    row: DeadlineRow | None,
    versions: Sequence[Version],
    unit: int | None,
    stops: tuple[Pause, ...],
) -> Clock:
    calendar = calendar_of(context, level, unit)
    given = read_extensions(row.extensions if row is not None else None)
    return judge_clock(level.compiled, versions, context.now, calendar, given, stops)


def unit_of_record(record: RecordModel, stored: Record) -> int | None:
    """The unit whose calendar counts."""
    return link_id(stored.values.get(record.unit_field)) if record.unit_field else None


def read_extensions(stored: object) -> tuple[Extension, ...]:
    """The extensions that `extend_deadline` noted."""
    rows = stored if isinstance(stored, (list, tuple)) else ()
    return tuple(_extension(row) for row in rows if isinstance(row, Mapping))


def _extension(row: Mapping[str, object]) -> Extension:
    until, more = row.get("until"), parse_duration(str(row["more"])) if row.get("more") else None
    return Extension(
        by=str(row.get("by") or ""),
        at=datetime.fromisoformat(str(row["at"])),
        reason=str(row.get("reason") or ""),
        until=datetime.fromisoformat(until) if isinstance(until, str) else None,
        more=more if isinstance(more, Duration) else None,
    )


def _has_clocks(context: Context, record_type: str) -> bool:
    if had_levels(context, record_type):
        return True
    known = context.keep("clocked types", lambda: clocked_types(context.session, context.models))
    return record_type in known


def _store(context: Context, stored: Record, one: Judged) -> None:
    """Write what differs; a clock that never began is not stored, unless it begins by itself later."""
    clock, row, record = one.clock, one.row, context.record(stored.record_type)
    wanted = list(_wanted(context, stored, one))
    if row is None and clock.state in UNWRITTEN and not wanted:
        return
    steps = merged(read_steps(row.steps if row is not None else None), wanted, context.now)
    if row is None and clock.stopped_at is not None:
        steps = passed_over(steps, context.now)
    values: dict[str, object] = {
        "status": clock.state,
        "target": clock.time.text if clock.time is not None else None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
        "open": clock.open,
        "served": timedelta(seconds=clock.served_seconds),
        "warned": _warned(clock),
        "missed": clock.missed,
        "provisional": clock.provisional,
        "next_step_at": next_at(steps) if wanted else None,
        "steps": [step.to_json() for step in steps],
        "level_digest": one.level.digest,
    }
    person = next((found for name in record.owners if (found := link_id(stored.values.get(name)))), None)
    unit = unit_of_record(record, stored)
    if row is None:
        named = {
            "service_level": one.level.name,
            "record_type": stored.record_type,
            "record_id": stored.id,
            "unit": unit,
            "person": person,
        }
        # The release whose text it is, which may be an earlier one than the present.
        stamp = replace(context.stamp, release_id=one.level.release.number)
        insert_deadline(context.session, context.models, {**named, **values}, stamp)
        return
    values |= {"unit_id": unit, "person_id": person}
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        update_deadline(context.session, context.models, row.id, changed, context.now)


def _warned(clock: Clock) -> bool:
    """Whether a warning was reached before the clock ended."""
    return any(
        step.kind == WARN and step.reached is not None and step.reached <= clock.at for step in clock.steps
    )


def _wanted(context: Context, stored: Record, one: Judged) -> Iterator[Wanted]:
    """The steps that can still come of the clock as it is now; none once it has ended in time."""
    clock, level = one.clock, one.level
    if clock.open or clock.state == "not_started":
        yield from _wakings(level, stored, clock)
    if clock.due_at is None or not (clock.open or clock.missed):
        return
    due = clock.due_at + JUST_AFTER
    missed = None if clock.paused_since is not None and not clock.missed else due
    yield Wanted(MISSED, missed, tuple(_at_missed(level, stored)))
    for step in clock.steps:
        at = step.at
        if at is not None and step.reached is not None and step.reached >= clock.due_at:
            at = max(at, due)
        if clock.stopped_at is not None and (at is None or at < due):
            continue
        yield Wanted(step.key, at, tuple(_effects(level, step.kind, step.index)))
    if level.schedules:
        following = next_late_step(context, stored, clock, level)
        if following is not None:
            yield Wanted(following.key, following.at, (LATE,))


def _wakings(level: Level, stored: Record, clock: Clock) -> Iterator[Wanted]:
    """Moments in the future that the record itself names: its clock begins or ends then, and nothing else is
    written at that time."""
    compiled = level.compiled
    for name, marks in ((BEGIN, (compiled.start,)), (END, compiled.ends)):
        for index, mark in enumerate(marks):
            at = moment_of(stored.values.get(mark.field), clock.zone) if mark.field else None
            if at is not None and at > clock.at and (name == END or _applies(level, at)):
                yield Wanted(f"{name}[{index}]", at, (SYNC,))


def _at_missed(level: Level, stored: Record) -> Iterator[str]:
    if level.moves:
        yield TRANSITION
    if stored.values.get("schedule") in level.schedules:
        yield LATE


def _effects(level: Level, kind: str, index: int) -> Iterator[str]:
    """The names of the effects of one step, in order."""
    if kind == WARN:
        yield WARN
        return
    step = level.compiled.spec.escalate[index]
    if step.notify:
        yield NOTIFY
    yield from (f"{DO}[{number}]" for number in range(len(step.do)))


def clock_now(context: Context, stored: Record, service_level: str) -> Judged | None:
    """One clock of a record as it stands now."""
    return next((one for one in judge_all(context, stored) if one.level.name == service_level), None)


def as_of(context: Context, now: datetime) -> Context:
    """The same surroundings at another moment."""
    return replace(context, now=now)
