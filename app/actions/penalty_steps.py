"""What a transition of a penalty means beyond its workflow: before it is written, and what follows then."""

from __future__ import annotations

from decimal import Decimal

from app.actions.context import Context
from app.actions.draft import Draft
from app.actions.penalty_chain import Note
from app.actions.penalty_charges import set_aside
from app.actions.penalty_decisions import (
    DECIDE,
    WITHDRAW,
    decided_as,
    stored_penalty,
    weighed_against_rivals,
)
from app.actions.penalty_joint import share_out
from app.actions.penalty_judged import judged_of
from app.actions.penalty_settling import after_withdrawal
from app.actions.penalty_words import noted
from app.actions.storing import Besides
from app.source import N_


def prepare_step(context: Context, penalty_id: int, event: str, draft: Draft) -> Besides | None:
    """Complete what a transition writes: who decides as whom, and the reason for an amount that is set; what
    is withdrawn is not due any more. The caller has asked the guard."""
    if event == WITHDRAW:
        draft.values["amount_due"] = Decimal(0)
        return None
    if event != DECIDE:
        return None
    row = stored_penalty(context, penalty_id)
    note, amount = Note(party=decided_as(context, row)), draft.values.get("amount_due")
    judged = judged_of(row)
    sets_it = judged.open and (row.origin == "direct" or judged.share_open)
    if not sets_it or not isinstance(amount, Decimal):
        return Besides(note=note)
    why = noted(row, ".amount", N_("{amount}, set by the decider"), amount=amount)
    return Besides({"reasons": [*(row.reasons or ()), why.to_json()]}, note)


def follow_up(context: Context, penalty_id: int, event: str) -> None:
    """What a transition leads to, in the same transaction.

    After a decision those who answer jointly owe their share of an amount that was set, and what is lighter
    for the same event is set aside. A withdrawal takes along what rests on the penalty.
    """
    if event == WITHDRAW:
        after_withdrawal(context, penalty_id)
    if event != DECIDE:
        return
    row = stored_penalty(context, penalty_id)
    if row.origin != "direct":
        return
    share_out(context, row)
    for rival, reason in weighed_against_rivals(context, row).beaten:
        set_aside(context, rival.rows, reason)
