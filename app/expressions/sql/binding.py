"""What the SQL reader asks of the storage: where a path's column is, and which rows belong to a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select

from app.expressions.core import PathParts


class Binder(Protocol):
    """The columns of one row.

    `values` are the root names that are plain values and not columns (`me`, `now`, `today`, `period`,
    parameters): whatever reads only them is evaluated in Python first and bound as a parameter.
    """

    @property
    def values(self) -> Mapping[str, object]: ...

    def column(self, path: PathParts) -> ColumnElement[Any]:
        """The column at the end of a path, joined or as a correlated subquery; NULL behind an empty link.

        A link is the id of the linked record. `this.x` arrives as ('x',), the record itself as ('id',).
        Numbers are Integer, `ScaledNumber` or Numeric; durations `ElapsedTime`; datetimes are stored as
        UTC, in PostgreSQL WITH TIME ZONE; text is never ''; several options are NULL when there are none.
        """
        ...

    def holds_option(self, path: PathParts, option: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether the field of several options at `path`, which is not NULL, holds `option`."""
        ...

    def rows(self, path: PathParts) -> Rows:
        """The lines or linked records at `path`."""
        ...

    def records(self, record: str) -> Rows:
        """All records of a type (the full name) that count() may see, for a count inside SQL."""
        ...


class Rows(Protocol):
    """Rows to run over. `binder` gives the columns of one of them (a linked record's 'id' included)."""

    @property
    def binder(self) -> Binder: ...

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """SELECT these columns FROM the rows, with every join that `binder` turned out to need.

        It is called last, is correlated to the outer row, and must use an alias when the outer query
        reads the same table.
        """
        ...
