"""What a finding and its record keep of a list: the edition of the standard, every decimal of the score."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.rejudging_runs import rejudge_run
from app.actions.save_record import create_record
from app.storage import Database
from app.storage.checklist_runs import RunPlace
from tests.support.offices import Office, office_from, with_roles
from tests.unit.actions.test_submit_checklist import FILES, FINDING, KITCHEN, VISIT

_RECORDS, _LIST = "config/regimes/r/records.yaml", "checklists/r/kitchen.yaml"


def _office(database: Database, tmp_path: Path, records: str, checklist: str) -> Office:
    made = office_from(database, tmp_path, {**FILES, _RECORDS: records, _LIST: checklist})
    return with_roles(made, hr=("inspector",))


def _submitted(office: Office, **answers: str) -> tuple[int, tuple[int, ...]]:
    record = create_record(office.as_("hr"), VISIT, {"unit": office.units["shop"]}).id
    given = {name: GivenAnswer(value) for name, value in answers.items()}
    done = submit_checklist(office.as_("hr"), RunPlace(VISIT, record, "answers"), KITCHEN, given)
    return record, done.findings


def test_a_finding_cites_the_edition(sqlite_database: Database, tmp_path: Path) -> None:
    """The standard with its edition, the clause with its number."""
    records = FILES[_RECORDS].replace("title: 卫生标准\n", "title: 卫生标准\n            edition: 第二版\n")
    checklist = FILES[_LIST].replace("                  evidence: [photo]\n", "")
    office = _office(sqlite_database, tmp_path, records, checklist)
    _, (finding,) = _submitted(office, floor="fail", fridge="4", tidy="pass")
    assert office.read(FINDING, finding).values["standard"] == "卫生标准 (第二版) 3.1 地面清洁"


@pytest.mark.parametrize(("places", "score"), [(0, "67"), (1, "66.7"), (4, "66.6667"), (6, "66.666667")])
def test_a_record_keeps_every_decimal_of_the_score(
    sqlite_database: Database, tmp_path: Path, places: int, score: str
) -> None:
    """As many as the list asks for."""
    checklist = FILES[_LIST].replace(
        "{method: deduct, full: 100, pass: 90,", f"{{method: pass_rate, places: {places}, pass: 90,"
    )
    office = _office(sqlite_database, tmp_path, FILES[_RECORDS], checklist)
    record, _ = _submitted(office, floor="pass", fridge="4", tidy="fail")
    assert office.read(VISIT, record).values["answers_score"] == Decimal(score)


def test_a_finding_is_due_on_the_agreed_day(sqlite_database: Database, tmp_path: Path) -> None:
    """The day stands on the inspected record; judged again from what was stored it is the same."""
    records = FILES[_RECORDS].replace(
        "night: {type: boolean, title: 夜班}",
        "night: {type: boolean, title: 夜班}\n              agreed: {type: date, title: 约定}",
    )
    checklist = FILES[_LIST].replace("evidence: [photo]", "finding: true").replace("24 hours", "agreed")
    office = _office(sqlite_database, tmp_path, records, checklist)
    values = {"unit": office.units["shop"], "agreed": date(2026, 3, 9)}
    record = create_record(office.as_("hr"), VISIT, values).id
    given = {"floor": GivenAnswer("fail"), "fridge": GivenAnswer("4"), "tidy": GivenAnswer("pass")}
    place = RunPlace(VISIT, record, "answers")
    (finding,) = submit_checklist(office.as_("hr"), place, KITCHEN, given).findings
    due = office.read(FINDING, finding).values["rectify_by"]
    assert due == datetime(2026, 3, 9, 16, tzinfo=UTC), "the agreed day ends at midnight in Shanghai"
    assert rejudge_run(office.as_("hr"), place).same
