"""The days on which duties come round: month ends, leap years, working days over holidays, ten days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.duty_turns import Times
from app.rules.periods import Period, index_of, period_at, period_of, periods_between
from app.rules.recurrence import Occurrence, occurrences
from app.spec.recurrence import Recurrence, parse_recurrence
from app.spec.recurrence_units import PeriodUnit

ZONE = "Asia/Shanghai"
ANCHOR = date(2026, 1, 1)
NATIONAL_DAY = {date(2026, 10, day) for day in range(1, 8)}
SWAPPED = {date(2026, 10, 10)}


def is_working(day: date) -> bool:
    """An office week with the holidays of October 2026 and the Saturday that makes up for one."""
    return (day.weekday() < 5 and day not in NATIONAL_DAY) or day in SWAPPED


def rule(text: str) -> Recurrence:
    """The rule that `text` stands for."""
    found = parse_recurrence(text)
    assert isinstance(found, Recurrence)
    return found


def found_in(text: str, first: str, last: str, zone: str = ZONE) -> list[Occurrence]:
    """The turns on the days from `first` to `last`."""
    local = ZoneInfo(zone)
    after = datetime.combine(date.fromisoformat(first), datetime.min.time(), local) - timedelta(
        microseconds=1
    )
    until = datetime.combine(date.fromisoformat(last), datetime.max.time(), local)
    return list(occurrences(rule(text), after, until, zone, is_working, ANCHOR))


DAYS = [
    ("month on 31", "2026-01-01", "2026-06-30", "01-31 02-28 03-31 04-30 05-31 06-30"),
    ("month on last day", "2028-01-01", "2028-04-30", "01-31 02-29 03-31 04-30"),
    ("month on 30", "2028-02-01", "2028-02-29", "02-29"),
    ("month", "2026-01-02", "2026-03-31", "02-01 03-01"),
    ("2 months on 15", "2026-01-01", "2026-12-31", "01-15 03-15 05-15 07-15 09-15 11-15"),
    ("month on 5, 20", "2026-11-01", "2026-12-31", "11-05 11-20 12-05 12-20"),
    ("month on 1st working day", "2026-09-01", "2026-11-30", "09-01 10-08 11-02"),
    ("month on 3rd working day", "2026-10-01", "2026-10-31", "10-10"),
    ("month on last working day", "2026-10-01", "2026-11-30", "10-30 11-30"),
    ("month on 23rd working day", "2026-01-01", "2026-12-31", "07-31 12-31"),
    ("month on first mon", "2026-09-01", "2026-12-31", "09-07 10-05 11-02 12-07"),
    ("month on last fri", "2026-10-01", "2026-11-30", "10-30 11-27"),
    ("month on 5th fri", "2026-01-01", "2026-06-30", "01-30 05-29"),
    ("month on 3 or next working day", "2026-10-01", "2026-11-30", "10-08 11-03"),
    ("month on 3 or previous working day", "2026-09-30", "2026-11-30", "09-30 11-03"),
    ("month on last day or next working day", "2026-05-01", "2026-06-30", "06-01 06-30"),
    ("ten days", "2026-02-01", "2026-03-10", "02-01 02-11 02-21 03-01"),
    ("ten days on last day", "2028-02-01", "2028-03-31", "02-10 02-20 02-29 03-10 03-20 03-31"),
    ("ten days on 11", "2026-01-21", "2026-03-31", "01-31 02-10 02-20 02-28 03-10 03-20 03-31"),
    ("ten days on 2nd working day", "2026-10-01", "2026-10-31", "10-09 10-13 10-22"),
    ("quarter", "2025-12-01", "2026-12-31", "01-01 04-01 07-01 10-01"),
    ("quarter on last day", "2026-01-01", "2026-12-31", "03-31 06-30 09-30 12-31"),
    ("quarter on 02-31", "2026-01-01", "2026-12-31", "02-28 05-31 08-31 11-30"),
    ("quarter on 1st working day", "2026-09-01", "2026-10-31", "10-08"),
    ("half year on 06-30", "2026-01-01", "2026-12-31", "06-30 12-30"),
    ("year on 12-31", "2026-01-01", "2026-12-31", "12-31"),
    ("year on 03-01, 09-01", "2026-01-01", "2026-12-31", "03-01 09-01"),
    ("week on mon", "2026-11-01", "2026-11-21", "11-02 11-09 11-16"),
    ("week", "2026-11-01", "2026-11-15", "11-02 11-09"),
    ("week on tue, fri", "2026-11-02", "2026-11-08", "11-03 11-06"),
    ("week on last working day", "2026-09-28", "2026-10-18", "09-30 10-10 10-16"),
    ("2 weeks on fri", "2026-01-01", "2026-02-20", "01-02 01-16 01-30 02-13"),
    ("3 days", "2026-01-01", "2026-01-10", "01-01 01-04 01-07 01-10"),
    ("working day", "2026-09-29", "2026-10-12", "09-29 09-30 10-08 10-09 10-10 10-12"),
]


@pytest.mark.parametrize(("text", "first", "last", "days"), DAYS, ids=[f"{row[0]} {row[1]}" for row in DAYS])
def test_the_days(text: str, first: str, last: str, days: str) -> None:
    """Worked out by hand with a calendar on the wall."""
    assert " ".join(f"{one.day:%m-%d}" for one in found_in(text, first, last)) == days


def test_the_29th_of_february_is_the_last_day_of_other_februaries() -> None:
    """Four years of it."""
    days = [str(one.day) for one in found_in("year on 02-29", "2024-01-01", "2028-12-31")]
    assert days == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_times_of_day_are_those_of_the_zone() -> None:
    """Two turns a day, at moments of their own; the name tells them apart."""
    found = found_in("day at 10:00, 15:30", "2026-11-21", "2026-11-21")
    assert [one.at for one in found] == [
        datetime(2026, 11, 21, 2, tzinfo=UTC),
        datetime(2026, 11, 21, 7, 30, tzinfo=UTC),
    ]
    assert [one.name for one in found] == ["2026-11-21T10:00", "2026-11-21T15:30"]


def test_daylight_saving_moves_the_moment_not_the_clock() -> None:
    """At nine in Berlin, before and after the last Sunday of March."""
    found = found_in("week on sat, sun at 09:00", "2026-03-23", "2026-03-29", "Europe/Berlin")
    assert [one.at.hour for one in found] == [8, 7]


def test_a_clock_that_does_not_exist_still_comes_round_once() -> None:
    """02:30 on the night on which it is left out falls on the moment at which the clock is put forward, as it
    does in due times; what a clock shows twice is meant the first time."""
    found = found_in("day at 02:30", "2026-03-29", "2026-03-29", "Europe/Berlin")
    assert [one.at for one in found] == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC)]
    found = found_in("day at 02:30", "2026-10-25", "2026-10-25", "Europe/Berlin")
    assert [one.at for one in found] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_drawn_turn_begins_at_its_clock_too() -> None:
    """On the night on which the clock is put forward it opens then, and is due after that, not before."""
    night, times = date(2026, 3, 29), Times("Europe/Berlin", None)
    assert times.opening(night, time(2, 30)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert times.opening(night, time(9)) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_the_name_of_a_turn_survives_another_holiday() -> None:
    """What was made for the third working day is not made again when that becomes another day."""
    window = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    third = rule("month on 3rd working day")
    shifted = rule("month on 1 or next working day")
    for one in (third, shifted):
        before = list(occurrences(one, *window, ZONE, is_working, ANCHOR))
        after = list(occurrences(one, *window, ZONE, lambda day: day.day > 5 and is_working(day), ANCHOR))
        assert [turn.name for turn in before] == [turn.name for turn in after]
        assert [turn.day for turn in before] != [turn.day for turn in after]


@given(
    st.sampled_from([row[0] for row in DAYS]),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(0, 60 * 24 * 120), min_size=1, max_size=6),
)
def test_windows_side_by_side_find_each_turn_once(text: str, start: date, steps: list[int]) -> None:
    """However the time is cut up, by a worker that runs often or seldom."""
    moments = [datetime.combine(start, time.min, UTC)]
    for step in steps:
        moments.append(moments[-1] + timedelta(minutes=step))
    parts = [
        one
        for after, until in pairwise(moments)
        for one in occurrences(rule(text), after, until, ZONE, is_working, ANCHOR)
    ]
    whole = list(occurrences(rule(text), moments[0], moments[-1], ZONE, is_working, ANCHOR))
    assert parts == whole
    assert len({one.name for one in whole}) == len(whole)


PERIODS = [
    ("day", "2026-11-21", "2026-11-21", "2026-11-21", "2026-11-21"),
    ("week", "2026-11-22", "2026-11-16", "2026-11-22", "2026-W47"),
    ("week", "2027-01-01", "2026-12-28", "2027-01-03", "2026-W53"),
    ("ten_days", "2026-02-28", "2026-02-21", "2026-02-28", "2026-02-3"),
    ("ten_days", "2026-01-31", "2026-01-21", "2026-01-31", "2026-01-3"),
    ("ten_days", "2026-01-20", "2026-01-11", "2026-01-20", "2026-01-2"),
    ("month", "2028-02-29", "2028-02-01", "2028-02-29", "2028-02"),
    ("quarter", "2026-11-21", "2026-10-01", "2026-12-31", "2026-Q4"),
    ("half_year", "2026-06-30", "2026-01-01", "2026-06-30", "2026-H1"),
    ("year", "2026-11-21", "2026-01-01", "2026-12-31", "2026"),
]


@pytest.mark.parametrize(("unit", "day", "start", "end", "name"), PERIODS, ids=[row[4] for row in PERIODS])
def test_the_period_of_a_day(unit: PeriodUnit, day: str, start: str, end: str, name: str) -> None:
    """Where it begins, where it ends, what it is called."""
    found = period_of(unit, date.fromisoformat(day))
    assert found == Period(unit, date.fromisoformat(start), date.fromisoformat(end))
    assert found.name == name


@given(st.sampled_from([row[0] for row in PERIODS]), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_periods_leave_no_day_out_and_take_none_twice(unit: PeriodUnit, day: date) -> None:
    """Each begins on the day after the one before ends."""
    index = index_of(unit, day)
    before, own, after = (period_at(unit, index + step) for step in (-1, 0, 1))
    assert day in own and day not in before and day not in after
    assert before.end + timedelta(days=1) == own.start and own.end + timedelta(days=1) == after.start
    assert list(periods_between(unit, before.start, after.end)) == [before, own, after]
    assert sum(1 for _ in own.days()) == (own.end - own.start).days + 1
