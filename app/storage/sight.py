"""Which linked records a reader may see: what the others are called is not told, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.access import Actor, Policy, row_scope
from app.storage.joins import PathParts
from app.storage.labels import LabelPart
from app.storage.mapping import Models
from app.storage.scopes import scope_where

NAMED = frozenset({"person", "unit"})
"""Who takes part in a record is named to everybody who may read the record."""

_NAMES = frozenset({"name", "title"})
"""What those are called, whatever else their label says."""


@dataclass(frozen=True, slots=True)
class ReaderSight:
    """What an actor may see at a moment; `words` stand for the name of a record that is not to be seen."""

    models: Models
    policy: Policy
    actor: Actor
    now: datetime
    words: str

    def sees(
        self, record_type: str | None, key: sa.ColumnElement[int], asked: PathParts = ()
    ) -> sa.ColumnElement[bool] | None:
        """Whether what a link leads to by its `key` may be seen, or there is nothing; None where everything
        of the type may. asked: the path from there to what is read; who may be named only is not seen by
        what else there is to know of him."""
        return self._clause(record_type, key) if self._limits(record_type, asked) else None

    def own(self, record_type: str | None, table: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """Whether a row of `table` may be seen; None where every one may."""
        if record_type is None or not self._limits(record_type):
            return None
        scope = row_scope(self.policy, self.actor, "read", record_type)
        return scope_where(self.models, record_type, scope, self.actor, self.now, table=table)

    def _limits(self, record_type: str | None, asked: PathParts = ()) -> bool:
        """Whether the actor may not see what is asked of every record of the type."""
        if record_type is None or record_type not in self.models.tables:
            return False
        if record_type in NAMED and (not asked or self._names(record_type, asked)):
            return False
        return not (self.actor.unlimited or row_scope(self.policy, self.actor, "read", record_type).unlimited)

    def _names(self, record_type: str, asked: PathParts) -> bool:
        if len(asked) == 1 and asked[0] in _NAMES:
            return True
        if any(asked == part.path for part in self.models.labels[record_type] if isinstance(part, LabelPart)):
            return True
        found = self.models.record(record_type).columns.get(asked[0])
        further = found.target if found is not None else None
        return len(asked) > 1 and further in NAMED and self._names(str(further), asked[1:])

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
