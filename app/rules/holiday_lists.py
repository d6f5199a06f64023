"""Public holidays and swapped working days of a country, year by year, from the `holidays` package.

Where a country publishes anew each year which weekend days are worked in exchange, a year after the last
published list is provisional, and so is a year with holidays whose date is only estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import holidays

from app.source import N_

NAMES_IN_CHINA = (
    N_("New Year's Day"),
    N_("Chinese New Year's Eve"),
    N_("Chinese New Year (Spring Festival)"),
    N_("Tomb-Sweeping Day"),
    N_("Labor Day"),
    N_("Dragon Boat Festival"),
    N_("Mid-Autumn Festival"),
    N_("National Day"),
    N_("New Year's Day (observed)"),
    N_("Chinese New Year (Spring Festival) (observed)"),
    N_("Tomb-Sweeping Day (observed)"),
    N_("Labor Day (observed)"),
    N_("Dragon Boat Festival (observed)"),
    N_("Mid-Autumn Festival (observed)"),
    N_("National Day (observed)"),
)
"""The package's words for the holidays of China, so that the portal's languages have them."""

_KEPT_UP = 2
"""A country whose last list is more years older than the newest one of China has given up swapping days."""
_WORDS = "en_US"


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """One year.

    days: the names of each holiday (English words, translated like the portal's own); exchanged: days off in
    place of a weekend day that is worked, with that day; swapped: weekend days that are worked, with the day
    that each makes up for; provisional: whether this is not published yet.
    """

    days: Mapping[date, tuple[str, ...]]
    exchanged: Mapping[date, date]
    swapped: Mapping[date, date | None]
    provisional: bool


@cache
def holiday_year(code: str, year: int) -> HolidayYear:
    """The public holidays of `year`. Raises NotImplementedError for a country that is not known."""
    country, _, part = code.partition("-")
    # A list may name working days of the year before, so both neighbours are read too.
    years = [one for one in (year - 1, year, year + 1) if 1 <= one <= 9999]
    listed = holidays.country_holidays(
        country, subdiv=part or None, years=years, expand=False, language=_language(country)
    )
    days = {day: _names(listed[day]) for day in listed if day.year == year}
    swapped = {day: _makes_up_for(listed, day) for day in sorted(getattr(listed, "weekend_workdays", ()))}
    return HolidayYear(
        days=days,
        exchanged={off: day for day, off in swapped.items() if off is not None and off.year == year},
        swapped={day: off for day, off in swapped.items() if day.year == year},
        provisional=_provisional(listed, days, year),
    )


@cache
def _language(country: str) -> str | None:
    languages = getattr(holidays.country_holidays(country), "supported_languages", ())
    return _WORDS if _WORDS in languages else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";"))


def _makes_up_for(listed: Any, worked: date) -> date | None:
    """The day off whose name says that it was exchanged for `worked`."""
    label = getattr(listed, "substituted_label", None)
    if label is None:
        return None
    shown = listed.tr(label) % worked.strftime(listed.tr(listed.substituted_date_format))
    found = [day for day in listed if shown in _names(listed[day])]
    return min(found, key=lambda day: abs(day - worked)) if found else None


def _provisional(listed: Any, days: Mapping[date, tuple[str, ...]], year: int) -> bool:
    if year < listed.start_year or year > listed.end_year:
        return True
    last = _last_list(listed)
    if last is not None and year > last and last >= _newest_list() - _KEPT_UP:
        return True
    marks = tuple(_estimated_marks(listed))
    return any(mark in name for names in days.values() for name in names for mark in marks)


def _estimated_marks(listed: Any) -> Iterator[str]:
    """The words that the package puts behind the name of a holiday whose date is an estimate."""
    for key in ("estimated_label", "observed_estimated_label"):
        label = getattr(listed, key, None)
        if label:
            yield listed.tr(label).replace("%s", "").strip()


def _last_list(listed: Any) -> int | None:
    """The last year for which days were swapped by a published list."""
    years = [
        year
        for key in dir(listed)
        if key.startswith("special_") and isinstance(lists := getattr(listed, key), dict)
        for year, entries in lists.items()
        if any(len(entry) > 3 for entry in _entries(entries))
    ]
    return max(years, default=None)


def _entries(entries: Any) -> tuple[Any, ...]:
    return entries if entries and isinstance(entries[0], tuple) else (entries,)


@cache
def _newest_list() -> int:
    return _last_list(holidays.country_holidays("CN")) or 0
