"""What is to be done after a commit (notices, prints, escalations): rows written in that same commit.

A unique key makes each happen once, whatever crashes; a worker claims a row for a while, so that a row
whose worker died is taken up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A row to work on; `attempts` counts this one too."""

    id: int
    key: str
    kind: str
    payload: Any
    attempts: int


def enqueue(
    session: orm.Session,
    key: str,
    kind: str,
    payload: Mapping[str, object],
    at: datetime,
    due_at: datetime | None = None,
) -> bool:
    """Put a row into the outbox; False when there is one with this key already."""
    table = TABLES["outbox"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(table).values(
        key=key, kind=kind, payload=as_json(payload), created_at=at, due_at=due_at or at, attempts=0
    )
    statement = row.on_conflict_do_nothing(index_elements=[table.c.key]).returning(table.c.id)
    return session.execute(statement).scalar() is not None


def claim(
    session: orm.Session, now: datetime, limit: int = 20, lease: timedelta = LEASE
) -> tuple[OutboxItem, ...]:
    """Take up to `limit` rows that are due and not being worked on; the caller commits, then works."""
    begin_write(session)
    table = TABLES["outbox"]
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < now)
    due = (
        sa.select(table)
        .where(table.c.done_at.is_(None), table.c.due_at <= now, free)
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(due).all()
    items = tuple(OutboxItem(row.id, row.key, row.kind, row.payload, row.attempts + 1) for row in rows)
    if items:
        taken = sa.update(table).where(table.c.id.in_([item.id for item in items]))
        session.execute(taken.values(claimed_until=now + lease, attempts=table.c.attempts + 1))
    return items


def mark_done(session: orm.Session, item_id: int, at: datetime) -> None:
    """The work is done; the row stays as the proof, and its key stays taken."""
    table = TABLES["outbox"]
    done = sa.update(table).where(table.c.id == item_id)
    session.execute(done.values(done_at=at, claimed_until=None, error=None))


def mark_failed(session: orm.Session, item_id: int, error: str, retry_at: datetime) -> None:
    """The work failed with these words; it is tried again from `retry_at` on."""
    table = TABLES["outbox"]
    failed = sa.update(table).where(table.c.id == item_id)
    session.execute(failed.values(error=error[:2000], due_at=retry_at, claimed_until=None))


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
