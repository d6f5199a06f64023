"""Pauses: when the clock stood still, by whom and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.rules.wall_clock import micros


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from `start` to before `end` (None: it still does), by whom and why."""

    start: datetime
    end: datetime | None
    by: str = ""
    why: str = ""


def closed_pauses(pauses: Iterable[Pause], now: datetime | None = None) -> list[tuple[int, int]]:
    """The pauses that are over, in microseconds, merged and in order. With `now` a running one ends now."""
    spans = sorted((micros(one.start), micros(end)) for one in pauses if (end := one.end or now) is not None)
    merged: list[tuple[int, int]] = []
    for begun, ended in spans:
        if ended <= begun:
            continue
        if merged and begun <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ended, merged[-1][1]))
        else:
            merged.append((begun, ended))
    return merged


def running_since(pauses: Iterable[Pause]) -> int | None:
    """Since when the clock stands still, in microseconds; None when it runs."""
    return min((micros(one.start) for one in pauses if one.end is None), default=None)
