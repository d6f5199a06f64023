# ruff: noqa: E501 -- rows of YAML read best on one line
"""Examples beside service levels: run, compared at the right line, and the targets that none reaches."""

from __future__ import annotations

import pytest

from app.rules import run_examples
from app.rules.clock_examples import judge_in_words
from app.rules.mistakes import CaseError
from app.spec.portal import Portal
from tests.support.complaints import LEVEL_FILE, calendars, due, level_of, portal_of

LEVEL = """
answer:
  of: complaint
  from: received_at
  to: resolved_at
  pause: state == 'waiting'
  calendar: office
  within: [{when: category == 'flood', time: 10 minutes}, {time: 4 working hours}]
  examples:
"""
SOUND = """
    - {given: {category: flood, received_at: "2026-03-06 10:00"}, expect: {due: "2026-03-06 10:10", state: running, target: 10 minutes}}
    - {given: {received_at: "2026-03-06 15:00", now: "2026-03-09 11:00"}, expect: {due: "2026-03-09 10:00", state: missed, missed: "true"}}
    - {given: {received_at: ~}, expect: {due: ~, state: not_started}}
"""


def test_sound_examples_pass_and_reach_every_target() -> None:
    """Three examples, nothing failed, nothing unreached."""
    report = run_examples(portal_of(LEVEL + SOUND))
    assert (report.passed, report.failed, report.unreached) == (3, (), ())


@pytest.mark.parametrize(
    ("example", "expected", "got"),
    [
        (
            '{given: {received_at: "2026-03-06 10:00"}, expect: {due: "2026-03-06 15:00"}}',
            "2026-03-06 15:00",
            "2026-03-06 15:30",
        ),
        ('{given: {received_at: "2026-03-06 10:00"}, expect: {due: ~}}', "~", "2026-03-06 15:30"),
        ('{given: {}, expect: {due: "2026-03-06 24:00"}}', "2026-03-06 24:00", "~ (not_started)"),
        ('{given: {received_at: "2026-03-06 10:00"}, expect: {state: met}}', "met", "running"),
        (
            '{given: {received_at: "tomorrow"}, expect: {due: ~}}',
            "due ~",
            "'tomorrow' is no value for received_at (write it like 2026-01-31, or 2026-01-31 18:00 with a time)",
        ),
    ],
    ids=["another time", "no time", "not started", "state", "unreadable"],
)
def test_a_failed_example_is_told_at_its_line(example: str, expected: str, got: str) -> None:
    """What was expected, what came out, and where it is written."""
    failed = run_examples(portal_of(f"{LEVEL}    - {example}")).failed
    assert [(one.expected, one.got) for one in failed] == [(expected, got)]
    place = failed[0].span
    assert (place.file, place.line) == (LEVEL_FILE, LEVEL.count("\n") + 1)


def test_a_target_without_example_is_named() -> None:
    """EXM003 stands at the row."""
    example = (
        '    - {given: {category: flood, received_at: "2026-03-06 10:00"}, expect: {due: "2026-03-06 10:10"}}'
    )
    unreached = run_examples(portal_of(LEVEL + example)).unreached
    assert [(one.code, one.params["rule"]) for one in unreached] == [("EXM003", "within[1]")]


def test_states_pauses_and_extensions_in_words() -> None:
    """A history told in one line gives the same clock as the record's own."""
    level = level_of(
        "from: {state: taken}\nto: {state: resolved}\npause: state == 'waiting'\ncalendar: office\nwithin: [{time: 4 working hours}]\nextend_by: [handler]"
    )
    office = calendars()
    told = {"states": "taken 2026-03-06 10:00; waiting 2026-03-06 11:00; taken 2026-03-06 14:00"}
    assert due(judge_in_words(level, told, office)) == "2026-03-06 17:00"
    assert due(judge_in_words(level, {"from": "2026-03-06 10:00"}, office)) == "2026-03-06 15:30"
    ended = judge_in_words(level, {"from": "2026-03-06 10:00", "to": "2026-03-06 15:31"}, office)
    assert (ended.state, ended.missed) == ("missed", True)
    paused = {
        "from": "2026-03-06 10:00",
        "pauses": "2026-03-06 10:30..2026-03-06 11:00; 2026-03-06 13:30..2026-03-06 14:00",
    }
    assert due(judge_in_words(level, paused, office)) == "2026-03-06 16:30"
    extended = {"from": "2026-03-06 10:00", "extended": "2 working hours"}
    assert due(judge_in_words(level, extended, office)) == "2026-03-06 17:30"
    assert (
        due(judge_in_words(level, {**extended, "extended": "2026-03-07 24:00"}, office)) == "2026-03-07 24:00"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"recieved_at": "2026-03-06 10:00"},
            "'house.complaint' has no field 'recieved_at' (did you mean 'received_at'?)",
        ),
        ({"states": "taken"}, "'taken' is no state with a time"),
        ({"states": "lost 2026-03-06 10:00"}, "'lost 2026-03-06 10:00' is no state with a time"),
        ({"from": "2026-03-06 10:00"}, "'from' is for a clock that starts or stops at a state"),
        ({"pauses": "2026-03-06 10:00..noon"}, "'noon' is no time for pauses"),
        ({"now": "later"}, "'later' is no time for now"),
        ({"category": "fire"}, "'fire' is not an option of category"),
    ],
    ids=["field", "state", "unknown state", "not a state clock", "pause", "now", "option"],
)
def test_words_that_mean_nothing_are_refused(given: dict[str, str | None], said: str) -> None:
    """Each with what was meant, where that can be guessed."""
    level = level_of("from: received_at\nto: resolved_at\nwithin: [{time: 4 hours}]")
    with pytest.raises(CaseError) as refused:
        judge_in_words(level, given, {})
    assert said in str(refused.value)


def test_the_shipped_service_levels_have_sound_examples(repository: Portal) -> None:
    """Every service level of the repository has examples that reach all its targets."""
    report = run_examples(repository)
    assert not report.failed and not [one for one in report.unreached if "within" in str(one.params["rule"])]
    assert [one.full_name for one in repository.service_levels.values() if not one.examples] == []
