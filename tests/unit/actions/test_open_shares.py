"""A share of joint liability that the regulation leaves open: asked of the decider, never made up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from app.workflow import TransitionRefused
from tests.support.appeals import FILES, answer, filed
from tests.support.offices import Office, office_from
from tests.support.penalties import make_case, penalty, raised, row
from tests.support.portals import NOW

_PENALTIES = FILES["config/regimes/r/penalties.yaml"]


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """The superior answers jointly for a share that nobody wrote."""
    written = _PENALTIES.replace(
        "share: 50 %, when: level >= 'serious'", "share: ~, when: level >= 'serious'"
    )
    assert written != _PENALTIES
    return office_from(sqlite_database, tmp_path, {**FILES, "config/regimes/r/penalties.yaml": written})


def decide(office: Office, ident: int, amount: object = None) -> None:
    posted = {"basis": "依据"} | ({} if amount is None else {"amount_due": amount})
    advance_workflow(office.as_("hr", "hr"), "penalty", ident, "decide", posted)


def test_nothing_is_charged_until_somebody_says_what(office: Office) -> None:
    """The direct penalty has its amount, the joint one asks; who decides sets it, and the reason says so."""
    direct, joint = raised(office, make_case(office, found_by="hr_patrol"), "r.conduct", "serious")
    assert penalty(office, direct).values["amount_due"] == 200
    asked = penalty(office, joint).values
    assert (asked["amount_due"], asked["base_amount"], asked["amount_asked"]) == (None, None, True)
    decide(office, direct)
    assert penalty(office, joint).values["amount_due"] is None
    with pytest.raises(TransitionRefused, match="应缴金额"):
        decide(office, joint)
    decide(office, joint, Decimal("30.50"))
    settled = penalty(office, joint).values
    assert (settled["state"], settled["amount_due"]) == ("decided", Decimal("30.50"))
    assert "{amount}, set by the decider" in [one["text"] for one in row(office, joint).reasons or ()]


@pytest.mark.parametrize(
    ("correction", "due"),
    [
        ({"amount": Decimal(150)}, "30.50"),
        ({"level": "fault"}, "0"),
    ],
    ids=["another amount leaves it", "a level without joint liability"],
)
def test_a_correction_of_the_direct_penalty(office: Office, correction: dict[str, Any], due: str) -> None:
    """What the decider set stands, unless nobody answers jointly any more."""
    direct, joint = raised(office, make_case(office, found_by="hr_patrol"), "r.conduct", "serious")
    decide(office, direct)
    decide(office, joint, Decimal("30.50"))
    for one in (direct, joint):
        advance_workflow(office.as_("hr", "hr"), "penalty", one, "notify", {"notified_at": NOW})
    answer(office, filed(office, direct), "correct", "other_head", "chief", **correction)
    assert penalty(office, joint).values["amount_due"] == Decimal(due)
