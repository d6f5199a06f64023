"""The account of a fund for those who may see all of it: balance, months, entries, what is still owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.access import AccessDenied, Decision, decide, hidden_fields, row_scope
from app.actions.context import Context
from app.actions.fund_rules import FUND_ENTRY, is_keeper, served_funds
from app.actions.visible import label_is_open
from app.source import N_
from app.spec.funds import DeclaredFund
from app.storage import labels_of, scope_where
from app.storage.fund import NOTHING, Sums, fund_sums, monthly_sums, owed_to, standing_openings

MOST_OWED = 50
_NEEDED = frozenset({"fund", "direction", "amount", "entered_on"})
_OWED = frozenset({"schedule", "state", "amount_due", "paid_amount"})


@dataclass(frozen=True, slots=True)
class MonthOfFund:
    """One month: what there was before it, what came and went, what was left; month is its first day."""

    month: date
    before: Decimal
    sums: Sums

    @property
    def after(self) -> Decimal:
        return self.before + self.sums.left


@dataclass(frozen=True, slots=True)
class Owed:
    """A penalty that is owed: how much is still open, of whom."""

    penalty_id: int
    number: str
    person: str
    state: str
    since: object
    due: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.due - self.paid


@dataclass(frozen=True, slots=True)
class FundAccount:
    """months: the newest first; owed: the longest notified first, at most MOST_OWED of `owed_count`; None
    where the reader may not see what penalties come to; may_enter, may_open: whether the actor may enter
    spending, and an opening balance, which there is none of yet."""

    fund: DeclaredFund
    balance: Decimal
    months: tuple[MonthOfFund, ...]
    owed: tuple[Owed, ...] | None
    owed_count: int
    owed_sum: Decimal
    may_enter: bool
    may_open: bool


def sees_funds(context: Context) -> bool:
    """Whether the actor may see accounts: every entry, with its amount."""
    scope = row_scope(context.policy, context.actor, "read", FUND_ENTRY)
    hidden = hidden_fields(context.policy, context.actor, FUND_ENTRY)
    return scope.everything and not scope.veiled and not _NEEDED & hidden


def fund_account(context: Context, name: str) -> FundAccount:
    """The account of the fund of that full name. Raises AccessDenied for who may not see all of it, and for a
    fund that there is not."""
    fund = served_funds(context).get(name)
    if fund is None or not sees_funds(context):
        raise AccessDenied(Decision(False, N_("there is no account of this fund for you to see")))
    months = _months(context, name)
    owed, count, total = _owed(context, fund)
    enters = decide(context.policy, context.actor, "create", FUND_ENTRY).allowed
    may_enter = enters and is_keeper(context, fund, context.actor)
    opened = bool(standing_openings(context.session, context.models, name))
    balance = fund_sums(context.session, context.models, name).left
    return FundAccount(fund, balance, months, owed, count, total, may_enter, may_enter and not opened)


def _months(context: Context, name: str) -> tuple[MonthOfFund, ...]:
    found: list[MonthOfFund] = []
    before = NOTHING
    for month, sums in monthly_sums(context.session, context.models, name).items():
        found.append(MonthOfFund(month, before, sums))
        before += sums.left
    return tuple(reversed(found))


def _owed(context: Context, fund: DeclaredFund) -> tuple[tuple[Owed, ...] | None, int, Decimal]:
    """Penalties that are owed to the fund, among those that the actor may read."""
    hidden = hidden_fields(context.policy, context.actor, "penalty")
    scope = row_scope(context.policy, context.actor, "read", "penalty")
    if scope.nothing or _OWED & hidden:
        return None, 0, NOTHING
    where = scope_where(context.models, "penalty", scope, context.actor, context.now)
    schedules = [one.full_name for one in fund.schedules]
    rows, count, total = owed_to(context.session, context.models, schedules, where, MOST_OWED)
    named = "person" not in hidden and label_is_open(context, "person")
    ids = {row.person_id for row in rows if row.person_id is not None} if named else set()
    words = labels_of(context.session, context.models, "person", ids)
    owed = tuple(
        Owed(
            row.id,
            row.number or f"#{row.id}",
            words.get(row.person_id or 0, ""),
            row.state,
            None if "notified_at" in hidden else row.notified_at,
            row.due,
            row.paid,
        )
        for row in rows
    )
    return owed, count, total
