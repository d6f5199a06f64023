"""Records and labels as far as the acting person may see them, whole sets at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.access import hidden_fields, masked_fields, masks_for, row_scope
from app.actions.context import Context
from app.source import N_
from app.storage import Record, ids_in_scope, read_records, scope_where
from app.storage.labels import LabelPart
from app.storage.sight import ReaderSight

MOST_FOUND = 5_000
"""Records of one type that one print lists."""


def sight_of(context: Context) -> ReaderSight:
    """What the acting person may see of linked records."""
    words = context.say(N_("(no access)"))
    return ReaderSight(context.models, context.policy, context.actor, context.now, words)


def visible_records(context: Context, record_type: str, by: Mapping[str, object]) -> list[Record]:
    """The records of a type whose fields have these values and which the actor may read, oldest first.

    by: field name -> value, or a list of values that will all do; links by id. At most MOST_FOUND; the number
    of statements depends on the type alone.
    """
    record = context.release.records.get(record_type)
    if record is None:
        return []
    scope = row_scope(context.policy, context.actor, "read", record_type)
    if scope.nothing:
        return []
    table = context.models.tables[record_type]
    conditions = []
    for name, value in by.items():
        column = table.c[record.columns[name].column or "id"]
        conditions.append(column.in_(value) if isinstance(value, (list, tuple)) else column == value)
    readable = scope_where(context.models, record_type, scope, context.actor, context.now)
    chosen = table.select().with_only_columns(table.c.id).where(*conditions, readable)
    ids = context.session.scalars(chosen.order_by(table.c.id).limit(MOST_FOUND)).all()
    return list(read_records(context.session, context.models, record_type, ids, sight=sight_of(context)))


def updatable(context: Context, record_type: str, ids: Collection[int]) -> frozenset[int]:
    """Those of `ids` that the actor may update; asked only where it decides about masks."""
    if not masks_for(context.policy, context.actor, record_type, False):
        return frozenset()
    scope = row_scope(context.policy, context.actor, "update", record_type)
    moment = {"now": context.now, "today": context.today}
    return ids_in_scope(context.session, context.models, record_type, ids, context.actor, scope, moment)


def label_is_open(context: Context, record_type: str) -> bool:
    """Whether nothing that a record type's label is made of is hidden from the actor or shown in part."""
    if context.actor.unlimited or record_type not in context.models.labels:
        return True
    for part in context.models.labels[record_type]:
        if isinstance(part, LabelPart) and not _is_open(context, record_type, part.path):
            return False
    return True


def _is_open(context: Context, record_type: str, path: tuple[str, ...]) -> bool:
    at: str | None = record_type
    for name in path:
        record = context.release.records.get(at or "")
        if record is None:
            return True
        closed = hidden_fields(context.policy, context.actor, record.name)
        if name in closed or name in masked_fields(context.policy, context.actor, record.name):
            return False
        found = record.columns.get(name)
        at = found.target if found is not None else None
    return True
