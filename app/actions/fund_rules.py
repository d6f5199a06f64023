"""What may be entered into a fund by hand: an opening balance, spending on its purposes, corrections.

Payments and refunds are entered by the portal itself (`fund_payments`, `fund_refunds`). An entry is never
changed or deleted: a wrong one is levelled out by another. At the end of no day does a fund hold less than
nothing, whoever else writes at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.access import AccessDenied, Actor, Decision
from app.actions.context import Context
from app.actions.draft import Draft, fresh_scope
from app.actions.errors import Complaint
from app.rules.values import money
from app.source import N_
from app.spec.funds import DeclaredFund, declared_funds
from app.spec.penalties import PenaltySchedule
from app.storage.fund import (
    NOTHING,
    EntryRow,
    correction_of,
    entries_of_penalty,
    entry_row,
    first_day,
    lowest_balance,
    next_line,
    standing_openings,
)
from app.workflow import parse_parties

FUND_ENTRY = "fund_entry"
OPPOSITE = {"in": "out", "out": "in"}


def served_funds(context: Context) -> dict[str, DeclaredFund]:
    """The funds of the schedules that are switched on, by full name."""
    return declared_funds(context.release.portal.served(PenaltySchedule))


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid for a penalty, and what of it went back."""

    paid: Decimal = NOTHING
    refunded: Decimal = NOTHING

    @property
    def kept(self) -> Decimal:
        return self.paid - self.refunded


def paid_by(entries: Iterable[EntryRow]) -> Paid:
    """What the entries of one penalty come to; a correction counts against what it corrects."""
    rows = tuple(entries)
    kinds = {row.id: row.kind for row in rows}
    sums = {"payment": NOTHING, "refund": NOTHING}
    for row in rows:
        if row.kind in sums:
            sums[row.kind] += row.amount
        elif row.kind == "correction" and (undone := kinds.get(row.corrects_id or 0)) in sums:
            sums[str(undone)] -= row.amount
    return Paid(sums["payment"], sums["refund"])


def paid_for(context: Context, penalty_id: int) -> Paid:
    """The same of a penalty by its id."""
    return paid_by(entries_of_penalty(context.session, context.models, penalty_id))


def is_keeper(context: Context, fund: DeclaredFund, actor: Actor) -> bool:
    """Whether the actor is among those who keep the accounts of a fund; anybody is where nobody is named."""
    parties = parse_parties(context.release.portal, fund.regime, fund.keepers)
    return actor.unlimited or not parties or bool(parties.roles & actor.roles)


def require_keeper(context: Context, name: object) -> None:
    """Raises AccessDenied for who does not keep the accounts of the fund of that name."""
    fund = _meant(context, name)
    if fund is not None and not is_keeper(context, fund, context.actor):
        text = N_("the accounts of '{fund}' are kept by others")
        raise AccessDenied(Decision(False, text, {"fund": context.translate(fund.title)}))


def _meant(context: Context, name: object) -> DeclaredFund | None:
    """The fund of that name; the only one there is where none is named."""
    funds = served_funds(context)
    if name is None and len(funds) == 1:
        return next(iter(funds.values()))
    return funds.get(str(name))


def settle_by_hand(draft: Draft) -> None:
    """Judge an entry that somebody makes (or a workflow in the portal's name), and complete it: its kind, its
    place in the fund's ledger, what it takes over from the entry that it corrects.

    Other writers of the fund wait from here until the transaction ends. Raises InvalidRecord with every fault
    by field.
    """
    context, values, complaints = draft.context, draft.values, draft.complaints
    fund = _meant(context, values.get("fund"))
    if fund is None:
        text = N_("there is no fund '{name}' in use") if values.get("fund") else N_("choose a fund")
        complaints.add("fund", Complaint(text, {"name": values.get("fund")}))
        complaints.raise_any()
        return
    values["fund"] = fund.name
    values["entered_on"] = values.get("entered_on") or context.today
    values["line"] = next_line(context.session, fund.name)
    amount, day = _amount(draft), _day(draft)
    if values.get("penalty") is not None:
        text = N_("payments and refunds of penalties are entered by the portal, when they are registered")
        complaints.add("penalty", Complaint(text))
    if values.get("corrects") is not None:
        values["kind"] = "correction"
        _check_correction(draft, fund, amount, day)
    elif values.get("direction") == "in":
        values["kind"] = "opening"
        _check_opening(draft, fund, day)
    else:
        values["kind"] = "spending"
        _check_purpose(draft, fund)
    complaints.raise_any()
    if values.get("direction") == "out":
        check_funds(draft, fund.name, amount, day)
        complaints.raise_any()
    fresh_scope(draft)


def check_funds(draft: Draft, fund: str, amount: Decimal, day: date) -> None:
    """Complain where so much is not left in the fund on that day and every day since."""
    held = lowest_balance(draft.context.session, draft.context.models, fund, day)
    if amount > held:
        text = N_("the fund holds {held} that can leave it on {day}; {amount} is more")
        words = {"held": money(held), "amount": money(amount), "day": day.isoformat()}
        draft.complaints.add("amount", Complaint(text, words))


def _amount(draft: Draft) -> Decimal:
    amount = draft.values.get("amount")
    if isinstance(amount, (Decimal, int)) and amount > 0:
        return Decimal(amount)
    draft.complaints.add("amount", Complaint(N_("an entry of a fund is more than nothing")))
    return NOTHING


def _day(draft: Draft) -> date:
    day = draft.values["entered_on"]
    today = draft.context.today
    if isinstance(day, date) and day <= today:
        return day
    draft.complaints.add("entered_on", Complaint(N_("this day has not come yet")))
    return today


def _check_opening(draft: Draft, fund: DeclaredFund, day: date) -> None:
    context = draft.context
    found = standing_openings(context.session, context.models, fund.name)
    if found:
        text = N_("the opening balance is entered already ({number}); correct that entry if it is wrong")
        words = {"number": found[0].number or f"#{found[0].id}"}
        draft.complaints.add("direction", Complaint(text, words))
    first = first_day(context.session, context.models, fund.name)
    if first is not None and day > first:
        text = N_("an opening balance cannot be later than the first entry of the fund, on {day}")
        draft.complaints.add("entered_on", Complaint(text, {"day": first.isoformat()}))
    if draft.values.get("purpose") is not None:
        draft.complaints.add("purpose", Complaint(N_("only spending has a purpose")))


def _check_purpose(draft: Draft, fund: DeclaredFund) -> None:
    purpose = draft.values.get("purpose")
    if purpose in fund.purposes:
        return
    allowed = "、".join(draft.context.translate(one) for one in fund.purposes) or "–"
    text = N_("'{fund}' may be spent on: {purposes}")
    words = {"fund": draft.context.translate(fund.title), "purposes": allowed}
    draft.complaints.add("purpose", Complaint(text, words))


def _check_correction(draft: Draft, fund: DeclaredFund, amount: Decimal, day: date) -> None:
    context, values = draft.context, draft.values
    corrects = values["corrects"]
    found = entry_row(context.session, context.models, corrects) if isinstance(corrects, int) else None
    if found is None or found.fund != fund.name:
        draft.complaints.add("corrects", Complaint(N_("this is no entry of the same fund")))
        return
    earlier = correction_of(context.session, context.models, found.id)
    if found.kind == "correction":
        text = N_("a correction is not corrected; enter what is right anew")
        draft.complaints.add("corrects", Complaint(text))
    elif earlier is not None:
        text = N_("this entry was corrected already by {number}")
        words = {"number": earlier.number or f"#{earlier.id}"}
        draft.complaints.add("corrects", Complaint(text, words))
    if values.get("direction") != OPPOSITE[found.direction]:
        draft.complaints.add("direction", Complaint(N_("a correction goes the other way than its entry")))
    if amount != found.amount:
        text = N_("a correction levels out the whole entry: {amount}")
        draft.complaints.add("amount", Complaint(text, {"amount": money(found.amount)}))
    if day < found.entered_on:
        text = N_("a correction is not earlier than its entry, of {day}")
        draft.complaints.add("entered_on", Complaint(text, {"day": found.entered_on.isoformat()}))
    if not str(values.get("remark") or "").strip():
        draft.complaints.add("remark", Complaint(N_("say why the entry is corrected")))
    values |= {"purpose": found.purpose, "penalty": found.penalty_id}
    if found.kind == "payment" and found.penalty_id is not None:
        if paid_for(context, found.penalty_id).kept < found.amount:
            text = N_("this payment was refunded; correct the refund first")
            draft.complaints.add("corrects", Complaint(text))


def undone(draft: Draft, kind: str) -> int | None:
    """The penalty whose payment or refund (`kind`) a stored correction takes back, if it is one."""
    corrects, penalty = draft.values.get("corrects"), draft.values.get("penalty")
    if draft.values.get("kind") != "correction" or not isinstance(corrects, int):
        return None
    found = entry_row(draft.context.session, draft.context.models, corrects)
    of_kind = found is not None and found.kind == kind
    return penalty if of_kind and isinstance(penalty, int) else None
