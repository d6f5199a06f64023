"""What is paid for a penalty, and the entry that it makes in the fund of its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from app.actions.context import Context
from app.actions.draft import differs
from app.actions.errors import Complaint, Complaints
from app.actions.fund_entries import Entry, enter
from app.rules.values import money
from app.source import N_
from app.spec.funds import fund_name
from app.storage import Record

PAY, PAY_PART = "pay", "pay_part"
_FIELDS = ("paid_amount", "paid_at")
NOTHING = Decimal(0)


def fund_of(context: Context, schedule: object) -> str | None:
    """The full name of the fund that a schedule (full name) pays into; None where it pays into none."""
    found = context.release.portal.penalty_schedules.get(str(schedule))
    return fund_name(found) if found is not None else None


def payment_guard(
    context: Context,
    stored: Mapping[str, object],
    transition: str | None,
    values: Mapping[str, object],
) -> None:
    """Hold what is said to be paid to what is due.

    stored, values: of the penalty, before (empty for a new one) and as they would be; transition: the one
    being made, None for a mere edit. `paid_amount` is what was paid in all: part payments add up in it until
    all is paid. Raises InvalidRecord.
    """
    complaints = Complaints(context.translate)
    if transition not in (PAY, PAY_PART):
        for name in _FIELDS:
            if name in values and differs(stored.get(name), values[name]):
                text = N_("this is set when a payment is registered")
                complaints.add(name, Complaint(text))
        complaints.raise_any()
        return
    paid, due = _money(values.get("paid_amount")), _money(stored.get("amount_due"))
    at = values.get("paid_at")
    if isinstance(at, datetime) and at > context.now:
        complaints.add("paid_at", Complaint(N_("nothing can have been paid after this moment")))
    if paid is not None and due is not None:
        before = _money(stored.get("paid_amount")) or NOTHING
        _check_paid(paid, due, before, transition == PAY_PART, complaints)
    complaints.raise_any()


def _check_paid(paid: Decimal, due: Decimal, before: Decimal, part: bool, complaints: Complaints) -> None:
    words = {"paid": money(paid), "due": money(due), "before": money(before)}
    if paid > due:
        text = N_("{paid} is more than the {due} that are due")
    elif part and paid == due:
        text = N_("this pays all that is due; register it as the whole payment")
    elif part and paid <= before:
        text = N_("{before} were paid before; write what was paid in all, this time included")
    elif not part and paid < due:
        text = N_("{paid} is less than the {due} that are due; register a part payment")
    else:
        return
    complaints.add("paid_amount", Complaint(text, words))


def book_payment(context: Context, before: Record, after: Record) -> int | None:
    """Enter what was paid between two states of a penalty into its fund, inside the caller's transaction.

    The id of the entry; None when nothing more was paid, or the schedule has no fund.
    """
    paid = _money(after.values.get("paid_amount")) or NOTHING
    more = paid - (_money(before.values.get("paid_amount")) or NOTHING)
    fund = fund_of(context, after.values.get("schedule"))
    if fund is None or more <= 0:
        return None
    receipt = str(after.values.get("receipt_number") or "")
    day = _day_of(context, after.values.get("paid_at"))
    return enter(context, Entry(fund, "payment", "in", more, day, after.id, receipt))


def _day_of(context: Context, moment: object) -> date:
    return moment.astimezone(context.zone).date() if isinstance(moment, datetime) else context.today


def _money(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, (Decimal, int)) else None
