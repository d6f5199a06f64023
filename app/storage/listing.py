"""Lists: filtered, searched, sorted, one page at a time, equally fast at any depth.

First the ids of the page (from an index, from the nearer end, or from where the last page ended), then
the few rows themselves with the words for what they link to.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel, RecordModel
from app.source import N_, PortalError, Translate, untranslated
from app.storage.counting import MOST_COUNTED, count_rows, count_table, find_ids
from app.storage.filters import Filter, filter_where
from app.storage.joins import Joins, PathParts
from app.storage.labels import LabelPart
from app.storage.mapping import Models
from app.storage.records import Record, read_records
from app.storage.search import search_of
from app.storage.selecting import Sight, seen_only

LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in an order: its sorting value and its id."""

    value: object
    id: int

    def encode(self) -> str:
        """As text for an address."""
        kind, words = "n", ""
        for name, known in (("m", datetime), ("d", date), ("t", time)):
            if isinstance(self.value, known):
                kind, words = name, self.value.isoformat()
                break
        else:
            if isinstance(self.value, Decimal):
                kind, words = "f", str(self.value)
            elif isinstance(self.value, timedelta):
                kind, words = "s", str(self.value // timedelta.resolution)
            elif self.value is not None:
                kind, words = "j", json.dumps(self.value)
        return base64.urlsafe_b64encode(json.dumps([kind, words, self.id]).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor | None:
        """The cursor in an address; None for anything that is none."""
        try:
            padded = text + "=" * (-len(text) % 4)
            kind, words, ident = json.loads(base64.urlsafe_b64decode(padded.encode()))
            value = _DECODE[kind](words)
        except (ValueError, KeyError, TypeError, binascii.Error, InvalidOperation, OverflowError):
            return None
        return cls(value, ident) if isinstance(ident, int) and 0 <= ident < 2**31 else None


_DECODE: dict[str, Any] = {
    "n": lambda words: None,
    "m": datetime.fromisoformat,
    "d": date.fromisoformat,
    "t": time.fromisoformat,
    "f": Decimal,
    "s": lambda words: timedelta(microseconds=int(words)),
    "j": json.loads,
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked of a list.

    columns: fields to read (None = the list's own); order: a field, with `-` for falling (empty = the list's
    own); offset counts rows from 0; after, before: the place that the next or previous page borders on, used
    instead of offset; hidden: fields that the asker must not see, so neither search, filter nor order by.
    """

    record_type: str
    columns: tuple[str, ...] | None = None
    filters: tuple[Filter, ...] = ()
    search: str = ""
    order: str = ""
    offset: int = 0
    limit: int = 25
    after: Cursor | None = None
    before: Cursor | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page: its records (of the asked columns), how many there are in all (`more`: at least so many),
    and the places of its first and last row for the pages beside it."""

    rows: tuple[Record, ...]
    total: int
    more: bool = False
    first: Cursor | None = None
    last: Cursor | None = None


class BadOrder(PortalError):
    """A field that a list cannot be sorted by."""

    def __init__(self, order: str) -> None:
        self.order = order
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("the list cannot be sorted by '{order}'")).format(order=self.order)


def list_records(
    session: orm.Session,
    models: Models,
    query: ListQuery,
    today: date,
    scope: sa.ColumnElement[bool] | None = None,
    sight: Sight | None = None,
) -> ListPage:
    """One page of records within `scope` (a WHERE clause over the type's own table).

    Three statements, and one or two more for each column of lines, links or attachments; the count is kept
    for some seconds when it is large. Raises BadFilter, BadOrder.
    """
    where, total = _restricted(session, models, query, today, scope, sight)
    found = _page(session, models, query, where, total, sight)
    ids = [ident for ident, _ in found]
    record = models.record(query.record_type)
    columns = record.list_columns if query.columns is None else query.columns
    rows = read_records(
        session, models, query.record_type, ids, fields=frozenset(columns) - query.hidden, sight=sight
    )
    more = where is not None and total >= MOST_COUNTED
    ends = [Cursor(value, ident) for ident, value in (found[0], found[-1])] if found else [None, None]
    return ListPage(rows, total - 1 if more else total, more, ends[0], ends[1])


def list_where(
    session: orm.Session,
    models: Models,
    query: ListQuery,
    today: date,
    scope: sa.ColumnElement[bool] | None = None,
    sight: Sight | None = None,
) -> sa.ColumnElement[bool] | None:
    """Scope, filters and search together; None for every row. Raises BadFilter."""
    clauses = _clauses(models, query, today, scope)
    if query.search.strip():
        clauses.append(_searched(session, models, query, sight)[0])
    return sa.and_(*clauses) if clauses else None


def _clauses(
    models: Models, query: ListQuery, today: date, scope: sa.ColumnElement[bool] | None
) -> list[sa.ColumnElement[bool]]:
    clauses = [scope] if scope is not None and not _is_true(scope) else []
    for asked in query.filters:
        known = asked if asked.field not in query.hidden else replace(asked, field="")
        clauses.append(filter_where(models, query.record_type, known, today))
    return clauses


def _searched(
    session: orm.Session, models: Models, query: ListQuery, sight: Sight | None
) -> tuple[sa.ColumnElement[bool], int | None]:
    """The search in its quicker form, and how many rows it finds where that is known beforehand."""
    dialect = session.get_bind().dialect.name
    search = search_of(models, query.record_type, query.search, dialect, query.hidden, sight)
    if search.hits is None or search.indexed is None:
        return (sa.false() if search.scan is None else search.scan), None
    hits, ids = find_ids(session, models.counts, search.hits)
    if ids is not None and search.complete:
        return models.tables[query.record_type].c.id.in_(ids), hits
    quicker = search.scan if hits >= MOST_COUNTED and search.scan is not None else search.indexed
    return quicker, hits if search.complete else None


def _restricted(
    session: orm.Session,
    models: Models,
    query: ListQuery,
    today: date,
    scope: sa.ColumnElement[bool] | None,
    sight: Sight | None,
) -> tuple[sa.ColumnElement[bool] | None, int]:
    """The WHERE clause of the list, and how many rows there are: behind a filter at most MOST_COUNTED."""
    table = models.tables[query.record_type]
    clauses = _clauses(models, query, today, scope)
    known: int | None = None
    if query.search.strip():
        found, hits = _searched(session, models, query, sight)
        known = hits if not clauses else None
        clauses.append(found)
    if not clauses:
        return None, count_table(session, models.counts, table)
    where = sa.and_(*clauses)
    if known is None:
        known = count_rows(session, models.counts, sa.select(table.c.id).where(where), MOST_COUNTED)
    return where, known


def _is_true(clause: sa.ColumnElement[bool]) -> bool:
    return clause.compare(sa.true())


@dataclass(frozen=True, slots=True)
class _Order:
    """What a list is sorted by; empty values come before all others, `id` decides between equals."""

    column: sa.ColumnElement[Any]
    id: sa.ColumnElement[int]
    source: sa.FromClause
    falling: bool

    @property
    def by_id(self) -> bool:
        return self.column is self.id

    def clauses(self, backwards: bool) -> list[sa.ColumnElement[Any]]:
        falling = self.falling != backwards
        ident = self.id.desc() if falling else self.id.asc()
        if self.by_id:
            return [ident]
        # SQLite has empty values first by itself; PostgreSQL must be told, and its indexes are made so.
        return [
            self.column.desc().nulls_last() if falling else self.column.asc().nulls_first(),
            ident,
        ]


def _order(models: Models, query: ListQuery, sight: Sight | None = None) -> _Order:
    record, table = models.record(query.record_type), models.tables[query.record_type]
    wanted = query.order or record.order
    name, falling = wanted.lstrip("-"), wanted.startswith("-")
    found = record.columns.get(name)
    if found is None or name in query.hidden or not found.kind.sortable or found.column is None:
        if not query.order:
            return _Order(table.c.id, table.c.id, table, True)
        raise BadOrder(query.order)
    if name == "id":
        return _Order(table.c.id, table.c.id, table, falling)
    joins = Joins.of_record(models, query.record_type)
    column = _sorting_column(models, record, found, joins, sight)
    return _Order(column, table.c.id, joins.source, falling)


def _sorting_column(
    models: Models, record: RecordModel, found: FieldModel, joins: Joins, sight: Sight | None
) -> sa.ColumnElement[Any]:
    """Links sort by the first value of their label (those that lead to what the reader may not see as if they
    were empty), ordered choices by the order of their options."""
    if found.kind.storage == "link":
        parts = models.labels.get(found.target or "", ())
        first: PathParts = next((part.path for part in parts if isinstance(part, LabelPart)), ())
        return seen_only(joins, (found.name, *first), sight)
    column = joins.column((found.name,))
    if found.ordered and found.options:
        ranks = {option: index for index, option in enumerate(found.options)}
        return sa.case(ranks, value=column, else_=sa.cast(sa.null(), sa.Integer()))
    return column


def _page(
    session: orm.Session,
    models: Models,
    query: ListQuery,
    where: sa.ColumnElement[bool] | None,
    total: int,
    sight: Sight | None,
) -> list[tuple[int, object]]:
    """Id and sorting value of each row of the page."""
    order = _order(models, query, sight)
    limit = max(1, min(query.limit, LARGEST_PAGE))
    columns = [order.id] if order.by_id else [order.id, order.column]
    select = sa.select(*columns).select_from(order.source)
    if where is not None:
        select = select.where(where)
    if query.after is not None or query.before is not None:
        return _beside(session, order, select, query, limit)
    offset = max(0, query.offset)
    exact = where is None or total < MOST_COUNTED
    if exact and offset >= total:
        return []
    backwards = exact and offset > total // 2
    if backwards:
        limit = min(limit, total - offset)
        offset = total - offset - limit
    rows = _rows(session, select.order_by(*order.clauses(backwards)).offset(offset).limit(limit))
    return rows[::-1] if backwards else rows


def _beside(
    session: orm.Session, order: _Order, select: sa.Select[Any], query: ListQuery, limit: int
) -> list[tuple[int, object]]:
    """The rows after or before a place. Empty values form the low end, so they are a range of their own."""
    backwards = query.after is None
    cursor = query.after or query.before
    if cursor is None:
        return []
    falling = order.falling != backwards
    sign: Literal["<", ">"] = "<" if falling else ">"
    rows: list[tuple[int, object]] = []
    for clause in _ranges(order, cursor, falling, sign):
        if len(rows) < limit:
            part = select.where(clause).order_by(*order.clauses(backwards)).limit(limit - len(rows))
            rows += _rows(session, part)
    return rows[::-1] if backwards else rows


def _ranges(
    order: _Order, cursor: Cursor, falling: bool, sign: Literal["<", ">"]
) -> Sequence[sa.ColumnElement[bool]]:
    past_id = order.id.op(sign, is_comparison=True)(cursor.id)
    if order.by_id:
        return [past_id]
    empty = order.column.is_(None)
    if cursor.value is None:
        within = sa.and_(empty, past_id)
        return [within] if falling else [within, sa.not_(empty)]
    place = sa.tuple_(sa.literal(cursor.value, order.column.type), sa.literal(cursor.id))
    past = sa.tuple_(order.column, order.id).op(sign, is_comparison=True)(place)
    return [past, empty] if falling else [past]


def _rows(session: orm.Session, statement: sa.Select[Any]) -> list[tuple[int, object]]:
    return [(row[0], row[1] if len(row) > 1 else None) for row in session.execute(statement)]


def pick_records(
    session: orm.Session,
    models: Models,
    record_type: str,
    text: str,
    limit: int = 20,
    where: sa.ColumnElement[bool] | None = None,
    hidden: Collection[str] = (),
    sight: Sight | None = None,
) -> list[tuple[int, str]]:
    """Id and label of the first records that `text` finds, for choosing a link; two statements. sight: as in
    `list_records`."""
    query = ListQuery(record_type, (), search=text, limit=limit, hidden=frozenset(hidden))
    found = list_where(session, models, query, date.min, where, sight)
    order = _order(models, query, sight)
    statement = sa.select(order.id).select_from(order.source)
    if found is not None:
        statement = statement.where(found)
    rows = _rows(session, statement.order_by(*order.clauses(False)).limit(limit))
    ids = [ident for ident, _ in rows]
    records = read_records(session, models, record_type, ids, fields=(), sight=sight)
    return [(record.id, record.told) for record in records]
