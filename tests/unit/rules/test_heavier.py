"""One event under two schedules: the heavier is charged, the other kept with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from app.rules import Case, PenaltyAssessment, assess, compile_schedule, excludes, heavier
from app.rules.heavier import Judged
from app.spec.portal import Portal

PortalOf = Callable[..., Portal]
RULES = """
penalty_schedules:
  conduct:
    rank: fault_level
    levels: {minor: 20, fault: 100, serious: 300, major: ~}
    not_with: [defect]
  defect:
    rank: defect_level
    facts: {harmless: {type: boolean}}
    levels: {blemish: 50, accident: 100}
    exempt: [{when: harmless, instead: training}]
    sanctions: {training: 培训}
  points:
    kind: points
    levels: {small: 2, big: 12}
"""


@pytest.fixture(scope="module")
def portal(portal_of: PortalOf) -> Portal:
    return portal_of(RULES)


def judged(portal: Portal, name: str, case: Case) -> Judged:
    compiled = compile_schedule(portal, portal.penalty_schedules[f"house.{name}"])
    return compiled, assess(compiled, case)


def names(found: PenaltyAssessment | None) -> str | None:
    return found.schedule.removeprefix("house.") if found else None


@pytest.mark.parametrize(
    ("conduct", "defect", "charged"),
    [
        ("minor", "blemish", "defect"),
        ("fault", "blemish", "conduct"),
        ("fault", "accident", "defect"),
        ("major", "accident", "conduct"),
        ("serious", "accident", "conduct"),
    ],
    ids=["by amount", "by amount, other way", "equal: by rank", "open: by rank", "amount before rank"],
)
def test_by_amount_then_by_rank(
    portal: Portal, noon: datetime, conduct: str, defect: str, charged: str
) -> None:
    """Amounts decide; equal or open ones leave it to the list that ranks both ladders."""
    one = judged(portal, "conduct", Case(noon, conduct))
    other = judged(portal, "defect", Case(noon, defect))
    for pair in ((one, other), (other, one)):
        assert names(heavier(portal, *pair).charged) == charged


def test_the_lighter_one_is_kept_with_its_reason(portal: Portal, noon: datetime) -> None:
    """The one that is not charged says why, with both amounts."""
    found = heavier(
        portal,
        judged(portal, "conduct", Case(noon, "serious")),
        judged(portal, "defect", Case(noon, "blemish")),
    )
    assert found.not_charged is not None and names(found.not_charged) == "defect"
    why = found.not_charged.because[-1]
    assert why.sentence() == "defect is not charged: 300.00 CNY is more than 50.00 CNY"
    assert why.inputs == {
        "house.conduct": "300.00",
        "house.conduct.level": "serious",
        "house.defect": "50.00",
        "house.defect.level": "blemish",
    }


def test_an_exemption_weighs_nothing(portal: Portal, noon: datetime) -> None:
    """Even the smallest fine is heavier than an exemption."""
    exempt = judged(portal, "defect", Case(noon, "accident", {"harmless": True}))
    found = heavier(portal, exempt, judged(portal, "conduct", Case(noon, "minor")))
    assert names(found.charged) == "conduct"


def test_an_open_amount_against_an_exemption(portal: Portal, noon: datetime) -> None:
    """An amount that is still open is not beaten by nothing."""
    exempt = judged(portal, "defect", Case(noon, "blemish", {"harmless": True}))
    found = heavier(portal, exempt, judged(portal, "conduct", Case(noon, "major")))
    assert names(found.charged) == "conduct"


def test_points_and_an_open_amount_cannot_be_compared(portal: Portal, noon: datetime) -> None:
    """Nothing ranks them, so nothing is charged by itself."""
    found = heavier(
        portal, judged(portal, "points", Case(noon, "big")), judged(portal, "conduct", Case(noon, "major"))
    )
    assert (found.charged, found.not_charged) == (None, None)


def test_equal_in_everything_takes_the_first(portal: Portal, noon: datetime) -> None:
    """The same schedule, level and amount twice: the first is charged."""
    first = judged(portal, "points", Case(noon, "big"))
    second = judged(portal, "points", Case(noon, "big", amount=Decimal(12)))
    assert heavier(portal, first, second).charged is first[1]


def test_one_side_says_that_they_exclude_each_other(portal: Portal) -> None:
    """`not_with` works in both directions, and only for what it names."""
    schedules = portal.penalty_schedules
    conduct, defect, points = (schedules[f"house.{name}"] for name in ("conduct", "defect", "points"))
    assert excludes(portal, conduct, defect) and excludes(portal, defect, conduct)
    assert not excludes(portal, conduct, points)
