"""Links may lead only to records that the user may see and that the field's `where` admits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.access import row_scope
from app.actions.draft import Draft, differs
from app.actions.errors import Complaint
from app.actions.facts import Scope, moment, with_lookups
from app.expressions import holds
from app.release import FieldModel
from app.source import N_
from app.storage import ids_in_scope, linked_values


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was newly chosen in one place: the ids, and what `this` is to the field's `where`."""

    path: str
    field: FieldModel
    ids: tuple[int, ...]
    this: Scope


def check_links(draft: Draft) -> None:
    """Note every newly chosen link that the user may not choose. Links that were there before may stay."""
    chosen = list(_chosen(draft))
    visible = _visible(draft, chosen)
    for one in chosen:
        unseen = [ident for ident in one.ids if ident not in visible[one.field.target or ""]]
        if unseen:
            draft.complaints.add(one.path, Complaint(N_("choose a record from the list")))
        elif one.field.where is not None and not _admitted(draft, one):
            draft.complaints.add(one.path, Complaint(N_("this record cannot be chosen here")))


def _chosen(draft: Draft) -> Iterator[_Chosen]:
    for name, found in draft.record.fields.items():
        if name not in draft.posted or name in draft.hidden:
            continue
        value, before = draft.values.get(name), (draft.stored or {}).get(name)
        if found.type == "lines":
            yield from _chosen_in_lines(draft, found, value, before)
        elif found.target is not None and found.kind.storage in ("link", "rows") and differs(before, value):
            ids = tuple(sorted(set(_ids(value)) - set(_ids(before))))
            if ids:
                yield _Chosen(name, found, ids, draft.scope)


def _chosen_in_lines(draft: Draft, found: FieldModel, value: object, before: object) -> Iterator[_Chosen]:
    known = {line.get("id"): line for line in _lines(before)}
    for place, line in enumerate(_lines(value)):
        old = known.get(line.get("id"), {})
        for name, column in found.lines.items():
            ids = tuple(_ids(line.get(name)))
            if column.target is not None and ids and differs(old.get(name), line.get(name)):
                yield _Chosen(f"{found.name}.{place}.{name}", column, ids, draft.scope)


def _visible(draft: Draft, chosen: list[_Chosen]) -> dict[str, frozenset[int]]:
    """Record type -> those of the chosen ids that exist and that the actor may read."""
    context = draft.context
    wanted: dict[str, set[int]] = {}
    for one in chosen:
        wanted.setdefault(one.field.target or "", set()).update(one.ids)
    return {
        target: ids_in_scope(
            context.session,
            context.models,
            target,
            ids,
            context.actor,
            row_scope(context.policy, context.actor, "read", target),
            draft.scope,
        )
        for target, ids in wanted.items()
    }


def _admitted(draft: Draft, one: _Chosen) -> bool:
    """Whether every chosen record fulfils the field's `where`."""
    context, where = draft.context, one.field.where
    if where is None or one.field.target is None:
        return True
    paths = frozenset(path for path in where.paths if path[0] not in ("this", "me", "now", "today"))
    found = linked_values(context.session, context.models, one.field.target, one.ids, paths)
    around = {**moment(context, where.paths), "this": one.this}
    scopes = (with_lookups(context, {**found.get(ident, {}), **around}, (where,)) for ident in one.ids)
    return all(holds(where, scope) for scope in scopes)


def _ids(value: object) -> tuple[int, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(item for item in value if isinstance(item, int))
    return (value,) if isinstance(value, int) else ()


def _lines(value: object) -> list[dict[str, object]]:
    return list(value) if isinstance(value, (list, tuple)) else []
