"""Laws of due times, and that one due time and a million are counted alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.rules.bulk_due_times import due_moments
from app.rules.calendar_changes import calendar_changes
from app.rules.calendars import WorkingCalendar, compile_calendar
from app.rules.due_times import Counting, Pause, due_time
from app.rules.pauses import closed_pauses
from app.rules.proofs import proof
from app.rules.served import elapsed_seconds, moment_at_share, served_share
from app.rules.wall_clock import micros, moment
from app.spec.durations import Duration, parse_duration
from app.spec.portal_settings import Calendar

FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def made(zone: str, **keys: object) -> WorkingCalendar:
    return compile_calendar(Calendar.model_validate(keys), zone)


CALENDARS = (
    made("Asia/Shanghai", hours={"mon-sat": ["09:00-12:00", "13:30-18:00"]}, half_day="12:30"),
    made("Asia/Shanghai", hours={"mon-sat": ["09:00-12:00", "13:30-18:00"]}, half_day="3 hours"),
    made("Asia/Shanghai", hours={"mon-fri": ["09:00-12:00", "13:30-18:00"]}, holidays="CN"),
    made("America/New_York", hours={"mon-fri": ["09:00-17:00"]}, holidays="US"),
    made(
        "Europe/London",
        hours={"mon-thu": ["22:00-30:00"], "sat": ["01:00-02:30"]},
        closed=["2025-03-10..2025-03-20"],
    ),
    made("Australia/Lord_Howe", hours={"mon-sun": ["00:00-24:00"]}),
    made("Asia/Shanghai", hours={"sat": ["10:00-11:00"]}, open={"2025-04-02": ["08:00-20:00"]}),
)  # fmt: skip


def length(text: str) -> Duration:
    read = parse_duration(text)
    assert isinstance(read, Duration)
    return read


minutes = st.integers(0, 900 * 24 * 60)
moments = minutes.map(lambda minute: FIRST + timedelta(minutes=minute))
calendars = st.sampled_from(CALENDARS)
in_time = st.builds(
    lambda amount, unit, working: length(f"{amount} {'working ' if working else ''}{unit}"),
    st.integers(0, 2000),
    st.sampled_from(["minutes", "hours"]),
    st.booleans(),
).filter(lambda one: one.amount <= 60 or one.unit == "minute")
in_days = st.builds(
    lambda amount, unit: length(f"{amount} {unit}"),
    st.integers(0, 40),
    st.sampled_from(["days", "working days", "weeks", "months"]),
)
others = st.sampled_from(
    [
        length(text)
        for text in ("same day", "same day by 12:00", "next working day by 09:00", "day 31 of month")
    ]
)
parts = st.sampled_from([length(f"{amount} working days") for amount in ("0.5", "0.25", "1.5")])
durations = in_time | in_days | others


@st.composite
def countings(draw: st.DrawFn) -> Counting:
    calendar = draw(calendars)
    return Counting(calendar, calendar.zone, draw(st.booleans()), draw(st.booleans()))


@st.composite
def stopped(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start and pauses around it, that may overlap and lie before it."""
    start = draw(moments)
    spans = draw(st.lists(st.tuples(st.integers(-3000, 20_000), st.integers(0, 5000)), max_size=5))
    return start, [
        Pause(start + timedelta(minutes=begun), start + timedelta(minutes=begun + long))
        for begun, long in spans
    ]


@settings(deadline=None)
@given(countings(), durations, moments, st.integers(0, 50_000))
def test_the_due_time_grows_with_the_start(
    counting: Counting, duration: Duration, start: datetime, more: int
) -> None:
    """Who begins later is not due earlier."""
    later = start + timedelta(minutes=more)
    first, second = (due_time(duration, one, counting).at for one in (start, later))
    assert first is not None and second is not None and first <= second


@settings(deadline=None)
@given(countings(), in_time | in_days, stopped(), st.integers(1, 30))
def test_the_due_time_grows_with_the_duration(
    counting: Counting, duration: Duration, begun: tuple[datetime, list[Pause]], more: int
) -> None:
    """More time is not over earlier, whatever the pauses."""
    start, pauses = begun
    word = "working " if duration.working else ""
    longer = length(f"{duration.amount + more} {word}{duration.unit}")
    first, second = (due_time(one, start, counting, pauses).at for one in (duration, longer))
    assert first is not None and second is not None and first <= second


@settings(deadline=None)
@given(countings(), in_time, stopped())
def test_what_is_served_by_the_due_time_is_the_duration(
    counting: Counting, duration: Duration, begun: tuple[datetime, list[Pause]]
) -> None:
    """elapsed(start, due(start, d)) = d, and a moment earlier it is less."""
    start, pauses = begun
    due = due_time(duration, start, counting, pauses).at
    seconds = int(duration.amount * {"minute": 60, "hour": 3600}[duration.unit])
    assert due is not None
    assert elapsed_seconds(duration, start, due, counting, pauses) == seconds
    if seconds:
        assert elapsed_seconds(duration, start, due - timedelta(seconds=1), counting, pauses) == seconds - 1


@settings(deadline=None)
@given(countings(), in_time, moments, st.integers(0, 3000), st.integers(1, 6000))
def test_a_pause_of_so_much_counted_time_moves_the_due_time_by_as_much(
    counting: Counting, duration: Duration, start: datetime, begun: int, long: int
) -> None:
    """A pause of p counted seconds before the end gives p counted seconds more, and none after it."""
    pause = Pause(start + timedelta(minutes=begun), start + timedelta(minutes=begun + long))
    assert pause.end is not None
    without, moved = due_time(duration, start, counting).at, due_time(duration, start, counting, [pause]).at
    assert without is not None and moved is not None
    taken = elapsed_seconds(duration, pause.start, pause.end, counting)
    if pause.start >= without:
        assert moved == without
    else:
        assert elapsed_seconds(duration, without, moved, counting) == taken


@settings(deadline=None)
@given(calendars, st.integers(1, 30), moments, st.integers(0, 20), st.integers(1, 10), st.integers(1, 1439))
def test_a_pause_over_so_many_midnights_moves_an_end_in_days_by_as_many(
    calendar: WorkingCalendar, days: int, start: datetime, later: int, nights: int, clock: int
) -> None:
    """Days in whose beginning the clock stands still do not count; a pause within a day takes none away."""
    counting = Counting(None, calendar.zone)
    book = counting.book
    first = book.clock.date_of(micros(start)) + timedelta(days=later)
    assume(later < days)
    begun, ended = (moment(book.clock.instant(day, clock)) for day in (first, first + timedelta(days=nights)))
    assume(begun >= start)
    duration = length(f"{days} days")
    without, moved = (
        due_time(duration, start, counting).at,
        due_time(duration, start, counting, [Pause(begun, ended)]).at,
    )
    assert without is not None and moved is not None
    gone = book.clock.date_of(micros(moved)) - book.clock.date_of(micros(without))
    assert gone.days == nights
    within = Pause(begun, moment(book.clock.instant(first, 1440)) - timedelta(minutes=1))
    assert due_time(duration, start, counting, [within]).at == without


@settings(deadline=None)
@given(countings(), durations, stopped())
def test_nothing_ends_while_the_clock_stands_still(
    counting: Counting, duration: Duration, begun: tuple[datetime, list[Pause]]
) -> None:
    """The moment before the due time lies in no pause, and pauses never bring it forward."""
    start, pauses = begun
    due = due_time(duration, start, counting, pauses).at
    without = due_time(duration, start, counting).at
    assert due is not None and without is not None and due >= without
    if due > start:
        assert not any(one.start < due <= (one.end or due) for one in pauses)


@settings(deadline=None)
@given(countings(), durations, stopped())
def test_the_proof_fills_the_time_and_adds_up(
    counting: Counting, duration: Duration, begun: tuple[datetime, list[Pause]]
) -> None:
    """Counted and left out together are the time from start to end, without gap or overlap."""
    start, pauses = begun
    due = due_time(duration, start, counting, pauses).at
    assert due is not None
    found = proof(duration, start, due, counting, pauses)
    pieces = sorted((one.start, one.end) for one in (*found.counted, *found.left_out))
    first, last = sorted((start, due))
    edges = [first, *(end for _, end in pieces)]
    assert [begin for begin, _ in pieces] == edges[:-1] and edges[-1] == last
    if duration.kind == "length" and duration.elapsed:
        seconds = sum(one.seconds for one in found.counted)
        assert seconds == elapsed_seconds(duration, start, due, counting, pauses)
    if (
        duration.kind == "length"
        and duration.unit == "day"
        and not (counting.roll or pauses or counting.close_of_business)
    ):
        whole = len(days_of(counting, [(one.start, one.end) for one in found.counted]))
        assert whole == duration.amount or duration.amount == 0


def days_of(counting: Counting, spans: list[tuple[datetime, datetime]]) -> set[date]:
    clock = counting.book.clock
    return {
        clock.date_of(at) for start, end in spans for at in range(micros(start), micros(end), 3_600_000_000)
    }


@settings(deadline=None)
@given(countings(), durations, stopped(), st.integers(1, 99))
def test_shares_and_moments_are_inverse(
    counting: Counting, duration: Duration, begun: tuple[datetime, list[Pause]], percent: int
) -> None:
    """At the moment of a share that share has been served, and the moment lies between start and end."""
    start, pauses = begun
    due = due_time(duration, start, counting, pauses).at
    at = moment_at_share(duration, start, Fraction(percent, 100), counting, pauses, due)
    assert due is not None and at is not None
    if due > start and at != due:
        assert start <= at <= due
        served = served_share(duration, start, at, counting, pauses, due)
        assert served is not None and abs(served - Fraction(percent, 100)) < Fraction(1, 1_000_000)


@settings(deadline=None)
@given(countings(), durations | parts, st.lists(stopped(), min_size=1, max_size=8), st.booleans())
def test_a_million_are_counted_like_one(
    counting: Counting, duration: Duration, records: list[tuple[datetime, list[Pause]]], before: bool
) -> None:
    """The bulk way gives the same due times and says the same of unpublished years."""
    pauses = [
        sorted((micros(one.start), micros(one.end)) for one in stops if one.end) for _, stops in records
    ]
    bulk = due_moments(duration, counting, [micros(start) for start, _ in records], pauses, before)
    one_by_one = [due_time(duration, start, counting, stops, before=before) for start, stops in records]
    assert [None if at is None else moment(at) for at in bulk.at] == [one.at for one in one_by_one]
    assert bulk.provisional == {place for place, one in enumerate(one_by_one) if one.provisional}


OFFICE: dict[str, object] = {
    "hours": {"mon-fri": ["09:00-12:00", "13:30-18:00"], "sat": ["22:00-27:00"]},
    "holidays": "CN",
}
USUAL = made("Asia/Shanghai", **OFFICE)


@settings(deadline=None, max_examples=50)
@given(
    durations | st.just(length("0.5 working days")),
    stopped(),
    st.lists(st.integers(0, 900), max_size=3),
    st.lists(st.integers(0, 900), max_size=2),
    st.booleans(),
)
def test_a_clock_that_no_changed_day_touches_keeps_its_due_time(
    duration: Duration, begun: tuple[datetime, list[Pause]], closed: list[int], opened: list[int], roll: bool
) -> None:
    """Only clocks between whose start and end a changed day lies need to be counted anew."""
    start, pauses = begun
    day = FIRST.date()
    new = made(
        "Asia/Shanghai",
        **OFFICE,
        closed=[(day + timedelta(days=one)).isoformat() for one in closed],
        open={(day + timedelta(days=one)).isoformat(): ["10:00-11:00"] for one in opened},
    )
    changes = calendar_changes(USUAL, new, day - timedelta(days=30), day + timedelta(days=3000))
    ends = [due_time(duration, start, Counting(one, one.zone, roll=roll), pauses) for one in (USUAL, new)]
    if not changes.touches(start, ends[0].at):
        assert (ends[0].at, ends[0].provisional) == (ends[1].at, ends[1].provisional)


def test_changes_name_the_days() -> None:
    """A closed Wednesday and an opened Sunday; a Sunday that is closed anyway is no change."""
    old = made("Asia/Shanghai", **OFFICE)
    new = made("Asia/Shanghai", **OFFICE, closed=["2026-03-11", "2026-03-15"], open=["2026-03-08"])
    changes = calendar_changes(old, new, date(2026, 3, 1), date(2026, 3, 31))
    assert changes.days == (date(2026, 3, 8), date(2026, 3, 11))
    start = datetime(2026, 3, 9, 2, tzinfo=UTC)
    ends = [datetime(2026, 3, 10, 16, tzinfo=UTC), datetime(2026, 3, 10, 17, tzinfo=UTC), None]
    assert [changes.touches(start, end) for end in ends] == [False, True, True]
    assert not calendar_changes(old, old, date(2026, 3, 1), date(2026, 3, 31))
    zone = made("Asia/Tokyo", **OFFICE)
    assert calendar_changes(old, zone, date(2026, 3, 1), date(2026, 3, 2)).touches(start, start)


def test_merged_pauses() -> None:
    """Overlapping and touching pauses are one; empty and backward ones none."""
    stops = [(5, 9), (1, 3), (3, 4), (6, 7), (9, 9), (12, 11)]
    pauses = [Pause(moment(begun), moment(ended)) for begun, ended in stops]
    assert closed_pauses(pauses) == [(1, 4), (5, 9)]
    assert closed_pauses([*pauses, Pause(moment(8), None)], moment(20)) == [(1, 4), (5, 20)]
