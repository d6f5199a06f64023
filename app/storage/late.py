"""What late payment has brought upon a penalty so far: a JSON column of the penalty itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models
from app.storage.values import as_json

PENALTY = "penalty"


def read_late(session: orm.Session, models: Models, penalty_id: int) -> Any:
    """What was noted; None for nothing."""
    table = models.tables[PENALTY]
    return session.scalar(sa.select(table.c.late).where(table.c.id == penalty_id))


def write_late(
    session: orm.Session, models: Models, penalty_id: int, late: Mapping[str, object] | None
) -> None:
    """Note it alone: no editor can have seen another one, so the version stays."""
    table = models.tables[PENALTY]
    kept = None if late is None else as_json(late)
    session.execute(sa.update(table).where(table.c.id == penalty_id).values(late=kept))
