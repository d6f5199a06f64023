"""The stretches of time in which a duty comes round. Ten days (旬) are a third of a month."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from app.source import N_

PeriodUnit = Literal["day", "week", "ten_days", "month", "quarter", "half_year", "year"]

UNIT_WORDS: Mapping[PeriodUnit, str] = MappingProxyType(
    {
        "day": N_("day"),
        "week": N_("week"),
        "ten_days": N_("ten-day period"),
        "month": N_("month"),
        "quarter": N_("quarter"),
        "half_year": N_("half-year"),
        "year": N_("year"),
    }
)
"""How sentences call them."""
