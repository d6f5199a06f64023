"""Laws of clocks, whatever the record went through."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.clock_history import Version
from app.rules.clocks import Clock, judge_clock
from app.rules.due_times import Counting, due_time
from app.rules.pauses import Pause
from app.rules.service_levels import CompiledLevel
from tests.support.complaints import ZONE, at, calendars, level_of

BODY = """
from: received_at
to: resolved_at
pause: state == 'waiting'
calendar: office
within:
  - {when: category == 'attitude', time: 4 working hours}
  - {when: category == 'flood', time: 90 minutes}
  - {when: category == 'power_cut', time: 3 working days}
  - {time: 2 days}
"""
LEVEL: CompiledLevel = level_of(BODY)
OFFICE = calendars()["office"]
START = at("2026-04-28 10:00")
STATES = ("taken", "waiting")
CATEGORIES = ("attitude", "flood", "power_cut", "other")


@st.composite
def histories(draw: st.DrawFn) -> tuple[Version, ...]:
    """Up to eight changes within ten days of the start, over a public holiday."""
    minutes = sorted(draw(st.lists(st.integers(1, 14_400), max_size=8, unique=True)))
    versions = [Version(START, values={"received_at": START, "state": "taken", "category": "other"})]
    for minute in minutes:
        state, category = draw(st.sampled_from(STATES)), draw(st.sampled_from(CATEGORIES))
        values = {"received_at": START, "state": state, "category": category}
        versions.append(Version(START + timedelta(minutes=minute), values=values))
    return tuple(versions)


def _pauses(versions: tuple[Version, ...], now: datetime) -> list[Pause]:
    """What a plain loop over the history finds."""
    ends = [*(one.at for one in versions[1:]), now]
    return [
        Pause(one.at, min(end, now))
        for one, end in zip(versions, ends, strict=True)
        if one.state == "waiting" and one.at < now
    ]


def _judge(versions: tuple[Version, ...], now: datetime) -> Clock:
    return judge_clock(LEVEL, versions, now, OFFICE)


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 20_000))
def test_it_is_due_at_the_start_plus_the_present_target(versions: tuple[Version, ...], minutes: int) -> None:
    """Whatever targets came before, with all the pauses so far; so no served time is lost."""
    now = START + timedelta(minutes=minutes)
    known = tuple(one for one in versions if one.at <= now)
    clock = _judge(versions, now)
    assert clock.target is not None
    expected = due_time(clock.target.time, START, Counting(OFFICE, ZONE), _pauses(known, now))
    assert clock.due_at == expected.at
    assert clock.target.spec.when in (None, f"category == '{known[-1].values['category']}'")


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 20_000))
def test_the_past_does_not_hang_on_what_came_later(versions: tuple[Version, ...], minutes: int) -> None:
    """Asked for a moment of the past, the history up to then is all that counts."""
    now = START + timedelta(minutes=minutes)
    known = tuple(one for one in versions if one.at <= now)
    assert _judge(versions, now) == _judge(known, now)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_clock_that_stands_still_is_not_missed_meanwhile(versions: tuple[Version, ...]) -> None:
    """What is left when it begins to stand still is left for as long as it does."""
    last = versions[-1]
    then, later = (_judge(versions, last.at + timedelta(days=days)) for days in (0, 40))
    if then.state == "paused":
        assert (later.state, later.paused_since) == ("paused", then.paused_since)
        if then.target is not None and then.target.time.elapsed:
            assert then.left_seconds == later.left_seconds
