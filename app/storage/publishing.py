"""One release at a time: who applies holds everybody else who wants to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.sql.dml import ReturningUpdate

from app.source import N_, PortalError, Translate, untranslated
from app.storage.columns import Moment
from app.storage.database import Database
from app.storage.system_tables import TABLES
from app.storage.unready import why_unready

_LOCK = 0x64756369
"""Key of the PostgreSQL lock that lets one transaction at a time apply a release."""
_PATIENCE = "15s"
"""How long a change of a table waits for those who use it, before it gives up and leaves all as it was."""


class NotWritten(PortalError):
    """The database could not be written (its disk is full, somebody holds a table); nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = N_("the database could not be written, and nothing was changed: {reason}")
        return translate(text).format(reason=translate(self.reason))


@contextmanager
def written_or_said() -> Iterator[None]:
    """Raises NotWritten where the database gives up in the middle; the caller's transaction ends inside."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InternalError) as error:
        reason = why_unready(error)
        if not reason:
            raise
        raise NotWritten(reason) from error


def hold_publishing(session: orm.Session) -> None:
    """Wait for our turn. SQLite has one writer at a time anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        session.execute(sa.text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))


def claim_publishing(session: orm.Session) -> bool:
    """Take our turn, or say at once that somebody else has it: for a transaction that has read tables.
    To wait with those in hand would hold up whoever changes them: the two would wait for each other."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))))


def note_approver(session: orm.Session, number: int, person_id: int | None) -> None:
    """Who approved the release."""
    release = sa.table("release", sa.column("id", sa.Integer), sa.column("approver_id", sa.Integer))
    chosen = sa.update(release).where(release.c.id == number)
    session.execute(chosen.values(approver_id=person_id))


def withdraw(session: orm.Session, number: int, now: datetime) -> bool:
    """Take back a release whose time has not come; False when there is none of that number."""
    release = sa.table("release", sa.column("id", sa.Integer), sa.column("applied_at", Moment()))
    waiting = sa.update(release).where(release.c.id == number, release.c.applied_at > now)
    return _taken_back(session, number, waiting.values(applied_at=None).returning(release.c.id))


def reject(session: orm.Session, number: int) -> bool:
    """Take back a release whose day came and that cannot serve; False when somebody did so before."""
    release = sa.table("release", sa.column("id", sa.Integer), sa.column("applied_at", Moment()))
    due = sa.update(release).where(release.c.id == number, release.c.applied_at.is_not(None))
    return _taken_back(session, number, due.values(applied_at=None).returning(release.c.id))


def _taken_back(session: orm.Session, number: int, statement: ReturningUpdate[tuple[int]]) -> bool:
    """Its rules change nothing for any record then."""
    done = session.execute(statement).scalar() is not None
    if done:
        table = TABLES["release_type"]
        session.execute(sa.delete(table).where(table.c.release_id == number))
    return done


def complete_release_table(database: Database) -> None:
    """Add what releases of today say of themselves to a table that an earlier version made, so that they can
    be asked for before the tables are brought up to date."""
    inspector = sa.inspect(database.engine)
    if not inspector.has_table("release"):
        return
    present = {column["name"] for column in inspector.get_columns("release")}
    added = {"origin": "TEXT", "base": "BIGINT", "on_disk": "BOOLEAN", "open_records": "TEXT"}
    with database.engine.begin() as connection:
        for name in ("release_type", "release_move", "release_stay"):
            TABLES[name].create(connection, checkfirst=True)
        for name in sorted(added.keys() - present):
            connection.exec_driver_sql(f"ALTER TABLE release ADD COLUMN {name} {added[name]}")


def approvers(session: orm.Session, numbers: Collection[int]) -> dict[int, int]:
    """Release -> the person who approved it, of those that somebody approved."""
    release = sa.table("release", sa.column("id", sa.Integer), sa.column("approver_id", sa.Integer))
    chosen = sa.select(release.c.id, release.c.approver_id)
    rows = session.execute(chosen.where(release.c.id.in_(numbers), release.c.approver_id.is_not(None)))
    return {number: person for number, person in rows}
