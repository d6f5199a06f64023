"""What a link held at a moment in the past, as far as the audit trail tells."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models


def link_then(
    session: orm.Session,
    models: Models,
    record_type: str,
    record_id: int,
    field: str,
    at: datetime,
    present: int | None,
) -> int | None:
    """The id that the link `field` held at `at`; `present` is the one that it holds now.

    The first change after `at` says what stood there before it. A first entry into a field that was never
    filled says that it was not known yet, not that nobody was there: then what was entered counts.
    """
    table = models.tables["audit_entry"]
    statement = (
        sa.select(table.c.at, table.c.before, table.c.after)
        .where(table.c.record_type == record_type, table.c.record_id == record_id)
        .where(table.c.action.in_(("create", "update", "transition", "import")))
        .order_by(table.c.id)
    )
    known = False
    for when, before, after in session.execute(statement):
        if not isinstance(after, dict) or field not in after:
            continue
        if when <= at:
            known = True
            continue
        held = before.get(field) if isinstance(before, dict) else None
        found = held if held is not None or known else after[field]
        return found if isinstance(found, int) else None
    return present
