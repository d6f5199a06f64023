"""What a record was at each time, from its audit trail: the history that clocks are replayed from.

The record as it is now is taken back change by change, so that even a trail with gaps ends in what is
stored. What links lead to is read as it stands now; masked values of the past are known only as far as their
mask lets through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from app.access import SYSTEM
from app.actions.context import Context
from app.actions.facts import Loaded, PathParts, record_scope
from app.expressions import Lookup
from app.release import RecordModel
from app.rules.clock_history import Version
from app.storage import Record, lookup_values
from app.storage.past import PastChange, changes_of, from_json

Values = Mapping[str, object]


def versions_of(
    context: Context,
    record: RecordModel,
    stored: Record,
    paths: Collection[PathParts],
    lookups: Collection[Lookup] = (),
    changes: tuple[PastChange, ...] | None = None,
) -> tuple[Version, ...]:
    """The versions of a record, oldest first; the last one is the record as it is stored.

    paths, lookups: what conditions read of it; what is counted over other records is counted as of now;
    changes: its trail, where it has been read already.
    """
    if changes is None:
        changes = changes_of(context.session, context.models, stored.record_type, stored.id)
    told = tuple(_told(record, stored, changes))
    # Conditions of clocks are asked by nobody in particular.
    asking = replace(context, actor=SYSTEM)
    loaded: Loaded = {}
    scopes = [record_scope(asking, record, one.values, paths, loaded=loaded) for one in told]
    if lookups:
        latest = lookup_values(context.session, context.models, scopes[-1], tuple(lookups))
        counted = {name: value for name, value in latest.items() if name not in scopes[-1]}
        scopes = [{**scope, **counted} for scope in scopes]
    return tuple(replace(one, values=scope) for one, scope in zip(told, scopes, strict=True))


def _told(record: RecordModel, stored: Record, changes: tuple[PastChange, ...]) -> Iterator[Version]:
    """The versions with plain values."""
    values: dict[str, object] = dict(stored.values)
    found: list[Version] = []
    for change in reversed(changes):
        found.append(Version(change.at, change.by, _why(record, change), dict(values)))
        if change.before is not None:
            values |= {name: _value(record, name, one) for name, one in change.before.items()}
    if not changes or changes[0].before is not None:
        # What came before the trail began: the record as it was then, since it was made.
        since = values.get("created_at")
        first = found[-1].at if found else None
        made = since if isinstance(since, datetime) else first
        if made is not None and (first is None or made < first):
            found.append(Version(made, values=dict(values)))
    yield from reversed(found or [Version(stored_at(stored), values=dict(values))])


def stored_at(stored: Record) -> datetime:
    """When a record was made, as far as it says; the beginning of time otherwise."""
    since = stored.values.get("created_at")
    return since if isinstance(since, datetime) else datetime.min.replace(tzinfo=UTC)


def _why(record: RecordModel, change: PastChange) -> str:
    """A transition goes by its title."""
    moves = record.workflow.transitions if record.workflow is not None else {}
    move = moves.get(change.detail)
    return move.title or change.detail if move is not None else change.detail


def _value(record: RecordModel, name: str, written: object) -> object:
    field = record.columns.get(name)
    value = from_json(field, written) if field is not None else written
    return tuple(value) if isinstance(value, list) else value
