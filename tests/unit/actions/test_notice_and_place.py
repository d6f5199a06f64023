"""The notice that a schedule names, and the place where its penalties are paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.actions.advance_workflow import advance_workflow
from app.actions.offered_reports import reports_of
from app.actions.penalty_history import pay_to
from app.storage import Database
from tests.support.offices import Office, office_from
from tests.support.penalties import CONDUCT, CONFIG, DEFECT, REPEATED, make_case, raised
from tests.support.portals import NOW

_FILE = "config/regimes/r/penalties.yaml"


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Two schedules with a notice of their own, one of them with a place to pay; a third has neither."""
    text = CONFIG[_FILE].replace(
        "title: 违纪\n", "title: 违纪\n            notice: a_notice\n            payment: {pay_to: 财务室}\n"
    )
    text = text.replace("title: 缺陷\n", "title: 缺陷\n            notice: z_notice\n")
    reports = {
        f"report_templates/r/{name}.yaml": f"title: {name}\nof: record\nrecord: penalty\n"
        for name in ("a_notice", "m_sheet", "z_notice")
    }
    return office_from(sqlite_database, tmp_path, {**CONFIG, _FILE: text, **reports})


@pytest.mark.parametrize(
    ("schedule", "level", "offered", "place"),
    [
        (CONDUCT, "fault", ["r.a_notice", "r.m_sheet"], "财务室"),
        (DEFECT, "accident", ["r.z_notice", "r.m_sheet"], ""),
        (REPEATED, "fault", ["r.a_notice", "r.m_sheet", "r.z_notice"], ""),
    ],
)
def test_a_penalty_has_the_notice_and_the_place_of_its_schedule(
    office: Office, schedule: str, level: str, offered: list[str], place: str
) -> None:
    """Its own notice comes first, not those of others; the place is told while something is due."""
    ident = raised(office, make_case(office, found_by="hr_patrol"), schedule, level)[0]
    context = office.as_("hr", "hr", "administrator")
    found = reports_of(office.release, office.read("penalty", ident))
    assert [one.full_name for one in found] == offered
    assert pay_to(context, ident) == "", "nothing is decided yet"
    advance_workflow(context, "penalty", ident, "decide", {"basis": "依据"})
    assert pay_to(context, ident) == place
    advance_workflow(context, "penalty", ident, "withdraw", {"withdrawn_reason": "误判"})
    assert pay_to(office.as_("hr", "hr", now=NOW), ident) == ""
