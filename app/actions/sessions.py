"""Who logged in, when: an entry in the audit trail."""

from __future__ import annotations

from datetime import datetime

from app.storage import Change, Database, Models, Stamp, append_audit, load_actor


def record_login(
    database: Database, models: Models, account_id: int, now: datetime, release: int = 0
) -> None:
    """Note that an account logged in at `now`, in a transaction of its own; release: its number or 0."""
    with database.writing() as session:
        actor = load_actor(session, models, account_id)
        person, name = (actor.person_id, actor.name) if actor is not None else (None, "")
        change = Change("login", "person", person, name, detail=f"account {account_id}")
        append_audit(session, models, Stamp(person, now, release), change)
