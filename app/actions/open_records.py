"""What becomes of open records when a release changes what they are judged by: they keep the rules that they
were made under, go over to the new ones, or somebody is asked.

Judged by a release are checklists, service levels and penalty schedules; the workflow and the fields are
always those of the release in service. A record names its release; `pinned.rules_of` reads it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.actions.clock_levels import levels_for
from app.actions.context import Context
from app.actions.penalty_anew import judge_anew
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import Judging, append_change, change_penalty
from app.actions.penalty_decisions import raised_with
from app.actions.penalty_judged import case_of, judged_of
from app.actions.penalty_rivals import group_of
from app.actions.pinned import ReleaseGone, schedule_at
from app.actions.storing import audit, label_of
from app.release import RecordModel, Release
from app.release.comparing import Change
from app.source import ConfigError
from app.spec.penalties import PenaltySchedule
from app.spec.workflows import Effect
from app.storage.open_records import (
    PENALTY,
    SCHEDULE,
    Move,
    count_open,
    end_clocks,
    later_moves,
    open_records,
    proposed_by,
    put_under,
)
from app.storage.penalties import penalty_row
from app.workflow import TransitionRefused

log = logging.getLogger(__name__)

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
    live: Context, touched: Iterable[str], mode: str, stranded: Mapping[str, Mapping[str, int]]
) -> Iterator[OpenWork]:
    """How many open records a release meets, by type, before it is applied. stranded: as in the plan."""
    schedules = [one.removeprefix(SCHEDULE) for one in touched if one.startswith(SCHEDULE)]
    for name in touched:
        record = live.release.records.get(name)
        if record is None or name == PENALTY:
            continue
        count = count_open(live.session, live.models, name)
        states = record.workflow.states if record.workflow is not None else {}
        gone = stranded.get(name, {})
        stuck = sum(found for state, found in gone.items() if state in states and not states[state].final)
        if count:
            yield OpenWork(name, mode, count, stuck)
    count = len(proposed_by(live.session, live.models, schedules)) if schedules else 0
    if count:
        yield OpenWork(PENALTY, mode, count)


def carry_over(context: Context, touched: Iterable[str], why: str, leave: Collection[Key] = ()) -> int:
    """Let the open records of these types be judged by the release of the context; how many went over.

    Works inside the caller's transaction, each record with its entry in the audit trail; its clocks are
    counted anew from its history, so that time served stays served. leave: records that stay where they are.
    """
    number, done = context.release.number, 0
    for name in touched:
        if name.startswith(SCHEDULE) or name == PENALTY or name not in context.release.records:
            continue
        for one in open_records(context.session, context.models, name):
            if one.release != number and (name, one.id) not in leave:
                put_record_under(context, Move(number, name, one.id, one.release, number), why)
                done += 1
    schedules = [one.removeprefix(SCHEDULE) for one in touched if one.startswith(SCHEDULE)]
    for one in proposed_by(context.session, context.models, schedules) if schedules else ():
        if one.release != number and (PENALTY, one.id) not in leave:
            done += put_penalty_under(context, Move(number, PENALTY, one.id, one.release, number), why)
    return done


def bring_back(context: Context, number: int, why: str) -> frozenset[Key]:
    """Undo, for records that are still open, what later releases did to them since release `number` was in
    service: each goes back to the release that it came from. The records."""
    under, found = context.release.number, set()
    for move in later_moves(context.session, number):
        if move.release == under or move.record_type not in context.release.records:
            continue
        key = (move.record_type, move.record_id)
        here = open_records(context.session, context.models, move.record_type, [move.record_id])
        if not here or here[0].release != move.new:
            continue
        back = Move(under, *key, move.new, move.old)
        if move.record_type == PENALTY:
            put_penalty_under(context, back, why)
        else:
            put_record_under(context, back, why)
        found.add(key)
    return frozenset(found)


def returning(live: Context, number: int) -> Iterator[Key]:
    """The open records that going back to release `number` would bring back to the release that they came
    from."""
    for move in later_moves(live.session, number):
        if move.record_type in live.release.records:
            yield from (
                (move.record_type, one.id)
                for one in open_records(live.session, live.models, move.record_type, [move.record_id])
                if one.release == move.new
            )


def put_record_under(context: Context, move: Move, why: str) -> None:
    """Let a record be judged by another release, with its clocks and an entry in the audit trail."""
    kind, ident = move.record_type, move.record_id
    put_under(context.session, context.models, move)
    kept = {level.name for level in levels_for(context, kind, move.new)}
    end_clocks(context.session, context.models, kind, ident, kept, context.now)
    before, after = {"release_id": move.old}, {"release_id": move.new}
    detail = f"#{move.old} → #{move.new} {why}".strip()
    audit(context, "update", kind, ident, label_of(context, kind, ident), before, after, detail)


def put_penalty_under(context: Context, move: Move, why: str) -> int:
    """Judge a proposed penalty, and those who answer jointly for it, by another release; how many penalties
    it was. Where that release cannot judge the case, or somebody has decided on it, all stays as it was."""
    row = penalty_row(context.session, context.models, move.record_id)
    case = case_of(row) if row is not None else None
    if row is None or case is None or row.release_id != move.old or row.origin == "joint":
        return 0
    group = group_of(raised_with(context, row), row.schedule or "", judged_of(row).offender_id)
    try:
        schedule = schedule_at(context, row.schedule, move.new)
        if schedule is None:
            return 0
        anew = judge_anew(context, schedule, group, case)
    except (ReleaseGone, ConfigError, TransitionRefused) as error:
        log.warning("penalty %s stays under release %s: %s", row.id, move.old, error)
        return 0
    found = [one for one in anew.found if one.row.state == "proposed"]
    for one in found:
        put_record_under(context, replace(move, record_id=one.row.id), why)
        change_penalty(context, one.row, one.values, one.reasons, Judging(one.facts, move.new))
    for gone in anew.gone:
        if gone.state == "proposed":
            let_off = {"state": "exempt", "amount_due": Decimal(0), "amount_asked": False}
            append_change(context, gone.id, let_off, Note("exempt"))
    return len(found)
