"""Stretches of days by their names: `2026-10`, `2026-W47`, `2026-Q4`, `2026-H2`, `2026`, `2026-10-01`, or two
of them with `..` between."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app.source import N_
from app.spec.small import Problem

_NAMED = re.compile(
    r"(?P<year>\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])"
    r"|(?P<month>\d{2})(?:-(?:(?P<day>\d{2})|(?P<third>[1-3])))?))?"
)
_DAY = timedelta(days=1)
_FIRST, _LAST = 1900, 2200


def read_period_name(text: str) -> tuple[date, date] | Problem:
    """The first and the last day, both included. `2026-11-3` is the third ten days (旬) of November."""
    begin, dots, end = (part.strip() for part in text.strip().partition(".."))
    hint = N_("write it like 2026-10, 2026-Q4, 2026-W47, 2026 or 2026-10-01..2026-10-15")
    first, last = _days(begin), _days(end or begin)
    if first is None or last is None or (dots and not end):
        return Problem(N_("'{written}' is not a period"), {"written": text}, hint)
    if last[1] < first[0]:
        return Problem(N_("the period '{written}' ends before it begins"), {"written": text}, hint)
    return first[0], last[1]


def _days(name: str) -> tuple[date, date] | None:
    found = _NAMED.fullmatch(name)
    if found is None or not _FIRST <= int(found["year"]) <= _LAST:
        return None
    try:
        return _of(int(found["year"]), {key: int(part) for key, part in found.groupdict().items() if part})
    except ValueError:
        return None


def _of(year: int, parts: dict[str, int]) -> tuple[date, date]:
    """Raises ValueError for a month, week or day that the calendar does not have."""
    if "week" in parts:
        monday = date.fromisocalendar(year, parts["week"], 1)
        return monday, monday + 6 * _DAY
    if "day" in parts:
        day = date(year, parts["month"], parts["day"])
        return day, day
    if "third" in parts:
        first = date(year, parts["month"], parts["third"] * 10 - 9)
        return first, first + 9 * _DAY if parts["third"] < 3 else _after(first, 1) - _DAY
    if "month" in parts:
        return _months(date(year, parts["month"], 1), 1)
    if "quarter" in parts:
        return _months(date(year, parts["quarter"] * 3 - 2, 1), 3)
    if "half" in parts:
        return _months(date(year, parts["half"] * 6 - 5, 1), 6)
    return _months(date(year, 1, 1), 12)


def _months(first: date, count: int) -> tuple[date, date]:
    return first, _after(first, count) - _DAY


def _after(day: date, months: int) -> date:
    """The first day of the month that lies so many months on."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
