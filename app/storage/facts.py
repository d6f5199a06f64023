"""What expressions read, loaded beforehand: values behind paths, and counts over whole record types.

One statement for everything that plain links lead to, and one more for each set of lines, links or
attachments that a path goes through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.expressions import Lookup, evaluate_lookup, scope_with
from app.expressions.core import NotReadable
from app.expressions.sql import lookup_to_sql
from app.release import FieldModel
from app.storage.binding import RecordBinder
from app.storage.joins import Joins, PathParts, Place
from app.storage.mapping import Models
from app.storage.records import SINGLE_ATTACHMENTS
from app.storage.selecting import Selected, select_rows

Facts = dict[str, Any]
_AT_ONCE = 5_000


def linked_values(
    session: orm.Session,
    models: Models,
    record_type: str,
    ids: Collection[int],
    paths: Iterable[PathParts],
) -> dict[int, Facts]:
    """What `paths` read of the records with these ids, by id; records that do not exist are left out.

    Each is a nested mapping with `id`: a link is a mapping where a path goes on, else an id; lines, links and
    attachments are lists. Paths that name nothing are left out of account.
    """
    if not ids or record_type not in models.tables:
        return {}
    place = Place(models.tables[record_type], models.record(record_type).columns, record_type)
    return {
        row.id: facts
        for row, facts in _load(session, models, place, frozenset(paths), sorted(set(ids)), "id")
    }


def load_facts(
    session: orm.Session, models: Models, record_type: str, record_id: int, paths: Iterable[PathParts]
) -> Facts | None:
    """The same for one record; None when there is none."""
    return linked_values(session, models, record_type, (record_id,), paths).get(record_id)


def lookup_values(
    session: orm.Session, models: Models, scope: Mapping[str, object], lookups: Sequence[Lookup]
) -> dict[str, Any]:
    """`scope` with the value of every look-up among its facts; one statement for all of them.

    scope: the names that the look-ups read of the record outside (`this.x` as x), `me`, `now`, `today`.
    """
    if not lookups:
        return dict(scope)
    nowhere = Place(models.tables["release"], {}, None)
    binder = RecordBinder(models, nowhere, _KnownValues(scope))
    facts: dict[str, object] = {}
    columns: dict[str, sa.ColumnElement[Any]] = {}
    for lookup in lookups:
        try:
            columns[lookup.key] = lookup_to_sql(lookup, binder)
        except NotReadable:
            facts[lookup.key] = _looked_up_here(session, models, scope, lookup)
    if columns:
        labelled = [column.label(f"v{index}") for index, column in enumerate(columns.values())]
        row = session.execute(sa.select(*labelled)).one()
        facts |= dict(zip(columns, row, strict=True))
    return dict(scope_with(scope, facts))


def _looked_up_here(
    session: orm.Session, models: Models, scope: Mapping[str, object], lookup: Lookup
) -> object:
    """A look-up with a part that only Python can evaluate: all records of the type are read."""
    ids = session.scalars(sa.select(models.tables[lookup.record].c.id)).all()
    rows: list[Facts] = []
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        rows += linked_values(session, models, lookup.record, chunk, lookup.inner).values()
    return evaluate_lookup(lookup, rows, scope)


class _KnownValues(Mapping[str, object]):
    """Every name is known: what the scope lacks is empty, for nothing outside a look-up has a column."""

    def __init__(self, scope: Mapping[str, object]) -> None:
        self.scope = scope

    def __getitem__(self, name: str) -> object:
        return self.scope.get(name)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)


@dataclass(frozen=True, slots=True)
class _Several:
    """Lines, links or attachments on the way: `before` leads to their owner, `below` is read of each."""

    before: PathParts
    field: FieldModel
    owner_type: str | None
    below: frozenset[PathParts]


def _load(
    session: orm.Session,
    models: Models,
    place: Place,
    paths: frozenset[PathParts],
    ids: Sequence[int],
    key: str,
) -> list[tuple[Selected, Facts]]:
    joins = Joins(models, place)
    single, several = _sorted_out(models, joins, paths)
    wanted = {path[:size] for path in single for size in range(1, len(path) + 1)}
    wanted |= {one.before[:size] for one in several for size in range(1, len(one.before) + 1)}
    columns = sorted(path for path in wanted if joins.field(path) is not None)
    rows = select_rows(session, models, place, columns, (), ids, key)
    found = [(row, _nested(row, single, several)) for row in rows]
    for one in several:
        owners = {row.id: row.values.get(one.before) if one.before else row.id for row, _ in found}
        children = _children(session, models, place, one, [o for o in owners.values() if isinstance(o, int)])
        for row, facts in found:
            holder = _holder(facts, one.before)
            if holder is not None:
                holder[one.field.name] = _of_owner(one.field, children.get(owners[row.id], []))
    return found


def _sorted_out(
    models: Models, joins: Joins, paths: frozenset[PathParts]
) -> tuple[set[PathParts], list[_Several]]:
    """Paths along plain links; and the others, cut where several rows begin."""
    single: set[PathParts] = set()
    cut: dict[PathParts, set[PathParts]] = {}
    for path in paths:
        size = next((n for n in range(1, len(path) + 1) if _is_several(joins.field(path[:n]))), 0)
        if size:
            cut.setdefault(path[:size], set()).add(path[size:])
        elif path[-1] == "id" or joins.field(path) is not None:
            single.add(path[:-1] if path[-1] == "id" and len(path) > 1 else path)
    several = []
    for path, below in cut.items():
        found = joins.field(path)
        before = joins.field(path[:-1]) if len(path) > 1 else None
        owner = before.target if before else joins.places[()].record_type
        if found is not None:
            several.append(_Several(path[:-1], found, owner, frozenset(below - {()})))
    return single, several


def _is_several(found: FieldModel | None) -> bool:
    return found is not None and found.kind.storage in ("rows", "attachments")


def _nested(row: Selected, single: Iterable[PathParts], several: Iterable[_Several]) -> Facts:
    """The row's values as mappings within mappings; behind an empty link stands None."""
    facts: Facts = {"id": row.id}
    for path in sorted({*single, *(one.before for one in several if one.before)}):
        holder: Facts | None = facts
        for index, part in enumerate(path[:-1], 1):
            inner = holder.get(part) if holder is not None else None
            if not isinstance(inner, dict) and holder is not None:
                ident = row.values.get(path[:index])
                inner = holder[part] = None if ident is None else {"id": ident}
            holder = inner
        if holder is not None and not isinstance(holder.get(path[-1]), dict):
            holder[path[-1]] = _plain(row.values.get(path))
    for one in several:
        holder = _holder(facts, one.before)
        if holder is None:
            continue
        holder[one.field.name] = None
    return facts


def _holder(facts: Facts, before: PathParts) -> Facts | None:
    """The mapping that `before` leads to, made from the bare id where nothing else of it is read."""
    holder = facts
    for part in before:
        inner = holder.get(part)
        if inner is None:
            return None
        if not isinstance(inner, dict):
            inner = holder[part] = {"id": inner}
        holder = inner
    return holder


def _plain(value: object) -> object:
    """A place on the map reads as text: degrees north, degrees east."""
    if isinstance(value, dict) and {"lat", "lon"} <= value.keys():
        return f"{value['lat']},{value['lon']}"
    return value


def _of_owner(field: FieldModel, children: list[Any]) -> Any:
    return (children[-1] if children else None) if field.type in SINGLE_ATTACHMENTS else children


def _children(
    session: orm.Session, models: Models, place: Place, one: _Several, owners: Sequence[int]
) -> dict[object, list[Any]]:
    """The lines, links or attachments of each owner, in order."""
    found: dict[object, list[Any]] = {}
    if not owners:
        return found
    record_type = one.owner_type or ""
    if one.field.type == "lines":
        table = models.lines[record_type, one.field.name]
        number = models.record("unit").columns["id"].spec
        extra = {name: FieldModel(name, number, "") for name in ("record_id", "position")}
        inner = Place(table, {**one.field.lines, **extra}, None)
        paths = one.below | {("record_id",), ("position",)}
        lines = _load(session, models, inner, paths, owners, "record_id")
        for _row, facts in sorted(lines, key=lambda line: (line[1].pop("position"), line[0].id)):
            found.setdefault(facts.pop("record_id"), []).append(facts)
        return found
    pairs = session.execute(_pairs(models, record_type, one.field, owners)).all()
    target = one.field.target if one.field.type == "links" else "attachment"
    values = linked_values(session, models, target or "", [pair[1] for pair in pairs], one.below)
    for owner, ident in pairs:
        found.setdefault(owner, []).append(values.get(ident, {"id": ident}))
    return found


def _pairs(models: Models, record_type: str, field: FieldModel, owners: Sequence[int]) -> sa.Select[Any]:
    if field.type == "links":
        links = models.links[record_type, field.name]
        chosen = sa.select(links.c.record_id, links.c.target_id).where(links.c.record_id.in_(owners))
        return chosen.order_by(links.c.record_id, links.c.position, links.c.target_id)
    files = models.tables["attachment"]
    here = (files.c.record_type == record_type, files.c.record_id.in_(owners), files.c.field == field.name)
    return sa.select(files.c.record_id, files.c.id).where(*here).order_by(files.c.id)
