"""What the portal does again and again by itself: when each job ran last, what came of it, who runs it
now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.storage.system_tables import TABLES
from app.storage.values import as_json


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. worked_at: the last run that had something to do, and `did` how much; failures: in a row;
    claimed_until: somebody (`worker`) runs it now and is expected to be done by then."""

    name: str
    next_at: datetime | None
    claimed_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    worked_at: datetime | None
    did: int
    failures: int
    failed_at: datetime | None
    error: str | None
    worker: str | None


def take_job(
    session: orm.Session, name: str, now: datetime, every: timedelta, lease: timedelta | None, worker: str
) -> bool:
    """Claim a job whose time has come; False when it is not its time or somebody else runs it.

    The caller commits before working. Its next time is `every` after this start; a claim whose worker died
    ends after `lease`; None: several may run it at the same time.
    """
    table = TABLES["job"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(table).values(name=name).on_conflict_do_nothing(index_elements=[table.c.name]))
    due = sa.or_(table.c.next_at.is_(None), table.c.next_at <= now)
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < now)
    taken = sa.update(table).where(table.c.name == name, due, free)
    until = now + lease if lease is not None else None
    values = {"started_at": now, "claimed_until": until, "next_at": now + every, "worker": worker}
    return session.execute(taken.values(values).returning(table.c.name)).scalar() is not None


def finish_job(session: orm.Session, name: str, now: datetime, did: int) -> None:
    """The job is done; did: on how many things it worked."""
    table = TABLES["job"]
    values: dict[str, Any] = {"finished_at": now, "claimed_until": None, "failures": 0}
    if did:
        values |= {"worked_at": now, "did": did}
    session.execute(sa.update(table).where(table.c.name == name).values(values))


def fail_job(session: orm.Session, name: str, now: datetime, error: str, retry_at: datetime) -> None:
    """The job failed with these words and is tried again from `retry_at` on."""
    table = TABLES["job"]
    values = {
        "finished_at": now,
        "claimed_until": None,
        "failures": table.c.failures + 1,
        "failed_at": now,
        "error": error[:2000],
        "next_at": retry_at,
    }
    session.execute(sa.update(table).where(table.c.name == name).values(values))


def run_soon(session: orm.Session, name: str, now: datetime) -> None:
    """Let a job run at the next opportunity."""
    table = TABLES["job"]
    session.execute(sa.update(table).where(table.c.name == name).values(next_at=now))


def job_rows(session: orm.Session) -> tuple[JobRow, ...]:
    """Every job that ever ran, by name."""
    table = TABLES["job"]
    columns = [table.c[name] for name in JobRow.__slots__]
    return tuple(JobRow(*row) for row in session.execute(sa.select(*columns).order_by(table.c.name)))


def failures_in_a_row(session: orm.Session, name: str) -> int:
    """How often the job failed since it last went well."""
    table = TABLES["job"]
    return session.scalar(sa.select(table.c.failures).where(table.c.name == name)) or 0


def read_memo(session: orm.Session, name: str) -> Any:
    """What a job noted for its next run; None for nothing."""
    table = TABLES["job"]
    return session.scalar(sa.select(table.c.memo).where(table.c.name == name))


def write_memo(session: orm.Session, name: str, memo: object) -> None:
    """Note something for the job's next run."""
    table = TABLES["job"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(table).values(name=name, memo=as_json(memo))
    kept = row.on_conflict_do_update(index_elements=[table.c.name], set_={"memo": row.excluded.memo})
    session.execute(kept)


def see_worker(session: orm.Session, name: str, at: datetime) -> None:
    """A worker is alive."""
    table = TABLES["worker"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(table).values(name=name, started_at=at, seen_at=at)
    session.execute(row.on_conflict_do_update(index_elements=[table.c.name], set_={"seen_at": at}))


def workers(session: orm.Session) -> tuple[tuple[str, datetime, datetime], ...]:
    """Workers by name: since when, and when they were last seen."""
    table = TABLES["worker"]
    rows = session.execute(
        sa.select(table.c.name, table.c.started_at, table.c.seen_at).order_by(table.c.name)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


def forget_workers(session: orm.Session, named: str = "", before: datetime | None = None) -> None:
    """Leave out a worker that ended, or all that were not seen since `before`."""
    table = TABLES["worker"]
    gone = table.c.name == named if before is None else table.c.seen_at < before
    session.execute(sa.delete(table).where(gone))
