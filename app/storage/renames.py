"""Names that are stored as values: options, workflow states, and the fields that files and answers belong to.

`was:` renames them like tables and columns, in the rows that hold them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import sqlalchemy as sa

from app.release import FieldModel, RecordModel
from app.storage.columns import json_type
from app.storage.mapping import Models
from app.storage.plan import PASSAGE, MigrationPlan, Operation, in_order

_BY_FIELD = ("attachment", "answer", "checklist_run", "draft")
"""Tables whose rows name a record type and a field."""


def with_renames(connection: sa.Connection, models: Models, plan: MigrationPlan) -> MigrationPlan:
    """The plan with an operation for each renamed option, state or field that stored rows still call by its
    old name."""
    tables, columns = plan.former()
    created = {one.table for one in plan.operations if one.op == "create_table"}
    added = {(one.table, one.column) for one in plan.operations if one.op in ("add_column", "change_type")}
    found: list[Operation] = []
    for one in _in_order(_wanted(models)):
        if one.table in created or (one.table, one.column) in added:
            continue
        table = tables.get(one.table, one.table)
        column = columns.get((one.table, one.column), one.column)
        passed = one.old.endswith(PASSAGE) and any(before.new == one.old for before in found)
        if passed or _is_stored(connection, models, one, table, column):
            found.append(one)
    return MigrationPlan((*plan.operations, *found))


def rename_option(connection: sa.Connection, models: Models, one: Operation) -> None:
    """Write the new name of an option wherever the old one stands."""
    table = models.metadata.tables[one.table]
    column = table.c[one.column]
    if not isinstance(column.type, sa.JSON):
        connection.execute(sa.update(table).where(column == one.old).values({one.column: one.new}))
        return
    change = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"))
        .values({one.column: sa.bindparam("kept")})
    )
    rows = connection.execute(sa.select(table.c.id, column).where(_mentions(column, one.old))).all()
    renamed = [
        {"row_id": ident, "kept": [one.new if option == one.old else option for option in options]}
        for ident, options in rows
        if one.old in options
    ]
    if renamed:
        connection.execute(change, renamed)


def move_rows(connection: sa.Connection, models: Models, one: Operation) -> None:
    """Let files, answers and drafts follow their field; `new` is `record type:field`."""
    table = models.metadata.tables[one.table]
    record_type, _, field = one.new.rpartition(":")
    of_field = (table.c.record_type == record_type, table.c.field == one.old)
    connection.execute(sa.update(table).where(*of_field).values(field=field))


def _wanted(models: Models) -> Iterator[Operation]:
    for name, record in models.release.records.items():
        yield from _options(record.table, record.fields)
        yield from _states(record)
        for found in record.fields.values():
            if found.type == "lines":
                yield from _options(models.lines[name, found.name].name, found.lines)
            elif found.spec.was and found.kind.storage in ("attachments", "answers"):
                for table in _BY_FIELD:
                    yield Operation(
                        "move_rows", table, "field", old=found.spec.was, new=f"{name}:{found.name}"
                    )


def _in_order(wanted: Iterable[Operation]) -> Iterator[Operation]:
    """Renamed values so that no name is taken when its turn comes; all else as it is."""
    values: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in wanted:
        if one.op != "rename_option":
            yield one
            continue
        values.setdefault((one.table, one.column), []).append((one.old, one.new))
    for (table, column), pairs in values.items():
        # What is not stored is no obstacle; whether it is, is asked for each by itself.
        for old, new in in_order(pairs, [was for was, _name in pairs]):
            yield Operation("rename_option", table, column, old=old, new=new)


def _options(table: str, fields: Mapping[str, FieldModel]) -> Iterator[Operation]:
    for found in fields.values():
        former = {name: option.was for name, option in found.options.items() if option.was}
        yield from _renamed_values(table, found.name, former, found.options)


def _states(record: RecordModel) -> Iterator[Operation]:
    states = record.workflow.states if record.workflow else {}
    former = {name: state.was for name, state in states.items() if state.was}
    yield from _renamed_values(record.table, "state", former, states)


def _renamed_values(
    table: str, column: str, former: Mapping[str, str], known: Collection[str]
) -> Iterator[Operation]:
    """Values that were called otherwise. A former name that is in use still counts only where what bears it
    now had another one itself: going back over several releases brings that about."""
    for name, was in former.items():
        if was != name and (was not in known or was in former):
            yield Operation("rename_option", table, column, old=was, new=name)


def _is_stored(connection: sa.Connection, models: Models, one: Operation, table: str, column: str) -> bool:
    if one.op == "move_rows":
        old_names = [one.new.rpartition(":")[0]]
        record = models.record(old_names[0])
        if record.spec.was:
            old_names.append(".".join(part for part in (record.regime, record.spec.was) if part))
        rows = sa.table(table, sa.column("record_type"), sa.column("field"))
        where = sa.and_(rows.c.record_type.in_(old_names), rows.c.field == one.old)
        return connection.scalar(sa.select(sa.literal(1)).select_from(rows).where(where).limit(1)) is not None
    is_list = isinstance(models.metadata.tables[one.table].c[one.column].type, sa.JSON)
    stored = sa.table(table, sa.column(column, json_type() if is_list else sa.Text()))
    value = stored.c[column]
    where = _mentions(value, one.old) if is_list else value == one.old
    return connection.scalar(sa.select(sa.literal(1)).select_from(stored).where(where).limit(1)) is not None


def _mentions(column: sa.ColumnElement[list[str]], option: str) -> sa.ColumnElement[bool]:
    """Options are plain identifiers, so their quoted name stands in the list's text and nowhere else."""
    return sa.cast(column, sa.Text).contains(f'"{option}"', autoescape=True)
