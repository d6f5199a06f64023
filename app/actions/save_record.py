"""Create and change records: one use case for every record type and every door (page, API, import)."""

from __future__ import annotations

from collections.abc import Mapping

from app.access import AccessDenied, Decision, decide
from app.actions.context import Context, transaction
from app.actions.draft import Draft, fresh_scope
from app.actions.fund_entries import enter_by_hand
from app.actions.fund_payments import payment_guard
from app.actions.fund_rules import FUND_ENTRY, require_keeper
from app.actions.late_payment import sync_late_payment
from app.actions.penalties import decision_guard
from app.actions.preparing import prepare
from app.actions.records import load_for, require
from app.actions.revisions import REVISION, open_revision
from app.actions.storing import Saved, store_changes, store_new
from app.source import N_
from app.workflow import is_locked

PENALTY = "penalty"


def create_record(context: Context, record_type: str, posted: Mapping[str, object]) -> Saved:
    """Make a record of type `record_type` (full name) from what the user wrote.

    posted: field name -> value, typed or as text; see `coerce` for the forms. Raises AccessDenied, and
    InvalidRecord with every fault by field path.
    """
    with transaction(context):
        return create_within(context, record_type, posted)


def save_record(
    context: Context,
    record_type: str,
    record_id: int,
    posted: Mapping[str, object],
    version: int | None,
) -> Saved:
    """Change the fields in `posted` of one record; fields that are not named stay as they are.

    version: the one that the editor saw (None = whatever is stored now is overwritten). Raises AccessDenied,
    RecordGone (also for rows that the actor may not see), InvalidRecord, and StaleRecord when somebody else
    was faster: it carries their values, and nothing is written.
    """
    with transaction(context):
        return save_within(context, record_type, record_id, posted, version)


def create_within(context: Context, record_type: str, posted: Mapping[str, object]) -> Saved:
    """`create_record` inside the caller's transaction."""
    record = context.record(record_type)
    require(decide(context.policy, context.actor, "create", record_type))
    draft = prepare(context, record, posted)
    _stay_inside(context, draft, "create")
    if record_type == FUND_ENTRY:
        require_keeper(context, draft.values.get("fund"))
        return enter_by_hand(context, draft)
    if record_type == PENALTY:
        payment_guard(context, {}, None, draft.values)
    if record_type == REVISION:
        return open_revision(context, draft)
    return store_new(context, draft)


def save_within(
    context: Context, record_type: str, record_id: int, posted: Mapping[str, object], version: int | None
) -> Saved:
    """`save_record` inside the caller's transaction."""
    record = context.record(record_type)
    stored, facts = load_for(context, record_type, record_id, "update")
    if is_locked(context.machine(record_type), facts):
        text = N_("the record is closed for changes in its present state")
        raise AccessDenied(Decision(False, text))
    draft = prepare(context, record, posted, stored)
    _stay_inside(context, draft, "update")
    if record_type == PENALTY:
        decision_guard(context, stored, None, draft.changes)
        payment_guard(context, stored.values, None, draft.changes)
    saved = store_changes(context, draft, stored, version)
    if record_type == PENALTY:
        sync_late_payment(context, record_id)
    return saved


def _stay_inside(context: Context, draft: Draft, verb: str) -> None:
    """The record as it would be stored must be one that the actor may act on: nobody gives a row away out
    of the own rows, or makes one for others."""
    fresh_scope(draft)
    require(decide(context.policy, context.actor, verb, draft.record.name, draft.scope))
