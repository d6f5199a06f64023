"""The turns of a duty: when each begins and by when it must be done. Pure; who does it is not asked here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.release.duty_model import DutyModel
from app.rules.calendars import WorkingCalendar
from app.rules.due_times import Counting, due_after, due_time
from app.rules.periods import Period, periods_between
from app.rules.recurrence import occurrences, rule_periods
from app.rules.wall_clock import moment, wall_clock

_DAY = timedelta(days=1)
LATE = timedelta(hours=1)
"""So long after it began a turn is no longer in time: the portal was not at work when it should have been."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. name: unlike that of any other turn of the duty; at: when it begins; due_at: by when it must
    be done (None: no time is set); both in UTC."""

    name: str
    period: Period
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Times:
    """The portal's time zone and the calendar that counts a duty's working days (None = every day counts)."""

    zone: str
    calendar: WorkingCalendar | None

    def is_working(self, day: date) -> bool:
        return self.calendar is None or bool(self.calendar.day(day).intervals)

    def midnight(self, day: date) -> datetime:
        """When a day begins, in UTC."""
        return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC)

    def opening(self, day: date, clock: time | None = None) -> datetime:
        """When work begins on a day: at `clock`, or with the calendar's first hour."""
        if clock is not None:
            return moment(wall_clock(self.zone).at(datetime.combine(day, clock)))
        intervals = self.calendar.day(day).intervals if self.calendar is not None else ()
        return intervals[0].start if intervals else self.midnight(day)

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


def turns(duty: DutyModel, after: datetime, until: datetime, times: Times) -> Iterator[Turn]:
    """The turns of `every` that begin later than `after` and not later than `until`, in order."""
    if duty.rule is None or duty.quota:
        return
    for one in occurrences(duty.rule, after, until, times.zone, times.is_working, duty.anchor):
        if _applies(duty, one.day):
            yield Turn(one.name, one.period, one.at, due_of(duty, one.at, one.period, times))


def counted_periods(duty: DutyModel, first: date, last: date) -> Iterator[Period]:
    """The periods of a counted or drawn duty between `first` and `last`, as far as it applies in them."""
    if duty.rule is not None and duty.quota and duty.spec.at_least is None:
        found = rule_periods(duty.rule, first, last, duty.anchor)
    elif duty.per is not None:
        found = periods_between(duty.per, first, last)
    else:
        return
    yield from (one for one in found if _clipped(duty, one) is not None)


def eligible_days(duty: DutyModel, period: Period, now: datetime, times: Times) -> tuple[date, ...]:
    """The days of a period on which a turn may still be drawn: working days that have not begun yet."""
    clipped = _clipped(duty, period)
    if clipped is None:
        return ()
    today = times.day(now)
    days = (day for day in clipped.days() if day >= today and times.is_working(day))
    return tuple(day for day in days if day > today or now - times.opening(day, _clock(duty)) < LATE)


def drawn_turns(duty: DutyModel, period: Period, days: Sequence[date], times: Times) -> list[Turn]:
    """The turns on the days that were drawn for a period."""
    found = []
    for place, day in enumerate(days, 1):
        at = times.opening(day, _clock(duty))
        found.append(Turn(f"{period.name}/{place}", period, at, due_of(duty, at, period, times)))
    return found


def whole_period(duty: DutyModel, period: Period, times: Times, last: datetime | None = None) -> Turn:
    """A period that so many must be made in: it begins with its first day and is due at its end, or when the
    `last` turn drawn in it is."""
    end = times.midnight(period.end + _DAY)
    if duty.spec.at_least is not None and duty.due is not None and not duty.drawn:
        due = due_after(duty.due, end, Counting(times.calendar, times.zone)).at
    else:
        drawn = due_of(duty, last, period, times) if last is not None else None
        due = max(end, drawn) if drawn is not None else end
    return Turn(period.name, period, times.midnight(period.start), due)


def due_of(duty: DutyModel, at: datetime, period: Period, times: Times) -> datetime | None:
    """By when what begins at `at` must be done: after the duty's time; where none is written, by the end of
    its period. A time that is written as left open (`~`) sets none."""
    if duty.due is not None:
        return _after(duty, at, times)
    if duty.spec.wrote("due"):
        return None
    return max(times.midnight(period.end + _DAY), times.midnight(times.day(at) + _DAY))


def _after(duty: DutyModel, at: datetime, times: Times) -> datetime | None:
    if duty.due is None:
        return None
    return due_time(duty.due, at, Counting(times.calendar, times.zone)).at


def _clock(duty: DutyModel) -> time | None:
    return duty.rule.at[0] if duty.rule is not None and duty.rule.at else None


def _applies(duty: DutyModel, day: date) -> bool:
    return (duty.first is None or day >= duty.first) and (duty.last is None or day <= duty.last)


def _clipped(duty: DutyModel, period: Period) -> Period | None:
    """The part of a period in which the duty applies."""
    first = max(period.start, duty.first or period.start)
    last = min(period.end, duty.last or period.end)
    return Period(period.unit, first, last) if first <= last else None
