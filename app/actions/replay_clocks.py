"""Stored clocks judged by another release: which due times move, and which become missed or are met.

A clock whose service level, calendar, states and choices read the same in both releases comes to the same: it
is not counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from app.actions.clock_levels import Level, all_levels, calendar_of, calendars, digest_of
from app.actions.clock_versions import versions_of
from app.actions.clocks import read_extensions, standing_still
from app.actions.replaying import Replaying, earlier_record, renamed_fields, successors, unreadable
from app.expressions import Type
from app.release import RecordModel
from app.rules.calendars import WorkingCalendar
from app.rules.clock_history import Version
from app.rules.clocks import judge_clock
from app.rules.pauses import Pause
from app.rules.schedules import path_type
from app.rules.service_levels import CompiledLevel
from app.source import N_
from app.spec.portal_settings import Calendar
from app.spec.service_levels import ServiceLevel
from app.storage import read_records
from app.storage.deadlines import DeadlineRow
from app.storage.past import changes_of_many
from app.storage.replaying import batches, clocks_since

LevelFor = Callable[[DeadlineRow], Level | None]


@dataclass(slots=True)
class ClockTally:
    """moved: due at another time, or not due any more; newly missed, newly met: against what is stored;
    counted: clocks that were gone through."""

    moved: int = 0
    newly_missed: int = 0
    newly_met: int = 0
    counted: int = 0

    def as_json(self) -> dict[str, object]:
        return {"moved": self.moved, "newly_missed": self.newly_missed, "newly_met": self.newly_met}


def replay_clocks(replaying: Replaying) -> ClockTally:
    """Judge every clock that began since that moment by the service levels of the draft."""
    live = replaying.live
    specs = successors(replaying.draft.release.portal.section(ServiceLevel))
    levels = all_levels(replaying.draft)

    def level_for(row: DeadlineRow) -> Level | None:
        spec = specs.get(row.service_level)
        return levels.get(spec.full_name) if spec is not None else None

    rows = clocks_since(live.session, live.models, replaying.since)
    return Recount(replaying, level_for).of(rows)


def changed_calendars(replaying: Replaying) -> frozenset[str]:
    """Full names of the calendars of the draft that are new or count otherwise."""
    before, after = replaying.live.release.portal, replaying.draft.release.portal
    if before.settings.timezone != after.settings.timezone:
        return frozenset(after.section(Calendar))
    old = before.section(Calendar)
    return frozenset(name for name, one in after.section(Calendar).items() if old.get(name) != one)


class Recount:
    """Goes through stored clocks, some hundreds of one service level at a time."""

    def __init__(self, replaying: Replaying, level_for: LevelFor) -> None:
        self.replaying, self.level_for = replaying, level_for
        self.tally = ClockTally()
        self.changed = changed_calendars(replaying)
        self._names = {id(one): name for name, one in calendars(replaying.draft).items()}
        self._digests: dict[str, str] = {}
        self._around: dict[str, bool] = {}
        self._calendars: dict[tuple[str, int | None], WorkingCalendar | None] = {}

    def of(self, rows: Iterable[DeadlineRow]) -> ClockTally:
        for (name, kind, *_), together in groupby(rows, key=_same_level):
            for some in batches(together):
                self._batch(name, kind, some)
                self.tally.counted += len(some)
                self.replaying.judged(len(some))
        return self.tally

    def _batch(self, name: str, record_type: str, rows: Sequence[DeadlineRow]) -> None:
        level = self.level_for(rows[0])
        if level is None:
            self._cannot(rows, N_("the draft has no such service level"))
            return
        again = [row for row in rows if self._differs(level, row)]
        record = earlier_record(self.replaying, record_type)
        if not again or record is None:
            return
        lacking = dict.fromkeys(unreadable(self.replaying.live.release, level.compiled.lookups))
        if lacking:
            text = N_("it counts by {names}, which the database does not hold yet")
            self._cannot(again, text, names=", ".join(lacking))
            return
        for row, versions, stops in self._histories(level, record, again):
            self._count(level, row, versions, stops)

    def _differs(self, level: Level, row: DeadlineRow) -> bool:
        """Whether the text, what it reads, or the calendar that counts is another than it was then."""
        if level.name not in self._digests:
            self._digests[level.name] = digest_of(level.compiled.spec)
        if row.level_digest != self._digests[level.name] or level.name != row.service_level:
            return True
        if self._reads_otherwise(level):
            return True
        calendar = self._calendar(level, row.unit_id)
        return calendar is not None and self._names.get(id(calendar)) in self.changed

    def _reads_otherwise(self, level: Level) -> bool:
        """Whether the workflow behind the level, or the choices that it compares, are others in the draft."""
        if level.name not in self._around:
            before = all_levels(self.replaying.live).get(level.name)
            self._around[level.name] = before is None or around(before.compiled) != around(level.compiled)
        return self._around[level.name]

    def _calendar(self, level: Level, unit: int | None) -> WorkingCalendar | None:
        key = (level.name, unit)
        if key not in self._calendars:
            self._calendars[key] = calendar_of(self.replaying.draft, level, unit)
        return self._calendars[key]

    def _histories(
        self, level: Level, record: RecordModel, rows: Sequence[DeadlineRow]
    ) -> Iterator[tuple[DeadlineRow, tuple[Version, ...], tuple[Pause, ...]]]:
        """Each clock with its record's history, under the names that the level reads, and with what stopped
        it from outside."""
        live = self.replaying.live
        ids = [row.record_id for row in rows]
        stored = {one.id: one for one in read_records(live.session, live.models, record.name, ids)}
        changes = changes_of_many(live.session, live.models, record.name, ids)
        renamed = renamed_fields(record, self.replaying.draft.release.records.get(level.compiled.record))
        paths = frozenset((renamed.get(path[0], path[0]), *path[1:]) for path in level.compiled.paths)
        for row in rows:
            found = stored.get(row.record_id)
            if found is None:
                continue
            versions = versions_of(
                live, record, found, paths, level.compiled.lookups, changes.get(found.id, ())
            )
            yield row, _renamed(versions, renamed), standing_still(live, found)(level)

    def _count(
        self, level: Level, row: DeadlineRow, versions: tuple[Version, ...], stops: tuple[Pause, ...]
    ) -> None:
        now = self.replaying.live.now
        given = read_extensions(row.extensions)
        calendar = self._calendar(level, row.unit_id)
        clock = judge_clock(level.compiled, versions, now, calendar, given, stops)
        before = _is_missed(row, now)
        if clock.due_at != row.due_at and row.status != "paused":
            self.tally.moved += 1
        if clock.missed and not before:
            self.tally.newly_missed += 1
        elif before and not clock.missed:
            self.tally.newly_met += 1

    def _cannot(self, rows: Collection[DeadlineRow], text: str, **params: object) -> None:
        why = self.replaying.live.say(text, **params)
        for row in rows:
            self.replaying.cannot(row.record_type, row.service_level, row.record_id, why)


def around(level: CompiledLevel) -> tuple[object, ...]:
    """What decides besides the text of a service level: first and final states, and the types of what is
    read, options of choices and states in their order among them."""
    types: list[tuple[tuple[str, ...], Type | None]] = []
    for path in sorted(level.paths):
        try:
            types.append((path, path_type(level.environment, ".".join(path))))
        except KeyError:
            types.append((path, None))
    return level.first_state, level.finals, tuple(types)


def _same_level(row: DeadlineRow) -> tuple[str, str, str | None, int | None]:
    return row.service_level, row.record_type, row.level_digest, row.release_id


def _is_missed(row: DeadlineRow, now: datetime) -> bool:
    """Whether it is missed by what is stored; a sweep may not have come to it yet."""
    if row.due_at is None or row.status in ("cancelled", "paused"):
        return bool(row.missed)
    return (row.stopped_at or now) > row.due_at


def _renamed(versions: tuple[Version, ...], renamed: Mapping[str, str]) -> tuple[Version, ...]:
    if not renamed:
        return versions
    return tuple(
        replace(one, values={**one.values, **{new: one.values.get(old) for new, old in renamed.items()}})
        for one in versions
    )
