"""Undecided penalties under a release that switches open records: rivals are weighed, shares follow, and a
rollback brings everything back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions.advance_workflow import advance_workflow
from app.actions.configurations import stored_release
from app.storage import Database, build_models, update_record, verify_audit
from app.storage.penalties import PenaltyRow, penalties_raised
from tests.support.houses import ALL, CASE, FILES, House, edited
from tests.support.portals import stamp

ASSESSED = "{assess: {schedule: conduct, level: \"'low'\", offender: offender}}"
SECOND = ASSESSED.replace("conduct", "defect")
DEFECT = """          defect:
            title: 缺陷
            kind: fine
            rank: rank
            levels: {low: {amount: 60}}
            decided_by: [{who: role.hr}]
        records:
"""
TWO = edited(
    (ALL, ASSESSED, f"{ASSESSED}, {SECOND}"),
    (ALL, "            decided_by: [{who: role.hr}]\n", "            decided_by: [{who: role.hr}]\n"
     "            not_with: [defect]\n"),
    (ALL, "        records:\n", DEFECT),
)  # fmt: skip
LIGHT, HEAVY = (ALL, "{amount: 60}", "{amount: 20}"), (ALL, "{amount: 50}", "{amount: 90}")
JOINT = (ALL, "            decided_by: [{who: role.hr}]\n", "            decided_by: [{who: role.hr}]\n"
         "            joint_liability: [{person: offender.superior, share: 50 %}]\n")  # fmt: skip


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """An empty house on either database."""
    yield House(database, tmp_path / "root")
    database.session.remove()


def opened(house: House, files: dict[str, str]) -> int:
    """A house under these files, with a case that was charged."""
    house.apply(files)
    house.hire("hr", "cook")
    models = build_models(stored_release(house.database, 1))
    with house.database.writing() as session:
        superior = {"superior": house.people["hr"]}
        update_record(session, models, "person", house.people["cook"], superior, stamp(), None)
    case = house.case()
    house.move(case, "charge")
    return case


def rows(house: House, case: int) -> dict[str, PenaltyRow]:
    """The penalties of a case by schedule and origin: `conduct direct`."""
    context = house.context()
    found = penalties_raised(context.session, context.models, CASE, case)
    return {f"{(one.schedule or '').partition('.')[2]} {one.origin}": one for one in found}


def standing(house: House, case: int) -> dict[str, tuple[str, Decimal | None, int | None]]:
    """State, amount due and release of each."""
    return {name: (one.state, one.amount_due, one.release_id) for name, one in rows(house, case).items()}


@pytest.mark.parametrize("change", [LIGHT, HEAVY], ids=["the winner falls", "the loser rises"])
def test_rivals_are_weighed_anew_and_back(house: House, change: tuple[str, str, str]) -> None:
    """What is heavier by the new rules is charged alone; the way back sets the first one in its place."""
    case = opened(house, dict(TWO))
    before = standing(house, case)
    assert before == {
        "conduct direct": ("not_charged", Decimal(0), 1),
        "defect direct": ("proposed", Decimal(60), 1),
    }
    house.apply(edited(change, files=TWO), open_records="switch")
    after = standing(house, case)
    assert after["defect direct"][:2] == ("not_charged", Decimal(0))
    assert after["conduct direct"][:2] == ("proposed", Decimal(90 if change is HEAVY else 50))
    assert {one[2] for one in after.values()} == {1, 2}
    assert "not_with" in {one["rule"] for one in rows(house, case)["defect direct"].reasons or ()}
    house.roll_back(1)
    assert standing(house, case) == before
    context = house.context()
    assert verify_audit(context.session, context.models).broken_at is None


def test_what_was_decided_is_not_weighed_away(house: House) -> None:
    """A decided penalty stays charged, whatever the other comes to."""
    case = opened(house, dict(TWO))
    defect = rows(house, case)["defect direct"].id
    context = house.context()
    advance_workflow(context, "penalty", defect, "decide", {})
    house.apply(edited(HEAVY, files=TWO), open_records="switch")
    assert standing(house, case)["defect direct"] == ("decided", Decimal(60), 1)
    assert standing(house, case)["conduct direct"][0] == "not_charged"


def test_a_new_share_is_charged_and_falls_again(house: House) -> None:
    """Who answers jointly by the new rules gets a penalty; a rollback lets that off."""
    case = opened(house, dict(FILES))
    house.apply(edited(JOINT), open_records="switch")
    found = rows(house, case)
    assert found["conduct joint"].person_id == house.people["hr"]
    assert standing(house, case) == {
        "conduct direct": ("proposed", Decimal(50), 2),
        "conduct joint": ("proposed", Decimal(25), 2),
    }
    house.roll_back(1)
    after = standing(house, case)
    assert after["conduct direct"] == ("proposed", Decimal(50), 1)
    assert after["conduct joint"][:2] == ("exempt", Decimal(0))


def test_a_share_that_falls_comes_back(house: House) -> None:
    """By the new rules nobody answers jointly; by the old ones somebody does again."""
    case = opened(house, edited(JOINT))
    before = standing(house, case)
    assert before["conduct joint"] == ("proposed", Decimal(25), 1)
    house.apply(FILES, open_records="switch")
    assert standing(house, case)["conduct joint"][:2] == ("exempt", Decimal(0))
    house.roll_back(1)
    assert standing(house, case) == before


def test_an_exemption_lets_off_and_is_taken_back(house: House) -> None:
    """A penalty that the new rules let off is not lost: the way back proposes it again."""
    case = opened(house, dict(FILES))
    exempt = (ALL, "            kind: fine\n", "            kind: fine\n"
              "            exempt: [{when: \"level == 'low'\"}]\n")  # fmt: skip
    house.apply(edited(exempt), open_records="switch")
    assert standing(house, case) == {"conduct direct": ("exempt", Decimal(0), 2)}
    house.roll_back(1)
    assert standing(house, case) == {"conduct direct": ("proposed", Decimal(50), 1)}


def test_what_a_new_rule_reads_is_read(house: House) -> None:
    """A fact that the old rules did not ask for comes from the record."""
    asked = "            facts: {title: {type: text, required: true}}\n            levels: {low: {amount: 70}"
    titled = edited((ALL, "            levels: {low: {amount: 50}", asked))
    case = opened(house, dict(FILES))
    house.apply(titled, open_records="switch")
    assert standing(house, case) == {"conduct direct": ("proposed", Decimal(70), 2)}
