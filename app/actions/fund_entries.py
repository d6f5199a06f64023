"""Entries of a fund into the database: made by hand, or by the portal for payments and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.actions.context import Context
from app.actions.draft import Draft
from app.actions.fund_rules import FUND_ENTRY, check_funds, paid_for, settle_by_hand, undone
from app.actions.preparing import prepare_trusted
from app.actions.storing import Saved, store_changes, store_new
from app.source import N_
from app.storage import RecordGone, read_record
from app.storage.fund import next_line

PENALTY = "penalty"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that the portal makes: `kind` is payment or refund, `direction` in or out."""

    fund: str
    kind: str
    direction: str
    amount: Decimal
    day: date
    penalty_id: int
    remark: str = ""


def enter_by_hand(context: Context, draft: Draft) -> Saved:
    """Store an entry that somebody made, inside the caller's transaction. Raises InvalidRecord.

    A correction that takes back a payment leaves the penalty unpaid again, as far as nothing else was paid;
    one that takes back a refund leaves less refunded.
    """
    settle_by_hand(draft)
    saved, why = store_new(context, draft), str(draft.values.get("remark") or "")
    penalty, refunded = undone(draft, "payment"), undone(draft, "refund")
    if penalty is not None:
        _take_back(context, penalty, why)
    if refunded is not None:
        _take_back_refund(context, refunded, Decimal(str(draft.values["amount"])), why)
    return saved


def enter(context: Context, entry: Entry, line: int | None = None) -> int:
    """Store an entry of the portal's own, inside the caller's transaction; its id.

    line: its place in the fund's ledger where the caller has taken one. Raises InvalidRecord at `amount` when
    more would leave the fund than it holds.
    """
    values = {
        "fund": entry.fund,
        "kind": entry.kind,
        "direction": entry.direction,
        "amount": entry.amount,
        "entered_on": entry.day,
        "penalty": entry.penalty_id,
        "remark": entry.remark,
        "line": next_line(context.session, entry.fund) if line is None else line,
    }
    draft = prepare_trusted(context, context.record(FUND_ENTRY), values)
    if entry.direction == "out":
        check_funds(draft, entry.fund, entry.amount, entry.day)
        draft.complaints.raise_any()
    return store_new(context, draft).id


def _take_back(context: Context, penalty_id: int, why: str) -> None:
    stored = read_record(context.session, context.models, PENALTY, penalty_id)
    if stored is None:
        raise RecordGone(PENALTY, penalty_id)
    paid = paid_for(context, penalty_id).paid
    values: dict[str, object] = {"paid_amount": paid or None}
    if not paid:
        values["paid_at"] = None
    more = {"state": "notified"} if stored.values.get("state") == "paid" else {}
    draft = prepare_trusted(context, context.record(PENALTY), values, stored)
    detail = context.say(N_("a payment was taken back: {why}"), why=why)[:200]
    store_changes(context, draft, stored, None, "update", detail, more)


def _take_back_refund(context: Context, penalty_id: int, amount: Decimal, why: str) -> None:
    stored = read_record(context.session, context.models, PENALTY, penalty_id)
    if stored is None:
        raise RecordGone(PENALTY, penalty_id)
    refunded = stored.values.get("refunded_amount")
    left = max(Decimal(str(refunded or 0)) - amount, Decimal(0))
    draft = prepare_trusted(context, context.record(PENALTY), {"refunded_amount": left or None}, stored)
    detail = context.say(N_("a refund was taken back: {why}"), why=why)[:200]
    store_changes(context, draft, stored, None, "update", detail)
