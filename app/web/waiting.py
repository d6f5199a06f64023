"""What waits for somebody: records whose next step is theirs, counted for all record types in one
statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from app.access import Actor, row_scope
from app.storage import scope_where
from app.storage.joins import Joins
from app.web.context import Served, now, session
from app.workflow import Machine, Move, Parties

MOST_COUNTED = 1000
AT_ONCE = 400
"""Parts of one UNION; SQLite takes 500."""


def waiting_counts(served: Served, asker: Actor) -> dict[str, int]:
    """Record type -> how many records wait for `asker` (1000 stands for more); types without any are left
    out.

    A record waits for somebody when its state has a transition that `by` gives to a role or person of theirs,
    or that one of their roles is granted by name.
    """
    parts = [part for name in served.release.records for part in _part(served, asker, name)]
    found: dict[str, int] = {}
    for start in range(0, len(parts), AT_ONCE):
        for name, count in session().execute(sa.union_all(*parts[start : start + AT_ONCE])):
            if count:
                found[name] = count
    return found


def waiting_ids(served: Served, asker: Actor, record_type: str) -> sa.Select[Any]:
    """The ids of the records of one type that wait for `asker`, as a statement to use behind IN."""
    table = served.models.tables[record_type].alias()
    found = _waiting(served, asker, record_type, table)
    if found is None:
        return sa.select(table.c.id).where(sa.false())
    source, where = found
    return sa.select(table.c.id).select_from(source).where(where)


def _waiting(
    served: Served, asker: Actor, record_type: str, table: sa.FromClause
) -> tuple[sa.FromClause, sa.ColumnElement[bool]] | None:
    """The rows of one type that wait for `asker`, as a source and a condition; None when none ever can."""
    machine = served.machine(record_type)
    if machine is None or asker.kind != "person":
        return None
    scope = row_scope(served.policy, asker, "read", record_type)
    if scope.nothing:
        return None
    joins = Joins.of_record(served.models, record_type, table)
    steps = [
        sa.and_(table.c.state.in_(move.spec.from_), who)
        for move in machine.moves.values()
        if (who := _whose(served, asker, machine, move, joins, table)) is not None
    ]
    if not steps:
        return None
    readable = scope_where(served.models, record_type, scope, asker, now(), table=table)
    return joins.source, sa.and_(sa.or_(*steps), readable)


def _part(served: Served, asker: Actor, name: str) -> Iterator[sa.Select[str, int]]:
    found = _waiting(served, asker, name, served.models.tables[name].alias())
    if found is not None:
        source, where = found
        some = sa.select(sa.literal(1)).select_from(source).where(where).limit(MOST_COUNTED).subquery()
        yield sa.select(sa.literal(name), sa.func.count()).select_from(some)


def _whose(
    served: Served, asker: Actor, machine: Machine, move: Move, joins: Joins, table: sa.FromClause
) -> sa.ColumnElement[bool] | None:
    """When the transition is the asker's to make; None for never."""
    if move.spec.approve is not None or (move.spec.at is not None and not move.by):
        return None
    conditions = list(_named(move.by, asker, joins))
    granted = row_scope(served.policy, asker, move.name, machine.record.name)
    if not asker.unlimited and not granted.nothing:
        conditions.append(scope_where(served.models, machine.record.name, granted, asker, now(), table=table))
    if not conditions:
        return None
    barred = list(_named(move.not_by, asker, joins))
    allowed = sa.or_(*conditions)
    return sa.and_(allowed, *(sa.func.coalesce(one, sa.false()).is_(sa.false()) for one in barred))


def _named(parties: Parties, asker: Actor, joins: Joins) -> Iterator[sa.ColumnElement[bool]]:
    if parties.roles & asker.roles:
        yield sa.true()
    if asker.person_id is None:
        return
    for path in parties.paths:
        field = joins.field(path)
        if field is not None and field.target == "person" and field.column:
            yield joins.column(path) == asker.person_id
