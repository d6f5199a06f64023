"""What the databases say when they cannot be written just now, as opposed to what is a fault of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.exc import DBAPIError, InternalError

from app.source import N_

BUSY = N_("somebody else is writing in it or changing its tables; try again in a minute")
FULL = N_("there is no room left on its disk")
READ_ONLY = N_("it can be read only")
BROKEN = N_("its file cannot be read or written")

_SQLITE: Mapping[int, str] = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: BUSY,
        sqlite3.SQLITE_LOCKED: BUSY,
        sqlite3.SQLITE_READONLY: READ_ONLY,
        sqlite3.SQLITE_IOERR: BROKEN,
        sqlite3.SQLITE_FULL: FULL,
        sqlite3.SQLITE_CANTOPEN: BROKEN,
    }
)
_POSTGRESQL: Mapping[str, str] = MappingProxyType(
    {"55P03": BUSY, "40P01": BUSY, "53100": FULL, "25006": READ_ONLY}
)
"""SQLSTATE: lock not available, deadlock, disk full, transaction for reading only."""


def why_unready(error: DBAPIError) -> str:
    """Why the database takes nothing, as a template without parameters or in its own words; empty where the
    statement makes no sense, which is a fault of ours. SQLite and PostgreSQL report both in one class."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, "")
    known = _POSTGRESQL.get(str(getattr(error.orig, "sqlstate", "")), "")
    return known if known or isinstance(error, InternalError) else str(error.orig).strip()
