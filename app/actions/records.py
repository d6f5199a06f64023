"""Loading a record for somebody: with what decides whether it is theirs to see and to change."""

from __future__ import annotations

from collections.abc import Iterable

from app.access import AccessDenied, Decision, decide, logs_reading, row_scope
from app.actions.context import Context, transaction
from app.actions.facts import PathParts, Scope, record_scope, with_lookups
from app.actions.storing import audit
from app.actions.visible import sight_of
from app.expressions import Expression
from app.storage import Record, RecordGone, read_record


def load_for(
    context: Context,
    record_type: str,
    record_id: int,
    *verbs: str,
    paths: Iterable[PathParts] = (),
    expressions: Iterable[Expression] = (),
) -> tuple[Record, Scope]:
    """A record and its facts, once the actor may read it and do `verbs` with it.

    paths, expressions: what the facts must hold besides. Raises RecordGone when there is no such record or
    the actor may not read it (who may not see a record does not learn that it exists), else AccessDenied.
    """
    record, actor = context.record(record_type), context.actor
    wanted = frozenset(paths) | {path for expression in expressions for path in expression.paths}
    conditions = [
        condition
        for verb in ("read", *verbs)
        for condition in row_scope(context.policy, actor, verb, record_type).conditions
    ]
    wanted |= {path for condition in conditions for path in condition.paths}
    sight = sight_of(context)
    stored = read_record(context.session, context.models, record_type, record_id, sight=sight)
    if stored is None:
        raise RecordGone(record_type, record_id)
    scope = record_scope(context, record, stored.values, wanted, old=stored.values)
    facts = with_lookups(context, scope, [*conditions, *expressions])
    if not decide(context.policy, actor, "read", record_type, facts).allowed:
        raise RecordGone(record_type, record_id)
    for verb in verbs:
        require(decide(context.policy, actor, verb, record_type, facts))
    return stored, facts


def open_record(context: Context, record_type: str, record_id: int) -> tuple[Record, Scope]:
    """A record that somebody opens to read, with its facts; leaves an audit entry where the type asks for it.

    Hidden and masked fields are still among the values: the caller shows what `access` lets through. Raises
    RecordGone.
    """
    stored, facts = load_for(context, record_type, record_id)
    if logs_reading(context.policy, record_type):
        with transaction(context):
            audit(context, "read", record_type, record_id, stored.label)
    return stored, facts


def require(decision: Decision) -> None:
    """Raises AccessDenied unless the decision allows."""
    if not decision.allowed:
        raise AccessDenied(decision)
