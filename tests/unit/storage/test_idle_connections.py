"""A pooled connection to PostgreSQL whose server went away meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.storage.database import make_engine
from tests.support.postgresql import fresh_database

PID = sa.text("SELECT pg_backend_pid()")


@pytest.mark.postgresql
def test_a_connection_whose_server_went_away_is_replaced(postgresql: sa.URL, tmp_path: Path) -> None:
    """One that lay idle is asked first: the request after a restart of the server does not fail."""
    with fresh_database(postgresql) as url:
        engine, other = make_engine(url), make_engine(url)
        with engine.connect() as connection:
            first = connection.scalar(PID)
        with other.connect() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
        event.listen(engine, "checkout", _long_ago, insert=True)
        with engine.connect() as connection:
            assert connection.scalar(PID) != first
        engine.dispose()
        other.dispose()


def _long_ago(_connection: object, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
    record.info["last used"] = 0.0
