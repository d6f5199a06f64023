"""Unfinished checklists, kept for the person who answers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.access import AccessDenied, Decision
from app.actions.checklists import open_run
from app.actions.context import Context, transaction
from app.source import N_
from app.storage.checklist_runs import RunPlace, StoredDraft, load_draft, store_draft

MOST_BYTES = 2_000_000
"""Size of a draft as text; a checklist of a thousand items with remarks stays far below."""


def save_draft(context: Context, place: RunPlace, checklist: str, payload: Mapping[str, Any]) -> datetime:
    """Keep the answers given so far; answers with the moment they were kept.

    Raises AccessDenied and what `open_run` raises.
    """
    person_id = _person(context)
    with transaction(context):
        open_run(context, place, checklist)
        store_draft(context.session, context.models, place, person_id, payload, context.now)
    return context.now


def read_draft(context: Context, place: RunPlace) -> StoredDraft | None:
    """The actor's own unfinished answers, or None."""
    if context.actor.person_id is None:
        return None
    return load_draft(context.session, context.models, place, context.actor.person_id)


def _person(context: Context) -> int:
    if context.actor.person_id is None:
        raise AccessDenied(
            Decision(False, N_("your account belongs to no person, so nothing can be kept for it"))
        )
    return context.actor.person_id
