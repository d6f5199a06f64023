"""Years of a calendar laid out for counting: working time and days as sorted numbers.

Everything that counts (one due time or a million) looks up here, by bisection; moments are microseconds
since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.rules.wall_clock import DAY, SECOND, WallClock
from app.spec.hours import Stretch

Pauses = Sequence[tuple[int, int]]
"""Pauses from the first to before the second moment, in order of their beginning; they may overlap."""

_NEVER = 1 << 62
_MINUTE = 60 * SECOND
_NEAR = 16
"""How many days ahead a pause is looked for before the whole track is searched."""


class WorkingTime:
    """Stretches of working time in order, with the sum of all that lies before each."""

    __slots__ = ("_before", "_offsets", "_rows", "_starts", "_upto", "total")

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        merged = _merged(stretches)
        self._starts = [start for start, _ in merged]
        self._before: list[int] = []
        self.total = 0
        for start, end in merged:
            self._before.append(self.total)
            self.total += end - start
        self._offsets = [before - start for before, start in zip(self._before, self._starts, strict=True)]
        self._upto = [*self._before[1:], self.total]
        following = [*self._starts[1:], _NEVER]
        self._rows = list(zip(following, self._offsets, self._upto, strict=False))

    def before(self, at: int) -> int:
        """The working time that lies before the moment."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        worked, most = at + self._offsets[index], self._upto[index]
        return worked if worked < most else most

    def between(self, start: int, end: int) -> int:
        """The working time from `start` to `end`."""
        return self.before(end) - self.before(start) if end > start else 0

    def due(  # noqa: C901 - one loop without calls, because a million due times go through it
        self, start: int, length: int, pauses: Pauses = ()
    ) -> int | None:
        """The first moment by which `length` of working time has passed outside of `pauses`; None when it
        lies beyond what is laid out here."""
        if length <= 0:
            return start
        starts, rows = self._starts, self._rows
        index = first = bisect_right(starts, start) - 1
        if index < 0:
            return self._due_from_first(start, length, pauses)
        following, offset, most = rows[index]
        worked = start + offset
        wanted, done = (worked if worked < most else most) + length, start
        for begun, ended in pauses:
            if begun < done:
                begun = done
            if ended <= begun:
                continue
            # A pause mostly begins and ends in this stretch or the next one: only then a search is needed.
            if begun >= following:
                index += 1
                following, offset, most = rows[index]
                if begun >= following:
                    index = bisect_right(starts, begun, index) - 1
                    following, offset, most = rows[index]
            worked = begun + offset
            if worked > most:
                worked = most
            if worked >= wanted:
                break
            wanted -= worked
            if ended >= following:
                index += 1
                following, offset, most = rows[index]
                if ended >= following:
                    index = bisect_right(starts, ended, index) - 1
                    following, offset, most = rows[index]
            worked = ended + offset
            wanted += worked if worked < most else most
            done = ended
        if wanted > self.total:
            return None
        return wanted - self._offsets[bisect_left(self._before, wanted, first) - 1]

    def _due_from_first(self, start: int, length: int, pauses: Pauses) -> int | None:
        """The same for a start before all working time: nothing counts until the first of it."""
        first = self._starts[0] if self._starts else _NEVER
        later = [(max(begun, first), ended) for begun, ended in pauses if ended > first]
        return self.due(first, length, later) if self._starts else None

    def back(self, end: int, length: int) -> int | None:
        """The last moment from which `length` of working time passes until `end`."""
        if length <= 0:
            return end
        wanted = self.before(end) - length
        if wanted < 0:
            return None
        return wanted - self._offsets[bisect_right(self._before, wanted) - 1]

    def next_moment(self, at: int) -> int | None:
        """`at` when it is working time, else the next beginning of working time."""
        worked = self.before(at)
        if worked >= self.total:
            return None
        index = bisect_right(self._before, worked) - 1
        return max(at, self._starts[index])

    def stretches(self, start: int, end: int) -> list[tuple[int, int]]:
        """The working time between the two moments."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        found = []
        for index in range(first, bisect_left(self._starts, end)):
            begun = self._starts[index]
            length = self._upto[index] - self._before[index]
            if begun + length > start:
                found.append((max(begun, start), min(begun + length, end)))
        return found


@dataclass(frozen=True, slots=True)
class DayTrack:
    """Days that are counted, in order: `days` as ordinals, when each begins (00:00), when its counting begins
    (00:00, or its first working hour), and when its last working hour ends (None where it has none)."""

    days: list[int]
    midnights: list[int]
    openings: list[int]
    closings: list[int | None]

    def nth_after(self, start: int, count: int, pauses: Pauses = ()) -> int | None:
        """The index of the `count`-th day after the day of `start`; a day in whose beginning a pause falls is
        not counted. None when it lies beyond the track."""
        openings = self.openings
        first = bisect_right(self.midnights, start)
        target = first + count - 1
        for begun, ended in pauses:
            index = bisect_left(openings, begun, first, min(first + _NEAR, len(openings)))
            if index == first + _NEAR:
                index = bisect_left(openings, begun, index)
            if index > target:
                break
            if index < len(openings) and openings[index] < ended:
                beyond = bisect_left(openings, ended, index + 1)
                target += beyond - index
                first = beyond
        return target if target < len(self.days) else None

    def nth_before(self, day: int, count: int) -> int | None:
        """The index of the `count`-th day before the day with that ordinal."""
        target = bisect_left(self.days, day) - count
        return target if target >= 0 else None

    def at_or_after(self, day: int) -> int | None:
        """The index of the first day that is not before the ordinal `day`."""
        index = bisect_left(self.days, day)
        return index if index < len(self.days) else None

    def at_or_before(self, day: int) -> int | None:
        """The index of the last day that is not after the ordinal `day`."""
        index = bisect_right(self.days, day) - 1
        return index if index >= 0 else None


@dataclass(frozen=True, slots=True)
class YearPart:
    """One year: its days, its working time, and when the work of each day begins (None: a day off)."""

    dates: DayTrack
    stretches: tuple[tuple[int, int], ...]
    openings: list[int | None]


@dataclass(frozen=True, slots=True)
class Almanac:
    """All days (`dates`), the working days (`works`) and the working time of whole years. `dates` has one day
    more, with which the last year ends."""

    first_year: int
    last_year: int
    time: WorkingTime
    dates: DayTrack
    works: DayTrack

    def day_of(self, at: int) -> int:
        """The ordinal of the day on which the moment lies. Raises IndexError outside the years."""
        index = bisect_right(self.dates.midnights, at) - 1
        if index < 0 or index == len(self.dates.days) - 1:
            raise IndexError
        return self.dates.days[index]

    def midnight(self, day: int) -> int:
        """When the day with that ordinal begins. Raises IndexError outside the years."""
        index = day - self.dates.days[0]
        if index < 0:
            raise IndexError
        return self.dates.midnights[index]

    def closing(self, day: int) -> int | None:
        """When the last working hour of the day ends. Raises IndexError outside the years."""
        index = day - self.dates.days[0]
        if index < 0:
            raise IndexError
        return self.dates.closings[index]


def year_part(clock: WallClock, stretches: Callable[[date], Sequence[Stretch]], year: int) -> YearPart:
    """The days of one year; `stretches` gives the working time of a day on the wall clock."""
    first, last = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    midnights = [clock.instant(date.fromordinal(day)) for day in range(first, last + 2)]
    worked = []
    for index in range(last - first):
        day, midnight = date.fromordinal(first + index), midnights[index]
        hours = stretches(day)
        if midnights[index + 1] - midnight == DAY and midnights[index + 2] - midnight == 2 * DAY:
            found = [(midnight + one.start * _MINUTE, midnight + one.end * _MINUTE) for one in hours]
        else:
            # The clock changes on this day or the next.
            found = [(clock.instant(day, one.start), clock.instant(day, one.end)) for one in hours]
        worked.append([(start, end) for start, end in found if start < end])
    del midnights[last - first :]
    closings = [max((end for _, end in one), default=None) for one in worked]
    return YearPart(
        DayTrack(list(range(first, last)), midnights, midnights, closings),
        tuple(stretch for one in worked for stretch in one),
        [min(start for start, _ in one) if one else None for one in worked],
    )


def joined(parts: Sequence[YearPart], end: int) -> Almanac:
    """Years that follow each other; `end` is the moment at which the last one ends."""
    dates, works, stretches = DayTrack([], [], [], []), DayTrack([], [], [], []), list[tuple[int, int]]()
    for part in parts:
        dates.days.extend(part.dates.days)
        dates.midnights.extend(part.dates.midnights)
        dates.closings.extend(part.dates.closings)
        stretches.extend(part.stretches)
        for index, opening in enumerate(part.openings):
            if opening is not None:
                works.days.append(part.dates.days[index])
                works.midnights.append(part.dates.midnights[index])
                works.openings.append(opening)
                works.closings.append(part.dates.closings[index])
    first, last = (date.fromordinal(dates.days[index]).year for index in (0, -1))
    dates.days.append(dates.days[-1] + 1)
    dates.midnights.append(end)
    dates.closings.append(None)
    return Almanac(first, last, WorkingTime(stretches), replace(dates, openings=dates.midnights), works)


def _merged(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
