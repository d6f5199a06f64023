"""Late payment in operation: what a penalty comes to by its clock, written down step by step with the
reasons.

Everything follows from the clock: when the notice was received, when it was paid, what was decided since. So
a payment that turns out to have been made in time takes the steps back, and one that was made late has them
even if nobody was there to set them going.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.access import AccessDenied
from app.actions.clock_levels import levels_of
from app.actions.clock_steps import JUST_AFTER
from app.actions.clocks import Judged, judge_all
from app.actions.context import Context, transaction
from app.actions.late_steps import LateState, late_now, late_state, schedule_of
from app.actions.penalty_chain import PENALTY, Note
from app.actions.penalty_changes import append_change
from app.actions.penalty_decisions import may_decide
from app.actions.penalty_joint import share_again
from app.actions.records import load_for
from app.rules import CompiledSchedule, Reason
from app.rules.late import LatePayment, NextStep
from app.rules.reasons import because
from app.rules.values import money
from app.source import N_
from app.storage import Record, RecordGone, read_record
from app.storage.late import write_late
from app.storage.penalties import hold_record
from app.workflow import TransitionRefused

OWED, PAID = "notified", "paid"
"""States of a penalty in which its time to pay runs, and in which it ended."""
_LONGEST = 200


def sync_late_payment(context: Context, penalty_id: int, paid_at: datetime | None = None) -> bool:
    """Bring what a penalty comes to in line with its clock, inside the caller's transaction; whether anything
    changed. paid_at: as if it had been paid at that moment."""
    hold_record(context.session, context.models, PENALTY, penalty_id)
    stored = read_record(context.session, context.models, PENALTY, penalty_id)
    if stored is None:
        raise RecordGone(PENALTY, penalty_id)
    schedule, judged = schedule_of(context, stored), payment_clock(context, stored)
    if schedule is None or judged is None or stored.values.get("state") not in (OWED, PAID):
        return False
    state, clock = late_state(context, stored), judged.clock
    if paid_at is not None:
        clock = replace(clock, stopped_at=paid_at)
    found = late_now(context, schedule, state, clock)
    if found.taken < state.applied:
        _note(context, stored, schedule, state, found, _taken_back(schedule, found))
    for index in range(state.applied, found.taken):
        reason = found.because[index - state.skip]
        came = datetime.fromisoformat(str(reason.inputs["at"]))
        one = late_now(context, schedule, state, replace(clock, stopped_at=came + JUST_AFTER))
        _note(context, stored, schedule, state, one, reason)
    return found.taken != state.applied


def payment_clock(context: Context, stored: Record) -> Judged | None:
    """The clock that counts the time to pay of a penalty; None where there is none that has consequences."""
    schedule = stored.values.get("schedule")
    named = {one.name for one in levels_of(context, PENALTY) if schedule in one.schedules}
    if not named:
        return None
    return next((one for one in judge_all(context, stored) if one.level.name in named), None)


def waiting_step(context: Context, stored: Record) -> NextStep | None:
    """The next step of late payment that somebody must order; None where none waits for that."""
    schedule, judged = schedule_of(context, stored), payment_clock(context, stored)
    if schedule is None or judged is None or stored.values.get("state") != OWED:
        return None
    if not judged.clock.missed or judged.clock.stopped_at is not None:
        return None
    found = late_now(context, schedule, late_state(context, stored), judged.clock).next
    return found if found is not None and found.at is None else None


def order_late_step(context: Context, penalty_id: int, reason: str) -> None:
    """Order the step of late payment that waits for a decision: who decides on the penalty may.

    Raises RecordGone, AccessDenied, and TransitionRefused where no step waits or no reason is given.
    """
    with transaction(context):
        hold_record(context.session, context.models, PENALTY, penalty_id)
        stored, _ = load_for(context, PENALTY, penalty_id)
        decision = may_decide(context, stored)
        if not decision.allowed:
            raise AccessDenied(decision)
        step, schedule = waiting_step(context, stored), schedule_of(context, stored)
        if step is None or schedule is None or schedule.spec.payment is None:
            raise TransitionRefused(N_("no step of late payment waits for a decision"))
        words = reason.strip()
        if not words:
            raise TransitionRefused(N_("a reason is needed"))
        state = late_state(context, stored)
        ordered = replace(state, ordered={**state.ordered, step.index: context.now})
        write_late(context.session, context.models, penalty_id, ordered.to_json())
        span = schedule.spec.payment.late[step.index].span_of("after")
        name = context.actor.name or context.translate(N_("the portal"))
        text = N_("ordered by {name}: {reason}")
        why = because(f"payment.late[{step.index}].after", span, text, name=name, reason=words)
        append_change(context, penalty_id, {}, Note(kind="noted", words=words), [why])
        # A step comes right after its moment; this one's is now.
        sync_late_payment(replace(context, now=context.now + JUST_AFTER), penalty_id)


def _note(
    context: Context,
    stored: Record,
    schedule: CompiledSchedule,
    state: LateState,
    found: LatePayment,
    reason: Reason,
) -> None:
    """Write down one step that came, or that all steps so far were taken back: what is due and what comes
    besides, in the penalty and in its chain."""
    after = replace(state, applied=found.taken, result=found.amount)
    write_late(context.session, context.models, stored.id, after.to_json())
    named = [str(schedule.sanction_label(name)) for name in found.sanctions]
    words = context.translate(N_("; ")).join(one for one in (state.sanctions, *named) if one)
    values = {"amount_due": found.amount, "sanctions": words[:_LONGEST] or None}
    detail = {"step": found.taken - 1, "at": reason.inputs.get("at")}
    append_change(context, stored.id, values, Note(kind="late", detail=detail), [reason])
    share_again(context, stored.id)


def _taken_back(schedule: CompiledSchedule, found: LatePayment) -> Reason:
    payment = schedule.spec.payment
    span = payment.span_of("late") if payment is not None else schedule.spec.span
    text = N_("it was paid in time after all: {amount} is due")
    return because("payment.late", span, text, amount="" if found.amount is None else money(found.amount))
