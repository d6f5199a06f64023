"""From which score or grade an item passes, in the order in which grades are written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.rules import CompiledChecklist, read_answers, score
from app.rules.checklist_examples import run_checklist
from app.spec.portal import Portal

ChecklistOf = Callable[[str], CompiledChecklist]
GRADES = "{good: {title: 好}, fair: {title: 中}, poor: {title: 差}}"


def states(checklist: CompiledChecklist, answer: str) -> tuple[str, str]:
    """The state of item `a`, and of item `b`, which is asked by its answer."""
    answers, mistakes = read_answers({"a": answer, "b": "pass"})
    assert not mistakes
    first, *rest = score(checklist, answers).items
    return first.state, rest[0].state if rest else ""


@pytest.mark.parametrize(("answer", "state"), [("2.9", "failed"), ("3", "passed"), ("5", "passed")])
def test_a_score_passes_from_its_mark(checklist_of: ChecklistOf, answer: str, state: str) -> None:
    """`fails_below: 3`: three passes, less fails, and the reason says so."""
    checklist = checklist_of(
        "sections: [{id: s, items: [{id: a, answer: score, points: 10, max: 5, fails_below: 3}]}]"
    )
    assert states(checklist, answer)[0] == state
    answers, _ = read_answers({"a": answer})
    assert "required >= 3" in score(checklist, answers).items[0].why.sentence()


@pytest.mark.parametrize(
    ("answer", "state", "asked"),
    [
        ("good", "passed", "passed"),
        ("fair", "passed", "passed"),
        ("poor", "failed", "not_asked"),
    ],
)
def test_grades_of_an_item_are_written_from_the_best(
    checklist_of: ChecklistOf, answer: str, state: str, asked: str
) -> None:
    """Without shares the order tells what is below, and conditions compare by it."""
    checklist = checklist_of(
        "sections: [{id: s, items: ["
        f"{{id: a, answer: choice, fails_below: fair, options: {GRADES}}}, "
        "{id: b, when: answer('a') >= 'fair'}]}]"
    )
    assert states(checklist, answer) == (state, asked)


@pytest.mark.parametrize(("answer", "state"), [("minor", "failed"), ("fault", "passed"), ("major", "passed")])
def test_grades_of_a_choice_list_rise(checklist_of: ChecklistOf, answer: str, state: str) -> None:
    """An ordered list keeps the order that it has everywhere."""
    checklist = checklist_of(
        "sections: [{id: s, items: [{id: a, answer: choice, fails_below: fault, options: fault_level}]}]"
    )
    assert states(checklist, answer)[0] == state


def test_a_grade_has_a_name_besides_its_words(checklist_of: ChecklistOf) -> None:
    """Programs read the name, which stays when the words change; a grade without one tells none."""
    checklist = checklist_of("""
        scoring: {full: 10, grades: [{title: 优, from: 9, name: best}, {title: 差}]}
        sections: [{id: s, items: [{id: a, points: 5}]}]
    """)
    told = [score(checklist, read_answers({"a": word})[0]).told() for word in ("pass", "fail")]
    assert [(one["grade"], one.get("grade_name", "-")) for one in told] == [("优", "best"), ("差", "-")]


@pytest.mark.parametrize(("grade", "failed"), [("优", 0), ("best", 0), ("差", 1), ("worst", 1)])
def test_an_example_expects_a_grade_by_words_or_name(
    portal_of: Callable[..., Portal], grade: str, failed: int
) -> None:
    """Either way it is the same grade."""
    portal = portal_of(
        checklist=f"""
        title: 表
        scoring: {{full: 10, grades: [{{title: 优, from: 9, name: best}}, {{title: 差, name: worst}}]}}
        sections: [{{id: s, items: [{{id: a, title: 甲, points: 5}}]}}]
        examples: [{{given: {{}}, expect: {{grade: {grade}}}}}]
        """
    )
    assert len(run_checklist(portal, portal.checklists["house.list"]).failed) == failed


@pytest.mark.parametrize(
    ("limit", "count", "lost"),
    [
        ("'< 3'", "2", "0"),
        ("'< 3'", "3", "2"),
        ("'< 3'", "4", "4"),
        ("'<= 2'", "4", "4"),
        ("'> 3'", "3", "2"),
        ("'> 3'", "1", "6"),
        ("'>= 2.5'", "2", "2"),
        ("'>= 2.5'", "3", "0"),
        ("'<= 2.5'", "4", "4"),
        ("'< 2.5'", "3", "2"),
        ("2..4", "7", "6"),
        ("2..4", "0", "4"),
        ("'= 2'", "5", "6"),
    ],
)
def test_units_outside_of_a_limit(checklist_of: ChecklistOf, limit: str, count: str, lost: str) -> None:
    """Counts are whole: where fewer than three may be, four are two too many, as with at most two."""
    checklist = checklist_of(
        f"sections: [{{id: s, items: [{{id: a, answer: count, limit: {limit}, per_unit: 2, points: 20}}]}}]"
    )
    answers, _ = read_answers({"a": count})
    assert score(checklist, answers).items[0].lost == Decimal(lost)
