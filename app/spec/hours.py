"""Words of calendars: `mon-fri`, `09:00-12:00`, `2026-12-30..2027-01-03`, half a working day.

A stretch of hours that runs past midnight is written beyond 24:00: `22:00-30:00` ends at 06:00 of the next
day and belongs to the day on which it begins, so that hours written backwards stay a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import NamedTuple

from app.source import N_
from app.spec.durations import Duration, parse_clock, parse_duration
from app.spec.small import Problem

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440

_STRETCH = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


class Stretch(NamedTuple):
    """Working time on one day, in minutes after 00:00 of the day; `end` beyond 1440 lies on the next day."""

    start: int
    end: int


def parse_weekdays(text: str) -> tuple[int, ...] | Problem:
    """`mon` or `mon-fri` as weekdays, Monday is 0; `fri-mon` goes over the end of the week."""
    ends = [part.strip() for part in text.split("-")]
    if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
        return Problem(
            N_("'{written}' is not a weekday or a range of weekdays"),
            {"written": text},
            N_("write mon, or mon-fri"),
        )
    first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def parse_stretch(text: str) -> Stretch | Problem:
    """`09:00-12:00`; ends at 24:00 at the latest, or at 48:00 where it runs past midnight."""
    found = _STRETCH.fullmatch(text.strip())
    if not found:
        return _no_hours(text)
    hours = [int(part) for part in found.groups()]
    if hours[1] > 59 or hours[3] > 59 or hours[0] > 23:
        return _no_hours(text)
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if end > start + DAY_MINUTES:
        return _no_hours(text)
    if end > start:
        return Stretch(start, end)
    hint = N_("where it runs past midnight, write {past}")
    past = f"{hours[0]:02d}:{hours[1]:02d}-{hours[2] + 24:02d}:{hours[3]:02d}"
    text_ = N_("'{written}' ends before it begins, or overlaps the hours before it")
    return Problem(text_, {"written": text, "past": past}, hint)


def overlapping(stretches: Sequence[Stretch], before: Sequence[Stretch] = ()) -> int | None:
    """Which one begins before the one ahead of it has ended; `before` are the hours of the day before."""
    last = max((stretch.end - DAY_MINUTES for stretch in before), default=0)
    for index, stretch in enumerate(stretches):
        if stretch.start < last:
            return index
        last = stretch.end
    return None


def parse_days(text: str) -> tuple[date, date] | Problem:
    """`2026-12-31`, or `2026-12-30..2027-01-03`, as its first and last day."""
    ends = text.split("..")
    try:
        days = [date.fromisoformat(end.strip()) for end in ends]
    except ValueError:
        days = []
    if not days or len(days) > 2:
        hint = N_("write a date such as 2026-12-31, or a stretch such as 2026-12-30..2027-01-03")
        return Problem(N_("'{written}' is not a date"), {"written": text}, hint)
    if days[-1] < days[0]:
        return Problem(N_("the last day lies before the first"))
    return days[0], days[-1]


def parse_half_day(text: str) -> time | Duration | Problem:
    """What half a working day is: `12:30` divides each day in two, `4 hours` fixes its working time."""
    clock = parse_clock(text)
    if clock is not None:
        return clock
    length = parse_duration(text)
    if isinstance(length, Duration) and length.kind == "length" and length.unit in ("minute", "hour"):
        return length
    hint = N_("write the time that divides the day, such as 12:30, or a length such as '4 hours'")
    return Problem(N_("'{written}' is not half a working day"), {"written": text}, hint)


def weekly_hours(hours: Mapping[str, Sequence[str]]) -> tuple[tuple[Stretch, ...], ...]:
    """The stretches of each weekday, Monday first. What cannot be read, `check` has refused before."""
    week: list[tuple[Stretch, ...]] = [()] * 7
    for days, written in hours.items():
        numbers = parse_weekdays(days)
        for number in () if isinstance(numbers, Problem) else numbers:
            week[number] = read_stretches(written)
    return tuple(week)


def read_stretches(written: Sequence[str]) -> tuple[Stretch, ...]:
    """Those of `written` that can be read, in order of time."""
    return tuple(sorted(one for text in written if isinstance(one := parse_stretch(text), Stretch)))


def _no_hours(text: str) -> Problem:
    hint = N_('write hours such as "09:00-12:00", in quotes')
    return Problem(N_("'{written}' is not a stretch of hours"), {"written": text}, hint)
