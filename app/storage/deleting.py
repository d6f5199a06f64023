"""Deleting records, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.source import N_, PortalError, Translate, untranslated
from app.storage.mapping import Models
from app.storage.writing import APPEND_ONLY, AppendOnly, RecordGone

MOST_COUNTED = 100
_AT_ONCE = 100
"""Places asked about in one statement; SQLite takes 500 parts of a union."""

_LASTING = ("penalty", "document")
_PASSING = ("task", "deadline")
"""Built-in types that name any record by type and id: the first kind keeps it, the second goes with it."""


@dataclass(frozen=True, slots=True)
class Use:
    """Records that point at one: `count` of `record_type` by `field` (100 stands for 100 or more)."""

    record_type: str
    type_label: str
    field: str
    field_label: str
    count: int


class RecordInUse(PortalError):
    """Other records point at this one; `uses` says which, empty for rows that are no records and for those
    that were made meanwhile."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self.uses = tuple(uses)
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        if not self.uses:
            return translate(N_("something that the portal keeps still refers to it"))
        shown = ", ".join(f"{use.type_label}.{use.field_label} ({use.count})" for use in self.uses[:5])
        return translate(N_("other records still refer to it: {uses}")).format(uses=shown)


def uses_of(session: orm.Session, models: Models, record_type: str, record_id: int) -> tuple[Use, ...]:
    """Everything that points at a record from outside, most first."""
    places = list(_places(models, record_type, record_id))
    found: list[Use] = []
    for start in range(0, len(places), _AT_ONCE):
        chunk = places[start : start + _AT_ONCE]
        counts = [
            sa.select(sa.literal(index).label("place"), sa.func.count().label("uses")).select_from(
                statement.limit(MOST_COUNTED).subquery()
            )
            for index, (_, statement) in enumerate(chunk)
        ]
        for index, count in session.execute(sa.union_all(*counts)):
            if count:
                name, label = chunk[index][0]
                found.append(Use(name, models.record(name).label, label[0], label[1], count))
    return tuple(sorted(found, key=lambda use: (-use.count, use.record_type, use.field)))


def delete_record(
    session: orm.Session, models: Models, record_type: str, record_id: int, version: int | None = None
) -> None:
    """Delete a record with its lines, links, answers, drafts, tasks and clocks; let go of its attachments.

    Raises RecordInUse while others point at it, RecordGone when it is not there (in that `version`).
    """
    if record_type in APPEND_ONLY:
        raise AppendOnly(record_type)
    uses = uses_of(session, models, record_type, record_id)
    if uses:
        raise RecordInUse(uses)
    table = models.tables[record_type]
    for name in _PASSING:
        passing = models.tables[name]
        session.execute(sa.delete(passing).where(_about(passing, record_type, record_id)))
    for name in ("answer", "checklist_run", "draft"):
        kept = models.system[name]
        session.execute(sa.delete(kept).where(_about(kept, record_type, record_id)))
    attachments = models.tables["attachment"]
    session.execute(
        sa.update(attachments)
        .where(_about(attachments, record_type, record_id))
        .values(record_type=None, record_id=None)
    )
    gone = sa.delete(table).where(table.c.id == record_id).returning(table.c.id)
    if version is not None:
        gone = gone.where(table.c.version == version)
    try:
        found = session.execute(gone).scalar()
    except sa.exc.IntegrityError as error:
        raise RecordInUse(()) from error
    if found is None:
        raise RecordGone(record_type, record_id)


def _about(table: sa.Table, record_type: str, record_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.record_type == record_type, table.c.record_id == record_id)


Where = tuple[str, tuple[str, str]]


def _places(models: Models, record_type: str, record_id: int) -> Iterator[tuple[Where, sa.Select[Any]]]:
    for inbound in models.inbound.get(record_type, ()):
        statement = sa.select(sa.literal(1)).where(inbound.table.c[inbound.column] == record_id)
        if inbound.record == record_type:
            statement = statement.where(inbound.table.c[inbound.owner] != record_id)
        yield (inbound.record, (inbound.field.name, inbound.field.label)), statement
    for name in _LASTING:
        table = models.tables[name]
        field = models.record(name).columns["record_id"]
        statement = sa.select(sa.literal(1)).where(_about(table, record_type, record_id))
        yield (name, (field.name, field.label)), statement
