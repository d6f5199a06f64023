"""What is left, in words and as a tone."""

from __future__ import annotations

import pytest

from app.rules.clock_words import left_of, left_words, length_words
from app.rules.reasons import in_words
from app.spec.durations import Duration, parse_duration
from tests.support.complaints import at, calendars, history, judged, level_of


def _level(time: str, more: str = "") -> str:
    return (
        f"from: received_at\nto: resolved_at\npause: state == 'waiting'\nwithin: [{{time: {time}}}]\n{more}"
    )


@pytest.mark.parametrize(
    ("time", "now", "words", "tone"),
    [
        ("10 hours", "2026-03-06 10:30", "9 hours 30 minutes left", "ok"),
        ("10 hours", "2026-03-06 18:30", "1 hour 30 minutes left", "warning"),
        ("10 hours", "2026-03-06 19:15", "45 minutes left", "warning"),
        ("10 hours", "2026-03-06 23:00", "missed by 3 hours", "danger"),
        ("10 hours", "2026-03-09 23:00", "missed by 3 days", "danger"),
        ("100 hours", "2026-03-06 10:00", "4 days left", "ok"),
        ("4 working hours", "2026-03-06 14:30", "1 working hour left", "ok"),
        ("4 working hours", "2026-03-06 15:00", "30 working minutes left", "warning"),
        ("4 working hours", "2026-03-06 18:30", "missed by 2 working hours 30 minutes", "danger"),
        ("8 working hours", "2026-03-08 10:00", "1 working hour 30 minutes left", "warning"),
        ("8 working hours", "2026-03-09 10:30", "0 working minutes left", "warning"),
        ("7 working days", "2026-03-06 11:00", "7 working days left", "ok"),
        ("7 working days", "2026-03-16 11:00", "1 working day left", "ok"),
        ("7 working days", "2026-03-17 11:00", "13 hours left", "warning"),
        ("3 days", "2026-03-06 11:00", "3 days left", "ok"),
        ("same day by 18:00", "2026-03-06 15:00", "3 hours left", "ok"),
        ("~", "2026-03-06 15:00", "no time is set", "neutral"),
        ("at once", "2026-03-06 15:00", "to be done at once", "warning"),
    ],
)
def test_what_is_left_is_said_as_the_target_counts(time: str, now: str, words: str, tone: str) -> None:
    """Working hours for working hours, days for days, hours on the last day."""
    clock = judged(
        level_of(_level(time)), history(("2026-03-06 10:00", {"received_at": "2026-03-06 10:00"})), now
    )
    left = left_words(clock)
    assert (left.said(), left.tone) == (words, tone)


@pytest.mark.parametrize(
    ("resolved", "words", "tone"),
    [("2026-03-06 12:00", "done in time", "ok"), ("2026-03-06 23:00", "done 3 hours late", "danger")],
)
def test_what_has_ended_says_how(resolved: str, words: str, tone: str) -> None:
    """In time or so much late, whenever it is asked."""
    versions = history(("2026-03-06 10:00", {"received_at": "2026-03-06 10:00", "resolved_at": resolved}))
    left = left_words(judged(level_of(_level("10 hours")), versions, "2026-03-20 10:00"))
    assert (left.said(), left.tone) == (words, tone)


def test_what_stands_still_says_what_is_left() -> None:
    """However long it stands still."""
    versions = history(
        ("2026-03-06 10:00", {"received_at": "2026-03-06 10:00", "state": "taken"}),
        ("2026-03-06 12:00", {"state": "waiting"}),
    )
    for now in ("2026-03-06 12:00", "2026-03-16 12:00"):
        left = left_words(judged(level_of(_level("10 hours")), versions, now))
        assert (left.said(), left.tone) == ("stands still, 8 hours left", "neutral")


def test_the_levels_own_warning_decides_the_colour() -> None:
    """From the warning on it presses, however much is left."""
    level = level_of(_level("10 hours", "warn: [10 %]"))
    versions = history(("2026-03-06 10:00", {"received_at": "2026-03-06 10:00"}))
    tones = [
        left_words(judged(level, versions, now)).tone for now in ("2026-03-06 10:59", "2026-03-06 11:00")
    ]
    assert tones == ["ok", "warning"]


def test_a_row_says_the_same_without_its_record() -> None:
    """What is stored of a clock is enough for the words of a list."""
    time = parse_duration("4 working hours")
    assert isinstance(time, Duration)
    office = calendars()["office"]
    left = left_of("running", at("2026-03-06 15:30"), at("2026-03-06 14:30"), time, office, "Asia/Shanghai")
    assert (left.said(), left.tone) == ("1 working hour left", "ok")


@pytest.mark.parametrize(
    ("seconds", "working", "words"),
    [
        (59, False, "0 minutes"),
        (60, False, "1 minute"),
        (3600, False, "1 hour"),
        (3660, True, "1 working hour 1 minute"),
        (36000 + 1800, False, "10 hours"),
        (2 * 86400, False, "2 days"),
        (2 * 86400, True, "48 working hours"),
    ],
)
def test_lengths_of_time(seconds: int, working: bool, words: str) -> None:
    """By the largest units, rounded down; a working day has no length."""
    assert in_words(length_words(seconds, working)) == words
