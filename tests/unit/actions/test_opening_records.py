"""Opening records and logging in: who sees what, and the trace that it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.access import AccessDenied
from app.actions import load_for, open_record
from app.actions.sessions import record_login
from app.storage import Database, RecordGone, history_of, insert_record
from tests.support.offices import Office, office_from
from tests.support.portals import NOW, stamp

CONFIG = {
    "config/roles.yaml": """
        roles:
          head: {title: 店长, can: {r.note: [read subtree], r.letter: [read, delete own]}}
        """,
    "config/regimes/r/all.yaml": """
        records:
          note:
            title: 谈话
            confidential: true
            fields: {unit: {type: unit, title: 部门}}
          letter: {title: 来信, fields: {text: {type: text, title: 内容}}}
        """,
}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """The organisation with confidential notes and plain letters."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def made(office: Office, record_type: str, **values: object) -> int:
    with office.database.writing() as session:
        return insert_record(session, office.models, record_type, values, stamp(office.people["hr"]))


def actions(office: Office, record_type: str, record_id: int) -> list[tuple[str, str]]:
    with office.database.reading() as session:
        entries = history_of(session, office.models, record_type, record_id)
    return [(entry["action"], entry["person"]) for entry in entries]


def test_opening_a_confidential_record_is_noted(office: Office) -> None:
    """Each look at a confidential record is in the audit trail, a look at a plain one is not."""
    note, letter = made(office, "r.note", unit=office.units["shop"]), made(office, "r.letter", text="a")
    head = office.as_("head", "head")
    stored, facts = open_record(head, "r.note", note)
    assert (stored.id, facts["unit"]) == (note, office.units["shop"])
    open_record(head, "r.letter", letter)
    assert actions(office, "r.note", note) == [("read", "店长")]
    assert actions(office, "r.letter", letter) == []


def test_rows_of_others_do_not_exist(office: Office) -> None:
    """Who may not read a record is told the same as if there were none; nothing is noted."""
    note = made(office, "r.note", unit=office.units["other"])
    for record_id in (note, 999):
        with pytest.raises(RecordGone):
            open_record(office.as_("head", "head"), "r.note", record_id)
    assert actions(office, "r.note", note) == []


def test_further_verbs_are_asked_for(office: Office) -> None:
    """A record that may be read but not deleted says so."""
    letter = made(office, "r.letter", text="a")
    with pytest.raises(AccessDenied, match="delete own"):
        load_for(office.as_("head", "head"), "r.letter", letter, "delete")


def test_login_is_noted(office: Office) -> None:
    """A log-in is in the trail, also that of an account without a person."""
    record_login(office.database, office.models, 4711, NOW)
    with office.database.reading() as session:
        (entry,) = session.execute(office.models.tables["audit_entry"].select()).all()
    assert (entry.action, entry.detail, entry.at) == ("login", "account 4711", NOW)
