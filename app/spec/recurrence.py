"""How often a duty is due: `day at 10:00`, `2 weeks on fri`, `ten days`, `month on 3rd working day`.

    every := [count] unit [on spot, spot …] [at clock, clock …] [or next|previous working day]

Here it is only read; which days it means is worked out by `app.rules.recurrence`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Literal, get_args

from app.source import N_, near
from app.spec.durations import parse_clock
from app.spec.recurrence_spots import WEEKDAYS, Spot, Words, read_spot
from app.spec.recurrence_units import PeriodUnit
from app.spec.small import Problem

RecurrenceUnit = Literal[PeriodUnit, "working_day"]
Shift = Literal["none", "next", "previous"]

PERIODS: tuple[PeriodUnit, ...] = get_args(PeriodUnit)
"""What `per` may name."""

MOST_STEPS = 120


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One `every:` as written.

    step: every so many units; on: the days inside the unit (empty = its first day); at: times of day (empty =
    when the day begins); shift: where a day that is no working day moves to.
    """

    text: str
    unit: RecurrenceUnit
    step: int = 1
    on: tuple[Spot, ...] = ()
    at: tuple[time, ...] = ()
    shift: Shift = "none"

    @property
    def period(self) -> PeriodUnit:
        """The stretch that one turn stands for; a working day stands for its day."""
        return "day" if self.unit == "working_day" else self.unit

    @property
    def counts_working_days(self) -> bool:
        """Whether it cannot be worked out without a calendar."""
        by_spot = any(spot.kind == "working_day" for spot in self.on)
        return self.unit == "working_day" or self.shift != "none" or by_spot


_ONE_WORD: Mapping[str, RecurrenceUnit] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "half_year": "half_year",
    "half-year": "half_year",
    "ten_days": "ten_days",
    "working_day": "working_day",
}
_TWO_WORDS: Mapping[tuple[str, str], RecurrenceUnit] = {
    ("working", "day"): "working_day",
    ("half", "year"): "half_year",
    ("ten", "day"): "ten_days",
}
_OTHER_WORDS: Mapping[str, str] = {
    "daily": "day",
    "weekly": "week",
    "biweekly": "2 weeks",
    "fortnight": "2 weeks",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
    "weekday": "working day",
    "weekdays": "working day",
}
_HINT = N_("write 'day', 'week on mon', 'month on 5', 'quarter', 'year on 03-01' or '2 weeks'")
_WORD = re.compile(r"[^\s,]+|,")


def parse_recurrence(text: str) -> Recurrence | Problem:
    """Read `every:`. A Problem says what is wrong and where in the text."""
    words = Words(text, tuple((found[0], found.start()) for found in _WORD.finditer(text.lower())))
    if not words.more:
        return Problem(N_("'{written}' does not say how often"), {"written": text}, _HINT)
    step = _step(words)
    if isinstance(step, Problem):
        return step
    unit = _unit(words)
    if isinstance(unit, Problem):
        return unit
    if unit == "working_day" and step > 1:
        hint = N_("write 'working day', or a number of days or weeks")
        return words.wrong(N_("working days cannot be skipped"), hint, at=0)
    return _clauses(words, Recurrence(" ".join(text.split()), unit, step))


def parse_period(text: str) -> PeriodUnit | None:
    """What `per` names: `month`, `ten_days` (also `ten days`); None for anything else."""
    name = "_".join(text.replace("-", " ").split())
    return next((known for known in PERIODS if known == name), None)


def _step(words: Words) -> int | Problem:
    if not words.now.isdecimal():
        return 1
    if int(words.now[:6]) not in range(1, MOST_STEPS + 1):
        return words.wrong(N_("'{written}' is not a number of units from 1 to {most}"), most=MOST_STEPS)
    return int(words.take())


def _unit(words: Words) -> RecurrenceUnit | Problem:
    at = words.at
    first = words.take()
    found = _TWO_WORDS.get((first, words.now.removesuffix("s")))
    if found is not None:
        words.take()
        return found
    known = _ONE_WORD.get(first) or _ONE_WORD.get(first.removesuffix("s"))
    if known is not None:
        return known
    guess = _OTHER_WORDS.get(first) or near(first, [*_ONE_WORD, *(f"{one}s" for one in _ONE_WORD)])
    hint = N_("did you mean '{guess}'?") if guess else _HINT
    text = N_("'{written}' does not say how often")
    return words.wrong(text, hint, at=at, guess=guess, written=words.source if not guess else first)


def _clauses(words: Words, found: Recurrence) -> Recurrence | Problem:
    """`on …`, `at …` and `or next working day`, each at most once."""
    done: set[str] = set()
    while words.more:
        clause = words.now
        if clause in done or clause not in ("on", "at", "or"):
            hint = N_("after the unit may follow 'on', 'at' and 'or next working day'")
            return words.wrong(N_("'{written}' is not expected here"), hint)
        done.add(words.take())
        read = _on(words, found) if clause == "on" else _at(words, found) if clause == "at" else None
        step = read if read is not None else _or(words, found)
        if isinstance(step, Problem):
            return step
        found = step
    if found.shift != "none" and found.unit == "working_day":
        return words.wrong(N_("a working day never falls on a day off"), at=0)
    return found


def _on(words: Words, found: Recurrence) -> Recurrence | Problem:
    if found.unit in ("day", "working_day"):
        text = N_("a day has no days to choose from")
        hint = N_("write 'at 10:00' for a time of day, or 'week on {days}'")
        return words.wrong(text, hint, at=words.before, days=", ".join(WEEKDAYS[:2]))
    spots: list[Spot] = []
    while True:
        spot = read_spot(words, found.period)
        if isinstance(spot, Problem):
            return spot
        spots.append(spot)
        if words.now != ",":
            return replace(found, on=tuple(dict.fromkeys(spots)))
        words.take()


def _at(words: Words, found: Recurrence) -> Recurrence | Problem:
    clocks: list[time] = []
    while True:
        clock = parse_clock(words.now)
        if clock is None or clock == time.max:
            hint = N_("write hours and minutes, such as 18:00")
            return words.wrong(N_("'{written}' is not a time of day"), hint)
        words.take()
        clocks.append(clock)
        if words.now != ",":
            return replace(found, at=tuple(sorted(set(clocks))))
        words.take()


def _or(words: Words, found: Recurrence) -> Recurrence | Problem:
    where = words.take()
    known: Mapping[str, Shift] = {"next": "next", "previous": "previous"}
    if where in known and (words.take(), words.take()) == ("working", "day"):
        return replace(found, shift=known[where])
    hint = N_("write 'or next working day' or 'or previous working day'")
    return words.wrong(N_("'{written}' is not expected here"), hint, at=words.before, written=where)
