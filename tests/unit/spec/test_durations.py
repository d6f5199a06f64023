"""Durations are read as they are written, or refused with the place."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spec.durations import Duration, parse_clock, parse_duration
from app.spec.small import Problem


@pytest.mark.parametrize(
    ("text", "amount", "unit", "working"),
    [
        ("15 minutes", "15", "minute", False),
        ("1 hour", "1", "hour", False),
        ("48 hours", "48", "hour", False),
        ("1.5 hours", "1.5", "hour", False),
        ("4 working hours", "4", "hour", True),
        ("30 working minutes", "30", "minute", True),
        ("3 days", "3", "day", False),
        ("1 day", "1", "day", False),
        ("7 working days", "7", "day", True),
        ("0.5 working days", "0.5", "day", True),
        ("2 weeks", "2", "week", False),
        ("6 months", "6", "month", False),
        ("1 quarter", "1", "quarter", False),
        ("5 years", "5", "year", False),
        ("  3   working   days ", "3", "day", True),
    ],
)
def test_lengths(text: str, amount: str, unit: str, working: bool) -> None:
    """A number and a unit, singular or plural alike."""
    found = parse_duration(text)
    assert isinstance(found, Duration)
    assert (found.kind, found.amount, found.unit, found.working) == ("length", Decimal(amount), unit, working)


@pytest.mark.parametrize(
    ("text", "kind", "by"),
    [
        ("same day", "same_day", None),
        ("same day by 18:00", "same_day", time(18)),
        ("same day by 24:00", "same_day", time.max),
        ("next working day", "next_working_day", None),
        ("next working day by 12:00", "next_working_day", time(12)),
        ("at once", "at_once", None),
        (None, "unset", None),
    ],
)
def test_words(text: str | None, kind: str, by: time | None) -> None:
    """Ends of days, at once, and the time that a regulation leaves open."""
    found = parse_duration(text)
    assert isinstance(found, Duration)
    assert (found.kind, found.by, found.set) == (kind, by, text is not None)


@pytest.mark.parametrize(
    ("text", "day", "months"),
    [
        ("day 10 of next month", 10, 1),
        ("day 4 of month", 4, 0),
        ("last day of month", 0, 0),
        ("last  day of next month", 0, 1),
        ("day 31 of month", 31, 0),
    ],
)
def test_days_of_a_month(text: str, day: int, months: int) -> None:
    """A fixed day, of the next month or the next such day."""
    found = parse_duration(text)
    assert isinstance(found, Duration)
    assert (found.kind, found.day, found.months, found.set) == ("month_day", day, months, True)


@pytest.mark.parametrize("text", ["day 0 of month", "day 32 of month", "day 5 of year", "first day of month"])
def test_no_day_of_a_month(text: str) -> None:
    """A month has 1 to 31 days."""
    assert isinstance(parse_duration(text), Problem)


def test_a_bare_word_is_a_fields_name() -> None:
    """A date that is agreed for each record lies in a field."""
    found = parse_duration("agreed_date")
    assert isinstance(found, Duration) and (found.kind, found.name) == ("field", "agreed_date")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("3 dais", 2),
        ("2 working weeks", 2),
        ("1.5 days", 0),
        ("0.5 months", 0),
        ("same day by 25:00", 12),
        ("same day by noon", 12),
        ("soon enough", 0),
        ("-1 days", 0),
        ("1e3 days", 0),
        ("٣ days", 0),
        ("999999999 days", 0),
        ("", 0),
        ("3", 0),
    ],
)
def test_refusals(text: str, offset: int) -> None:
    """What is no duration is refused; the offset leads to the part that is wrong."""
    found = parse_duration(text)
    assert isinstance(found, Problem) and found.offset == offset
    assert found.text.format(**found.params)
    assert not found.hint or found.hint.format(**found.params)


@given(st.text(max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    """Whatever is written, the answer is a duration or a problem."""
    assert isinstance(parse_duration(text), Duration | Problem)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("9:05", time(9, 5)),
        ("00:00", time(0)),
        ("24:00", time.max),
        ("24:01", None),
        ("12:60", None),
        ("12", None),
    ],
)
def test_clock(text: str, clock: time | None) -> None:
    """Hours and minutes; 24:00 is the end of the day."""
    assert parse_clock(text) == clock


@pytest.mark.parametrize(
    ("text", "elapsed"), [("2 hours", True), ("2 days", False), ("0.5 working days", True)]
)
def test_elapsed(text: str, elapsed: bool) -> None:
    """Half a working day is counted in its hours."""
    found = parse_duration(text)
    assert isinstance(found, Duration) and found.elapsed is elapsed
