"""Money that goes back: an upheld appeal on a penalty that was paid."""

from __future__ import annotations

from decimal import Decimal

from app.actions.context import Context
from app.actions.errors import InvalidRecord
from app.actions.fund_entries import Entry, enter
from app.actions.fund_payments import fund_of
from app.actions.fund_rules import paid_for
from app.rules.values import money
from app.source import N_
from app.storage import RecordGone, read_record
from app.storage.fund import next_line
from app.workflow import TransitionRefused

PENALTY = "penalty"


def refundable(context: Context, penalty_id: int) -> Decimal:
    """What was paid into the fund for a penalty and did not go back yet."""
    return paid_for(context, penalty_id).kept


def record_refund(context: Context, penalty_id: int, amount: Decimal, reason: str) -> int | None:
    """Enter that `amount` of what was paid for a penalty goes back, inside the caller's transaction.

    The id of the entry; None where the penalty's schedule pays into no fund. Who calls has decided that it is
    due. Raises TransitionRefused when it is more than what was paid and not refunded, or more than the fund
    holds; RecordGone.
    """
    stored = read_record(context.session, context.models, PENALTY, penalty_id)
    if stored is None:
        raise RecordGone(PENALTY, penalty_id)
    fund = fund_of(context, stored.values.get("schedule"))
    if fund is None:
        return None
    # From here on nobody else refunds the same penalty: what is added up below cannot be overtaken.
    line = next_line(context.session, fund)
    kept = refundable(context, penalty_id)
    if amount <= 0 or amount > kept:
        text = N_("{amount} cannot be refunded: {kept} were paid and not refunded yet")
        raise TransitionRefused(text, {"amount": money(amount), "kept": money(kept)})
    entry = Entry(fund, "refund", "out", amount, context.today, penalty_id, reason)
    try:
        return enter(context, entry, line)
    except InvalidRecord as error:
        raise TransitionRefused(
            " ".join(word for found in error.errors.values() for word in found)
        ) from error
