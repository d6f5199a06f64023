"""Due times of a million records with five pauses each, against business-duration and businesstimedelta.

python -m bench.deadlines
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from app.rules.almanac import Pauses
from app.rules.bulk_due_times import due_moments
from app.rules.calendar_changes import calendar_changes
from app.rules.calendars import WorkingCalendar, compile_calendar
from app.rules.due_times import Counting
from app.rules.wall_clock import EPOCH, SECOND, micros, moment
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar
from bench.results import table, write_section

RECORDS, PAUSES, PEER_RECORDS, ROUNDS = 1_000_000, 5, 400, 3
ZONE = "Asia/Shanghai"
FIRST = datetime(2024, 1, 2, tzinfo=ZoneInfo(ZONE))
DAYS = 900
LUNCH = ["09:00-12:00", "13:30-18:00"]
Records = tuple[list[int], list[Pauses]]
Row = tuple[str, str, str, str]


def made_records(count: int) -> Records:
    """Starts over two and a half years; each record is paused five times for up to half a day."""
    chance = random.Random(7)
    starts: list[int] = []
    pauses: list[Pauses] = []
    for _ in range(count):
        at = micros(FIRST) + chance.randrange(DAYS * 1440) * 60 * SECOND
        starts.append(at)
        stops = []
        for _ in range(PAUSES):
            begun = at + chance.randrange(10, 360) * 60 * SECOND
            at = begun + chance.randrange(5, 720) * 60 * SECOND
            stops.append((begun, at))
        pauses.append(tuple(stops))
    return starts, pauses


def office(hours: list[str], holidays: str | None, closed: tuple[str, ...] = ()) -> WorkingCalendar:
    spec = Calendar.model_validate({"hours": {"mon-fri": hours}, "holidays": holidays, "closed": closed})
    return compile_calendar(spec, ZONE)


def length(text: str) -> Duration:
    read = parse_duration(text)
    assert isinstance(read, Duration)
    return read


def timed(work: Callable[[], object]) -> float:
    """The least processor time of some rounds, in seconds: what one core needs."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def ours(records: Records) -> list[Row]:
    """All records by each way of counting, with holidays and swapped working days."""
    starts, pauses = records
    rows = []
    for text in ("60 working hours", "48 hours", "0.5 working days", "7 working days", "5 days"):
        counting, duration = Counting(office(LUNCH, "CN"), ZONE), length(text)
        work = timed(lambda counting=counting, duration=duration: due_moments(duration, counting, *records))  # type: ignore[misc]
        rows.append(row(f"Ducha: {text}", len(starts), work, ""))
    moments = [moment(at) for at in starts]
    stops = [tuple((moment(begun), moment(ended)) for begun, ended in one) for one in pauses]
    counting, duration = Counting(office(LUNCH, "CN"), ZONE), length("60 working hours")

    def from_moments() -> list[datetime | None]:
        plain = [micros(at) for at in moments]
        spans = ([(micros(begun), micros(ended)) for begun, ended in one] for one in stops)
        found = due_moments(duration, counting, plain, spans).at
        return [None if at is None else moment(at) for at in found]

    note = "datetimes in and out, not numbers"
    rows.append(row("Ducha: 60 working hours", len(starts), timed(from_moments), note))
    return rows


def row(name: str, count: int, seconds: float, note: str) -> Row:
    return name, f"{count:,}", f"{seconds / count * 1e6:,.2f} µs", note or f"{seconds:.2f} s in all"


def peers(records: Records) -> list[Row]:
    """The same question as far as the peers can answer it: one stretch of hours a day, no swapped days."""
    starts, pauses = records[0][:PEER_RECORDS], records[1][:PEER_RECORDS]
    days_off = sorted(_holidays())
    calendar = office(["09:00-18:00"], None, tuple(day.isoformat() for day in days_off))
    counting, duration = Counting(calendar, ZONE), length("60 working hours")
    whole = due_moments(duration, counting, *records).at
    seconds = timed(lambda: due_moments(duration, counting, *records)) / len(records[0])
    rows = [row("Ducha: 60 working hours, plain calendar", len(records[0]), seconds * len(records[0]), "")]
    for name, peer in (("business-duration", by_duration), ("businesstimedelta", by_timedelta)):
        found: list[int | None] = []
        begun = time.process_time()
        answer = peer(days_off)
        found = [answer(start, stops) for start, stops in zip(starts, pauses, strict=True)]
        took = (time.process_time() - begun) / len(starts)
        alike = sum(got == ours for got, ours in zip(found, whole, strict=False))
        note = f"{took / seconds:,.0f} times ours; {alike} of {len(starts)} alike"
        rows.append(row(name, len(starts), took * len(starts), note))
    return rows


def by_duration(days_off: Sequence[date]) -> Callable[[int, Pauses], int | None]:
    """business-duration only measures; the end is searched day by day with it, then within the last day."""
    from business_duration import businessDuration  # a peer of the bench, not installed with the portal

    opens, closes, holidays = clock(9), clock(18), dict.fromkeys(days_off)

    def worked(start: datetime, end: datetime) -> float:
        minutes = float(businessDuration(start, end, opens, closes, holidaylist=holidays, unit="min"))
        return 0.0 if minutes != minutes else minutes  # it says "not a number" where the end lies before

    def due(start: int, stops: Pauses) -> int | None:
        begun = local(start)
        wanted = 60 * 60 + sum(worked(local(first), local(last)) for first, last in stops)
        day = begun
        while worked(begun, closing(day)) < wanted:
            day += timedelta(days=1)
        late = worked(begun, closing(day)) - wanted
        return shown(closing(day) - timedelta(minutes=late))

    return due


def by_timedelta(days_off: Sequence[date]) -> Callable[[int, Pauses], int | None]:
    """businesstimedelta adds working time to a moment; the working time of the pauses is measured before."""
    import businesstimedelta as peer  # a peer of the bench, not installed with the portal
    import pytz  # comes with it

    hours = peer.WorkDayRule(start_time=clock(9), end_time=clock(18), working_days=[0, 1, 2, 3, 4],
                             tz=pytz.timezone(ZONE))  # fmt: skip
    rules = peer.Rules([hours, peer.HolidayRule(dict.fromkeys(days_off, "off"), tz=pytz.timezone(ZONE))])

    def due(start: int, stops: Pauses) -> int | None:
        paused = sum(
            (delta.hours * 3600 + delta.seconds for delta in
             (rules.difference(moment(first), moment(last)) for first, last in stops)), 0
        )  # fmt: skip
        ended = moment(start) + peer.BusinessTimeDelta(rules, hours=60, seconds=paused)
        return micros(ended.astimezone(UTC))

    return due


def local(at: int) -> datetime:
    return moment(at).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)


def shown(at: datetime) -> int:
    return micros(at.replace(tzinfo=ZoneInfo(ZONE)))


def closing(day: datetime) -> datetime:
    return day.replace(hour=18, minute=0, second=0, microsecond=0)


def _holidays() -> list[date]:
    import holidays

    return [day for day in holidays.country_holidays("CN", years=range(2023, 2028)) if day.weekday() < 5]


def added_holiday(records: Records) -> list[Row]:
    """One more day off in the calendar: which clocks have to be counted anew, and how long that takes."""
    starts, pauses = records
    old, new = office(LUNCH, "CN"), office(LUNCH, "CN", ("2025-03-12",))
    duration = length("60 working hours")
    before = due_moments(duration, Counting(old, ZONE), starts, pauses).at
    ends = [None if at is None else moment(at) for at in before]
    begins = [EPOCH + timedelta(microseconds=start) for start in starts]
    touched: list[int] = []

    def find() -> None:
        changes = calendar_changes(old, new, date(2023, 12, 1), date(2027, 12, 31))
        pairs = enumerate(zip(begins, ends, strict=True))
        touched[:] = [place for place, (start, end) in pairs if changes.touches(start, end)]

    found = timed(find)
    again = lambda: due_moments(  # noqa: E731 - timed below
        duration, Counting(new, ZONE), [starts[one] for one in touched], [pauses[one] for one in touched]
    )
    counted = timed(again)
    after, everything = again().at, due_moments(duration, Counting(new, ZONE), starts, pauses).at
    merged = list(before)
    for place, at in zip(touched, after, strict=True):
        merged[place] = at
    assert merged == everything, "a clock that was not touched has moved"
    moved = sum(one != other for one, other in zip(before, everything, strict=True))
    note = f"{len(touched):,} touched, {moved:,} moved"
    return [
        row("a holiday added: finding the clocks it touches", len(starts), found, note),
        row("counting those anew", len(touched), counted, f"{counted:.2f} s in all"),
    ]


def main() -> None:
    records = made_records(RECORDS)
    rows = [*ours(records), *peers(records), *added_holiday(records)]
    head = ("what", "records", "processor time each", "note")
    speed = statistics.fmean(float(one[2].split()[0]) for one in rows[:1])
    notes = (
        "Five pauses each, a calendar with a lunch break, public holidays and swapped working days of China; "
        f"{speed:.1f} s for a million on one core, goal under 5 s. The peers know one stretch of hours a day "
        "and neither swapped days nor pauses: there the working time of the pauses is measured and added."
    )
    write_section(
        "Due times of 1,000,000 records", "python -m bench.deadlines", table(head, rows) + "\n\n" + notes
    )


if __name__ == "__main__":
    main()
