"""`calendars`: zones, countries, hours and days that can be counted, and working time at all."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import holidays

from app.checks.context import Checking, Found
from app.checks.settings import zone
from app.source import N_, Span, fault
from app.spec.hours import (
    WEEKDAYS,
    Stretch,
    overlapping,
    parse_days,
    parse_half_day,
    parse_stretch,
    parse_weekdays,
    weekly_hours,
)
from app.spec.portal_settings import Calendar
from app.spec.small import Problem

_OVERLAP = N_("'{written}' ends before it begins, or overlaps the hours before it")


def calendars_can_be_counted(checking: Checking) -> Found:
    """SET002, SET003, SET004: zones, countries, weekdays, hours and dates of calendars."""
    for calendar in checking.each(Calendar):
        yield from zone(calendar.timezone, calendar.span_of("timezone"))
        yield from _country(calendar)
        yield from _week(calendar)
        for day, hours in calendar.open.items():
            path = ("open", day.isoformat())
            yield from _stretches(hours, calendar, path)
            if calendar.until is not None and day > calendar.until:
                text = N_("the day lies after the last day of the calendar")
                yield fault("SET004", calendar.key_at(*path), text)
        for index, written in enumerate(calendar.closed):
            yield from _problem(parse_days(written), calendar.span_at("closed", index))
        if calendar.half_day is not None:
            yield from _problem(parse_half_day(calendar.half_day), calendar.span_of("half_day"))


def calendars_are_open(checking: Checking) -> Found:
    """SET004: a calendar has working time, on each day that it opens too; one that is always open has no
    hours of its own."""
    for calendar in checking.each(Calendar):
        if calendar.always:
            written = [key for key in ("hours", "holidays", "closed", "open") if calendar.wrote(key)]
            for key in written:
                text = N_("a calendar that is always open has no '{key}'")
                yield fault(
                    "SET004", calendar.span_of(key), text, N_("write its hours, or 'always: true'"), key=key
                )
            continue
        if not any(calendar.hours.values()) and not any(calendar.open.values()):
            text = N_("the calendar '{name}' is never open")
            hint = N_("write its hours, or 'always: true'")
            yield fault("SET004", calendar.span, text, hint, name=calendar.full_name)
            continue
        read = (parse_weekdays(days) for days, hours in calendar.hours.items() if hours)
        worked = {number for days in read if not isinstance(days, Problem) for number in days}
        for day, hours in calendar.open.items():
            if not hours and not worked & {0, day.weekday()}:
                text = N_("the day has no hours: neither its weekday nor Monday has any")
                hint = N_('write hours such as "09:00-12:00", in quotes')
                yield fault("SET004", calendar.key_at("open", day.isoformat()), text, hint)


@cache
def _countries() -> dict[str, list[str]]:
    found: dict[str, list[str]] = holidays.list_supported_countries()
    return found


def _country(calendar: Calendar) -> Found:
    """A country, or a part of one: `CN`, `US-CA`."""
    if calendar.holidays is None:
        return
    country, dash, part = calendar.holidays.partition("-")
    parts = _countries().get(country)
    if parts is None:
        hint = N_("write the country's two capital letters, such as CN")
    elif dash and part not in parts:
        hint = N_("the parts of {country} are {parts}") if parts else N_("{country} has no parts of its own")
    else:
        return
    yield fault(
        "SET003",
        calendar.span_of("holidays"),
        N_("no public holidays are known for '{name}'"),
        hint,
        name=calendar.holidays,
        country=country,
        parts=", ".join(parts or ()),
    )


def _week(calendar: Calendar) -> Found:
    """Weekdays that can be read, each once, with hours that do not run into those of the day before."""
    named: dict[int, str] = {}
    for days, hours in calendar.hours.items():
        numbers = parse_weekdays(days)
        yield from _problem(numbers, calendar.key_at("hours", days))
        yield from _stretches(hours, calendar, ("hours", days))
        for number in () if isinstance(numbers, Problem) else numbers:
            if number in named:
                text = N_("the hours of {day} are written twice, here and under '{first}'")
                where = calendar.key_at("hours", days)
                yield fault("SET004", where, text, day=WEEKDAYS[number], first=named[number])
                break
            named[number] = days
    week = weekly_hours(calendar.hours)
    told = set[str]()
    for number, days in named.items():
        # Monday's night may run into Tuesday's morning.
        runs_on = overlapping(week[number]) is None and overlapping(week[number], week[number - 1]) == 0
        if runs_on and days not in told:
            told.add(days)
            text = N_("the hours of {before} run into those of {day}")
            where = calendar.key_at("hours", days)
            yield fault("SET004", where, text, before=WEEKDAYS[number - 1], day=WEEKDAYS[number])


def _stretches(hours: Iterable[str], calendar: Calendar, path: tuple[str, ...]) -> Found:
    """Hours that can be read, in order of time."""
    done: list[Stretch] = []
    for index, written in enumerate(hours):
        stretch, span = parse_stretch(written), calendar.span_at(*path, index)
        yield from _problem(stretch, span)
        if isinstance(stretch, Problem):
            continue
        if done and stretch.start < done[-1].end:
            yield fault("SET004", span, _OVERLAP, written=written)
        done.append(stretch)


def _problem(read: object, span: Span) -> Found:
    if isinstance(read, Problem):
        yield read.at("SET004", span)
