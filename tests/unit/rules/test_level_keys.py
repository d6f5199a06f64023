# ruff: noqa: E501 -- rows of cases read best on one line
"""Every key of a service level and of a calendar makes the difference that it stands for: the same case comes out
otherwise with it than without it."""

from __future__ import annotations

from datetime import date

import pytest

from app.rules.calendars import compile_calendar
from app.rules.clocks import Clock, judge_clock
from app.rules.due_times import Counting, due_time
from app.rules.said_times import said_moment
from app.rules.service_levels import calendar_for
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar
from tests.support.complaints import ZONE, at, calendars, due, history, level_of

CASE: dict[str, object] = {
    "received_at": "2026-03-06 16:30",
    "informed_at": "2026-03-06 09:00",
    "opens_at": "2026-03-20 09:00",
    "agreed_date": date(2026, 3, 20),
    "urgent": True,
}
"""Received on Friday afternoon; the record waits from 17:00 to Monday 10:00."""
BASE = "from: received_at\nto: resolved_at\n"
HOURS = "within: [{time: 4 working hours}]\n"
DAY = "within: [{time: 1 day}]\n"
WORKING = "within: [{time: 1 working day}]\n"
OFFICE = "calendar: office\n"


def clock_of(body: str, **changed: object) -> Clock:
    """The clock of the case on Monday at noon, with the values `changed` at 11:00."""
    level = level_of(body)
    versions = history(
        ("2026-03-06 16:30", CASE),
        ("2026-03-06 16:40", {"state": "taken"}),
        ("2026-03-06 17:00", {"state": "waiting"}),
        ("2026-03-09 10:00", {"state": "taken"}),
        ("2026-03-09 11:00", changed),
    )
    return judge_clock(level, versions, at("2026-03-09 12:00"), calendars().get(calendar_for(level) or ""))


@pytest.mark.parametrize(
    ("without", "with_it", "before", "after"),
    [
        pytest.param(BASE + HOURS + OFFICE, "from: informed_at\nto: resolved_at\n" + HOURS + OFFICE, "03-09 11:30", "03-06 14:30", id="from"),
        pytest.param(BASE + HOURS + OFFICE, BASE + HOURS + "calendar: shop\n", "03-09 11:30", "03-06 20:30", id="calendar"),
        pytest.param(BASE + HOURS + OFFICE, BASE + HOURS + OFFICE + "pause: state == 'waiting'\n", "03-09 11:30", "03-09 15:00", id="pause"),
        pytest.param(BASE + "within: [{time: 3 hours}]\n", BASE + "within: [{when: urgent, time: 1 hour}, {time: 3 hours}]\n", "03-06 19:30", "03-06 17:30", id="within.when"),
        pytest.param(BASE + "within: [{when: not urgent, time: 1 hour}, {time: 3 hours}]\n", BASE + "within: [{time: 3 hours}]\n", "03-06 19:30", "03-06 19:30", id="a row that does not hold"),
        pytest.param(BASE + OFFICE + DAY, BASE + OFFICE + "within: [{time: 1 day, cut_off: '16:00'}]\n", "03-07 24:00", "03-10 24:00", id="within.cut_off"),
        pytest.param(BASE + OFFICE + "within: [{time: agreed_date}]\n", BASE + OFFICE + "within: [{time: agreed_date, at_most: 2 working days}]\n", "03-20 24:00", "03-10 24:00", id="within.at_most"),
        pytest.param(BASE + OFFICE + "within: [{time: agreed_date, at_most: 2 working days}]\n", BASE + OFFICE + "within: [{time: agreed_date, at_most: 2 working days, beyond: urgent}]\n", "03-10 24:00", "03-20 24:00", id="within.beyond"),
        pytest.param(BASE + OFFICE + DAY, BASE + OFFICE + DAY + "roll: true\n", "03-07 24:00", "03-09 24:00", id="roll"),
        pytest.param(BASE + OFFICE + WORKING, BASE + OFFICE + WORKING + "day_ends: close_of_business\n", "03-09 24:00", "03-09 18:00", id="day_ends"),
        pytest.param(BASE + OFFICE + DAY, BASE + OFFICE + DAY + "before: opens_at\n", "03-07 24:00", "03-19 24:00", id="before"),
        pytest.param("from: {state: taken}\n" + DAY, "from: {state: taken, last: true}\n" + DAY, "03-07 24:00", "03-10 24:00", id="from.last"),
    ],
)  # fmt: skip
def test_the_due_time_hangs_on_it(without: str, with_it: str, before: str, after: str) -> None:
    """When the case is due without the key, and when with it."""
    assert due(clock_of(without))[5:] == before
    assert due(clock_of(with_it))[5:] == after


@pytest.mark.parametrize(
    ("body", "changed", "state"),
    [
        (BASE + OFFICE + HOURS, {}, "missed"),
        (BASE + OFFICE + HOURS, {"resolved_at": "2026-03-09 10:59"}, "met"),
        (BASE.replace("resolved_at", "[resolved_at, opens_at]") + OFFICE + HOURS, {"resolved_at": "2026-03-09 10:59"}, "missed"),
        (BASE + OFFICE + HOURS + "done: over_reason\n", {"resolved_at": "2026-03-09 10:59"}, "missed"),
        (BASE + OFFICE + HOURS + "done: over_reason\n", {"resolved_at": "2026-03-09 10:59", "over_reason": "x"}, "met"),
        (BASE + OFFICE + HOURS + "when: not urgent\n", {}, "cancelled"),
        ("from: received_at\n" + OFFICE + HOURS, {"state": "closed"}, "met"),
        (BASE + OFFICE + HOURS, {"state": "rejected"}, "cancelled"),
        (BASE + "within: [{time: at once}]\n", {}, "running"),
        (BASE + "within: [{time: ~}]\n", {}, "unset"),
    ],
    ids=["open", "to", "to, several", "done, not yet", "done", "when", "to left out", "a final state", "at once", "unset"],
)  # fmt: skip
def test_the_state_hangs_on_it(body: str, changed: dict[str, object], state: str) -> None:
    """Due on Monday at 11:30: what ends it in time, what does not, and what runs no clock."""
    assert clock_of(body, **changed).state == state


def test_steps_hang_on_it() -> None:
    """`warn`, `escalate` and `office_hours`: when somebody is told."""
    steps = "warn: [50 %]\nescalate: [{at: missed + 8 hours}, {at: missed + 9 hours, office_hours: true}]\n"
    found = {step.key: step.at for step in clock_of(BASE + OFFICE + HOURS + steps).steps}
    told = {key: said_moment(when, ZONE)[5:] for key, when in found.items() if when is not None}
    assert told == {"warn[0]": "03-09 09:30", "escalate[0]": "03-09 19:30", "escalate[1]": "03-10 09:00"}
    assert clock_of(BASE + OFFICE + HOURS).steps == ()


WEEK = {"mon-fri": ["09:00-12:00", "13:00-17:00"]}


@pytest.mark.parametrize(
    ("time", "keys", "before", "after"),
    [
        ("2 working days", {"hours": {"mon-wed": ["09:00-17:00"]}}, "10-09 24:00", "10-12 24:00"),
        ("2 working days", {"holidays": None}, "10-09 24:00", "10-05 24:00"),
        ("2 working days", {"closed": ["2026-10-08..2026-10-12"]}, "10-09 24:00", "10-14 24:00"),
        ("2 working days", {"open": {"2026-10-03": ["09:00-10:00"]}}, "10-09 24:00", "10-08 24:00"),
        ("2 working days", {"until": "2026-10-08"}, "10-09 24:00", "-"),
        ("1 working hour", {"timezone": "Europe/London"}, "10-08 10:00", "10-08 17:00"),
        ("0.5 working days", {"half_day": "12:00"}, "10-08 13:30", "10-08 12:00"),
        ("0.5 working days", {"half_day": "2 hours"}, "10-08 13:30", "10-08 11:00"),
        ("1 working hour", {"hours": {}, "holidays": None, "always": True}, "10-08 10:00", "10-01 21:00"),
    ],
    ids=[
        "hours",
        "holidays",
        "closed",
        "open",
        "until",
        "timezone",
        "half_day",
        "half_day, a length",
        "always",
    ],
)
def test_a_calendar_counts_by_it(time: str, keys: dict[str, object], before: str, after: str) -> None:
    """From the evening of National Day: by a week of offices in China, and with one key written otherwise."""
    length = parse_duration(time)
    assert isinstance(length, Duration)

    def ends(**more: object) -> str:
        spec = Calendar.model_validate({"hours": WEEK, "holidays": "CN", **more})
        counting = Counting(compile_calendar(spec, ZONE), ZONE)
        found = due_time(length, at("2026-10-01 20:00"), counting).at
        return said_moment(found, ZONE, end=True)[5:] if found is not None else "-"

    assert (ends(), ends(**keys)) == (before, after)
