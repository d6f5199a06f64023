"""A release's record types as tables: columns, foreign keys, child tables, and the indexes they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from app.release import FieldModel, RecordModel, Release
from app.spec.field_types import FieldType
from app.storage.columns import Moment, column_type, json_type
from app.storage.names import child_table, index_name
from app.storage.system_tables import add_system_tables

_FILTERED_TYPES: frozenset[FieldType] = frozenset({"choice", "date", "datetime", "month"})
_ALWAYS_INDEXED = ("number", "state", "created_by", "created_at")
_NEVER_INDEXED = frozenset({"changed_by", "changed_at", "id"})


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """An index as data. `columns` in order; `search` = a substring index instead of an ordered one; `filled`:
    it holds only the rows whose first column is not empty."""

    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool = False
    search: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """A place that points at records of a type: a link column of `record` itself, of its lines, or a row
    of a `links` table. `owner` is the column that leads back to the record of type `record`."""

    record: str
    field: FieldModel
    table: sa.Table
    column: str
    owner: str = "id"


@dataclass(slots=True)
class Tables:
    """What `build_tables` makes. Keys: full name of the record type, or (record type, field)."""

    metadata: sa.MetaData = field(default_factory=sa.MetaData)
    records: dict[str, sa.Table] = field(default_factory=dict)
    lines: dict[tuple[str, str], sa.Table] = field(default_factory=dict)
    links: dict[tuple[str, str], sa.Table] = field(default_factory=dict)
    indexes: list[IndexSpec] = field(default_factory=list)
    inbound: dict[str, list[Inbound]] = field(default_factory=dict)


def build_tables(release: Release) -> Tables:
    """Lay out every served record type in a `MetaData` of its own."""
    made = Tables()
    add_system_tables(made.metadata)
    _collect_system_indexes(made)
    taken = {record.table for record in release.records.values()}
    for name, record in release.records.items():
        made.records[name] = _record_table(release, record, made.metadata)
    for record in release.records.values():
        _add_children(release, record, made, taken)
        made.indexes += record_indexes(record)
        _note_inbound(made, record, record.columns.values(), made.records[record.name], "id")
    return made


def link_column(release: Release, found: FieldModel) -> sa.Column[int]:
    """The foreign key of a link field; a link to a type that is not served keeps its number only."""
    target = release.records.get(found.target or "")
    keys = (sa.ForeignKey(f"{target.table}.id"),) if target else ()
    return sa.Column(f"{found.name}_id", sa.Integer, *keys)


def record_indexes(record: RecordModel) -> Iterator[IndexSpec]:
    """The indexes of a record type: links, state, what is filtered, sorted by, unique or marked, and one
    for searching. Each ends in `id`, so that a filtered list in the order of `id` is a range of it."""
    order = record.order.lstrip("-")
    for name, found in record.columns.items():
        if found.column is None or name in _NEVER_INDEXED:
            continue
        if found.spec.unique and not found.standard:
            yield IndexSpec(
                index_name(record.table, found.column, "uq"), record.table, (found.column,), unique=True
            )
        elif name == order or _wants_index(record, name, found):
            columns = (found.column, "id")
            yield IndexSpec(index_name(record.table, found.column), record.table, columns)
    searched = search_columns(record)
    if searched:
        yield IndexSpec(index_name(record.table, "search", "fts"), record.table, searched, search=True)


def search_columns(record: RecordModel) -> tuple[str, ...]:
    """The text columns that the list searches."""
    return tuple(
        name
        for name in record.search
        if name in record.columns and record.columns[name].kind.searchable and record.columns[name].column
    )


def _wants_index(record: RecordModel, name: str, found: FieldModel) -> bool:
    if name in _ALWAYS_INDEXED or found.spec.index or found.kind.storage == "link":
        return True
    return name in record.filters and found.type in _FILTERED_TYPES


def _record_table(release: Release, record: RecordModel, metadata: sa.MetaData) -> sa.Table:
    columns: list[sa.Column[Any]] = [sa.Column("id", sa.Integer, primary_key=True)]
    columns += _field_columns(release, (one for name, one in record.columns.items() if name != "id"))
    columns.append(sa.Column("release_id", sa.Integer, sa.ForeignKey("release.id")))
    columns.append(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    columns += [make() for make in KERNEL_COLUMNS.get(record.name, ())]
    return sa.Table(record.table, metadata, *columns, sqlite_autoincrement=True)


def _field_columns(release: Release, fields: Iterable[FieldModel]) -> Iterator[sa.Column[Any]]:
    for found in fields:
        if found.kind.storage == "link":
            yield link_column(release, found)
        else:
            kind = column_type(found)
            if kind is not None:
                yield sa.Column(found.name, kind)


def _add_children(release: Release, record: RecordModel, made: Tables, taken: set[str]) -> None:
    for found in record.fields.values():
        if found.type not in ("lines", "links"):
            continue
        name = child_table(record.table, found.name, taken)
        taken.add(name)
        if found.type == "lines":
            table = sa.Table(name, made.metadata, *_line_columns(release, record, found))
            made.lines[record.name, found.name] = table
            _note_inbound(made, record, found.lines.values(), table, "record_id")
            made.indexes += [
                IndexSpec(index_name(name, column.name), name, (column.name, "id"))
                for column in table.columns
                if column.foreign_keys and column.name != "record_id"
            ]
        else:
            table = sa.Table(name, made.metadata, *_link_columns(release, record, found))
            made.links[record.name, found.name] = table
            made.indexes.append(IndexSpec(index_name(name, "target_id"), name, ("target_id", "record_id")))
            if found.target:
                inbound = Inbound(record.name, found, table, "target_id", "record_id")
                made.inbound.setdefault(found.target, []).append(inbound)
        made.indexes.append(
            IndexSpec(index_name(name, "record_id"), name, ("record_id", "position", *_last(table)))
        )


def _last(table: sa.Table) -> tuple[str, ...]:
    return ("id",) if "id" in table.columns else ("target_id",)


def _parent(record: RecordModel, *, key: bool) -> tuple[sa.Column[int], sa.Column[int]]:
    parent = sa.ForeignKey(f"{record.table}.id", ondelete="CASCADE")
    return (
        sa.Column("record_id", sa.Integer, parent, primary_key=key, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    )


def _line_columns(release: Release, record: RecordModel, found: FieldModel) -> Iterator[sa.Column[Any]]:
    yield sa.Column("id", sa.Integer, primary_key=True)
    yield from _parent(record, key=False)
    yield from _field_columns(release, found.lines.values())


def _link_columns(release: Release, record: RecordModel, found: FieldModel) -> Iterator[sa.Column[Any]]:
    yield from _parent(record, key=True)
    target = release.records.get(found.target or "")
    keys = (sa.ForeignKey(f"{target.table}.id"),) if target else ()
    yield sa.Column("target_id", sa.Integer, *keys, primary_key=True, autoincrement=False)


def _note_inbound(
    made: Tables, record: RecordModel, fields: Iterable[FieldModel], table: sa.Table, owner: str
) -> None:
    for found in fields:
        if found.kind.storage == "link" and found.target:
            inbound = Inbound(record.name, found, table, f"{found.name}_id", owner)
            made.inbound.setdefault(found.target, []).append(inbound)


def _collect_system_indexes(made: Tables) -> None:
    for table in made.metadata.tables.values():
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            columns = tuple(column.name for column in index.columns)
            made.indexes.append(IndexSpec(str(index.name), table.name, columns, bool(index.unique)))
        table.indexes.clear()


ColumnMaker = Callable[[], "sa.Column[Any]"]

KERNEL_COLUMNS: Mapping[str, tuple[ColumnMaker, ...]] = MappingProxyType(
    {
        "person": (
            lambda: sa.Column("user_id", sa.Integer, sa.ForeignKey("ab_user.id", ondelete="SET NULL")),
        ),
        "penalty": (
            lambda: sa.Column("facts", json_type()),
            lambda: sa.Column("reasons", json_type()),
            lambda: sa.Column("late", json_type()),
        ),
        "audit_entry": (
            lambda: sa.Column("before", json_type()),
            lambda: sa.Column("after", json_type()),
            lambda: sa.Column("previous_hash", sa.Text),
            lambda: sa.Column("hash", sa.Text),
        ),
        "deadline": (
            lambda: sa.Column("next_step_at", Moment()),
            lambda: sa.Column("steps", json_type()),
            lambda: sa.Column("extensions", json_type()),
            lambda: sa.Column("level_digest", sa.Text),
        ),
        "attachment": (lambda: sa.Column("path", sa.Text), lambda: sa.Column("thumbnail", sa.Text)),
        "document": (lambda: sa.Column("path", sa.Text),),
    }
)
"""Columns that the portal keeps on built-in types besides their fields: they are no fields, so no list, form
or grant can name them."""

KERNEL_INDEXES = (
    IndexSpec("uq_person_user_id", "person", ("user_id",), unique=True),
    IndexSpec("ix_attachment_place", "attachment", ("record_type", "record_id")),
    IndexSpec("ix_audit_entry_place", "audit_entry", ("record_type", "record_id", "id")),
    IndexSpec("ix_penalty_place", "penalty", ("record_type", "record_id")),
    IndexSpec("ix_task_place", "task", ("record_type", "record_id")),
    IndexSpec("uq_deadline_clock", "deadline", ("record_type", "record_id", "service_level"), unique=True),
    IndexSpec("ix_deadline_step", "deadline", ("next_step_at", "id"), filled=True),
    IndexSpec("ix_document_place", "document", ("record_type", "record_id")),
    IndexSpec("ix_message_place", "message", ("record_type", "record_id")),
)
"""Indexes over what the portal itself looks up on built-in types."""
