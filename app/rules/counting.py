"""How the durations of the language are counted. One semantics for one due time and for a million.

Minutes and hours are elapsed time, or working time where they say so; a pause moves their end by the counted
time that it takes. A part of working days is that part of the working time of the day in which it begins.

Days: the day of the start does not count, nor does a day in whose beginning (00:00; of a working day: its
first working hour) the clock stands still; so a pause from Monday to Wednesday takes away two days, one
within a day none, and one outside working time no working day. The last day ends at 24:00 or at the close of
business. Whatever is counted never ends while the clock stands still: it then ends with the next day that it
may end on. Counted back (`before`), the same rules lead from the event to the past, without pauses.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

from app.expressions.exact import date_months
from app.rules.almanac import Almanac, DayTrack, Pauses
from app.rules.calendars import LONGEST, WorkingCalendar, is_searched
from app.rules.wall_clock import DAY, SECOND, moment
from app.spec.durations import Duration
from app.spec.hours import DAY_MINUTES

_SECONDS: Mapping[str, int] = MappingProxyType({"minute": 60, "hour": 3600})
_DAYS: Mapping[str, int] = MappingProxyType({"day": 1, "week": 7})
_MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})


@dataclass(frozen=True, slots=True)
class Count:
    """One duration with all that decides how it is counted; `fixed` is an agreed day, which takes the place
    of a duration."""

    duration: Duration
    book: WorkingCalendar
    close_of_business: bool = False
    roll: bool = False
    before: bool = False
    fixed: date | None = None

    @property
    def in_time(self) -> bool:
        """Counted as time that passes rather than in days."""
        return self.fixed is None and self.duration.kind == "length" and self.duration.elapsed

    @property
    def in_parts(self) -> bool:
        """A part of working days, counted as working time."""
        return self.in_time and self.duration.unit == "day"

    @property
    def on_working_days(self) -> bool:
        """Whether it ends on working days only."""
        if self.fixed is not None:
            return self.roll
        return self.roll or self.duration.working or self.duration.kind == "next_working_day"

    @property
    def reads_calendar(self) -> bool:
        """Whether working time decides where it ends."""
        if self.in_time:
            return self.duration.working
        return self.on_working_days or self.close_of_business


def found_end(count: Count, start: int, pauses: Pauses = ()) -> int | None:
    """When it ends, in microseconds; None when the calendar holds no such moment, or none within a century.

    `pauses` are sorted by their beginning. Raises OverflowError beyond the years that a date can name.
    """
    if count.in_time and not count.duration.working:
        return _elapsed_end(count, start, pauses)
    year, reach = moment(start).year, 1
    while True:
        first, last = (year - reach, year + 1) if count.before else (year - 1, year + reach)
        almanac = count.book.almanac(first, last)
        found = end_in(count, almanac, start, pauses)
        if found is not None or is_searched(count.book, almanac, start, count.before):
            return found
        reach = min(reach * 4, LONGEST)


def end_in(count: Count, almanac: Almanac, start: int, pauses: Pauses = ()) -> int | None:
    """As `found_end`, as far as the almanac reaches; None beyond."""
    if count.in_time:
        if not count.duration.working:
            return _elapsed_end(count, start, pauses)
        length = part_length(count, almanac, start) if count.in_parts else time_length(count.duration)
        if length is None:
            return None
        return almanac.time.back(start, length) if count.before else almanac.time.due(start, length, pauses)
    try:
        last = _last_day(count, almanac, start, pauses)
        return None if last is None else _settled(count, almanac, last, pauses)
    except IndexError:
        return None


def time_length(duration: Duration) -> int:
    """Minutes and hours in microseconds; a part of one is cut off."""
    return int(duration.amount * _SECONDS[duration.unit] * SECOND)


def part_length(count: Count, almanac: Almanac, start: int) -> int | None:
    """What a part of working days comes to, in microseconds of working time; None beyond the almanac.

    Whole days count as the working time of the day in which the counting begins, half a day as half of it,
    or as what the calendar calls half a day.
    """
    index = beginning_day(almanac.works, start, count.before)
    if index is None:
        return None
    divider = _divider(count, almanac.works.days[index])
    first_half = divider is None or (start <= divider if count.before else start < divider)
    return day_part(count, almanac, index, first_half)


def day_part(count: Count, almanac: Almanac, index: int, first_half: bool) -> int:
    """The same for the working day at `index` of the almanac, begun in its first half or in its second."""
    works, amount, rule = almanac.works, count.duration.amount, count.book.hours.half_day
    opening, closing = works.openings[index], works.closings[index] or 0
    whole = almanac.time.between(opening, closing)
    if rule is None:
        return int(amount * whole)
    divider = _divider(count, works.days[index])
    if isinstance(rule, Duration):
        half = time_length(rule)
    else:
        morning = almanac.time.between(opening, divider or opening)
        half = (morning or whole) if first_half else (whole - morning or morning)
    days, part = divmod(amount, Decimal(1))
    return int(days * whole + part * 2 * half)


def divides_days(count: Count) -> bool:
    """Whether it matters in which half of the day the counting of a part of days begins."""
    return isinstance(count.book.hours.half_day, time)


def _divider(count: Count, day: int) -> int | None:
    rule = count.book.hours.half_day
    return count.book.clock.instant(date.fromordinal(day), _minutes(rule)) if isinstance(rule, time) else None


def beginning_day(works: DayTrack, start: int, before: bool) -> int | None:
    """The index of the working day in whose working time the counting begins."""
    if before:
        index = bisect_left(works.openings, start) - 1
        return index if index >= 0 else None
    index = bisect_left(works.midnights, start)
    # A night shift of the day before may still run, so its end decides.
    index = max(index - 2, 0)
    while index < len(works.days) and (works.closings[index] or 0) <= start:
        index += 1
    return index if index < len(works.days) else None


def _elapsed_end(count: Count, start: int, pauses: Pauses) -> int:
    length = int(count.duration.amount * _SECONDS.get(count.duration.unit, DAY // SECOND) * SECOND)
    if count.before:
        return start - length
    due, done = start + length, start
    for begun, ended in pauses:
        begun = max(begun, done)
        if begun >= due:
            break
        if ended > begun:
            due += ended - begun
            done = ended
    return due


def _last_day(count: Count, almanac: Almanac, start: int, pauses: Pauses) -> int | None:
    """The ordinal of the day with which it ends, before `roll`."""
    duration = count.duration
    today = almanac.day_of(start)
    if count.fixed is not None:
        return count.fixed.toordinal()
    if duration.kind == "same_day":
        return today
    if duration.kind == "month_day":
        return _month_day(duration, date.fromordinal(today), count.before).toordinal()
    if duration.working or duration.kind == "next_working_day":
        steps = int(duration.amount) if duration.kind == "length" else 1
        return _stepped(count, almanac.works, start, today, steps, pauses)
    steps = abs(_plain_last(duration, date.fromordinal(today), count.before).toordinal() - today)
    if not pauses or count.before:
        return today - steps if count.before else today + steps
    return _stepped(count, almanac.dates, start, today, steps, pauses)


def _stepped(count: Count, track: DayTrack, start: int, today: int, steps: int, pauses: Pauses) -> int | None:
    if steps == 0:
        return today
    index = track.nth_before(today, steps) if count.before else track.nth_after(start, steps, pauses)
    return None if index is None else track.days[index]


def _plain_last(duration: Duration, day: date, before: bool) -> date:
    """The day so many days, weeks or months on (or back); a day that its month lacks is the month's last."""
    steps = -int(duration.amount) if before else int(duration.amount)
    if duration.unit in _DAYS:
        return date.fromordinal(_within(day.toordinal() + steps * _DAYS[duration.unit]))
    found = date_months(day, steps * _MONTHS[duration.unit])
    if found is None:
        raise OverflowError
    return found


def _month_day(duration: Duration, today: date, before: bool) -> date:
    """The day of the month meant: of the month `months` on, or the first such day after `today`. The last day
    of the month is that of today's month, on that day itself too."""
    months = -duration.months if before else duration.months
    found = _day_of_month(today, months, duration.day)
    passed = found >= today if before else found < today or (found == today and duration.day > 0)
    if duration.months == 0 and passed:
        return _day_of_month(today, -1 if before else 1, duration.day)
    return found


def _day_of_month(today: date, months: int, day: int) -> date:
    first = date_months(today.replace(day=1), months)
    following = date_months(today.replace(day=1), months + 1)
    if first is None or following is None:
        raise OverflowError
    length = (following - first).days
    return first.replace(day=min(day or length, length))


def _settled(count: Count, almanac: Almanac, day: int, pauses: Pauses) -> int | None:
    """When it ends with `day`, or with the next day (counting back: the one before) it may end on."""
    while True:
        if count.on_working_days:
            works = almanac.works
            index = works.at_or_before(day) if count.before else works.at_or_after(day)
            if index is None:
                return None
            day = works.days[index]
        due = _day_end(count, almanac, day)
        standing = () if count.before else [end for begun, end in pauses if begun < due <= end]
        if not standing:
            return due
        # A shift of the day before may end after the pause.
        day = max(day + 1, almanac.day_of(max(standing)) - 1)


def _day_end(count: Count, almanac: Almanac, day: int) -> int:
    by = count.duration.by if count.fixed is None else None
    if by is not None:
        return count.book.clock.instant(date.fromordinal(_within(day)), _minutes(by))
    if count.close_of_business:
        closing = almanac.closing(day)
        if closing is not None:
            return closing
    return almanac.midnight(day + 1)


def _minutes(clock: time) -> int:
    return DAY_MINUTES if clock == time.max else clock.hour * 60 + clock.minute


def _within(ordinal: int) -> int:
    if not 1 <= ordinal <= date.max.toordinal():
        raise OverflowError
    return ordinal
