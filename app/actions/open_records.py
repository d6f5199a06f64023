"""What becomes of open records when a release changes what they are judged by: they keep the rules that they
were made under, go over to the new ones, or somebody is asked.

Judged by a release are checklists, service levels and penalty schedules; the workflow and the fields are
always those of the release in service. A record names its release; `pinned.rules_of` reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from app.actions.clock_levels import levels_for
from app.actions.context import Context
from app.actions.penalty_carrying import Carrying
from app.actions.replaying import Progress
from app.actions.storing import audit_released
from app.release import RecordModel, Release
from app.release.comparing import Change
from app.spec.penalties import PenaltySchedule
from app.spec.workflows import Effect
from app.storage.open_records import (
    PENALTY,
    SCHEDULE,
    Move,
    OpenRecord,
    count_open,
    end_clocks,
    later_moves,
    movable,
    open_records,
    proposed_by,
    put_under,
)
from app.storage.replaying import batches

SWITCH, ASK = "switch", "ask"
_WORDS = frozenset({"title", "help", "note", "source", "icon", "tone", "label"})
"""Keys that change nothing in how anything is judged."""
Key = tuple[str, int]
"""A record: its type and id."""


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Open records of one type that a release meets. mode: what happens to them; stuck: how many of them
    stand in a state that exists no longer, so that they cannot go over."""

    record_type: str
    mode: str
    count: int
    stuck: int = 0

    def as_json(self) -> dict[str, object]:
        return {"open": self.count, "mode": self.mode, "stuck": self.stuck}


def touched_by(before: Release, after: Release, changes: Iterable[Change]) -> tuple[str, ...]:
    """The record types, and the schedules (behind `SCHEDULE`), whose rules change."""
    changed = {one.declaration for one in changes if one.path.rpartition(".")[2] not in _WORDS}
    types = [
        name
        for name, record in before.records.items()
        if name in after.records
        and (_rules_of(before, record) | _rules_of(after, after.records[name])) & changed
    ]
    schedules = [
        SCHEDULE + name
        for name in before.portal.penalty_schedules
        if name in changed and name in after.portal.penalty_schedules
    ]
    return (*types, *schedules)


def _rules_of(release: Release, record: RecordModel) -> set[str]:
    """Full names of the checklists, workflow, service levels and schedules that judge a record type."""
    found = {name for one in record.fields.values() for name in one.checklists}
    effects: list[tuple[str, Effect]] = []
    if record.workflow is not None:
        found.add(record.workflow.full_name)
        moves = record.workflow.transitions.values()
        effects += [(record.workflow.regime, one) for move in moves for one in move.do]
    for level in release.portal.service_levels.values():
        target = release.record(level.of, level.regime)
        if target is not None and target.name == record.name:
            found.add(level.full_name)
            effects += [(level.regime, one) for step in level.escalate for one in step.do]
    for regime, effect in effects:
        named = effect.assess.schedule if effect.assess is not None else None
        schedule = release.portal.find(PenaltySchedule, named, regime)
        if schedule is not None:
            found.add(schedule.full_name)
    return found


def met_by(
    live: Context,
    touched: Iterable[str],
    mode: str,
    stranded: Mapping[str, Mapping[str, int]],
    leave: Collection[Key] = (),
) -> Iterator[OpenWork]:
    """How many open records a release meets, by type, before it is applied. stranded: as in the plan; leave:
    open records that go back to an earlier release instead."""
    left = Counter(name for name, _id in leave)
    schedules = [one.removeprefix(SCHEDULE) for one in touched if one.startswith(SCHEDULE)]
    for name in touched:
        record = live.release.records.get(name)
        if record is None or name == PENALTY:
            continue
        count = count_open(live.session, live.models, name) - left[name]
        states = record.workflow.states if record.workflow is not None else {}
        gone = stranded.get(name, {})
        stuck = sum(found for state, found in gone.items() if state in states and not states[state].final)
        if count:
            yield OpenWork(name, mode, count, stuck)
    proposed = proposed_by(live.session, live.models, schedules) if schedules else ()
    count = sum((PENALTY, one.id) not in leave for one in proposed)
    if count:
        yield OpenWork(PENALTY, mode, count)


def carry_over(
    context: Context,
    touched: Iterable[str],
    why: str,
    leave: Collection[Key] = (),
    progress: Progress = lambda _done, _of: None,
) -> int:
    """Let the open records of these types be judged by the release of the context; how many went over.

    Works inside the caller's transaction, each record with its entry in the audit trail; its clocks are
    counted anew from its history, so that time served stays served. leave: records that stay where they are.
    """
    number, wanted = context.release.number, []
    found: dict[str, Iterable[OpenRecord]] = {}
    for name in touched:
        if not name.startswith(SCHEDULE) and name != PENALTY and name in context.release.records:
            found[name] = open_records(context.session, context.models, name)
    schedules = [one.removeprefix(SCHEDULE) for one in touched if one.startswith(SCHEDULE)]
    if schedules:
        found[PENALTY] = proposed_by(context.session, context.models, schedules)
    for name, records in found.items():
        moves = (Move(number, name, one.id, one.release, number) for one in records)
        wanted += [one for one in moves if one.old != number and (name, one.record_id) not in leave]
    return _carry(context, wanted, why, progress)


def bring_back(
    context: Context, number: int, why: str, progress: Progress = lambda _done, _of: None
) -> frozenset[Key]:
    """Undo, for records that are still open, what later releases did to them since release `number` was in
    service: each goes back to the release that it came from. The records."""
    moves = [*_ways_back(context, number, context.release.number)]
    _carry(context, moves, why, progress)
    return frozenset((one.record_type, one.record_id) for one in moves)


def returning(live: Context, number: int) -> Iterator[Key]:
    """The open records that going back to release `number` would bring back to the release that they came
    from."""
    return ((one.record_type, one.record_id) for one in _ways_back(live, number, 0))


def _ways_back(context: Context, number: int, under: int) -> Iterator[Move]:
    """Each open record's way through all that later releases did to it, as one move under `under`."""
    session, models = context.session, context.models
    taken: dict[str, dict[int, list[Move]]] = {}
    for move in later_moves(session, number):
        if move.release != under and move.record_type in context.release.records:
            taken.setdefault(move.record_type, {}).setdefault(move.record_id, []).append(move)
    for kind, by_id in taken.items():
        for some in batches(sorted(by_id)):
            for one in movable(session, models, kind, some):
                release = one.release
                for move in by_id[one.id]:
                    release = move.old if move.new == release else release
                if release != one.release:
                    yield Move(under, kind, one.id, one.release, release)


def _carry(context: Context, wanted: Sequence[Move], why: str, progress: Progress) -> int:
    """Carry out moves, some hundreds of one type to one release at a time; how many records moved."""
    ordered = sorted(wanted, key=lambda one: (one.record_type == PENALTY, one.record_type, one.new))
    seen = done = 0
    for (kind, _new), together in groupby(ordered, key=lambda one: (one.record_type, one.new)):
        carrying = Carrying(context)
        for some in batches(together):
            if kind == PENALTY:
                done += sum(_carry_penalty(context, carrying, one, why) for one in some)
            else:
                put_records_under(context, some, why)
                done += len(some)
            seen += len(some)
            progress(seen, len(ordered))
    return done


def put_records_under(context: Context, moves: Sequence[Move], why: str) -> None:
    """Let records of one type be judged by another release, the same for all, with their clocks and entries
    in the audit trail."""
    kind, new = moves[0].record_type, moves[0].new
    put_under(context.session, context.models, moves)
    kept = {level.name for level in levels_for(context, kind, new)}
    ids = [one.record_id for one in moves]
    end_clocks(context.session, context.models, kind, ids, kept, context.now)
    audit_released(context, kind, {one.record_id: (one.old, new) for one in moves}, why)


def put_penalty_under(context: Context, move: Move, why: str) -> int:
    """Judge an undecided penalty, and those who answer jointly for it, by another release; how many penalties
    it was. Where that release cannot judge the case, or somebody has decided on it, all stays as it was."""
    return _carry_penalty(context, Carrying(context), move, why)


def _carry_penalty(context: Context, carrying: Carrying, move: Move, why: str) -> int:
    matter = carrying.matter(move.record_id, move.old, move.new)
    if matter is None:
        return 0
    rows = [row for row in matter.rows if row.release_id not in (None, move.new)]
    put_records_under(
        context, [replace(move, record_id=row.id, old=row.release_id or 0) for row in rows], why
    )
    carrying.store(matter, move.new)
    return len(rows)
