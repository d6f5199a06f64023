"""`portal`, `regime`, `choices`: languages, time zones, sizes, what regimes use."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from app.checks.context import Checking, Found, unknown_word
from app.source import N_, Span, fault
from app.spec.base import Declaration
from app.spec.calendar_choice import CALENDAR_LIST
from app.spec.funds import FUND_LIST, PURPOSE_LIST
from app.spec.portal_settings import Calendar, ChoiceList
from app.spec.records import RecordType

_FILLED = (FUND_LIST, PURPOSE_LIST, CALENDAR_LIST)
"""Built-in choice lists that other declarations fill; where there are none, they are empty."""
_SIZE = re.compile(r"\d{1,6}(\.\d{1,2})?\s*(KB|MB|GB)")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


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
    yield from zone(settings.timezone, settings.span_of("timezone"))
    yield from size(settings.max_upload, settings.span_of("max_upload"))
    if settings.calendar is not None:
        yield from checking.refer(Calendar, settings.calendar, "", settings.span_of("calendar"))


def size(text: str | None, span: Span) -> Found:
    """SET006: a size such as `10 MB`."""
    if text is not None and not _SIZE.fullmatch(text):
        hint = N_("write a number and KB, MB or GB, such as 10 MB")
        yield fault("SET006", span, N_("'{written}' is not a size"), hint, written=text)


def zone(name: str | None, span: Span) -> Found:
    """SET002: a time zone by its IANA name, such as Asia/Shanghai."""
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


def choice_lists_have_options(checking: Checking) -> Found:
    """FLD002: a choice list offers something."""
    for choices in checking.each(ChoiceList):
        if not choices.options and choices.full_name not in _FILLED:
            text = N_("the choice list '{name}' has no options")
            yield fault("FLD002", choices.span_of("options"), text, name=choices.full_name)
