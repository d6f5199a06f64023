"""How much of a time has been served, and when a share of it is reached.

Served is what counts: working time where the duration is in working hours or working days, else time that
passes; never what lies in a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from app.rules.almanac import Almanac
from app.rules.calendars import WorkingCalendar, is_searched
from app.rules.due_times import Counting
from app.rules.pauses import Pause, closed_pauses
from app.rules.wall_clock import SECOND, micros, moment
from app.spec.durations import Duration

_WHOLE = Fraction(1)


def elapsed_seconds(
    duration: Duration, start: datetime, end: datetime, counting: Counting, pauses: Sequence[Pause] = ()
) -> int:
    """The whole seconds of `duration`'s kind that were served from `start` to `end`.

    A pause that is still running stands until `end`.
    """
    served = _Served(duration, counting)
    return served.between(micros(start), micros(end), closed_pauses(pauses, end)) // SECOND


def served_share(
    duration: Duration,
    start: datetime,
    now: datetime,
    counting: Counting,
    pauses: Sequence[Pause],
    due: datetime | None,
) -> Fraction | None:
    """How much of the time until `due` has been served by `now`: 1 at the end, more after it; None without
    a due time."""
    if due is None:
        return None
    begun, at, end = micros(start), micros(now), micros(due)
    served, closed = _Served(duration, counting), closed_pauses(pauses, now)
    whole = served.between(begun, end, closed)
    if now >= due:
        return _WHOLE + (Fraction(served.between(end, at, closed), whole) if whole else 0)
    return Fraction(served.between(begun, at, closed), whole) if whole else Fraction(0)


def moment_at_share(
    duration: Duration,
    start: datetime,
    share: Fraction,
    counting: Counting,
    pauses: Sequence[Pause],
    due: datetime | None,
) -> datetime | None:
    """When `share` of the time until `due` has been served: `due` itself for the whole of it, or where no
    time counts before it; None without a due time, or when the calendar ends before."""
    if due is None or share == 1:
        return due
    begun, end, closed = micros(start), micros(due), closed_pauses(pauses)
    served = _Served(duration, counting)
    whole = served.between(begun, end, closed)
    if whole == 0:
        return due
    at = served.reached(begun, int(whole * share), closed)
    return None if at is None else moment(at)


@dataclass(frozen=True, slots=True)
class _Served:
    """The time that a duration counts, between moments in microseconds."""

    duration: Duration
    counting: Counting

    @property
    def book(self) -> WorkingCalendar | None:
        """The calendar whose working time counts; None = all time does."""
        working = self.duration.working or self.duration.kind == "next_working_day"
        return self.counting.book if working and not self.counting.book.always else None

    def between(self, start: int, end: int, pauses: Sequence[tuple[int, int]]) -> int:
        """What counts from `start` to `end` outside of the merged `pauses`."""
        if end <= start:
            return 0
        almanac = _covering(self.book, start, end) if self.book is not None else None
        spans = [(max(begun, start), min(over, end)) for begun, over in pauses]
        paused = sum(_length(almanac, begun, over) for begun, over in spans if over > begun)
        return _length(almanac, start, end) - paused

    def reached(self, start: int, length: int, pauses: Sequence[tuple[int, int]]) -> int | None:
        """When `length` has been counted from `start`."""
        if self.book is None:
            due, done = start + length, start
            for begun, over in pauses:
                begun = max(begun, done)
                if begun >= due:
                    break
                if over > begun:
                    due, done = due + over - begun, over
            return due
        year, reach = moment(start).year, 1
        while True:
            almanac = self.book.almanac(year - 1, year + reach)
            found = almanac.time.due(start, length, pauses)
            if found is not None or is_searched(self.book, almanac, start):
                return found
            reach *= 4


def _covering(book: WorkingCalendar, start: int, end: int) -> Almanac:
    return book.almanac(moment(start).year - 1, moment(end).year + 1)


def _length(almanac: Almanac | None, start: int, end: int) -> int:
    return end - start if almanac is None else almanac.time.between(start, end)
