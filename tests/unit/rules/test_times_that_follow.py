"""Time that begins where other time ended, and calendars whose days are not the portal's."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.rules.calendars import WorkingCalendar, compile_calendar
from app.rules.clock_history import Version
from app.rules.clock_targets import Extension
from app.rules.clocks import Clock, judge_clock
from app.rules.due_times import Counting, due_after
from app.rules.said_times import said_moment
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar
from tests.support.complaints import ZONE, at, due, history, judged, level_of

NEW_YORK = "America/New_York"
START = ("2026-03-05 09:00", {"received_at": "2026-03-05 09:00"})
PLAIN = "from: received_at\nto: resolved_at\ncalendar: office"
BACK = "from: received_at\nto: resolved_at\nbefore: agreed_date"
WEEK = f"{PLAIN}\nwithin: [{{time: 1 week}}]\nextend_by: [handler]"


def length(text: str) -> Duration:
    found = parse_duration(text)
    assert isinstance(found, Duration)
    return found


def calendar(zone: str = ZONE, **keys: object) -> WorkingCalendar:
    return compile_calendar(Calendar.model_validate(keys), zone)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("2 days", "2026-03-14 24:00"),
        ("1 week", "2026-03-19 24:00"),
        ("1 month", "2026-04-12 24:00"),
        ("2 working days", "2026-03-16 24:00"),
        ("4 hours", "2026-03-13 04:00"),
        ("4 working hours", "2026-03-13 14:30"),
    ],
)
def test_more_time_follows_the_day_that_ended(more: str, expected: str) -> None:
    """A week from Thursday the 5th ends with the 12th; two days more end with the 14th, not with the 15th."""
    given = Extension("经理", at("2026-03-06 09:00"), "缺零件", more=length(more))
    level = level_of(WEEK)
    assert due(judged(level, history(START), "2026-03-06 10:00")) == "2026-03-12 24:00"
    clock = judged(level, history(START), "2026-03-06 10:00", (given,))
    assert due(clock) == expected
    words = [why.sentence() for one in clock.because for why in one.children if one.rule == "extend_by"]
    assert any("2026-03-12 24:00" in text or "2026-03-13 00:00" in text for text in words)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("missed - 1 day", "2026-03-11 24:00"),
        ("missed - 1 working day", "2026-03-11 24:00"),
        ("missed - 4 hours", "2026-03-12 20:00"),
        ("missed + 1 day", "2026-03-13 24:00"),
        ("missed + 1 working day", "2026-03-13 24:00"),
        ("missed + 2 working days", "2026-03-16 24:00"),
    ],
)
def test_steps_are_counted_from_the_day_that_ends_the_time(moment: str, expected: str) -> None:
    """The last day ends with the 12th: a day before is the end of the 11th, a day after that of the 13th."""
    level = level_of(f"{WEEK}\nescalate: [{{at: {moment}}}]")
    (step,) = judged(level, history(START), "2026-03-05 10:00").steps
    assert step.at is not None and said_moment(step.at, ZONE, end=True) == expected


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("1 working day", "2026-03-06 06:00", "2026-03-07 06:00"),
        ("2 working days", "2026-03-06 06:00", "2026-03-08 06:00"),
        ("1 working day", "2026-03-05 23:00", "2026-03-07 06:00"),
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_began(text: str, end: str, expected: str) -> None:
    """What ended with the night of the 5th, at six in the morning, goes on with the night of the 6th."""
    nights = calendar(hours={"mon-sun": ["22:00-30:00"]})
    found = due_after(length(text), at(end), Counting(nights, ZONE, close_of_business=True)).at
    assert found is not None and said_moment(found, ZONE, end=True) == expected


def clock_of(body: str, values: dict[str, object], zone: str = NEW_YORK) -> Clock:
    """A clock of a portal in Shanghai, counted by an office elsewhere."""
    office = calendar(zone, hours={"mon-fri": ["09:00-17:00"]})
    version = Version(at("2026-06-01 12:00"), values={"state": "taken", **values})
    return judge_clock(level_of(body), (version,), at("2026-06-20 12:00"), office)


def there(found: datetime | None, zone: str = NEW_YORK) -> str:
    return said_moment(found, zone, end=True) if found is not None else "-"


def test_a_date_is_a_day_of_the_calendar_that_counts() -> None:
    """Received on Tuesday in New York: the third working day there is Friday."""
    body = "from: received_on\nto: resolved_at\ncalendar: office\nwithin: [{time: 3 working days}]"
    clock = clock_of(body, {"received_on": date(2026, 6, 2)})
    assert there(clock.due_at) == "2026-06-05 24:00"
    assert any(NEW_YORK in why.sentence() for why in clock.because)


def test_an_event_on_a_date_is_counted_back_from_that_day_there() -> None:
    """Three days before the 11th is the end of the 8th, by the clock of the office that counts."""
    body = f"{BACK}\ncalendar: office\nroll: true\nwithin: [{{time: 3 days}}]"
    clock = clock_of(body, {"received_at": at("2026-06-01 12:00"), "agreed_date": date(2026, 6, 11)})
    assert there(clock.due_at) == "2026-06-08 24:00"


@pytest.mark.parametrize(("day", "state"), [(5, "met"), (6, "missed")])
def test_what_is_done_on_a_date_is_done_on_that_day_there(day: int, state: str) -> None:
    """Due with Friday the 5th of New York, which is Saturday noon in Shanghai: done on Saturday is late."""
    body = "from: received_at\nto: received_on\ncalendar: office\nwithin: [{time: 3 working days}]"
    started = datetime(2026, 6, 2, 10, tzinfo=ZoneInfo(NEW_YORK))
    assert clock_of(body, {"received_at": started, "received_on": date(2026, 6, day)}).state == state


@pytest.mark.parametrize(
    ("hour", "minute", "expected"), [(15, 59, "2026-06-03 24:00"), (16, 1, "2026-06-04 24:00")]
)
def test_a_cut_off_is_a_time_of_the_clock_that_counts(hour: int, minute: int, expected: str) -> None:
    """Four in the afternoon in New York, whatever the hour in Shanghai."""
    body = f"{PLAIN}\nwithin: [{{time: 1 working day, cut_off: '16:00'}}]"
    started = datetime(2026, 6, 2, hour, minute, tzinfo=ZoneInfo(NEW_YORK))
    assert there(clock_of(body, {"received_at": started}).due_at) == expected


@pytest.mark.parametrize(("day", "state"), [(11, "met"), (12, "met"), (13, "missed")])
def test_what_is_done_on_the_day_after_the_last_one_is_late(day: int, state: str) -> None:
    """A date has no hour, but the day after the last one is not the end of that one; a time of 24:00 is."""
    level = level_of("from: received_at\nto: received_on\nwithin: [{time: 1 week}]")
    clock = judged(
        level, history((START[0], {**START[1], "received_on": date(2026, 3, day)})), "2026-03-20 09:00"
    )
    assert (due(clock), clock.state) == ("2026-03-12 24:00", state)
    moment = {**START[1], "resolved_at": "2026-03-13 00:00"}
    assert judged(level_of(WEEK), history((START[0], moment)), "2026-03-20 09:00").state == "met"
