"""The stretches of time that duties are counted by: a day, a week, ten days, a month and longer.

A week begins on Monday. Ten days (旬) are the 1st to 10th, the 11th to 20th, and the rest of a month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.spec.recurrence_units import PeriodUnit

_DAY = timedelta(days=1)
_MONTHS: Mapping[PeriodUnit, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` to `end`, both included."""

    unit: PeriodUnit
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def days(self) -> Iterator[date]:
        """Every day of it, in order."""
        day = self.start
        while day <= self.end:
            yield day
            day += _DAY

    @property
    def name(self) -> str:
        """A short name that sorts: `2026-11-21`, `2026-W47`, `2026-11-3` (third ten days), `2026-11`,
        `2026-Q4`, `2026-H2`, `2026`."""
        year, month = self.start.year, self.start.month
        match self.unit:
            case "day":
                return self.start.isoformat()
            case "week":
                iso = self.start.isocalendar()
                return f"{iso.year}-W{iso.week:02d}"
            case "ten_days":
                return f"{year}-{month:02d}-{(self.start.day - 1) // 10 + 1}"
            case "month":
                return f"{year}-{month:02d}"
            case "quarter":
                return f"{year}-Q{(month - 1) // 3 + 1}"
            case "half_year":
                return f"{year}-H{(month - 1) // 6 + 1}"
            case "year":
                return f"{year}"


def period_of(unit: PeriodUnit, day: date) -> Period:
    """The period of that kind that `day` lies in."""
    return period_at(unit, index_of(unit, day))


def index_of(unit: PeriodUnit, day: date) -> int:
    """The number of the period that `day` lies in; the next one has the next number."""
    if unit == "day":
        return day.toordinal()
    if unit == "week":
        return (day.toordinal() - 1) // 7
    month = day.year * 12 + day.month - 1
    if unit == "ten_days":
        return month * 3 + min((day.day - 1) // 10, 2)
    return month // _MONTHS[unit]


def period_at(unit: PeriodUnit, index: int, steps: int = 1) -> Period:
    """The period with that number; with `steps` it reaches to the end of the last of so many."""
    return Period(unit, _start(unit, index), _start(unit, index + steps) - _DAY)


def _start(unit: PeriodUnit, index: int) -> date:
    if unit == "day":
        return date.fromordinal(index)
    if unit == "week":
        return date.fromordinal(index * 7 + 1)
    if unit == "ten_days":
        month, third = divmod(index, 3)
        return _month(month).replace(day=third * 10 + 1)
    return _month(index * _MONTHS[unit])


def _month(number: int) -> date:
    year, month = divmod(number, 12)
    return date(year, month + 1, 1)


def periods_between(unit: PeriodUnit, first: date, last: date) -> Iterator[Period]:
    """Every period that has a day between `first` and `last`, both included."""
    for index in range(index_of(unit, first), index_of(unit, last) + 1):
        yield period_at(unit, index)
