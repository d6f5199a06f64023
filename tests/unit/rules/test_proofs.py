"""Proofs, shares and words of times."""

from __future__ import annotations

from fractions import Fraction

import pytest

from app.rules.due_times import Counting, Pause, due_time
from app.rules.proofs import proof
from app.rules.said_times import said_duration, said_length, said_moment
from app.rules.served import elapsed_seconds, moment_at_share, served_share
from tests.unit.rules.times import SHANGHAI, at, length, made, shown, words


def test_a_proof_fills_the_time_from_start_to_end() -> None:
    """What counted, and what was left out with the reason, day by day."""
    counting, start = Counting(made(), SHANGHAI), at("2026-09-30 16:00")
    pauses = [Pause(at("2026-10-08 09:00"), at("2026-10-08 09:30"), "李娟", "等待业主")]
    found = proof(length("4 working hours"), start, at("2026-10-08 11:30"), counting, pauses)
    counted = [(shown(one.start), shown(one.end), one.seconds) for one in found.counted]
    assert counted == [
        ("2026-09-30 16:00", "2026-09-30 18:00", 7200),
        ("2026-10-08 09:30", "2026-10-08 11:30", 7200),
    ]
    assert [(said_moment(one.start, SHANGHAI), words(one.why)) for one in found.left_out] == [
        ("2026-09-30 18:00", "outside working hours"),
        ("2026-10-01 00:00", "holiday: National Day"),
        ("2026-10-04 00:00", "weekend"),
        ("2026-10-05 00:00", "holiday: National Day (observed)"),
        ("2026-10-06 00:00", "day off in exchange for 2026-09-20"),
        ("2026-10-07 00:00", "day off in exchange for 2026-10-10"),
        ("2026-10-08 00:00", "outside working hours"),
        ("2026-10-08 09:00", "paused by 李娟: 等待业主"),
    ]


def test_a_proof_of_days_leaves_out_the_first_day_and_days_off() -> None:
    """Working days with their working time; the weekend and the day that began in a pause are left out."""
    counting, start = Counting(made(), SHANGHAI), at("2026-03-05 10:00")
    pauses = [Pause(at("2026-03-09 15:00"), at("2026-03-10 10:00"))]
    end = due_time(length("3 working days"), start, counting, pauses).at
    assert end is not None and shown(end) == "2026-03-11 24:00"
    found = proof(length("3 working days"), start, end, counting, pauses)
    assert [(said_moment(one.start, SHANGHAI)[:10], one.seconds) for one in found.counted] == [
        ("2026-03-06", 27000), ("2026-03-09", 27000), ("2026-03-11", 27000),
    ]  # fmt: skip
    assert [words(one.why) for one in found.left_out] == ["the first day does not count", "weekend", "paused"]
    rolled = proof(
        length("1 day"), at("2026-09-30 10:00"), at("2026-10-09 00:00"), Counting(made(), SHANGHAI, roll=True)
    )
    assert [words(one.why) for one in rolled.left_out][-1] == "day off in exchange for 2026-10-10"


def test_shares_of_a_time() -> None:
    """80 % is reached in working time; served and moment are each other's inverse."""
    counting, start = Counting(made(), SHANGHAI), at("2026-03-06 16:00")
    hours = length("5 working hours")
    end = due_time(hours, start, counting).at
    eighty = moment_at_share(hours, start, Fraction(4, 5), counting, (), end)
    assert (shown(eighty), shown(end)) == ("2026-03-09 11:00", "2026-03-09 12:00")
    assert eighty is not None and served_share(hours, start, eighty, counting, (), end) == Fraction(4, 5)
    assert served_share(hours, start, at("2026-03-09 14:00"), counting, (), end) == Fraction(11, 10)
    assert shown(moment_at_share(hours, start, Fraction(11, 10), counting, (), end)) == "2026-03-09 14:00"
    assert moment_at_share(hours, start, Fraction(1), counting, (), end) == end
    assert (
        served_share(hours, start, start, counting, (), None),
        moment_at_share(hours, start, Fraction(1, 2), counting, (), None),
    ) == (None, None)
    assert (
        shown(
            moment_at_share(length("48 hours"), start, Fraction(3, 4), counting, (), at("2026-03-08 16:00"))
        )
        == "2026-03-08 04:00"
    )
    past = at("2026-03-06 15:00")
    assert moment_at_share(length("same day by 15:00"), start, Fraction(1, 2), counting, (), past) == past


def test_seconds_served() -> None:
    """Working seconds where the duration is in working time, else all, without pauses."""
    counting = Counting(made(), SHANGHAI)
    pauses = [Pause(at("2026-03-06 16:00"), at("2026-03-06 17:00")), Pause(at("2026-03-09 10:00"), None)]
    ends = (at("2026-03-06 15:00"), at("2026-03-09 12:00"))
    assert elapsed_seconds(length("1 working hour"), *ends, counting, pauses) == 3 * 3600
    assert elapsed_seconds(length("1 hour"), *ends, counting, pauses) == 66 * 3600
    assert elapsed_seconds(length("1 hour"), ends[1], ends[0], counting) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 working hour", "1 working hour"),
        ("4 hours", "4 hours"),
        ("0.5 working days", "0.5 working days"),
        ("same day by 18:00", "the same day by 18:00"),
        ("next working day", "the next working day"),
        ("day 10 of next month", "day 10 of the next month"),
        ("last day of month", "the last day of the month"),
        ("at once", "at once"),
        ("agreed", "as agreed in 'agreed'"),
        (None, "not set"),
    ],
)
def test_durations_in_words(text: str | None, expected: str) -> None:
    """A duration as people read it."""
    assert words(said_duration(length(text))) == expected


@pytest.mark.parametrize(
    ("seconds", "working", "expected"),
    [
        (0, False, ["0 minutes"]),
        (60, False, ["1 minute"]),
        (3 * 3600 + 120, False, ["3 hours", "2 minutes"]),
        (90_000, False, ["1 day", "1 hour"]),
        (-90_061, False, ["1 day", "1 hour"]),
        (90_000, True, ["25 working hours"]),
    ],
)
def test_lengths_in_words(seconds: int, working: bool, expected: list[str]) -> None:
    """The largest two units; working time has no days."""
    assert [words(one) for one in said_length(seconds, working=working)] == expected


def test_a_day_that_begins_as_the_pause_begins_is_left_out() -> None:
    """From the opening on: the day does not count; up to the opening: it does."""
    counting, start = Counting(made(), SHANGHAI), at("2026-03-02 10:00")
    for stop, left_out in (
        (("2026-03-03 09:00", "2026-03-03 10:00"), ["the first day does not count", "paused"]),
        (("2026-03-02 20:00", "2026-03-03 09:00"), ["the first day does not count"]),
    ):
        pauses = [Pause(at(stop[0]), at(stop[1]), "")]
        end = due_time(length("2 working days"), start, counting, pauses).at
        assert end is not None
        found = proof(length("2 working days"), start, end, counting, pauses)
        assert [words(one.why) for one in found.left_out] == left_out
        assert [one.seconds for one in found.counted] == [27000, 27000]
