"""When warnings and escalations come: shares, before and after, office hours, pauses, ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest

from app.rules.clock_steps import StepTime
from tests.support.complaints import at, history, judged, level_of

BODY = "from: received_at\nto: resolved_at\npause: state == 'waiting'\n"
ELAPSED = BODY + "within: [{time: 10 hours}]\n"
WORKING = BODY + "calendar: office\nwithin: [{time: 8 working hours}]\n"
START = ("2026-03-06 10:00", {"received_at": "2026-03-06 10:00", "state": "taken"})


def _times(steps: Iterable[StepTime]) -> list[tuple[str, datetime | None]]:
    return [(step.text, step.at) for step in steps]


@pytest.mark.parametrize(
    ("body", "word", "expected"),
    [
        (ELAPSED, "80 %", "2026-03-06 18:00"),
        (ELAPSED, "12.5 %", "2026-03-06 11:15"),
        (ELAPSED, "100 %", "2026-03-06 20:00"),
        (ELAPSED, "150 %", "2026-03-07 01:00"),
        (ELAPSED, "missed", "2026-03-06 20:00"),
        (ELAPSED, "missed + 4 hours", "2026-03-07 00:00"),
        (ELAPSED, "missed - 2 hours", "2026-03-06 18:00"),
        (ELAPSED, "missed + 1 day", "2026-03-08 00:00"),
        (WORKING, "50 %", "2026-03-06 15:30"),
        (WORKING, "missed", "2026-03-09 10:30"),
        (WORKING, "missed + 4 working hours", "2026-03-09 16:00"),
        (WORKING, "missed + 4 hours", "2026-03-09 14:30"),
        (WORKING, "missed - 2 working hours", "2026-03-06 17:30"),
        (WORKING, "missed + 1 working day", "2026-03-11 00:00"),
    ],
)
def test_a_step_comes_at_its_moment(body: str, word: str, expected: str) -> None:
    """A share is one of the time that counts; what is put later or earlier is counted as it is written."""
    level = level_of(f"{body}escalate: [{{at: {word}}}]")
    clock = judged(level, history(START), "2026-03-06 10:00")
    assert _times(clock.steps) == [(word, at(expected))]


def test_steps_come_in_order() -> None:
    """Warnings before escalations of the same moment."""
    steps = "warn: [90 %, 80 %]\nescalate: [{at: missed + 1 hour}, {at: 80 %}, {at: missed}]"
    clock = judged(level_of(ELAPSED + steps), history(START), "2026-03-06 10:00")
    assert [step.key for step in clock.steps] == [
        "warn[1]",
        "escalate[1]",
        "warn[0]",
        "escalate[2]",
        "escalate[0]",
    ]


def test_office_hours_hold_a_step_back() -> None:
    """What is reached on Saturday night waits for Monday morning; what falls into working time does not."""
    steps = "calendar: office\nescalate: [{at: missed, office_hours: true}, {at: 40 %, office_hours: true}]"
    clock = judged(level_of(ELAPSED + steps), history(START), "2026-03-06 10:00")
    assert [(step.reached, step.at) for step in clock.steps] == [
        (at("2026-03-06 14:00"), at("2026-03-06 14:00")),
        (at("2026-03-06 20:00"), at("2026-03-09 09:00")),
    ]


def test_steps_wait_while_the_clock_stands_still() -> None:
    """What came before the pause stands, what comes after it has no time until it is over."""
    level = level_of(ELAPSED + "warn: [20 %]\nescalate: [{at: missed}]")
    waiting = ("2026-03-06 13:00", {"state": "waiting"})
    clock = judged(level, history(START, waiting), "2026-03-08 10:00")
    assert _times(clock.steps) == [("20 %", at("2026-03-06 12:00")), ("missed", None)]
    over = ("2026-03-08 13:00", {"state": "taken"})
    clock = judged(level, history(START, waiting, over), "2026-03-08 14:00")
    assert _times(clock.steps) == [("20 %", at("2026-03-06 12:00")), ("missed", at("2026-03-08 20:00"))]


def test_the_end_overtakes_what_was_not_reached() -> None:
    """A step that was reached before a late end still stands, though office hours put its time later."""
    steps = (
        "calendar: office\nescalate: [{at: 50 %}, {at: missed, office_hours: true}, {at: missed + 4 hours}]"
    )
    for resolved, kept in (
        ("2026-03-06 12:00", []),
        ("2026-03-06 19:00", ["50 %"]),
        ("2026-03-06 21:00", ["50 %", "missed"]),
        ("2026-03-07 00:30", ["50 %", "missed", "missed + 4 hours"]),
    ):
        done = ("2026-03-09 12:00", {"resolved_at": resolved})
        clock = judged(level_of(ELAPSED + steps), history(START, done), "2026-03-09 13:00")
        assert [step.text for step in clock.steps] == kept
