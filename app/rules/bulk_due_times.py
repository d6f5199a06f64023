"""Due times of many records that count alike: the same counting as `due_time`, without words for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.rules.almanac import Almanac, DayTrack, Pauses
from app.rules.counting import (
    Count,
    beginning_day,
    day_part,
    divides_days,
    end_in,
    found_end,
    time_length,
)
from app.rules.due_times import Counting
from app.rules.wall_clock import moment
from app.spec.durations import Duration

EndOf = Callable[[int, Pauses], int | None]


@dataclass(frozen=True, slots=True)
class DueMoments:
    """When each is over, in microseconds since 1970 (None: no calendar reaches that far), and which of them
    rest on public holidays that are not published yet, by their place in the list."""

    at: list[int | None]
    provisional: frozenset[int]


def due_moments(
    duration: Duration,
    counting: Counting,
    starts: Sequence[int],
    pauses: Iterable[Pauses],
    before: bool = False,
) -> DueMoments:
    """The due time of each start with its own pauses that are over; all in microseconds since 1970.

    The pauses of one record are sorted by their beginning and may overlap. `duration` is counted: raises
    ValueError for what has no due time of its own (unset, at once, an agreed date). Raises OverflowError
    beyond the years that a date can name.
    """
    if duration.kind in ("unset", "at_once", "field"):
        raise ValueError(duration.kind)
    if not starts:
        return DueMoments([], frozenset())
    count = Count(duration, counting.book, counting.close_of_business, counting.roll, before)
    first, last = moment(min(starts)).year, moment(max(starts)).year
    almanac = count.book.almanac(first - 1, last + 1)
    end_of = _end_of(count, almanac)
    at = [end_of(start, stops) for start, stops in zip(starts, pauses, strict=True)]
    return DueMoments(at, _provisional(count, starts, at))


def _end_of(count: Count, almanac: Almanac) -> EndOf:
    """The quickest way to the same end: what it cannot tell is left to `found_end`."""
    duration = count.duration
    whole_days = duration.kind == "length" and duration.unit in ("day", "week") and duration.amount >= 1
    if count.before or (count.in_time and not duration.working):
        return lambda start, pauses: found_end(count, start, pauses)
    if count.in_time and not count.in_parts:
        return _working_time(count, almanac, time_length(duration))
    if count.in_parts and not divides_days(count):
        return _parts(count, almanac)
    if whole_days and not count.in_time and not count.roll:
        return _days(count, almanac)

    def end_of(start: int, pauses: Pauses) -> int | None:
        found = end_in(count, almanac, start, pauses)
        return found if found is not None else found_end(count, start, pauses)

    return end_of


def _working_time(count: Count, almanac: Almanac, length: int) -> EndOf:
    due = almanac.time.due

    def end_of(start: int, pauses: Pauses) -> int | None:
        found = due(start, length, pauses)
        return found if found is not None else found_end(count, start, pauses)

    return end_of


def _parts(count: Count, almanac: Almanac) -> EndOf:
    works, due = almanac.works, almanac.time.due
    lengths = [day_part(count, almanac, index, True) for index in range(len(works.days))]

    def end_of(start: int, pauses: Pauses) -> int | None:
        index = beginning_day(works, start, False)
        found = None if index is None else due(start, lengths[index], pauses)
        return found if found is not None else found_end(count, start, pauses)

    return end_of


def _days(count: Count, almanac: Almanac) -> EndOf:
    track = almanac.works if count.duration.working else almanac.dates
    steps = int(count.duration.amount) * (7 if count.duration.unit == "week" else 1)
    ends = _day_ends(count, almanac, track)
    nth_after = track.nth_after

    def end_of(start: int, pauses: Pauses) -> int | None:
        index = nth_after(start, steps, pauses)
        if index is None or index >= len(ends):
            return found_end(count, start, pauses)
        due = ends[index]
        for begun, ended in pauses:
            if begun < due <= ended:
                return found_end(count, start, pauses)
        return due

    return end_of


def _day_ends(count: Count, almanac: Almanac, track: DayTrack) -> list[int]:
    """When each day of the track is over: at 24:00, or at the close of business where it has one."""
    first, midnights = almanac.dates.days[0], almanac.dates.midnights
    closings = track.closings if count.close_of_business else [None] * len(track.days)
    days = zip(track.days, closings, strict=True)
    known = len(midnights) - 1
    return [
        closing if closing is not None else midnights[day - first + 1]
        for day, closing in days
        if day - first < known
    ]


def _provisional(count: Count, starts: Sequence[int], at: Sequence[int | None]) -> frozenset[int]:
    """Those between whose start and end lies a year without a published list."""
    ends = [one for one in at if one is not None]
    if not count.reads_calendar or not ends:
        return frozenset()
    book = count.book
    years = range(
        book.clock.date_of(min(*starts, *ends)).year, book.clock.date_of(max(*starts, *ends)).year + 1
    )
    spans = [
        (book.clock.instant(date(year, 1, 1)), book.clock.instant(date(year + 1, 1, 1)))
        for year in years
        if book.provisional(year)
    ]
    pairs = enumerate(zip(starts, at, strict=True))
    return frozenset(
        place
        for place, (start, end) in (pairs if spans else ())
        if end is not None
        and any(min(start, end) < over and max(start, end) > begun for begun, over in spans)
    )
