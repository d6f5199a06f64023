"""Faults entered in another order than they happened come to the same, as long as nobody has decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from tests.support.offices import Office, office_from
from tests.support.penalties import CONFIG, FOUND, REPEATED, make_case, penalty, raised

_FILE = "config/regimes/r/penalties.yaml"


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """The third minor fault within six months costs as much as a fault; a superior pays a share of it."""
    shared = "joint_liability: [{person: offender.superior, share: 50 %, when: level == 'minor'}]"
    text = CONFIG[_FILE].replace(
        "            repeat: {within: 6 months",
        f"            {shared}\n            repeat: {{within: 6 months",
    )
    assert text != CONFIG[_FILE]
    return office_from(sqlite_database, tmp_path, {**CONFIG, _FILE: text})


def entered(office: Office, days: Sequence[int], **more: str) -> dict[int, int]:
    """Minor faults of these days, entered in this order: day -> penalty."""
    return {
        day: raised(
            office, make_case(office, found_at=FOUND + timedelta(days=day)), REPEATED, "minor", **more
        )[0]
        for day in days
    }


def amounts(office: Office, found: dict[int, int]) -> list[object]:
    return [penalty(office, found[day]).values["amount_due"] for day in sorted(found)]


@pytest.mark.parametrize("order", tuple(permutations((0, 5, 9))), ids=str)
def test_the_order_of_entry_does_not_matter(office: Office, order: tuple[int, ...]) -> None:
    """The last of three by day is the one that is raised, whenever it was entered."""
    assert amounts(office, entered(office, order)) == [20, 20, 50]


def test_what_is_decided_stays(office: Office) -> None:
    """A fault that comes to light later does not make a decision dearer."""
    late = entered(office, (5, 9))
    advance_workflow(office.as_("hr", "hr", "administrator"), "penalty", late[9], "decide", {"basis": "依据"})
    assert amounts(office, late | entered(office, (0,))) == [20, 20, 20]


def test_other_people_and_other_windows_are_left_alone(office: Office) -> None:
    """Neither somebody else's fault nor one too long ago counts."""
    late = entered(office, (5, 9))
    entered(office, (0,), offender="other_cook")
    entered(office, (-200,))
    assert amounts(office, late) == [20, 20]


def test_faults_of_one_moment_count_as_they_were_entered(office: Office) -> None:
    """Three of one moment are a first, a second and a third; none counts twice."""
    same = [raised(office, make_case(office), REPEATED, "minor")[0] for _ in range(3)]
    assert [penalty(office, one).values["amount_due"] for one in same] == [20, 20, 50]
