"""What a penalty's values may become: by an edit, by a decision, by a notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from app.actions.context import Context
from app.actions.draft import differs
from app.actions.errors import Complaint, Complaints
from app.actions.penalty_decisions import (
    DECIDE,
    OWN,
    WITHDRAW,
    decision_on,
    is_own,
    rivals_for,
    stored_penalty,
    weighed_against_rivals,
)
from app.actions.penalty_joint import shared_amount
from app.actions.penalty_judged import CHARGED, OPEN, Judged, is_multiple, judged_of
from app.rules.values import money
from app.source import N_
from app.storage import Record
from app.storage.penalties import PenaltyRow, penalty_row
from app.workflow import TransitionRefused

_SETTLED = ("person", "unit", "joint_with")
"""Links that follow from the judging, as do `_SETTLED_VALUES`."""
_SETTLED_VALUES = (
    "schedule", "level", "origin", "record_type", "record_id", "occurred_at", "base_amount", "amount_asked",
    "may_decide",
)  # fmt: skip


def decision_guard(
    context: Context, penalty: int | Record, transition: str | None, values: Mapping[str, object]
) -> None:
    """Hold a penalty's values to what its schedule and its decision allow.

    penalty: its id, or the record as it is stored; transition: the one being made, None for a mere edit;
    values: by field as they would be stored (what is left out stays as it is). Raises TransitionRefused where
    the actor may not do it at all, InvalidRecord with every fault by field, RecordGone.
    """
    row = stored_penalty(context, penalty if isinstance(penalty, int) else penalty.id)
    complaints = Complaints(context.translate)
    if transition == DECIDE:
        _check_decider(context, row)
    elif transition == WITHDRAW and is_own(context, row):
        raise TransitionRefused(OWN)
    _check_settled(row, values, complaints)
    _check_amount(context, row, transition, values, complaints)
    if differs_from(row.notified_at, values, "notified_at") or transition == "notify":
        _check_notice(context, row, values.get("notified_at"), complaints)
    complaints.raise_any()


def differs_from(stored: object, values: Mapping[str, object], name: str) -> bool:
    """Whether the field is among the values and not as it is stored."""
    return name in values and differs(stored, values[name])


def _check_decider(context: Context, row: PenaltyRow) -> None:
    decision = decision_on(context, row)
    if not decision.allowed:
        raise TransitionRefused(decision.text, decision.params)
    for rival in rivals_for(context, row):
        if rival.charged and rival.direct is not None:
            text = N_("the same event is charged already by {number}; only the heavier of the two is charged")
            raise TransitionRefused(text, {"number": rival.direct.number or f"#{rival.direct.id}"})


def _check_settled(row: PenaltyRow, values: Mapping[str, object], complaints: Complaints) -> None:
    """Who pays, for what and by which rule stays as it was judged; who decided and when is not written."""
    if row.facts is not None:
        stored = {name: getattr(row, f"{name}_id") for name in _SETTLED}
        stored |= {name: getattr(row, name) for name in _SETTLED_VALUES}
        for name, kept in stored.items():
            if differs_from(kept, values, name):
                text = N_("this was settled when the penalty was raised; withdraw it and raise another one")
                complaints.add(name, Complaint(text))
    for name, kept in (("decider", row.decider_id), ("decided_at", row.decided_at)):
        if differs_from(kept, values, name):
            complaints.add(name, Complaint(N_("this is set by the decision itself")))


def _check_amount(
    context: Context,
    row: PenaltyRow,
    transition: str | None,
    values: Mapping[str, object],
    complaints: Complaints,
) -> None:
    """A fixed amount stays; one that the decider sets is set within its bounds, by those who decide."""
    amount, judged = values.get("amount_due", row.amount_due), judged_of(row)
    changed = differs(row.amount_due, amount)
    if row.facts is None or not (changed or transition == DECIDE):
        return
    if not judged.open:
        if changed:
            words = {"fixed": money(row.amount_due or Decimal(0))}
            complaints.add("amount_due", Complaint(N_("the amount of this level is fixed: {fixed}"), words))
    elif row.state != "proposed":
        text = N_("the amount was decided; it is changed by a correction, not by an edit")
        complaints.add("amount_due", Complaint(text))
    elif transition != DECIDE and not (decision := decision_on(context, row)).allowed:
        complaints.add("amount_due", Complaint(decision.text, decision.params))
    elif isinstance(amount, (Decimal, int)):
        _check_bounds(context, row, judged, Decimal(amount), complaints)
    if transition == DECIDE and row.origin == "direct" and isinstance(amount, Decimal):
        lost = weighed_against_rivals(context, row, amount).lost
        if lost is not None:
            complaints.add("", Complaint(lost.sentence(context.translate)))


def _check_bounds(
    context: Context, row: PenaltyRow, judged: Judged, amount: Decimal, complaints: Complaints
) -> None:
    """Within what the level allows and a multiple of the step; or the very share that is owed jointly."""
    penalty = judged.penalty
    if penalty is None:
        return
    if row.origin == "joint" and not judged.share_open:
        _check_share(context, row, judged, amount, complaints)
        return
    low, high = penalty.minimum or Decimal(0), penalty.maximum
    if amount < low or (high is not None and amount > high):
        words = {"amount": money(amount), "low": money(low), "high": "…" if high is None else money(high)}
        text = N_("the amount {amount} is outside what the schedule allows ({low} to {high})")
        complaints.add("amount_due", Complaint(text, words))
    elif not is_multiple(judged, amount):
        words = {"amount": money(amount), "step": format(judged.step, "f")}
        complaints.add("amount_due", Complaint(N_("the amount {amount} is no multiple of {step}"), words))


def _check_share(
    context: Context, row: PenaltyRow, judged: Judged, amount: Decimal, complaints: Complaints
) -> None:
    main = penalty_row(context.session, context.models, row.joint_with_id or 0)
    if main is None or main.state not in CHARGED or main.amount_due is None:
        text = N_("decide on the penalty of the person in breach first: this one is a share of it")
        complaints.add("amount_due", Complaint(text))
        return
    base = shared_amount(context, row, main) or main.amount_due
    share = judged.share_of(base)
    if share is not None and amount != share:
        words = {"share": money(share), "base": money(base)}
        text = N_("the share of {base} is {share}; it is not set apart from it")
        complaints.add("amount_due", Complaint(text, words))


def _check_notice(context: Context, row: PenaltyRow, notified: object, complaints: Complaints) -> None:
    """Nobody can have received the notice of a decision before the minute in which it was made: forms do not
    tell seconds."""
    if not isinstance(notified, datetime):
        return
    if row.decided_at is None or row.state in OPEN:
        complaints.add("notified_at", Complaint(N_("nothing has been decided yet that could be notified")))
    elif notified < row.decided_at.replace(second=0, microsecond=0):
        decided = row.decided_at.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
        text = N_("the notice cannot have been received before the decision of {decided}")
        complaints.add("notified_at", Complaint(text, {"decided": decided}))
