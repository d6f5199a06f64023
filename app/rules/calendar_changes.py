"""Which days a changed calendar counts differently, and so which clocks have to be counted anew."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.rules.calendars import WorkingCalendar
from app.rules.wall_clock import micros


@dataclass(frozen=True, slots=True)
class CalendarChanges:
    """What differs between two versions of a calendar.

    days: the days, in order, whose working time differs, or whose year has been published or no longer is.
    all: the time zone or what half a working day is has changed, so every clock counts anew.
    """

    days: tuple[date, ...]
    all: bool
    _bounds: tuple[tuple[int, int], ...]

    def __bool__(self) -> bool:
        return self.all or bool(self.days)

    def touches(self, start: datetime, due: datetime | None) -> bool:
        """Whether a clock that ran from `start` to `due` may end at another time. `due` None: it had no end,
        because the old calendar held none or because the clock stood still. Counted back, `due` lies before
        `start`."""
        if self.all:
            return True
        begun = micros(start)
        if due is None:
            return bool(self._bounds) and begun < self._bounds[-1][1]
        first, last = sorted((begun, micros(due)))
        index = bisect_right(self._bounds, first, key=_end)
        return index < len(self._bounds) and self._bounds[index][0] < max(last, first + 1)


def calendar_changes(old: WorkingCalendar, new: WorkingCalendar, first: date, last: date) -> CalendarChanges:
    """What differs between two versions of a calendar from the day `first` to the day `last`."""
    everything = (old.zone, old.hours.half_day) != (new.zone, new.hours.half_day)
    if not everything and old.hours == new.hours and not old.hours.holidays:
        return CalendarChanges((), False, ())
    days = tuple(
        day
        for step in range((last - first).days + 1)
        if _differ(old, new, day := first + timedelta(days=step))
    )
    return CalendarChanges(days, everything, tuple(_bounds(old, new, days)))


def _differ(old: WorkingCalendar, new: WorkingCalendar, day: date) -> bool:
    return old.stretches(day) != new.stretches(day) or old.provisional(day.year) != new.provisional(day.year)


def _bounds(old: WorkingCalendar, new: WorkingCalendar, days: Sequence[date]) -> list[tuple[int, int]]:
    """From when to when each day reaches: its 24 hours, and a shift that runs on into the next day."""
    bounds: list[tuple[int, int]] = []
    for day in days:
        end = new.clock.instant(day + timedelta(days=1))
        for calendar in (old, new):
            end = max([end, *(over for _, over in calendar.instants(day))])
        bounds.append((new.clock.instant(day), end))
    return bounds


def _end(bounds: tuple[int, int]) -> int:
    return bounds[1]
