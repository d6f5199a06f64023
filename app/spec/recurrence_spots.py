"""The days inside a period that `on` may name: `mon`, `5`, `last day`, `3rd working day`, `12-31`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.source import N_, Phrase, near
from app.spec.recurrence_units import UNIT_WORDS, PeriodUnit
from app.spec.small import Problem

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINAL_WORDS: Mapping[str, int] = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)", re.ASCII)
_DATE = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)

MOST_DAYS: Mapping[PeriodUnit, int] = {
    "day": 1,
    "week": 7,
    "ten_days": 11,
    "month": 31,
    "quarter": 92,
    "half_year": 184,
    "year": 366,
}
"""The days of the longest stretch of each kind."""

MONTHS: Mapping[PeriodUnit, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months a stretch has."""

_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Spot:
    """One day inside a period.

    day = the `number`-th day (counted in the first month, where the period has several); working_day = the
    `number`-th working day; weekday = that day of the week, the `number`-th one in the period (0 in a week);
    date = day `number` of the period's `month`-th month. A negative number counts from the end.
    """

    kind: Literal["day", "working_day", "weekday", "date"]
    number: int = 0
    weekday: int = 0
    month: int = 0


class Words:
    """The words of a small text, read one after another."""

    def __init__(self, source: str, words: tuple[tuple[str, int], ...]) -> None:
        self.source, self.words, self.place = source, words, 0

    @property
    def more(self) -> bool:
        return self.place < len(self.words)

    @property
    def now(self) -> str:
        """The word that comes next; empty at the end."""
        return self.words[self.place][0] if self.more else ""

    @property
    def at(self) -> int:
        """Where the next word begins."""
        return self.words[self.place][1] if self.more else len(self.source)

    @property
    def before(self) -> int:
        """Where the word before begins."""
        return self.words[max(self.place - 1, 0)][1]

    def take(self) -> str:
        """The next word; the one after it becomes the next."""
        word = self.now
        self.place += 1
        return word

    def wrong(self, text: str, hint: str = "", at: int | None = None, **params: object) -> Problem:
        """A problem at the next word, or at the offset given."""
        written = {"written": self.now or self.source, **params}
        return Problem(text, written, hint, self.at if at is None else at)


def weekday_of(word: str) -> int | None:
    """0 for Monday; None for a word that is no weekday."""
    for names in (WEEKDAYS, _FULL_NAMES):
        if word in names:
            return names.index(word)
    return None


def read_spot(words: Words, unit: PeriodUnit) -> Spot | Problem:
    """Read one spot of a period of `unit`."""
    at, word = words.at, words.now
    weekday = weekday_of(word)
    if weekday is not None:
        words.take()
        if unit == "week":
            return Spot("weekday", 0, weekday)
        hint = N_("say which one, such as 'first {written}' or 'last {written}'")
        text = N_("a {unit} has several days '{written}'")
        return words.wrong(text, hint, at=at, unit=Phrase(UNIT_WORDS[unit]), written=word)
    if found := _DATE.fullmatch(word):
        words.take()
        return _date(words, unit, int(found[1]), int(found[2]), at)
    number = _number(word)
    if number is None:
        guess = near(word, WEEKDAYS) if unit == "week" else ""
        hint = N_("did you mean '{guess}'?") if guess else _EXAMPLES[unit]
        text = N_("'{written}' names no day of a {unit}")
        return words.wrong(text, hint, unit=Phrase(UNIT_WORDS[unit]), guess=guess)
    words.take()
    return _counted(words, unit, number, at, word)


_EXAMPLES: Mapping[PeriodUnit, str] = {
    "day": "",
    "week": N_("write for example 'mon, thu' or 'last working day'"),
    "ten_days": N_("write for example '1', 'last day' or '2nd working day'"),
    "month": N_("write for example '5', 'last day', '3rd working day' or 'last fri'"),
    "quarter": N_("write for example '5', 'last day', '02-15' or '3rd working day'"),
    "half_year": N_("write for example '5', 'last day', '06-30' or '3rd working day'"),
    "year": N_("write for example '03-01', 'last day' or 'last working day'"),
}


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word[:6])
    if found := _ORDINAL.fullmatch(word):
        return int(found[1])
    return _ORDINAL_WORDS.get(word)


def _counted(words: Words, unit: PeriodUnit, number: int, at: int, written: str) -> Spot | Problem:
    """What follows a number: `working day`, a weekday, `day`, or nothing."""
    most = MOST_DAYS[unit]
    weekday = weekday_of(words.now)
    if weekday is not None and unit != "week":
        words.take()
        spot, most = Spot("weekday", number, weekday), most // 7 + 1
    elif words.now == "working":
        words.take()
        if words.take() not in ("day", "days"):
            return words.wrong(N_("'working' must be followed by 'day'"), at=at)
        spot = Spot("working_day", number)
    else:
        if words.now == "day":
            words.take()
        spot, most = Spot("day", number), min(most, 31)
        if unit in ("week", "year") and number > 0:
            return _no_day(words, unit, at, written)
    if number == -1 or 1 <= number <= most:
        return spot
    text = N_("a {unit} has at most {most} of these days")
    return words.wrong(text, at=at, unit=Phrase(UNIT_WORDS[unit]), most=most)


def _date(words: Words, unit: PeriodUnit, month: int, day: int, at: int) -> Spot | Problem:
    """`12-31`: a month counted inside the period, and the day in it."""
    months = MONTHS.get(unit, 0)
    longest = monthrange(_LEAP_YEAR, month)[1] if unit == "year" and 1 <= month <= 12 else 31
    if months > 1 and 1 <= month <= months and 1 <= day <= longest:
        return Spot("date", day, 0, month)
    return _no_day(words, unit, at, f"{month:02d}-{day:02d}")


def _no_day(words: Words, unit: PeriodUnit, at: int, written: str) -> Problem:
    text = N_("'{written}' names no day of a {unit}")
    return words.wrong(text, _EXAMPLES[unit], at=at, unit=Phrase(UNIT_WORDS[unit]), written=written)
