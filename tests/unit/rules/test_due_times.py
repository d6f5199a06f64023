# ruff: noqa: E501  (a table of cases reads best with one case on a line)
"""Due times by example: every duration of the language, agreed dates, pauses."""

from __future__ import annotations

from datetime import date

import pytest

from app.rules.bulk_due_times import due_moments
from app.rules.due_times import Counting, Pause, due_time
from app.rules.elapsed import due_after
from app.rules.wall_clock import micros, moment
from tests.unit.rules.times import SHANGHAI, at, due, length, made, plain, said, shown


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        pytest.param("10 minutes", "2026-03-06 23:55", "2026-03-07 00:05", id="minutes"),
        pytest.param("48 hours", "2026-03-06 15:30", "2026-03-08 15:30", id="hours over a weekend"),
        pytest.param("0 hours", "2026-03-06 15:30", "2026-03-06 15:30", id="no time"),
        pytest.param("1.5 hours", "2026-03-06 15:30", "2026-03-06 17:00", id="part of an hour"),
        pytest.param("4 working hours", "2026-03-06 16:00", "2026-03-09 11:00", id="working hours"),
        pytest.param("2 working hours", "2026-03-06 11:00", "2026-03-06 14:30", id="over lunch"),
        pytest.param("3 working hours", "2026-03-06 06:00", "2026-03-06 12:00", id="before opening"),
        pytest.param("30 working minutes", "2026-03-06 12:10", "2026-03-06 14:00", id="begun at lunch"),
        pytest.param("1 working hour", "2026-03-06 20:00", "2026-03-09 10:00", id="begun after closing"),
        pytest.param("7.5 working hours", "2026-03-06 09:00", "2026-03-06 18:00", id="ends at closing"),
        pytest.param("0.5 working days", "2026-03-06 09:00", "2026-03-06 14:15", id="half a day"),
        pytest.param("0.5 working days", "2026-03-06 16:00", "2026-03-09 10:45", id="half over a weekend"),
        pytest.param("1.5 working days", "2026-03-06 09:00", "2026-03-09 14:15", id="a day and a half"),
        pytest.param("0.5 working days", "2026-03-07 10:00", "2026-03-09 14:15", id="half from Saturday"),
        pytest.param("2 days", "2026-09-30 16:00", "2026-10-02 24:00", id="days"),
        pytest.param("3 days", "2026-03-06 15:30", "2026-03-09 24:00", id="first day not counted"),
        pytest.param("0 days", "2026-03-06 15:30", "2026-03-06 24:00", id="no days"),
        pytest.param("1 day", "2026-03-06 00:00", "2026-03-07 24:00", id="from midnight"),
        pytest.param("2 weeks", "2026-03-06 15:30", "2026-03-20 24:00", id="weeks"),
        pytest.param("1 month", "2026-01-31 15:30", "2026-02-28 24:00", id="a month that is shorter"),
        pytest.param("1 month", "2028-01-31 15:30", "2028-02-29 24:00", id="a leap year"),
        pytest.param("1 quarter", "2025-11-30 15:30", "2026-02-28 24:00", id="a quarter"),
        pytest.param("1 year", "2024-02-29 15:30", "2025-02-28 24:00", id="a year from a leap day"),
        pytest.param("7 working days", "2026-03-02 10:00", "2026-03-11 24:00", id="working days"),
        pytest.param("1 working day", "2026-03-07 10:00", "2026-03-09 24:00", id="from a day off"),
        pytest.param("0 working days", "2026-03-07 10:00", "2026-03-09 24:00", id="no working days"),
        pytest.param("same day", "2026-03-07 10:00", "2026-03-07 24:00", id="same day"),
        pytest.param("same day by 18:00", "2026-03-07 10:00", "2026-03-07 18:00", id="same day by a time"),
        pytest.param("same day by 18:00", "2026-03-07 19:00", "2026-03-07 18:00", id="the time had gone by"),
        pytest.param("same day by 24:00", "2026-03-07 10:00", "2026-03-07 24:00", id="same day by 24:00"),
        pytest.param("next working day", "2026-03-06 10:00", "2026-03-09 24:00", id="next working day"),
        pytest.param("next working day by 12:00", "2026-09-30 10:00", "2026-10-08 12:00", id="after the feast"),
        pytest.param("day 10 of next month", "2026-01-31 10:00", "2026-02-10 24:00", id="day of next month"),
        pytest.param("day 31 of next month", "2026-01-31 10:00", "2026-02-28 24:00", id="a day it lacks"),
        pytest.param("day 4 of month", "2026-01-31 10:00", "2026-02-04 24:00", id="next such day"),
        pytest.param("day 4 of month", "2026-01-04 10:00", "2026-02-04 24:00", id="not the same day"),
        pytest.param("last day of month", "2026-02-05 10:00", "2026-02-28 24:00", id="last day"),
        pytest.param("last day of month", "2026-02-28 10:00", "2026-02-28 24:00", id="on the last day itself"),
        pytest.param("day 28 of month", "2026-02-28 10:00", "2026-03-28 24:00", id="the next such day"),
        pytest.param("at once", "2026-03-06 10:00", "", id="at once"),
        pytest.param(None, "2026-03-06 10:00", "", id="unset"),
        pytest.param("agreed", "2026-03-06 10:00", "", id="nothing agreed"),
    ],
)  # fmt: skip
def test_durations(text: str | None, start: str, expected: str) -> None:
    """Each way of counting in the language, in an office with a lunch break."""
    assert shown(due(text, start, made()).at) == expected


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        pytest.param("3 days", "2026-03-06 15:30", "2026-03-09 18:00", id="ends at closing"),
        pytest.param("2 days", "2026-03-06 15:30", "2026-03-08 24:00", id="a day off has no closing"),
        pytest.param("2 working days", "2026-03-06 15:30", "2026-03-10 18:00", id="working days"),
        pytest.param("same day", "2026-03-06 15:30", "2026-03-06 18:00", id="same day"),
        pytest.param("same day by 12:00", "2026-03-06 09:00", "2026-03-06 12:00", id="its own time wins"),
    ],
)
def test_close_of_business(text: str, start: str, expected: str) -> None:
    """A day that ends at the close of business ends when the calendar closes."""
    assert shown(due(text, start, made(), close=True).at) == expected


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        pytest.param("3 days", "2026-09-30 10:00", "2026-10-08 24:00", id="over National Day"),
        pytest.param("2 days", "2026-03-05 10:00", "2026-03-09 24:00", id="over a weekend"),
        pytest.param("1 day", "2026-10-09 10:00", "2026-10-10 24:00", id="a worked Saturday is no day off"),
        pytest.param("day 10 of next month", "2026-04-15 10:00", "2026-05-11 24:00", id="day of month"),
        pytest.param("same day", "2026-03-07 10:00", "2026-03-09 24:00", id="same day off"),
    ],
)
def test_roll(text: str, start: str, expected: str) -> None:
    """An end on a day off moves to the next working day."""
    found = due(text, start, made(), roll=True)
    assert shown(found.at) == expected
    assert ("is a day off" in " ".join(said(found))) == (expected != "2026-10-10 24:00")


@pytest.mark.parametrize(
    ("text", "event", "expected"),
    [
        pytest.param("5 minutes", "2026-03-09 10:00", "2026-03-09 09:55", id="minutes"),
        pytest.param("2 working hours", "2026-03-09 10:00", "2026-03-06 17:00", id="working hours"),
        pytest.param("1 working hour", "2026-03-09 10:00", "2026-03-09 09:00", id="from the opening on"),
        pytest.param("1.5 working hours", "2026-03-09 14:00", "2026-03-09 11:00", id="over lunch"),
        pytest.param("0.5 working days", "2026-03-09 09:00", "2026-03-06 14:15", id="half a day"),
        pytest.param("3 days", "2026-03-10 10:00", "2026-03-07 24:00", id="days"),
        pytest.param("3 working days", "2026-10-09 10:00", "2026-09-29 24:00", id="working days"),
        pytest.param("1 month", "2026-03-31 10:00", "2026-02-28 24:00", id="a month"),
        pytest.param("next working day by 12:00", "2026-10-08 10:00", "2026-09-30 12:00", id="the one before"),
        pytest.param("day 4 of month", "2026-03-03 10:00", "2026-02-04 24:00", id="the last such day"),
    ],
)  # fmt: skip
def test_counting_back(text: str, event: str, expected: str) -> None:
    """`before` leads from the event into the past by the same rules; the day of the event does not count."""
    stopped = ("2026-03-01 00:00", "2026-03-09 00:00")
    assert shown(due(text, event, made(), stopped, before=True).at) == expected
    moved = due(text, event, made(), before=True, roll=True).at
    assert moved is not None and (text.endswith("minutes") or moved <= at(event))


def test_counting_back_rolls_back() -> None:
    """Counted back, an end on a day off moves to the working day before."""
    assert shown(due("3 days", "2026-03-10 10:00", made(), before=True, roll=True).at) == "2026-03-06 24:00"


@pytest.mark.parametrize(
    ("value", "stop", "how", "expected"),
    [
        pytest.param(date(2026, 3, 6), None, {}, "2026-03-06 24:00", id="a date"),
        pytest.param(date(2026, 3, 7), None, {"roll": True}, "2026-03-09 24:00", id="a day off"),
        pytest.param(date(2026, 3, 6), None, {"close": True}, "2026-03-06 18:00", id="close of business"),
        pytest.param(at("2026-03-06 15:00"), None, {}, "2026-03-06 15:00", id="a datetime"),
        pytest.param(
            at("2026-03-06 15:00"), ("2026-03-05 09:00", "2026-03-05 18:00"), {}, "2026-03-06 15:00", id="pause over"
        ),
        pytest.param(
            at("2026-03-06 15:00"), ("2026-03-06 14:00", "2026-03-09 09:00"), {}, "2026-03-09 10:00", id="in a pause"
        ),
        pytest.param(
            date(2026, 3, 6), ("2026-03-05 14:00", "2026-03-06 09:00"), {}, "2026-03-06 24:00", id="date, pause over"
        ),
        pytest.param(
            date(2026, 3, 6), ("2026-03-06 14:00", "2026-03-08 09:00"), {}, "2026-03-08 24:00", id="date in a pause"
        ),
    ],
)  # fmt: skip
def test_agreed_dates(
    value: date, stop: tuple[str, str] | None, how: dict[str, object], expected: str
) -> None:
    """An agreed date stands as it is; only a pause that is running when it comes moves it."""
    stops = (stop,) if stop else ()
    assert shown(due("agreed", "2026-03-02 10:00", made(), *stops, agreed=value, **how).at) == expected


def test_a_running_pause_has_no_due_time_before_it_ends() -> None:
    """Unless it begins after the end; with `now` the end is told as if it were over now."""
    waiting = due("4 working hours", "2026-03-06 09:00", made(), ("2026-03-06 10:00", None))
    assert (waiting.at, waiting.paused) == (None, True)
    assert said(waiting)[-1] == "the clock stands still since 2026-03-06 10:00"
    after = due("4 working hours", "2026-03-06 09:00", made(), ("2026-03-06 14:30", None))
    assert (shown(after.at), after.paused) == ("2026-03-06 14:30", False)
    counting = Counting(made(), SHANGHAI)
    asked = due_time(
        length("4 working hours"), at("2026-03-06 09:00"), counting, [Pause(at("2026-03-06 10:00"), None)],
        now=at("2026-03-06 11:00"),
    )  # fmt: skip
    assert (shown(asked.at), asked.paused) == ("2026-03-06 15:30", True)


def test_short_ways_without_a_clock() -> None:
    """`due_after` counts as `due_time`, and answers None where it needs a calendar and has none."""
    start = at("2026-03-06 15:30")
    assert shown(due_after(length("3 days"), start, SHANGHAI)) == "2026-03-09 24:00"
    assert due_after(length("3 working days"), start, SHANGHAI) is None
    assert shown(due_after(length("3 working days"), start, SHANGHAI, calendar=made())) == "2026-03-11 24:00"
    assert due_after(length("at once"), start, SHANGHAI) == start


def test_an_agreed_moment_waits_while_the_clock_stands_still() -> None:
    """A pause that is running when it comes hides it; one that began later does not."""
    agreed = at("2026-03-06 15:00")
    waiting = due("agreed", "2026-03-02 10:00", made(), ("2026-03-06 14:00", None), agreed=agreed)
    assert (waiting.at, waiting.paused) == (None, True)
    late = due("agreed", "2026-03-02 10:00", made(), ("2026-03-06 16:00", None), agreed=agreed)
    assert (late.at, late.paused) == (agreed, False)
    counting, running = Counting(made(), SHANGHAI), [Pause(at("2026-03-06 14:00"), None)]
    asked = due_time(
        length("agreed"),
        at("2026-03-02 10:00"),
        counting,
        running,
        {"agreed": agreed},
        now=at("2026-03-07 10:00"),
    )
    assert (shown(asked.at), asked.paused) == ("2026-03-07 11:00", True)


def test_many_without_a_due_time_of_their_own_are_refused() -> None:
    """Bulk counting is for what can be counted; nothing to count is nothing."""
    counting = Counting(made(), SHANGHAI)
    for text in ("at once", "agreed", None):
        with pytest.raises(ValueError, match=r"at_once|field|unset"):
            due_moments(length(text), counting, [0], [[]])
    assert due_moments(length("1 day"), counting, [], []).at == []


@pytest.mark.parametrize(
    ("text", "stop", "expected"),
    [
        pytest.param("1 day", ("2026-03-03 20:00", "2026-03-04 00:00"), "2026-03-04 24:00", id="ends as the day ends"),
        pytest.param("1 day", ("2026-03-04 00:00", "2026-03-05 09:00"), "2026-03-03 24:00", id="begins as it ends"),
        pytest.param("2 days", ("2026-03-03 00:00", "2026-03-03 09:00"), "2026-03-05 24:00", id="from midnight on"),
        pytest.param("2 days", ("2026-03-02 20:00", "2026-03-03 00:00"), "2026-03-04 24:00", id="up to midnight"),
        pytest.param("2 working days", ("2026-03-03 09:00", "2026-03-03 10:00"), "2026-03-05 24:00", id="from the opening"),
        pytest.param("2 working days", ("2026-03-02 20:00", "2026-03-03 09:00"), "2026-03-04 24:00", id="to the opening"),
        pytest.param("3 working hours", ("2026-03-02 12:00", "2026-03-02 17:00"), "2026-03-02 18:00", id="from closing on"),
        pytest.param("2 working hours", ("2026-03-02 12:00", "2026-03-02 17:00"), "2026-03-02 12:00", id="from the end on"),
    ],
)  # fmt: skip
def test_edges_of_pauses(text: str, stop: tuple[str, str], expected: str) -> None:
    """A pause reaches from its first moment to before its last; one by one and many at once."""
    start = "2026-03-02 10:00"
    assert shown(due(text, start, made(), stop).at) == expected
    counting, pause = Counting(made(), SHANGHAI), (micros(at(stop[0])), micros(at(stop[1])))
    many = due_moments(length(text), counting, [micros(at(start))], [[pause]]).at
    assert [shown(moment(one)) for one in many if one is not None] == [expected]


def test_after_a_pause_a_night_shift_of_the_day_before_may_still_close() -> None:
    """The pause ends on Tuesday at 01:00, Monday closes on Tuesday at 06:00."""
    nights = plain({"mon-fri": ["22:00-30:00"]})
    stop = ("2026-03-01 20:00", "2026-03-03 01:00")
    assert shown(due("0 days", "2026-03-01 10:00", nights, stop, close=True).at) == "2026-03-03 06:00"
