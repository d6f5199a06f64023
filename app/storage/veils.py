"""What is kept from some people for a time: a surprise check, from the unit that it will come to.

A veil over a record also lies over whatever refers to it by type and id: tasks, deadlines, messages, files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy import orm

from app.access import Actor, refers_to_records
from app.storage.mapping import Models
from app.storage.system_tables import TABLES


def draw_veil(
    session: orm.Session,
    record_type: str,
    record_id: int,
    units: Collection[int],
    people: Collection[int],
    shown_to: Collection[int] = (),
) -> None:
    """Keep a record from the people of `units` and from `people`, but not from the persons `shown_to`."""
    hidden = [{"unit_id": unit, "person_id": None, "shown": False} for unit in units]
    hidden += [{"unit_id": None, "person_id": person, "shown": False} for person in people]
    if not hidden:
        return
    shown = [{"unit_id": None, "person_id": person, "shown": True} for person in shown_to]
    of_record = {"record_type": record_type, "record_id": record_id}
    session.execute(sa.insert(TABLES["veil"]), [{**of_record, **row} for row in (*hidden, *shown)])


def lift_veil(session: orm.Session, record_type: str, record_id: int) -> None:
    """Show the record to everybody who may read it."""
    veil = TABLES["veil"]
    session.execute(sa.delete(veil).where(veil.c.record_type == record_type, veil.c.record_id == record_id))


def is_veiled(session: orm.Session, models: Models, record_type: str, record_id: int, actor: Actor) -> bool:
    """Whether a record is kept from the actor now."""
    table = models.tables[record_type]
    open_to = veil_where(models, record_type, actor, table)
    asked = sa.select(table.c.id).where(table.c.id == record_id, sa.not_(open_to))
    return session.execute(asked).first() is not None


def veil_where(
    models: Models, record_type: str, actor: Actor, table: sa.FromClause
) -> sa.ColumnElement[bool]:
    """The rows of `table` (the type's own, or an alias) that are not kept from the actor."""
    hidden = [_may_not_see(actor, record_type, table.c.id)]
    if refers_to_records(models.record(record_type)):
        hidden.append(_may_not_see(actor, table.c.record_type, table.c.record_id))
        hidden += _behind_another(models, actor, table)
    return sa.not_(sa.or_(*hidden))


def _behind_another(models: Models, actor: Actor, table: sa.FromClause) -> Iterator[sa.ColumnElement[bool]]:
    """What refers to a record that refers to a veiled one: the audit entry of a task of it."""
    for name, record in models.release.records.items():
        if refers_to_records(record):
            other = models.tables[name].alias()
            secret = _may_not_see(actor, other.c.record_type, other.c.record_id)
            same = (table.c.record_type == name, table.c.record_id == other.c.id)
            yield sa.exists().where(*same, secret).correlate(table)


def _may_not_see(actor: Actor, kind: object, ident: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether a veil over the record of that type and id hides it from the actor, and none names them."""
    veil, named = TABLES["veil"].alias(), TABLES["veil"].alias()
    from_me = sa.or_(veil.c.unit_id.in_(sorted(actor.belongs)), veil.c.person_id == actor.person_id)
    over = sa.exists().where(veil.c.record_type == kind, veil.c.record_id == ident, ~veil.c.shown, from_me)
    mine = (named.c.shown, named.c.person_id == actor.person_id)
    return over & ~sa.exists().where(named.c.record_type == kind, named.c.record_id == ident, *mine)
