"""Calendars: which hours of a day are working time, and why a day differs from its week.

The organisation's own `open` days come first, then its `closed` days, then swapped working days, public
holidays and the weekly hours. A swapped working day has the hours of the weekday that it makes up for, or of
Monday where no list says which; it keeps its own where that weekday is not worked here. Stretches past
midnight belong to the day on which they begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time
from functools import cache
from types import MappingProxyType

from app.rules.almanac import Almanac, YearPart, joined, year_part
from app.rules.holiday_lists import HolidayYear, holiday_year
from app.rules.reasons import Saying
from app.rules.wall_clock import WallClock, micros, moment, wall_clock
from app.source import N_, Phrase
from app.spec.durations import Duration
from app.spec.hours import DAY_MINUTES, Stretch, parse_days, parse_half_day, read_stretches, weekly_hours
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar
from app.spec.small import Problem

Week = tuple[tuple[Stretch, ...], ...]

_ALL_WEEK: Week = ((Stretch(0, DAY_MINUTES),),) * 7
_NONE: Mapping[date, date] = MappingProxyType({})
_NO_LIST = HolidayYear(MappingProxyType({}), _NONE, _NONE, False)
_FIRST_YEAR, _LAST_YEAR = 2, MAXYEAR - 2
LONGEST = 100
"""Years after which the search for working time is given up."""


@dataclass(frozen=True, slots=True)
class WorkingInterval:
    """Working time from `start` to before `end`, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day. `why` says in what it differs from an ordinary working day (None: in nothing); `provisional`:
    it may change when the public holidays of its year are published."""

    date: date
    intervals: tuple[WorkingInterval, ...]
    why: Saying | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """What a calendar is made of, read and ready to compare.

    week: the stretches of each weekday, Monday first; own: days with hours of their own; closed: first and
    last day of each closure; holidays: code of the country, `CN` or `US-CA`; half_day: the time that divides
    a day, or the length of half a working day.
    """

    week: Week
    own: Mapping[date, tuple[Stretch, ...]]
    closed: tuple[tuple[date, date], ...]
    holidays: str | None
    until: date | None
    half_day: time | Duration | None


class WorkingCalendar:
    """A calendar that can be counted. Days are those of its own time zone; `title` is its label."""

    def __init__(self, name: str, zone: str, hours: Hours, always: bool = False, title: str = "") -> None:
        self.name, self.zone, self.hours, self.always = name, zone, hours, always
        self.title = Phrase(title or name)
        self.clock: WallClock = wall_clock(zone)
        self._plans: dict[date, DayPlan] = {}
        self._years: dict[int, YearPart] = {}
        self._almanac: Almanac | None = None

    def __repr__(self) -> str:
        return f"WorkingCalendar({self.name!r}, {self.zone!r})"

    @property
    def until(self) -> date | None:
        """The last day for which the calendar is kept up."""
        return self.hours.until

    def day(self, day: date) -> DayPlan:
        """The plan of a day."""
        plan = self._plans.get(day)
        if plan is None:
            stretches, why = self._ruling(day)
            explicit = day in self.hours.own or self._closed(day)
            plan = DayPlan(
                day,
                tuple(WorkingInterval(moment(a), moment(b)) for a, b in self._moments(day, stretches)),
                why,
                not explicit and self.provisional(day.year),
            )
            self._plans[day] = plan
        return plan

    def provisional(self, year: int) -> bool:
        """Whether the public holidays of the year are not published yet."""
        return self._list(year).provisional

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """The working time of a day on the wall clock."""
        return self._ruling(day)[0]

    def instants(self, day: date) -> list[tuple[int, int]]:
        """The working time of a day, in microseconds."""
        return self._moments(day, self._ruling(day)[0])

    def almanac(self, first: int, last: int) -> Almanac:
        """The years `first` to `last` laid out for counting, with those that were laid out before."""
        known = self._almanac
        if known is not None and known.first_year <= first and last <= known.last_year:
            return known
        if known is not None:
            first, last = min(first, known.first_year), max(last, known.last_year)
        years = range(max(first, _FIRST_YEAR), min(last, _LAST_YEAR) + 1)
        end = self.clock.instant(date(years[-1] + 1, 1, 1))
        self._almanac = made = joined([self._year(year) for year in years], end)
        return made

    def _year(self, year: int) -> YearPart:
        part = self._years.get(year)
        if part is None:
            self._years[year] = part = year_part(self.clock, self.stretches, year)
        return part

    def _ruling(self, day: date) -> tuple[tuple[Stretch, ...], Saying | None]:
        """The stretches of a day and why they are these."""
        hours = self.hours
        weekly = hours.week[day.weekday()]
        if hours.until is not None and day > hours.until:
            return (), Saying(N_("the calendar ends on {day}"), {"day": hours.until.isoformat()})
        if day in hours.own:
            own = hours.own[day] or weekly or hours.week[0]
            return own, None if own == weekly else Saying(N_("opened by the organisation"), {})
        if self._closed(day):
            return (), Saying(N_("closed by the organisation"), {})
        listed = self._list(day.year)
        if day in listed.swapped:
            return self._swapped(day, listed.swapped[day])
        if day in listed.exchanged:
            worked = listed.exchanged[day].isoformat()
            return (), Saying(N_("day off in exchange for {day}"), {"day": worked})
        if day in listed.days:
            names = tuple(Phrase(name) for name in listed.days[day])
            return (), Saying(N_("holiday: {name}"), {"name": names})
        if weekly:
            return weekly, None
        return (), Saying(N_("weekend") if day.weekday() > 4 else N_("no working day of the week"), {})

    def _swapped(self, day: date, makes_up: date | None) -> tuple[tuple[Stretch, ...], Saying | None]:
        week = self.hours.week
        if makes_up is None:
            return week[0], Saying(N_("swapped working day"), {})
        if not week[makes_up.weekday()]:
            own = week[day.weekday()]
            return own, None if own else Saying(N_("no working day of the week"), {})
        text = N_("swapped working day for {day}")
        return week[makes_up.weekday()], Saying(text, {"day": makes_up.isoformat()})

    def _closed(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.hours.closed)

    def _list(self, year: int) -> HolidayYear:
        return holiday_year(self.hours.holidays, year) if self.hours.holidays else _NO_LIST

    def _moments(self, day: date, stretches: tuple[Stretch, ...]) -> list[tuple[int, int]]:
        found = [(self.clock.instant(day, one.start), self.clock.instant(day, one.end)) for one in stretches]
        return [(start, end) for start, end in found if start < end]


def compile_calendar(spec: Calendar, zone: str) -> WorkingCalendar:
    """A calendar of the portal, ready to count; `zone` is the portal's, for one that names none."""
    closed = (parse_days(text) for text in spec.closed)
    half_day = parse_half_day(spec.half_day) if spec.half_day is not None else None
    hours = Hours(
        week=_ALL_WEEK if spec.always else weekly_hours(spec.hours),
        own={day: read_stretches(written) for day, written in spec.open.items()},
        closed=tuple(days for days in closed if not isinstance(days, Problem)),
        holidays=spec.holidays,
        until=spec.until,
        half_day=None if isinstance(half_day, Problem) else half_day,
    )
    return WorkingCalendar(spec.full_name, spec.timezone or zone, hours, spec.always, spec.title)


def compile_calendars(portal: Portal) -> Mapping[str, WorkingCalendar]:
    """Every calendar of the portal by its full name."""
    zone = portal.settings.timezone
    return {name: compile_calendar(spec, zone) for name, spec in portal.calendars.items()}


@cache
def around_the_clock(zone: str) -> WorkingCalendar:
    """The calendar of those who name none: all hours of every day of the zone."""
    hours = Hours(_ALL_WEEK, MappingProxyType({}), (), None, None, None)
    return WorkingCalendar("", zone, hours, always=True, title=N_("around the clock"))


def last_working_day(calendar: WorkingCalendar) -> date | None:
    """The day after which there is never working time again, as far as that is certain."""
    hours = calendar.hours
    if any(hours.week):
        return hours.until
    last = max((day for day in hours.own if hours.until is None or day <= hours.until), default=date.min)
    return last


def next_working_moment(calendar: WorkingCalendar, at: datetime) -> datetime | None:
    """`at` itself when it is working time, else when working time begins next; None when it never does."""
    wanted = micros(at)
    reach = 1
    while True:
        almanac = calendar.almanac(at.year - 1, at.year + reach)
        found = almanac.time.next_moment(wanted)
        if found is not None:
            return moment(found)
        if is_searched(calendar, almanac, wanted):
            return None
        reach = min(reach * 4, LONGEST)


def is_searched(calendar: WorkingCalendar, almanac: Almanac, start: int, backwards: bool = False) -> bool:
    """Whether looking further from `start` than the almanac reaches is in vain."""
    year = moment(start).year
    if backwards:
        return almanac.first_year <= max(year - LONGEST, _FIRST_YEAR)
    last = last_working_day(calendar)
    ended = last is not None and last.year < almanac.last_year
    return ended or almanac.last_year >= min(year + LONGEST, _LAST_YEAR)
