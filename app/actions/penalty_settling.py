"""A penalty is withdrawn, and what follows: money goes back, joint shares fall, what had stood back for it is
proposed again, later penalties that counted it are looked at."""

from __future__ import annotations

from decimal import Decimal

from app.actions.context import Context
from app.actions.fund_refunds import record_refund, refundable
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import append_change
from app.actions.penalty_charges import take_up
from app.actions.penalty_decisions import raised_with, rivals_for, stored_penalty
from app.actions.penalty_joint import shares_of
from app.actions.penalty_judged import judged_of
from app.actions.penalty_notices import tell_deciders
from app.actions.penalty_recount import recount
from app.actions.penalty_rivals import group_of
from app.actions.penalty_words import noted
from app.rules import Reason
from app.rules.values import money
from app.source import N_
from app.spec.funds import MONEY_IN
from app.storage.penalties import STANDING, PenaltyRow

NOTHING = Decimal(0)


def withdraw_penalty(
    context: Context, row: PenaltyRow, words: str, note: Note, reasons: tuple[Reason, ...] = ()
) -> None:
    """Take a standing penalty back, with everything that rests on it, inside the caller's transaction.

    words: why, as people read it; note: of kind `withdrawn`, for the chain. Raises TransitionRefused when the
    fund cannot pay back what was paid.
    """
    _take_back(context, row, words, note, reasons)
    after_withdrawal(context, row.id)


def after_withdrawal(context: Context, penalty_id: int) -> None:
    """What follows for a penalty that is withdrawn already."""
    row = stored_penalty(context, penalty_id)
    settle_payment(context, row.id)
    for one in tuple(shares_of(context, row)):
        text = N_("nothing is shared any more: {main} was withdrawn")
        why = noted(one, ".share", text, main=row.number or f"#{row.id}")
        words = context.say(text, main=row.number or f"#{row.id}")
        _take_back(context, one, words, Note("withdrawn", detail={"of": row.id}), (why,))
        settle_payment(context, one.id)
    if row.origin == "direct":
        _propose_others(context, row)
        recount(context, row)


def settle_payment(context: Context, penalty_id: int) -> Decimal:
    """Pay back what was paid beyond what is due now; what is due and paid in full counts as paid. The sum
    that goes back.

    It leaves the fund of the schedule, as far as it had come into it. Raises TransitionRefused when the fund
    does not hold it.
    """
    row = stored_penalty(context, penalty_id)
    paid, back = row.paid_amount or NOTHING, row.refunded_amount or NOTHING
    due = row.amount_due or NOTHING
    if row.kind not in MONEY_IN or paid <= NOTHING:
        return NOTHING
    surplus = max(paid - back - due, NOTHING)
    if surplus:
        words = context.say(N_("paid back for {number}"), number=row.number or f"#{row.id}")
        kept = min(surplus, refundable(context, row.id))
        entry = record_refund(context, row.id, kept, words) if kept else None
        detail = {"refund": money(surplus), "entry": entry}
        append_change(context, row.id, {"refunded_amount": back + surplus}, Note("refunded", detail=detail))
    if row.state == "notified" and due and paid - back - surplus >= due:
        append_change(context, row.id, {"state": "paid"}, Note("paid"))
    return surplus


def _take_back(
    context: Context, row: PenaltyRow, words: str, note: Note, reasons: tuple[Reason, ...]
) -> None:
    values = {"state": "withdrawn", "amount_due": NOTHING, "withdrawn_reason": words}
    append_change(context, row.id, values, note, reasons)


def _propose_others(context: Context, row: PenaltyRow) -> None:
    """What had been kept back beside this penalty may be charged now: it is proposed again, and whoever
    decides on it decides anew."""
    raised = raised_with(context, row)
    waiting = [one for one in raised if one.state == "not_charged" and one.origin == "direct"]
    for one in waiting:
        rivals = rivals_for(context, one)
        stood_back_for = any(rival.direct is not None and rival.direct.id == row.id for rival in rivals)
        others = [rival for rival in rivals if rival.direct is not None and rival.direct.state in STANDING]
        if stood_back_for and not others:
            group = group_of(raised, one.schedule or "", judged_of(one).offender_id)
            text = N_("proposed again, because {number} was withdrawn, for which it had stood back")
            number = row.number or f"#{row.id}"
            take_up(context, group, noted(one, "", text, number=number))
            tell_deciders(context, one, context.say(text, number=number))
