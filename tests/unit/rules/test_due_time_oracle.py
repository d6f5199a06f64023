"""200,000 random due times, counted by the engine and by a plain loop over minutes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice

import pytest

from app.rules.calendars import Hours, WorkingCalendar
from app.rules.due_times import Counting, Due, Pause, due_time
from app.spec.durations import Duration
from app.spec.hours import Stretch
from tests.unit.rules.time_oracle import DayHours, OutOfSight, Question, Record, Week, answer, utc

WORLDS, CASES, DAYS = 40, 5_000, 230

OFFICE: tuple[DayHours, ...] = (((540, 720), (810, 1080)),) * 5 + ((), ())
SIX_DAYS: tuple[DayHours, ...] = (((510, 720), (780, 1050)),) * 5 + (((540, 720),), ())
SHOP: tuple[DayHours, ...] = (((600, 840), (990, 1290)),) * 7
NIGHTS: tuple[DayHours, ...] = (((1320, 1800),),) * 5 + ((), ())
TWO_DAYS: tuple[DayHours, ...] = ((), ((0, 120), (150, 1440)), (), (), ((60, 130),), (), ())
ALL_DAY: tuple[DayHours, ...] = (((0, 1440),),) * 7
EARLY: tuple[DayHours, ...] = (((0, 90), (100, 180), (240, 600), (1380, 1440)),) * 7
WEEKS = (OFFICE, SIX_DAYS, SHOP, NIGHTS, TWO_DAYS, ALL_DAY, EARLY)

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Atlantic/Azores",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "UTC",
)
FIRSTS = ("2025-01-20 00:00", "2025-08-25 00:00", "2026-01-05 00:00", "2024-02-01 00:00")


def made_week(chance: random.Random, zone: str, first: datetime) -> Week:
    """A week with a few days of its own: closed, half, with other hours, made up for on a weekend."""
    weekly = chance.choice(WEEKS)
    special: dict[date, DayHours] = {}
    for _ in range(chance.randrange(12)):
        day = first.date() + timedelta(days=chance.randrange(DAYS))
        special[day] = chance.choice([(), (), ((540, 720),), weekly[0], ((480, 520), (700, 1200))])
    until = first.date() + timedelta(days=chance.randrange(60, 120)) if chance.random() < 0.15 else None
    for day in list(special):
        # No night shift may run into the hours of the next day.
        before = special.get(day - timedelta(days=1), weekly[(day.weekday() - 1) % 7])
        after = special.get(day + timedelta(days=1), weekly[(day.weekday() + 1) % 7])
        if max([0, *(end - 1440 for _, end in before)]) > min([1440, *(start for start, _ in special[day])]):
            special[day] = ()
        if max([0, *(end - 1440 for _, end in special[day])]) > min([1440, *(start for start, _ in after)]):
            special[day] = ()
    return Week(zone, weekly, special, until)


def as_calendar(week: Week) -> WorkingCalendar:
    """The same week for the engine: what is closed goes into `closed`, the rest into `own`."""
    own = {
        day: tuple(Stretch(*one) for one in hours)
        for day, hours in week.special.items()
        if hours and (week.until is None or day <= week.until)
    }
    closed = tuple((day, day) for day, hours in week.special.items() if not hours)
    weekly = tuple(tuple(Stretch(*one) for one in hours) for hours in week.weekly)
    return WorkingCalendar("made", week.zone, Hours(weekly, own, closed, None, week.until, None))


def made_question(chance: random.Random, today: date) -> tuple[Question, Duration]:
    """One way of counting, for the oracle and for the engine."""
    close, roll, before = chance.random() < 0.4, chance.random() < 0.4, chance.random() < 0.15
    kind = chance.choice(KINDS)
    if kind in ("elapsed", "working"):
        minutes = chance.choice([chance.randrange(0, 200), chance.randrange(0, 6000)])
        unit = "hour" if minutes % 60 == 0 else "minute"
        amount = Decimal(minutes // 60 if unit == "hour" else minutes)
        return Question(kind, minutes, before=before), length(amount, unit, kind == "working")
    if kind == "part":
        tenths = chance.choice([5, 5, 5, 1, 2, 15, 25])
        duration = length(Decimal(tenths) / 10, "day", True)
        return Question(kind, tenths=tenths, before=before), duration
    if kind in ("days", "working days", "weeks", "months"):
        amount = chance.randrange(0, 4 if kind in ("weeks", "months") else 16)
        unit = {"weeks": "week", "months": "month"}.get(kind, "day")
        asked = Question(kind, amount, close=close, roll=roll, before=before)
        return asked, length(Decimal(amount), unit, kind == "working days")
    if kind == "day of month":
        day, later = chance.randrange(0, 32), chance.randrange(2)
        return Question(kind, day, close=close, roll=roll, months_on=later), Duration(
            "month_day", "day of month", day=day, months=later
        )
    if kind == "agreed":
        fixed = today + timedelta(days=chance.randrange(0, 20))
        return Question(kind, close=close, roll=roll, fixed=fixed), Duration("field", "agreed", name="agreed")
    by = chance.choice([None, chance.randrange(1440), 1440])
    clock = None if by is None else time.max if by == 1440 else time(by // 60, by % 60)
    word = "same_day" if kind == "same day" else "next_working_day"
    return Question(kind, by=by, close=close, roll=roll, before=before), Duration(word, kind, by=clock)  # type: ignore[arg-type]


KINDS = (
    "elapsed",
    "working",
    "working",
    "part",
    "days",
    "working days",
    "working days",
    "weeks",
    "months",
    "same day",
    "next working day",
    "day of month",
    "agreed",
)


def length(amount: Decimal, unit: str, working: bool) -> Duration:
    return Duration("length", f"{amount} {unit}", amount, unit, working)  # type: ignore[arg-type]


def made_pauses(chance: random.Random, start: int) -> list[tuple[int, int]]:
    """Up to five pauses, some before the start, overlapping or touching each other."""
    pauses: list[tuple[int, int]] = []
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3, 5])):
        begun = start + chance.randrange(-1500, 12_000)
        if pauses and chance.random() < 0.3:
            begun = chance.choice(pauses)[1]
        if chance.random() < 0.2:
            begun -= begun % 30
        ended = begun + chance.choice([0, 1, 60, 1440, chance.randrange(300), chance.randrange(6000)])
        pauses.append((max(begun, 0), max(ended, 0)))
    return pauses


def ask(
    record: Record,
    calendar: WorkingCalendar,
    question: Question,
    duration: Duration,
    start: int,
    pauses: list[tuple[int, int]],
) -> Due:
    """The engine's answer."""
    counting = Counting(calendar, calendar.zone, question.close, question.roll)
    stops = [Pause(record.time_of(begun), record.time_of(ended)) for begun, ended in pauses]
    fields = {"agreed": question.fixed}
    return due_time(duration, record.time_of(start), counting, stops, fields, question.before)


Case = tuple[Question, Duration, int, list[tuple[int, int]]]


def cases(chance: random.Random, record: Record) -> Iterator[Case]:
    """Without end: a question with its duration, the minute of the start, pauses."""
    while True:
        start = chance.randrange(45 * 1440, 110 * 1440)
        question, duration = made_question(chance, record.day_of(start))
        yield question, duration, start, made_pauses(chance, start)


@pytest.mark.parametrize("world", range(WORLDS))
def test_the_engine_and_a_loop_over_minutes_agree(world: int) -> None:
    """Every way of counting, in zones with summer time, with nights, holidays, short days and pauses."""
    chance = random.Random(world)
    zone, first = ZONES[world % len(ZONES)], utc(FIRSTS[world % len(FIRSTS)])
    week = made_week(chance, zone, first)
    record, calendar = Record(week, first, DAYS), as_calendar(week)
    told = 0
    for question, duration, start, pauses in islice(cases(chance, record), 4 * CASES):
        try:
            minute = answer(record, question, start, pauses)
        except OutOfSight:
            continue
        got = ask(record, calendar, question, duration, start, pauses)
        assert got.at == record.time_of(minute), (week, question, record.time_of(start), pauses)
        told += 1
        if told == CASES:
            break
    assert told == CASES
