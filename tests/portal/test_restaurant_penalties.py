"""The shipped penalty rules against their source: the decision matrix and the ten other rules, by figures.

What needs records and people (who may move what, and when) is in `test_restaurant_traps.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from app.rules import (
    Case,
    CompiledSchedule,
    PenaltyAssessment,
    Person,
    assess,
    compile_schedule,
    excludes,
    heavier,
    joint_due,
    late_payment,
    run_examples,
)
from app.rules.clock_history import Version
from app.rules.clocks import judge_clock
from app.rules.service_levels import compile_service_level
from app.spec.decode import load_portal
from app.spec.portal import Portal

ROOT = Path(__file__).resolve().parents[2]
REGIME = "restaurant_supervision"
FOUND = datetime(2026, 3, 6, 4, tzinfo=UTC)
NOTIFIED = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
PEOPLE = {"offender": Person("7", "李"), "offender.superior": Person("3", "王")}
HEAD, HR, BOSS = "unit.head", "role.hr_supervisor", "role.general_manager"
TARIFFS = ("staff_conduct", "service_defect")
ASKED = None
"""The amount of a level that the source leaves open: the decider is asked."""


@cache
def shipped() -> Portal:
    """The configuration as it is shipped."""
    portal, faults = load_portal(ROOT)
    assert portal is not None, faults
    return portal


@cache
def schedule(name: str) -> CompiledSchedule:
    return compile_schedule(shipped(), shipped().penalty_schedules[f"{REGIME}.{name}"])


def conduct(level: str, found_by: str, joint: bool = True, **facts: object) -> PenaltyAssessment:
    """A breach judged by the shipped tariff."""
    case = Case(FOUND, level, {"found_by": found_by, **facts}, PEOPLE, joint=joint)
    return assess(schedule("staff_conduct"), case)


def defect(level: str, **facts: object) -> PenaltyAssessment:
    """A defect, or a hazard by analogy."""
    return assess(schedule("service_defect"), Case(FOUND, level, facts, PEOPLE))


def charged(found: PenaltyAssessment) -> dict[str, Decimal | None]:
    return {one.to: one.amount for one in found.penalties}


def amounts(employee: int | None, superior: int | str | None = "nothing") -> dict[str, Decimal | None]:
    """Who pays what; `nothing` = the superior is not charged at all."""
    found = {"offender": None if employee is None else Decimal(employee)}
    if superior != "nothing":
        found["offender.superior"] = None if superior is None else Decimal(superior)
    return found


@pytest.mark.parametrize(
    ("found_by", "level", "decided_by", "expected"),
    [
        pytest.param("own_check", "minor_fault", HEAD, amounts(20), id="matrix row 1: own check, minor"),
        pytest.param("own_check", "fault", HEAD, amounts(50), id="matrix row 1: own check, fault"),
        pytest.param("own_check", "serious_fault", HR, amounts(200, 200), id="matrix row 2, trap 3: serious"),
        pytest.param("own_check", "major_fault", HR, amounts(ASKED, ASKED), id="matrix row 2: major"),
        pytest.param(
            "hr_patrol", "serious_fault", HR, amounts(200, 200), id="matrix row 3, trap 20: serious"
        ),
        pytest.param("hr_patrol", "major_fault", HR, amounts(ASKED, ASKED), id="matrix row 3: major"),
        pytest.param("hr_patrol", "minor_fault", HR, amounts(20), id="matrix row 4: patrol, minor"),
        pytest.param("hr_patrol", "fault", HR, amounts(50), id="matrix row 4: patrol, fault"),
    ],
)
def test_decision_matrix(
    found_by: str, level: str, decided_by: str, expected: dict[str, Decimal | None]
) -> None:
    """Who decides, what the employee and the direct superior pay: every cell of the matrix."""
    found = conduct(level, found_by)
    assert (charged(found), found.decided_by) == (expected, (decided_by,))


@pytest.mark.parametrize("found_by", ["own_check", "hr_patrol"])
@pytest.mark.parametrize("level", ["minor_fault", "fault", "serious_fault", "major_fault"])
def test_the_head_decides_small_faults_of_own_checks_only(level: str, found_by: str) -> None:
    """Trap 10: whatever the level and the finder, the unit head decides in two cells of eight, and a person
    of the personnel department is judged by the general manager (trap 11)."""
    small = level in ("minor_fault", "fault")
    assert (conduct(level, found_by).decided_by == (HEAD,)) is (small and found_by == "own_check")
    assert conduct(level, found_by, offender_in_hr=True).decided_by == (BOSS,)


@pytest.mark.parametrize("name", TARIFFS)
@pytest.mark.parametrize(
    ("after", "due"),
    [(timedelta(hours=48), 1), (timedelta(hours=48, seconds=1), 2), (timedelta(days=300), 2)],
    ids=["at 48 h", "a second later", "months later"],
)
def test_late_payment_doubles_once(name: str, after: timedelta, due: int) -> None:
    """Rule 1: unpaid 48 hours after the notice the donation is doubled; the suspension from post has no date
    (deadline D02) and waits to be ordered, however long."""
    found = late_payment(schedule(name), Decimal(50), NOTIFIED + timedelta(hours=48), NOTIFIED + after)
    assert found.amount == 50 * due
    assert not found.sanctions
    if due == 2:
        assert found.next is not None and (found.next.sanction, found.next.at) == (
            "suspended_from_post",
            None,
        )


def test_an_appeal_does_not_stop_the_doubling() -> None:
    """Trap 2: the switch stands at off, so that an amount doubles while an appeal is open."""
    late = late_payment(
        schedule("staff_conduct"),
        Decimal(50),
        NOTIFIED + timedelta(hours=48),
        NOTIFIED + timedelta(hours=60),
        suspended=True,
    )
    assert late.amount == 100


def test_the_superiors_share_is_of_the_base_amount() -> None:
    """Trap 4: the employee's doubling does not raise what the superior owes."""
    _employee, superior = conduct("serious_fault", "own_check").penalties
    assert joint_due(schedule("staff_conduct"), superior, Decimal(400)) == Decimal(200)


def test_a_fault_of_the_superiors_own_goes_no_further() -> None:
    """Rule 2, trap 5: the fault for an unanswered slip sets off no share, at no level."""
    for level in ("fault", "serious_fault"):
        assert set(charged(conduct(level, "hr_patrol", joint=False))) == {"offender"}


@pytest.mark.parametrize(
    ("breach", "flaw", "winner"),
    [
        pytest.param("fault", "quality_accident", "service_defect", id="rule 5: 100 beats 50"),
        pytest.param("serious_fault", "quality_accident", "staff_conduct", id="rule 5: 200 beats 100"),
        pytest.param(
            "serious_fault", "serious_quality_accident", "service_defect", id="rule 5: 300 beats 200"
        ),
        pytest.param("minor_fault", "blemish", "service_defect", id="trap 6: equal sums, the rank decides"),
        pytest.param("major_fault", "serious_quality_accident", "staff_conduct", id="trap 6: open sum, rank"),
        pytest.param("major_fault", "major_quality_accident", "service_defect", id="trap 6: both open, rank"),
        pytest.param("serious_fault", "major_quality_accident", "service_defect", id="trap 6: open defect"),
    ],
)
def test_only_the_heavier_of_two_is_charged(breach: str, flaw: str, winner: str) -> None:
    """Rule 5, trap 6: across the two ladders money is compared first, then the administrator's ranking."""
    one, other = schedule("staff_conduct"), schedule("service_defect")
    found = heavier(shipped(), (one, conduct(breach, "hr_patrol")), (other, defect(flaw, economic_loss=True)))
    assert excludes(shipped(), one.spec, other.spec)
    assert found.charged is not None and found.charged.schedule == f"{REGIME}.{winner}"


@pytest.mark.parametrize(
    ("facts", "exempt"),
    [
        pytest.param((True, False, False, None), "training", id="rule 6: in time, no loss"),
        pytest.param((True, True, False, None), None, id="rule 7: economic loss"),
        pytest.param((True, False, True, None), None, id="rule 7: image loss"),
        pytest.param((False, False, False, None), None, id="rule 6: not in time"),
        pytest.param((None, None, None, None), None, id="rule 6: nothing known"),
        pytest.param((None, True, True, "not_human"), "no_penalty", id="rule 8: not human"),
        pytest.param((False, True, False, "human"), None, id="rule 8: human"),
    ],
)
def test_exemptions_of_defects_and_hazards(facts: tuple[bool | str | None, ...], exempt: str | None) -> None:
    """Rules 6 to 8: what frees of a penalty, and what does not; a penalised defect has no joint liability."""
    names = ("spotted_in_time", "economic_loss", "image_loss", "hazard_cause")
    known = {name: value for name, value in zip(names, facts, strict=True) if value is not None}
    found = defect("quality_accident", **known)
    if exempt is None:
        assert (found.exempt, charged(found)) == (None, amounts(100))
    else:
        assert found.exempt is not None and (found.exempt.instead, found.penalties) == (exempt, ())


@pytest.mark.parametrize(
    ("ground", "levels"),
    [
        pytest.param("slip_unanswered", ("fault",), id="rule 2: slip not answered"),
        pytest.param("not_handled", ("fault", "serious_fault"), id="rule 3: not handled"),
        pytest.param("obstruction", ("serious_fault",), id="rule 4, trap 20: obstruction"),
    ],
)
def test_grounds_that_fix_the_level(ground: str, levels: tuple[str, ...]) -> None:
    """Rules 2 to 4: the kind of act fixes the level that can be chosen."""
    rows = shipped().records[f"{REGIME}.finding"].fields["level"].options_when
    row = next(row for row in rows if row.when is not None and f"'{ground}'" in row.when)
    assert row.options == levels
    assert "level" in charged_fields()


def charged_fields() -> tuple[str, ...]:
    """What charging asks for: the level among it, so that the rows above are put to the decider."""
    return shipped().workflows[f"{REGIME}.finding"].transitions["charge"].ask


@pytest.mark.parametrize("ladder", ["fault_level", "defect_level"])
def test_serious_ranks_below_major(ladder: str) -> None:
    """Trap 7: in both ladders."""
    options = list(shipped().choices[f"common.{ladder}"].options)
    serious = next(place for place, name in enumerate(options) if name.startswith("serious"))
    major = next(place for place, name in enumerate(options) if name.startswith("major"))
    assert serious < major


def test_the_fund_is_for_the_staff() -> None:
    """Rule 10: both tariffs pay into one fund, which is spent on public-good and welfare activities of the
    staff and on nothing else."""
    funds = [shipped().penalty_schedules[f"{REGIME}.{name}"].fund for name in TARIFFS]
    assert len({fund.name for fund in funds if fund is not None}) == 1 and None not in funds
    spent_on = [purpose for fund in funds if fund is not None for purpose in fund.spend_on]
    assert sorted({"公益" in purpose or "福利" in purpose for purpose in spent_on}) == [True]
    assert len(set(spent_on)) == 2


def penalty(**values: object) -> Version:
    """A penalty of 50 that has not been paid."""
    kept = {"kind": "donation", "amount_due": Decimal(50), "base_amount": Decimal(50), "state": "notified"}
    return Version(FOUND, values={**kept, **values})


def test_the_clock_to_pay_starts_with_the_notice() -> None:
    """Trap 1: decided at noon, handed over at half past three: the 48 hours run from then, through the
    weekend; before the notice there is no clock; and each of two people has a clock of his own."""
    level = compile_service_level(shipped(), shipped().service_levels[f"{REGIME}.pay_donation"])
    later = NOTIFIED + timedelta(hours=20)
    decided = {"decided_at": FOUND, "state": "decided"}
    assert judge_clock(level, [penalty(**decided)], later, None).state == "not_started"
    employee = judge_clock(level, [penalty(decided_at=FOUND, notified_at=NOTIFIED)], later, None)
    superior = judge_clock(level, [penalty(decided_at=FOUND, notified_at=later)], later, None)
    assert employee.due_at == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert superior.due_at == employee.due_at + timedelta(hours=20)


def test_the_time_to_appeal_is_longer_than_the_time_to_pay() -> None:
    """Trap 2, deadlines D01 and D03: an amount can double before the window of the appeal closes."""
    window = compile_service_level(shipped(), shipped().service_levels[f"{REGIME}.appeal_window"])
    version = Version(NOTIFIED, values={"notified_at": NOTIFIED, "state": "talking"})
    clock = judge_clock(window, [version], NOTIFIED, None)
    assert clock.due_at == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert clock.due_at > NOTIFIED + timedelta(hours=48)


def test_all_examples_of_the_regulation_pass() -> None:
    """The regulation's own examples, every row of the tariffs reached by one of them."""
    report = run_examples(shipped())
    assert report.failed == ()
    assert [
        str(one.span)
        for one in report.unreached
        if one.span.file.startswith(f"config/regimes/{REGIME}/penal")
    ] == []
