"""Which linked records a reader may see: what the others are called is not told, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.access import Actor, Policy, row_scope
from app.storage.mapping import Models
from app.storage.scopes import scope_where

NAMED = frozenset({"person", "unit"})
"""Who takes part in a record is named to everybody who may read the record."""


@dataclass(frozen=True, slots=True)
class ReaderSight:
    """What an actor may see at a moment; `words` stand for the name of a record that is not to be seen."""

    models: Models
    policy: Policy
    actor: Actor
    now: datetime
    words: str

    def sees(self, record_type: str | None, key: sa.ColumnElement[int]) -> sa.ColumnElement[bool] | None:
        """Whether what a link leads to by its `key` may be seen, or there is nothing; None where everything
        of the type may."""
        return self._clause(record_type, key) if self._limits(record_type) else None

    def own(self, record_type: str | None, table: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """Whether a row of `table` may be seen; None where every one may."""
        if record_type is None or not self._limits(record_type):
            return None
        scope = row_scope(self.policy, self.actor, "read", record_type)
        return scope_where(self.models, record_type, scope, self.actor, self.now, table=table)

    def _limits(self, record_type: str | None) -> bool:
        """Whether the actor may not see every record of the type."""
        if record_type is None or record_type in NAMED or record_type not in self.models.tables:
            return False
        return not (self.actor.unlimited or row_scope(self.policy, self.actor, "read", record_type).unlimited)

    def _clause(self, record_type: str | None, key: sa.ColumnElement[int]) -> sa.ColumnElement[bool] | None:
        if record_type is None:
            return None
        scope = row_scope(self.policy, self.actor, "read", record_type)
        if scope.nothing:
            return key.is_(None)
        target = self.models.tables[record_type].alias()
        where = scope_where(self.models, record_type, scope, self.actor, self.now, table=target)
        there = sa.exists(sa.select(sa.literal_column("1")).where(target.c.id == key, where))
        return sa.or_(key.is_(None), there)
