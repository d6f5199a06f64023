"""The past of a record, as far as the audit trail tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel
from app.storage.mapping import Models

WRITTEN = ("create", "update", "transition", "import")
"""Actions of the trail that change a record."""


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change of a record: who (a person's name, empty for the portal itself), the words of the trail, and
    the fields that changed, as JSON. `before` is None for its creation."""

    at: datetime
    by: str
    action: str
    detail: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


def changes_of(
    session: orm.Session, models: Models, record_type: str, record_id: int
) -> tuple[PastChange, ...]:
    """Everything that changed one record, oldest first."""
    return changes_of_many(session, models, record_type, (record_id,)).get(record_id, ())


def changes_of_many(
    session: orm.Session, models: Models, record_type: str, ids: Collection[int]
) -> dict[int, tuple[PastChange, ...]]:
    """The same of several records of one type, by id, in one statement."""
    table, person = models.tables["audit_entry"], models.tables["person"]
    columns = (table.c.at, person.c.name, table.c.action, table.c.detail, table.c.before, table.c.after)
    statement = (
        sa.select(table.c.record_id, *columns)
        .select_from(table.outerjoin(person, person.c.id == table.c.person_id))
        .where(table.c.record_type == record_type, table.c.record_id.in_(ids))
        .where(table.c.action.in_(WRITTEN))
        .order_by(table.c.id)
    )
    found: dict[int, list[PastChange]] = {}
    for row in session.execute(statement):
        change = PastChange(row[1], row[2] or "", row[3], row[4] or "", row[5], row[6] or {})
        found.setdefault(row[0], []).append(change)
    return {record_id: tuple(changes) for record_id, changes in found.items()}


def link_then(
    session: orm.Session,
    models: Models,
    record_type: str,
    record_id: int,
    field: str,
    at: datetime,
    present: int | None,
) -> int | None:
    """The id that the link `field` held at `at`; `present` is the one that it holds now.

    The first change after `at` says what stood there before it. A first entry into a field that was never
    filled says that it was not known yet, not that nobody was there: then what was entered counts.
    """
    return link_at(link_changes(session, models, record_type, record_id), field, at, present)


LinkChange = tuple[datetime, Any, Any]
"""When a record changed, and its fields before and after, as JSON."""


def link_changes(
    session: orm.Session, models: Models, record_type: str, record_id: int
) -> tuple[LinkChange, ...]:
    """Everything that changed a record, oldest first."""
    table = models.tables["audit_entry"]
    statement = (
        sa.select(table.c.at, table.c.before, table.c.after)
        .where(table.c.record_type == record_type, table.c.record_id == record_id)
        .where(table.c.action.in_(WRITTEN))
        .order_by(table.c.id)
    )
    return tuple((row[0], row[1], row[2]) for row in session.execute(statement))


def link_at(changes: Sequence[LinkChange], field: str, at: datetime, present: int | None) -> int | None:
    """The id that the link `field` held at `at`, by the record's changes; see `link_then`."""
    known = False
    for when, before, after in changes:
        if not isinstance(after, dict) or field not in after:
            continue
        if when <= at:
            known = True
            continue
        held = before.get(field) if isinstance(before, dict) else None
        found = held if held is not None or known else after[field]
        return found if isinstance(found, int) else None
    return present


def from_json(field: FieldModel, value: Any) -> Any:
    """The value that `as_json` of storage wrote; what does not fit any more stays as it is."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return value
    try:
        match field.type:
            case "datetime":
                return datetime.fromisoformat(str(value))
            case "date" | "month":
                return date.fromisoformat(str(value))
            case "time":
                return time.fromisoformat(str(value))
            case "duration":
                return timedelta(seconds=float(value))
            case "decimal" | "money" | "percent":
                return Decimal(str(value))
            case _:
                return value
    except (ValueError, InvalidOperation):
        return value
