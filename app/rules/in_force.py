"""Whether a regulation applies on a day: from its first day to its last, in the portal's time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from app.spec.portal import Portal


def in_force(portal: Portal, regime: str, at: datetime) -> bool:
    """Whether the rules of a regime apply to what happened at that moment; shared rules always do."""
    found = portal.regimes.get(regime)
    if found is None:
        return True
    day = at.astimezone(ZoneInfo(portal.settings.timezone)).date()
    first, last = found.in_force_from, found.in_force_to
    return (first is None or day >= first) and (last is None or day <= last)
