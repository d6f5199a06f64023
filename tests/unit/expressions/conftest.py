"""SQLite in memory, PostgreSQL where there is one, and one node process for all tests of a module."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from expression_readers import NODE_SERVER, pipe
from expression_world import METADATA

from app.expressions import RUNTIME
from app.expressions.sql import prepare_sqlite
from app.storage.database import make_engine
from tests.support.postgresql import fresh_database


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        prepare_sqlite(driver)
        METADATA.create_all(connection)
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def postgresql(postgresql: sa.URL) -> Iterator[sa.Connection]:
    """A connection to a database of its own on the server that all tests share."""
    with fresh_database(postgresql) as url:
        engine = make_engine(url)
        with engine.connect() as connection:
            METADATA.create_all(connection)
            yield connection
            connection.rollback()
        engine.dispose()


@pytest.fixture(scope="module")
def node() -> Iterator[subprocess.Popen[str]]:
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, so the JavaScript reader cannot be run")
    with subprocess.Popen(
        [program, "-e", NODE_SERVER, str(RUNTIME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield process
        pipe(process.stdin).close()
