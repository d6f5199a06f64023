"""What happened to a penalty, and why a list was scored so, on the shipped prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.issue_document import issue_document
from app.actions.stored_reasons import score_reasons
from app.demo.stage import Stage, set_stage
from app.rules.checklists import compile_checklist
from app.storage import open_database
from app.storage.checklist_runs import RunPlace, load_run
from app.web.start import start
from tests.support.prints import text_of

ROOT = Path(__file__).resolve().parents[2]
REGIME = "restaurant_supervision"
FINDING, APPEAL, INSPECTION = (f"{REGIME}.{name}" for name in ("finding", "appeal", "inspection"))
HEAD, COOK = "R01-0", "R01-7"
NOW, DAY = datetime(2026, 3, 6, 2, tzinfo=UTC), timedelta(days=1)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The shipped configuration with the sample organisation in it."""
    database = open_database("", tmp_path_factory.mktemp("prints"))
    release = start(database, ROOT, NOW).release
    yield set_stage(release, database, date(2026, 2, 1))
    database.dispose()


def fined(stage: Stage) -> int:
    """A serious fault of the cook's, found by HR, decided and told."""
    values = {
        "class": "breach",
        "level": "serious_fault",
        "description": "未按标准操作",
        "unit": stage.unit("R01").id,
        "found_at": NOW,
        "finder": stage.person("hr_lead").id,
        "found_by": "hr_patrol",
        "offender": stage.person(COOK).id,
    }
    finding = stage.make("hr_lead", NOW, FINDING, values)
    stage.move("hr_lead", NOW, FINDING, finding, "charge")
    ident = min(stage.ids_of("penalty", record_type=FINDING, record_id=finding))
    stage.move("hr_lead", NOW, "penalty", ident, "decide", basis="条例 五")
    stage.move("hr_lead", NOW, "penalty", ident, "notify", notified_at=NOW)
    return int(ident)


def printed(stage: Stage, ident: int, report: str) -> str:
    context = stage.context("hr_lead", NOW + 5 * DAY)
    return text_of(issue_document(context, f"{REGIME}.{report}", ident, store=False))


def test_the_notice_tells_what_became_of_it(stage: Stage) -> None:
    """Paid, contested, corrected and refunded: each step with who, when, from what to what."""
    ident = fined(stage)
    assert "变动经过" not in printed(stage, ident, "penalty_notice")
    stage.move("keeper", NOW + DAY, "penalty", ident, "pay", paid_at=NOW + DAY, paid_amount=200)
    values = {"decision": ident, "decided_by": "hr", "notified_at": NOW, "appellant": stage.person(COOK).id}
    appeal = stage.make(COOK, NOW + DAY, APPEAL, values)
    talk = {"talk_with": stage.person("hr_manager").id, "talk_at": NOW + DAY, "talk_result": "没有谈拢"}
    form = stage.photo(COOK, NOW + DAY)
    stage.move(COOK, NOW + DAY, APPEAL, appeal, "file", **talk, grounds="事实不符", form=form)
    held = {
        "answer": "情节较轻",
        "correction": "correct",
        "corrected_level": "fault",
        "decider_measure": "none",
    }
    stage.move("boss", NOW + 2 * DAY, APPEAL, appeal, "uphold", **held)
    words = printed(stage, ident, "penalty_notice")
    for told in ("变动经过", "情节较轻", "150.00", "2026-03-08"):
        assert told in words, words
    assert "已退金额" in words


def test_the_report_says_why_this_score(stage: Stage) -> None:
    """The sentences of the stored tree stand on the print; the whole tree has one for each asked item."""
    values = {"kind": "routine", "unit": stage.unit("R01").id, "finder": stage.person("hr_lead").id}
    ident = stage.make("hr_lead", NOW, INSPECTION, values)
    stage.move("hr_lead", NOW, INSPECTION, ident, "start")
    name = f"{REGIME}.environment"
    items = compile_checklist(stage.release.portal, stage.release.portal.checklists[name]).items
    context = stage.context("hr_lead", NOW)
    place = RunPlace(INSPECTION, ident, "checklist")
    submit_checklist(context, place, name, {one: GivenAnswer("pass") for one in items})
    run: Any = load_run(context.session, stage.models, place)
    whole, every = score_reasons(run, items=False), score_reasons(run)
    assert whole == every[: len(whole)] and len(every) == len(whole) + len(run.answers)
    words = "".join(printed(stage, ident, "inspection_report").split())
    for reason in whole:
        assert "".join(reason.sentence().split()) in words
