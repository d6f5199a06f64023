"""What a database says when it takes nothing, told apart from faults of ours."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from app.storage.unready import BROKEN, BUSY, FULL, READ_ONLY, why_unready


class Said(Exception):
    """What a driver raises."""

    def __init__(self, text: str, **codes: object) -> None:
        super().__init__(text)
        self.__dict__.update(codes)


SAID = [
    (OperationalError, Said("locked", sqlite_errorcode=5), BUSY),
    (OperationalError, Said("busy snapshot", sqlite_errorcode=5 | 2 << 8), BUSY),
    (OperationalError, Said("full", sqlite_errorcode=13), FULL),
    (OperationalError, Said("readonly", sqlite_errorcode=8), READ_ONLY),
    (OperationalError, Said("disk I/O error", sqlite_errorcode=10), BROKEN),
    (OperationalError, Said("no such column: x", sqlite_errorcode=1), ""),
    (OperationalError, Said("lock timeout", sqlstate="55P03"), BUSY),
    (OperationalError, Said("deadlock detected", sqlstate="40P01"), BUSY),
    (OperationalError, Said("disk full", sqlstate="53100"), FULL),
    (InternalError, Said("read-only transaction", sqlstate="25006"), READ_ONLY),
    (InternalError, Said("cache lookup failed", sqlstate="XX000"), ""),
    (OperationalError, Said(" the server closed the connection\n"), "the server closed the connection"),
]


@pytest.mark.parametrize(("kind", "said", "reason"), SAID, ids=[str(one[1]).strip() for one in SAID])
def test_a_database_that_takes_nothing(kind: type[DBAPIError], said: Said, reason: str) -> None:
    """The reason is in words where it is known, in the database's own where not; faults of ours have none."""
    assert why_unready(kind("INSERT", {}, said)) == reason
