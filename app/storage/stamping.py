"""Who writes, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, when (aware), and under which release (its number, 0 for none)."""

    person_id: int | None
    at: datetime
    release_id: int = 0
