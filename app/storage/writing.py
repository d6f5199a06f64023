"""Writing records inside the caller's transaction: nothing here commits.

Whoever calls has decided that the change is allowed; what is checked here is that it fits the columns,
that nobody else changed the record meanwhile, and that lines and attachments belong to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel, RecordModel
from app.source import N_, PortalError, Translate, untranslated
from app.storage.children import write_children
from app.storage.integrity import explained
from app.storage.mapping import Models
from app.storage.records import Record, read_record
from app.storage.stamping import Stamp
from app.storage.values import link_value, prepared

STAMPED = frozenset({"id", "created_by", "created_at", "changed_by", "changed_at"})
"""Fields that the stamp fills; values for them are left out of account."""

AUDIT, FUND = "audit_entry", "fund_entry"
APPEND_ONLY: Mapping[str, str] = MappingProxyType(
    {
        AUDIT: N_("entries of the audit trail are never changed"),
        FUND: N_("entries of a fund are never changed or deleted; enter a correction instead"),
    }
)
"""Built-in types whose records are never changed or deleted, with the words that say so."""


class StaleRecord(PortalError):
    """Somebody else changed the record since it was read; nothing was written.

    `current` is the record as it stands now; `theirs` holds their values of the fields that both changed
    or that would have been overwritten, `by` and `at` say who and when.
    """

    def __init__(self, current: Record, values: Mapping[str, object]) -> None:
        self.current = current
        self.theirs = {
            name: current.values[name]
            for name, mine in values.items()
            if name in current.values and current.values[name] != mine
        }
        self.by = str(current.labels.get("changed_by", ""))
        self.at = current.values.get("changed_at")
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        by = self.by or translate(N_("somebody else"))
        return translate(N_("changed meanwhile by {by}")).format(by=by)


class AppendOnly(PortalError):
    """Records of this type are only ever added."""

    def __init__(self, record_type: str = AUDIT) -> None:
        self.record_type = record_type
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(APPEND_ONLY[self.record_type])


class RecordGone(PortalError):
    """The record does not exist (any more)."""

    def __init__(self, record_type: str, record_id: int) -> None:
        self.record_type, self.record_id = record_type, record_id
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("the record no longer exists"))


def insert_record(
    session: orm.Session,
    models: Models,
    record_type: str,
    values: Mapping[str, object],
    stamp: Stamp,
    extra: Mapping[str, object] | None = None,
) -> int:
    """Store a new record and return its id.

    values: field name -> value, in the shapes of `Record.values`; `number` and `state` are given here too.
    extra: the portal's own columns of a built-in type (`facts`, `user_id`). Raises BadValue, UnknownLine,
    ForeignAttachment, NotUnique, BrokenLink.
    """
    record, table = models.record(record_type), models.tables[record_type]
    columns = _columns(record, values) | dict(extra or {})
    columns |= {
        "created_by_id": stamp.person_id,
        "created_at": stamp.at,
        "changed_by_id": stamp.person_id,
        "changed_at": stamp.at,
        "release_id": stamp.release_id or None,
        "version": 1,
    }
    with explained(record):
        record_id = _inserted_id(session.execute(sa.insert(table).values(columns)))
        write_children(session, models, record, record_id, values, stamp)
    return record_id


def update_record(
    session: orm.Session,
    models: Models,
    record_type: str,
    record_id: int,
    values: Mapping[str, object],
    stamp: Stamp,
    version: int | None,
    extra: Mapping[str, object] | None = None,
) -> int:
    """Change the fields in `values` and return the new version.

    version: the one that was read; None where the portal itself writes and no editor can be overtaken.
    Raises StaleRecord, RecordGone and what `insert_record` raises.
    """
    if record_type in APPEND_ONLY:
        raise AppendOnly(record_type)
    record, table = models.record(record_type), models.tables[record_type]
    columns: dict[str, Any] = _columns(record, values) | dict(extra or {})
    columns |= {
        "changed_by_id": stamp.person_id,
        "changed_at": stamp.at,
        "version": table.c.version + 1,
    }
    change = sa.update(table).where(table.c.id == record_id).values(columns).returning(table.c.version)
    if version is not None:
        change = change.where(table.c.version == version)
    with explained(record):
        changed = session.execute(change).scalar()
        if changed is not None:
            write_children(session, models, record, record_id, values, stamp)
    if changed is None:
        current = read_record(session, models, record_type, record_id)
        if current is None:
            raise RecordGone(record_type, record_id)
        raise StaleRecord(current, values)
    return int(changed)


def _inserted_id(result: sa.Result[Any]) -> int:
    keys = getattr(result, "inserted_primary_key", None)
    return int(keys[0]) if keys else 0


def _columns(record: RecordModel, values: Mapping[str, object]) -> dict[str, object]:
    """The values that have columns of their own, by column name."""
    columns: dict[str, object] = {}
    for name, value in values.items():
        found = record.columns.get(name)
        if found is None or name in STAMPED or found.column is None:
            continue
        columns[found.column] = _prepared(found, value)
    return columns


def _prepared(found: FieldModel, value: object) -> object:
    return link_value(found, value) if found.kind.storage == "link" else prepared(found, value)
