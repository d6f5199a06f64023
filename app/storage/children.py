"""Lines, links and attachments of a record: what is new, changed and gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from app.expressions import MAX_ROWS
from app.release import FieldModel, RecordModel
from app.source import N_, PortalError, Translate, untranslated
from app.storage.mapping import Models
from app.storage.stamping import Stamp
from app.storage.values import BadValue, link_value, link_values, prepared


class UnknownLine(PortalError):
    """A line names an id that is no line of this record."""

    def __init__(self, field: FieldModel, line_id: object) -> None:
        self.field, self.line_id = field, line_id
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = translate(N_("a line of '{field}' no longer exists or belongs to another record"))
        return text.format(field=self.field.label)


class ForeignAttachment(PortalError):
    """An attachment of another record, of somebody else's, or one that does not exist."""

    def __init__(self, field: FieldModel, ids: Sequence[int]) -> None:
        self.field, self.ids = field, tuple(ids)
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = translate(N_("a file of '{field}' is not available for this record"))
        return text.format(field=self.field.label)


def write_children(
    session: orm.Session,
    models: Models,
    record: RecordModel,
    record_id: int,
    values: Mapping[str, object],
    stamp: Stamp,
) -> None:
    """Bring lines, links and attachments to what `values` says; fields not named there stay as they are.

    Raises BadValue, UnknownLine, ForeignAttachment.
    """
    for name, value in values.items():
        found = record.fields.get(name)
        if found is None:
            continue
        if found.type == "lines":
            _write_lines(session, models.lines[record.name, name], found, record_id, value)
        elif found.type == "links":
            _write_links(session, models.links[record.name, name], found, record_id, value)
        elif found.kind.storage == "attachments":
            many = isinstance(value, Sequence) and not isinstance(value, str)
            ids = link_values(found, value if many else (value,))
            _relink(session, models.tables["attachment"], record, found, record_id, ids, stamp)


def _write_lines(
    session: orm.Session, table: sa.Table, found: FieldModel, record_id: int, value: object
) -> None:
    lines = _as_lines(found, value)
    known = set(session.scalars(sa.select(table.c.id).where(table.c.record_id == record_id)))
    kept: list[dict[str, object]] = []
    added: list[dict[str, object]] = []
    for position, line in enumerate(lines):
        columns = _line_columns(found, line) | {"position": position}
        line_id = line.get("id")
        if line_id in (None, ""):
            added.append({**columns, "record_id": record_id})
        elif line_id in known:
            known.discard(line_id)
            kept.append({**columns, "line_id": line_id})
        else:
            raise UnknownLine(found, line_id)
    if known:
        session.execute(sa.delete(table).where(table.c.id.in_(known)))
    for columns in kept:
        line_id = columns.pop("line_id")
        session.execute(sa.update(table).where(table.c.id == line_id).values(columns))
    if added:
        session.execute(sa.insert(table), added)


def _as_lines(found: FieldModel, value: object) -> Sequence[Mapping[str, object]]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_ROWS:
        raise BadValue(found, value)
    if not all(isinstance(line, Mapping) for line in value):
        raise BadValue(found, value)
    return value


def _line_columns(found: FieldModel, line: Mapping[str, object]) -> dict[str, object]:
    """Every column of the line, so that all added lines go in with one statement; what the line does not
    mention is emptied, for a form sends whole lines."""
    columns: dict[str, object] = {}
    for name, column in found.lines.items():
        if column.kind.storage == "link":
            columns[f"{name}_id"] = link_value(column, line.get(name))
        elif column.column is not None:
            columns[name] = prepared(column, line.get(name))
    return columns


def _write_links(
    session: orm.Session, table: sa.Table, found: FieldModel, record_id: int, value: object
) -> None:
    ids = link_values(found, value)
    owned = sa.select(table.c.target_id, table.c.position).where(table.c.record_id == record_id)
    known = {target: position for target, position in session.execute(owned)}
    gone = known.keys() - set(ids)
    if gone:
        session.execute(sa.delete(table).where(table.c.record_id == record_id, table.c.target_id.in_(gone)))
    for position, target in enumerate(ids):
        if target in known and known[target] != position:
            same = (table.c.record_id == record_id, table.c.target_id == target)
            session.execute(sa.update(table).where(*same).values(position=position))
    added = [
        {"record_id": record_id, "target_id": target, "position": position}
        for position, target in enumerate(ids)
        if target not in known
    ]
    if added:
        session.execute(sa.insert(table), added)


def _relink(
    session: orm.Session,
    table: sa.Table,
    record: RecordModel,
    found: FieldModel,
    record_id: int,
    ids: Sequence[int],
    stamp: Stamp,
) -> None:
    """Give the record the uploads `ids`: those it has already, and those of the writer that belong to no
    record yet. What is no longer named is let go of; housekeeping removes it."""
    here = sa.and_(
        table.c.record_type == record.name, table.c.record_id == record_id, table.c.field == found.name
    )
    session.execute(
        sa.update(table)
        .where(here, table.c.id.not_in(ids))
        .values(record_type=None, record_id=None, changed_at=stamp.at)
    )
    if not ids:
        return
    mine = sa.and_(table.c.record_id.is_(None), table.c.created_by_id == stamp.person_id)
    have = sa.select(table.c.id).where(table.c.id.in_(ids), sa.or_(here, mine))
    missing = set(ids) - set(session.scalars(have))
    if missing:
        raise ForeignAttachment(found, sorted(missing))
    session.execute(
        sa.update(table)
        .where(table.c.id.in_(ids), table.c.record_id.is_(None))
        .values(record_type=record.name, record_id=record_id, field=found.name)
    )
