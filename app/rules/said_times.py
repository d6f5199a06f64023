"""Times, durations and lengths in words that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.rules.reasons import Saying
from app.rules.values import figure
from app.source import N_
from app.spec.durations import Duration

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "minute": (N_("{n} minute"), N_("{n} minutes")),
        "hour": (N_("{n} hour"), N_("{n} hours")),
        "day": (N_("{n} day"), N_("{n} days")),
        "week": (N_("{n} week"), N_("{n} weeks")),
        "month": (N_("{n} month"), N_("{n} months")),
        "quarter": (N_("{n} quarter"), N_("{n} quarters")),
        "year": (N_("{n} year"), N_("{n} years")),
    }
)
_WORKING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "minute": (N_("{n} working minute"), N_("{n} working minutes")),
        "hour": (N_("{n} working hour"), N_("{n} working hours")),
        "day": (N_("{n} working day"), N_("{n} working days")),
    }
)


def said_moment(at: datetime, zone: str, *, end: bool = False) -> str:
    """`2026-10-02 18:00` on the wall clock of the zone; as an `end`, midnight is 24:00 of the day before."""
    local = at.astimezone(ZoneInfo(zone))
    if end and local.time() == time.min:
        return f"{(local - timedelta(days=1)).date().isoformat()} 24:00"
    shown = local.strftime("%Y-%m-%d %H:%M")
    return f"{shown}:{local:%S}" if local.second else shown


def said_duration(duration: Duration) -> Saying:
    """The duration in words: `4 working hours`, `the same day by 18:00`."""
    by = "24:00" if duration.by == time.max else f"{duration.by:%H:%M}" if duration.by else ""
    match duration.kind:
        case "length":
            words = (_WORKING if duration.working else _WORDS)[duration.unit]
            return Saying(words[duration.amount != 1], {"n": figure(duration.amount)})
        case "same_day":
            return Saying(N_("the same day by {time}") if by else N_("the same day"), {"time": by})
        case "next_working_day":
            text = N_("the next working day by {time}") if by else N_("the next working day")
            return Saying(text, {"time": by})
        case "month_day":
            return _month_day(duration)
        case "at_once":
            return Saying(N_("at once"), {})
        case "field":
            return Saying(N_("as agreed in '{field}'"), {"field": duration.name})
        case _:
            return Saying(N_("not set"), {})


def said_length(seconds: int, *, working: bool = False) -> tuple[Saying, ...]:
    """A length of time by its largest two units: `3 hours`, `12 minutes`; working time has no days."""
    words = _WORKING if working else _WORDS
    minutes = abs(seconds) // 60
    days, rest = (0, minutes) if working else divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    said = [Saying(words[unit][n != 1], {"n": n}) for n, unit in parts if n]
    return tuple(said[:2]) or (Saying(words["minute"][1], {"n": 0}),)


def _month_day(duration: Duration) -> Saying:
    if duration.day == 0:
        return Saying(
            N_("the last day of the next month") if duration.months else N_("the last day of the month"), {}
        )
    text = N_("day {n} of the next month") if duration.months else N_("the next day {n} of a month")
    return Saying(text, {"n": duration.day})
