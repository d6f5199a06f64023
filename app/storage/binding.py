"""What the SQL reader of expressions asks for: columns behind paths, and the rows of a record.

Everything is a correlated subquery, so a condition stands by itself: it can be put behind any WHERE over
the record type's table without a join.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.access import Actor
from app.expressions import Expression
from app.expressions.core import Const, HasRole, Node
from app.expressions.sql import to_sql
from app.release import FieldModel
from app.storage.joins import Joins, PathParts, Place
from app.storage.mapping import Models
from app.storage.records import SINGLE_ATTACHMENTS


class HoldsOption(FunctionElement[bool]):
    """Whether a column of several options holds one: `HoldsOption(column, option)`."""

    inherit_cache = True
    name = "holds_option"
    type = sa.Boolean()


@compiles(HoldsOption, "sqlite")
def _in_json_text(element: HoldsOption, compiler: SQLCompiler, **options: Any) -> str:
    column, option = (compiler.process(one, **options) for one in element.clauses)
    return f"({option} IN (SELECT value FROM json_each({column})))"


@compiles(HoldsOption)
def _in_jsonb(element: HoldsOption, compiler: SQLCompiler, **options: Any) -> str:
    column, option = (compiler.process(one, **options) for one in element.clauses)
    return f"jsonb_exists({column}, {option})"


@dataclass(frozen=True, slots=True)
class RecordBinder:
    """The columns of one row of `place`, for `app.expressions.sql.to_sql`.

    values: what is known beforehand (`now`, `today`, `this`, parameters). `me` is the id of the acting
    person, whose fields are looked up in the statement itself unless `values` has them.
    """

    models: Models
    place: Place
    values: Mapping[str, object] = field(default_factory=dict)
    me: int | None = None

    def column(self, path: PathParts) -> sa.ColumnElement[Any]:
        """The column at the end of a path; a link's is the id. KeyError when the path names none."""
        if path == ("id",):
            return self.place.table.c["id"]
        if path[0] == "me" and "me" not in self.place.fields:
            target = "person"
            own: sa.ColumnElement[Any] = sa.literal(self.me, sa.Integer())
        else:
            found = self.place.fields[path[0]]
            single = found.type in SINGLE_ATTACHMENTS
            target = "attachment" if single else found.target or ""
            own = self._newest(found) if single else Joins(self.models, self.place).column(path[:1])
        if len(path) == 1 or path[1:] == ("id",):
            return own
        beyond = self._everything(target, path)
        query = sa.select(replace(self, place=beyond).column(path[1:])).where(beyond.table.c.id == own)
        return query.correlate_except(beyond.table).scalar_subquery()

    def holds_option(self, path: PathParts, option: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether the field of several options at `path` holds `option`."""
        return HoldsOption(self.column(path), option)

    def rows(self, path: PathParts) -> BoundRows:
        """The lines, linked records or attachments at `path`. KeyError when it names none."""
        owner, place = self._owner(path[:-1])
        found, record_type = place.fields[path[-1]], place.record_type or ""
        if found.type == "lines":
            lines = self.models.lines[record_type, found.name].alias()
            return self._rows(Place(lines, found.lines, None), lines.c.record_id == owner)
        if found.type == "links":
            pairs = self.models.links[record_type, found.name].alias()
            chosen = sa.select(pairs.c.target_id).where(pairs.c.record_id == owner).correlate_except(pairs)
            inner = self._everything(found.target or "", path)
            return self._rows(inner, inner.table.c.id.in_(chosen))
        if found.kind.storage != "attachments":
            raise KeyError(".".join(path))
        inner = self._everything("attachment", path)
        return self._rows(inner, _attached(inner.table, record_type, found.name, owner))

    def records(self, record: str) -> BoundRows:
        """All records of a type."""
        return self._rows(self._everything(record, (record,)), sa.true())

    def _everything(self, record_type: str, path: PathParts) -> Place:
        if record_type not in self.models.tables:
            raise KeyError(".".join(path))
        table = self.models.tables[record_type].alias()
        return Place(table, self.models.record(record_type).columns, record_type)

    def _rows(self, place: Place, where: sa.ColumnElement[bool]) -> BoundRows:
        return BoundRows(replace(self, place=place), where)

    def _newest(self, found: FieldModel) -> sa.ColumnElement[Any]:
        """The id of the one file that the field holds."""
        files = self.models.tables["attachment"].alias()
        here = _attached(files, self.place.record_type or "", found.name, self.place.table.c["id"])
        return sa.select(sa.func.max(files.c.id)).where(here).correlate_except(files).scalar_subquery()

    def _owner(self, path: PathParts) -> tuple[sa.ColumnElement[Any], Place]:
        """The id of what holds the rows, and the place that says what its fields are."""
        if not path:
            return self.place.table.c["id"], self.place
        found = Joins(self.models, self.place).field(path)
        target = "person" if path == ("me",) else (found.target if found else None)
        return self.column(path), self._everything(target or "", path)


@dataclass(frozen=True, slots=True)
class BoundRows:
    """Rows behind a record, correlated to the row outside."""

    binder: RecordBinder
    where: sa.ColumnElement[bool]

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """SELECT these columns FROM the rows."""
        table = self.binder.place.table
        return sa.select(*columns).select_from(table).where(self.where).correlate_except(table)


def _attached(
    files: sa.FromClause, record_type: str, name: str, owner: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    return sa.and_(files.c.record_type == record_type, files.c.record_id == owner, files.c.field == name)


def condition_where(
    models: Models,
    record_type: str,
    condition: Expression,
    actor: Actor,
    values: Mapping[str, object],
    table: sa.FromClause | None = None,
) -> sa.ColumnElement[bool]:
    """The rows for which `condition` is true, over the type's own table (or an alias of it); NULL, which no
    WHERE lets pass, where it is empty.

    values: the root names beside the record, at least `now` and `today`; `me` is the actor's person unless it
    is among them. Raises NotReadable for what only Python can evaluate (check says so before).
    """
    start = models.tables[record_type] if table is None else table
    place = Place(start, models.record(record_type).columns, record_type)
    return to_sql(settled(condition, actor), RecordBinder(models, place, values, actor.person_id))


def settled(expression: Expression, actor: Actor) -> Expression:
    """The expression with every `has_role` answered: roles are no column."""
    return replace(expression, tree=_with_roles(expression.tree, actor))


def _with_roles(node: Node, actor: Actor) -> Node:
    if isinstance(node, HasRole):
        held = actor.roles | {role.rpartition(".")[2] for role in actor.roles}
        return Const(node.at, node.type, None if actor.person_id is None else node.role in held)
    changed: dict[str, Any] = {}
    for slot in fields(node):
        value = getattr(node, slot.name)
        if isinstance(value, Node):
            changed[slot.name] = _with_roles(value, actor)
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            changed[slot.name] = tuple(_with_roles(item, actor) for item in value)
    return replace(node, **changed) if changed else node
