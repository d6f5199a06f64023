"""How much open work a change of the rules meets."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models
from app.storage.people import people_with_role


def count_by_state(session: orm.Session, models: Models, record_type: str) -> dict[str, int]:
    """State -> how many records of the type stand in it; nothing for types without a workflow."""
    table = models.tables[record_type]
    if "state" not in table.c:
        return {}
    counted = sa.select(table.c.state, sa.func.count()).where(table.c.state.is_not(None))
    return {row[0]: row[1] for row in session.execute(counted.group_by(table.c.state))}


def count_running_clocks(session: orm.Session, models: Models, levels: Collection[str]) -> int:
    """Clocks of these service levels (full names) that have not been stopped."""
    clock = models.tables["deadline"]
    if not levels:
        return 0
    running = clock.c.service_level.in_(levels) & clock.c.stopped_at.is_(None)
    return session.scalar(sa.select(sa.func.count()).select_from(clock).where(running)) or 0


def count_with_role(session: orm.Session, models: Models, role: str) -> int:
    """People whose account has the role."""
    return len(people_with_role(session, models, role))
