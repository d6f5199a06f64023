"""Carrying out a plan, in one transaction on either database."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from app.storage.conversion import column_of, converted
from app.storage.database import begin_write_on
from app.storage.mapping import Models
from app.storage.names import index_name
from app.storage.plan import Action, MigrationPlan, Operation, PlanRefused, Risk, plan_migration
from app.storage.renames import move_rows, rename_option, with_renames
from app.storage.schema import inspect_schema, link_targets
from app.storage.search_index import create_search_index, drop_search_index
from app.storage.system_tables import TABLES

_AT_ONCE = 2_000
_NAMED = 5
"""Rows that a plan names of those that do not fit."""
_Measured = tuple[int, tuple[int, ...]]
"""How many values are affected, and the ids of the first that do not fit."""
_LEFT_BEHIND = re.compile(r".+__old[0-9]+")
"""Columns that keep what stood in a column before its type changed."""


def plan_for(connection: sa.Connection, models: Models) -> MigrationPlan:
    """The plan for this database, its risks measured by what is stored."""
    links = link_targets(connection)
    plan = plan_migration(inspect_schema(connection), models, connection.dialect, links)
    return with_renames(connection, models, measured(connection, plan))


def measured(connection: sa.Connection, plan: MigrationPlan) -> MigrationPlan:
    """The plan with `rows` counted: retiring what is empty is safe, so is a change that every value fits."""
    tables, columns = plan.former()

    def measure(one: Operation) -> Operation:
        if one.risk == "safe" or one.op not in _MEASURES:
            return one
        column = columns.get((one.table, one.column), one.column)
        there = replace(one, table=tables.get(one.table, one.table))
        rows, first = _MEASURES[one.op](connection, there, column)
        grave: Risk = "question" if one.op == "add_index" else "lossy"
        return replace(one, rows=rows, risk=grave if rows else "safe", first=first)

    return MigrationPlan(tuple(measure(one) for one in plan.operations))


def _stored_values(connection: sa.Connection, one: Operation, column: str) -> _Measured:
    table = sa.table(one.table, sa.column(column))
    return connection.scalar(sa.select(sa.func.count()).where(table.c[column].is_not(None))) or 0, ()


def _stored_rows(connection: sa.Connection, one: Operation, _: str) -> _Measured:
    return connection.scalar(sa.select(sa.func.count()).select_from(sa.table(one.table))) or 0, ()


def _misfits(connection: sa.Connection, one: Operation, column: str) -> _Measured:
    """Values that would be lost or that would not come back the same."""
    former, target = column_of(one.old), column_of(one.new)
    lost, first = 0, list[int]()
    for ident, value in _values(connection, one.table, column, one.old):
        new = converted(value, target)
        if new is None or converted(new, former) != value:
            lost += 1
            first = sorted((*first, ident))[:_NAMED]
    return lost, tuple(first)


def _duplicates(connection: sa.Connection, one: Operation, column: str) -> _Measured:
    name: sa.ColumnClause[Any] = sa.column(one.index.columns[0] if one.index else column)
    table = sa.table(one.table, sa.column("id", sa.Integer), name)
    repeated = sa.select(name).select_from(table).where(name.is_not(None))
    twice = repeated.group_by(name).having(sa.func.count() > 1)
    count = connection.scalar(sa.select(sa.func.count()).select_from(twice.subquery())) or 0
    rows = sa.select(table.c.id).where(name.in_(twice)).order_by(table.c.id).limit(_NAMED)
    return count, tuple(connection.scalars(rows)) if count else ()


_MEASURES: Mapping[str, Callable[[sa.Connection, Operation, str], _Measured]] = MappingProxyType(
    {
        "retire_column": _stored_values,
        "retire_table": _stored_rows,
        "change_type": _misfits,
        "retarget_link": _stored_values,
        "add_index": _duplicates,
    }
)


def apply_migration(
    engine: sa.Engine, models: Models, plan: MigrationPlan, at: datetime, allow_loss: Collection[str] = ()
) -> None:
    """Carry out the plan in a transaction of its own: all of it or nothing. Raises PlanRefused."""
    with engine.connect() as connection:
        begin_write_on(connection)
        apply_on(connection, models, plan, at, allow_loss)
        connection.commit()


def apply_on(
    connection: sa.Connection,
    models: Models,
    plan: MigrationPlan,
    at: datetime,
    allow_loss: Collection[str] = (),
) -> None:
    """Carry out the plan in the caller's transaction.

    allow_loss names what may be lost (`table` or `table.column`); what is given up stays in the database
    under another name. Values that are not unique are refused whatever is allowed. Raises PlanRefused.
    """
    refused = [one for one in plan.unsafe if one.op == "add_index" or one.name not in allow_loss]
    if refused:
        raise PlanRefused(refused)
    run = _Run(connection, models, at)
    for one in plan.operations:
        _ACTIONS[one.op](run, one)
        if one.op == "create_table":
            run.created.append(models.metadata.tables[one.table])
        elif run.created:
            run.add_foreign_keys()
    run.add_foreign_keys()


class _Run:
    """A plan under way."""

    def __init__(self, connection: sa.Connection, models: Models, at: datetime) -> None:
        self.connection, self.models, self.at = connection, models, at
        # Loaded by the first plan that has something to do.
        from alembic.migration import MigrationContext
        from alembic.operations import Operations

        self.operations = Operations(MigrationContext.configure(connection))
        self.created: list[sa.Table] = []
        self.is_sqlite = connection.dialect.name == "sqlite"

    def add_foreign_keys(self) -> None:
        """PostgreSQL wants both tables of a key to exist, and types refer to each other in circles."""
        created, self.created = self.created, []
        for table in () if self.is_sqlite else created:
            for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
                target, remote = key.target_fullname.rsplit(".", 1)
                name = index_name(table.name, key.parent.name, "fk")
                self.operations.create_foreign_key(
                    name, table.name, target, [key.parent.name], [remote], ondelete=key.ondelete
                )

    def mark(self, table: str, column: str = "") -> None:
        row = {"table_name": table, "column_name": column, "retired_at": self.at}
        self.unmark(table, column)
        self.connection.execute(sa.insert(TABLES["retired"]).values(row))

    def unmark(self, table: str, column: str = "") -> None:
        kept = TABLES["retired"]
        same = (kept.c.table_name == table, kept.c.column_name == column)
        self.connection.execute(sa.delete(kept).where(*same))


def _create_table(run: _Run, one: Operation) -> None:
    table = run.models.metadata.tables[one.table]
    keys = None if run.is_sqlite else ()
    run.connection.execute(CreateTable(table, include_foreign_key_constraints=keys))


def _rename_table(run: _Run, one: Operation) -> None:
    run.operations.rename_table(one.old, one.table)
    if one.new:
        _follow_rename(run, *one.new.split(":"))


def _follow_rename(run: _Run, old: str, new: str) -> None:
    """Attachments, answers, penalties, … name the record type: they take the new name. The audit trail is
    sealed and keeps the old one."""
    for name, table in run.models.metadata.tables.items():
        if "record_type" in table.columns and name != "audit_entry" and _exists(run, name):
            moved = sa.update(table).where(table.c.record_type == old)
            run.connection.execute(moved.values(record_type=new))


def _exists(run: _Run, table: str) -> bool:
    return sa.inspect(run.connection).has_table(table)


def _add_column(run: _Run, one: Operation) -> None:
    column = run.models.metadata.tables[one.table].c[one.column]
    keys = [sa.ForeignKey(key.target_fullname, ondelete=key.ondelete) for key in column.foreign_keys]
    copy: sa.Column[Any] = sa.Column(
        column.name, column.type, *keys, nullable=column.nullable, server_default=column.server_default
    )
    run.operations.add_column(one.table, copy, inline_references=True)


def _rename_column(run: _Run, one: Operation) -> None:
    run.operations.alter_column(one.table, one.old, new_column_name=one.column)
    # What earlier changes of its type left behind goes by the column's name.
    for name in inspect_schema(run.connection).tables[one.table]:
        if _LEFT_BEHIND.fullmatch(name) and name.rpartition("__old")[0] == one.old:
            kept = f"{one.column}__old{name.rpartition('__old')[2]}"
            run.operations.alter_column(one.table, name, new_column_name=kept)
            run.mark(one.table, kept)
            run.unmark(one.table, name)


def _change_type(run: _Run, one: Operation) -> None:
    """The old column stays under another name; what fits of it is copied into the new one."""
    present = inspect_schema(run.connection).tables[one.table]
    kept = _set_aside(run, one, present)
    column = run.models.metadata.tables[one.table].c[one.column]
    was = dict(_values(run.connection, one.table, kept, one.old))
    values: dict[int, object] = {ident: converted(value, column.type) for ident, value in was.items()}
    values |= _given_up(run.connection, one, present, was)
    _fill(run, one, values)


def _set_aside(run: _Run, one: Operation, present: Collection[str]) -> str:
    """Keep a column under another name, and make it anew; the name of what was kept."""
    kept = next(name for name in (f"{one.column}__old{n}" for n in range(1, 1000)) if name not in present)
    run.operations.alter_column(one.table, one.column, new_column_name=kept)
    _add_column(run, one)
    run.mark(one.table, kept)
    return kept


def _retarget_link(run: _Run, one: Operation) -> None:
    """The old links stay under another name; those that led to this type before and were set aside then come
    back."""
    links = link_targets(run.connection)
    left = [
        column
        for (table, column), target in links.items()
        if table == one.table and target == one.new and column.rpartition("__old")[0] == one.column
    ]
    kept = _set_aside(run, one, inspect_schema(run.connection).tables[one.table])
    if left:
        newest = max(left, key=lambda name: int(name.rpartition("__old")[2]))
        earlier = dict(_values(run.connection, one.table, newest, "bigint"))
        since = dict(_values(run.connection, one.table, kept, "bigint"))
        alive = _ids(run.connection, one.new)
        _fill(run, one, {key: to for key, to in earlier.items() if key not in since and to in alive})


def _ids(connection: sa.Connection, table: str) -> set[int]:
    return set(connection.scalars(sa.select(sa.column("id", sa.Integer)).select_from(sa.table(table))))


def _fill(run: _Run, one: Operation, values: Mapping[int, object]) -> None:
    """Write values into a column, by the ids of their rows."""
    table = run.models.metadata.tables[one.table]
    change = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"))
        .values({one.column: sa.bindparam("value")})
    )
    batch = [{"row_id": ident, "value": value} for ident, value in values.items() if value is not None]
    for start in range(0, len(batch), _AT_ONCE):
        run.connection.execute(change, batch[start : start + _AT_ONCE])


def _given_up(
    connection: sa.Connection, one: Operation, present: Mapping[str, str], now: Mapping[int, object]
) -> dict[int, object]:
    """Values that an earlier change from this very type gave up in part, in rows that nobody wrote since:
    they come back as they were."""
    left = [name for name in present if _LEFT_BEHIND.fullmatch(name) and present[name] == one.new]
    ours = [name for name in left if name.rpartition("__old")[0] == one.column]
    if not ours:
        return {}
    newest = max(ours, key=lambda name: int(name.rpartition("__old")[2]))
    target = column_of(one.old)
    earlier = dict(_values(connection, one.table, newest, one.new))
    return {ident: value for ident, value in earlier.items() if converted(value, target) == now.get(ident)}


def _values(connection: sa.Connection, table: str, column: str, kind: str) -> Iterator[tuple[int, object]]:
    source = sa.table(table, sa.column("id", sa.Integer), sa.column(column, column_of(kind)))
    rows = sa.select(source.c.id, source.c[column]).where(source.c[column].is_not(None))
    yield from ((row[0], row[1]) for row in connection.execute(rows))


def _add_index(run: _Run, one: Operation) -> None:
    spec = one.index
    if spec is None:
        return
    if spec.search:
        create_search_index(run.operations, spec)
        return
    # Empty values sort first on SQLite; PostgreSQL must be told, or its index is of no use to the lists.
    order = "" if run.is_sqlite or spec.unique else " NULLS FIRST"
    columns = [sa.text(f'"{name}"{order}') for name in spec.columns]
    only = sa.text(f'"{spec.columns[0]}" IS NOT NULL') if spec.filled else None
    run.operations.create_index(
        spec.name, spec.table, columns, unique=spec.unique, sqlite_where=only, postgresql_where=only
    )


def _drop_index(run: _Run, one: Operation) -> None:
    if one.index is not None and one.index.search:
        drop_search_index(run.operations, one.index)
    else:
        run.operations.drop_index(one.old, one.table)


_ACTIONS: Mapping[Action, Callable[[_Run, Operation], None]] = MappingProxyType(
    {
        "create_table": _create_table,
        "rename_table": _rename_table,
        "retire_table": lambda run, one: run.mark(one.table),
        "restore_table": lambda run, one: run.unmark(one.table),
        "add_column": _add_column,
        "rename_column": _rename_column,
        "change_type": _change_type,
        "retarget_link": _retarget_link,
        "retire_column": lambda run, one: run.mark(one.table, one.column),
        "restore_column": lambda run, one: run.unmark(one.table, one.column),
        "add_index": _add_index,
        "drop_index": _drop_index,
        "rename_option": lambda run, one: rename_option(run.connection, run.models, one),
        "move_rows": lambda run, one: move_rows(run.connection, run.models, one),
    }
)
