"""What must change in a database so that it fits a release: a plan, as data, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import sqlalchemy as sa

from app.release import FieldModel, RecordModel, table_name
from app.source import N_, PortalError, Translate, untranslated
from app.spec.records import RecordType, checklist_columns
from app.storage.conversion import conversion_risk
from app.storage.mapping import Models
from app.storage.names import child_table
from app.storage.schema import SchemaState, type_name
from app.storage.tables import IndexSpec

Risk = Literal["safe", "lossy", "question"]
Action = Literal[
    "create_table", "rename_table", "retire_table", "restore_table", "add_column", "rename_column",
    "change_type", "retire_column", "restore_column", "add_index", "drop_index", "rename_option", "move_rows",
]  # fmt: skip

_WORDS: Mapping[Action, str] = {
    "create_table": N_("create table {table}"),
    "rename_table": N_("rename table {old} to {table}"),
    "retire_table": N_("table {table} is no longer served; its rows are kept"),
    "restore_table": N_("table {table} is served again with the rows it kept"),
    "add_column": N_("add column {table}.{column} ({new})"),
    "rename_column": N_("rename column {table}.{old} to {column}"),
    "change_type": N_("change {table}.{column} from {old} to {new}"),
    "retire_column": N_("column {table}.{column} is no longer served; its values are kept"),
    "restore_column": N_("column {table}.{column} is served again with the values it kept"),
    "add_index": N_("index {table} by {column}"),
    "drop_index": N_("drop the index {old} of {table}"),
    "rename_option": N_("option {old} of {table}.{column} becomes {new}"),
    "move_rows": N_("rows of {table} for the field {old} now belong to {new}"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change. `table` and `column` are the names after the change; old and new hold the former name or
    the types; `rows` says how many stored values are affected, where that was counted."""

    op: Action
    table: str
    column: str = ""
    risk: Risk = "safe"
    old: str = ""
    new: str = ""
    index: IndexSpec | None = None
    rows: int | None = None

    @property
    def name(self) -> str:
        """What `--allow-loss` calls it: `table` or `table.column`."""
        return f"{self.table}.{self.column}" if self.column else self.table

    def words(self, translate: Translate = untranslated) -> str:
        """The change as a line of text."""
        text = translate(_WORDS[self.op])
        return text.format(table=self.table, column=self.column, old=self.old, new=self.new)

    def as_json(self) -> dict[str, object]:
        """`{"op", "table", "column", "risk"}`; column is null where the change is about the whole table."""
        return {"op": self.op, "table": self.table, "column": self.column or None, "risk": self.risk}


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """The changes in the order in which they are made; empty when the database fits."""

    operations: tuple[Operation, ...] = ()

    @property
    def unsafe(self) -> tuple[Operation, ...]:
        return tuple(one for one in self.operations if one.risk != "safe")

    def as_json(self) -> list[dict[str, object]]:
        return [one.as_json() for one in self.operations]

    def text(self, translate: Translate = untranslated) -> str:
        """One line for each change: its risk and what it does."""
        return "\n".join(f"{one.risk:<8} {one.words(translate)}" for one in self.operations)


class PlanRefused(PortalError):
    """The plan would lose data that nobody allowed to be lost; `operations` are those changes."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        names = ", ".join(one.name for one in self.operations)
        return translate(N_("data would be lost: {names}; allow each by name")).format(names=names)


@dataclass(slots=True)
class _State:
    """The schema while the plan is made: what earlier operations have done to it already."""

    tables: dict[str, dict[str, str]]
    indexes: dict[str, IndexSpec]
    found: list[Operation] = field(default_factory=list)

    def rename_table(self, old: str, new: str) -> None:
        if old in self.tables and new not in self.tables:
            self.tables[new] = self.tables.pop(old)
            moved = {name: one for name, one in self.indexes.items() if one.table == old}
            self.indexes |= {name: replace(one, table=new) for name, one in moved.items()}
            self.found.append(Operation("rename_table", new, old=old))

    def rename_column(self, table: str, old: str, new: str) -> None:
        columns = self.tables.get(table, {})
        if old in columns and new not in columns:
            columns[new] = columns.pop(old)
            for name, one in self.indexes.items():
                if one.table == table and not one.search:
                    renamed = tuple(new if column == old else column for column in one.columns)
                    self.indexes[name] = replace(one, columns=renamed)
            self.found.append(Operation("rename_column", table, new, old=old))


def plan_migration(schema: SchemaState, models: Models, dialect: sa.Dialect) -> MigrationPlan:
    """The changes that lead from `schema` to the tables of `models`.

    What the release no longer has is retired: kept, marked, and served again when it comes back. Retiring
    and narrowing count as lossy here; `measured` relaxes that where nothing is stored.
    """
    state = _State({name: dict(columns) for name, columns in schema.tables.items()}, dict(schema.indexes))
    for record in models.release.records.values():
        _plan_renames(state, models, record)
    wanted = _wanted_indexes(schema, models)
    changes = list(_column_changes(state, schema, models, dialect))
    touched = {(one.table, one.column) for one in changes if one.op == "change_type"}
    dropped = list(_dropped_indexes(state, models, wanted, touched))
    for one in dropped:
        state.indexes.pop(one.old)
    created = [Operation("create_table", name) for name in models.metadata.tables if name not in state.tables]
    added = [
        Operation("add_index", spec.table, ", ".join(spec.columns), _index_risk(spec, schema), index=spec)
        for spec in wanted.values()
        if spec.name not in state.indexes
    ]
    return MigrationPlan(
        (*state.found, *created, *dropped, *changes, *_retired_tables(state, schema, models), *added)
    )


def _index_risk(spec: IndexSpec, schema: SchemaState) -> Risk:
    """Values that were there before may not be unique."""
    return "question" if spec.unique and spec.columns[0] in schema.tables.get(spec.table, ()) else "safe"


def _wanted_indexes(schema: SchemaState, models: Models) -> dict[str, IndexSpec]:
    return {spec.name: spec for spec in models.indexes if schema.searchable or not spec.search}


def _plan_renames(state: _State, models: Models, record: RecordModel) -> None:
    before = record.table
    if record.spec.was and not record.spec.is_kernel:
        before = table_name(RecordType().named(record.spec.was, record.regime))
        state.rename_table(before, record.table)
    for name, found in record.fields.items():
        child = models.lines.get((record.name, name), models.links.get((record.name, name)))
        if child is None:
            _rename_field(state, record.table, found)
            continue
        state.rename_table(child_table(before, found.spec.was or name, ()), child.name)
        for line in found.lines.values():
            _rename_field(state, child.name, line)


def _rename_field(state: _State, table: str, found: FieldModel) -> None:
    was = found.spec.was
    if not was:
        return
    if found.column:
        state.rename_column(table, f"{was}_id" if found.kind.storage == "link" else was, found.column)
    elif found.type == "checklist":
        for old, new in zip(checklist_columns(was), checklist_columns(found.name), strict=True):
            state.rename_column(table, old, new)


def _column_changes(
    state: _State, schema: SchemaState, models: Models, dialect: sa.Dialect
) -> Iterator[Operation]:
    for name, table in models.metadata.tables.items():
        present = state.tables.get(name)
        if present is None:
            continue
        if (name, "") in schema.retired:
            yield Operation("restore_table", name)
        for column in table.columns:
            wanted = type_name(column.type, dialect)
            if column.name not in present:
                yield Operation("add_column", name, column.name, new=wanted)
            elif present[column.name] != wanted:
                risk = conversion_risk(present[column.name], wanted)
                yield Operation("change_type", name, column.name, risk, present[column.name], wanted)
            elif (name, column.name) in schema.retired:
                yield Operation("restore_column", name, column.name)
        for column_name in present:
            if column_name not in table.columns and (name, column_name) not in schema.retired:
                yield Operation("retire_column", name, column_name, "lossy")


def _dropped_indexes(
    state: _State, models: Models, wanted: Mapping[str, IndexSpec], touched: set[tuple[str, str]]
) -> Iterator[Operation]:
    """Indexes of our tables that are not asked for in this form, and those in the way of a change."""
    for name, one in sorted(state.indexes.items()):
        if one.table not in models.metadata.tables:
            continue
        changing = any((one.table, column) in touched for column in one.columns)
        if wanted.get(name) != one or changing:
            yield Operation("drop_index", one.table, ", ".join(one.columns), old=name, index=one)


def _retired_tables(state: _State, schema: SchemaState, models: Models) -> Iterator[Operation]:
    """Tables of record types (`regime__name`) that the release no longer has. Others are not ours."""
    for name in sorted(state.tables):
        if "__" in name and name not in models.metadata.tables and (name, "") not in schema.retired:
            yield Operation("retire_table", name, risk="lossy")
