"""Counts for lists: exact for a whole table, stopped at a limit behind a filter, kept for seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

MOST_COUNTED = 10_001
"""A filtered list counts this far: one more than the 10,000 that are worth a number."""
_WORTH_KEEPING = 1_000
_SECONDS = 5.0
_MOST_KEPT = 2_000

Key = tuple[str, str]


@dataclass(slots=True)
class CountCache:
    """Large counts by statement and parameters; small ones are cheap, and people notice when they are old."""

    seconds: float = _SECONDS
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Key, tuple[float, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def kept(self, key: Key) -> int | None:
        """The count remembered under `key`."""
        with self._lock:
            kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] > self.clock() else None

    def get(self, key: Key, count: Callable[[], int]) -> int:
        """The count remembered under `key`, or a new one."""
        kept = self.kept(key)
        if kept is not None:
            return kept
        begun = self.clock()
        counted = count()
        if counted >= _WORTH_KEEPING:
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = (begun + self.seconds, counted)
        return counted


def count_rows(session: orm.Session, cache: CountCache, statement: sa.Select[Any], limit: int | None) -> int:
    """How many rows `statement` gives; with a limit it stops there."""
    some = statement if limit is None else statement.limit(limit)
    counted = sa.select(sa.func.count()).select_from(some.order_by(None).subquery())
    return cache.get(_key(session, counted), lambda: int(session.execute(counted).scalar_one()))


def _key(session: orm.Session, statement: sa.Select[Any]) -> Key:
    compiled = statement.compile(session.get_bind())
    return compiled.string, repr(sorted(compiled.params.items()))


def find_ids(
    session: orm.Session, cache: CountCache, statement: sa.Select[Any]
) -> tuple[int, list[int] | None]:
    """How many ids `statement` gives, at most MOST_COUNTED, and the ids themselves where they are few: then
    nobody has to look for them twice."""
    key = _key(session, statement)
    kept = cache.kept(key)
    if kept is not None:
        return kept, None
    ids = list(session.scalars(statement.limit(_WORTH_KEEPING)))
    if len(ids) < _WORTH_KEEPING:
        return len(ids), ids
    counted = sa.select(sa.func.count()).select_from(statement.limit(MOST_COUNTED).subquery())
    return cache.get(key, lambda: int(session.execute(counted).scalar_one())), None


def count_table(session: orm.Session, cache: CountCache, table: sa.Table) -> int:
    """How many rows a table has."""
    counted = sa.select(sa.func.count()).select_from(table)
    return cache.get((table.name, ""), lambda: int(session.execute(counted).scalar_one()))
