"""The wall clock of a time zone against UTC, in whole microseconds.

A time of the wall clock is the first moment at which the clock shows it or a later time: what summer time
skips falls on the jump, what it repeats is meant the first time. So the days of a zone follow each other
without gap or overlap, and have 23, 24 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND
_ONE = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An aware moment as microseconds since 1970."""
    return (at - EPOCH) // _ONE


def moment(at: int) -> datetime:
    """Microseconds since 1970 as a moment in UTC. Raises OverflowError outside the years 1 to 9999."""
    return EPOCH + at * _ONE


class WallClock:
    """The wall clock of one time zone."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._zone = ZoneInfo(zone)

    def instant(self, day: date, minutes: int = 0) -> int:
        """When the clock first shows `minutes` after 00:00 of `day` or later; 1440 is the end of the day.

        Raises OverflowError beyond the year 9999.
        """
        return self.at(datetime.combine(day, time.min) + timedelta(minutes=minutes))

    def at(self, shown: datetime) -> int:
        """When the clock first shows the naive time `shown` or a later one."""
        found = micros(shown.replace(tzinfo=self._zone))
        if self.local(found).replace(tzinfo=None) == shown:
            return found
        return self._jump(micros(shown.replace(tzinfo=self._zone, fold=1)), found)

    def local(self, at: int) -> datetime:
        """What the clock shows at the moment."""
        return moment(at).astimezone(self._zone)

    def date_of(self, at: int) -> date:
        """The day on which the moment lies."""
        return self.local(at).date()

    def _jump(self, low: int, high: int) -> int:
        """The moment between the two at which the clock is put forward, to the second."""
        after = self.local(high).utcoffset()
        while high - low > SECOND:
            middle = (low + high) // 2 // SECOND * SECOND
            if self.local(middle).utcoffset() == after:
                high = middle
            else:
                low = middle
        return high


@cache
def wall_clock(zone: str) -> WallClock:
    """The clock of a zone, by its IANA name."""
    return WallClock(zone)
