"""On which days a duty comes round, and when on these days. Pure: a calendar is a question put to a day.

A day that a shorter month does not have is its last day (`month on 31`, `year on 02-29`); a fifth Friday or a
25th working day that a period does not have does not come round in it. Every so many units are counted from
an anchor day, so that they never depend on when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.periods import Period, index_of, period_at
from app.rules.wall_clock import moment, wall_clock
from app.spec.recurrence import Recurrence
from app.spec.recurrence_spots import MONTHS, Spot

IsWorking = Callable[[date], bool]
"""Whether the calendar has working time on a day."""

MOST_SHIFTED = 60
"""Days that a shift looks ahead or back for a working day before it lets the day stand."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One turn of a duty.

    name: unlike that of any other turn of the same duty, and the same when a holiday is published later:
    `2026-11-21`, `2026-11-21T10:00`, `2026-11/3` (third working day); day: after a shift to a working day;
    at: when it begins (UTC).
    """

    period: Period
    name: str
    day: date
    at: datetime


def occurrences(
    rule: Recurrence, after: datetime, until: datetime, zone: str, is_working: IsWorking, anchor: date
) -> Iterator[Occurrence]:
    """The turns that begin later than `after` and not later than `until` (aware moments), in order."""
    local, wall = ZoneInfo(zone), wall_clock(zone)
    reach = timedelta(days=MOST_SHIFTED if rule.shift != "none" else 0)
    first = after.astimezone(local).date() - reach
    last = until.astimezone(local).date() + reach
    found: list[Occurrence] = []
    for period in rule_periods(rule, first, last, anchor):
        for name, nominal in days_in(rule, period, is_working).items():
            day = shifted(rule, nominal, is_working)
            for clock in rule.at or (time.min,):
                at = moment(wall.at(datetime.combine(day, clock)))
                if after < at <= until:
                    found.append(Occurrence(period, name + _clock_name(clock), day, at))
    return iter(sorted(found, key=lambda one: (one.at, one.name)))


def rule_periods(rule: Recurrence, first: date, last: date, anchor: date) -> Iterator[Period]:
    """The periods of the rule that have a day between `first` and `last`. Every so many units are one period
    from the first of them to the day before the next turn."""
    unit = rule.period
    lowest, highest = index_of(unit, first), index_of(unit, last)
    lowest -= (lowest - index_of(unit, anchor)) % rule.step
    for index in range(lowest, highest + 1, rule.step):
        yield period_at(unit, index, rule.step)


def days_in(rule: Recurrence, period: Period, is_working: IsWorking) -> dict[str, date]:
    """The days by the rule in one of its periods, before any shift, by the names of the turns."""
    if rule.unit == "working_day" and not is_working(period.start):
        return {}
    if not rule.on:
        return {period.start.isoformat(): period.start}
    # Behind the first of several units nothing is looked for: `2 weeks on fri` is the first week's Friday.
    own = period_at(rule.period, index_of(rule.period, period.start))
    found: dict[str, date] = {}
    for spot in rule.on:
        day = _day(spot, own, is_working)
        if day is not None and day not in found.values():
            found[f"{own.name}/{spot.number}" if spot.kind == "working_day" else day.isoformat()] = day
    return found


def shifted(rule: Recurrence, day: date, is_working: IsWorking) -> date:
    """The day, or where it is no working day the nearest one in the direction that the rule names."""
    if rule.shift == "none":
        return day
    step = _DAY if rule.shift == "next" else -_DAY
    moved = day
    for _ in range(MOST_SHIFTED):
        if is_working(moved):
            return moved
        moved += step
    return day


def _clock_name(clock: time) -> str:
    return f"T{clock:%H:%M}" if clock != time.min else ""


def _day(spot: Spot, period: Period, is_working: IsWorking) -> date | None:
    match spot.kind:
        case "day":
            return _numbered(spot.number, period)
        case "date":
            return _in_month(period.start, spot.month - 1, spot.number)
        case "weekday":
            days = [day for day in period.days() if day.weekday() == spot.weekday]
            return _nth(days, spot.number or 1)
        case "working_day":
            return _nth_working(spot.number, period, is_working)


def _numbered(number: int, period: Period) -> date:
    if number < 0:
        return period.end
    if period.unit in MONTHS:
        return _in_month(period.start, 0, number)
    return min(period.start + timedelta(days=number - 1), period.end)


def _in_month(start: date, months: int, day: int) -> date:
    """Day `day` of the month that is `months` after that of `start`; its last day where it is shorter."""
    month = period_at("month", index_of("month", start) + months)
    return min(month.start + timedelta(days=day - 1), month.end)


def _nth(days: list[date], number: int) -> date | None:
    place = number - 1 if number > 0 else len(days) + number
    return days[place] if 0 <= place < len(days) else None


def _nth_working(number: int, period: Period, is_working: IsWorking) -> date | None:
    days = list(period.days())
    if number < 0:
        days.reverse()
    left = abs(number)
    for day in days:
        left -= is_working(day)
        if not left:
            return day
    return None
