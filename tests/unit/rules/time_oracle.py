"""An oracle for due times that shares nothing with the engine: a plain loop over the minutes of a year.

Every minute of UTC is written down with what the wall clock has shown by then (its highest reading: what is
repeated in autumn counts the first time) and whether it is working time. Due times are then counted off
minute by minute, or day by day, on that record.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = date(1970, 1, 1)
SIGHT = 60 * 1440
"""How many minutes are looked through for an answer."""
DayHours = tuple[tuple[int, int], ...]
"""Working time of a day in minutes after midnight; beyond 1440 on the next day."""


class OutOfSight(Exception):
    """The record ends before the answer."""


@dataclass(frozen=True)
class Week:
    """A calendar as an organisation would say it."""

    zone: str
    weekly: tuple[DayHours, ...]
    special: Mapping[date, DayHours]
    until: date | None = None

    def hours(self, day: date) -> DayHours:
        if self.until is not None and day > self.until:
            return ()
        return self.special.get(day, self.weekly[day.weekday()])


class Record:
    """The minutes from `first` (UTC) on, for so many days."""

    def __init__(self, week: Week, first: datetime, days: int) -> None:
        self.week, self.first = week, first
        self.size = days * 1440
        self.working = bytearray(self.size)
        self.begins: dict[date, int] = {}
        self.opens: dict[date, int] = {}
        self.closes: dict[date, int] = {}
        self.worked: dict[date, int] = {}
        self.owner: list[date | None] = [None] * self.size
        self.shown: list[int] = []
        self._write(ZoneInfo(week.zone))

    def _write(self, zone: ZoneInfo) -> None:
        """Minute by minute: what the clock shows, as minutes since 1970, and whose working time it is."""
        shown, begun = 0, -1
        owners: list[date | None] = []
        for minute, wall in enumerate(self._clock(zone)):
            shown = max(shown, wall)
            self.shown.append(shown)
            days, clock = divmod(shown, 1440)
            if days != begun:
                begun, today = days, EPOCH + timedelta(days=days)
                self.begins[today] = minute
                owners = self._owners(today)
            owner = owners[clock]
            if owner is not None:
                self.working[minute] = 1
                self.owner[minute] = owner
                self.closes[owner] = minute + 1
                self.worked[owner] = self.worked.get(owner, 0) + 1
                if owner not in self.opens:
                    self.opens[owner] = minute

    def _owners(self, today: date) -> list[date | None]:
        """For each minute on the clock, the day to whose working time it belongs."""
        yesterday = today - timedelta(days=1)
        owners: list[date | None] = [None] * 1440
        for start, end in self.week.hours(yesterday):
            for clock in range(max(start - 1440, 0), max(end - 1440, 0)):
                owners[clock] = yesterday
        for start, end in self.week.hours(today):
            for clock in range(start, min(end, 1440)):
                owners[clock] = today
        return owners

    def _clock(self, zone: ZoneInfo) -> Iterator[int]:
        """What the clock shows each minute; asked each half hour, since zones change on one of UTC."""
        for half_hour in range(self.size // 30):
            at = self.first + half_hour * 30 * MINUTE
            local = at.astimezone(zone).replace(tzinfo=UTC)
            wall = int(local.timestamp()) // 60
            yield from range(wall, wall + 30)

    def day_of(self, minute: int) -> date:
        """The day on the wall clock."""
        return EPOCH + timedelta(days=self.shown[minute] // 1440)

    def time_of(self, minute: int) -> datetime:
        return self.first + minute * MINUTE

    def when_shown(self, day: date, clock: int) -> int:
        """The first minute at which the clock shows so many minutes after midnight, or later."""
        minute, wanted = self.begins[day], (day - EPOCH).days * 1440 + clock
        while self.shown[minute] < wanted:
            minute += 1
        return minute


@dataclass(frozen=True)
class Question:
    """A duration from a minute on; `kind` says how it is counted, `fixed` is an agreed day."""

    kind: str
    amount: int = 0
    tenths: int = 0
    by: int | None = None
    close: bool = False
    roll: bool = False
    before: bool = False
    fixed: date | None = None
    months_on: int = 0


def answer(record: Record, asked: Question, start: int, pauses: Sequence[tuple[int, int]]) -> int:
    """The minute at which it ends. Raises OutOfSight."""
    if asked.kind in ("elapsed", "working", "part"):
        length = part_of(record, asked, start) if asked.kind == "part" else asked.amount
        everything = record.working if asked.kind != "elapsed" else None
        return count_off(record, everything, start, length, pauses, asked.before)
    return end_of_days(record, asked, start, pauses)


def part_of(record: Record, asked: Question, start: int) -> int:
    """So many tenths of the day in which the counting begins, in minutes."""
    found = record.working.rfind(1, 0, start) if asked.before else record.working.find(1, start)
    owner = record.owner[found] if found >= 0 else None
    if owner is None:
        raise OutOfSight
    length, rest = divmod(record.worked[owner] * asked.tenths, 10)
    assert rest == 0
    return length


def count_off(
    record: Record,
    counting: bytearray | None,
    start: int,
    length: int,
    pauses: Sequence[tuple[int, int]],
    back: bool,
) -> int:
    """The minute by which `length` minutes that count have gone by."""
    if length == 0:
        return start
    if back:
        window = (
            counting[max(start - SIGHT, 0) : start] if counting is not None else always(min(start, SIGHT))
        )
        return start - nth_one(window[::-1], length)
    window = counting[start : start + SIGHT] if counting is not None else always(SIGHT)
    for begun, ended in pauses:
        first, last = max(begun - start, 0), min(ended - start, len(window))
        if first < last:
            window[first:last] = bytes(last - first)
    return start + nth_one(window, length)


def always(minutes: int) -> bytearray:
    return bytearray(b"\1" * minutes)


def nth_one(window: bytearray, n: int) -> int:
    """How many minutes it takes to see `n` that count."""
    at = 0
    while True:
        piece = window[at : at + 512]
        if not piece:
            raise OutOfSight
        ones = piece.count(1)
        if ones >= n:
            break
        n, at = n - ones, at + len(piece)
    for value in piece:
        at += 1
        n -= value
        if n == 0:
            return at
    raise AssertionError


def end_of_days(record: Record, asked: Question, start: int, pauses: Sequence[tuple[int, int]]) -> int:
    """Day by day from the day of the start to the minute at which the last one ends."""
    step = timedelta(days=-1 if asked.before else 1)
    pauses = () if asked.before else pauses
    today = record.day_of(start)
    on_working_days = asked.kind in ("working days", "next working day")
    day = last_day(record, asked, today, step, pauses, on_working_days)
    while True:
        if (on_working_days or asked.roll) and not is_worked(record, day):
            day += step
            continue
        end = ending(record, asked, day)
        if not stands_still(end - 1, pauses):
            return end
        day += step


def last_day(
    record: Record,
    asked: Question,
    today: date,
    step: timedelta,
    pauses: Sequence[tuple[int, int]],
    on_working_days: bool,
) -> date:
    if asked.fixed is not None:
        return asked.fixed
    if asked.kind == "same day":
        return today
    if asked.kind == "day of month":
        return day_of_month(today, asked)
    left = asked.amount if asked.kind != "next working day" else 1
    if asked.kind == "weeks":
        left *= 7
    if asked.kind == "months":
        left = abs(months_on(today, -asked.amount if asked.before else asked.amount) - today).days
    day = today
    while left:
        day += step
        if on_working_days and not is_worked(record, day):
            continue
        begins = record.opens[day] if on_working_days else sight(record, day)
        if not stands_still(begins, pauses):
            left -= 1
    return day


def ending(record: Record, asked: Question, day: date) -> int:
    sight(record, day + timedelta(days=2))
    if asked.by is not None:
        return record.when_shown(day, asked.by)
    if asked.close and is_worked(record, day):
        return record.closes[day]
    return sight(record, day + timedelta(days=1))


def sight(record: Record, day: date) -> int:
    """The minute at which the day begins."""
    if day not in record.begins or day == next(iter(record.begins)):
        raise OutOfSight
    return record.begins[day]


def is_worked(record: Record, day: date) -> bool:
    sight(record, day)
    sight(record, day + timedelta(days=2))
    return record.worked.get(day, 0) > 0


def stands_still(minute: int, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(begun <= minute < ended for begun, ended in pauses)


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_of_month(today: date, asked: Question) -> date:
    """Day `amount` of this month, or of the one after where asked or when it has come; 0: the last one."""
    for later in range(asked.months_on, asked.months_on + 2):
        month = months_on(today.replace(day=1), later)
        length = monthrange(month.year, month.month)[1]
        day = month.replace(day=min(asked.amount or length, length))
        if asked.months_on or day > today or (day == today and not asked.amount):
            return day
    raise AssertionError


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
