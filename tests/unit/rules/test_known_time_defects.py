# ruff: noqa: E501  (a case reads best with its times on one line)
"""Mistakes that other systems made with deadlines, each as a case that must come out right here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from app.rules.calendars import WorkingCalendar, compile_calendar, next_working_moment
from app.rules.due_times import Counting, Pause, due_time
from app.rules.proofs import proof
from app.rules.said_times import said_moment
from app.rules.served import elapsed_seconds, moment_at_share, served_share
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar

ZONE = "Europe/Paris"
DAYTIME = {"mon-fri": ["08:00-18:00"]}


def made(hours: Mapping[str, list[str]], zone: str = ZONE, **keys: object) -> WorkingCalendar:
    return compile_calendar(Calendar.model_validate({"hours": hours, **keys}), zone)


def length(text: str) -> Duration:
    read = parse_duration(text)
    assert isinstance(read, Duration)
    return read


def at(text: str, zone: str = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(text: str, start: str, calendar: WorkingCalendar | None, *stops: tuple[str, str]) -> str:
    zone = calendar.zone if calendar else ZONE
    pauses = [Pause(at(begun, zone), at(ended, zone)) for begun, ended in stops]
    return shown(due_time(length(text), at(start, zone), Counting(calendar, zone), pauses).at, zone)


def shown(found: datetime | None, zone: str = ZONE) -> str:
    return "" if found is None else said_moment(found, zone, end=True)


def test_frappe_and_chatwoot_lunch_breaks_count() -> None:
    """One stretch of hours a day is not enough: work begun at lunch starts after it, and lunch is left out."""
    calendar = made({"mon-fri": ["08:00-12:00", "13:30-18:00"]})
    assert due("1 working hour", "2026-03-02 12:30", calendar) == "2026-03-02 14:30"
    assert due("5 working hours", "2026-03-02 08:00", calendar) == "2026-03-02 14:30"


def test_frappe_time_on_hold_was_added_to_the_creation_time() -> None:
    """A hold before the first working hour takes nothing away, one within working time exactly its length."""
    calendar = made({"mon-fri": ["10:00-18:00"]})
    weekend = ("2026-03-07 12:00", "2026-03-08 12:00")
    assert due("4 working hours", "2026-03-07 11:00", calendar, weekend) == "2026-03-09 14:00"
    morning = ("2026-03-09 10:00", "2026-03-09 11:30")
    assert due("4 working hours", "2026-03-07 11:00", calendar, weekend, morning) == "2026-03-09 15:30"


def test_frappe_first_response_to_a_ticket_of_a_day_off() -> None:
    """What was raised on Saturday and answered on Monday at 10:20 was answered within 20 minutes."""
    counting = Counting(made({"mon-fri": ["10:00-18:00"]}), ZONE)
    ends = (at("2026-03-07 15:00"), at("2026-03-09 10:20"))
    assert elapsed_seconds(length("1 working hour"), *ends, counting) == 20 * 60


def test_erpnext_time_on_hold_was_counted() -> None:
    """Time served leaves holds out, those that overlap only once."""
    counting = Counting(made(DAYTIME), ZONE)
    stops = [
        Pause(at("2026-03-02 10:00"), at("2026-03-02 12:00")),
        Pause(at("2026-03-02 11:00"), at("2026-03-02 13:00")),
    ]
    ends = (at("2026-03-02 08:00"), at("2026-03-02 18:00"))
    assert elapsed_seconds(length("1 working hour"), *ends, counting, stops) == 7 * 3600


@pytest.mark.parametrize("text", ["1 working hour", "1 working day", "0.5 working days"])
def test_frappe_a_calendar_without_working_time_is_no_endless_loop(text: str) -> None:
    """It has no due time, and says so."""
    found = due_time(length(text), at("2026-03-02 08:00"), Counting(made({"mon": []}), ZONE))
    assert found.at is None
    assert "has not enough working time" in found.because[-1].sentence()


def test_frappe_each_calendar_has_its_own_time_zone() -> None:
    """The same moment, an hour of working time in Paris and in Tokyo."""
    start = datetime(2026, 3, 2, 7, tzinfo=UTC)
    ends = [
        due_time(length("1 working hour"), start, Counting(made(DAYTIME, zone), zone)).at
        for zone in (ZONE, "Asia/Tokyo")
    ]
    assert ends == [datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)]
    evening = datetime(2026, 3, 2, 9, tzinfo=UTC)
    late = due_time(length("1 working hour"), evening, Counting(made(DAYTIME, "Asia/Tokyo"), ZONE)).at
    assert late == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_glpi_a_pause_over_the_weekend_of_working_days() -> None:
    """It was counted around the clock; where nobody works it moves nothing."""
    weekend = ("2026-03-06 18:30", "2026-03-09 07:30")
    assert due("3 working days", "2026-03-05 10:00", made(DAYTIME), weekend) == "2026-03-10 24:00"
    assert due("10 working hours", "2026-03-06 12:00", made(DAYTIME), weekend) == "2026-03-09 12:00"
    two_days = ("2026-03-06 18:30", "2026-03-10 12:00")
    assert due("3 working days", "2026-03-05 10:00", made(DAYTIME), two_days) == "2026-03-12 24:00"


def test_glpi_pending_time_was_lost_when_the_level_changed() -> None:
    """Another target from the same start with the same pauses keeps what was paused."""
    pause = ("2026-03-02 09:00", "2026-03-02 11:00")
    assert due("8 working hours", "2026-03-02 08:00", made(DAYTIME), pause) == "2026-03-02 18:00"
    assert due("2 working hours", "2026-03-02 08:00", made(DAYTIME), pause) == "2026-03-02 12:00"


def test_glpi_violated_while_pending() -> None:
    """No time ends while the clock stands still, however it is counted."""
    pause = ("2026-03-02 11:00", "2026-03-04 09:00")
    assert due("4 hours", "2026-03-02 08:00", None, pause) == "2026-03-04 10:00"
    assert due("same day", "2026-03-02 08:00", None, pause) == "2026-03-04 24:00"
    assert due("same day by 18:00", "2026-03-02 08:00", None, pause) == "2026-03-04 18:00"
    assert due("1 day", "2026-03-01 08:00", None, pause) == "2026-03-04 24:00"
    evening = ("2026-03-02 19:00", "2026-03-04 09:00")
    assert due("1 working day", "2026-03-01 08:00", made(DAYTIME), evening) == "2026-03-04 24:00"


def test_glpi_a_step_before_the_end_fell_on_midnight() -> None:
    """Four hours from Monday 17:00 end on Tuesday 11:00; an hour before is 10:00, and 80 % come on Tuesday."""
    calendar, start = made({"mon-fri": ["08:00-12:00", "12:00-18:00"]}), at("2026-03-02 17:00")
    counting, four = Counting(calendar, ZONE), length("4 working hours")
    end = due_time(four, start, counting).at
    assert end is not None and shown(end) == "2026-03-03 11:00"
    assert shown(due_time(length("1 working hour"), end, counting, before=True).at) == "2026-03-03 10:00"
    assert shown(due_time(length("3 working hours"), end, counting, before=True).at) == "2026-03-03 08:00"
    assert shown(moment_at_share(four, start, Fraction(4, 5), counting, (), end)) == "2026-03-03 10:12"


def test_glpi_the_step_came_at_the_time_of_the_end() -> None:
    """Ten working days before an end of thirty lie ten working days before it."""
    counting, start = Counting(made(DAYTIME), ZONE), at("2026-03-02 09:00")
    end = due_time(length("30 working days"), start, counting).at
    assert end is not None and shown(end) == "2026-04-13 24:00"
    assert (
        shown(moment_at_share(length("30 working days"), start, Fraction(2, 3), counting, (), end))
        == "2026-03-30 15:00"
    )


def test_glpi_a_ticket_created_outside_of_hours_had_no_delay() -> None:
    """From Sunday on, the time served is the working time since Monday."""
    counting = Counting(made(DAYTIME), ZONE)
    ends = (at("2026-03-08 12:00"), at("2026-03-10 09:00"))
    assert elapsed_seconds(length("1 working hour"), *ends, counting) == 11 * 3600


@pytest.mark.parametrize("day", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
def test_osticket_hours_on_a_single_weekday(day: str) -> None:
    """A week that is worked on one day alone, whichever it is."""
    calendar = made({day: ["08:00-17:00"]})
    counting, start = Counting(calendar, ZONE), at("2026-03-01 20:00")
    found = due_time(length("12 working hours"), start, counting).at
    first = next_working_moment(calendar, start)
    assert found is not None and first is not None
    assert (found - first).days == 7 and shown(found).endswith("11:00")


def test_osticket_a_diagnosis_knows_each_stretch_of_a_day() -> None:
    """Two stretches of one day stand in the proof as two."""
    calendar = made({"mon-fri": ["09:00-13:00", "14:00-18:00"]})
    found = proof(
        length("6 working hours"), at("2026-03-02 09:00"), at("2026-03-02 16:00"), Counting(calendar, ZONE)
    )
    assert [(shown(one.start)[11:], shown(one.end)[11:]) for one in found.counted] == [
        ("09:00", "13:00"), ("14:00", "16:00"),
    ]  # fmt: skip


def test_zammad_a_calendar_around_the_clock_was_closed_for_a_minute_at_midnight() -> None:
    """00:00-24:00 every day is all the time there is."""
    assert (
        due("48 working hours", "2026-03-02 12:00", made({"mon-sun": ["00:00-24:00"]})) == "2026-03-04 12:00"
    )


def test_zammad_reminders_at_midnight() -> None:
    """What is to be done in office hours waits for the next opening."""
    calendar = made(DAYTIME)
    found = [
        shown(next_working_moment(calendar, at(text))) for text in ("2026-03-06 23:59", "2026-03-07 12:00")
    ]
    assert found == ["2026-03-09 08:00", "2026-03-09 08:00"]


def test_zammad_surprising_days_off_are_told() -> None:
    """A day that was left out stands in the proof with its name."""
    counting = Counting(made(DAYTIME, holidays="FR"), ZONE)
    start = at("2026-11-10 17:00")
    end = due_time(length("2 working hours"), start, counting).at
    assert end is not None and shown(end) == "2026-11-12 09:00"
    found = proof(length("2 working hours"), start, end, counting)
    assert "holiday: {name}" in [one.why.text for one in found.left_out]


def test_chatwoot_business_hours_were_the_wall_clock() -> None:
    """An hour from Friday 16:30 ends on Monday; an hour of the clock on the same day."""
    calendar = made({"mon-fri": ["09:00-17:00"]})
    assert due("1 working hour", "2026-03-06 16:30", calendar) == "2026-03-09 09:30"
    assert due("1 hour", "2026-03-06 16:30", calendar) == "2026-03-06 17:30"


def test_nobody_counted_worked_weekends() -> None:
    """China, autumn 2025: the worked Sunday before and the worked Saturday after the feast count."""
    china = made({"mon-fri": ["09:00-18:00"]}, "Asia/Shanghai", holidays="CN")
    assert due("3 working days", "2025-09-26 10:00", china) == "2025-09-30 24:00"
    assert due("9 working hours", "2025-10-10 18:00", china) == "2025-10-11 18:00"


def test_the_clock_changes_while_a_deadline_runs() -> None:
    """Paris, both changes of 2026: a working week has its forty hours, a day its 23 or 25."""
    for monday, friday in (
        ("2026-03-27 18:00", "2026-04-03 17:00"),
        ("2026-10-23 18:00", "2026-10-30 17:00"),
    ):
        assert due("40 working hours", monday, made({"mon-fri": ["09:00-17:00"]})) == friday
    counting = Counting(None, ZONE)
    spring = elapsed_seconds(length("1 day"), at("2026-03-29 00:00"), at("2026-03-30 00:00"), counting)
    autumn = elapsed_seconds(length("1 day"), at("2026-10-25 00:00"), at("2026-10-26 00:00"), counting)
    assert (spring, autumn) == (23 * 3600, 25 * 3600)


def test_a_share_does_not_run_at_night() -> None:
    """Half of the time has been served at the end of a working day, and no more by the next morning."""
    counting, start = Counting(made({"mon-fri": ["09:00-17:00"]}), ZONE), at("2026-03-02 09:00")
    sixteen = length("16 working hours")
    end = due_time(sixteen, start, counting).at
    shares = [
        served_share(sixteen, start, at(text), counting, (), end)
        for text in ("2026-03-02 17:00", "2026-03-02 23:00", "2026-03-03 09:00", "2026-03-03 13:00")
    ]
    assert shares == [Fraction(1, 2), Fraction(1, 2), Fraction(1, 2), Fraction(3, 4)]
