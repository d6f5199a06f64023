"""What must change in a database so that it fits a release: a plan, as data, before anything is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import sqlalchemy as sa

from app.release import FieldModel, table_name
from app.source import N_, PortalError, Translate, untranslated
from app.spec.records import RecordType, checklist_columns
from app.storage.conversion import conversion_risk
from app.storage.mapping import Models
from app.storage.names import child_table
from app.storage.schema import SchemaState, type_name
from app.storage.tables import IndexSpec

PASSAGE = "__passing"
Risk = Literal["safe", "lossy", "question"]
Action = Literal[
    "create_table", "rename_table", "retire_table", "restore_table", "add_column", "rename_column",
    "change_type", "retire_column", "restore_column", "add_index", "drop_index", "rename_option", "move_rows",
    "retarget_link",
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
    "retarget_link": N_(
        "the links {table}.{column} lead to {new} from now on; those to {old} are kept aside"
    ),
    "rename_option": N_("option {old} of {table}.{column} becomes {new}"),
    "move_rows": N_("rows of {table} for the field {old} now belong to {new}"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change. `table` and `column` are the names after the change; old and new hold the former name or
    the types; `rows` says how many stored values are affected, where that was counted, and `first` where the
    first of those stand that do not fit."""

    op: Action
    table: str
    column: str = ""
    risk: Risk = "safe"
    old: str = ""
    new: str = ""
    index: IndexSpec | None = None
    rows: int | None = None
    first: tuple[int, ...] = ()

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

    def former(self) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
        """What tables, and columns by their table, are called before the plan is carried out."""
        tables: dict[str, str] = {}
        columns: dict[tuple[str, str], str] = {}
        for one in self.operations:
            if one.op == "rename_table":
                tables[one.table] = tables.pop(one.old, one.old)
            elif one.op == "rename_column":
                columns[one.table, one.column] = columns.pop((one.table, one.old), one.old)
        return tables, columns

    @property
    def unsafe(self) -> tuple[Operation, ...]:
        return tuple(one for one in self.operations if one.risk != "safe")

    def as_json(self) -> list[dict[str, object]]:
        return [one.as_json() for one in self.operations]

    def text(self, translate: Translate = untranslated) -> str:
        """One line for each change: its risk and what it does."""
        return "\n".join(f"{one.risk:<8} {one.words(translate)}" for one in self.operations)


class PlanRefused(PortalError):
    """The plan would lose data that nobody allowed to be lost, or values are not unique that have to be;
    `operations` are those changes."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        twice = ", ".join(one.name for one in self.operations if one.op == "add_index")
        if twice:
            text = N_("values occur more than once in {names}, which become unique; correct them first")
            return translate(text).format(names=twice)
        names = ", ".join(one.name for one in self.operations)
        return translate(N_("data would be lost: {names}; allow each by name")).format(names=names)


@dataclass(slots=True)
class _State:
    """The schema while the plan is made: what earlier operations have done to it already."""

    tables: dict[str, dict[str, str]]
    indexes: dict[str, IndexSpec]
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    found: list[Operation] = field(default_factory=list)

    def rename_table(self, old: str, new: str, types: str = "") -> None:
        """types: `former:new`, what the rows of other tables call the record type; empty for lines."""
        self.tables[new] = self.tables.pop(old)
        self.links = {
            (new if table == old else table, column): new if target == old else target
            for (table, column), target in self.links.items()
        }
        moved = {name: one for name, one in self.indexes.items() if one.table == old}
        self.indexes |= {name: replace(one, table=new) for name, one in moved.items()}
        self.found.append(Operation("rename_table", new, old=old, new=types))

    def rename_column(self, table: str, old: str, new: str) -> None:
        columns = self.tables[table]
        columns[new] = columns.pop(old)
        if (table, old) in self.links:
            self.links[table, new] = self.links.pop((table, old))
        for name, one in self.indexes.items():
            if one.table == table and not one.search:
                renamed = tuple(new if column == old else column for column in one.columns)
                self.indexes[name] = replace(one, columns=renamed)
        self.found.append(Operation("rename_column", table, new, old=old))


def plan_migration(
    schema: SchemaState,
    models: Models,
    dialect: sa.Dialect,
    links: Mapping[tuple[str, str], str] | None = None,
) -> MigrationPlan:
    """The changes that lead from `schema` to the tables of `models`.

    What the release no longer has is retired: kept, marked, and served again when it comes back. Retiring
    and narrowing count as lossy here; `measured` relaxes that where nothing is stored. links: as
    `link_targets` reads them.
    """
    tables = {name: dict(columns) for name, columns in schema.tables.items()}
    state = _State(tables, dict(schema.indexes), dict(links or {}))
    _plan_renames(state, models)
    wanted = _wanted_indexes(schema, models)
    changes = [*_column_changes(state, schema, models, dialect), *_retargeted(state, models)]
    touched = {(one.table, one.column) for one in changes if one.op in ("change_type", "retarget_link")}
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


def in_order(wanted: Iterable[tuple[str, str]], present: Collection[str]) -> Iterator[tuple[str, str]]:
    """Former and new names, one after another so that no name is taken when its turn comes. Names in a circle
    go by a name of passage; what is not there, or whose new name stays taken, is left out."""
    taken = set(present)
    left = {new: old for old, new in wanted if old in taken and old != new}
    while left:
        new = next((name for name in left if name not in taken), None)
        if new is None:
            stuck = [name for name in left if name not in left.values()]
            for name in stuck:
                del left[name]
            if stuck or not left:
                continue
            last, old = next(iter(left.items()))
            new = left[last] = f"{old[:40]}{PASSAGE}"
            yield old, new
        else:
            old = left.pop(new)
            yield old, new
        taken = (taken - {old}) | {new}


def _plan_renames(state: _State, models: Models) -> None:
    tables: dict[str, str] = {}
    types: dict[str, str] = {}
    columns: dict[str, list[tuple[str, str]]] = {}
    for record in models.release.records.values():
        before = record.table
        if record.spec.was and not record.spec.is_kernel:
            before = table_name(RecordType().named(record.spec.was, record.regime))
            tables[before] = record.table
            was = ".".join(part for part in (record.regime, record.spec.was) if part)
            types |= {before: was, record.table: record.name}
        for name, found in record.fields.items():
            child = models.lines.get((record.name, name), models.links.get((record.name, name)))
            if child is None:
                columns.setdefault(record.table, []).extend(_former_columns(found))
                continue
            tables[child_table(before, found.spec.was or name, ())] = child.name
            for line in found.lines.values():
                columns.setdefault(child.name, []).extend(_former_columns(line))
    for old, new in in_order(tables.items(), state.tables):
        types.setdefault(new, f"{types.get(old, '')}{PASSAGE}" if old in types else "")
        state.rename_table(old, new, f"{types[old]}:{types[new]}" if types.get(old) else "")
    for table, wanted in columns.items():
        for old, new in in_order(wanted, state.tables.get(table, {})):
            state.rename_column(table, old, new)


def _former_columns(found: FieldModel) -> Iterator[tuple[str, str]]:
    """The columns that a renamed field had, with those that it has now."""
    was = found.spec.was
    if was and found.column:
        yield f"{was}_id" if found.kind.storage == "link" else was, found.column
    elif was and found.type == "checklist":
        yield from zip(checklist_columns(was), checklist_columns(found.name), strict=True)


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


def _retargeted(state: _State, models: Models) -> Iterator[Operation]:
    """Links that are to lead to records of another type: the ids that are stored mean nothing there."""
    for record in models.release.records.values():
        for found in record.fields.values():
            target = models.release.records.get(found.target or "")
            if found.kind.storage != "link" or target is None or found.column is None:
                continue
            now = state.links.get((record.table, found.column))
            if now is not None and now != target.table:
                yield Operation("retarget_link", record.table, found.column, "lossy", now, target.table)


def _dropped_indexes(
    state: _State, models: Models, wanted: Mapping[str, IndexSpec], touched: set[tuple[str, str]]
) -> Iterator[Operation]:
    """Indexes of our tables that are not asked for in this form, and those in the way of a change."""
    moves = [one for one in state.found if one.op == "rename_column"]
    renamed = {(one.table, name) for one in moves for name in (one.old, one.column)}
    for name, one in sorted(state.indexes.items()):
        if one.table not in models.metadata.tables:
            continue
        in_the_way = touched | renamed if one.search else touched
        changing = any((one.table, column) in in_the_way for column in one.columns)
        if wanted.get(name) != one or changing:
            yield Operation("drop_index", one.table, ", ".join(one.columns), old=name, index=one)


def _retired_tables(state: _State, schema: SchemaState, models: Models) -> Iterator[Operation]:
    """Tables of record types (`regime__name`) that the release no longer has. Others are not ours."""
    for name in sorted(state.tables):
        if "__" in name and name not in models.metadata.tables and (name, "") not in schema.retired:
            yield Operation("retire_table", name, risk="lossy")
