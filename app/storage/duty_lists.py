"""What the coverage list reads: turns within somebody's rows, and where targets belong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.duties import DUTY_RUN
from app.storage.mapping import Models


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A turn, or a period of a counted duty, as the coverage list counts it."""

    id: int
    duty: str
    title: str
    target_type: str | None
    target_id: int | None
    target: str
    unit_id: int | None
    due_at: datetime | None
    done_at: datetime | None
    needed: int
    made: int


def runs_between(
    session: orm.Session,
    models: Models,
    first: date,
    last: date,
    where: sa.ColumnElement[bool],
    limit: int,
) -> list[ListedRun]:
    """The turns of periods that begin from `first` to `last`, and those of longer periods around them.

    where: over the table of turns. Drawn turns are counted with their period, not by themselves.
    """
    table = models.tables[DUTY_RUN]
    begins = table.c.starts_on.between(first, last)
    around = sa.and_(table.c.starts_on < first, table.c.ends_on >= last)
    columns = [table.c[name] for name in ("id", "duty", "title", "target_type", "target_id", "target")]
    columns += [table.c[name] for name in ("unit_id", "due_at", "done_at", "needed", "made")]
    chosen = sa.select(*columns).where(sa.or_(begins, around), table.c.part_of_id.is_(None), where)
    rows = session.execute(chosen.order_by(table.c.duty, table.c.target_id, table.c.id).limit(limit))
    return [
        ListedRun(
            row.id,
            row.duty or "",
            row.title or "",
            row.target_type,
            row.target_id,
            row.target or "",
            row.unit_id,
            row.due_at,
            row.done_at,
            row.needed or 1,
            row.made or 0,
        )
        for row in rows
    ]


def units_of(
    session: orm.Session, models: Models, record_type: str, ids: Collection[int]
) -> dict[int, int | None]:
    """The unit that each record belongs to; a unit belongs to itself."""
    if record_type == "unit" or not ids:
        return {ident: ident for ident in ids}
    record, table = models.record(record_type), models.tables[record_type]
    found = record.columns.get(record.unit_field or "")
    if found is None or found.column is None:
        return dict.fromkeys(ids)
    chosen = sa.select(table.c.id, table.c[found.column]).where(table.c.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(chosen)}


def calendars_of_units(session: orm.Session, models: Models) -> dict[int, str]:
    """The calendar of every unit that has one: its own, or that of the nearest unit above."""
    table = models.tables["unit"]
    rows = session.execute(sa.select(table.c.id, table.c.parent_id, table.c.calendar)).all()
    own = {row.id: (row.parent_id, row.calendar) for row in rows}
    found: dict[int, str] = {}
    for unit in own:
        at, passed = unit, set[int]()
        while at in own and at not in passed:
            passed.add(at)
            above, name = own[at]
            if name:
                found[unit] = name
                break
            at = above
    return found
