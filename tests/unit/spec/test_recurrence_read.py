"""How often a duty is due: what can be written, and where a fault is shown."""

from __future__ import annotations

from datetime import time

import pytest

from app.spec.recurrence import PERIODS, Recurrence, parse_period, parse_recurrence
from app.spec.recurrence_spots import Spot
from app.spec.small import Problem

DAY = Spot("day", 5)
READ = {
    "day": Recurrence("day", "day"),
    "day at 10:00": Recurrence("day at 10:00", "day", at=(time(10),)),
    "day at 15:30, 09:00": Recurrence("day at 15:30, 09:00", "day", at=(time(9), time(15, 30))),
    "3 days": Recurrence("3 days", "day", 3),
    "10 days": Recurrence("10 days", "day", 10),
    "ten days": Recurrence("ten days", "ten_days"),
    "ten_days on last day": Recurrence("ten_days on last day", "ten_days", on=(Spot("day", -1),)),
    "working day": Recurrence("working day", "working_day"),
    "week on mon": Recurrence("week on mon", "week", on=(Spot("weekday", 0, 0),)),
    "week on Monday, thu": Recurrence(
        "week on Monday, thu", "week", on=(Spot("weekday", 0, 0), Spot("weekday", 0, 3))
    ),
    "week on last working day": Recurrence("week on last working day", "week", on=(Spot("working_day", -1),)),
    "2 weeks on fri": Recurrence("2 weeks on fri", "week", 2, (Spot("weekday", 0, 4),)),
    "month on 5": Recurrence("month on 5", "month", on=(DAY,)),
    "month on 5th": Recurrence("month on 5th", "month", on=(DAY,)),
    "month on 5, 5, 20": Recurrence("month on 5, 5, 20", "month", on=(DAY, Spot("day", 20))),
    "month on last": Recurrence("month on last", "month", on=(Spot("day", -1),)),
    "month on last day": Recurrence("month on last day", "month", on=(Spot("day", -1),)),
    "month on 3rd working day": Recurrence("month on 3rd working day", "month", on=(Spot("working_day", 3),)),
    "month on last fri": Recurrence("month on last fri", "month", on=(Spot("weekday", -1, 4),)),
    "month  on 5 at 09:00  or next working day": Recurrence(
        "month on 5 at 09:00 or next working day", "month", on=(DAY,), at=(time(9),), shift="next"
    ),
    "month or previous working day": Recurrence("month or previous working day", "month", shift="previous"),
    "quarter": Recurrence("quarter", "quarter"),
    "quarter on 02-15": Recurrence("quarter on 02-15", "quarter", on=(Spot("date", 15, 0, 2),)),
    "half year on 06-30": Recurrence("half year on 06-30", "half_year", on=(Spot("date", 30, 0, 6),)),
    "half-year": Recurrence("half-year", "half_year"),
    "year on 12-31": Recurrence("year on 12-31", "year", on=(Spot("date", 31, 0, 12),)),
    "2 years on 02-29": Recurrence("2 years on 02-29", "year", 2, (Spot("date", 29, 0, 2),)),
}
WRONG = {
    "": (0, "'' does not say how often"),
    "now and then": (0, "'now and then' does not say how often"),
    "wek on mon": (0, "'wek' does not say how often"),
    "monthly": (0, "'monthly' does not say how often"),
    "0 days": (0, "'0' is not a number of units from 1 to 120"),
    "121 days": (0, "'121' is not a number of units from 1 to 120"),
    "2 working days": (0, "working days cannot be skipped"),
    "working day or next working day": (0, "a working day never falls on a day off"),
    "day on mon": (4, "a day has no days to choose from"),
    "week on mo": (8, "'mo' names no day of a week"),
    "week on 3": (8, "'3' names no day of a week"),
    "month on mon": (9, "a month has several days 'mon'"),
    "month on 32": (9, "a month has at most 31 of these days"),
    "month on 0": (9, "a month has at most 31 of these days"),
    "month on 6th fri": (9, "a month has at most 5 of these days"),
    "month on 3rd working dog": (9, "'working' must be followed by 'day'"),
    "month on 12-31": (9, "'12-31' names no day of a month"),
    "month on": (8, "'month on' names no day of a month"),
    "month on 5,": (11, "'month on 5,' names no day of a month"),
    "month on 5 on 6": (11, "'on' is not expected here"),
    "month on 5 or tomorrow": (14, "'tomorrow' is not expected here"),
    "month at 25:00": (9, "'25:00' is not a time of day"),
    "month at 24:00": (9, "'24:00' is not a time of day"),
    "quarter on 04-01": (11, "'04-01' names no day of a quarter"),
    "year on 13-01": (8, "'13-01' names no day of a year"),
    "year on 04-31": (8, "'04-31' names no day of a year"),
    "year on 5": (8, "'5' names no day of a year"),
    "999999999999999999999 days": (0, "'999999999999999999999' is not a number of units from 1 to 120"),
}


@pytest.mark.parametrize("text", READ)
def test_it_is_read(text: str) -> None:
    """Each form gives the same data however it is spaced."""
    assert parse_recurrence(text) == READ[text]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_where_it_stands(text: str) -> None:
    """The words of the fault, and the place inside the text."""
    found = parse_recurrence(text)
    assert isinstance(found, Problem)
    assert (found.offset, found.text.format(**found.params)) == WRONG[text]
    found.hint.format(**found.params)


@pytest.mark.parametrize(
    ("text", "guess"),
    [("wek on mon", "week"), ("monthly", "month"), ("fortnight", "2 weeks"), ("week on tues", "tue")],
    ids=lambda value: str(value),
)
def test_a_near_word_is_guessed(text: str, guess: str) -> None:
    """The hint names the word that was meant."""
    found = parse_recurrence(text)
    assert isinstance(found, Problem) and found.params["guess"] == guess


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("day", False),
        ("working day", True),
        ("month on 5", False),
        ("month on 5 or next working day", True),
        ("quarter on last working day", True),
    ],
    ids=lambda value: str(value),
)
def test_some_need_a_calendar(text: str, counts: bool) -> None:
    """Whatever speaks of working days does."""
    found = parse_recurrence(text)
    assert isinstance(found, Recurrence) and found.counts_working_days is counts


def test_periods_are_read_with_blanks_too() -> None:
    """`ten days` and `half-year` mean what `ten_days` and `half_year` do."""
    assert [parse_period(name) for name in PERIODS] == list(PERIODS)
    assert [parse_period("ten days"), parse_period("half-year"), parse_period("decade")] == [
        "ten_days",
        "half_year",
        None,
    ]
