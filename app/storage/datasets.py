"""Rows and groups for reports: one statement each, with a count where rows are cut off.

Columns are dotted paths along links. What lies behind a link is read only of records within `readable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.access import Actor, Policy, row_scope
from app.expressions import Expression
from app.expressions.sql import to_sql
from app.release import FieldModel
from app.storage.binding import RecordBinder, condition_where, settled
from app.storage.joins import Joins, PathParts, Place
from app.storage.labels import LabelPart
from app.storage.mapping import Models
from app.storage.records import labels_of
from app.storage.scopes import scope_where
from app.storage.selecting import Sight, seen_only

LABELS_AT_ONCE = 5_000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, when, with which values for the names that are no fields (parameters, `this`); what that
    reader may see of linked records."""

    policy: Policy
    actor: Actor
    now: datetime
    values: Mapping[str, object]
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class DataQuery:
    """Rows of a record type, or (with `by` or measures) groups of them.

    verbs: what the reader must be allowed to do with each row; paths: the columns; measures: name ->
    expression over the rows of a group; ids: only these rows; order: paths, or names of measures, with
    whether they fall.
    """

    record_type: str
    verbs: tuple[str, ...]
    paths: tuple[PathParts, ...] = ()
    measures: Mapping[str, Expression] = field(default_factory=dict)
    where: Expression | None = None
    ids: Sequence[int] | None = None
    order: tuple[tuple[PathParts, bool], ...] = ()
    limit: int = 0


@dataclass(frozen=True, slots=True)
class DataRows:
    """What was found: values by dotted path or name of the measure; `total` counts what was cut off too.

    ids: of the rows, empty for groups; labels: dotted path -> id -> words, for links.
    """

    rows: tuple[Values, ...]
    ids: tuple[int, ...]
    total: int
    labels: Mapping[str, Mapping[int, str]]


def read_rows(session: orm.Session, models: Models, reading: Reading, query: DataQuery) -> DataRows:
    """The rows of a query without measures, at most `limit` of them."""
    joins = Joins.of_record(models, query.record_type)
    columns = [_readable(models, reading, joins, path) for path in query.paths]
    order = list(_order(models, reading, joins, query.order))
    table = models.tables[query.record_type]
    where = _where(models, reading, query)
    statement = (
        sa.select(table.c.id, *columns)
        .select_from(joins.source)
        .where(where)
        .order_by(*order, table.c.id)
        .limit(query.limit)
    )
    found = session.execute(statement).all()
    total = len(found)
    if total == query.limit:
        total = session.scalar(sa.select(sa.func.count()).select_from(table).where(where)) or 0
    rows = tuple(_named(query, row[1:]) for row in found)
    return DataRows(
        rows, tuple(row[0] for row in found), total, _labels(session, models, reading, query, rows)
    )


def read_groups(session: orm.Session, models: Models, reading: Reading, query: DataQuery) -> DataRows:
    """One row for each combination of the values at `paths`, at most `limit`; without paths one row in all.

    They come in no particular order.
    """
    joins = Joins.of_record(models, query.record_type)
    columns = [_readable(models, reading, joins, path) for path in query.paths]
    table = models.tables[query.record_type]
    place = Place(table, models.record(query.record_type).columns, query.record_type)
    binder = RecordBinder(models, place, reading.values, reading.actor.person_id)
    measures = [to_sql(settled(one, reading.actor), binder) for one in query.measures.values()]
    # Groups are named by their labels: bound values would make each writing of a column another one.
    keys = [f"group_key_{index}" for index in range(len(columns))]
    picked: list[sa.ColumnElement[Any]] = [one.label(name) for one, name in zip(columns, keys, strict=True)]
    picked += [one.label(f"measure_{index}") for index, one in enumerate(measures)]
    statement = (
        sa.select(*(picked or [sa.literal(1)]))
        .select_from(joins.source)
        .where(_where(models, reading, query))
    )
    if columns:
        statement = statement.group_by(*keys)
    counted = session.execute(statement.limit(query.limit + 1)).all()
    rows = tuple(_named(query, row) for row in counted[: query.limit])
    return DataRows(rows, (), len(counted), _labels(session, models, reading, query, rows))


def _named(query: DataQuery, row: Sequence[Any]) -> Values:
    names = [*(".".join(path) for path in query.paths), *query.measures]
    return dict(zip(names, row, strict=False))


def _where(models: Models, reading: Reading, query: DataQuery) -> sa.ColumnElement[bool]:
    table = models.tables[query.record_type]
    parts = [
        scope_where(
            models,
            query.record_type,
            row_scope(reading.policy, reading.actor, verb, query.record_type),
            reading.actor,
            reading.now,
        )
        for verb in dict.fromkeys(query.verbs)
    ]
    if query.where is not None:
        parts.append(condition_where(models, query.record_type, query.where, reading.actor, reading.values))
    if query.ids is not None:
        parts.append(table.c.id.in_(query.ids))
    return sa.and_(sa.true(), *parts)


def _readable(models: Models, reading: Reading, joins: Joins, path: PathParts) -> sa.ColumnElement[Any]:
    """The column at the end of a path; empty where a record on the way is not the reader's to read."""
    column = joins.column(path)
    if reading.actor.unlimited or len(path) == 1:
        return column
    allowed = [
        scope_where(
            models,
            place.record_type,
            row_scope(reading.policy, reading.actor, "read", place.record_type),
            reading.actor,
            reading.now,
            table=place.table,
        )
        for place in (joins.place(path[:size]) for size in range(1, len(path)))
        if place.record_type is not None
    ]
    return sa.case((sa.and_(*allowed), column), else_=sa.cast(sa.null(), column.type))


def _order(
    models: Models, reading: Reading, joins: Joins, order: Iterable[tuple[PathParts, bool]]
) -> Iterator[sa.ColumnElement[Any]]:
    for path, falling in order:
        column = _sorting(models, reading, joins, path)
        yield column.desc().nulls_last() if falling else column.asc().nulls_first()


def _sorting(models: Models, reading: Reading, joins: Joins, path: PathParts) -> sa.ColumnElement[Any]:
    """Links sort by the first value of their label, ordered choices by the order of their options."""
    found = joins.field(path)
    if found is not None and found.kind.storage == "link":
        parts = models.labels.get(found.target or "", ())
        first: PathParts = next((part.path for part in parts if isinstance(part, LabelPart)), ())
        return seen_only(joins, (*path, *first), reading.sight)
    column = _readable(models, reading, joins, path)
    if found is not None and found.ordered and found.options:
        ranks = {option: index for index, option in enumerate(found.options)}
        return sa.case(ranks, value=column, else_=sa.cast(sa.null(), sa.Integer()))
    return column


def _labels(
    session: orm.Session, models: Models, reading: Reading, query: DataQuery, rows: Sequence[Values]
) -> dict[str, dict[int, str]]:
    """What the links are called; one statement for each column of links and some thousand of them."""
    joins = Joins.of_record(models, query.record_type)
    found: dict[str, dict[int, str]] = {}
    for path in query.paths:
        target = _target(joins.field(path))
        if target is None or target not in models.tables:
            continue
        name = ".".join(path)
        ids = sorted({row[name] for row in rows if isinstance(row[name], int)})
        words: dict[int, str] = {}
        for start in range(0, len(ids), LABELS_AT_ONCE):
            words |= labels_of(session, models, target, ids[start : start + LABELS_AT_ONCE], reading.sight)
        found[name] = words
    return found


def _target(one: FieldModel | None) -> str | None:
    return one.target if one is not None and one.kind.storage == "link" else None
