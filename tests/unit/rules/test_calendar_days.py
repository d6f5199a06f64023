# ruff: noqa: E501  (a table of cases reads best with one case on a line)
"""Calendars by example: days and lists of China, zones, nights, years not published."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.rules import calendars
from app.rules.calendars import compile_calendar, compile_calendars, next_working_moment
from app.rules.due_times import Counting, due_time
from app.rules.holiday_lists import HolidayYear, holiday_year
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar, PortalSettings
from tests.unit.rules.times import LUNCH, OFFICE, SHANGHAI, at, due, length, made, plain, said, shown, words


@pytest.mark.parametrize(
    ("day", "hours", "why"),
    [
        ("2024-02-04", LUNCH, "swapped working day for 2024-02-15"),
        ("2024-02-10", [], "holiday: Chinese New Year (Spring Festival)"),
        ("2024-02-18", LUNCH, "swapped working day for 2024-02-16"),
        ("2024-04-07", LUNCH, "swapped working day for 2024-04-05"),
        ("2024-05-11", LUNCH, "swapped working day for 2024-05-03"),
        ("2024-09-14", LUNCH, "swapped working day for 2024-09-16"),
        ("2024-10-07", [], "day off in exchange for 2024-10-12"),
        ("2025-01-26", LUNCH, "swapped working day for 2025-02-03"),
        ("2025-01-28", [], "holiday: Chinese New Year's Eve"),
        ("2025-02-08", LUNCH, "swapped working day for 2025-02-04"),
        ("2025-04-27", LUNCH, "swapped working day for 2025-05-05"),
        ("2025-09-28", LUNCH, "swapped working day for 2025-10-07"),
        ("2025-10-06", [], "holiday: Mid-Autumn Festival"),
        ("2025-10-08", [], "day off in exchange for 2025-10-11"),
        ("2025-10-09", LUNCH, ""),
        ("2025-10-11", LUNCH, "swapped working day for 2025-10-08"),
        ("2025-10-12", [], "weekend"),
        ("2026-01-02", [], "day off in exchange for 2026-01-04"),
        ("2026-01-04", LUNCH, "swapped working day for 2026-01-02"),
        ("2026-02-14", LUNCH, "swapped working day for 2026-02-20"),
        ("2026-02-15", [], "weekend"),
        ("2026-02-16", [], "holiday: Chinese New Year's Eve"),
        ("2026-02-23", [], "day off in exchange for 2026-02-28"),
        ("2026-02-24", LUNCH, ""),
        ("2026-02-28", LUNCH, "swapped working day for 2026-02-23"),
        ("2026-05-09", LUNCH, "swapped working day for 2026-05-05"),
        ("2026-09-20", LUNCH, "swapped working day for 2026-10-06"),
        ("2026-09-25", [], "holiday: Mid-Autumn Festival"),
        ("2026-10-01", [], "holiday: National Day"),
        ("2026-10-07", [], "day off in exchange for 2026-10-10"),
        ("2026-10-10", LUNCH, "swapped working day for 2026-10-07"),
    ],
)  # fmt: skip
def test_days_of_china(day: str, hours: list[str], why: str) -> None:
    """The published lists of 2024 to 2026: holidays, days off in exchange, worked weekend days."""
    plan = made().day(date.fromisoformat(day))
    spans = [
        f"{one.start.astimezone(ZoneInfo(SHANGHAI)):%H:%M}-{one.end.astimezone(ZoneInfo(SHANGHAI)):%H:%M}"
        for one in plan.intervals
    ]
    assert (spans, words(plan.why), plan.provisional) == (hours, why, False)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2025-01-24 10:00", "2025-02-07 24:00"),
        ("2025-09-26 10:00", "2025-10-10 24:00"),
        ("2025-09-30 17:00", "2025-10-14 24:00"),
        ("2026-02-13 10:00", "2026-02-27 24:00"),
        ("2026-09-18 10:00", "2026-09-24 24:00"),
        ("2026-09-30 17:00", "2026-10-13 24:00"),
    ],
)
def test_five_working_days_around_the_feasts(start: str, expected: str) -> None:
    """Worked weekend days count, days off in exchange do not."""
    assert shown(due("5 working days", start, made()).at) == expected


def test_a_swapped_day_has_the_hours_of_the_weekday_it_makes_up_for() -> None:
    """10 October 2026 makes up for Wednesday the 7th; a weekday without hours has nothing to make up for."""
    week = {"mon-tue": ["09:00-12:00"], "wed": ["08:00-09:00"], "thu-fri": ["09:00-12:00"]}
    saturday = plain(week, holidays="CN").day(date(2026, 10, 10))
    assert [one.end - one.start for one in saturday.intervals] == [
        at("2026-10-10 09:00") - at("2026-10-10 08:00")
    ]
    closed = plain({"mon-tue": ["09:00-12:00"]}, holidays="CN").day(date(2026, 10, 10))
    assert closed.intervals == ()
    own = plain({"mon": ["09:00-12:00"], "sat": ["14:00-15:00"]}, holidays="CN").day(date(2026, 10, 10))
    assert [shown(one.start) for one in own.intervals] == ["2026-10-10 14:00"]


def test_open_comes_before_closed_before_swapped_before_holiday_before_week() -> None:
    """The order of precedence of the organisation's own days and the lists."""
    calendar = made(
        open={"2026-10-01": ["10:00-11:00"], "2026-10-10": ["10:00-12:00"], "2026-02-15": []},
        closed=["2026-10-01", "2026-09-20", "2026-03-04..2026-03-06"],
    )
    found = {
        day: (len(calendar.day(date.fromisoformat(day)).intervals), words(calendar.day(date.fromisoformat(day)).why))
        for day in ("2026-10-01", "2026-10-10", "2026-02-15", "2026-09-20", "2026-03-05", "2026-03-07", "2026-03-09")
    }  # fmt: skip
    assert found == {
        "2026-10-01": (1, "opened by the organisation"),
        "2026-10-10": (1, "opened by the organisation"),
        "2026-02-15": (2, "opened by the organisation"),
        "2026-09-20": (0, "closed by the organisation"),
        "2026-03-05": (0, "closed by the organisation"),
        "2026-03-07": (0, "weekend"),
        "2026-03-09": (2, ""),
    }


def test_a_year_without_a_published_list_is_provisional() -> None:
    """A due time that rests on it says so; one that counts no working time does not."""
    calendar = made()
    assert [calendar.provisional(year) for year in (2025, 2026, 2035)] == [False, False, True]
    resting, free = (
        due("3 working days", "2034-12-29 10:00", calendar),
        due("3 days", "2034-12-29 10:00", calendar),
    )
    assert (resting.provisional, free.provisional) == (True, False)
    assert (
        said(resting)[-1] == "the public holidays of 2034; 2035 are not published yet, so it may still move"
    )
    assert due("3 days", "2034-12-29 10:00", calendar, roll=True).provisional
    assert not due("3 working days", "2034-12-29 10:00", plain({"mon-fri": LUNCH})).provisional
    own = made(closed=["2035-01-01"], open=["2035-01-06"])
    days = (date(2035, 1, 1), date(2035, 1, 6), date(2035, 1, 8))
    assert [own.day(day).provisional for day in days] == [False, False, True]


def test_a_calendar_that_ends_is_no_endless_search() -> None:
    """What the calendar cannot reach has no due time and says why."""
    ending = due("5 working days", "2026-12-28 10:00", made(until="2026-12-31"))
    assert ending.at is None
    assert said(ending)[-1] == "the calendar '' ends on 2026-12-31, before the time is over"
    assert shown(due("3 working days", "2026-12-28 10:00", made(until="2026-12-31")).at) == "2026-12-31 24:00"
    assert due("5 days", "2026-12-28 10:00", made(until="2026-12-31"), roll=True).at is None
    assert shown(due("5 days", "2026-12-28 10:00", made(until="2026-12-31")).at) == "2027-01-02 24:00"
    once = plain({}, open={"2026-03-07": ["09:00-12:00"]})
    assert shown(due("2 working hours", "2026-03-01 10:00", once).at) == "2026-03-07 11:00"
    assert due("4 working hours", "2026-03-01 10:00", once).at is None
    never = plain({"mon": ["09:00-12:00"]}, closed=["1990-01-01..2990-01-01"])
    assert (
        "not enough working time in the 100 years"
        in said(due("1 working day", "2026-03-01 10:00", never))[-1]
    )
    for far in ("100000 years", "9000 weeks"):
        assert said(due(far, "2026-03-01 10:00", made()))[-1] == "no calendar reaches that far"


def test_half_a_day_can_be_said_otherwise() -> None:
    """By the time that divides the day, or by a length."""
    noon, four = made(half_day="12:30"), made(half_day="4 hours")
    assert shown(due("0.5 working days", "2026-03-06 10:00", noon).at) == "2026-03-06 14:30"
    assert shown(due("0.5 working days", "2026-03-06 14:00", noon).at) == "2026-03-09 09:30"
    assert shown(due("0.5 working days", "2026-03-06 09:00", four).at) == "2026-03-06 14:30"
    assert shown(due("1.5 working days", "2026-03-06 09:00", four).at) == "2026-03-09 14:30"


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    """22:00-30:00 on Friday runs into Saturday morning, which is no working day of its own."""
    nights = plain({"mon-fri": ["22:00-30:00"]})
    assert shown(due("9 working hours", "2026-03-06 12:00", nights).at) == "2026-03-09 23:00"
    assert shown(due("1 working day", "2026-03-05 12:00", nights, close=True).at) == "2026-03-07 06:00"
    assert shown(due("1 working day", "2026-03-06 23:00", nights).at) == "2026-03-09 24:00"
    assert shown(due("0.5 working days", "2026-03-07 05:00", nights).at) == "2026-03-10 01:00"


def test_the_next_working_moment() -> None:
    """The moment itself in working time, else the next opening; None when the calendar has ended."""
    calendar = made(until="2026-12-31")
    found = [
        next_working_moment(calendar, at(text))
        for text in ("2026-03-06 10:00", "2026-03-06 12:00", "2026-03-06 18:00", "2026-12-31 18:00")
    ]
    assert [shown(one) for one in found] == ["2026-03-06 10:00", "2026-03-06 13:30", "2026-03-09 09:00", ""]


def test_summer_time_is_neither_lost_nor_gained() -> None:
    """New York, spring and autumn of 2026: hours are real hours, days have 23 and 25 of them."""
    zone = "America/New_York"
    counting = Counting(plain({"mon-sun": ["01:00-04:00"]}, zone), zone)
    spring, autumn = at("2026-03-08 01:00", zone), at("2026-11-01 01:00", zone)
    two = length("2 working hours")
    assert shown(due_time(two, spring, counting).at, zone) == "2026-03-08 04:00"
    assert shown(due_time(length("4 working hours"), autumn, counting).at, zone) == "2026-11-01 04:00"
    gap = Counting(plain({"mon-sun": ["02:30-05:00"]}, zone), zone)
    assert (
        shown(due_time(length("1 working hour"), at("2026-03-08 00:00", zone), gap).at, zone)
        == "2026-03-08 04:00"
    )
    day = due_time(length("1 day"), at("2026-03-07 12:00", zone), Counting(None, zone)).at
    assert day == datetime(2026, 3, 9, 4, tzinfo=UTC)


def test_the_calendar_has_its_own_time_zone() -> None:
    """Days and hours of the calendar's zone, whatever the portal's."""
    calendar = compile_calendar(
        Calendar.model_validate({"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "Europe/London"}),
        SHANGHAI,
    )
    found = due_time(length("1 working hour"), at("2026-07-01 12:00"), Counting(calendar, SHANGHAI)).at
    assert found == datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_a_worked_weekend_day_that_makes_up_for_nothing_known_has_the_hours_of_monday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the list does not say which day was exchanged."""
    saturday = date(2026, 3, 7)
    listed = HolidayYear({}, {}, {saturday: None}, provisional=False)
    monkeypatch.setattr(calendars, "holiday_year", lambda _code, _year: listed)
    plan = plain({"mon": ["08:00-10:00"], "tue-fri": LUNCH}, holidays="CN").day(saturday)
    assert [shown(one.start) for one in plan.intervals] == ["2026-03-07 08:00"]
    assert words(plan.why) == "swapped working day"


def test_calendars_of_a_portal_are_compiled_by_name() -> None:
    """Each by its full name, in the portal's zone where it names none, with its label."""
    office = Calendar.model_validate({**OFFICE, "title": "办公时间", "timezone": "Asia/Tokyo"})
    always = Calendar.model_validate({"always": True})
    portal = Portal(PortalSettings.model_validate({}), calendars={"office": office, "always": always})
    found = compile_calendars(portal)
    assert {name: (one.zone, one.title, one.always) for name, one in found.items()} == {
        "office": ("Asia/Tokyo", "办公时间", False),
        "always": (SHANGHAI, "", True),
    }
    assert found["always"].day(date(2026, 10, 1)).why is None


@pytest.mark.parametrize(
    ("country", "year", "provisional"),
    [
        ("CN", 2026, False),
        ("CN", 2040, True),
        ("US", 2040, False),
        ("US-CA", 2026, False),
        ("UA", 2026, False),
        ("TR", 2040, True),
        ("CN", 1900, True),
    ],
)
def test_which_years_are_published(country: str, year: int, provisional: bool) -> None:
    """A yearly list that is not out, estimated dates, and years that nobody knows; not a practice given up."""
    assert holiday_year(country, year).provisional is provisional
