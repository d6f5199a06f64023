"""Who is told of an appeal, and who may answer it: by the chain of the penalty, never by what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from app.storage.account_rows import create_account
from app.workflow import TransitionRefused
from tests.support.appeals import APPEAL, DAY, FILES, answer, appeal_office, decided, filed
from tests.support.offices import Office
from tests.support.portals import NOW

TOLD = {
    "config/regimes/r/appeals.yaml": FILES["config/regimes/r/appeals.yaml"]
    .replace(
        "do: [{appeal: {penalty: decision, result: open}}]",
        "do: [{appeal: {penalty: decision, result: open}, message: appeal_filed}]",
    )
    .replace(
        "              answer: {type: long_text, title: 答复}\n",
        "              answer: {type: long_text, title: 答复}\n"
        "              decided_by: {type: choice, title: 谁决定的, options: who}\n",
    )
    .replace(
        "        choices:\n",
        "        choices:\n          who: {options: {head: 店长, hr: 人事, gm: 总经理}}\n",
    )
    + """
        messages:
          appeal_filed: {subject: "申诉 {decision.number}", text: 请答复}
        """,
}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases, with accounts that hold the roles."""
    office = appeal_office(database, tmp_path, TOLD)
    with office.database.writing() as session:
        for who, role in (("hr", "hr"), ("other_head", "chief"), ("boss", "gm")):
            create_account(session, office.models, who, "secret-word", who, [role], office.people[who])
    return office


def told(office: Office) -> list[int]:
    table = office.models.tables["message"]
    with office.database.reading() as session:
        found = session.execute(table.select().where(table.c.record_type == APPEAL)).all()
    return [one.person_id for one in found]


@pytest.mark.parametrize("typed", ["head", "hr", "gm", None])
def test_those_who_hear_it_are_told(office: Office, typed: str | None) -> None:
    """HR decided, so the chief hears it, whatever the appellant says about who decided."""
    penalty = decided(office)
    at = NOW + DAY
    values = {"decision": penalty, "decided_by": typed}
    appeal = create_record(office.as_("cook", "staff", now=at), APPEAL, values).id
    advance_workflow(office.as_("cook", "staff", now=at), APPEAL, appeal, "file")
    assert told(office) == [office.people["other_head"]]
    with pytest.raises(TransitionRefused):
        answer(office, appeal, "keep", who="boss", role="gm")
    answer(office, appeal, "keep", who="other_head", role="chief")


def test_the_head_decided_so_the_next_above_is_told(office: Office) -> None:
    """A path of persons is followed from the person in breach."""
    filed(office, decided(office, by="head"))
    assert told(office) == [office.people["boss"]]


def test_the_next_instance_is_told_of_the_next_appeal(office: Office) -> None:
    """The answer of the first is contested before the second; nobody hears the own answer again."""
    penalty = decided(office)
    answer(office, filed(office, penalty), "keep", who="other_head", role="chief")
    again = filed(office, penalty, at=NOW + 3 * DAY)
    assert told(office) == [office.people["other_head"], office.people["boss"]]
    answer(office, again, "keep", who="boss", role="gm", at=NOW + 3 * DAY)


def test_where_nobody_is_left_the_next_one_is_told(office: Office) -> None:
    """The chief's account is gone: the general manager steps in."""
    users = office.models.system["ab_user"]
    with office.database.writing() as session:
        session.execute(users.update().where(users.c.username == "other_head").values(active=False))
    filed(office, decided(office))
    assert told(office) == [office.people["boss"]]
