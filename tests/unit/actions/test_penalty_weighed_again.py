"""One event under two schedules, after a correction: never both charged, and never the lighter one alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions.advance_workflow import advance_workflow
from app.actions.rejudging import rejudge_penalty
from app.storage import Database
from app.workflow import TransitionRefused
from tests.support.appeals import answer, appeal_office, chain, decided, filed, stands
from tests.support.offices import Office
from tests.support.penalties import CONDUCT, DEFECT, make_case, raised, row

PENALTY = "penalty"
SET_ASIDE, PROPOSED = ("not_charged", Decimal(0)), "proposed"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return appeal_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return appeal_office(sqlite_database, tmp_path)


def contested(office: Office, found: str, rival: str, **asked: Any) -> tuple[int, int]:
    """A decided penalty of the conduct tariff, and the one of the other tariff that stood back for it."""
    case = make_case(office, found_by="hr_patrol")
    direct = decided(office, found, case=case)
    (defect,) = raised(office, case, DEFECT, rival)
    assert stands(office, defect) == SET_ASIDE
    answer(office, filed(office, direct), "correct", who="other_head", role="chief", **asked)
    return direct, defect


def same(office: Office, *penalties: int) -> bool:
    return all(rejudge_penalty(office.as_("hr", "hr"), ident).same for ident in penalties)


@pytest.mark.parametrize(
    ("level", "rival", "asked", "due"),
    [
        ("serious", "accident", {"level": "fault"}, 100),
        ("major", "serious", {"amount": "200"}, 300),
        ("major", "serious", {"level": "serious"}, 300),
    ],
    ids=["another level", "another amount", "a level with shares"],
)
def test_what_is_heavier_now_is_proposed_again(
    office: Office, level: str, rival: str, asked: dict[str, str], due: int
) -> None:
    """With the reason, and whoever decides on it is told."""
    direct, defect = contested(office, level, rival, **asked)
    assert row(office, direct).state == "notified"
    assert stands(office, defect) == (PROPOSED, Decimal(due))
    last = chain(office, defect)[-1]
    assert last.kind == "taken_up" and "is lighter now" in last.reasons[0]["text"]
    assert all(one["rule"] != "not_with" for one in row(office, defect).reasons or ())
    assert same(office, direct, defect)


def test_only_one_of_the_two_is_charged(office: Office) -> None:
    """The heavier one is decided when the lighter is taken back, and not before."""
    direct, defect = contested(office, "serious", "accident", level="fault")
    with pytest.raises(TransitionRefused, match="only the heavier of the two"):
        advance_workflow(office.as_("boss", "administrator"), PENALTY, defect, "decide", {})
    withdraw = {"withdrawn_reason": "从重"}
    advance_workflow(office.as_("boss", "administrator"), PENALTY, direct, "withdraw", withdraw)
    assert row(office, defect).state == PROPOSED
    advance_workflow(office.as_("boss", "administrator"), PENALTY, defect, "decide", {})
    assert (row(office, direct).state, row(office, defect).state) == ("withdrawn", "decided")
    assert same(office, direct, defect)


@pytest.mark.parametrize(
    ("level", "rival", "asked"),
    [
        ("serious", "spot", {"level": "fault"}),
        ("major", "serious", {"amount": "400"}),
        ("major", "serious", {"amount": "300"}),
    ],
    ids=["still heavier", "still more", "as much, and ranked higher"],
)
def test_what_is_still_lighter_stays_back(
    local: Office, level: str, rival: str, asked: dict[str, str]
) -> None:
    """A correction that leaves the order as it was leaves the other one alone."""
    _, defect = contested(local, level, rival, **asked)
    assert stands(local, defect) == SET_ASIDE


def test_a_correction_that_ranks_higher_sets_the_other_aside(local: Office) -> None:
    """Proposed while the amount was open, it stands back as soon as the other is decided and heavier."""
    case = make_case(local, found_by="hr_patrol")
    (defect,) = raised(local, case, DEFECT, "serious")
    direct = raised(local, case, CONDUCT, "major")[0]
    assert row(local, defect).state in (PROPOSED, "not_charged")
    advance_workflow(local.as_("hr", "hr"), PENALTY, direct, "decide", {"amount_due": "400"})
    assert stands(local, defect) == SET_ASIDE
    charged = [one for one in (direct, defect) if row(local, one).state in ("decided", "notified", "paid")]
    assert charged == [direct]


def test_a_second_correction_weighs_once_more(local: Office) -> None:
    """Proposed again by the first, it stays so by the second: nothing that is due ever rises."""
    direct, defect = contested(local, "major", "serious", amount="250")
    assert row(local, defect).state == PROPOSED
    with pytest.raises(TransitionRefused):
        answer(local, filed(local, direct), "correct", who="boss", role="gm", amount="400")
    assert row(local, defect).state == PROPOSED
    assert row(local, direct).amount_due == Decimal(250)
