# ruff: noqa: E501 -- rows of cases read best on one line
"""Clocks judged from a record's history: targets, starts, ends, pauses, edits of the past, extensions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.rules.clock_examples import judge_in_words
from app.rules.clock_targets import Extension
from app.rules.clocks import judge_clock
from app.rules.pauses import Pause
from app.rules.service_levels import CompiledLevel, calendar_for
from app.spec.durations import Duration, parse_duration
from tests.support.complaints import at, calendars, due, history, judged, level_of

RESOLUTION = """
from: received_at
to: resolved_at
pause: state == 'waiting'
calendar: office
within:
  - {when: category == 'attitude' and severity == 'serious', time: 2 days}
  - {when: category == 'attitude', time: 0.5 working days}
  - {when: "category in ['flood', 'power_cut']", time: 10 minutes}
  - {when: agreed_date, time: agreed_date, at_most: 7 working days}
  - {time: 8 hours}
warn: [80 %]
escalate:
  - {at: 80 %, notify: [handler]}
  - {at: missed, notify: [handler.superior]}
  - {at: missed + 4 hours, notify: [handler]}
extend_by: [handler]
"""
PLAIN = "from: received_at\nto: resolved_at\nwithin: [{time: 8 hours}]"


@pytest.fixture(scope="module")
def resolution() -> CompiledLevel:
    return level_of(RESOLUTION)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"category": "attitude", "severity": "serious", "received_at": "2026-09-30 16:00"},
            "2026-10-02 24:00",
        ),
        (
            {"category": "attitude", "severity": "ordinary", "received_at": "2026-09-30 16:00"},
            "2026-10-08 10:45",
        ),
        ({"category": "attitude", "received_at": "2026-03-06 09:00"}, "2026-03-06 14:15"),
        ({"category": "flood", "received_at": "2026-10-01 23:55"}, "2026-10-02 00:05"),
        ({"category": "power_cut", "received_at": "2026-03-06 09:00"}, "2026-03-06 09:10"),
        (
            {"category": "other", "agreed_date": "2026-03-05", "received_at": "2026-03-02 10:00"},
            "2026-03-05 24:00",
        ),
        (
            {"category": "other", "agreed_date": "2026-03-20", "received_at": "2026-03-02 10:00"},
            "2026-03-11 24:00",
        ),
        ({"category": "other", "received_at": "2026-03-06 20:00"}, "2026-03-07 04:00"),
        ({"received_at": "2026-03-06 20:00"}, "2026-03-07 04:00"),
    ],
    ids=[
        "serious",
        "half a day over the holidays",
        "half a day",
        "flood",
        "power",
        "agreed",
        "agreed beyond the cap",
        "other",
        "nothing known",
    ],
)
def test_the_first_row_that_applies_is_the_target(
    resolution: CompiledLevel, given: dict[str, str | None], expected: str
) -> None:
    """Every row of the language's own example."""
    assert due(judge_in_words(resolution, given, calendars())) == expected


def test_a_clock_runs_and_is_met_or_missed(resolution: CompiledLevel) -> None:
    """At the due time itself it is in time; one second later it is not."""
    versions = history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"}))
    for now, state in (("2026-03-02 18:00", "running"), ("2026-03-02 18:00:01", "missed")):
        assert judged(resolution, versions, now).state == state
    for resolved, state in (("2026-03-02 18:00", "met"), ("2026-03-02 18:00:01", "missed")):
        done = (
            *versions,
            *history(("2026-03-03 09:00", {"received_at": "2026-03-02 10:00", "resolved_at": resolved})),
        )
        clock = judged(resolution, done, "2026-03-04 09:00")
        assert (clock.state, clock.missed, clock.stopped_at) == (state, state == "missed", at(resolved))


def test_nothing_starts_before_its_start(resolution: CompiledLevel) -> None:
    """An empty start, and one that lies ahead, run no clock."""
    empty = history(("2026-03-02 10:00", {}))
    ahead = history(("2026-03-02 10:00", {"received_at": "2026-03-03 10:00"}))
    for versions in (empty, ahead):
        clock = judged(resolution, versions, "2026-03-02 12:00")
        assert (clock.state, clock.due_at, clock.steps) == ("not_started", None, ())
    assert judged(resolution, ahead, "2026-03-03 10:00").state == "running"


def test_an_edit_of_the_past_counts_from_the_start(resolution: CompiledLevel) -> None:
    """A corrected start and a corrected category move the due time of a clock that has run for hours."""
    first = ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "category": "other"})
    versions = history(first, ("2026-03-02 12:00", {"received_at": "2026-03-02 07:00"}))
    assert due(judged(resolution, versions, "2026-03-02 12:30")) == "2026-03-02 15:00"
    versions = history(first, ("2026-03-02 12:00", {"category": "flood"}))
    clock = judged(resolution, versions, "2026-03-02 12:30")
    assert (due(clock), clock.state, clock.served_seconds) == ("2026-03-02 10:10", "missed", 9000)


def test_another_target_keeps_start_and_pauses(resolution: CompiledLevel) -> None:
    """Served time is not lost when the priority changes: due = start + new target, with the same pause."""
    versions = history(
        ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "category": "other", "state": "taken"}),
        ("2026-03-02 11:00", {"state": "waiting"}),
        ("2026-03-02 14:00", {"state": "taken"}),
    )
    assert due(judged(resolution, versions, "2026-03-02 14:00")) == "2026-03-02 21:00"
    changed = (*versions, *history(("2026-03-02 15:00", {**versions[-1].values, "category": "attitude"})))
    clock = judged(resolution, changed, "2026-03-02 15:00")
    # 3.75 working hours: 10:00-11:00, then from 14:00 on.
    assert (due(clock), clock.working, clock.served_seconds) == ("2026-03-02 16:45", True, 2 * 3600)


def test_a_pause_is_replayed_with_who_and_why() -> None:
    """What stood still is told in the reasons, and a clock that stands still is never missed."""
    level = level_of(PLAIN + "\npause: state == 'waiting'")
    versions = history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"})) + history(
        ("2026-03-02 12:00", {"received_at": "2026-03-02 10:00", "state": "waiting"}),
        by="李",
        why="等客户回电",
    )
    clock = judged(level, versions, "2026-03-09 10:00")
    assert (clock.state, clock.left_seconds, clock.paused_since) == (
        "paused",
        6 * 3600,
        at("2026-03-02 12:00"),
    )
    assert any(
        "stands still since 2026-03-02 12:00: 等客户回电 (李)" in why.sentence() for why in clock.because
    )
    again = versions + history(("2026-03-09 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"}))
    clock = judged(level, again, "2026-03-09 16:00")
    assert (clock.state, due(clock)) == ("running", "2026-03-09 16:00")
    assert any(
        "stood still from 2026-03-02 12:00 to 2026-03-09 10:00" in why.sentence() for why in clock.because
    )


def test_a_pause_after_the_due_time_does_not_heal() -> None:
    """What was missed stays missed, though the record waits now."""
    level = level_of(PLAIN + "\npause: state == 'waiting'")
    versions = history(
        ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"}),
        ("2026-03-02 19:00", {"state": "waiting"}),
    )
    clock = judged(level, versions, "2026-03-03 10:00")
    assert (clock.state, due(clock)) == ("missed", "2026-03-02 18:00")


STATES = "from: {state: taken}\nto: {state: resolved}\nwithin: [{time: 8 hours}]"


def test_a_state_starts_the_clock_the_first_time() -> None:
    """Coming back into it does not start it anew, unless the level says `last: true`."""
    versions = history(
        ("2026-03-02 09:00", {}),
        ("2026-03-02 10:00", {"state": "taken"}),
        ("2026-03-02 11:00", {"state": "waiting"}),
        ("2026-03-02 12:00", {"state": "taken"}),
    )
    assert due(judged(level_of(STATES), versions, "2026-03-02 13:00")) == "2026-03-02 18:00"
    anew = level_of(STATES.replace("{state: taken}", "{state: taken, last: true}"))
    assert due(judged(anew, versions, "2026-03-02 13:00")) == "2026-03-02 20:00"
    assert judged(level_of(STATES), versions[:1], "2026-03-02 09:30").state == "not_started"


def test_a_reopened_record_runs_on() -> None:
    """Closing a resolved case is no reopening; taking it up again is, and the time between stood still."""
    versions = history(
        ("2026-03-02 10:00", {"state": "taken"}),
        ("2026-03-02 12:00", {"state": "resolved"}),
        ("2026-03-02 13:00", {"state": "closed"}),
    )
    clock = judged(level_of(STATES), versions, "2026-03-05 10:00")
    assert (clock.state, clock.stopped_at) == ("met", at("2026-03-02 12:00"))
    reopened = versions + history(("2026-03-04 10:00", {"state": "taken"}))
    clock = judged(level_of(STATES), reopened, "2026-03-04 11:00")
    assert (clock.state, due(clock), clock.left_seconds) == ("running", "2026-03-04 16:00", 5 * 3600)
    done = reopened + history(("2026-03-04 16:00:01", {"state": "resolved"}))
    assert judged(level_of(STATES), done, "2026-03-05 10:00").state == "missed"


def test_a_reopened_record_stood_still_since_the_end_that_was_entered_late() -> None:
    """Done at 12:00, entered and closed at 20:00, after it was due: six hours are left after the reopening."""
    entered = {"received_at": "2026-03-02 10:00", "resolved_at": "2026-03-02 12:00", "state": "closed"}
    versions = history(
        ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"}),
        ("2026-03-02 20:00", entered),
    )
    assert judged(level_of(PLAIN), versions, "2026-03-03 10:00").state == "met"
    reopened = versions + history(("2026-03-04 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"}))
    clock = judged(level_of(PLAIN), reopened, "2026-03-04 11:00")
    assert (clock.state, due(clock), clock.left_seconds) == ("running", "2026-03-04 16:00", 5 * 3600)


def test_without_an_end_a_final_state_stops_it() -> None:
    """Whichever of the final states comes."""
    level = level_of("from: received_at\nwithin: [{time: 8 hours}]")
    versions = history(
        ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"}), ("2026-03-02 11:00", {"state": "rejected"})
    )
    clock = judged(level, versions, "2026-03-09 10:00")
    assert (clock.state, clock.stopped_at) == ("met", at("2026-03-02 11:00"))


def test_a_final_state_ends_a_clock_whose_end_never_came() -> None:
    """In time it is cancelled, later it was missed; nothing of it comes after that."""
    level = level_of(PLAIN + "\nescalate: [{at: missed}, {at: missed + 4 hours}]")
    for ended, state, steps in (("2026-03-02 11:00", "cancelled", 0), ("2026-03-02 19:00", "missed", 1)):
        versions = history(
            ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"}), (ended, {"state": "rejected"})
        )
        clock = judged(level, versions, "2026-03-09 10:00")
        assert (clock.state, clock.open, len(clock.steps)) == (state, False, steps)


def test_a_call_after_the_end_is_not_ended_by_it() -> None:
    """A clock that begins with or after the final state runs on until its own end comes."""
    level = level_of("from: resolved_at\nto: informed_at\nwithin: [{time: 24 hours}]")
    versions = history(
        ("2026-03-02 10:00", {"state": "taken"}),
        ("2026-03-02 12:00", {"state": "closed", "resolved_at": "2026-03-02 11:50"}),
    )
    assert judged(level, versions, "2026-03-03 11:00").state == "running"
    assert judged(level, versions, "2026-03-03 12:00").state == "missed"


def test_a_stage_is_not_finished_until_somebody_was_told() -> None:
    """Of several ends all must have come, and the last one counts."""
    level = level_of("from: received_at\nto: [resolved_at, informed_at]\nwithin: [{time: 24 hours}]")
    values = {"received_at": "2026-03-02 10:00", "resolved_at": "2026-03-02 11:00"}
    clock = judged(level, history(("2026-03-02 11:00", values)), "2026-03-03 11:00")
    assert (clock.state, clock.stopped_at) == ("missed", None)
    told = history(("2026-03-02 11:00", {**values, "informed_at": "2026-03-03 10:00"}))
    clock = judged(level, told, "2026-03-03 11:00")
    assert (clock.state, clock.stopped_at) == ("met", at("2026-03-03 10:00"))


def test_an_end_counts_only_when_it_is_done() -> None:
    """What is entered as the end of a thing half done does not stop the clock."""
    level = level_of(PLAIN + "\ndone: informed_at != None")
    values = {"received_at": "2026-03-02 10:00", "resolved_at": "2026-03-02 11:00"}
    assert judged(level, history(("2026-03-02 11:00", values)), "2026-03-02 12:00").state == "running"
    told = history(("2026-03-02 11:00", {**values, "informed_at": "2026-03-02 11:30"}))
    clock = judged(level, told, "2026-03-02 12:00")
    assert (clock.state, clock.stopped_at) == ("met", at("2026-03-02 11:00"))


def test_a_stage_exists_only_on_its_condition() -> None:
    """The condition is asked of the facts as they are now, and of the state in which the clock ended."""
    level = level_of(PLAIN + "\nwhen: urgent and state == 'taken'")
    values = {"received_at": "2026-03-02 10:00", "state": "taken"}
    assert judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 11:00").state == "cancelled"
    urgent = history(
        ("2026-03-02 10:00", {**values, "urgent": True}),
        ("2026-03-02 12:00", {"resolved_at": "2026-03-02 12:00", "state": "resolved"}),
    )
    assert judged(level, urgent, "2026-03-02 13:00").state == "met"
    corrected = urgent + history(("2026-03-03 12:00", {**urgent[-1].values, "urgent": False}))
    clock = judged(level, corrected, "2026-03-03 13:00")
    assert clock.state == "cancelled" and "紧急" in clock.because[0].sentence()


@pytest.mark.parametrize(
    ("within", "open_state", "ended_state"),
    [
        ("[{time: ~}]", "unset", "recorded"),
        ("[{time: at once}]", "running", "recorded"),
        ("[{time: agreed_date}]", "unset", "recorded"),
        ("[{when: urgent, time: 1 hour}]", "no_target", "no_target"),
    ],
    ids=["unset", "at once", "nothing agreed", "no row"],
)
def test_what_has_no_due_time_is_never_missed(within: str, open_state: str, ended_state: str) -> None:
    """It is listed while it is open and recorded when it has ended; the reasons say why nothing is due."""
    level = level_of(
        f"from: received_at\nto: resolved_at\nwithin: {within}\nwarn: [80 %]\nescalate: [{{at: missed}}]"
    )
    values = {"received_at": "2026-03-02 10:00"}
    clock = judged(level, history(("2026-03-02 10:00", values)), "2027-03-02 10:00")
    assert (clock.state, clock.due_at, clock.missed, clock.steps) == (open_state, None, False, ())
    assert clock.because
    ended = judged(
        level,
        history(("2026-03-02 10:00", {**values, "resolved_at": "2026-03-02 12:00"})),
        "2026-03-03 10:00",
    )
    assert (ended.state, ended.missed) == (ended_state, False)


def test_an_agreed_date_beyond_the_cap_needs_its_reason() -> None:
    """Without one the cap counts; nothing agreed yet is bound by the cap too."""
    row = "{time: agreed_date, at_most: 7 working days, beyond: over_reason != None}"
    level = level_of(f"from: received_at\nto: resolved_at\nwithin: [{row}]")
    values: dict[str, object] = {"received_at": "2026-03-02 10:00"}
    clock = judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 11:00")
    assert due(clock) == "2026-03-11 24:00"
    values["agreed_date"] = date(2026, 3, 20)
    clock = judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 11:00")
    assert due(clock) == "2026-03-11 24:00"
    assert any("no reason for that is given" in why.sentence() for why in clock.because)
    values["over_reason"] = "缺零件"
    clock = judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 11:00")
    assert due(clock) == "2026-03-20 24:00"
    assert any("缺零件" in why.sentence() for why in clock.because)


@pytest.mark.parametrize(
    ("extension", "expected", "words"),
    [
        (
            Extension("经理", at("2026-03-02 12:00"), "缺零件", until=at("2026-03-04 12:00")),
            "2026-03-04 12:00",
            "extended to 2026-03-04 12:00 by 经理: 缺零件",
        ),
        (
            Extension("经理", at("2026-03-02 12:00"), "缺零件", until=at("2026-03-02 12:00")),
            "2026-03-02 18:00",
            "changes nothing",
        ),
        (
            Extension("经理", at("2026-03-03 12:00"), "补批", until=at("2026-03-05 12:00")),
            "2026-03-05 12:00",
            "after the time had passed",
        ),
    ],
    ids=["until", "earlier", "given late"],
)
def test_an_extension_moves_the_due_time(
    resolution: CompiledLevel, extension: Extension, expected: str, words: str
) -> None:
    """It never makes it earlier, and the reasons name who gave it and why."""
    versions = history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"}))
    clock = judged(resolution, versions, "2026-03-02 13:00", (extension,))
    assert due(clock) == expected
    assert any(words in why.sentence() for why in clock.because if why.rule == "extend_by")


def test_more_time_is_counted_by_the_calendar(resolution: CompiledLevel) -> None:
    """Two working days from a due time on Friday end on Tuesday."""
    more = parse_duration("2 working days")
    assert isinstance(more, Duration)
    versions = history(("2026-03-06 10:00", {"received_at": "2026-03-06 10:00"}))
    clock = judged(
        resolution, versions, "2026-03-06 13:00", (Extension("经理", at("2026-03-06 12:00"), "", more=more),)
    )
    assert due(clock) == "2026-03-10 24:00"


def test_a_time_before_an_event_counts_back() -> None:
    """Ready five minutes before opening; pauses do not move the event."""
    level = level_of(
        "from: opens_at\nto: resolved_at\nbefore: opens_at\npause: state == 'waiting'\nwithin: [{time: 5 minutes}]\nwarn: [50 %]\nescalate: [{at: missed - 30 minutes}, {at: missed}]"
    )
    values = {"opens_at": "2026-03-02 11:30", "state": "waiting"}
    clock = judged(level, history(("2026-03-02 08:00", values)), "2026-03-02 09:00")
    assert (clock.state, due(clock)) == ("running", "2026-03-02 11:25")
    assert [(step.key, step.at) for step in clock.steps] == [
        ("escalate[0]", at("2026-03-02 10:55")),
        ("escalate[1]", at("2026-03-02 11:25")),
    ]
    ready = history(("2026-03-02 08:00", {**values, "resolved_at": "2026-03-02 11:25"}))
    assert judged(level, ready, "2026-03-02 11:40").state == "met"
    late = history(("2026-03-02 08:00", {**values, "resolved_at": "2026-03-02 11:26"}))
    assert judged(level, late, "2026-03-02 11:40").state == "missed"


def test_a_level_without_calendar_counts_by_the_portals() -> None:
    """Only where it counts working time; a unit's own calendar comes before it, not before `always`."""
    working, plain = (
        level_of(f"from: received_at\nto: resolved_at\nwithin: [{{time: {time}}}]")
        for time in ("4 working hours", "4 hours")
    )
    assert (working.calendar, plain.calendar) == ("office", None)
    assert calendar_for(working, [None, "shop", "office"]) == "shop"
    assert calendar_for(plain, ["shop"]) is None
    always = level_of(
        "from: received_at\nto: resolved_at\ncalendar: always\nwithin: [{time: 4 working hours}]"
    )
    assert calendar_for(always, ["shop"]) == "always"


def test_a_date_field_starts_with_its_day() -> None:
    """The day itself does not count; what was done on a day is done when the day begins."""
    level = level_of("from: received_on\nto: agreed_date\nwithin: [{time: 2 days}]")
    values = {"received_on": date(2026, 3, 2)}
    assert due(judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 11:00")) == "2026-03-04 24:00"
    done = history(("2026-03-02 10:00", {**values, "agreed_date": date(2026, 3, 4)}))
    assert judged(level, done, "2026-03-06 11:00").state == "met"


def test_a_due_time_of_an_unpublished_year_says_so(resolution: CompiledLevel) -> None:
    """No official list is known so far ahead."""
    given: dict[str, str | None] = {"category": "attitude", "received_at": "2090-03-06 17:00"}
    clock = judge_in_words(resolution, given, calendars())
    assert clock.provisional and any("not published yet" in why.sentence() for why in clock.because)


def test_a_rejected_record_that_is_taken_up_again_runs_on() -> None:
    """The time in which it was thought to be over stood still."""
    versions = history(
        ("2026-03-02 10:00", {"received_at": "2026-03-02 10:00", "state": "taken"}),
        ("2026-03-02 12:00", {"state": "rejected"}),
        ("2026-03-04 12:00", {"state": "taken"}),
    )
    clock = judged(level_of(PLAIN), versions, "2026-03-04 13:00")
    assert (clock.state, due(clock), clock.served_seconds) == ("running", "2026-03-04 18:00", 3 * 3600)


def test_an_event_that_is_not_known_yet_is_waited_for() -> None:
    """Nothing can be counted back from it."""
    level = level_of("from: received_at\nto: resolved_at\nbefore: opens_at\nwithin: [{time: 1 day}]")
    clock = judged(
        level, history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"})), "2026-03-02 11:00"
    )
    assert clock.state == "not_started"
    assert clock.because[0].rule == "before" and "开餐时间" in clock.because[0].sentence()


def test_reasons_name_what_links_lead_to() -> None:
    """By their label where it was loaded, by whatever identifies them otherwise."""
    level = level_of(PLAIN.replace("{time: 8 hours}", "{when: handler != None, time: 1 hour}"))
    for handler, said in (({"id": 7, "label": "李"}, "李"), ({"id": 7}, "7"), ({}, "not known")):
        values = {"received_at": "2026-03-02 10:00", "handler": handler}
        clock = judged(level, history(("2026-03-02 10:00", values)), "2026-03-02 10:30")
        assert f"处理人 = {said}" in clock.because[0].sentence()


def test_nothing_due_is_not_extended() -> None:
    """An extension of a time that was never set leaves it unset."""
    level = level_of("from: received_at\nto: resolved_at\nwithin: [{time: ~}]\nextend_by: [handler]")
    given = Extension("经理", at("2026-03-02 12:00"), "", until=at("2026-03-05 12:00"))
    clock = judged(
        level,
        history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"})),
        "2026-03-03 10:00",
        (given,),
    )
    assert (clock.state, clock.due_at) == ("unset", None)


def test_pauses_from_elsewhere_count_too(resolution: CompiledLevel) -> None:
    """An appeal that stops a clock is no condition of the record."""
    versions = history(("2026-03-02 10:00", {"received_at": "2026-03-02 10:00"}))
    appeal = Pause(at("2026-03-02 11:00"), None, "李", "申诉")
    clock = judge_clock(resolution, versions, at("2026-03-03 11:00"), None, (), (appeal,))
    assert (clock.state, clock.left_seconds) == ("paused", 7 * 3600)
    over = judge_clock(
        resolution, versions, at("2026-03-03 12:00"), None, (), (replace(appeal, end=at("2026-03-03 11:00")),)
    )
    assert due(over) == "2026-03-03 18:00"
