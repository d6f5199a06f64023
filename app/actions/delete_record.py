"""Delete a record, with its audit entry."""

from __future__ import annotations

from app.access import AccessDenied, Decision
from app.actions.context import Context, transaction
from app.actions.penalty_chain import PENALTY
from app.actions.records import load_for
from app.actions.settle_duties import settle_deleted
from app.actions.storing import audit
from app.source import N_
from app.storage import delete_record as remove_record
from app.storage.penalties import is_judged
from app.workflow import is_locked


def delete_record(context: Context, record_type: str, record_id: int, version: int | None = None) -> None:
    """Delete one record with its lines, answers, drafts and tasks; its attachments are let go of.

    version: the one that the user saw, None for any. Raises AccessDenied, RecordGone (also for rows that the
    actor may not see or that were changed meanwhile), RecordInUse while other records point at it.
    """
    with transaction(context):
        stored, facts = load_for(context, record_type, record_id, "delete")
        if is_locked(context.machine(record_type), facts):
            raise AccessDenied(Decision(False, N_("the record is closed for changes in its present state")))
        if record_type == PENALTY and is_judged(context.session, context.models, record_id):
            raise AccessDenied(
                Decision(False, N_("a penalty is never deleted; withdraw it, with the reason"))
            )
        remove_record(context.session, context.models, record_type, record_id, version)
        audit(context, "delete", record_type, record_id, stored.label, before=stored.values)
        settle_deleted(context, stored)
