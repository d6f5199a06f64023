"""What was judged comes out the same when it is judged again from what is stored, under its own release."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.context import Context
from app.actions.rejudging import NotRejudged, rejudge_penalty
from app.actions.rejudging_runs import rejudge, rejudge_run
from app.release import compile_release
from app.storage import Database, mark_live, store_release, update_record
from app.storage.checklist_runs import RunPlace
from tests.support.appeals import FILES, answer, appeal_office, chain, decided, filed, stands
from tests.support.offices import Office, office_from
from tests.support.penalties import CASE, make_case, raised, row
from tests.support.portals import NOW, portal_from, stamp
from tests.unit.actions.test_submit_checklist import FILES as LISTS
from tests.unit.actions.test_submit_checklist import KITCHEN, VISIT, good, visited

PENALTIES = "config/regimes/r/penalties.yaml"


def released(office: Office, root: Path, files: dict[str, str]) -> Office:
    """The same office under a stored release of these files, live from now on."""
    portal = portal_from(root, files)
    contents = {path: (root / "root" / path).read_bytes() for path in portal.files}
    with office.database.writing() as session:
        number = store_release(session, contents, stamp())
        mark_live(session, number, NOW)
    return replace(office, release=compile_release(portal, number))


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation under its first stored release, on both databases."""
    return released(appeal_office(database, tmp_path), tmp_path / "one", dict(FILES))


def dearer(office: Office, root: Path) -> Office:
    """A second release in which everything costs ten times as much."""
    text = (
        FILES[PENALTIES].replace("{amount: 50}", "{amount: 500}").replace("{amount: 200}", "{amount: 2000}")
    )
    return released(office, root / "two", {**FILES, PENALTIES: text})


def test_each_penalty_is_judged_by_its_own_release(office: Office, tmp_path: Path) -> None:
    """What was made under the first release is judged by that one, whatever the tariff says now."""
    before = decided(office, "serious")
    later = dearer(office, tmp_path)
    after = decided(later, "serious")
    assert (row(later, before).amount_due, row(later, after).amount_due) == (Decimal(200), Decimal(2000))
    context = later.as_("hr", "hr")
    first, second = (rejudge_penalty(context, one) for one in (before, after))
    assert (first.same, first.release, second.same, second.release) == (True, 1, True, 2)


def test_a_correction_is_judged_by_the_release_of_the_penalty(office: Office, tmp_path: Path) -> None:
    """A lower level costs what it cost when the penalty was made."""
    ident = decided(office, "serious")
    later = dearer(office, tmp_path)
    answer(later, filed(later, ident), "correct", "other_head", "chief", level="fault")
    assert stands(later, ident) == ("notified", Decimal(50))
    assert (row(later, ident).release_id, chain(later, ident)[-1].release_id) == (1, 1)
    assert rejudge_penalty(later.as_("hr", "hr"), ident).same


def test_everything_of_one_record(office: Office) -> None:
    """A case: the penalties that it led to; one that led to none has nothing to judge."""
    case = make_case(office)
    ids = raised(office, case, "r.conduct", "serious")
    found = rejudge(office.as_("hr", "hr"), CASE, case)
    assert [(one.id, one.same) for one in found] == [(ident, True) for ident in ids]
    with pytest.raises(NotRejudged, match="nothing of it was judged"):
        rejudge(office.as_("hr", "hr"), CASE, make_case(office))


@pytest.fixture
def inspected(database: Database, tmp_path: Path) -> Office:
    """The organisation with a checklist, on both databases."""
    return office_from(database, tmp_path, LISTS)


def submitted(office: Office, **others: GivenAnswer) -> tuple[Context, RunPlace]:
    hr = office.as_("hr", "inspector")
    made = visited(replace(office, roles={"hr": frozenset({"inspector"})}), night=True)
    answers = good(light=GivenAnswer("fail"), fridge=GivenAnswer("11.5", remark="太热"), **others)
    submit_checklist(hr, made, KITCHEN, answers)
    return office.as_("hr", "inspector"), made


def test_a_checklist_is_scored_again(inspected: Office) -> None:
    """From the stored answers and what its conditions read, item by item."""
    context, place = submitted(inspected)
    found = rejudge_run(context, place)
    assert (found.same, found.steps) == (True, 5)
    assert [one.same for one in rejudge(context, VISIT, place.record_id)] == [True]


def test_what_was_read_counts_not_what_is_there_now(inspected: Office) -> None:
    """The visit is no night shift any more; the list asked about the light all the same."""
    context, place = submitted(inspected)
    with inspected.database.writing() as session:
        update_record(session, inspected.models, VISIT, place.record_id, {"night": False}, stamp(), None)
    assert rejudge_run(context, place).same


@pytest.mark.parametrize(("change", "what"), [
    pytest.param(lambda stored: {**stored, "score": "99"}, "score", id="the score"),
    pytest.param(lambda stored: {**stored, "items": stored["items"][1:]}, "item", id="an item is gone"),
    pytest.param(
        lambda stored: {**stored, "items": [{**one, "lost": "0"} for one in stored["items"]]},
        "points lost", id="points",
    ),
    pytest.param(lambda stored: {**stored, "findings": []}, "finding", id="a finding is gone"),
])  # fmt: skip
def test_a_changed_result_is_found(inspected: Office, change: object, what: str) -> None:
    """Whatever somebody changes in the stored result comes to light."""
    context, place = submitted(inspected)
    table = inspected.models.system["checklist_run"]
    with inspected.database.writing() as session:
        stored = session.execute(table.select()).one().result
        session.execute(table.update().values(result=change(stored)))  # type: ignore[operator]
    differences = rejudge_run(context, place).differences
    assert what in {one.what for one in differences}
    assert all(one.stored != one.again for one in differences)


def test_a_list_from_before_is_said(inspected: Office) -> None:
    """One that was submitted before inputs were kept cannot be scored again."""
    context, place = submitted(inspected)
    with inspected.database.writing() as session:
        session.execute(inspected.models.system["checklist_run"].update().values(inputs=None))
    with pytest.raises(NotRejudged, match="not kept"):
        rejudge_run(context, place)
