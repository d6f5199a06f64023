"""The one engine and session factory of the process, and the folder that holds its files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.engine import make_url

from app.expressions.sql import prepare_sqlite
from app.source import N_
from app.storage.trouble import NoDatabase

BUSY_SECONDS = 30
"""How long a writer waits for another one before SQLite gives up."""

IDLE_SECONDS = 2.0
"""A connection that was in use so lately is taken without asking the server first."""

_USED = "last used"

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32768",
    "PRAGMA mmap_size=268435456",
)
_MORE_KEYWORDS = frozenset(
    {"nothing", "returning", "collation", "concurrently", "lateral", "tablesample", "system_user"}
)
"""Words of SQLite and PostgreSQL that SQLAlchemy does not know to quote; fields may be called so."""
_EXAMPLE = "postgresql://name:password@host/database"
_POSTGRESQL_NAMES = frozenset({"postgres", "postgresql", "postgresql+psycopg2"})


@dataclass(frozen=True, slots=True)
class Database:
    """What outlives a release: engine, sessions, and `instance`, the folder of attachments and state."""

    engine: sa.Engine
    session: orm.scoped_session[orm.Session]
    instance: Path

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[orm.Session]:
        """A session of its own for reading; whatever it changed is rolled back."""
        with orm.Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[orm.Session]:
        """A session of its own in a write transaction: committed at the end, rolled back by an error."""
        with orm.Session(self.engine, expire_on_commit=False) as session, session.begin():
            begin_write(session)
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.session.remove()
        self.engine.dispose()


def open_database(url: str, instance: Path) -> Database:
    """Open the database at `url` (empty = SQLite below `instance`).

    `postgres://` and `postgresql://` are served by psycopg 3. Nothing is created but the folder.
    """
    instance.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url or f"sqlite:///{instance / 'ducha.db'}")
    factory = orm.sessionmaker(engine, expire_on_commit=False)
    return Database(engine, orm.scoped_session(factory), instance)


def make_engine(url: str) -> sa.Engine:
    """An engine with the settings that the portal relies on. Raises NoDatabase for an address of no use."""
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:  # what it says may quote the password
        text = N_("The address of the database cannot be read; write it like {example}")
        raise NoDatabase(text, example=_EXAMPLE) from error
    if parsed.drivername in _POSTGRESQL_NAMES:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    if parsed.drivername != "postgresql+psycopg":
        text = N_("'{kind}' is no database this portal works with; there are SQLite and PostgreSQL")
        raise NoDatabase(text, kind=parsed.drivername)
    arguments: dict[str, Any] = {}
    if "options" not in parsed.query:
        arguments["options"] = "-c timezone=UTC -c jit=off"
    engine = sa.create_engine(parsed, connect_args=arguments)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ping_idle, engine.dialect.loaded_dbapi.OperationalError))
    return _quoting(engine)


def _note_use(_connection: object, record: Any) -> None:
    record.info[_USED] = time.monotonic()


def _ping_idle(lost: type[Exception], connection: Any, record: Any, _proxy: object) -> None:
    """A connection that lay idle is asked first whether its server still answers; a dead one is replaced."""
    if time.monotonic() - record.info.get(_USED, 0.0) < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except lost as dead:
        raise sa.exc.DisconnectionError from dead


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    # With this isolation level the driver opens a transaction only before the first write, and as
    # BEGIN IMMEDIATE: a reader never has to be upgraded, which is what fails with "database is locked".
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": "IMMEDIATE", "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return _quoting(engine)


def _quoting(engine: sa.Engine) -> sa.Engine:
    names = engine.dialect.identifier_preparer
    names.reserved_words = {*names.reserved_words, *_MORE_KEYWORDS}
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)
    prepare_sqlite(connection)


def begin_write(session: orm.Session) -> None:
    """Open the write transaction before anything is read for it.

    On SQLite it waits for other writers here (up to BUSY_SECONDS), so that what is read next cannot be
    overtaken. On PostgreSQL row locks and the records' versions do this work.
    """
    begin_write_on(session.connection())


def begin_write_on(connection: sa.Connection) -> None:
    """`begin_write` for a bare connection."""
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
