"""Conditional items, findings, demanded evidence, clauses of standards; properties of every score."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import Answer, CompiledChecklist, FindingDraft, compile_checklist, score
from app.spec.portal import Portal

ChecklistOf = Callable[[str], CompiledChecklist]
PortalOf = Callable[..., Portal]
FAIL, PASS = Answer("fail"), Answer("pass")

CONDITIONAL = """
of: inspection
scoring: {method: sum}
sections:
  - id: always
    items:
      - {id: power, points: 1}
      - {id: surprise_only, points: 2, when: kind == 'surprise'}
      - {id: repair, points: 4, when: answer('power') == 'fail'}
      - {id: repaired_by, points: 8, answer: text, when: answer('repair') == 'pass'}
  - id: busy
    when: guests > 100
    items: [{id: queue, points: 16}]
"""


@pytest.mark.parametrize(
    ("facts", "answers", "asked"),
    [
        ({}, {}, "power"),
        ({"kind": "surprise"}, {}, "power surprise_only"),
        ({"kind": "routine", "guests": 101}, {}, "power queue"),
        ({"guests": 100}, {}, "power"),
        ({}, {"power": FAIL}, "power repair"),
        ({}, {"power": FAIL, "repair": PASS}, "power repair repaired_by"),
        ({}, {"power": PASS, "repair": PASS}, "power"),
        ({}, {"repair": PASS, "repaired_by": Answer("x")}, "power"),
    ],
    ids=["nothing known", "a fact", "a section", "not above", "an answer", "a chain", "masked", "orphans"],
)
def test_what_is_asked(
    checklist_of: ChecklistOf, facts: dict[str, object], answers: dict[str, Answer], asked: str
) -> None:
    """Conditions read facts and the answers of items that are asked themselves; empty is not true."""
    result = score(checklist_of(CONDITIONAL), answers, facts)
    assert " ".join(item.id for item in result.asked) == asked


def test_items_that_are_not_asked_never_count(checklist_of: ChecklistOf) -> None:
    """An answer to an item that is not asked changes nothing."""
    answers = {"power": PASS, "queue": FAIL, "surprise_only": PASS}
    result = score(checklist_of(CONDITIONAL), answers, {"guests": 1})
    assert (result.score, result.base, result.complete) == (Decimal(1), Decimal(1), True)


def test_conditions_that_contradict_each_other_end(checklist_of: ChecklistOf) -> None:
    """Two items that exclude each other do not run in circles."""
    checklist = checklist_of("""
        sections:
          - id: s
            items:
              - {id: a, when: answer('b') == None}
              - {id: b, when: answer('a') == None}
    """)
    answers = {"a": PASS, "b": PASS}
    assert score(checklist, answers) == score(checklist, answers)


ON_FAIL = """
of: inspection
on_fail: {class: breach, penalty: conduct, rectify: 3 days, evidence: photo, with: {note: 来自检查}}
sections:
  - id: s
    on_fail: {level: minor, evidence: [remark]}
    items:
      - {id: plain}
      - {id: own, critical: true, on_fail: {level: serious, rectify: 2 hours, with: {urgent: true}}}
      - {id: none, on_fail: {finding: false}}
      - {id: rarely, on_fail: {when: answer('plain') == 'fail' and kind == 'surprise'}}
      - {id: dated, on_fail: {rectify: agreed}}
      - {id: working, on_fail: {rectify: 2 working days}}
"""


def found(
    checklist: CompiledChecklist, now: datetime, *failing: str, **facts: object
) -> dict[str, FindingDraft]:
    answers = {name: FAIL if name in failing else PASS for name in checklist.items}
    return {one.item: one for one in score(checklist, answers, facts, now).findings}


def test_a_finding_takes_the_nearest_on_fail(checklist_of: ChecklistOf, noon: datetime) -> None:
    """The item's own words over the section's over the list's, key by key."""
    findings = found(checklist_of(ON_FAIL), noon, "plain", "own", "none")
    assert sorted(findings) == ["own", "plain"]
    plain, own = findings["plain"], findings["own"]
    assert (plain.class_, plain.level, plain.penalty, plain.evidence) == (
        "breach",
        "minor",
        "conduct",
        ("remark",),
    )
    assert (own.class_, own.level, own.critical) == ("breach", "serious", True)
    assert plain.values == {"note": "来自检查"}
    assert own.values == {"note": "来自检查", "urgent": True}


@pytest.mark.parametrize(
    ("item", "due", "open_"),
    [
        ("plain", "2026-03-14T00:00+08:00", False),
        ("own", "2026-03-10T14:00+08:00", False),
        ("dated", "2026-03-21T00:00+08:00", False),
        ("working", None, True),
    ],
)
def test_when_it_is_to_be_put_right(
    checklist_of: ChecklistOf, noon: datetime, item: str, due: str | None, open_: bool
) -> None:
    """Elapsed times and agreed dates are computed; working time is left open, as it needs a calendar."""
    finding = found(checklist_of(ON_FAIL), noon, item, agreed=date(2026, 3, 20))[item]
    assert finding.rectify_by == (datetime.fromisoformat(due) if due else None)
    assert finding.rectify_open is open_


def test_on_fail_may_have_a_condition(checklist_of: ChecklistOf, noon: datetime) -> None:
    """It reads facts and the other answers."""
    checklist = checklist_of(ON_FAIL)
    assert "rarely" not in found(checklist, noon, "rarely", kind="surprise")
    assert "rarely" in found(checklist, noon, "rarely", "plain", kind="surprise")


def test_demanded_evidence(checklist_of: ChecklistOf) -> None:
    """What an item always demands, what a failure demands, and what is there."""
    checklist = checklist_of("""
        sections:
          - id: s
            items:
              - {id: always, evidence: signature}
              - {id: failing, on_fail: {evidence: [photo, remark]}}
    """)
    result = score(checklist, {"always": PASS, "failing": Answer("fail", remark="  ")})
    assert result.lacking == (("always", "signature"), ("failing", "photo"), ("failing", "remark"))
    assert result.complete and not result.acceptable
    good = {"always": Answer("pass", signatures=1), "failing": Answer("fail", remark="脏", photos=2)}
    assert score(checklist, good).acceptable
    assert score(checklist, {"always": Answer(not_applicable=True), "failing": PASS}).acceptable


def test_a_number_takes_the_figure_of_its_clause(portal_of: PortalOf) -> None:
    """The clause's figure is the limit where the item writes none, and the reason names the clause."""
    portal = portal_of(
        "standards: {cold: {clauses: {fridge: {clause: A.1, title: 冷藏, figure: 0..8 °C}}}}",
        """
        sections:
          - id: s
            items:
              - {id: warm, answer: number, standard: cold.fridge}
              - {id: own, answer: number, standard: cold.fridge, limit: <= 5}
        """,
    )
    checklist = compile_checklist(portal, portal.checklists["house.list"])
    result = score(checklist, {"warm": Answer("7"), "own": Answer("7")})
    assert [item.state for item in result.items] == ["passed", "failed"]
    assert result.items[0].why.file == "config/regimes/house/rules.yaml"
    assert result.items[0].why.children[0].sentence() == "standard A.1 冷藏"
    assert result.items[0].standard == "cold.fridge"


def test_answers_round_trip() -> None:
    """A stored answer is the same answer."""
    for answer in (
        Answer(),
        Answer("fail", remark="脏", photos=2),
        Answer(not_applicable=True),
        Answer("3.5"),
    ):
        assert Answer.from_json(answer.to_json()) == answer


PROPERTY = """
scoring: {method: METHOD, full: 100, rescale: RESCALE}
sections:
  - {id: s, weight: 2, items: [{id: a, points: 5}, {id: b, points: 10}, {id: c, answer: score, points: 20}]}
  - {id: t, weight: 1, items: [{id: d, points: 25}, {id: e, answer: count, per_unit: 3, points: 40}]}
"""
words = st.sampled_from(["pass", "fail", "na"])
answered = st.fixed_dictionaries(
    {
        "a": words,
        "b": words,
        "c": st.one_of(st.just("na"), st.integers(0, 20).map(str)),
        "d": words,
        "e": st.one_of(st.just("na"), st.integers(0, 30).map(str)),
    }
)


def made(value: str) -> Answer:
    return Answer(not_applicable=True) if value == "na" else Answer(value)


@pytest.mark.parametrize("rescale", ["true", "false"])
@pytest.mark.parametrize("method", ["deduct", "sum", "pass_rate", "weighted", "average"])
def test_properties_of_every_score(checklist_of: ChecklistOf, method: str, rescale: str) -> None:
    """Within bounds; no score exactly when nothing applies; the order of answers never matters; failing more
    never scores more."""
    checklist = checklist_of(PROPERTY.replace("METHOD", method).replace("RESCALE", rescale))

    @given(answered, st.permutations("abcde"))
    def holds(values: dict[str, str], order: list[str]) -> None:
        answers = {name: made(value) for name, value in values.items()}
        result = score(checklist, answers)
        assert (result.score is None) == (set(values.values()) == {"na"})
        assert result == score(checklist, {name: answers[name] for name in order})
        if result.score is None:
            return
        assert 0 <= result.score <= 100
        if values["b"] == "pass":
            worse = score(checklist, {**answers, "b": FAIL})
            assert worse.score is not None and worse.score <= result.score
        lost = sum((item.lost or Decimal(0) for item in result.items), Decimal(0))
        if method == "deduct" and rescale == "false":
            assert result.score == 100 - lost
        if method == "sum" and rescale == "false":
            assert result.score == result.base - lost

    holds()
