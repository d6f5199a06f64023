"""Make a transition: may I, what is asked, what it means, write it down, what follows. One transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from app.access import SYSTEM
from app.actions.appeals import appeal_options
from app.actions.computing import compute
from app.actions.context import Context, transaction
from app.actions.draft import Draft, fresh_scope
from app.actions.effects import NOTHING_RAN_OUT, Occasion, RanOut, carry_out
from app.actions.facts import Scope, record_scope, with_lookups
from app.actions.fund_payments import PAY, PAY_PART, book_payment, payment_guard
from app.actions.late_payment import sync_late_payment
from app.actions.penalties import decision_guard, follow_up, may_move, prepare_step
from app.actions.preparing import prepare
from app.actions.records import load_for
from app.actions.revisions import REVISION, follow_revision, revision_guard
from app.actions.storing import Besides, Saved, store_changes
from app.release import RecordModel
from app.source import N_
from app.storage import Record, RecordGone, read_record
from app.workflow import (
    Machine,
    Option,
    SetFields,
    Step,
    TransitionRefused,
    Values,
    advance,
    available,
    permitted,
)

PENALTY = "penalty"
PAYMENTS = (PAY, PAY_PART)
NOTHING: Mapping[str, object] = MappingProxyType({})
MOST_LINKED = 5
"""How many linked records one transition may move in a chain."""


def advance_workflow(
    context: Context,
    record_type: str,
    record_id: int,
    event: str,
    posted: Mapping[str, object] = NOTHING,
    version: int | None = None,
) -> Saved:
    """Make the transition `event` of a record.

    posted: values for the fields that the transition asks for; others are left out of account. version: the
    one that the actor saw, None for any. Raises TransitionRefused with the words of the regulation or the
    fields that are missing, InvalidRecord, StaleRecord, RecordGone.
    """
    with transaction(context):
        return _advance(context, record_type, record_id, event, posted, version)


def open_moves(context: Context, record_type: str, record_id: int) -> tuple[Option, ...]:
    """The transitions that the actor may make of a record now; those that lack something say what."""
    machine = context.machine(record_type)
    if machine is None:
        return ()
    stored, facts = load_for(
        context, record_type, record_id, paths=machine.paths, expressions=machine.expressions
    )
    options = available(machine, context.policy, facts, context.actor)
    if machine.contests:
        return appeal_options(context, stored, options)
    if record_type != PENALTY:
        return options
    return tuple(option for option in options if may_move(context, stored, option.name).allowed)


def _advance(
    context: Context,
    record_type: str,
    record_id: int,
    event: str,
    posted: Mapping[str, object],
    version: int | None,
) -> Saved:
    record, machine = context.record(record_type), _machine(context, record_type)
    stored, facts = load_for(
        context, record_type, record_id, paths=machine.paths, expressions=machine.expressions
    )
    move = permitted(machine, context.policy, event, facts, context.actor)
    asked = {name: value for name, value in posted.items() if name in move.spec.ask}
    draft = prepare(context, record, asked, stored, asked=move.spec.ask)
    if record.name == REVISION:
        revision_guard(context, stored, event)
    besides = None
    if record.name == PENALTY:
        if _paid_late(context, record_id, event, draft):
            # What is due changed with the time of the payment: everything is looked at anew.
            seen = None if version == stored.version else version
            return _advance(context, record_type, record_id, event, posted, seen)
        _check_penalty(context, stored, event, draft)
        besides = prepare_step(context, record_id, event, draft)
    after = _facts(context, machine, draft)
    once_set = partial(_once_set, context, machine, draft)
    step = advance(machine, context.policy, event, after, context.actor, facts, once_set)
    saved = _take(context, record, stored, draft, step, after, version, 0, besides=besides)
    if record.name == REVISION:
        follow_revision(context, stored, event)
    if record.name == PENALTY:
        follow_up(context, record_id, event)
        sync_late_payment(context, record_id)
    return saved


def _paid_late(context: Context, record_id: int, event: str, draft: Draft) -> bool:
    """Whether the moment of a payment changes what is due: a step of late payment came before it that nobody
    has seen yet, or one that was written down came after it."""
    at = draft.values.get("paid_at")
    return event in PAYMENTS and isinstance(at, datetime) and sync_late_payment(context, record_id, at)


def _take(
    context: Context,
    record: RecordModel,
    stored: Record,
    draft: Draft,
    step: Step,
    facts: Scope,
    version: int | None,
    depth: int,
    ran_out: RanOut = NOTHING_RAN_OUT,
    besides: Besides | None = None,
) -> Saved:
    """Write the step down, then do what follows from it."""
    machine = _machine(context, record.name)
    for outcome in step.outcomes:
        if isinstance(outcome, SetFields):
            facts = _once_set(context, machine, draft, outcome.values)
    fresh_scope(draft)
    compute(draft)
    more = {"state": step.after}
    saved = store_changes(context, draft, stored, version, "transition", step.move.title, more, besides)
    now_stored = read_record(context.session, context.models, record.name, stored.id)
    if now_stored is None:
        raise RecordGone(record.name, stored.id)
    if record.name == PENALTY:
        book_payment(context, stored, now_stored)

    def move_linked(context: Context, record_type: str, record_id: int, event: str) -> Saved:
        return move_by_itself(context, record_type, record_id, event, depth + 1)

    occasion = Occasion(context, record, now_stored, step.move.title, facts, move_linked, ran_out)
    for outcome in step.outcomes:
        carry_out(occasion, outcome)
    return saved


def move_by_itself(
    context: Context,
    record_type: str,
    record_id: int,
    event: str,
    depth: int = 0,
    ran_out: RanOut = NOTHING_RAN_OUT,
) -> Saved:
    """A transition with the workflow's own authority, inside the caller's transaction: of a linked record in
    the actor's name, or by a clock. Raises what `advance_workflow` raises."""
    if depth > MOST_LINKED:
        raise TransitionRefused(N_("the transition would move too many linked records, one after another"))
    record, machine = context.record(record_type), _machine(context, record_type)
    stored = read_record(context.session, context.models, record_type, record_id)
    if stored is None:
        raise RecordGone(record_type, record_id)
    draft = prepare(context, record, NOTHING, stored, asked=())
    facts = _facts(context, machine, draft)
    once_set = partial(_once_set, context, machine, draft)
    step = advance(machine, context.policy, event, facts, SYSTEM, once_set=once_set)
    return _take(context, record, stored, draft, step, facts, None, depth, ran_out)


def why_not_now(context: Context, record_type: str, record_id: int, event: str) -> TransitionRefused | None:
    """Why `move_by_itself` would be refused; None where nothing stands in its way. Raises RecordGone."""
    stored = read_record(context.session, context.models, record_type, record_id)
    if stored is None:
        raise RecordGone(record_type, record_id)
    try:
        machine = _machine(context, record_type)
        draft = prepare(context, context.record(record_type), NOTHING, stored, asked=())
        advance(machine, context.policy, event, _facts(context, machine, draft), SYSTEM)
    except TransitionRefused as refusal:
        return refusal
    return None


def _once_set(context: Context, machine: Machine, draft: Draft, values: Values) -> Scope:
    """What the effects after a `set` read: the record with these values, and what follows from them."""
    draft.values.update({name: one for name, one in values.items() if name in draft.record.fields})
    fresh_scope(draft)
    compute(draft)
    return _facts(context, machine, draft)


def _facts(context: Context, machine: Machine, draft: Draft) -> Scope:
    """What guards and effects read of the record as it would be stored."""
    scope = record_scope(context, draft.record, draft.values, machine.paths, old=draft.stored)
    return with_lookups(context, scope, machine.expressions)


def _machine(context: Context, record_type: str) -> Machine:
    machine = context.machine(record_type)
    if machine is None:
        raise TransitionRefused(N_("records of this type have no workflow"))
    return machine


def _check_penalty(context: Context, stored: Record, event: str, draft: Draft) -> None:
    """A penalty is decided by whom its schedule names, within its bounds, whatever the roles grant."""
    decision = may_move(context, stored, event)
    if not decision.allowed:
        raise TransitionRefused(decision.text, decision.params)
    decision_guard(context, stored, event, draft.values)
    payment_guard(context, stored.values, event, draft.values)
