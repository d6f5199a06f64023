"""What a draft's record type would read of other records, and whether who tries it may see all that.

Nobody has approved a draft yet: its formulas must not show what its author may not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.access import Actor, Policy, hidden_fields, masked_fields, row_scope
from app.access.rows import EVERYTHING
from app.actions.context import Context
from app.actions.draft import draft_paths, expressions_of, field_expressions
from app.expressions import Lookup
from app.release import FieldModel, RecordModel, Release

Place = tuple[str, str]
"""A record type (full name) and one of its fields."""
_OWN = frozenset({"now", "today", "state", "id"})
_AROUND = frozenset({"this", "me", "now", "today"})


def closed_places(
    draft: Context, record: RecordModel, live: Release, policy: Policy, asker: Actor
) -> list[str]:
    """What a try would read and `asker` may not see in full under the release in service (`live`, `policy`),
    as `type.field`. draft: surroundings under the draft."""
    places = {*_linked(draft.release, record, draft_paths(draft, record, new=True))}
    places |= {*_chosen_by(draft.release, record)}
    for lookup in _lookups(record):
        places |= set(_counted(draft.release, lookup))
    return sorted(
        f"{kind}.{name}"
        for kind, name in places
        if kind in live.records and not is_open(policy, asker, kind, name)
    )


def unstored_lookups(record: RecordModel, live: Release, draft: Release) -> list[str]:
    """What look-ups of a draft count by and no table holds yet, as `type.field`."""
    found = set()
    for lookup in _lookups(record):
        for kind, name in _counted(draft, lookup):
            known = live.records.get(kind)
            if known is None or (name and name not in known.columns and name not in ("id", "state")):
                found.add(f"{kind}.{name}" if name else kind)
    return sorted(found)


def is_open(policy: Policy, asker: Actor, kind: str, name: str) -> bool:
    """Whether `asker` may see a field of every record of a type."""
    closed = {*hidden_fields(policy, asker, kind), *masked_fields(policy, asker, kind)}
    return row_scope(policy, asker, "read", kind) == EVERYTHING and name not in closed


def _lookups(record: RecordModel) -> Iterator[Lookup]:
    expressions = [*expressions_of(record)]
    expressions += [found for one in _all_fields(record) for found in field_expressions(one)]
    wheres = (one.where for one in _all_fields(record) if one.where is not None)
    for expression in (*expressions, *wheres):
        yield from expression.lookups


def _counted(release: Release, lookup: Lookup) -> Iterator[Place]:
    yield lookup.record, ""
    record = release.records.get(lookup.record)
    for path in lookup.inner:
        yield lookup.record, path[0]
        if record is not None:
            yield from _linked(release, record, [path])


def _linked(release: Release, record: RecordModel, paths: Iterable[tuple[str, ...]]) -> Iterator[Place]:
    """Every field of another record that the paths, seen from `record`, go through."""
    for path in paths:
        first, *rest = path
        if first in ("old", "this"):
            yield from _linked(release, record, [tuple(rest)] if rest else [])
        elif first == "me":
            yield from _below(
                release, release.records["person"].columns.get(rest[0]) if rest else None, rest[1:]
            )
        elif first not in _OWN:
            yield from _below(release, record.columns.get(first), rest)


def _chosen_by(release: Release, record: RecordModel) -> Iterator[Place]:
    """What the conditions on links read of the records that they lead to."""
    for one in _all_fields(record):
        target = release.records.get(one.target or "")
        if one.where is None or target is None:
            continue
        paths = [path for path in one.where.paths if path[0] not in _AROUND]
        yield from ((target.name, path[0]) for path in paths)
        yield from _linked(release, target, paths)


def _all_fields(record: RecordModel) -> Iterator[FieldModel]:
    for one in record.fields.values():
        yield one
        yield from one.lines.values()


def _below(release: Release, field: FieldModel | None, rest: list[str]) -> Iterator[Place]:
    for name in rest:
        if field is None:
            return
        if field.type == "lines":
            field = field.lines.get(name)
            continue
        record = release.records.get(field.target or "")
        if record is None:
            return
        if name != "id":
            yield record.name, name
        field = record.columns.get(name)
