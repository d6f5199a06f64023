"""Whoever is charged with a duty has a message when its turn begins: once, and nobody else."""

from __future__ import annotations

from pathlib import Path

from app.storage import Database
from app.storage.account_rows import create_account
from tests.support.duties import duties_office, duty_files, run
from tests.support.offices import Office, office_from

DAILY = """
round:
  title: 巡查
  every: working day
  for_each: unit
  where: code == 'SHOP'
  create: check
  assign: {who}
  due: 2 days
  {more}
"""


def messages(office: Office) -> list[tuple[str, str, str]]:
    """For whom, subject and text, oldest first."""
    table, names = office.models.tables["message"], {ident: key for key, ident in office.people.items()}
    with office.database.reading() as session:
        found = session.execute(table.select().order_by(table.c.id)).all()
    return [(names[one.person_id], one.subject, one.text or "") for one in found]


def test_the_one_who_is_charged_is_told_once(database: Database, tmp_path: Path) -> None:
    """The head of the unit, of each turn, with the time; a second run tells nothing more."""
    office = duties_office(database, tmp_path, DAILY.format(who="unit.head", more=""))
    run(office, "2026-11-16 08:00")
    run(office, "2026-11-16 08:05")
    assert messages(office) == [("head", "JC-001 shop: 巡查 shop", "to be done by 2026-11-18 24:00")]
    run(office, "2026-11-17 08:00")
    assert [one[1] for one in messages(office)] == ["JC-001 shop: 巡查 shop", "JC-002 shop: 巡查 shop"]


def test_everybody_of_a_role_is_told(sqlite_database: Database, tmp_path: Path) -> None:
    """All who have the role, and each one once."""
    office = duties_office(sqlite_database, tmp_path, DAILY.format(who="role.inspector", more=""))
    with office.database.writing() as session:
        for who in ("hr", "cook"):
            create_account(session, office.models, who, "secret-word", who, ["inspector"], office.people[who])
    run(office, "2026-11-16 08:00")
    assert sorted(one[0] for one in messages(office)) == ["cook", "hr"]


def test_the_words_are_those_of_a_template(sqlite_database: Database, tmp_path: Path) -> None:
    """With its further channels: one row of the outbox for each message and channel."""
    files = dict(duty_files(DAILY.format(who="unit.head", more="message: begins")))
    files["config/regimes/r/messages.yaml"] = """
        messages: {begins: {subject: "请查 {unit.title}", text: "{number}", channels: [inbox, email]}}
        """
    office = office_from(sqlite_database, tmp_path, files)
    run(office, "2026-11-16 08:00")
    assert messages(office) == [("head", "请查 shop", "JC-001\nto be done by 2026-11-18 24:00")]
    outbox = office.models.system["outbox"]
    with office.database.reading() as session:
        kinds = [one.kind for one in session.execute(outbox.select()).all()]
    assert kinds.count("deliver") == 1
