"""What was judged since a day, read in a stream: penalties by record, checklists with their answers, clocks.

Whatever the number of records, only a few hundred of them are held at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from itertools import groupby, islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.checklist_runs import StoredAnswer
from app.storage.deadlines import DEADLINE, OPEN, DeadlineRow
from app.storage.mapping import Models
from app.storage.penalties import PenaltyRow

AT_ONCE = 500
_SCATTER, _RANGE = 40_503, 65_536
_UNREAD = frozenset({"reasons"})
"""Columns that no judging needs, and that are long."""
Some = TypeVar("Some")


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A submitted checklist with what its record says of it; `made_at` is when the record was made."""

    record_id: int
    checklist: str
    release_id: int | None
    score: Decimal | None
    grade: str | None
    passed: bool | None
    made_at: datetime
    answers: tuple[StoredAnswer, ...] = ()


def penalties_by_record(
    session: orm.Session, models: Models, since: datetime
) -> Iterator[tuple[PenaltyRow, ...]]:
    """The penalties for faults since that moment, those of one record together; without their reasons."""
    table = models.tables["penalty"]
    columns = [sa.null() if one.name in _UNREAD else table.c[one.name] for one in fields(PenaltyRow)]
    happened = sa.func.coalesce(table.c.occurred_at, table.c.created_at)
    statement = (
        sa.select(*columns)
        .where(happened >= sa.bindparam("since", since, table.c.occurred_at.type))
        .order_by(table.c.record_type, table.c.record_id, table.c.id)
    )
    rows = (PenaltyRow(*row) for row in _streamed(session, statement))
    for _, together in groupby(rows, key=lambda row: (row.record_type, row.record_id)):
        yield tuple(together)


def reasons_stored(session: orm.Session, models: Models, ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
    """The reasons stored with these penalties, by id."""
    table = models.tables["penalty"]
    found = session.execute(sa.select(table.c.id, table.c.reasons).where(table.c.id.in_(ids)))
    return {row[0]: row[1] or () for row in found}


def judged_runs(
    session: orm.Session, models: Models, record_type: str, field: str, since: datetime
) -> Iterator[tuple[JudgedRun, ...]]:
    """The checklists submitted in a field of records made since that moment, some hundreds at a time."""
    run, record = models.system["checklist_run"], models.tables[record_type]
    shown = [record.c[f"{field}_{name}"] for name in ("score", "grade", "passed")]
    statement = (
        sa.select(run.c.record_id, run.c.checklist, run.c.release_id, *shown, record.c.created_at)
        .join(record, record.c.id == run.c.record_id)
        .where(run.c.record_type == record_type, run.c.field == field, record.c.created_at >= since)
        .order_by(run.c.id)
    )
    for batch in batches(_streamed(session, statement), AT_ONCE):
        answers = _answers(session, models, record_type, field, [row.record_id for row in batch])
        yield tuple(
            JudgedRun(
                record_id=row[0],
                checklist=row[1],
                release_id=row[2],
                score=row[3],
                grade=row[4],
                passed=row[5],
                made_at=row[6],
                answers=answers.get(row[0], ()),
            )
            for row in batch
        )


def count_since(
    session: orm.Session, models: Models, fields: Iterable[tuple[str, str]], since: datetime
) -> int:
    """How many penalties, checklists (in these fields: record type, name), clocks a replay goes through."""
    penalty, clock, run = models.tables["penalty"], models.tables[DEADLINE], models.system["checklist_run"]
    happened = sa.func.coalesce(penalty.c.occurred_at, penalty.c.created_at)
    begun = sa.bindparam("since", since, penalty.c.occurred_at.type)
    counts = [
        sa.select(sa.func.count()).select_from(penalty).where(happened >= begun),
        sa.select(sa.func.count()).select_from(clock).where(clock.c.started_at >= since),
    ]
    for record_type, field in fields:
        record = models.tables[record_type]
        counts.append(
            sa.select(sa.func.count())
            .select_from(run.join(record, record.c.id == run.c.record_id))
            .where(run.c.record_type == record_type, run.c.field == field, record.c.created_at >= since)
        )
    return sum(session.scalar(one) or 0 for one in counts)


def clocks_since(session: orm.Session, models: Models, since: datetime) -> Iterator[DeadlineRow]:
    """The clocks that began since that moment, by service level."""
    table = models.tables[DEADLINE]
    return _clocks(session, models, table.c.started_at >= since)


def count_clocks(session: orm.Session, models: Models) -> dict[tuple[str, str], int]:
    """Service level and record type -> how many clocks have not ended."""
    table = models.tables[DEADLINE]
    key = (table.c.service_level, table.c.record_type)
    rows = session.execute(
        sa.select(*key, sa.func.count()).where(*_running(table)).group_by(*key).order_by(*key)
    )
    return {(name, kind): count for name, kind, count in rows}


def clocks_drawn(
    session: orm.Session, models: Models, level: str, record_type: str, share: float
) -> Iterator[DeadlineRow]:
    """About that share (0 to 1) of the clocks of a service level and record type that have not ended, evenly
    drawn, and the same ones whenever it is asked."""
    table = models.tables[DEADLINE]
    wanted = [table.c.service_level == level, table.c.record_type == record_type, *_running(table)]
    if share < 1:
        # Numbers in a row are scattered over the whole range, so that no rhythm in them leans the draw.
        wanted.append((table.c.id * _SCATTER) % _RANGE < int(share * _RANGE))
    return _clocks(session, models, *wanted)


def _running(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.stopped_at.is_(None), table.c.status.in_(OPEN)


def batches(found: Iterable[Some], size: int = AT_ONCE) -> Iterator[list[Some]]:
    """As many at a time."""
    left = iter(found)
    while some := list(islice(left, size)):
        yield some


def _clocks(session: orm.Session, models: Models, *wanted: sa.ColumnElement[bool]) -> Iterator[DeadlineRow]:
    table = models.tables[DEADLINE]
    columns = [sa.null() if one.name == "steps" else table.c[one.name] for one in fields(DeadlineRow)]
    statement = sa.select(*columns).where(*wanted).order_by(table.c.service_level, table.c.id)
    return (DeadlineRow(*row) for row in _streamed(session, statement))


def _answers(
    session: orm.Session, models: Models, record_type: str, field: str, ids: Sequence[int]
) -> dict[int, tuple[StoredAnswer, ...]]:
    table = models.system["answer"]
    columns = [table.c[one.name] for one in fields(StoredAnswer)]
    statement = (
        sa.select(table.c.record_id, *columns)
        .where(table.c.record_type == record_type, table.c.field == field, table.c.record_id.in_(ids))
        .order_by(table.c.record_id, table.c.id)
    )
    found: dict[int, list[StoredAnswer]] = {}
    for row in session.execute(statement):
        found.setdefault(row[0], []).append(StoredAnswer(*row[1:]))
    return {record_id: tuple(rows) for record_id, rows in found.items()}


def _streamed(session: orm.Session, statement: sa.Select[Any]) -> Iterator[Any]:
    """The rows as they come; on PostgreSQL the server keeps those not asked for yet."""
    yield from session.execute(statement, execution_options={"yield_per": AT_ONCE})
