"""What is to be done after a commit (notices, prints, escalations): rows written in that same commit.

A unique key makes each happen once, whatever crashes; a worker claims a row for a while, so that a row
whose worker died is taken up again. Rows of one lane are begun in their order. A row that failed too often is
given up: it stays, is shown, and can be tried again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.storage.database import begin_write
from app.storage.system_tables import TABLES
from app.storage.values import as_json

LEASE = timedelta(minutes=5)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A row to work on; `attempts` counts this one too; `due_at`: when its time came."""

    id: int
    key: str
    kind: str
    payload: Any
    attempts: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A row to be put into the outbox. See `enqueue`."""

    key: str
    kind: str
    payload: Mapping[str, object]
    due_at: datetime
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class QueueState:
    """Rows of one kind: waiting for their time or a worker, waiting for another try, given up, done."""

    kind: str
    waiting: int
    retrying: int
    failed: int
    done: int
    oldest: datetime | None


def enqueue(
    session: orm.Session,
    key: str,
    kind: str,
    payload: Mapping[str, object],
    at: datetime,
    due_at: datetime | None = None,
    lane: str | None = None,
) -> bool:
    """Put a row into the outbox; False when there is one with this key already.

    due_at: not to be worked on before; lane: rows of the same lane are begun one after another.
    """
    order = Order(key, kind, payload, due_at or at, lane)
    statement = _new_rows(session).returning(TABLES["outbox"].c.id)
    return session.execute(statement, [_row(order, at)]).scalar() is not None


def enqueue_all(session: orm.Session, orders: Sequence[Order], at: datetime) -> None:
    """Put rows into the outbox in this order, leaving out keys that are taken."""
    for start in range(0, len(orders), _AT_ONCE):
        rows = [_row(one, at) for one in orders[start : start + _AT_ONCE]]
        session.connection().execute(_new_rows(session), rows)


def _new_rows(session: orm.Session) -> Any:
    table = TABLES["outbox"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing(index_elements=[table.c.key])


def _row(order: Order, at: datetime) -> dict[str, object]:
    return {
        "key": order.key,
        "kind": order.kind,
        "payload": as_json(order.payload),
        "created_at": at,
        "due_at": order.due_at,
        "attempts": 0,
        "lane": order.lane,
    }


def claim(
    session: orm.Session,
    now: datetime,
    limit: int = 20,
    lease: timedelta = LEASE,
    kinds: Collection[str] = (),
) -> tuple[OutboxItem, ...]:
    """Take up to `limit` rows (of these kinds; none = of all) that are due and not being worked on; the
    caller commits, then works."""
    begin_write(session)
    table = TABLES["outbox"]
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < now)
    due = (
        sa.select(table)
        .where(table.c.done_at.is_(None), table.c.due_at <= now, table.c.failed_at.is_(None))
        .where(free, sa.or_(table.c.lane.is_(None), ~_after_another(table, now)))
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
    )
    if kinds:
        due = due.where(table.c.kind.in_(sorted(kinds)))
    rows = session.execute(due).all()
    items = tuple(
        OutboxItem(row.id, row.key, row.kind, row.payload, row.attempts + 1, row.due_at) for row in rows
    )
    if items:
        taken = sa.update(table).where(table.c.id.in_([item.id for item in items]))
        session.execute(taken.values(claimed_until=now + lease, attempts=table.c.attempts + 1))
    return items


def _after_another(table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a row before it in its lane was not tried yet or is being worked on. One that waits for another
    try holds nobody up."""
    before = table.alias("before")
    busy = sa.or_(before.c.attempts == 0, before.c.claimed_until >= now)
    open_ = sa.and_(before.c.done_at.is_(None), before.c.failed_at.is_(None), busy)
    return sa.exists(sa.select(1).where(before.c.lane == table.c.lane, before.c.id < table.c.id, open_))


def row_is_due(session: orm.Session, now: datetime) -> bool:
    """Whether there is anything to claim."""
    table = TABLES["outbox"]
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < now)
    due = sa.select(table.c.id).where(
        table.c.done_at.is_(None), table.c.due_at <= now, table.c.failed_at.is_(None), free
    )
    return session.execute(due.limit(1)).first() is not None


def hold(session: orm.Session, item_id: int) -> bool:
    """Keep a row to this transaction until it ends; False when its work was done or given up meanwhile."""
    table = TABLES["outbox"]
    still = sa.select(table.c.id).where(
        table.c.id == item_id, table.c.done_at.is_(None), table.c.failed_at.is_(None)
    )
    return session.execute(still.with_for_update()).scalar() is not None


def mark_done(session: orm.Session, item_id: int, at: datetime, note: str | None = None) -> None:
    """The work is done; the row stays as the proof, and its key stays taken. note: what is to be known."""
    table = TABLES["outbox"]
    done = sa.update(table).where(table.c.id == item_id)
    session.execute(done.values(done_at=at, claimed_until=None, error=note and note[:2000]))


def mark_failed(session: orm.Session, item_id: int, error: str, retry_at: datetime) -> None:
    """The work failed with these words; it is tried again from `retry_at` on."""
    table = TABLES["outbox"]
    failed = sa.update(table).where(table.c.id == item_id, table.c.done_at.is_(None))
    session.execute(failed.values(error=error[:2000], due_at=retry_at, claimed_until=None))


def give_up(session: orm.Session, item_id: int, error: str, at: datetime) -> None:
    """The work failed and is not tried again until somebody asks for it."""
    table = TABLES["outbox"]
    failed = sa.update(table).where(table.c.id == item_id, table.c.done_at.is_(None))
    session.execute(failed.values(error=error[:2000], failed_at=at, claimed_until=None))


def try_again(session: orm.Session, ids: Collection[int], at: datetime) -> int:
    """Take rows that failed up again, as if for the first time; how many there were."""
    table = TABLES["outbox"]
    again = sa.update(table).where(table.c.id.in_(ids), table.c.done_at.is_(None), table.c.error.is_not(None))
    values = {"failed_at": None, "attempts": 0, "due_at": at, "claimed_until": None}
    return len(session.execute(again.values(values).returning(table.c.id)).all())


def waiting(session: orm.Session) -> Sequence[sa.Row[Any]]:
    """Rows not done yet: kind, how many, the earliest due time, the most attempts."""
    table = TABLES["outbox"]
    statement = (
        sa.select(table.c.kind, sa.func.count(), sa.func.min(table.c.due_at), sa.func.max(table.c.attempts))
        .where(table.c.done_at.is_(None))
        .group_by(table.c.kind)
        .order_by(table.c.kind)
    )
    return session.execute(statement).all()


def queue_states(session: orm.Session) -> tuple[QueueState, ...]:
    """How the outbox stands, kind by kind."""
    table = TABLES["outbox"]
    undone, failed = table.c.done_at.is_(None), table.c.failed_at.is_not(None)
    retrying = sa.and_(undone, ~failed, table.c.error.is_not(None))
    waits = sa.and_(undone, ~failed, table.c.error.is_(None))

    def count(where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((where, 1)))

    statement = (
        sa.select(
            table.c.kind,
            count(waits),
            count(retrying),
            count(sa.and_(undone, failed)),
            count(table.c.done_at.is_not(None)),
            sa.func.min(sa.case((waits, table.c.due_at))),
        )
        .group_by(table.c.kind)
        .order_by(table.c.kind)
    )
    return tuple(QueueState(*row) for row in session.execute(statement))


def troubled(session: orm.Session, limit: int = 100) -> Sequence[sa.Row[Any]]:
    """Rows whose last try failed, those given up first, the newest first."""
    table = TABLES["outbox"]
    statement = (
        sa.select(table)
        .where(table.c.done_at.is_(None), table.c.error.is_not(None))
        .order_by(table.c.failed_at.is_(None), table.c.id.desc())
        .limit(limit)
    )
    return session.execute(statement).all()


def newest_done(session: orm.Session, limit: int = 50) -> Sequence[sa.Row[Any]]:
    """Rows that were done last, the newest first."""
    table = TABLES["outbox"]
    done = sa.select(table).where(table.c.done_at.is_not(None))
    return session.execute(done.order_by(table.c.done_at.desc(), table.c.id.desc()).limit(limit)).all()
