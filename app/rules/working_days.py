"""`working_days(n)` of the expression language: the n-th working day on, by the portal's calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.expressions.core import WORKING
from app.rules.calendars import WorkingCalendar, compile_calendar
from app.rules.counting import Count, found_end
from app.rules.wall_clock import micros, moment
from app.spec.durations import Duration
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar

_FIRST_YEAR, _LAST_YEAR = 3, 9_996
"""Years that a calendar can look beyond, on both sides."""

CountOn = Callable[[date, int], date | None]


def calendar_of(portal: Portal) -> Calendar | None:
    """The calendar that the portal goes by where nothing else is said."""
    return portal.find(Calendar, portal.settings.calendar, "")


def general_calendar(portal: Portal) -> WorkingCalendar | None:
    """The same, ready to count."""
    spec = calendar_of(portal)
    return compile_calendar(spec, portal.settings.timezone) if spec is not None else None


def working_days_of(portal: Portal) -> CountOn | None:
    """What counts working days for the portal's expressions; None where it names no calendar."""
    spec = calendar_of(portal)
    if spec is None:
        return None

    @cache
    def made() -> CountOn:
        return counting_on(compile_calendar(spec, portal.settings.timezone))

    return lambda start, count: made()(start, count)


def counting_on(calendar: WorkingCalendar) -> CountOn:
    """Counts n working days on from a date, or back where n is below 0; 0 leaves it as it is.

    A moment keeps its time of day on the calendar's clock. None where no calendar reaches that far.
    """
    zone = ZoneInfo(calendar.zone)

    def count_on(start: date, count: int) -> date | None:
        if isinstance(start, datetime):
            local = start.astimezone(zone)
            day = count_on(local.date(), count)
            return None if day is None else datetime.combine(day, local.time(), zone).astimezone(UTC)
        if count == 0:
            return start
        if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
            return None
        length = Duration("length", amount=Decimal(abs(count)), unit="day", working=True)
        noon = datetime.combine(start, time(12), zone)
        try:
            end = found_end(Count(length, calendar, before=count < 0), micros(noon))
        except OverflowError:
            return None
        if end is None:
            return None
        return (moment(end) - timedelta.resolution).astimezone(zone).date()

    return count_on


def counting(portal: Portal) -> Mapping[str, object]:
    """What a scope needs besides, so that its expressions can count working days."""
    count_on = working_days_of(portal)
    return MappingProxyType({WORKING: count_on} if count_on is not None else {})
