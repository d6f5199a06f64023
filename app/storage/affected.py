"""How much open work a change of the rules meets."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel
from app.storage.mapping import Models
from app.storage.people import people_with_role

FIRST = 5
"""Records that are named of those that a change meets."""


def count_by_state(session: orm.Session, models: Models, record_type: str) -> dict[str, int]:
    """State -> how many records of the type stand in it; nothing for types without a workflow."""
    table = models.tables[record_type]
    if "state" not in table.c:
        return {}
    counted = sa.select(table.c.state, sa.func.count()).where(table.c.state.is_not(None))
    return {row[0]: row[1] for row in session.execute(counted.group_by(table.c.state))}


def count_running_clocks(session: orm.Session, models: Models, levels: Collection[str]) -> int:
    """Clocks of these service levels (full names) that have not been stopped."""
    clock = models.tables["deadline"]
    if not levels:
        return 0
    running = clock.c.service_level.in_(levels) & clock.c.stopped_at.is_(None)
    return session.scalar(sa.select(sa.func.count()).select_from(clock).where(running)) or 0


def count_with_role(session: orm.Session, models: Models, role: str) -> int:
    """People whose account has the role."""
    return len(people_with_role(session, models, role))


def count_values(session: orm.Session, models: Models, record_type: str, field: FieldModel) -> dict[str, int]:
    """Value -> how many records hold it, of a field of words or of several options."""
    table = models.tables[record_type]
    column = table.c[str(field.column)]
    if not isinstance(column.type, sa.JSON):
        counted = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
        return {str(value): count for value, count in session.execute(counted)}
    found: Counter[str] = Counter()
    for values in session.scalars(sa.select(column).where(column.is_not(None))):
        found.update({str(one) for one in values})
    return dict(found)


def count_empty(session: orm.Session, models: Models, record_type: str, field: FieldModel | None) -> int:
    """Records without a value in a field; all of them for a field that is not stored yet."""
    table = models.tables[record_type]
    counted = sa.select(sa.func.count()).select_from(table)
    if field is not None:
        counted = counted.where(table.c[str(field.column)].is_(None))
    return session.scalar(counted) or 0


def first_with(
    session: orm.Session, models: Models, record_type: str, field: FieldModel, values: Collection[str]
) -> list[int]:
    """Ids of the first records that hold one of these values, of a field of words or of several options."""
    table = models.tables[record_type]
    column = table.c[str(field.column)]
    chosen = sa.select(table.c.id).order_by(table.c.id)
    if not isinstance(column.type, sa.JSON):
        return list(session.scalars(chosen.where(column.in_(values)).limit(FIRST)))
    rows = session.execute(chosen.add_columns(column).where(column.is_not(None)))
    holding = (ident for ident, held in rows if not set(values).isdisjoint(map(str, held)))
    return list(itertools.islice(holding, FIRST))


def first_empty(
    session: orm.Session, models: Models, record_type: str, field: FieldModel | None
) -> list[int]:
    """Ids of the first records without a value in a field; as `count_empty`."""
    table = models.tables[record_type]
    chosen = sa.select(table.c.id).order_by(table.c.id).limit(FIRST)
    if field is not None:
        chosen = chosen.where(table.c[str(field.column)].is_(None))
    return list(session.scalars(chosen))


def count_filled(session: orm.Session, models: Models, record_type: str, field: FieldModel) -> int:
    """Records with a value in a field."""
    table = models.tables[record_type]
    filled = table.c[str(field.column)].is_not(None)
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(filled)) or 0
