"""Calendars, durations and moments for tests of times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from app.rules.calendars import WorkingCalendar, compile_calendar
from app.rules.due_times import Counting, Due, Pause, due_time
from app.rules.reasons import Reason, Saying
from app.rules.said_times import said_moment
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar

SHANGHAI = "Asia/Shanghai"
LUNCH = ["09:00-12:00", "13:30-18:00"]
OFFICE: Mapping[str, object] = {"hours": {"mon-fri": LUNCH}, "holidays": "CN"}


def made(zone: str = SHANGHAI, **keys: object) -> WorkingCalendar:
    return compile_calendar(Calendar.model_validate({**OFFICE, **keys}), zone)


def plain(hours: Mapping[str, list[str]], zone: str = SHANGHAI, **keys: object) -> WorkingCalendar:
    return compile_calendar(Calendar.model_validate({"hours": hours, **keys}), zone)


def length(text: str | None) -> Duration:
    read = parse_duration(text)
    assert isinstance(read, Duration)
    return read


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def shown(found: datetime | None, zone: str = SHANGHAI) -> str:
    return "" if found is None else said_moment(found, zone, end=True)


def due(
    text: str | None,
    start: str,
    calendar: WorkingCalendar | None = None,
    *stops: tuple[str, str | None],
    **how: object,
) -> Due:
    counting = Counting(calendar, SHANGHAI, bool(how.get("close")), bool(how.get("roll")))
    pauses = [Pause(at(begun), at(ended) if ended else None) for begun, ended in stops]
    fields = {"agreed": how.get("agreed")}
    return due_time(length(text), at(start), counting, pauses, fields, bool(how.get("before")))


def said(found: Due) -> list[str]:
    return [one.sentence() for one in found.because]


def words(why: object) -> str:
    return Reason("", "", 0, why.text, why.params).sentence() if isinstance(why, Saying) else ""
