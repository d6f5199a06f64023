"""The shipped regulation: sound, complete, and honest about what its source leaves open."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.checks import run_checks
from app.spec.decode import load_portal
from app.spec.portal import Portal

ROOT = Path(__file__).resolve().parents[2]
REGIME = "restaurant_supervision"
SCORED = ("personal_hygiene", "environment", "tableware", "food", "reception")


@pytest.fixture(scope="module")
def portal() -> Portal:
    """The configuration as it is shipped."""
    loaded, faults = load_portal(ROOT)
    assert loaded is not None, faults
    return loaded


def test_no_check_finds_an_error(portal: Portal) -> None:
    """Only figures left open and sections not yet served are remarked on."""
    found = {one.code for one in run_checks(portal)}

    assert found <= {"UNS001", "NYS001"}


def codes(prefix: str, counts: dict[str, int]) -> list[str]:
    """`RS-A1`, `RS-A2` …: so many clauses in each part."""
    return [f"{prefix}-{part}{n}" for part, count in counts.items() for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("standard", "expected"),
    [
        ("restaurant_service", codes("RS", {"A": 14, "B": 15, "C": 6, "D": 3, "E": 10})),
        ("supervision_conduct", codes("RP", {"B": 10, "C": 7, "D": 3})),
    ],
    ids=["restaurant_service", "supervision_conduct"],
)
def test_every_clause_of_the_source_is_in_the_library(
    portal: Portal, standard: str, expected: list[str]
) -> None:
    """Each coded clause stands in the standards library once, in order."""
    clauses = portal.standards[f"{REGIME}.{standard}"].clauses

    assert [clause.clause for clause in clauses.values()] == expected


def test_every_service_clause_is_asked_by_a_checklist(portal: Portal) -> None:
    """The five checklists together ask every clause of the restaurant's standard."""
    checklists = (portal.checklists[f"{REGIME}.{name}"] for name in SCORED)
    asked = {item.standard for checklist in checklists for _, item in checklist.items()}
    known = portal.standards[f"{REGIME}.restaurant_service"].clauses

    assert asked == {f"restaurant_service.{name}" for name in known}


@pytest.mark.parametrize("name", SCORED)
def test_points_add_up_to_the_full_mark(portal: Portal, name: str) -> None:
    """A list's points make the full score, so that a point is a percent."""
    checklist = portal.checklists[f"{REGIME}.{name}"]

    assert sum(item.points or Decimal(0) for _, item in checklist.items()) == checklist.scoring.full


@pytest.mark.parametrize("name", ["staff_conduct", "service_defect"])
def test_amounts_are_marked_as_the_organisations_own(portal: Portal, name: str) -> None:
    """The source names no amount: each one is marked as our own, and each gap says why it is one."""
    for level in portal.penalty_schedules[f"{REGIME}.{name}"].levels.values():
        assert level.note
        assert level.own is (level.amount is not None)


def test_both_ladders_stand_in_one_ranking(portal: Portal) -> None:
    """Levels of faults and of defects keep their own order in the list that compares them."""
    ranking = list(portal.choices["common.finding_level"].options)

    for ladder in ("fault_level", "defect_level"):
        options = list(portal.choices[f"common.{ladder}"].options)
        assert [one for one in ranking if one in options] == options


def test_surprise_checks_stay_hidden_from_the_unit_before_they_happen(portal: Portal) -> None:
    """A unit head may neither read nor print a surprise check that has not been written up."""
    grants = portal.roles["unit_head"].can[f"{REGIME}.inspection"]

    for verb in ("read", "print"):
        (grant,) = (one for one in grants if one.verb == verb and one.rows == "subtree")
        assert grant.rows == "subtree"
        assert grant.where == "kind != 'surprise' or state not in ['planned', 'underway']"
