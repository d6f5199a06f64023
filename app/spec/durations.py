"""Durations: `48 hours`, `7 working days`, `same day by 18:00`, `day 10 of next month`, `at once`, a date
field's name, or unset.

How they are counted is the rules' business (`app.rules`); here they are only read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Literal

from app.source import N_, near
from app.spec.names import is_identifier
from app.spec.small import Problem

Unit = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
DurationKind = Literal["length", "same_day", "next_working_day", "month_day", "at_once", "field", "unset"]

MAX_AMOUNT = 100_000


@dataclass(frozen=True, slots=True)
class Duration:
    """One duration as written.

    kind: length = `amount` of `unit`, in working time where `working`; same_day and next_working_day end at
    `by`, or at the end of that day; month_day ends with day `day` (0 = the last) of the month that lies
    `months` after the start's, or, where that is 0, with the first such day after the start's (the last: that
    of the start's month); at_once; field = the date or datetime kept in the field `name`; unset = the
    regulation leaves it open and no clock runs.
    """

    kind: DurationKind
    text: str = ""
    amount: Decimal = Decimal(0)
    unit: Unit = "minute"
    working: bool = False
    by: time | None = None
    name: str = ""
    day: int = 0
    months: int = 0

    @property
    def elapsed(self) -> bool:
        """Counted in minutes and hours rather than in days of the calendar."""
        return self.kind == "length" and (self.unit in ("minute", "hour") or self.amount % 1 != 0)

    @property
    def set(self) -> bool:
        return self.kind != "unset"


_UNITS: Mapping[str, Unit] = {
    "minute": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
}
_WORKING_UNITS = frozenset({"minute", "hour", "day"})
_LENGTH = re.compile(r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<working>working\s+)?(?P<unit>[a-zA-Z]+)", re.ASCII)
_BY = re.compile(r"(?P<day>same day|next working day)(?:\s+by\s+(?P<by>\S+))?")
_MONTH_DAY = re.compile(r"(?:day (?P<day>[1-9]|[12]\d|3[01])|last day) of (?P<next>next )?month", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_HINT = N_("write for example '48 hours', '7 working days', 'same day by 18:00', 'at once' or '~'")


def parse_duration(text: str | None) -> Duration | Problem:
    """Read one duration; None (`~`) is unset. A bare word is taken for a field's name."""
    if text is None:
        return Duration("unset")
    words = " ".join(text.split())
    if words == "at once":
        return Duration("at_once", words)
    if found := _BY.fullmatch(words):
        return _by(words, found)
    if found := _MONTH_DAY.fullmatch(words):
        day, months = int(found["day"] or 0), 1 if found["next"] else 0
        return Duration("month_day", words, day=day, months=months)
    if found := _LENGTH.fullmatch(words):
        return _length(words, found)
    if is_identifier(words):
        return Duration("field", words, name=words)
    return Problem(N_("'{written}' is not a duration"), {"written": text}, _HINT)


def parse_clock(text: str) -> time | None:
    """`18:00` as a time of day; `24:00`, the end of a day, as the last instant a time can hold."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) == (24, 0):
        return time.max
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _by(words: str, found: re.Match[str]) -> Duration | Problem:
    kind: DurationKind = "same_day" if found["day"] == "same day" else "next_working_day"
    if found["by"] is None:
        return Duration(kind, words)
    clock = parse_clock(found["by"])
    if clock is None:
        hint = N_("write hours and minutes, such as 18:00; the end of the day is 24:00")
        return Problem(
            N_("'{written}' is not a time of day"), {"written": found["by"]}, hint, found.start("by")
        )
    return Duration(kind, words, by=clock)


def _length(words: str, found: re.Match[str]) -> Duration | Problem:
    word = found["unit"].lower()
    unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
    if unit is None:
        guess = near(word, [*_UNITS, *(f"{one}s" for one in _UNITS)])
        hint = N_("did you mean '{guess}'?") if guess else _HINT
        params = {"written": found["unit"], "guess": guess}
        return Problem(N_("'{written}' is not a unit of time"), params, hint, found.start("unit"))
    amount, working = Decimal(found["amount"]), found["working"] is not None
    if amount > MAX_AMOUNT:
        return Problem(N_("'{written}' is too long a time"), {"written": words})
    if working and unit not in _WORKING_UNITS:
        hint = N_("working time is counted in minutes, hours or days")
        return Problem(
            N_("'{written}' cannot be working time"), {"written": words}, hint, found.start("working")
        )
    if amount % 1 != 0 and unit not in ("minute", "hour") and not working:
        hint = N_("use hours, or working days, for a part of a day")
        return Problem(N_("'{written}' has a part of a day"), {"written": words}, hint)
    return Duration("length", words, amount, unit, working)
