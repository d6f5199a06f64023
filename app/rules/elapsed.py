"""Times that need no calendar: when an elapsed duration ends, whether a moment lies in a window.

Minutes and hours are elapsed time. In days and longer the first day does not count and the last one ends at
24:00 in the portal's time zone (Civil Code of the PRC, articles 200-204). Working time needs a calendar and
is answered with None.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.expressions.exact import date_months
from app.spec.durations import Duration

_SECONDS: Mapping[str, int] = MappingProxyType({"minute": 60, "hour": 3600})
_DAYS: Mapping[str, int] = MappingProxyType({"day": 1, "week": 7})
_MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})


def end_of_day(day: date, zone: str) -> datetime:
    """24:00 of `day` in `zone`, as UTC."""
    return _at(day + timedelta(days=1), time.min, zone)


def due_after(
    duration: Duration, start: datetime, zone: str, fields: Mapping[str, object] = MappingProxyType({})
) -> datetime | None:
    """When `duration` from the aware `start` ends, in UTC; None when it is unset, needs a calendar, or names
    a field that is empty. `fields` are the values of date and datetime fields."""
    if duration.working:
        return None
    today = start.astimezone(ZoneInfo(zone)).date()
    match duration.kind:
        case "at_once":
            return start.astimezone(UTC)
        case "same_day":
            return end_of_day(today, zone) if duration.by is None else _by(today, duration.by, zone)
        case "field":
            return _agreed(fields.get(duration.name), zone)
        case "length" if duration.elapsed:
            seconds = duration.amount * _SECONDS.get(duration.unit, 86400)
            return start.astimezone(UTC) + timedelta(microseconds=int(seconds * 1_000_000))
        case "length":
            last = _last_day(today, duration)
            return end_of_day(last, zone) if last is not None else None
        case _:
            return None


def needs_calendar(duration: Duration) -> bool:
    """Whether its end depends on working time."""
    return duration.working or duration.kind == "next_working_day"


def in_window(earlier: datetime, at: datetime, within: Duration, zone: str) -> bool | None:
    """Whether `earlier` lies at or before `at` and not longer ago than `within`; None when that needs a
    calendar. A window of days or months includes the same day that many days or months ago."""
    if earlier > at:
        return False
    end = due_after(within, earlier, zone)
    return None if end is None else at <= end


def _last_day(day: date, duration: Duration) -> date | None:
    count = int(duration.amount)
    if duration.unit in _DAYS:
        return day + timedelta(days=count * _DAYS[duration.unit])
    return date_months(day, count * _MONTHS[duration.unit])


def _by(day: date, clock: time, zone: str) -> datetime:
    return end_of_day(day, zone) if clock == time.max else _at(day, clock, zone)


def _agreed(value: object, zone: str) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return end_of_day(value, zone) if isinstance(value, date) else None


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
