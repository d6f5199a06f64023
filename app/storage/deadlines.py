"""Clocks as they are stored: one `deadline` for each record and service level, with the steps to come.

`next_step_at` is the moment of the earliest step that has not been set going, empty when there is none; an
index over the rows that have one lets a sweep read only what is due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.joins import Joins
from app.storage.mapping import Models
from app.storage.stamping import Stamp
from app.storage.values import as_json
from app.storage.writing import insert_record

DEADLINE = "deadline"
OPEN = ("running", "paused", "missed", "unset", "not_started")
"""States of a clock that can still change by itself, as long as it has not stopped."""
Wanted = sa.ColumnElement[bool]
"""A condition on stored clocks."""
_JSON = frozenset({"steps", "extensions"})
_HIGHEST = 30
"""Units above one another, at most: a circle comes to an end."""


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One stored clock. `steps` and `extensions` are the JSON stored with it (see `app.actions.clock_steps`);
    level_digest names the text of the service level that it is judged by, release_id where that stands."""

    id: int
    service_level: str
    record_type: str
    record_id: int
    unit_id: int | None
    person_id: int | None
    status: str
    target: str | None
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    open: bool | None
    served: timedelta | None
    warned: bool | None
    missed: bool | None
    provisional: bool | None
    release_id: int | None
    next_step_at: datetime | None
    steps: Any
    extensions: Any
    level_digest: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueClock:
    """A clock of which a step is due; `steps` as stored."""

    id: int
    status: str
    steps: Any


def deadlines_of(
    session: orm.Session, models: Models, record_type: str, record_id: int, lock: bool = False
) -> tuple[DeadlineRow, ...]:
    """The clocks of one record; lock: nobody else may change them until the transaction ends."""
    table = models.tables[DEADLINE]
    return _rows(session, models, (table.c.record_type == record_type, table.c.record_id == record_id), lock)


def deadlines_of_many(
    session: orm.Session, models: Models, record_type: str, ids: Collection[int], lock: bool = False
) -> dict[int, tuple[DeadlineRow, ...]]:
    """The same of several records of one type, by their ids, in one statement."""
    table = models.tables[DEADLINE]
    wanted = (table.c.record_type == record_type, table.c.record_id.in_(sorted(ids)))
    found: dict[int, tuple[DeadlineRow, ...]] = {}
    for row in _rows(session, models, wanted, lock):
        found[row.record_id] = (*found.get(row.record_id, ()), row)
    return found


def deadline_row(
    session: orm.Session, models: Models, deadline_id: int, lock: bool = False
) -> DeadlineRow | None:
    """One clock, or None when there is none."""
    table = models.tables[DEADLINE]
    return next(iter(_rows(session, models, (table.c.id == deadline_id,), lock)), None)


def deadlines_by_id(session: orm.Session, models: Models, ids: Collection[int]) -> dict[int, DeadlineRow]:
    """Clocks by their ids, in one statement."""
    if not ids:
        return {}
    table = models.tables[DEADLINE]
    return {row.id: row for row in _rows(session, models, (table.c.id.in_(ids),), False)}


def insert_deadline(session: orm.Session, models: Models, values: Mapping[str, object], stamp: Stamp) -> int:
    """Store a new clock; values: by name as in `DeadlineRow`, without the links' `_id`."""
    extra = {name: values[name] for name in ("next_step_at", "level_digest") if name in values}
    extra |= {name: as_json(values[name]) for name in _JSON if name in values}
    return insert_record(session, models, DEADLINE, values, stamp, extra)


def update_deadline(
    session: orm.Session, models: Models, deadline_id: int, values: Mapping[str, object], at: datetime
) -> None:
    """Change a clock; values: by column as in `DeadlineRow`."""
    table = models.tables[DEADLINE]
    written = {name: as_json(value) if name in _JSON else value for name, value in values.items()}
    written |= {"changed_at": at, "changed_by_id": None, "version": table.c.version + 1}
    session.execute(sa.update(table).where(table.c.id == deadline_id).values(written))


def due_clocks(session: orm.Session, models: Models, now: datetime, limit: int) -> tuple[DueClock, ...]:
    """Clocks with a step that is due, the earliest first, kept to this transaction; those that another worker
    has at hand are left to it."""
    table = models.tables[DEADLINE]
    statement = due_statement(table, now, limit).with_for_update(skip_locked=True)
    return tuple(DueClock(*row) for row in session.execute(statement))


def due_statement(table: sa.Table, now: datetime, limit: int) -> sa.Select[Any]:
    """What the sweep reads. The index over `next_step_at` answers it from its beginning."""
    return (
        sa.select(table.c.id, table.c.status, table.c.steps)
        .where(table.c.next_step_at.is_not(None), table.c.next_step_at <= now)
        .order_by(table.c.next_step_at, table.c.id)
        .limit(limit)
    )


def step_is_due(session: orm.Session, models: Models, now: datetime) -> bool:
    """Whether a sweep would find anything."""
    return session.execute(due_statement(models.tables[DEADLINE], now, 1)).first() is not None


def advance_clocks(session: orm.Session, models: Models, changes: Sequence[Mapping[str, object]]) -> None:
    """Write what a sweep changed; each: id, steps, next_step_at, status, warned, missed."""
    if not changes:
        return
    table = models.tables[DEADLINE]
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("key"))
        .values(
            steps=sa.bindparam("steps"),
            next_step_at=sa.bindparam("next_step_at"),
            status=sa.bindparam("status"),
            warned=sa.func.coalesce(sa.bindparam("warned", type_=sa.Boolean()), table.c.warned),
            missed=sa.func.coalesce(sa.bindparam("missed", type_=sa.Boolean()), table.c.missed),
            version=table.c.version + 1,
        )
    )
    rows = [
        {**{key: one[key] for key in ("next_step_at", "status", "warned", "missed")},
         "key": one["id"], "steps": as_json(one["steps"])}
        for one in changes
    ]  # fmt: skip
    session.connection().execute(statement, rows)


def open_clocks(
    session: orm.Session,
    models: Models,
    *wanted: Wanted,
    after: int = 0,
    limit: int = 500,
) -> tuple[tuple[int, str, int], ...]:
    """Clocks that have not ended and meet `wanted`: id, record type and record id, by id from `after` on."""
    table = models.tables[DEADLINE]
    statement = (
        sa.select(table.c.id, table.c.record_type, table.c.record_id)
        .where(table.c.id > after, table.c.stopped_at.is_(None), table.c.status.in_(OPEN), *wanted)
        .order_by(table.c.id)
        .limit(limit)
    )
    return tuple((row[0], row[1], row[2]) for row in session.execute(statement))


def clocks_of_units(models: Models, unit_ids: Collection[int]) -> Wanted:
    """Those of records of these units, for `open_clocks`."""
    return models.tables[DEADLINE].c.unit_id.in_(sorted(unit_ids))


def clocks_across(
    models: Models, levels: Collection[str], days: Sequence[tuple[datetime, datetime]]
) -> sa.ColumnElement[bool]:
    """Those of these service levels that run across one of the stretches of time, for `open_clocks`. One
    without a due time runs on for ever."""
    table = models.tables[DEADLINE]
    across = [
        sa.and_(table.c.started_at < until, sa.or_(table.c.due_at.is_(None), table.c.due_at > since))
        for since, until in days
    ]
    return sa.and_(table.c.service_level.in_(sorted(levels)), sa.or_(*across) if across else sa.false())


def clocks_behind(
    models: Models, record_type: str, links: Sequence[tuple[str, ...]], target: int
) -> sa.ColumnElement[bool]:
    """Those of records of a type from which one of the paths of links leads to the record `target`, for
    `open_clocks`."""
    table = models.tables[DEADLINE]
    found = []
    for path in links:
        joins = Joins.of_record(models, record_type, models.tables[record_type].alias())
        column = joins.column(path)
        found.append(sa.select(joins.column(("id",))).select_from(joins.source).where(column == target))
    behind = [table.c.record_id.in_(one) for one in found]
    return sa.and_(table.c.record_type == record_type, sa.or_(*behind) if behind else sa.false())


def clock_counts(session: orm.Session, models: Models) -> tuple[tuple[str, str, int, datetime | None], ...]:
    """Open clocks by service level and state: how many, and the earliest step to come."""
    table = models.tables[DEADLINE]
    statement = (
        sa.select(table.c.service_level, table.c.status, sa.func.count(), sa.func.min(table.c.next_step_at))
        .where(table.c.stopped_at.is_(None), table.c.status.in_(OPEN))
        .group_by(table.c.service_level, table.c.status)
        .order_by(table.c.service_level, table.c.status)
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in session.execute(statement))


def _rows(
    session: orm.Session, models: Models, wanted: Sequence[sa.ColumnElement[bool]], lock: bool
) -> tuple[DeadlineRow, ...]:
    table = models.tables[DEADLINE]
    columns = [table.c[one.name] for one in fields(DeadlineRow)]
    statement = sa.select(*columns).where(*wanted).order_by(table.c.id)
    if lock:
        statement = statement.with_for_update()
    return tuple(DeadlineRow(*row) for row in session.execute(statement))


def clocked_types(session: orm.Session, models: Models) -> frozenset[str]:
    """The record types of which clocks are stored."""
    return frozenset(session.scalars(sa.select(models.tables[DEADLINE].c.record_type).distinct()))


def all_clocks(session: orm.Session, models: Models, at_once: int = 500) -> Iterator[tuple[int, str, int]]:
    """Every clock that has not ended, by id."""
    last = 0
    while found := open_clocks(session, models, after=last, limit=at_once):
        yield from found
        last = found[-1][0]


def unit_calendars(session: orm.Session, models: Models, unit_id: int) -> tuple[str | None, ...]:
    """The calendars that a unit and those above it name, nearest first; None for one that names none."""
    unit = models.tables["unit"]
    start = sa.select(unit.c.parent_id, unit.c.calendar, sa.literal(0).label("depth")).where(
        unit.c.id == unit_id
    )
    above = start.cte("above", recursive=True)
    step = (
        sa.select(unit.c.parent_id, unit.c.calendar, above.c.depth + 1)
        .join(above, unit.c.id == above.c.parent_id)
        .where(above.c.depth < _HIGHEST)
    )
    tree = above.union_all(step)
    return tuple(session.scalars(sa.select(tree.c.calendar).order_by(tree.c.depth)))
