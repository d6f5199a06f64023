"""Clocks that run out: the sweep that sees it, and the effects that follow, each exactly once.

sweep: the index of steps -> outbox rows, one for each effect, and the clock is set on to its next step: one
commit. do_step: one effect and the mark that it is done: one commit. Whatever dies in between is taken up
again from the outbox, and its key stays taken for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from app.actions.advance_workflow import move_by_itself, why_not_now
from app.actions.clock_levels import Level, effects_of, level_of_row, told_by
from app.actions.clock_steps import (
    DO,
    LATE,
    MISSED,
    NOTIFY,
    SYNC,
    TRANSITION,
    WARN,
    Step,
    due_steps,
    key_of,
    lane_of,
    next_at,
    read_steps,
    set_going,
)
from app.actions.clocks import sync_clocks
from app.actions.context import Context, transaction
from app.actions.effects import Occasion, RanOut, carry_out
from app.actions.facts import record_scope, with_lookups
from app.actions.late_payment import sync_late_payment
from app.actions.notices import notify
from app.actions.preparing import prepare_trusted
from app.actions.storing import store_changes
from app.release import RecordModel
from app.rules.said_times import said_moment
from app.source import N_
from app.storage import Record, mark_done, read_record
from app.storage.deadlines import DeadlineRow, advance_clocks, deadline_row, due_clocks
from app.storage.outbox import Order, OutboxItem, enqueue_all, hold
from app.workflow import Notify, SetFields, people, read_by, work_out

CLOCK = "clock"
AT_ONCE = 500
LATE_AFTER = timedelta(minutes=15)
"""A step that is done this much later than its time says so."""
RUNNING = ("running", "paused", "missed")

Checkpoint = Callable[[str], None]
"""Is told where the work stands; tests let it end the process there."""


def pass_by(_place: str) -> None:
    """The checkpoint that does nothing."""


@dataclass(frozen=True, slots=True)
class Due:
    """An effect whose time has come: of which clock, step and record."""

    context: Context
    level: Level
    row: DeadlineRow
    step: Step
    record: RecordModel
    stored: Record

    @property
    def place(self) -> int:
        """The place of an escalation in its list: 2 for `escalate[2]`."""
        return int(self.step.key.partition("[")[2].rstrip("]") or 0)


def sweep(context: Context, limit: int = AT_ONCE, checkpoint: Checkpoint = pass_by) -> int:
    """Set going what is due, at most `limit` clocks; how many there were. Fewer than `limit`: nothing is
    left."""
    session, models, now = context.session, context.models, context.now
    with transaction(context):
        due = due_clocks(session, models, now, limit)
        orders: list[Order] = []
        changes: list[dict[str, object]] = []
        for clock in due:
            steps = read_steps(clock.steps)
            reached = due_steps(steps, now)
            orders += [
                Order(
                    key_of(clock.id, step, effect),
                    CLOCK,
                    {"deadline": clock.id, "step": step.key, "version": step.version, "effect": effect},
                    step.at or now,
                    lane_of(clock.id),
                )
                for step in reached
                for effect in step.effects
            ]
            after = set_going(steps, now)
            missed = any(step.key == MISSED for step in reached)
            changes.append(
                {
                    "id": clock.id,
                    "steps": [step.to_json() for step in after],
                    "next_step_at": next_at(after),
                    "status": "missed" if missed and clock.status in RUNNING else clock.status,
                    "missed": True if missed else None,
                    "warned": True if any(step.key.startswith(WARN) for step in reached) else None,
                }
            )
        enqueue_all(session, orders, now)
        advance_clocks(session, models, changes)
        checkpoint("swept")
    checkpoint("sweep committed")
    return len(due)


def do_step(context: Context, item: OutboxItem, checkpoint: Checkpoint = pass_by) -> None:
    """Do one effect of one step, and mark it as done in the same commit. A clock that was met or set to
    another time meanwhile does nothing. Raises what the effect raises: then nothing has happened."""
    with transaction(context):
        checkpoint("begun")
        if not hold(context.session, item.id):
            return
        note = _do(context, item)
        checkpoint("effect done")
        mark_done(context.session, item.id, context.now, note)
        checkpoint("marked")
    checkpoint("step committed")


def _do(context: Context, item: OutboxItem) -> str | None:
    """Do the effect; what is to be noted where it does nothing."""
    payload = item.payload
    row = deadline_row(context.session, context.models, int(payload["deadline"]), lock=True)
    if row is None or row.record_type not in context.release.records:
        return context.say(N_("the record is gone"))
    sync_clocks(context, row.record_type, row.record_id, kept=True)
    row = deadline_row(context.session, context.models, row.id)
    stored = read_record(context.session, context.models, row.record_type, row.record_id) if row else None
    if row is None or stored is None:
        return context.say(N_("the record is gone"))
    if payload["effect"] == SYNC:
        return None
    level = level_of_row(context, row.service_level, row.level_digest, row.release_id)
    step = next((one for one in read_steps(row.steps) if one.key == payload["step"]), None)
    if level is None or step is None or not _still_due(context, row, step, int(payload["version"])):
        return context.say(N_("met, ended or set to another time before it came to this"))
    due = Due(context, level, row, step, context.record(row.record_type), stored)
    return _EFFECTS[str(payload["effect"]).partition("[")[0]](due, str(payload["effect"]))


def _still_due(context: Context, row: DeadlineRow, step: Step, version: int) -> bool:
    if step.key.startswith(LATE):
        # What late payment comes to is worked out anew whenever it is looked at.
        return bool(row.missed)
    if step.version != version or step.at is None or step.at > context.now:
        return False
    if step.key == MISSED:
        return bool(row.missed)
    return row.status in RUNNING


def _warn(due: Due, _effect: str) -> None:
    """Those to whom the record belongs learn that its time runs out."""
    owners = (due.stored.values.get(name) for name in due.record.owners)
    persons = tuple(dict.fromkeys(one for one in owners if isinstance(one, int)))
    _notify(due, Notify(persons, frozenset(), None))


def _tell(due: Due, _effect: str) -> None:
    parties = told_by(due.level, due.place)
    facts = record_scope(due.context, due.record, due.stored.values, parties.paths)
    _notify(due, Notify(people(parties, facts), parties.roles, None))


def _notify(due: Due, notice: Notify) -> None:
    notify(due.context, due.record, due.stored, notice, occasion(due), ran_out(due).note)


def _effect(due: Due, effect: str) -> None:
    """One of the effects that an escalation writes under `do`."""
    context, stored = due.context, due.stored
    compiled = effects_of(context, due.level, due.place)[int(effect.partition("[")[2].rstrip("]"))]
    paths, expressions = read_by((compiled,))
    facts = record_scope(context, due.record, stored.values, paths, old=stored.values)
    outcome = work_out(compiled, with_lookups(context, facts, expressions))
    if isinstance(outcome, SetFields):
        draft = prepare_trusted(context, due.record, outcome.values, stored)
        store_changes(context, draft, stored, None, "update", occasion(due)[:200])
    elif outcome is not None:
        made = Occasion(context, due.record, stored, occasion(due), facts, move_by_itself, ran_out(due))
        carry_out(made, outcome)


def _move(due: Due, _effect: str) -> str | None:
    """The first transition that waits for this miss and is possible now."""
    context, refused = due.context, ""
    for name in due.level.moves:
        refusal = why_not_now(context, due.row.record_type, due.stored.id, name)
        if refusal is None:
            move_by_itself(context, due.row.record_type, due.stored.id, name, ran_out=ran_out(due))
            return None
        refused = refusal.message(context.translate)
    return refused or None


def _late(due: Due, _effect: str) -> None:
    sync_late_payment(due.context, due.stored.id)


_EFFECTS: Mapping[str, Callable[[Due, str], str | None]] = MappingProxyType(
    {WARN: _warn, NOTIFY: _tell, DO: _effect, TRANSITION: _move, LATE: _late}
)


def occasion(due: Due) -> str:
    """The step in words, for a subject or a title."""
    say, level = due.context.say, due.context.translate(due.level.compiled.spec.label)
    at = due.row.due_at
    if at is None:
        return level
    if due.row.missed:
        return say(N_("{clock}: missed, it was due at {due}"), clock=level, due=_moment(due.context, at))
    return say(N_("{clock}: due at {due}"), clock=level, due=_moment(due.context, at))


def ran_out(due: Due) -> RanOut:
    """The time that ran out, if it did, and for every message: the time allowed, and that it comes late."""
    context, row = due.context, due.row
    lines = []
    if row.provisional:
        lines.append(context.say(N_("The due time is provisional: public holidays are not published yet.")))
    came = due.step.at
    if came is not None and context.now - came > LATE_AFTER:
        text = N_("This is told late: it should have been said at {at}, when the portal was not running.")
        lines.append(context.say(text, at=_moment(context, came)))
    return RanOut(row.due_at if row.missed else None, "\n".join(lines))


def _moment(context: Context, at: datetime) -> str:
    return said_moment(at, context.release.portal.settings.timezone, end=True)
