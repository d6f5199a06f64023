"""Empty databases with a configuration's tables: made twice by migration, then copied, which takes a fraction
of the time. What a test begins with is the same either way."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from app.storage import Database, Models
from app.storage.database import make_engine

READY = "test_ready_"
_Shape = tuple[object, ...]


class Ready:
    """What was installed in this process, and where a copy of it lies."""

    def __init__(self) -> None:
        self.asked: Counter[_Shape] = Counter()
        self.copies: dict[_Shape, str] = {}
        self.folder = tempfile.TemporaryDirectory(prefix="ready-")

    def take(self, database: Database, models: Models) -> bool:
        """Fill an empty database from a copy; whether there is one."""
        shape = _shape(database, models)
        self.asked[shape] += 1
        copy = self.copies.get(shape)
        if copy is None or not is_empty(database):
            return False
        database.dispose()
        if database.is_sqlite:
            shutil.copyfile(copy, _file(database))
        else:
            with _server(database) as server:
                server.exec_driver_sql(f'DROP DATABASE "{database.engine.url.database}" WITH (FORCE)')
                server.exec_driver_sql(f'CREATE DATABASE "{database.engine.url.database}" TEMPLATE "{copy}"')
        return True

    def keep(self, database: Database, models: Models) -> None:
        """Copy what was just installed in an empty database, where it is wanted a second time."""
        shape = _shape(database, models)
        if self.asked[shape] != 2:
            return
        if database.is_sqlite:
            copy = str(Path(self.folder.name) / uuid.uuid4().hex)
            with database.engine.connect() as connection:
                connection.exec_driver_sql(f"VACUUM INTO '{copy}'")
        else:
            copy = f"{READY}{uuid.uuid4().hex}"
            database.dispose()
            with _server(database) as server:
                server.exec_driver_sql(f'CREATE DATABASE "{copy}" TEMPLATE "{database.engine.url.database}"')
        self.copies[shape] = copy


@cache
def ready() -> Ready:
    """The copies of this process."""
    return Ready()


def drop_copies(server: sa.URL) -> None:
    """Leave a server that is not our own as it was."""
    engine = make_engine(server.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for copy in ready().copies.values():
            if copy.startswith(READY):
                connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{copy}"')
    engine.dispose()


def _shape(database: Database, models: Models) -> _Shape:
    """All that the tables are made of, and the server they are on."""
    url = database.engine.url
    tables = tuple(
        (
            table.name,
            tuple(
                (one.name, repr(one.type), one.nullable, repr(getattr(one.server_default, "arg", None)))
                for one in table.columns
            ),
            tuple(sorted(str(one.target_fullname) for one in table.foreign_keys)),
        )
        for _, table in sorted(models.metadata.tables.items())
    )
    server = (url.drivername, url.host, tuple(sorted(url.query.items())))
    return (server, models.release.hash, tables, repr(models.indexes))


def is_empty(database: Database) -> bool:
    """Whether there is no table yet: only then it may be copied over."""
    wanted = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    if database.is_sqlite:
        wanted = "SELECT count(*) FROM sqlite_master"
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(wanted).scalar() == 0


def _file(database: Database) -> str:
    assert database.engine.url.database
    return database.engine.url.database


@contextmanager
def _server(database: Database) -> Iterator[sa.Connection]:
    url = database.engine.url.set(database="postgres")
    engine = make_engine(url.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()
