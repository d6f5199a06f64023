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

    def get(self, key: Key, count: Callable[[], int]) -> int:
        """The count remembered under `key`, or a new one."""
        now = self.clock()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        counted = count()
        if counted >= _WORTH_KEEPING:
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = (now + self.seconds, counted)
        return counted


def count_rows(session: orm.Session, cache: CountCache, statement: sa.Select[Any], limit: int | None) -> int:
    """How many rows `statement` gives; with a limit it stops there."""
    some = statement if limit is None else statement.limit(limit)
    counted = sa.select(sa.func.count()).select_from(some.order_by(None).subquery())
    compiled = counted.compile(session.get_bind())
    key = (compiled.string, repr(sorted(compiled.params.items())))
    return cache.get(key, lambda: int(session.execute(counted).scalar_one()))


def count_table(session: orm.Session, cache: CountCache, table: sa.Table) -> int:
    """How many rows a table has."""
    counted = sa.select(sa.func.count()).select_from(table)
    return cache.get((table.name, ""), lambda: int(session.execute(counted).scalar_one()))
