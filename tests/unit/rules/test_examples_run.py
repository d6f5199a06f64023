# ruff: noqa: E501 -- rows of YAML read best on one line
"""Examples beside schedules and checklists: run, compared, and what they do not reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.rules import run_examples
from app.spec.portal import Portal

PortalOf = Callable[..., Portal]
SCHEDULE = """
penalty_schedules:
  tariff:
    facts: {found_by: {type: choice, options: found_by}, harmless: {type: boolean}}
    levels: {minor: 20, serious: 200, major: {amount: ~, sanctions: review}}
    sanctions: {review: 评议, training: 培训}
    decided_by: [{when: level == 'minor', who: unit.head}, {who: role.hr}]
    joint_liability: [{person: offender.superior, when: level >= 'serious'}]
    exempt: [{when: harmless, instead: training}]
    repeat: {within: 1 year, same: [person, level], from: 2, raise: 1 level}
    examples:
"""
ALL = """
      - {given: {level: minor}, expect: [{to: offender, amount: 20}], decided_by: unit.head}
      - {given: {level: serious}, expect: [{to: offender, amount: 200}, {to: offender.superior}], decided_by: role.hr}
      - {given: {level: serious, offender.superior: ~}, expect: [{to: offender, amount: 200}]}
      - {given: {level: serious, joint: false}, expect: [{to: offender, amount: 200}]}
      - {given: {level: major}, expect: [{to: offender, amount: ~, sanctions: review}, {to: offender.superior, amount: ~}]}
      - {given: {level: major, amount: 900}, expect: [{to: offender, amount: 900}, {to: offender.superior, amount: 900}]}
      - {given: {level: minor, harmless: true}, expect: [], exempt: training}
      - {given: {level: minor}, exempt: ~}
      - {given: {level: minor, earlier: 1}, expect: [{to: offender, amount: 200}, {to: offender.superior, amount: 200}]}
"""


def test_sound_examples_pass_and_reach_every_rule(portal_of: PortalOf) -> None:
    """Nine examples, nothing failed, nothing unreached."""
    report = run_examples(portal_of(SCHEDULE + ALL))
    assert (report.passed, report.failed, report.unreached) == (9, (), ())


@pytest.mark.parametrize(
    ("example", "expected", "got"),
    [
        ("{given: {level: minor}, expect: [{to: offender, amount: 21}]}", "offender 21", "offender 20"),
        ("{given: {level: minor}, expect: []}", "-", "offender 20 []"),
        ("{given: {level: serious}, expect: [{to: offender}]}", "offender", "offender; offender.superior 200 []"),
        ("{given: {level: major}, expect: [{to: offender, amount: 0}, {to: offender.superior}]}",
         "offender 0; offender.superior", "offender ~; offender.superior"),
        ("{given: {level: minor}, exempt: training}", "training", "not exempt"),
        ("{given: {level: minor, harmless: true}, exempt: ~}", "not exempt", "training"),
        ("{given: {level: minor}, decided_by: role.hr}", "role.hr", "unit.head"),
        ("{given: {level: mino}, expect: []}", "-", "'mino' is no level of this schedule (did you mean 'minor'?)"),
        ("{given: {level: minor, harmless: perhaps}}", "-", "'perhaps' is no value for harmless (write true or false)"),
        ("{given: {lvl: minor}}", "-", "'lvl' is no fact of this schedule (did you mean 'level'?)"),
    ],
)  # fmt: skip
def test_a_failing_example_says_what_came_out(
    portal_of: PortalOf, example: str, expected: str, got: str
) -> None:
    """Expected and got in one notation, at the example's line."""
    report = run_examples(portal_of(f"{SCHEDULE}      - {example}"))
    (failed,) = report.failed
    assert (report.passed, failed.expected, failed.got) == (0, expected, got)
    assert (failed.span.file, failed.span.line) == ("config/regimes/house/rules.yaml", 12)


def test_rules_that_no_example_reaches(portal_of: PortalOf) -> None:
    """Each gets a warning at its place; a schedule without examples gets none."""
    text = SCHEDULE + "      - {given: {level: minor}, decided_by: unit.head}"
    report = run_examples(portal_of(text))
    assert [(one.code, one.severity, one.span.line, one.params["rule"]) for one in report.unreached] == [
        ("EXM003", "warning", 5, "levels.serious"),
        ("EXM003", "warning", 5, "levels.major"),
        ("EXM003", "warning", 7, "decided_by[1]"),
        ("EXM003", "warning", 8, "joint_liability[0]"),
        ("EXM003", "warning", 9, "exempt[0]"),
        ("EXM003", "warning", 10, "repeat"),
    ]
    silent = portal_of(SCHEDULE.replace("    examples:\n", ""))
    assert run_examples(silent).unreached == ()


CHECKLIST = """
of: inspection
scoring: {method: deduct, full: 100, pass: 85, grades: [{title: 优, from: 95}, {title: 合格, from: 85}, {title: 差}]}
on_fail: {class: breach, level: minor}
sections:
  - id: s
    items:
      - {id: uniform, points: 10}
      - {id: fridge, answer: number, limit: 0..8, points: 10, critical: true}
      - {id: grade, answer: choice, options: {bad: {title: x, fails: true}, good: {title: y}}}
      - {id: surprise, points: 5, when: kind == 'surprise'}
      - {id: shots, answer: photo, min: 2}
examples:
"""


@pytest.mark.parametrize(
    "example",
    [
        "{given: {}, expect: {score: 100, grade: 优, passed: true, complete: yes, findings: []}}",
        "{given: {uniform: fail}, expect: {score: 90.0, grade: 合格, base: 20, findings: [uniform]}}",
        "{given: {uniform: na}, expect: {score: 100, base: 10}}",
        "{given: {fridge: 9}, expect: {passed: false, grade: 差, vetoed_by: fridge}}",
        "{given: {surprise: fail, kind: surprise}, expect: {score: 95}}",
        "{given: {surprise: fail, kind: routine}, expect: {score: 100}}",
        "{given: {uniform: fail, others: missing}, expect: {complete: false, passed: ~, missing: [fridge, grade, shots]}}",
        "{given: {uniform: fail}, expect: {findings: [{item: uniform, class: breach, level: minor}]}}",
    ],
)
def test_checklist_examples(portal_of: PortalOf, example: str) -> None:
    """Items that an example does not name pass; facts and answers stand side by side."""
    report = run_examples(portal_of(checklist=f"{CHECKLIST}  - {example}"))
    assert (report.passed, report.failed) == (1, ())


@pytest.mark.parametrize(
    ("example", "expected", "got"),
    [
        ("{given: {uniform: fail}, expect: {score: 91}}", "score 91", "score 90"),
        ("{given: {}, expect: {passed: false}}", "passed false", "passed true"),
        ("{given: {}, expect: {findings: [uniform]}}", "findings uniform", "findings -"),
        ("{given: {}, expect: {scores: 1}}", "1", "an example cannot expect 'scores' (did you mean 'score'?)"),
        ("{given: {unifrm: fail}, expect: {score: 1}}", "score 1",
         "'unifrm' is neither an item nor a fact of this checklist (did you mean 'uniform'?)"),
        ("{given: {kind: surprize}, expect: {score: 1}}", "score 1",
         "'surprize' is not an option of kind (did you mean 'surprise'?)"),
    ],
)  # fmt: skip
def test_failing_checklist_examples(portal_of: PortalOf, example: str, expected: str, got: str) -> None:
    """The difference, at the example's line."""
    report = run_examples(portal_of(checklist=f"{CHECKLIST}  - {example}"))
    (failed,) = report.failed
    assert (report.passed, failed.expected, failed.got, failed.span.line) == (0, expected, got, 14)


@pytest.mark.parametrize(
    ("examples", "unreached"),
    [
        (
            ["{given: {}, expect: {grade: 优}}"],
            ["scoring.grades[1]", "scoring.grades[2]", "fridge.critical", "surprise.when"],
        ),
        (
            ["{given: {fridge: 9}, expect: {passed: false}}", "{given: {kind: surprise}, expect: {}}"],
            ["scoring.grades[1]"],
        ),
        (
            [
                "{given: {fridge: 9, kind: surprise}, expect: {passed: false}}",
                "{given: {uniform: fail}, expect: {grade: 合格}}",
                "{given: {}, expect: {grade: 优}}",
            ],
            [],
        ),
    ],
)
def test_what_no_checklist_example_reaches(
    portal_of: PortalOf, examples: list[str], unreached: list[str]
) -> None:
    """Grades, vetoes and conditions, each at its own place."""
    report = run_examples(portal_of(checklist=CHECKLIST + "\n".join(f"  - {one}" for one in examples)))
    rules = [str(one.params["rule"]) for one in report.unreached]
    assert [".".join(rule.split(".")[-2:]) for rule in rules] == unreached
    assert {one.code for one in report.unreached} <= {"EXM003"}


def test_the_shipped_regulation_keeps_its_examples(repository: Portal) -> None:
    """Every example of the shipped regimes passes, and together they reach every rule."""
    report = run_examples(repository)
    assert report.passed > 0
    assert (report.failed, report.unreached) == ((), ())
