"""What the entries of a fund come to. Entries are only ever added, so everything here is sums over rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models
from app.storage.numbers import next_number

FUND_ENTRY = "fund_entry"
NOTHING = Decimal(0)
UNPAID = ("decided", "notified")
"""States of a penalty that is owed."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as the portal itself reads it."""

    id: int
    number: str | None
    fund: str | None
    kind: str | None
    direction: str
    amount: Decimal
    purpose: str | None
    penalty_id: int | None
    corrects_id: int | None
    entered_on: date


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in and went out."""

    came_in: Decimal = NOTHING
    went_out: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        return self.came_in - self.went_out

    def plus(self, other: Sums) -> Sums:
        return Sums(self.came_in + other.came_in, self.went_out + other.went_out)


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A penalty that is owed in whole or in part."""

    id: int
    number: str | None
    person_id: int | None
    unit_id: int | None
    state: str
    notified_at: Any
    due: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.due - self.paid


def next_line(session: orm.Session, fund: str) -> int:
    """The number of the next entry in the fund's own ledger.

    Who writes into the same fund next waits until this transaction has ended: what is summed up from here on
    cannot be overtaken.
    """
    return next_number(session, f"fund:{fund}")


def entry_row(session: orm.Session, models: Models, entry_id: int) -> EntryRow | None:
    """One entry, or None when there is none."""
    return next(_entries(session, models, models.tables[FUND_ENTRY].c.id == entry_id), None)


def correction_of(session: orm.Session, models: Models, entry_id: int) -> EntryRow | None:
    """The entry that corrects this one, if any."""
    return next(_entries(session, models, models.tables[FUND_ENTRY].c.corrects_id == entry_id), None)


def entries_of_penalty(session: orm.Session, models: Models, penalty_id: int) -> tuple[EntryRow, ...]:
    """Payments, refunds and their corrections, oldest first."""
    return tuple(_entries(session, models, models.tables[FUND_ENTRY].c.penalty_id == penalty_id))


def standing_openings(session: orm.Session, models: Models, fund: str) -> tuple[EntryRow, ...]:
    """Opening balances of a fund that were not corrected."""
    table = models.tables[FUND_ENTRY]
    later = table.alias()
    corrected = sa.exists().where(later.c.corrects_id == table.c.id)
    return tuple(_entries(session, models, table.c.fund == fund, table.c.kind == "opening", ~corrected))


def first_day(session: orm.Session, models: Models, fund: str) -> date | None:
    """The day of the earliest entry of a fund."""
    table = models.tables[FUND_ENTRY]
    found: date | None = session.scalar(
        sa.select(sa.func.min(table.c.entered_on)).where(table.c.fund == fund)
    )
    return found


def fund_sums(session: orm.Session, models: Models, fund: str, until: date | None = None) -> Sums:
    """Everything that came in and went out, up to and including the day `until`."""
    table = models.tables[FUND_ENTRY]
    chosen = [table.c.fund == fund] + ([table.c.entered_on <= until] if until is not None else [])
    grouped = sa.select(table.c.direction, sa.func.sum(table.c.amount)).where(*chosen)
    return _sums(session.execute(grouped.group_by(table.c.direction)))


def daily_sums(session: orm.Session, models: Models, fund: str, after: date) -> dict[date, Sums]:
    """The sums of each later day that has entries, in order of days."""
    table = models.tables[FUND_ENTRY]
    grouped = (
        sa.select(table.c.entered_on, table.c.direction, sa.func.sum(table.c.amount))
        .where(table.c.fund == fund, table.c.entered_on > after)
        .group_by(table.c.entered_on, table.c.direction)
        .order_by(table.c.entered_on)
    )
    return _by_key((day, (direction, amount)) for day, direction, amount in session.execute(grouped))


def lowest_balance(session: orm.Session, models: Models, fund: str, day: date) -> Decimal:
    """The least that a fund holds at the end of `day` or of any later day: so much may leave it on `day`."""
    balance = fund_sums(session, models, fund, day).left
    lowest = balance
    for later in daily_sums(session, models, fund, day).values():
        balance += later.left
        lowest = min(lowest, balance)
    return lowest


def monthly_sums(session: orm.Session, models: Models, fund: str) -> dict[date, Sums]:
    """The sums of each month that has entries (by its first day), oldest first."""
    table = models.tables[FUND_ENTRY]
    year, month = sa.extract("year", table.c.entered_on), sa.extract("month", table.c.entered_on)
    grouped = (
        sa.select(year, month, table.c.direction, sa.func.sum(table.c.amount))
        .where(table.c.fund == fund)
        .group_by(year, month, table.c.direction)
        .order_by(year, month)
    )
    rows = session.execute(grouped)
    return _by_key((date(int(y), int(m), 1), (direction, amount)) for y, m, direction, amount in rows)


def owed_to(
    session: orm.Session,
    models: Models,
    schedules: Iterable[str],
    where: sa.ColumnElement[bool],
    limit: int,
) -> tuple[tuple[OwedRow, ...], int, Decimal]:
    """Penalties of these schedules within `where` that are owed, the longest notified first (at most
    `limit`); how many there are in all, and how much is open in all."""
    table = models.tables["penalty"]
    amounts = table.c.amount_due, table.c.paid_amount
    owed = [
        table.c.schedule.in_(list(schedules)),
        table.c.state.in_(UNPAID),
        table.c.amount_due.is_not(None),
        sa.or_(table.c.paid_amount.is_(None), table.c.paid_amount < table.c.amount_due),
        where,
    ]
    count, due, paid = session.execute(
        sa.select(sa.func.count(), *(sa.func.sum(one) for one in amounts)).where(*owed)
    ).one()
    names = ("id", "number", "person_id", "unit_id", "state", "notified_at", "amount_due", "paid_amount")
    rows = session.execute(
        sa.select(*(table.c[name] for name in names))
        .where(*owed)
        .order_by(table.c.notified_at.is_(None), table.c.notified_at, table.c.id)
        .limit(limit)
    )
    found = tuple(
        OwedRow(
            row.id,
            row.number,
            row.person_id,
            row.unit_id,
            row.state,
            row.notified_at,
            row.amount_due,
            row.paid_amount or NOTHING,
        )
        for row in rows
    )
    return found, int(count), (due or NOTHING) - (paid or NOTHING)


def _entries(session: orm.Session, models: Models, *where: sa.ColumnElement[bool]) -> Iterator[EntryRow]:
    table = models.tables[FUND_ENTRY]
    names = (
        "id", "number", "fund", "kind", "direction", "amount", "purpose", "penalty_id", "corrects_id",
        "entered_on",
    )  # fmt: skip
    chosen = sa.select(*(table.c[name] for name in names)).where(*where).order_by(table.c.id)
    for row in session.execute(chosen):
        yield EntryRow(*row)


def _sums(rows: Iterable[Any]) -> Sums:
    found = {direction: amount or NOTHING for direction, amount in rows}
    return Sums(found.get("in", NOTHING), found.get("out", NOTHING))


def _by_key(rows: Iterable[tuple[date, tuple[str, Decimal]]]) -> dict[date, Sums]:
    found: dict[date, Sums] = {}
    for key, row in rows:
        found[key] = found.get(key, Sums()).plus(_sums([row]))
    return found
