"""The proof of a due time: every stretch between start and end, counted or left out with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from app.rules.calendars import WorkingCalendar
from app.rules.due_times import Counting, due_time
from app.rules.pauses import Pause
from app.rules.reasons import Saying
from app.rules.wall_clock import SECOND, micros, moment
from app.source import N_
from app.spec.durations import Duration

Piece = tuple[int, int, Saying | None]
"""From, to, and why it is left out; None: it counts."""

_CLOSED = Saying(N_("outside working hours"), MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Span:
    """Time that counts, in UTC; `seconds` is how much of it counts: of a working day, its working time."""

    start: datetime
    end: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Time that does not count, in UTC, and why."""

    start: datetime
    end: datetime
    why: Saying


@dataclass(frozen=True, slots=True)
class Proof:
    """What counted and what did not. Together, in order, they fill the time between start and end exactly."""

    counted: tuple[Span, ...]
    left_out: tuple[LeftOut, ...]


def proof(
    duration: Duration, start: datetime, due: datetime, counting: Counting, pauses: Sequence[Pause] = ()
) -> Proof:
    """The proof that `due` is where `duration` from `start` ends; counted back, `due` lies before `start`,
    and the time between them is shown from the earlier to the later. A running pause stands to the end."""
    first, last = sorted((micros(start), micros(due)))
    book = counting.book
    in_days = duration.kind in ("next_working_day", "month_day") or (
        duration.kind == "length" and not duration.elapsed
    )
    working = duration.working or duration.kind == "next_working_day"
    stopped = () if due < start else tuple(_stops(pauses, first, last))
    if in_days:
        pieces = _days(book, working, (first, last), micros(start), stopped)
        if counting.roll and not working and due >= start:
            pieces = _rolled(
                book, pieces, due_time(duration, start, replace(counting, roll=False), pauses).at
            )
    elif working and not book.always:
        pieces = _without(_hours(book, first, last), stopped)
    else:
        pieces = _without([(first, last, None)], stopped)
    return _made(book if in_days and working else None, _joined(pieces))


def _hours(book: WorkingCalendar, first: int, last: int) -> Iterator[Piece]:
    """Working time and what lies between, day by day."""
    at = first
    for begun, ended in book.almanac(*_years(first, last)).time.stretches(first, last):
        yield from _closed(book, at, begun)
        yield begun, ended, None
        at = ended
    yield from _closed(book, at, last)


def _closed(book: WorkingCalendar, first: int, last: int) -> Iterator[Piece]:
    """Time without work, cut where the reason changes."""
    for day, begun, ended in _each_day(book, first, last):
        plan = book.day(day)
        yield begun, ended, plan.why if not plan.intervals and plan.why else _CLOSED


def _days(
    book: WorkingCalendar, working: bool, ends: tuple[int, int], start: int, stopped: tuple[Piece, ...]
) -> Iterator[Piece]:
    """Whole days; left out are the first, days off, and days that began while the clock stood still."""
    start_day = book.clock.date_of(start)
    for day, begun, ended in _each_day(book, *ends):
        plan = book.day(day)
        opening = micros(plan.intervals[0].start) if working and plan.intervals else book.clock.instant(day)
        if day == start_day:
            yield begun, ended, Saying(N_("the first day does not count"), {})
        elif working and not plan.intervals:
            yield begun, ended, plan.why or _CLOSED
        else:
            yield begun, ended, next((why for a, b, why in stopped if a <= opening < b), None)


def _rolled(book: WorkingCalendar, pieces: Iterable[Piece], unmoved: datetime | None) -> Iterator[Piece]:
    """The pieces without the days off that lie between the last day counted and the day it ends on."""
    for begun, ended, why in pieces:
        plan = book.day(book.clock.date_of(begun))
        past = unmoved is not None and begun >= micros(unmoved)
        yield begun, ended, plan.why if why is None and past and not plan.intervals else why


def _each_day(book: WorkingCalendar, first: int, last: int) -> Iterator[tuple[date, int, int]]:
    """The days of the wall clock with the part of each that lies between the two moments."""
    at = first
    while at < last:
        day = book.clock.date_of(at)
        ended = min(book.clock.instant(day + timedelta(days=1)), last)
        yield day, at, ended
        at = ended


def _stops(pauses: Sequence[Pause], first: int, last: int) -> Iterator[Piece]:
    """The pauses between the two moments in order, each from where the one before it ends."""
    done = first
    for one in sorted(pauses, key=lambda pause: pause.start):
        begun = max(micros(one.start), done)
        ended = min(micros(one.end), last) if one.end is not None else last
        if ended > begun:
            yield begun, ended, _paused(one)
            done = ended


def _paused(one: Pause) -> Saying:
    params = {"by": one.by, "why": one.why}
    if one.by and one.why:
        return Saying(N_("paused by {by}: {why}"), params)
    if one.by:
        return Saying(N_("paused by {by}"), params)
    return Saying(N_("paused: {why}"), params) if one.why else Saying(N_("paused"), {})


def _without(pieces: Iterable[Piece], stopped: tuple[Piece, ...]) -> Iterator[Piece]:
    """The pieces, cut where a pause takes away what would count."""
    for begun, ended, why in pieces:
        if why is not None:
            yield begun, ended, why
            continue
        at = begun
        for first, last, stop in stopped:
            if last <= at or first >= ended:
                continue
            if first > at:
                yield at, first, None
            yield max(first, at), min(last, ended), stop
            at = min(last, ended)
        if at < ended:
            yield at, ended, None


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours that are left out for the same reason as one."""
    joined: list[Piece] = []
    for begun, ended, why in pieces:
        if ended <= begun:
            continue
        if joined and why is not None and joined[-1][1] == begun and joined[-1][2] == why:
            joined[-1] = (joined[-1][0], ended, why)
        else:
            joined.append((begun, ended, why))
    return joined


def _made(worked: WorkingCalendar | None, pieces: list[Piece]) -> Proof:
    counted = tuple(
        Span(moment(begun), moment(ended), _seconds(worked, begun, ended))
        for begun, ended, why in pieces
        if why is None
    )
    left_out = tuple(
        LeftOut(moment(begun), moment(ended), why) for begun, ended, why in pieces if why is not None
    )
    return Proof(counted, left_out)


def _seconds(worked: WorkingCalendar | None, begun: int, ended: int) -> int:
    if worked is None:
        return (ended - begun) // SECOND
    return worked.almanac(*_years(begun, ended)).time.between(begun, ended) // SECOND


def _years(first: int, last: int) -> tuple[int, int]:
    return moment(first).year - 1, moment(last).year + 1
