"""What is left of a clock, in words and as a tone for its colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from app.rules.calendars import WorkingCalendar
from app.rules.clocks import Clock, ClockState, counts_working
from app.rules.due_times import Counting
from app.rules.reasons import Saying, Word, in_words
from app.rules.said_times import said_duration
from app.rules.served import elapsed_seconds
from app.source import N_, Phrase, Translate, untranslated
from app.spec.durations import Duration, Unit

ClockTone = Literal["ok", "warning", "danger", "neutral"]
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SHORT_HOURS = 10
"""Below so many hours the minutes matter too."""
_LAST_PART = 5
"""Without a warning of its own a clock is shown as pressing in the last fifth of its time."""
_FIXED: Mapping[ClockState, tuple[str, ClockTone]] = MappingProxyType(
    {
        "not_started": (N_("not started"), "neutral"),
        "met": (N_("done in time"), "ok"),
        "unset": (N_("no time is set"), "neutral"),
        "recorded": (N_("done; no time was set"), "neutral"),
        "no_target": (N_("no time applies"), "neutral"),
        "cancelled": (N_("no longer applies"), "neutral"),
    }
)


@dataclass(frozen=True, slots=True)
class Left:
    """The words, as a template for any language, and their tone."""

    words: Word
    tone: ClockTone

    def said(self, translate: Translate = untranslated) -> str:
        """The words in the reader's language."""
        return in_words(self.words, translate)


def left_words(clock: Clock) -> Left:
    """What is left of a clock at the moment for which it was judged."""
    calendar = clock.counting.calendar if clock.counting is not None else None
    end = clock.paused_since if clock.state == "paused" else None
    due = clock.due_at
    if end is not None and due is not None:
        # It is due that much later than now, however long it stands still.
        return _paused(clock.time, due, clock.at, calendar, clock.level.zone)
    return left_of(
        clock.state, due, clock.at, clock.time, calendar, clock.level.zone, clock.stopped_at, _warned(clock)
    )


def left_of(
    state: ClockState,
    due: datetime | None,
    now: datetime,
    time: Duration | None,
    calendar: WorkingCalendar | None,
    zone: str,
    stopped_at: datetime | None = None,
    warned: bool = False,
) -> Left:
    """The same from what is stored of a clock, without replaying it. A stored `due` of a clock that stands
    still is the one that it would have if it went on `now`."""
    if state in _FIXED:
        text, tone = _FIXED[state]
        return Left(Phrase(text), tone)
    if due is None or time is None:
        return Left(Phrase(N_("to be done at once")), "warning")
    if stopped_at is not None:
        return Left(
            _sentence(N_("done {time} late"), _passed(time, due, stopped_at, calendar, zone)), "danger"
        )
    if now > due:
        return Left(_sentence(N_("missed by {time}"), _passed(time, due, now, calendar, zone)), "danger")
    if state == "paused":
        return _paused(time, due, now, calendar, zone)
    words = _sentence(N_("{time} left"), _ahead(time, due, now, calendar, zone))
    return Left(words, "warning" if warned else "ok")


def _paused(
    time: Duration | None, due: datetime, now: datetime, calendar: WorkingCalendar | None, zone: str
) -> Left:
    left = _ahead(time or Duration("unset"), due, now, calendar, zone)
    return Left(_sentence(N_("stands still, {time} left"), left), "neutral")


def length_words(seconds: int, working: bool = False) -> Saying:
    """A length of time, rounded down to the minute: `3 hours 20 minutes`, `36 hours`, `5 days`.

    Working time is never said in days, for a working day has no fixed length.
    """
    if seconds < _HOUR:
        return _count(seconds // _MINUTE, "minute", working)
    if seconds >= 2 * _DAY and not working:
        return _count(seconds // _DAY, "day", working)
    hours, minutes = divmod(seconds // _MINUTE, 60)
    told = _count(hours, "hour", working)
    if minutes == 0 or hours >= _SHORT_HOURS:
        return told
    return Saying(N_("{hours} {minutes}"), {"hours": told, "minutes": _count(minutes, "minute", False)})


def _count(number: int, unit: Unit, working: bool) -> Saying:
    return said_duration(Duration("length", amount=Decimal(number), unit=unit, working=working))


def _sentence(text: str, time: Word) -> Saying:
    return Saying(text, {"time": time})


def _ahead(time: Duration, due: datetime, now: datetime, calendar: WorkingCalendar | None, zone: str) -> Word:
    """The time up to `due`: in days where the target is counted in days, otherwise by the hour."""
    working = counts_working(time)
    if not _in_days(time):
        return length_words(elapsed_seconds(time, now, due, Counting(calendar, zone)), working)
    here = ZoneInfo(zone)
    today = now.astimezone(here).date()
    last = (due.astimezone(here) - timedelta(microseconds=1)).date()
    days = _days(today, last, calendar if working else None)
    if days == 0:
        return length_words(int((due - now).total_seconds()))
    return _count(days, "day", working)


def _in_days(time: Duration) -> bool:
    return time.kind in ("same_day", "next_working_day", "month_day", "field") or not time.elapsed


def _days(today: date, last: date, calendar: WorkingCalendar | None) -> int:
    """Days after today up to the last one; of a calendar, those on which there is work."""
    ahead = (last - today).days
    if calendar is None or ahead <= 0:
        return max(ahead, 0)
    return sum(bool(calendar.day(today + timedelta(days=day)).intervals) for day in range(1, ahead + 1))


def _passed(
    time: Duration, due: datetime, end: datetime, calendar: WorkingCalendar | None, zone: str
) -> Word:
    """The time since `due`; in working time where the target is, unless none has gone by yet."""
    if counts_working(time) and not _in_days(time):
        seconds = elapsed_seconds(time, due, end, Counting(calendar, zone))
        if seconds >= 60:
            return length_words(seconds, working=True)
    return length_words(int((end - due).total_seconds()))


def _warned(clock: Clock) -> bool:
    """Whether a warning has come; without any of its own, whether the last part of the time has begun."""
    early = [step for step in clock.steps if step.text.strip()[:6] != "missed"]
    if early:
        return any(step.reached is not None and step.reached <= clock.at for step in early)
    left = clock.left_seconds or 0
    return left * _LAST_PART < clock.served_seconds + left
