# ruff: noqa: E501, DTZ001 -- rows of a table read best on one line; local times stand as they are written
"""`cut_off`: what begins late in the evening counts from the next day on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checks import run_checks
from app.rules.clock_proofs import clock_proof, clock_told
from app.rules.reasons import in_words
from app.source import parse_files
from app.spec.decode import decode
from tests.support.complaints import at, calendars, due, history, judged, level_of

CALENDARS = calendars()


def clock(row: str, start: str, calendar: str | None = None, now: str = "", stop: str = ""):  # type: ignore[no-untyped-def]
    """The clock of a complaint that was received at `start`."""
    named = f"calendar: {calendar}\n" if calendar else ""
    level = level_of(f"from: received_at\nto: resolved_at\n{named}warn: [50 %]\nwithin: [{row}]")
    changes = [(start, {"received_at": start})]
    if stop:
        changes.append((stop, {"resolved_at": stop}))
    return judged(level, history(*changes), now or start)


@pytest.mark.parametrize(
    ("time", "calendar", "start", "wanted"),
    [
        ("same day", None, "2026-03-02 21:59", "2026-03-02 24:00"),
        ("same day", None, "2026-03-02 22:00", "2026-03-02 24:00"),
        ("same day", None, "2026-03-02 22:01", "2026-03-03 24:00"),
        ("same day", None, "2026-03-02 23:30", "2026-03-03 24:00"),
        ("same day", "office", "2026-03-06 23:30", "2026-03-09 24:00"),
        ("same day", "office", "2026-09-30 23:00", "2026-10-08 24:00"),
        ("10 minutes", None, "2026-03-02 23:30", "2026-03-03 00:10"),
        ("2 days", None, "2026-03-02 23:30", "2026-03-05 24:00"),
        ("4 working hours", "office", "2026-03-06 23:30", "2026-03-09 14:30"),
        ("1 working days", "office", "2026-03-06 22:30", "2026-03-10 24:00"),
        ("same day by 18:00", "shop", "2026-03-02 22:30", "2026-03-03 18:00"),
        ("1 month", None, "2026-01-30 23:00", "2026-02-28 24:00"),
    ],
)
def test_what_begins_after_it_counts_from_the_next_day(
    time: str, calendar: str | None, start: str, wanted: str
) -> None:
    """The very minute of the cut-off still belongs to the day; with a calendar the next working day counts."""
    assert due(clock(f'{{time: {time}, cut_off: "22:00"}}', start, calendar)) == wanted


@settings(max_examples=150, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)).map(
        lambda one: one.replace(second=0, microsecond=0)
    ),
    st.sampled_from(["same day", "3 hours", "2 working hours", "2 working days", "1 days", "1 weeks"]),
    st.integers(0, 23),
    st.sampled_from(["office", "shop", None]),
)
def test_it_is_the_time_of_one_that_began_then(
    start: datetime, time: str, hour: int, calendar: str | None
) -> None:
    """An oracle of its own: the start is moved by hand, and the row without cut-off is asked."""
    calendar = calendar or ("office" if "working" in time else None)
    late = (start.hour, start.minute) > (hour, 0)
    moved = start
    if late:
        day = start.date() + timedelta(days=1)
        while calendar is not None and not CALENDARS[calendar].day(day).intervals:
            day += timedelta(days=1)
        moved = datetime.combine(day, datetime.min.time())
    found = clock(f'{{time: {time}, cut_off: "{hour:02}:00"}}', f"{start:%Y-%m-%d %H:%M}", calendar)
    plain = clock(f"{{time: {time}}}", f"{moved:%Y-%m-%d %H:%M}", calendar)
    assert found.due_at == plain.due_at
    assert found.started_at == at(f"{start:%Y-%m-%d %H:%M}")
    counted = [(one.start, one.end) for one in clock_proof(found).counted]
    assert counted == [(one.start, one.end) for one in clock_proof(plain).counted]


def test_the_proof_says_so() -> None:
    """One line of its own, and the start stays what it was."""
    found = clock('{time: same day, cut_off: "22:00"}', "2026-03-06 23:30", "office")
    words = [one.sentence() for one in found.because]
    assert "it began after 22:00: counted from 2026-03-09 00:00" in words
    assert [one.rule for one in found.because if "cut_off" in one.rule] == ["within[0].cut_off"]
    told = clock_told(found)
    assert told["start"] == "2026-03-06T23:30:00+08:00"
    assert told["counted"][0]["from"] == "2026-03-09T00:00:00+08:00"  # type: ignore[index, call-overload]
    assert not any(
        "cut_off" in one.rule
        for one in clock('{time: same day, cut_off: "22:00"}', "2026-03-06 12:00").because
    )


def test_what_is_answered_the_same_night_is_met_and_served_nothing() -> None:
    """Before the time even begins."""
    found = clock(
        '{time: 2 hours, cut_off: "22:00"}',
        "2026-03-02 23:00",
        now="2026-03-03 09:00",
        stop="2026-03-02 23:20",
    )
    assert (found.state, found.served_seconds) == ("met", 0)
    running = clock('{time: 2 hours, cut_off: "22:00"}', "2026-03-02 23:00")
    assert running.left_seconds == 3 * 3600
    assert [one.at for one in running.steps] == [at("2026-03-03 01:00")]


def test_the_proof_fills_the_time_from_the_start() -> None:
    """The rest of the day on which it began is left out, and the proof says why."""
    shown = clock_proof(clock('{time: 2 hours, cut_off: "22:00"}', "2026-03-02 23:00"))
    (left,), (counted,) = shown.left_out, shown.counted
    assert (left.start, left.end) == (at("2026-03-02 23:00"), at("2026-03-03 00:00"))
    assert (counted.start, counted.end) == (at("2026-03-03 00:00"), at("2026-03-03 02:00"))
    assert in_words(left.why) == "it began after 22:00"
    assert clock_proof(clock('{time: 2 hours, cut_off: "22:00"}', "2026-03-02 22:00")).left_out == ()


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ('within: [{time: 1 hour, cut_off: "22:00"}]', []),
        ('within: [{time: 1 hour, cut_off: "24:00"}]', []),
        ('within: [{time: 1 hour, cut_off: "25:00"}]', ["DUR001"]),
        ("within: [{time: 1 hour, cut_off: evening}]", ["DUR001"]),
        ('before: opens_at, within: [{time: 1 hour, cut_off: "22:00"}]', ["SLA005"]),
    ],
)
def test_check_reads_it(body: str, codes: list[str]) -> None:
    """A time of day, of a clock that counts forward."""
    files = {
        "config/portal.yaml": "portal: {title: 试, regimes: [r]}",
        "config/regimes/r/regime.yaml": "regime: {title: 试}",
        "config/regimes/r/all.yaml": """
records:
  note: {title: 件, fields: {a: {type: datetime, title: 时}, b: {type: datetime, title: 时}, opens_at: {type: datetime, title: 时}}}
service_levels:
  answer: {of: note, from: a, to: b, """
        + body
        + "}\n",
    }
    portal, _ = decode(parse_files({path: text.encode() for path, text in files.items()}))
    assert portal is not None
    found = {one.code for one in run_checks(portal) if one.severity == "error"}
    assert found == set(codes)
