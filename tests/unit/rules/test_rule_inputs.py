"""What the rules are given: facts of every type, loaded look-ups, answers as files hold them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.rules import (
    Answer,
    Case,
    CaseError,
    CompiledChecklist,
    CompiledSchedule,
    PenaltyAssessment,
    Person,
    assess,
    read_answers,
    score,
)

ScheduleOf = Callable[[str], CompiledSchedule]
ChecklistOf = Callable[[str], CompiledChecklist]
TYPED = """
facts:
  whole: {type: integer}
  sum: {type: money}
  day: {type: date}
  moment: {type: datetime}
  words: {type: text}
  switch: {type: boolean}
  who: {type: person}
levels: {one: 10}
exempt:
  - {when: whole == 3, instead: whole}
  - {when: sum == 2.5, instead: sum}
  - {when: day == '2026-03-11', instead: day}
  - {when: moment == '2026-03-10 20:00', instead: moment}
  - {when: words == '看', instead: words}
  - {when: switch == False, instead: switch}
  - {when: who == offender, instead: who}
"""


@pytest.fixture(scope="module")
def typed(schedule_of: ScheduleOf) -> CompiledSchedule:
    return schedule_of(TYPED)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("whole", 3),
        ("whole", " 3 "),
        ("sum", Decimal("2.50")),
        ("sum", "2.5"),
        ("day", date(2026, 3, 11)),
        ("day", "2026-03-11"),
        ("day", datetime(2026, 3, 10, 20, tzinfo=timezone(timedelta(hours=0)))),
        ("moment", "2026-03-10 20:00"),
        ("moment", "2026-03-10T12:00:00+00:00"),
        ("words", "看"),
        ("switch", False),
        ("switch", "No"),
    ],
)
def test_facts_are_read_by_their_type(
    typed: CompiledSchedule, noon: datetime, fact: str, value: object
) -> None:
    """Python values and words mean the same; local times are the portal's."""
    found = assess(typed, Case(noon, "one", {fact: value})).exempt
    assert found is not None and found.instead == fact


@pytest.mark.parametrize(
    ("fact", "value"),
    [("whole", "3.5"), ("sum", "viel"), ("sum", 2.5), ("sum", True), ("day", "11.3."), ("moment", "noon"),
     ("switch", "2")],
)  # fmt: skip
def test_values_of_the_wrong_type(typed: CompiledSchedule, noon: datetime, fact: str, value: object) -> None:
    """Refused, with an example of how to write it; a float is not exact."""
    with pytest.raises(CaseError, match=f"is no value for {fact} .write"):
        assess(typed, Case(noon, "one", {fact: value}))


def test_links_compare_by_identity(typed: CompiledSchedule, noon: datetime) -> None:
    """The witness is the offender when both have one id; nobody is not nobody."""
    offender = {"offender": Person("7", "李")}
    assert assess(typed, Case(noon, "one", {"who": "7"}, offender)).exempt is not None
    assert assess(typed, Case(noon, "one", {"who": "8"}, offender)).exempt is None
    assert assess(typed, Case(noon, "one", {})).exempt is None


def test_an_exempted_assessment_is_stored_and_read(typed: CompiledSchedule, noon: datetime) -> None:
    """A round trip keeps the exemption and its reasons."""
    found = assess(typed, Case(noon, "one", {"whole": 3}))
    assert found.offender is None and len(tuple(found.reasons())) == 1
    assert PenaltyAssessment.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_what_conditions_count_is_loaded_before(schedule_of: ScheduleOf, noon: datetime) -> None:
    """The compiled schedule names the look-up; the case brings its value; unloaded, it decides nothing."""
    schedule = schedule_of("levels: {one: 10}\nexempt: [{when: 'count(finding, urgent) == 0'}]")
    (lookup,) = schedule.lookups
    for count, exempt in ((0, True), (1, False)):
        case = Case(noon, "one", looked_up={lookup.key: count})
        assert (assess(schedule, case).exempt is not None) is exempt
        assert Case.from_json(case.to_json()) == case
    assert assess(schedule, Case(noon, "one")).exempt is None


def test_no_row_says_who_decides(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Then nobody is named, and the reason says so."""
    schedule = schedule_of("levels: {one: 10, two: 20}\ndecided_by: [{when: level == 'two', who: unit.head}]")
    found = assess(schedule, Case(noon, "one"))
    assert found.decided_by == ()
    assert found.because[0].sentence() == "no row says who decides"


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("pass", Answer("pass")),
        ("NA", Answer(not_applicable=True)),
        (None, Answer()),
        ({"value": "fail", "remark": "脏", "photos": "2"}, Answer("fail", remark="脏", photos=2)),
        ({"value": "na", "files": ["a", "b"]}, Answer(not_applicable=True, files=2)),
        ({"not_applicable": "yes", "signatures": "1"}, Answer(not_applicable=True, signatures=1)),
    ],
)
def test_answers_as_written(written: object, answer: Answer) -> None:
    """A word, a figure or a mapping."""
    assert read_answers({"a": written}) == ({"a": answer}, ())


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (["pass"], "cannot be a list"),
        ({"valu": "pass"}, "did you mean 'value'"),
        ({"photos": "-1"}, "a number or a list"),
        ({"photos": "1.5"}, "a number or a list"),
        ({"not_applicable": "often"}, "true or false"),
    ],
)
def test_answers_that_make_no_sense(written: object, words: str) -> None:
    """Each is said, with the item's name."""
    answers, mistakes = read_answers({"a": written})
    assert answers == {} and words in mistakes[0].message()


def test_scores_need_a_highest_value(checklist_of: ChecklistOf) -> None:
    """A score without any is recorded, and counts for nothing."""
    checklist = checklist_of("""
        scoring: {method: sum}
        sections: [{id: s, items: [{id: a, answer: score}, {id: b, points: 1}]}]
    """)
    found = score(checklist, {"a": Answer("7"), "b": Answer("pass")})
    assert (found.score, found.base, found.items[0].lost) == (Decimal(1), Decimal(1), None)


def test_text_and_limits_of_single_values(checklist_of: ChecklistOf) -> None:
    """Exclusive bounds cost one unit at the bound itself; too many photos are refused."""
    checklist = checklist_of("""
        scoring: {method: deduct, full: 10}
        sections:
          - id: s
            items: [{id: a, answer: count, limit: < 3, per_unit: 2}, {id: p, answer: photo, max: 1}]
    """)
    found = score(checklist, {"a": Answer("3"), "p": Answer(photos=1)})
    assert found.score == Decimal(8)
    crowded = score(checklist, {"a": Answer("0"), "p": Answer(photos=2)})
    assert "at most 1 photos" in crowded.mistakes[0].message()


def test_grades_may_leave_a_gap(checklist_of: ChecklistOf) -> None:
    """Below every bound, without an open last grade, there is none."""
    checklist = checklist_of("""
        scoring: {method: pass_rate, grades: [{title: A, from: 50}]}
        sections: [{id: s, items: [{id: a}]}]
    """)
    assert score(checklist, {"a": Answer("fail")}).grade is None
    assert score(checklist, {"a": Answer("pass")}).grade == "A"


def test_a_list_without_a_bound_is_judged_by_its_critical_items(checklist_of: ChecklistOf) -> None:
    """No pass mark: passed when no critical item failed; without any, there is no verdict."""
    critical = checklist_of("sections: [{id: s, items: [{id: a}, {id: b, critical: true}]}]")
    assert score(critical, {"a": Answer("fail"), "b": Answer("pass")}).passed is True
    plain = checklist_of("sections: [{id: s, items: [{id: a}]}]")
    assert score(plain, {"a": Answer("pass")}).passed is None
