"""Raised penalties with what is no field of theirs: the case that they were judged by, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models

STANDING = ("proposed", "decided", "notified", "paid")
"""States of a penalty that was neither let off nor taken back."""


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """One penalty as the portal itself reads it; `facts` and `reasons` are the JSON stored with it."""

    id: int
    number: str | None
    state: str
    person_id: int | None
    unit_id: int | None
    schedule: str | None
    level: str | None
    origin: str | None
    joint_with_id: int | None
    record_type: str | None
    record_id: int | None
    occurred_at: datetime | None
    base_amount: Decimal | None
    amount_due: Decimal | None
    amount_asked: bool | None
    may_decide: str | None
    decider_id: int | None
    decided_at: datetime | None
    notified_at: datetime | None
    release_id: int | None
    facts: Mapping[str, Any] | None
    reasons: Sequence[Any] | None
    kind: str | None = None
    sanctions: str | None = None
    basis: str | None = None
    paid_amount: Decimal | None = None
    refunded_amount: Decimal | None = None
    withdrawn_reason: str | None = None


def penalty_row(session: orm.Session, models: Models, penalty_id: int) -> PenaltyRow | None:
    """One penalty, or None when there is none."""
    table = models.tables["penalty"]
    return next(iter(_rows(session, models, table.c.id == penalty_id)), None)


def is_judged(session: orm.Session, models: Models, penalty_id: int) -> bool:
    """Whether a schedule judged the penalty: it was not merely written down."""
    row = penalty_row(session, models, penalty_id)
    return row is not None and row.facts is not None


def penalties_raised(
    session: orm.Session, models: Models, record_type: str, record_id: int
) -> tuple[PenaltyRow, ...]:
    """Every penalty that a record led to, oldest first."""
    table = models.tables["penalty"]
    return _rows(session, models, table.c.record_type == record_type, table.c.record_id == record_id)


def earlier_penalties(
    session: orm.Session,
    models: Models,
    since: datetime,
    until: datetime,
    apart_from: tuple[str, int],
    person_id: int | None = None,
    schedule: str | None = None,
) -> tuple[PenaltyRow, ...]:
    """Standing penalties of persons in breach for faults of that time, oldest first.

    apart_from: the record (type, id) whose own penalties are left out; person_id, schedule: only theirs.
    """
    table = models.tables["penalty"]
    record_type, record_id = apart_from
    wanted = [
        table.c.origin == "direct",
        table.c.state.in_(STANDING),
        table.c.occurred_at >= since,
        table.c.occurred_at <= until,
        sa.or_(table.c.record_type != record_type, table.c.record_id != record_id),
    ]
    if person_id is not None:
        wanted.append(table.c.person_id == person_id)
    if schedule is not None:
        wanted.append(table.c.schedule == schedule)
    return _rows(session, models, *wanted)


def later_penalties(
    session: orm.Session, models: Models, since: datetime, schedules: Iterable[str]
) -> tuple[PenaltyRow, ...]:
    """Standing penalties of persons in breach by these schedules for faults since then, oldest first."""
    table = models.tables["penalty"]
    return _rows(
        session,
        models,
        table.c.origin == "direct",
        table.c.state.in_(STANDING),
        table.c.occurred_at >= since,
        table.c.schedule.in_(list(schedules)),
    )


def proposed_after(
    session: orm.Session, models: Models, since: datetime, schedules: Iterable[str], person_id: int | None
) -> tuple[PenaltyRow, ...]:
    """Proposed penalties of persons in breach by these schedules for faults after that moment, oldest first;
    person_id: only that person's."""
    table = models.tables["penalty"]
    wanted = [
        table.c.origin == "direct",
        table.c.state == "proposed",
        table.c.occurred_at > since,
        table.c.schedule.in_(list(schedules)),
    ]
    if person_id is not None:
        wanted.append(table.c.person_id == person_id)
    return _rows(session, models, *wanted)


def hold_record(session: orm.Session, models: Models, record_type: str, record_id: int) -> None:
    """Let nobody else write the record until the transaction ends."""
    table = models.tables[record_type]
    session.execute(sa.select(table.c.id).where(table.c.id == record_id).with_for_update())


def _rows(session: orm.Session, models: Models, *wanted: sa.ColumnElement[bool]) -> tuple[PenaltyRow, ...]:
    table = models.tables["penalty"]
    columns = [table.c[one.name] for one in fields(PenaltyRow)]
    found = session.execute(sa.select(*columns).where(*wanted).order_by(table.c.id))
    return tuple(PenaltyRow(*row) for row in found)
