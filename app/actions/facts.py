"""A record as expressions see it: its values, what its links lead to, who acts and when.

Conditions never query; this is where what they read is loaded, path by path, before they are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.access import ABOUT, FOLLOWING, VEILED, row_scope
from app.actions.context import Context
from app.expressions import Expression
from app.expressions.core import WORKING
from app.release import FieldModel, RecordModel
from app.rules.working_days import counting
from app.storage import ids_in_scope, linked_values, lookup_values
from app.storage.veils import is_veiled
from app.workflow import is_empty

PathParts = tuple[str, ...]
Scope = dict[str, Any]
Loaded = dict[tuple[str, tuple[int, ...], frozenset[PathParts]], Mapping[int, Scope]]
"""What was read of linked records: by record type, ids and paths."""

_ATTACHMENTS = "attachments"


def moment(context: Context, paths: Iterable[PathParts] = (), loaded: Loaded | None = None) -> Scope:
    """`me` (with what `paths` read of that person), `now` and `today`."""
    actor = context.actor
    me: dict[str, object] | None = None
    if actor.person_id is not None:
        below = _below(paths, "me") - {("roles",)}
        found = _person(context, actor.person_id, below - {("id",)}, {} if loaded is None else loaded)
        short = {role.rpartition(".")[2] for role in actor.roles}
        me = {**found, "id": actor.person_id, "roles": actor.roles | short}
    return {"me": me, "now": context.now, "today": context.today, **counting_days(context)}


def counting_days(context: Context) -> Mapping[str, object]:
    """What lets expressions count working days, by the portal's calendar."""
    return context.keep("working days", lambda: counting(context.release.portal))


def _person(context: Context, person_id: int, below: frozenset[PathParts], loaded: Loaded) -> Scope:
    """What is read of the acting person; the own unit is known without asking."""
    if below <= {("unit",), ("unit", "id")}:
        return {"unit": context.actor.unit_id}
    return _read(context, "person", (person_id,), below, loaded).get(person_id, {})


def record_scope(
    context: Context,
    record: RecordModel,
    values: Mapping[str, object],
    paths: Iterable[PathParts],
    old: Mapping[str, object] | None = None,
    loaded: Loaded | None = None,
) -> Scope:
    """The names that the record's own expressions may read.

    values: field name -> value as stored (links as ids); paths: what will be read; old: the values before;
    loaded: what was read of linked records in this transaction, so that nothing is read twice.
    """
    wanted, known = frozenset(paths), {} if loaded is None else loaded
    scope: Scope = {
        **moment(context, wanted, known),
        **_opened(context, record.columns, values, wanted, known),
    }
    if old is not None:
        before = frozenset(path[1:] for path in wanted if path[0] == "old" and len(path) > 1)
        scope["old"] = _opened(context, record.columns, old, before, known)
    if record.name in context.policy.veiled and not context.actor.unlimited:
        scope[VEILED] = _is_veiled(context, record, values.get("id"))
    if record.name in FOLLOWING and not context.actor.unlimited:
        scope[ABOUT] = _may_read_about(context, values)
    return scope


def _may_read_about(context: Context, values: Mapping[str, object]) -> bool:
    """Whether the actor may read the record that a built-in one is about."""
    name, ident = values.get("record_type"), values.get("record_id")
    if not isinstance(name, str) or not isinstance(ident, int) or name not in context.policy.clocked:
        return False
    scope = row_scope(context.policy, context.actor, "read", name)
    moment = {"now": context.now, "today": context.today}
    found = ids_in_scope(context.session, context.models, name, (ident,), context.actor, scope, moment)
    return ident in found


def _is_veiled(context: Context, record: RecordModel, record_id: object) -> bool:
    """Whether the record is kept from the actor for now; one that is not stored yet is not."""
    if not isinstance(record_id, int):
        return False
    return is_veiled(context.session, context.models, record.name, record_id, context.actor)


def line_scope(
    context: Context, field: FieldModel, line: Mapping[str, object], paths: Iterable[PathParts], of: Scope
) -> Scope:
    """The names that one line's expressions may read; `this` is the record it belongs to."""
    opened = _opened(context, field.lines, line, frozenset(paths), {})
    return {**around_lines(of), **opened, "this": of}


def around_lines(of: Scope) -> Scope:
    """What lines know of the moment, from the scope of their record."""
    return {name: of[name] for name in ("me", "now", "today", WORKING) if name in of}


def with_lookups(context: Context, scope: Scope, expressions: Iterable[Expression]) -> Scope:
    """The scope with every count and sum that the expressions make over whole record types."""
    lookups = {lookup.key: lookup for expression in expressions for lookup in expression.lookups}
    if not lookups:
        return scope
    return lookup_values(context.session, context.models, scope, tuple(lookups.values()))


def _opened(
    context: Context,
    fields: Mapping[str, FieldModel],
    values: Mapping[str, object],
    paths: frozenset[PathParts],
    loaded: Loaded,
) -> Scope:
    """The values, with each link that a path goes through replaced by what it leads to."""
    scope: Scope = dict(values)
    for name, found in fields.items():
        below = _below(paths, name)
        value = values.get(name)
        if found.type == "location" and isinstance(value, Mapping):
            scope[name] = f"{value['lat']},{value['lon']}"
            continue
        if not below or is_empty(value):
            continue
        if found.type == "lines":
            scope[name] = [_opened(context, found.lines, line, below, loaded) for line in _lines(value)]
            continue
        target = "attachment" if found.kind.storage == _ATTACHMENTS else found.target
        if target is not None:
            scope[name] = _linked(context, target, value, below, loaded)
    return scope


def _linked(
    context: Context, target: str, value: object, below: frozenset[PathParts], loaded: Loaded
) -> object:
    if isinstance(value, (list, tuple)):
        found = _read(context, target, tuple(value), below, loaded)
        return [{**found.get(ident, {}), "id": ident} for ident in value]
    if not isinstance(value, int):
        return value
    return {**_read(context, target, (value,), below, loaded).get(value, {}), "id": value}


def _read(
    context: Context, target: str, ids: tuple[int, ...], below: frozenset[PathParts], loaded: Loaded
) -> Mapping[int, Scope]:
    key = (target, ids, below)
    if key not in loaded:
        loaded[key] = linked_values(context.session, context.models, target, ids, below)
    return loaded[key]


def _lines(value: object) -> Sequence[Mapping[str, object]]:
    return value if isinstance(value, (list, tuple)) else ()


def _below(paths: Iterable[PathParts], name: str) -> frozenset[PathParts]:
    return frozenset(path[1:] for path in paths if path[0] == name and len(path) > 1)
