"""What the database itself refuses, in words: a value taken already, a link to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app.release import RecordModel
from app.source import N_, PortalError, Translate, untranslated
from app.storage.names import index_name

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: \S+?\.(\w+)")


class NotUnique(PortalError):
    """Another record has this value in a field that must be unique; `field` is its name."""

    def __init__(self, record: RecordModel, field: str) -> None:
        self.record_type, self.field = record.name, field
        self.label = record.columns[field].label if field in record.columns else field
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("another record already has this value of '{field}'")).format(field=self.label)


class BrokenLink(PortalError):
    """A link leads to a record that does not exist (any more)."""

    def __init__(self) -> None:
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("a linked record no longer exists"))


@contextmanager
def explained(record: RecordModel) -> Iterator[None]:
    """Raise NotUnique or BrokenLink where the database refuses a write to `record`'s tables.

    The caller must roll back: PostgreSQL takes no more statements in that transaction.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise _explain(record, error) from error


def _explain(record: RecordModel, error: sa.exc.IntegrityError) -> PortalError:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    found = _SQLITE_UNIQUE.search(str(error.orig))
    for name, field in record.columns.items():
        if field.column is None:
            continue
        if constraint == index_name(record.table, field.column, "uq") or (found and found[1] == field.column):
            return NotUnique(record, name)
    column = found[1] if found else constraint
    return NotUnique(record, column) if column and not _is_foreign(error) else BrokenLink()


def _is_foreign(error: sa.exc.IntegrityError) -> bool:
    return "foreign key" in str(error.orig).lower()
