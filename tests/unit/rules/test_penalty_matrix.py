"""Fines by the decision matrix: who found it, how grave it is, who decides, who pays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from app.rules import Case, CaseError, CompiledSchedule, Person, assess

CONDUCT = """
title: 员工违纪
kind: donation
rank: fault_level
facts:
  found_by: {type: choice, options: found_by, required: true}
levels:
  minor: {amount: 20}
  fault: 50
  serious: {amount: 200, own: true}
  major: {amount: ~, sanctions: [review_dismissal], note: 附件缺失}
sanctions: {review_dismissal: 评议}
decided_by:
  - {when: found_by == 'own_check' and level <= 'fault', who: unit.head}
  - {who: role.hr}
joint_liability:
  - {person: offender.superior, share: 100 %, of: base, when: level >= 'serious', reason: 失察}
"""
DEFECT = """
kind: donation
rank: defect_level
facts:
  in_time: {type: boolean}
  economic_loss: {type: boolean}
  image_loss: {type: boolean}
  human: {type: boolean}
levels: {blemish: 20, accident: 100}
sanctions: {training: 培训}
exempt:
  - {when: human == False}
  - {when: in_time and not economic_loss and not image_loss, instead: training}
decided_by: [{who: role.hr}]
"""
PEOPLE = {"offender": Person("7", "李"), "offender.superior": Person("3", "王")}
Charged = list[tuple[str, Decimal | None]]


@pytest.fixture(scope="module")
def conduct(schedule_of: Callable[[str], CompiledSchedule]) -> CompiledSchedule:
    return schedule_of(CONDUCT)


@pytest.fixture(scope="module")
def defect(schedule_of: Callable[[str], CompiledSchedule]) -> CompiledSchedule:
    return schedule_of(DEFECT)


def charged(schedule: CompiledSchedule, case: Case) -> Charged:
    return [(penalty.to, penalty.amount) for penalty in assess(schedule, case).penalties]


@pytest.mark.parametrize(
    ("found_by", "level", "decided_by", "employee", "superior"),
    [
        ("own_check", "minor", "unit.head", "20", None),
        ("own_check", "fault", "unit.head", "50", None),
        ("own_check", "serious", "role.hr", "200", "200"),
        ("patrol", "serious", "role.hr", "200", "200"),
        ("patrol", "minor", "role.hr", "20", None),
        ("patrol", "fault", "role.hr", "50", None),
    ],
)
def test_matrix(
    conduct: CompiledSchedule,
    noon: datetime,
    found_by: str,
    level: str,
    decided_by: str,
    employee: str,
    superior: str | None,
) -> None:
    """Each row of the matrix: the decider, the employee's and the superior's amount."""
    result = assess(conduct, Case(noon, level, {"found_by": found_by}, PEOPLE))
    assert result.decided_by == (decided_by,)
    expected: Charged = [("offender", Decimal(employee))]
    if superior is not None:
        expected.append(("offender.superior", Decimal(superior)))
    assert [(one.to, one.amount) for one in result.penalties] == expected


@pytest.mark.parametrize("found_by", ["own_check", "patrol"])
def test_an_unset_amount_is_asked_and_never_invented(
    conduct: CompiledSchedule, noon: datetime, found_by: str
) -> None:
    """A major fault has no figure: both amounts stay open, the sanction is named, the reason says so."""
    result = assess(conduct, Case(noon, "major", {"found_by": found_by}, PEOPLE))
    employee, superior = result.penalties
    assert (employee.amount, employee.amount_asked, employee.sanctions) == (None, True, ("review_dismissal",))
    assert (superior.amount, superior.amount_asked, superior.sanctions) == (None, True, ())
    assert "left open by the regulation" in employee.because[0].sentence()


def test_the_deciders_amount_settles_the_joint_share_too(conduct: CompiledSchedule, noon: datetime) -> None:
    """Where the tariff leaves the amount open the decider's figure is charged, and the share of it."""
    case = Case(noon, "major", {"found_by": "patrol"}, PEOPLE, amount=Decimal("345.50"))
    assert charged(conduct, case) == [
        ("offender", Decimal("345.50")),
        ("offender.superior", Decimal("345.50")),
    ]


@pytest.mark.parametrize(
    ("level", "amount", "words"),
    [
        ("fault", "60", "fixed"),
        ("major", "-1", "outside"),
        ("major", "10.001", "no multiple of 0.01"),
    ],
)
def test_an_amount_that_the_decider_may_not_set(
    conduct: CompiledSchedule, noon: datetime, level: str, amount: str, words: str
) -> None:
    """A fixed amount cannot be changed, an open one must be a proper sum."""
    case = Case(noon, level, {"found_by": "patrol"}, PEOPLE, amount=Decimal(amount))
    with pytest.raises(CaseError, match=words):
        assess(conduct, case)


def test_nobody_held_the_superiors_place(conduct: CompiledSchedule, noon: datetime) -> None:
    """Without a superior there is no joint penalty, and a reason says why."""
    people = {"offender": Person("7"), "offender.superior": None}
    result = assess(conduct, Case(noon, "serious", {"found_by": "patrol"}, people))
    assert [one.to for one in result.penalties] == ["offender"]
    assert any("nobody held this place" in reason.sentence() for reason in result.because)


def test_the_superior_is_the_offender(conduct: CompiledSchedule, noon: datetime) -> None:
    """Who is his own superior does not answer twice."""
    people = {"offender": Person("7"), "offender.superior": Person("7")}
    result = assess(conduct, Case(noon, "serious", {"found_by": "patrol"}, people))
    assert [one.to for one in result.penalties] == ["offender"]
    assert any("does not answer twice" in reason.sentence() for reason in result.because)


def test_a_fault_of_ones_own_sets_off_no_joint_liability(conduct: CompiledSchedule, noon: datetime) -> None:
    """The superior's own fault for an unanswered slip goes no further up."""
    result = assess(conduct, Case(noon, "serious", {"found_by": "patrol"}, PEOPLE, joint=False))
    assert [one.to for one in result.penalties] == ["offender"]


@pytest.mark.parametrize(
    ("facts", "instead"),
    [
        ({"in_time": True, "economic_loss": False, "image_loss": False}, "training"),
        ({"human": False, "economic_loss": True}, None),
    ],
    ids=["in time without loss", "not caused by people"],
)
def test_exemptions(
    defect: CompiledSchedule, noon: datetime, facts: dict[str, object], instead: str | None
) -> None:
    """An exempted case charges nobody and says what is done instead."""
    result = assess(defect, Case(noon, "accident", facts, PEOPLE))
    assert result.penalties == ()
    assert result.exempt is not None and result.exempt.instead == instead


@pytest.mark.parametrize(
    "facts",
    [
        {"in_time": True, "economic_loss": True, "image_loss": False},
        {"in_time": True, "economic_loss": False, "image_loss": True},
        {"in_time": False, "economic_loss": False, "image_loss": False},
        {"in_time": True},
        {},
    ],
    ids=["economic loss", "image loss", "late", "losses not known", "nothing known"],
)
def test_no_exemption_without_its_facts(
    defect: CompiledSchedule, noon: datetime, facts: dict[str, object]
) -> None:
    """A loss, or a fact that is not known, leaves the penalty standing: empty is not 'no loss'."""
    assert charged(defect, Case(noon, "accident", facts, PEOPLE)) == [("offender", Decimal(100))]


@pytest.mark.parametrize(
    ("level", "facts", "words"),
    [
        ("serius", {"found_by": "patrol"}, "did you mean 'serious'"),
        ("fault", {}, "the fact 'found_by' is needed"),
        ("fault", {"found_by": "patrl"}, "did you mean 'patrol'"),
        ("fault", {"found_by": "patrol", "fund_by": "x"}, "'fund_by' is no fact"),
        (None, {"found_by": "patrol"}, "the level is needed"),
    ],
)
def test_a_case_that_does_not_fit(
    conduct: CompiledSchedule, noon: datetime, level: str | None, facts: dict[str, object], words: str
) -> None:
    """Unknown names and values are refused in clear words, with the near name."""
    with pytest.raises(CaseError, match=words):
        assess(conduct, Case(noon, level, facts))


def test_all_mistakes_of_a_case_are_said_at_once(defect: CompiledSchedule, noon: datetime) -> None:
    """Three mistakes, three sentences."""
    with pytest.raises(CaseError) as caught:
        assess(defect, Case(noon, "huge", {"in_time": "perhaps", "los": True}))
    assert {one.where for one in caught.value.mistakes} == {"huge", "in_time", "los"}


def test_json_is_as_documented(conduct: CompiledSchedule, noon: datetime) -> None:
    """The keys other programs rely on, amounts as decimal strings, reasons with file and line."""
    told = assess(conduct, Case(noon, "serious", {"found_by": "own_check"})).told()
    assert told["schedule"] == "house.tariff"
    assert told["level"] == "serious"
    assert told["exempt"] is None
    assert told["decided_by"] == ["role.hr"]
    first, second = told["penalties"]  # type: ignore[misc]
    documented = ("to", "amount", "currency", "kind", "sanctions")
    assert {key: first[key] for key in documented} == {
        "to": "offender",
        "amount": "200.00",
        "currency": "CNY",
        "kind": "donation",
        "sanctions": [],
    }
    assert first["because"] == [
        {
            "rule": "levels.serious.amount",
            "file": "config/regimes/house/rules.yaml",
            "line": 11,
            "text": "level 严重: 200.00 CNY, set by the organisation itself",
            "inputs": {"level": "serious"},
        }
    ]
    why = second["because"][0]
    assert (why["rule"], why["line"]) == ("joint_liability[0].share", 18)
    assert [child["rule"] for child in why["children"]] == [
        "joint_liability[0].when",
        "levels.serious.amount",
    ]
    assert why["children"][0]["inputs"] == {"level": "serious"}
