# ruff: noqa: E501 -- rows of YAML read best on one line
"""Scores by every method: what counts, what does not, grades, vetoes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.rules import Answer, ChecklistResult, CompiledChecklist, read_answers, score

ChecklistOf = Callable[[str], CompiledChecklist]

ITEMS = """
sections:
  - id: first
    weight: 3
    items:
      - {id: a, points: 5}
      - {id: b, points: 15}
  - id: second
    weight: 1
    items:
      - {id: c, points: 20}
      - {id: d, points: 10}
"""


def run(checklist: CompiledChecklist, **answers: object) -> ChecklistResult:
    read, mistakes = read_answers(answers)
    assert not mistakes
    return score(checklist, read)


def shown(result: ChecklistResult) -> tuple[str | None, str]:
    return (None if result.score is None else str(result.score), format(result.base.normalize(), "f"))


@pytest.mark.parametrize(
    ("scoring", "answers", "expected"),
    [
        ("{method: deduct, full: 100}", "pass pass pass pass", ("100.0", "50")),
        ("{method: deduct, full: 100}", "fail pass pass pass", ("95.0", "50")),
        ("{method: deduct, full: 100}", "na fail pass pass", ("85.0", "45")),
        ("{method: deduct}", "fail pass pass na", ("35.0", "40")),
        ("{method: deduct, full: 100, rescale: true}", "fail pass na na", ("75.0", "20")),
        ("{method: deduct, full: 30}", "fail fail fail pass", ("0", "50")),
        ("{method: deduct, full: 30, floor: ~}", "fail fail fail pass", ("-10.0", "50")),
        ("{method: sum}", "pass fail pass pass", ("35.0", "50")),
        ("{method: sum}", "pass fail na pass", ("15.0", "30")),
        ("{method: sum, full: 100, rescale: true}", "pass fail na pass", ("50.0", "30")),
        ("{method: sum, rescale: true}", "pass fail na na", ("12.5", "20")),
        ("{method: pass_rate}", "pass fail pass pass", ("75.0", "4")),
        ("{method: pass_rate}", "pass fail na pass", ("66.7", "3")),
        ("{method: pass_rate, places: 2}", "pass fail na pass", ("66.67", "3")),
        ("{method: pass_rate, full: 10}", "pass fail na na", ("5.0", "2")),
        ("{method: weighted}", "pass fail pass pass", ("43.8", "4")),
        ("{method: weighted}", "na na pass fail", ("66.7", "1")),
        ("{method: weighted, full: 10, places: 4}", "pass fail pass fail", ("3.5417", "4")),
        ("{method: average, full: 100}", "pass fail pass pass", ("62.5", "4")),
    ],
)
def test_methods(checklist_of: ChecklistOf, scoring: str, answers: str, expected: tuple[str, str]) -> None:
    """Each method, with items that do not apply left out of the base."""
    checklist = checklist_of(f"scoring: {scoring}\n{ITEMS}")
    assert shown(run(checklist, **dict(zip("abcd", answers.split(), strict=True)))) == expected


@pytest.mark.parametrize("method", ["deduct", "sum", "pass_rate", "weighted", "average"])
def test_nothing_applies_no_score(checklist_of: ChecklistOf, method: str) -> None:
    """All not applicable: there is no score, no grade and no verdict, rather than full marks."""
    checklist = checklist_of(
        f"scoring: {{method: {method}, full: 100, pass: 60, grades: [{{title: A, from: 60}}, {{title: B}}]}}\n{ITEMS}"
    )
    result = run(checklist, a="na", b="na", c="na", d="na")
    assert (result.score, result.grade, result.passed, result.complete) == (None, None, None, True)


def test_an_average_of_scales(checklist_of: ChecklistOf) -> None:
    """Without a full mark the mean is on the items' own scale; weighted sections are averaged by weight."""
    text = """
        scoring: {method: average, places: 2}
        sections:
          - {id: one, items: [{id: a, answer: score, min: 1, max: 5}, {id: b, answer: score, min: 1, max: 5}]}
          - {id: two, items: [{id: c, answer: score, min: 1, max: 5}]}
    """
    assert shown(run(checklist_of(text), a="5", b="4", c="2")) == ("3.67", "3")
    weighted = text.replace("id: one", "id: one, weight: 3")
    assert shown(run(checklist_of(weighted), a="5", b="4", c="2")) == ("3.88", "4")


@pytest.mark.parametrize(
    ("item", "answer", "points", "state"),
    [
        ("answer: number, limit: 0..8, points: 10", "8", "10", "passed"),
        ("answer: number, limit: 0..8, points: 10", "8.01", "0", "failed"),
        ("answer: number, limit: 20 cm ± 1, points: 10", "19", "10", "passed"),
        ("answer: number, limit: < 0.05 %, points: 10", "0.05", "0", "failed"),
        ("answer: number, points: 10", "3", "10", "recorded"),
        ("answer: count, points: 10", "0", "10", "passed"),
        ("answer: count, points: 10", "1", "0", "failed"),
        ("answer: count, points: 10, per_unit: 3", "2", "4", "failed"),
        ("answer: count, points: 10, per_unit: 3", "9", "0", "failed"),
        ("answer: count, points: 10, per_unit: 3, limit: <= 2", "3", "7", "failed"),
        ("answer: count, points: 10, per_unit: 2, limit: '>= 5'", "4", "8", "failed"),
        ("answer: yes_no, points: 10", "yes", "10", "passed"),
        ("answer: yes_no, points: 10", "no", "0", "failed"),
        ("answer: yes_no, points: 10, expect: no", "no", "10", "passed"),
        ("answer: score, points: 10", "7", "7", "passed"),
        ("answer: score, points: 10, max: 5", "4", "8", "passed"),
        ("answer: score, points: 10, max: 5, limit: '>= 3'", "2", "4", "failed"),
        ("answer: score, points: 10", "0", "0", "failed"),
        ("answer: choice, points: 10, options: {bad: {title: x, fails: true}, good: {title: y}}", "good", "10", "passed"),
        ("answer: choice, points: 10, options: {bad: {title: x, fails: true}, good: {title: y}}", "bad", "0", "failed"),
        ("answer: choice, points: 10, options: {a: {title: x, share: 1}, b: {title: y, share: 0.6}}", "b", "6", "passed"),
        ("answer: choice, points: 10, fails_below: b, options: {a: {title: x, share: 1}, b: {title: y, share: 0.6}, c: {title: z, share: 0.2}}", "c", "2", "failed"),
        ("answer: choice, points: 10, fails_below: fault, options: fault_level", "minor", "0", "failed"),
        ("answer: choice, points: 10, fails_below: fault, options: fault_level", "fault", "10", "passed"),
        ("answer: text, points: 10", "看过", "10", "recorded"),
    ],
)  # fmt: skip
def test_kinds_of_answers(checklist_of: ChecklistOf, item: str, answer: str, points: str, state: str) -> None:
    """What each kind earns and when it fails."""
    checklist = checklist_of(f"scoring: {{method: sum}}\nsections: [{{id: s, items: [{{id: a, {item}}}]}}]")
    result = run(checklist, a=answer)
    assert result.items[0].state == state
    assert result.score == Decimal(points)


def test_photos_are_counted(checklist_of: ChecklistOf) -> None:
    """A photo item is answered once there are as many as it asks for."""
    checklist = checklist_of("sections: [{id: s, items: [{id: a, answer: photo, min: 2}]}]")
    assert [score(checklist, {"a": Answer(photos=count)}).complete for count in (0, 1, 2)] == [
        False,
        False,
        True,
    ]


def test_counts_without_points_cost_what_they_cost(checklist_of: ChecklistOf) -> None:
    """`per_unit` alone deducts without a cap."""
    checklist = checklist_of(
        "scoring: {method: deduct, full: 100}\nsections: [{id: s, items: [{id: a, answer: count, per_unit: 2.5}]}]"
    )
    result = run(checklist, a="7")
    assert (result.score, result.items[0].lost) == (Decimal("82.5"), Decimal("17.5"))


GRADED = """
scoring: {method: deduct, full: 100, pass: 85, places: 1, grades: [{title: 优, from: 95}, {title: 合格, from: 85}, {title: 不合格}]}
sections: [{id: s, items: [{id: a, answer: count, per_unit: 0.01}, {id: veto, critical: true}]}]
"""


@pytest.mark.parametrize(
    ("count", "score_", "grade", "passed"),
    [
        (500, "95.0", "优", True),
        (505, "95.0", "优", True),
        (506, "94.9", "合格", True),
        (1500, "85.0", "合格", True),
        (1505, "85.0", "合格", True),
        (1506, "84.9", "不合格", False),
        (99999, "0", "不合格", False),
    ],
)
def test_bounds_belong_to_the_better_grade(
    checklist_of: ChecklistOf, count: int, score_: str, grade: str, passed: bool
) -> None:
    """The score that is shown (rounded half up) is the one that is judged."""
    result = run(checklist_of(GRADED), a=str(count), veto="pass")
    assert (str(result.score), result.grade, result.passed) == (score_, grade, passed)


def test_a_failed_critical_item_fails_the_list(checklist_of: ChecklistOf) -> None:
    """Whatever the score, the list fails with the lowest grade, and the reason names the item."""
    result = run(checklist_of(GRADED), a="0", veto="fail")
    assert (result.score, result.grade, result.passed) == (Decimal("100.0"), "不合格", False)
    assert result.vetoed_by == ("veto",)
    assert "veto" in result.because[-1].sentence()


def test_a_critical_item_that_does_not_apply_vetoes_nothing(checklist_of: ChecklistOf) -> None:
    """Not applicable is not failed."""
    assert run(checklist_of(GRADED), a="0", veto="na").passed is True


def test_an_incomplete_list_is_not_judged(checklist_of: ChecklistOf) -> None:
    """The running score is shown, grade and verdict wait; a veto does not."""
    checklist = checklist_of(GRADED)
    result = run(checklist, a="0")
    assert (result.complete, result.missing, result.score) == (False, ("veto",), Decimal(100))
    assert (result.grade, result.passed) == (None, None)
    vetoed = run(checklist, veto="fail")
    assert (vetoed.complete, vetoed.passed) == (False, False)


def test_optional_items_may_stay_empty(checklist_of: ChecklistOf) -> None:
    """They neither count nor hold up the list."""
    checklist = checklist_of(
        "scoring: {method: pass_rate}\nsections: [{id: s, items: [{id: a}, {id: b, required: false}]}]"
    )
    result = run(checklist, a="pass")
    assert (result.complete, result.score, result.items[1].state) == (True, Decimal(100), "skipped")


@pytest.mark.parametrize(
    ("item", "answer", "words"),
    [
        ("answer: pass_fail", "maybe", "no answer to item 'a'"),
        ("answer: number", "warm", "wants a number"),
        ("answer: count", "1.5", "whole number"),
        ("answer: count", "-1", "from 0"),
        ("answer: score, points: 5", "6", "from 0 to 5"),
        ("answer: number, min: -30, max: 60", "61", "from -30 to 60"),
        ("answer: choice, options: {good: {title: x}}", "god", "did you mean 'good'"),
        ("not_applicable: false", "na", "always applies"),
    ],
)
def test_answers_that_cannot_be_read(checklist_of: ChecklistOf, item: str, answer: str, words: str) -> None:
    """They are said, count as not answered, and keep the list from being accepted."""
    checklist = checklist_of(f"sections: [{{id: s, items: [{{id: a, {item}}}]}}]")
    result = run(checklist, a=answer)
    assert words in result.mistakes[0].message()
    assert (result.complete, result.acceptable) == (False, False)


def test_an_unknown_item(checklist_of: ChecklistOf) -> None:
    """With the near name."""
    result = run(checklist_of("sections: [{id: s, items: [{id: uniform}]}]"), unifrom="pass", uniform="pass")
    assert [one.message() for one in result.mistakes] == [
        "the checklist has no item 'unifrom' (did you mean 'uniform'?)"
    ]


def test_json_is_as_documented(checklist_of: ChecklistOf) -> None:
    """The keys other programs rely on; every item says why, with file and line."""
    checklist = checklist_of("""
        scoring: {method: deduct, full: 100, pass: 85, grades: [{title: 优, from: 95}, {title: 差}]}
        sections:
          - id: s
            items:
              - {id: a, title: 制服, points: 5, on_fail: {class: breach, level: minor, rectify: 24 hours}}
              - {id: b, points: 7.5}
              - {id: c, points: 5}
    """)
    told = run(checklist, a="fail", b="pass", c="na").told()
    assert {key: told[key] for key in ("checklist", "score", "base", "grade", "passed")} == {
        "checklist": "house.list",
        "score": "95.0",
        "base": "12.5",
        "grade": "优",
        "passed": True,
    }
    items = told["items"]
    assert isinstance(items, list)
    keys = ("id", "answer", "points", "lost", "why")
    assert [{key: item[key] for key in keys} for item in items] == [  # type: ignore[index,call-overload]
        {
            "id": "a",
            "answer": "fail",
            "points": "5",
            "lost": "5",
            "why": "制服: not passed; 5 of 5 points lost",
        },
        {"id": "b", "answer": "pass", "points": "7.5", "lost": "0", "why": "b: passed"},
        {"id": "c", "answer": "na", "points": None, "lost": None, "why": "c: not applicable: left out"},
    ]
    because = items[0]["because"][0]  # type: ignore[index,call-overload]
    assert (because["file"], because["line"]) == ("checklists/house/list.yaml", 6)
    finding = told["findings"][0]  # type: ignore[index]
    documented = ("item", "class", "level", "rectify_by")
    assert {key: finding[key] for key in documented} == {  # type: ignore[index,call-overload]
        "item": "a",
        "class": "breach",
        "level": "minor",
        "rectify_by": None,
    }
