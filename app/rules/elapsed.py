"""Short ways to due times for rules that run no clock: a time limit, a window back from a moment.

Counted as `due_times` counts. What needs working time is answered with None unless a calendar is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.rules.calendars import WorkingCalendar
from app.rules.due_times import NO_FIELDS, Counting, due_time
from app.spec.durations import Duration


def due_after(
    duration: Duration,
    start: datetime,
    zone: str,
    fields: Mapping[str, object] = NO_FIELDS,
    calendar: WorkingCalendar | None = None,
) -> datetime | None:
    """When `duration` from the aware `start` ends, in UTC, `at once` at the start itself; None when it is
    unset, needs a calendar and there is none, or names a field that is empty. `fields` are the values of
    date and datetime fields."""
    if duration.kind == "at_once":
        return start.astimezone(UTC)
    if needs_calendar(duration) and calendar is None:
        return None
    return due_time(duration, start, Counting(calendar, zone), fields=fields).at


def needs_calendar(duration: Duration) -> bool:
    """Whether its end depends on working time."""
    return duration.working or duration.kind == "next_working_day"


def in_window(
    earlier: datetime, at: datetime, within: Duration, zone: str, calendar: WorkingCalendar | None = None
) -> bool | None:
    """Whether `earlier` lies at or before `at` and not longer ago than `within`; None when that needs a
    calendar and there is none. A window of days or months includes the same day that long ago."""
    if earlier > at:
        return False
    end = due_after(within, earlier, zone, calendar=calendar)
    return None if end is None else at <= end
