"""What a database that cannot be used says, in one line that holds no password."""

from __future__ import annotations

from sqlalchemy import exc

from app.source import N_, Refusal

ERRORS = (exc.DBAPIError,)
"""What comes from a database; `trouble_of` tells which of it is the database's own."""


class NoDatabase(Refusal):
    """A database address that names no database this portal can work with."""


def trouble_of(error: Exception) -> NoDatabase | None:
    """The trouble in words where an error came from the database itself: it is gone, locked, damaged or of
    another kind; None for every other error."""
    if not isinstance(error, exc.OperationalError) and type(error) not in (
        exc.DatabaseError,
        exc.InterfaceError,
    ):
        return None
    reason = (str(getattr(error, "orig", None) or error).strip().splitlines() or [""])[0]
    return NoDatabase(N_("The database cannot be used: {reason}"), reason=reason)
