"""Records that are still open when a release changes their rules: kept, switched, or asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access import SYSTEM, AccessDenied
from app.actions import create_record
from app.actions.configurations import read_folder
from app.actions.publish_release import Draft, publish_release, restored
from app.actions.release_choice import ChoiceRefused, choose_release, question_of
from app.actions.release_plan import plan_release
from app.actions.start_release import ReleaseUnfit, release_is_due, start_due
from app.storage import Database, history_of, verify_audit
from tests.support.houses import ALL, CASE, FILES, LIST, NEW, House, edited
from tests.support.portals import NOW, write_files


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """The first release, with two people."""
    made = House(database, tmp_path / "root")
    made.apply(FILES)
    made.hire("hr", "cook")
    yield made
    database.session.remove()


def judged(house: House, ident: int) -> tuple[Decimal | None, Decimal | None, timedelta]:
    """Fine, score and time limit of a case, as they come out now."""
    house.move(ident, "charge")
    fine, score = house.fine(ident), house.score(ident)
    clock = house.clock(ident)
    assert clock.due_at is not None and clock.started_at is not None
    return fine.amount_due, score, clock.due_at - clock.started_at


OLD_RULES = (Decimal(50), Decimal(90), timedelta(hours=2))
NEW_RULES = (Decimal(80), Decimal(70), timedelta(hours=5))


def test_an_open_record_keeps_its_rules(house: House) -> None:
    """Fine, points and time of the release that it names; a new record goes by the new ones."""
    old = house.case()
    assert house.plan(NEW).as_json()["affected"]["open_records_by_mode"][CASE] == {  # type: ignore[index]
        "open": 1, "mode": "keep", "stuck": 0,
    }  # fmt: skip
    house.apply(NEW)
    new = house.case("later")
    assert judged(house, old) == OLD_RULES and judged(house, new) == NEW_RULES
    assert (house.release(old), house.release(new), house.fine(old).release_id) == (1, 2, 1)


def test_a_clock_that_begins_later_keeps_its_rules_too(house: House) -> None:
    """What counts is the release of the record, not when its clock starts."""
    context = house.context()
    old = create_record(context, CASE, {"title": "c", "offender": house.people["cook"]}).id
    house.apply(NEW)
    from app.actions import save_record

    save_record(house.context(), CASE, old, {"received_at": house.now}, None)
    clock = house.clock(old)
    assert clock.due_at == house.now + timedelta(hours=2) and clock.release_id == 1


def test_open_records_switch_with_the_release(house: House) -> None:
    """Release, fine, points and time are the new ones at once, told in the trail; what was closed, or is of
    another type, stays; time served counts on."""
    old, closed = house.case(), house.case("closed")
    proposed = house.case("fined")
    house.move(proposed, "charge")
    house.move(closed, "close")
    other = create_record(replace(house.context(), actor=SYSTEM), "r.other", {"title": "o"}).id
    house.now += timedelta(hours=1)
    words = "\n".join(house.plan(NEW, "switch").lines())
    assert "2 open records of r.case go over to the new rules at once" in words and "r.other go" not in words
    house.apply(NEW, open_records="switch")
    assert [house.release(one) for one in (old, closed, proposed)] == [2, 1, 2]
    assert house.release(other, "r.other") == 1
    clock, fine = house.clock(old), house.fine(proposed)
    assert clock.due_at == NOW + timedelta(hours=5) and clock.started_at == NOW and clock.release_id == 2
    assert (fine.amount_due, fine.release_id, fine.state) == (Decimal(80), 2, "proposed")
    assert judged(house, old) == NEW_RULES
    context = house.context()
    trail = history_of(context.session, context.models, CASE, proposed)
    assert {"release_id": 2} in [one["after"] for one in trail] and "#1 → #2 neu" in trail[0]["detail"]
    assert verify_audit(context.session, context.models).broken_at is None


def test_rolling_back_brings_switched_records_back(house: House) -> None:
    """Each to the release that it came from, with its time and its fine; those made since keep theirs."""
    old, fined = house.case(), house.case("fined")
    house.move(fined, "charge")
    house.apply(NEW, open_records="switch")
    since = house.case("since")
    _draft, release = restored(house.database, 1, house.now)
    words = "\n".join(plan_release(house.database, release, house.now, restores=1).lines())
    assert "3 open records go back to the release that they came from" in words
    assert house.roll_back(1) == 3
    assert [house.release(one) for one in (old, fined, since)] == [1, 1, 2]
    assert house.clock(old).due_at == NOW + timedelta(hours=2) and house.fine(fined).amount_due == Decimal(50)
    assert judged(house, old) == OLD_RULES and judged(house, since) == NEW_RULES


@pytest.mark.parametrize(
    ("mode", "words", "release", "asked"),
    [
        ("keep", "1 open records of r.case keep the rules", 2, False),
        ("switch", "1 open records of r.case go over to the new rules at once", 3, False),
        ("ask", "1 open records of r.case keep their rules until somebody", 2, True),
    ],
)
def test_a_rollback_says_what_becomes_of_open_records(
    house: House, mode: str, words: str, release: int, asked: bool
) -> None:
    """A record of the later release keeps, switches or is asked about; one that goes back is not asked."""
    old = house.case()
    house.apply(NEW, open_records="switch")
    since = house.case("since")
    said = "\n".join(house.plan_back(1, mode).lines())
    assert words in said and "1 open records go back to the release that they came from" in said
    assert house.roll_back(1, mode) == 3
    assert (house.release(old), house.release(since)) == (1, release)
    context = house.context()
    assert (question_of(context, CASE, since) is not None) is asked
    assert question_of(context, CASE, old) is None


def test_a_service_level_that_is_gone_ends_its_clocks(house: House) -> None:
    """Under `switch` its clocks are cancelled; under a rollback they run again."""
    old = house.case()
    level = next(line for line in FILES[ALL].splitlines() if "answer: {" in line)
    without = edited((ALL, level, ""), (ALL, "        service_levels:", ""))
    house.apply(without, open_records="switch")
    assert house.clock(old).status == "cancelled" and house.clock(old).next_step_at is None
    assert house.clock(old).open is False
    house.roll_back(1)
    assert house.clock(old).status == "running" and house.clock(old).due_at == NOW + timedelta(hours=2)


def test_a_record_in_a_state_that_goes_keeps_the_old(house: House) -> None:
    """The plan names it; the others go over."""
    stuck, free = house.case(), house.case("free")
    house.move(stuck, "charge")
    files = edited(
        (ALL, "held: {title: 停}, ", ""), (ALL, "from: [open, held]", "from: open"),
        (ALL, "to: held", "to: open"),
        files=NEW,
    )  # fmt: skip
    plan = house.plan(files, "switch")
    words = "\n".join(plan.lines())
    assert "1 open records of r.case go over" in words and "1 open records of r.case cannot go over" in words
    house.apply(files, open_records="switch", allow_loss=plan.lossy)
    assert (house.release(stuck), house.release(free)) == (1, 2)


def test_somebody_is_asked(house: House) -> None:
    """Nothing changes until an answer; either answer is audited, and given by who may edit."""
    stays, goes = house.case(), house.case("goes")
    files = edited(
        ("config/portal.yaml", "regimes: [r]", "regimes: [r], releases: {open_records: ask}"), files=NEW
    )
    house.apply(files)
    context = house.context()
    question = question_of(context, CASE, stays)
    assert question is not None and (question.stays, question.goes_on, question.asked) == (1, 2, 2)
    assert house.clock(goes).due_at == NOW + timedelta(hours=2)
    with pytest.raises(AccessDenied):
        choose_release(house.context("reader"), CASE, stays, 2)
    with pytest.raises(ChoiceRefused):
        choose_release(house.context(), CASE, stays, 7)
    choose_release(house.context(), CASE, stays, 1)
    choose_release(house.context(), CASE, goes, 2)
    for one in (stays, goes):
        with pytest.raises(ChoiceRefused, match="nothing is asked"):
            choose_release(house.context(), CASE, one, 2)
    assert (house.release(stays), house.release(goes)) == (1, 2)
    assert house.clock(goes).due_at == NOW + timedelta(hours=5)
    assert judged(house, stays) == OLD_RULES and judged(house, goes) == NEW_RULES
    assert question_of(house.context(), CASE, house.case("new")) is None
    house.roll_back(1)
    assert house.release(goes) == 1


def test_a_proposed_penalty_is_asked_about(house: House) -> None:
    """Its amount changes with the answer."""
    case = house.case()
    house.move(case, "charge")
    house.apply(NEW, open_records="ask")
    fine = house.fine(case)
    context = house.context()
    assert question_of(context, "penalty", fine.id) is not None
    choose_release(replace(context, actor=SYSTEM), "penalty", fine.id, 2)
    assert house.fine(case).amount_due == Decimal(80) and house.fine(case).release_id == 2


def test_a_change_of_words_touches_nobody(house: House) -> None:
    """A title is no rule, and a type whose rules stay the same is left alone."""
    old = house.case()
    files = edited((ALL, "title: 罚", "title: 罚款"), (LIST, "title: 地面", "title: 地板"))
    assert house.plan(files, "switch").touched == ()
    house.apply(files, open_records="switch")
    assert house.release(old) == 1


def test_a_release_that_waits_switches_on_its_day(house: House) -> None:
    """Not before, and once, whoever asks again."""
    old = house.case()
    house.apply(NEW, open_records="switch", starts_at=NOW + timedelta(days=2))
    assert house.release(old) == 1 and not release_is_due(house.context())
    house.now += timedelta(days=2, minutes=1)
    assert release_is_due(house.context())
    assert (start_due(house.context()), start_due(house.context())) == (1, 0)
    assert house.release(old) == 2 and house.clock(old).due_at == NOW + timedelta(hours=5)
    assert not release_is_due(house.context())


def test_a_release_from_another_base_is_rejected_on_its_day(house: House) -> None:
    """It was planned from a release that serves no longer: that one goes on, and the job says why."""
    house.apply(NEW, starts_at=NOW + timedelta(days=2))
    with house.database.writing() as session:
        session.execute(sa.text("UPDATE release SET base = 7 WHERE id = 2"))
    house.now += timedelta(days=3)
    assert house.context().release.number == 1 and release_is_due(house.context())
    with pytest.raises(ReleaseUnfit, match="planned from release 7"):
        start_due(house.context())
    assert start_due(house.context()) == 0 and not release_is_due(house.context())
    assert house.apply(NEW) == 3


@pytest.mark.parametrize("step", ["marked", "carried"])
def test_a_fault_while_records_go_over_leaves_all_as_it_was(house: House, step: str) -> None:
    """Release and records change together or not at all."""
    old = house.case()
    found = read_folder(write_files(house.root, NEW))
    assert found.portal is not None

    def fail(reached: str) -> None:
        if reached == step:
            raise InterruptedError(step)

    draft = Draft(found.files, found.portal, 1, open_records="switch")
    with pytest.raises(InterruptedError):
        publish_release(house.database, draft, SYSTEM, house.now, fail)
    assert house.release(old) == 1 and house.context().release.number == 1
    assert house.clock(old).due_at == NOW + timedelta(hours=2)
