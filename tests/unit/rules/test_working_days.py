"""`working_days(n)`: the n-th working day after or before a date, by a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.rules.calendars import compile_calendar
from app.rules.working_days import CountOn, counting_on, working_days_of
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar, PortalSettings

HOURS = {"hours": {"mon-fri": ("09:00-17:00",)}}


def counter(**more: object) -> CountOn:
    return counting_on(compile_calendar(Calendar.model_validate({**HOURS, **more}), "Asia/Shanghai"))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 3, 5), 0, date(2026, 3, 5)),
        (date(2026, 3, 5), 1, date(2026, 3, 6)),
        (date(2026, 3, 5), 2, date(2026, 3, 9)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), -1, date(2026, 3, 6)),
        (date(2026, 3, 9), -1, date(2026, 3, 6)),
        (date(2026, 3, 5), -6, date(2026, 2, 25)),
        (date(2026, 2, 28), 250, date(2027, 2, 12)),
    ],
)
def test_days_are_counted(start: date, count: int, expected: date) -> None:
    """The day of the start does not count; weekends are passed over, both ways."""
    assert counter()(start, count) == expected


def test_a_moment_keeps_its_time_of_day() -> None:
    """On the calendar's clock: 04:00 on a Saturday in Shanghai becomes 04:00 on Monday."""
    moment = datetime(2026, 3, 6, 20, tzinfo=UTC)
    assert counter()(moment, 1) == datetime(2026, 3, 8, 20, tzinfo=UTC)


def test_closed_and_swapped_days() -> None:
    """The organisation's own days and the public holidays of the year count as they are."""
    count = counter(closed=["2026-03-06"], open={"2026-03-07": ["09:00-12:00"]}, holidays="CN")
    assert count(date(2026, 3, 5), 1) == date(2026, 3, 7)
    assert count(date(2026, 9, 30), 1) == date(2026, 10, 8)


def test_each_step_is_a_working_day() -> None:
    """Counting n days on is counting one day on, n times; and back leads to the day before."""
    count = counter(holidays="CN")
    day: date | None = date(2026, 1, 1)
    for steps in range(1, 60):
        assert day is not None
        day = count(day, 1)
        assert day == count(date(2026, 1, 1), steps)
        assert day is not None and (count(day, -1) or day) < day


def test_out_of_reach() -> None:
    """No calendar reaches that far: nothing, and no error."""
    assert counter()(date(9999, 12, 30), 5) is None
    assert counter()(date(1, 1, 2), -5) is None
    assert counter()(date(2026, 1, 1), 120_000) is None


def test_without_a_calendar_nothing_counts() -> None:
    """A portal that names none has no counting, and one that names one counts by it."""
    office = Calendar.model_validate(HOURS).named("office", "")
    named = PortalSettings.model_validate({"title": "x", "calendar": "office"})
    assert working_days_of(Portal(settings=PortalSettings())) is None
    count = working_days_of(Portal(settings=named, calendars={"office": office}))
    assert count is not None and count(date(2026, 3, 6), 1) == date(2026, 3, 6) + timedelta(days=3)
