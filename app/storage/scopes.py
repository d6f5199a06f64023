"""Row scopes in SQL: the same rows that `app.access.in_scope` judges one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import orm

from app.access import Actor, RowScope, owner_fields
from app.access.rows import Rows
from app.rules.working_days import counting
from app.storage.binding import condition_where
from app.storage.mapping import Models
from app.storage.veils import veil_where


def scope_where(
    models: Models,
    record_type: str,
    scope: RowScope,
    actor: Actor,
    now: datetime,
    values: Mapping[str, object] | None = None,
    table: sa.FromClause | None = None,
) -> sa.ColumnElement[bool]:
    """The rows of the scope, as a WHERE clause over the type's table (or an alias of it).

    values: more names that the scope's conditions may read, besides the record, `me`, `now`, `today`.
    """
    start = models.tables[record_type] if table is None else table
    granted = _granted(
        models, record_type, scope, actor, {**moment_values(models, now), **(values or {})}, start
    )
    if scope.about is not None:
        granted = sa.and_(granted, _about(models, scope.about, actor, now, start))
    if not scope.veiled:
        return granted
    return sa.and_(granted, veil_where(models, record_type, actor, start))


def _about(
    models: Models,
    readable: Collection[tuple[str, RowScope]],
    actor: Actor,
    now: datetime,
    table: sa.FromClause,
) -> sa.ColumnElement[bool]:
    """The rows about a record that is within the scope of its type."""
    found = []
    for name, scope in readable:
        owner = models.tables[name].alias()
        where = scope_where(models, name, scope, actor, now, table=owner)
        seen = sa.true() if scope.unlimited else table.c.record_id.in_(sa.select(owner.c.id).where(where))
        found.append(sa.and_(table.c.record_type == name, seen))
    return sa.or_(*found) if found else sa.false()


def _granted(
    models: Models,
    record_type: str,
    scope: RowScope,
    actor: Actor,
    values: Mapping[str, object],
    table: sa.FromClause,
) -> sa.ColumnElement[bool]:
    """The rows that the roles grant, veiled or not."""
    if scope.everything:
        return sa.true()
    parts = [sa.and_(*_part(models, record_type, part, actor, values, table)) for part in scope.parts]
    return sa.or_(*parts) if parts else sa.false()


def moment_values(models: Models, now: datetime) -> dict[str, object]:
    """`now` and `today` in the portal's time zone."""
    today = now.astimezone(ZoneInfo(models.zone)).date()
    return {"now": now, "today": today, **counting(models.release.portal)}


def ids_in_scope(
    session: orm.Session,
    models: Models,
    record_type: str,
    ids: Collection[int],
    actor: Actor,
    scope: RowScope,
    values: Mapping[str, object],
) -> frozenset[int]:
    """Those of `ids` that exist and lie within the scope; `values` holds `now`, `today` and maybe `me`."""
    if not ids or scope.nothing or record_type not in models.tables:
        return frozenset()
    table = models.tables[record_type]
    now = values.get("now")
    if not isinstance(now, datetime):
        raise TypeError("values must hold `now`")
    where = scope_where(models, record_type, scope, actor, now)
    return frozenset(session.scalars(sa.select(table.c.id).where(table.c.id.in_(ids), where)))


def _part(
    models: Models,
    record_type: str,
    part: Rows,
    actor: Actor,
    values: Mapping[str, object],
    table: sa.FromClause,
) -> Iterator[sa.ColumnElement[bool]]:
    record = models.record(record_type)
    if part.where is not None:
        yield condition_where(models, record_type, part.where, actor, values, table)
    unit = table.c[record.columns[record.unit_field].column or "id"] if record.unit_field else None
    match part.kind:
        case "own" if actor.person_id is None:
            yield sa.false()
        case "own":
            names = [record.columns[name].column for name in owner_fields(record)]
            yield sa.or_(*(table.c[name] == actor.person_id for name in names if name))
        case "unit":
            yield sa.false() if unit is None or actor.unit_id is None else unit == actor.unit_id
        case "subtree":
            yield sa.false() if unit is None else unit.in_(sorted(actor.subtree))
        case "all":
            yield sa.true()
