"""`portal`, `regime`, `calendars`, `choices`: languages, time zones, countries, hours, dates."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from zoneinfo import available_timezones

import holidays
from babel import Locale, UnknownLocaleError

from app.checks.context import Checking, Found, unknown_word
from app.source import N_, Span, fault
from app.spec.base import Declaration
from app.spec.durations import parse_clock
from app.spec.portal_settings import Calendar
from app.spec.records import RecordType

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_SIZE = re.compile(r"\d{1,6}(\.\d{1,2})?\s*(KB|MB|GB)")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


def portal_settings_are_known(checking: Checking) -> Found:
    """SET001, SET002, SET006: languages, time zone and upload limit."""
    settings = checking.portal.settings
    for index, language in enumerate(settings.languages):
        try:
            Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            span = settings.span_at("languages", index)
            hint = N_("write a language such as zh_Hans or en")
            yield fault("SET001", span, N_("'{name}' is not a known language"), hint, name=language)
    if not settings.languages:
        text = N_("a portal needs at least one language")
        yield fault(
            "SET001", settings.span_of("languages"), text, N_("write a language such as zh_Hans or en")
        )
    yield from _zone(settings.timezone, settings.span_of("timezone"))
    yield from size(settings.max_upload, settings.span_of("max_upload"))
    if settings.calendar is not None:
        yield from checking.refer(Calendar, settings.calendar, "", settings.span_of("calendar"))


def size(text: str | None, span: Span) -> Found:
    """SET006: a size such as `10 MB`."""
    if text is not None and not _SIZE.fullmatch(text):
        hint = N_("write a number and KB, MB or GB, such as 10 MB")
        yield fault("SET006", span, N_("'{written}' is not a size"), hint, written=text)


def _zone(name: str | None, span: Span) -> Found:
    if name is not None and name not in _zones():
        yield unknown_word("SET002", span, N_("'{name}' is not a known time zone"), name, _zones())


def regimes_are_declared(checking: Checking) -> Found:
    """REF004, SET005: regimes that are switched on or used exist, and do not use each other in a ring."""
    portal = checking.portal
    lists: list[tuple[Declaration, str, tuple[str, ...]]] = []
    lists.append((portal.settings, "regimes", portal.settings.regimes))
    lists += [(regime, "uses", regime.uses) for regime in portal.regimes.values()]
    for owner, key, names in lists:
        for index, name in enumerate(names):
            if name not in portal.regimes:
                text = N_("there is no regime '{name}'")
                yield unknown_word("REF004", owner.span_at(key, index), text, name, portal.regimes)
    for name, regime in portal.regimes.items():
        ring = _ring(checking, name)
        if ring and ring[0] == min(ring):
            shown = " → ".join((*ring, ring[0]))
            text = N_("the regimes use each other in a ring: {ring}")
            yield fault("SET005", regime.span_of("uses"), text, ring=shown)


def _ring(checking: Checking, start: str) -> tuple[str, ...]:
    """The ring of `uses` that leads back to `start`, or nothing."""
    stack: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while stack:
        path = stack.pop()
        regime = checking.portal.regimes.get(path[-1])
        for used in regime.uses if regime else ():
            if used == start:
                return path
            if used not in seen:
                seen.add(used)
                stack.append((*path, used))
    return ()


def menus_name_record_types(checking: Checking) -> Found:
    """REF001, REF002, REC001: a regime's menu names each record type once."""
    for regime in checking.portal.regimes.values():
        first: dict[str, Span] = {}
        for index, name in enumerate(regime.menu):
            span = regime.span_at("menu", index)
            yield from checking.refer(RecordType, name, regime.name, span)
            if name in first:
                text = N_("'{name}' is named twice; it was first named at {first}")
                yield fault("REC001", span, text, name=name, first=str(first[name]))
            first.setdefault(name, span)


def regime_dates_are_in_order(checking: Checking) -> Found:
    """SET004: a regime does not end before it begins."""
    for regime in checking.portal.regimes.values():
        if regime.in_force_from and regime.in_force_to and regime.in_force_to < regime.in_force_from:
            text = N_("the last day lies before the first")
            yield fault("SET004", regime.span_of("in_force_to"), text)


def calendars_can_be_counted(checking: Checking) -> Found:
    """SET002, SET003, SET004: zones, countries, weekdays, hours and dates of calendars."""
    for calendar in checking.portal.calendars.values():
        yield from _zone(calendar.timezone, calendar.span_of("timezone"))
        if calendar.holidays is not None and calendar.holidays not in _countries():
            hint = N_("write the country's two capital letters, such as CN")
            text = N_("no public holidays are known for '{name}'")
            yield fault("SET003", calendar.span_of("holidays"), text, hint, name=calendar.holidays)
        for days, hours in calendar.hours.items():
            yield from _weekdays(days, calendar.key_at("hours", days))
            yield from _hours(hours, calendar, ("hours", days))
        for day, hours in calendar.open.items():
            yield from _hours(hours, calendar, ("open", day.isoformat()))
        for index, written in enumerate(calendar.closed):
            yield from _day(written, calendar.span_at("closed", index))
        if calendar.half_day is not None and parse_clock(calendar.half_day) is None:
            text = N_("'{written}' is not a time of day")
            yield fault("SET004", calendar.span_of("half_day"), text, written=calendar.half_day)
        if not calendar.always and not calendar.hours and not calendar.open:
            text = N_("the calendar '{name}' is never open")
            hint = N_("write its hours, or 'always: true'")
            yield fault("SET004", calendar.span, text, hint, name=calendar.full_name)


def _weekdays(days: str, span: Span) -> Found:
    ends = days.split("-")
    if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
        text = N_("'{written}' is not a weekday or a range of weekdays")
        yield fault("SET004", span, text, N_("write mon, or mon-fri"), written=days)


def _hours(hours: tuple[str, ...], calendar: Calendar, path: tuple[str, ...]) -> Found:
    last = None
    for index, written in enumerate(hours):
        span = calendar.span_at(*path, index)
        found = _INTERVAL.fullmatch(written.strip())
        start, end = (parse_clock(found[1]), parse_clock(found[2])) if found else (None, None)
        if start is None or end is None:
            hint = N_('write hours such as "09:00-12:00", in quotes')
            yield fault("SET004", span, N_("'{written}' is not a stretch of hours"), hint, written=written)
        elif start >= end or (last is not None and start < last):
            text = N_("'{written}' ends before it begins, or overlaps the hours before it")
            yield fault("SET004", span, text, written=written)
        last = end


def _day(written: str, span: Span) -> Found:
    for end in written.split(".."):
        try:
            date.fromisoformat(end.strip())
        except ValueError:
            hint = N_("write a date such as 2026-12-31, or a stretch such as 2026-12-30..2027-01-03")
            yield fault("SET004", span, N_("'{written}' is not a date"), hint, written=written)
            return


def choice_lists_have_options(checking: Checking) -> Found:
    """FLD002: a choice list offers something."""
    for choices in checking.portal.choices.values():
        if not choices.options:
            text = N_("the choice list '{name}' has no options")
            yield fault("FLD002", choices.span_of("options"), text, name=choices.full_name)
