"""Due times: when a duration that began at a moment ends, and why.

What the regulation leaves open, `at once` and a date that nobody has agreed yet have no due time. While a
pause is running there is none either, unless it begins after the end. How days, working time and pauses are
counted stands in `counting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from app.rules.calendars import LONGEST, WorkingCalendar, around_the_clock, last_working_day
from app.rules.counting import Count, found_end
from app.rules.pauses import Pause, closed_pauses, running_since
from app.rules.reasons import Reason, Saying, Word
from app.rules.said_times import said_duration, said_moment
from app.rules.wall_clock import micros, moment
from app.source import N_, Phrase
from app.spec.durations import Duration

_TOO_FAR = N_("no calendar reaches that far")
NO_FIELDS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Counting:
    """How a clock counts: by which calendar (None = around the clock, in `zone`), whether days end at the
    close of business instead of 24:00, whether an end on a day off moves to the next working day."""

    calendar: WorkingCalendar | None
    zone: str
    close_of_business: bool = False
    roll: bool = False

    @property
    def book(self) -> WorkingCalendar:
        """The calendar, or the one that never closes."""
        return self.calendar if self.calendar is not None else around_the_clock(self.zone)


@dataclass(frozen=True, slots=True)
class Due:
    """When the time is over, in UTC.

    at: None where there is no due time, or none yet; `because` says which. provisional: it rests on public
    holidays that are not published yet. paused: a pause is running before the end; `at` is then None, or the
    end as if the pause were over now, where the moment was asked with `now`.
    """

    at: datetime | None
    provisional: bool
    paused: bool
    because: tuple[Reason, ...]


def due_time(
    duration: Duration,
    start: datetime,
    counting: Counting,
    pauses: Sequence[Pause] = (),
    fields: Mapping[str, object] = NO_FIELDS,
    before: bool = False,
    now: datetime | None = None,
) -> Due:
    """When `duration` from the aware `start` is over; with `before`, counted back from the event at `start`.

    `fields` holds the values of agreed dates and datetimes. Pauses may overlap, touch, and lie before or
    after the time; they do not move what is counted back.
    """
    begun = said_there(start, counting)
    match duration.kind:
        case "unset":
            return _none(N_("the regulation leaves this time open; no clock runs"))
        case "at_once":
            return _none(
                N_("at once, from {start}: no time is allowed, both times are recorded"), start=begun
            )
        case "field":
            return _agreed(duration, fields.get(duration.name), start, counting, pauses, now)
    count = Count(duration, counting.book, counting.close_of_business, counting.roll, before)
    return _counted(count, start, pauses, now, _how(count, begun))


def said_there(at: datetime, counting: Counting, *, end: bool = False) -> str:
    """A moment on the wall clock by which days are counted; with its zone, where that is not the portal's."""
    zone = counting.book.zone
    said = said_moment(at, zone, end=end)
    return said if zone == counting.zone else f"{said} ({zone})"


def due_after(
    duration: Duration,
    due: datetime,
    counting: Counting,
    pauses: Sequence[Pause] = (),
    before: bool = False,
) -> Due:
    """When a duration that begins with the end of another one is over, such as more time that is given.

    Days follow the day that ended with `due`: two days more than the 12th 24:00 are the 14th 24:00. Minutes,
    hours and parts of days run from the moment itself. With `before`, counted back from it.
    """
    count = Count(duration, counting.book, counting.close_of_business, counting.roll, before)
    if count.in_time or duration.kind in ("unset", "at_once", "field"):
        return due_time(duration, due, counting, pauses, before=before)
    how = _how(count, said_there(due, counting, end=True))
    return _counted(count, _within_day(due, counting), pauses, None, how)


def _within_day(end: datetime, counting: Counting) -> datetime:
    """A moment of the day that ended at `end`, which at 24:00 or after a night shift is not that of `end`."""
    book = counting.book
    last = micros(end) - 1
    before = book.day(book.clock.date_of(last) - timedelta(days=1))
    if counting.close_of_business and before.intervals and before.intervals[-1].end == end:
        return before.intervals[0].start
    return moment(last)


def _counted(
    count: Count, start: datetime, pauses: Sequence[Pause], now: datetime | None, how: Reason
) -> Due:
    begun, closed, running = micros(start), closed_pauses(pauses), running_since(pauses)
    try:
        at = found_end(count, begun, closed)
        if at is not None and running is not None and at > running and not count.before:
            standing = _because(
                N_("the clock stands still since {start}"),
                start=said_moment(moment(running), count.book.zone),
            )
            if now is None:
                return Due(None, False, True, (how, standing))
            now_over = _counted(count, start, [one for one in _over(pauses, now)], None, how)
            return replace(now_over, paused=True, because=(*now_over.because, standing))
        plain = found_end(count, begun) if closed else at
    except OverflowError:
        return Due(None, False, False, (how, _because(_TOO_FAR)))
    if at is None:
        return Due(None, False, False, (how, _never(count, start)))
    reasons = [how, *_rolled(count, begun, closed, at)]
    if plain is not None and plain != at:
        reasons.append(_moved(count, plain, at))
    years = _open_years(count, begun, at)
    if years:
        reasons.append(_provisional(years))
    return Due(moment(at), bool(years), False, tuple(reasons))


def _agreed(
    duration: Duration,
    value: object,
    start: datetime,
    counting: Counting,
    pauses: Sequence[Pause],
    now: datetime | None,
) -> Due:
    """An agreed time stands as it is; only a pause that is running when it comes moves it."""
    zone = counting.book.zone
    if isinstance(value, datetime):
        how = _because(N_("agreed: {time}"), time=said_moment(value, zone))
        return _agreed_moment(value, pauses, now, how, zone)
    if not isinstance(value, date):
        return _none(N_("nothing has been agreed in '{field}' yet"), field=duration.name)
    how = _because(N_("agreed: {time}"), time=value.isoformat())
    count = Count(duration, counting.book, counting.close_of_business, counting.roll, fixed=value)
    return _counted(count, start, pauses, now, how)


def _agreed_moment(
    value: datetime, pauses: Sequence[Pause], now: datetime | None, how: Reason, zone: str
) -> Due:
    """What was left when the pause began is left when it is over."""
    at, running = micros(value), running_since(pauses)
    for begun, ended in closed_pauses(pauses, now):
        if begun < at <= ended:
            at = ended + at - begun
    moved = () if at == micros(value) else (_moved_to(micros(value), at, zone),)
    standing = running is not None and running < micros(value)
    if standing and now is None:
        text = N_("the clock stands still since {start}")
        return Due(None, False, True, (how, _because(text, start=said_moment(moment(running or 0), zone))))
    return Due(moment(at), False, standing, (how, *moved))


def _over(pauses: Sequence[Pause], now: datetime) -> Iterator[Pause]:
    """The pauses as if those that run were over now."""
    for one in pauses:
        yield replace(one, end=max(now, one.start)) if one.end is None else one


def _how(count: Count, begun: str) -> Reason:
    """In one sentence how it is counted."""
    duration = count.duration
    params: dict[str, Word] = {"time": said_duration(duration), "start": begun, "calendar": count.book.title}
    ends = Phrase(N_("at the close of business") if count.close_of_business else N_("at 24:00"))
    if count.before:
        text = N_("{time} before {start}; the day of {start} itself does not count")
        if count.in_time:
            text = N_("{time} before {start}")
    elif count.in_time and not duration.working:
        text = N_("{time} from {start}, without a stop")
    elif count.in_time:
        text = N_("{time} from {start} in the working time of the calendar '{calendar}'")
    elif duration.kind == "length" and duration.working:
        text = N_("{time} after the day of {start} by the calendar '{calendar}'; the last one ends {ends}")
    elif duration.kind == "length":
        text = N_("{time} from {start}: the first day does not count, the last one ends {ends}")
    else:
        text = N_("{time} of what began {start}")
    return _because(text, **params, ends=ends)


def _rolled(count: Count, begun: int, closed: list[tuple[int, int]], at: int) -> Iterator[Reason]:
    """That the last day is a day off, and which day takes its place."""
    if not count.roll or count.in_time or count.duration.working:
        return
    unmoved = found_end(replace(count, roll=False), begun, closed)
    if unmoved is None:
        return
    day = count.book.clock.date_of(unmoved - 1)
    plan = count.book.day(day)
    if not plan.intervals:
        text = N_("{day} is a day off ({why}), so it ends {end}")
        why = plan.why or Saying(N_("no working time"), {})
        yield _because(
            text, day=day.isoformat(), why=why, end=said_moment(moment(at), count.book.zone, end=True)
        )


def _moved(count: Count, plain: int, at: int) -> Reason:
    return _moved_to(plain, at, count.book.zone)


def _moved_to(plain: int, at: int, zone: str) -> Reason:
    text = N_("pauses move the end from {before} to {after}")
    before, after = (said_moment(moment(one), zone, end=True) for one in (plain, at))
    return _because(text, before=before, after=after)


def _open_years(count: Count, begun: int, at: int) -> tuple[int, ...]:
    """The years between start and end whose public holidays are not published yet, where they matter."""
    if not count.reads_calendar:
        return ()
    first, last = sorted((begun, at))
    clock = count.book.clock
    years = range(clock.date_of(first).year, clock.date_of(last - 1).year + 1)
    return tuple(year for year in years if count.book.provisional(year))


def _provisional(years: tuple[int, ...]) -> Reason:
    text = N_("the public holidays of {years} are not published yet, so it may still move")
    return _because(text, years=tuple(str(year) for year in years))


def _never(count: Count, start: datetime) -> Reason:
    book = count.book
    if not count.reads_calendar:
        return _because(_TOO_FAR)
    last = last_working_day(book)
    if last is not None and book.until is not None and last == book.until and not count.before:
        text = N_("the calendar '{calendar}' ends on {day}, before the time is over")
        return _because(text, calendar=book.title, day=last.isoformat())
    text = N_("the calendar '{calendar}' has not enough working time in the {years} years from {start}")
    return _because(text, calendar=book.title, years=LONGEST, start=said_moment(start, book.zone))


def _none(text: str, **params: Word) -> Due:
    return Due(None, False, False, (_because(text, **params),))


def _because(text: str, **params: Word) -> Reason:
    return Reason("time", "", 0, text, params)
