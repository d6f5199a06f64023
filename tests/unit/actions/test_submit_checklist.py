"""Submitting a checklist: scored by the server, kept answer by answer, failed items made findings."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from app.access import AccessDenied
from app.actions import InvalidRecord
from app.actions.attach_file import attach_file
from app.actions.checklists import ChecklistRefused, GivenAnswer, open_run, submit_checklist
from app.actions.drafts import read_draft, save_draft
from app.actions.save_record import create_record
from app.storage import Database, RecordGone, StaleRecord
from app.storage.checklist_runs import RunPlace, load_run, run_attachments
from tests.support.offices import Office, office_from, with_roles

FILES = {
    "config/roles.yaml": """
        roles:
          inspector:
            title: 督查员
            can:
              visit: [create, read, update own]
              finding: [read]
              unit: [read]
              person: [read]
          reader:
            title: 只读
            can: {visit: [read], finding: [read], unit: [read], person: [read]}
        """,
    "config/regimes/r/records.yaml": """
        choices:
          level: {ordered: true, options: {light: 轻, heavy: 重}}
        workflows:
          visit:
            start: open
            states: {open: {title: 进行中}, done: {title: 已关闭, final: true, locked: true}}
            transitions: {close: {title: 关闭, from: open, to: done, by: [role.inspector]}}
        records:
          visit:
            title: 检查
            label: "{unit.title}"
            workflow: visit
            fields:
              unit: {type: unit, title: 单位, required: true}
              inspector: {type: person, title: 检查人, default: me, owner: true}
              night: {type: boolean, title: 夜班}
              answers: {type: checklist, title: 检查表, options: [kitchen], finding: finding}
          finding:
            title: 问题
            number: "F-{seq:03d}"
            fields:
              visit: {type: link, to: visit, title: 检查}
              unit: {type: unit, title: 单位}
              class: {type: text, title: 类别}
              level: {type: choice, title: 等级, options: level}
              item: {type: text, title: 项, max: 60}
              item_title: {type: text, title: 项名, max: 6}
              section_title: {type: text, title: 部分}
              standard: {type: text, title: 标准}
              checklist: {type: text, title: 检查表}
              remark: {type: long_text, title: 备注}
              value: {type: text, title: 读数}
              photos: {type: photos, title: 照片, max: 1}
              rectify_by: {type: datetime, title: 期限}
              penalty: {type: text, title: 处罚标准}
              urgent: {type: boolean, title: 紧急}
        standards:
          hygiene:
            title: 卫生标准
            clauses: {floor: {clause: "3.1", title: 地面清洁}}
        penalty_schedules:
          conduct: {title: 违纪, kind: fine, levels: {light: {amount: 10}, heavy: {amount: 50}}}
        """,
    "checklists/r/kitchen.yaml": """
        title: 厨房检查表
        of: visit
        scoring: {method: deduct, full: 100, pass: 90, grades: [{title: 好, from: 90}, {title: 差}]}
        sections:
          - id: place
            title: 场所
            items:
              - id: floor
                title: 地面清洁无积水无油污
                standard: hygiene.floor
                points: 10
                on_fail:
                  class: breach
                  level: light
                  penalty: conduct
                  rectify: 24 hours
                  evidence: [photo]
                  with: {urgent: night}
              - {id: light, title: 夜间照明, points: 10, when: night, on_fail: {class: breach}}
              - id: fridge
                title: 冷藏温度
                answer: number
                limit: "0..8"
                points: 20
                on_fail: {class: defect}
              - {id: tidy, title: 整洁, points: 5}
        """,
}
VISIT, FINDING, KITCHEN = "r.visit", "r.finding", "r.kitchen"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    made = office_from(database, tmp_path, FILES)
    return with_roles(made, hr=("inspector",), cook=("reader",), head=("inspector",))


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def visited(office: Office, **values: object) -> RunPlace:
    made = create_record(office.as_("hr"), VISIT, {"unit": office.units["shop"], **values})
    return RunPlace(VISIT, made.id, "answers")


def good(**others: GivenAnswer) -> dict[str, GivenAnswer]:
    return {
        "floor": GivenAnswer("pass"),
        "fridge": GivenAnswer("4"),
        "tidy": GivenAnswer("pass"),
        **others,
    }


def findings(office: Office) -> list[int]:
    table = office.models.tables[FINDING]
    with office.database.reading() as session:
        return list(session.scalars(sa.select(table.c.id).order_by(table.c.id)))


def test_a_sound_list_marks_the_record(office: Office) -> None:
    """Score, grade and verdict stand on the record; every answer is a row; nothing is found."""
    place = visited(office)
    done = submit_checklist(office.as_("hr"), place, KITCHEN, good())
    stored = office.read(VISIT, place.record_id)
    assert done.findings == () and findings(office) == []
    assert stored.values["answers_checklist"] == KITCHEN
    assert stored.values["answers_score"] == Decimal("100")
    assert (stored.values["answers_grade"], stored.values["answers_passed"]) == ("好", True)
    with office.database.reading() as session:
        run = load_run(session, office.models, place)
    assert run is not None
    assert {one.item: one.passed for one in run.answers} == {"floor": True, "fridge": True, "tidy": True}
    assert next(one.number for one in run.answers if one.item == "fridge") == Decimal("4")


def test_a_failed_item_becomes_a_finding(office: Office) -> None:
    """Its fields come by name from rule, item, answer and inspected record; photos are copied."""
    place, context = visited(office, night=True), office.as_("hr")
    photos = tuple(attach_file(context, f"p{n}.png", picture(), photo=True) for n in range(2))
    answers = good(floor=GivenAnswer("fail", False, "油污", photos), light=GivenAnswer("pass"))
    done = submit_checklist(office.as_("hr"), place, KITCHEN, answers)
    (ident,) = done.findings
    found = office.read(FINDING, ident)
    expected = {
        "visit": place.record_id,
        "unit": office.units["shop"],
        "class": "breach",
        "level": "light",
        "item": "floor",
        "item_title": "地面清洁无积",
        "section_title": "场所",
        "standard": "卫生标准 3.1 地面清洁",
        "checklist": "厨房检查表",
        "remark": "油污",
        "value": "fail",
        "penalty": "r.conduct",
        "urgent": True,
        "number": "F-001",
    }
    assert {name: found.values[name] for name in expected} == expected
    assert found.values["rectify_by"] is not None
    assert len(found.attachments["photos"]) == 1
    with office.database.reading() as session:
        kept = run_attachments(session, office.models, place)
    assert [one.id for one in kept["floor"]] == list(photos)
    assert found.attachments["photos"][0].id not in photos
    assert office.read(VISIT, place.record_id).values["answers_score"] == Decimal("90")


def test_an_item_without_on_fail_only_costs_points(office: Office) -> None:
    """`tidy` says nothing about findings."""
    done = submit_checklist(office.as_("hr"), visited(office), KITCHEN, good(tidy=GivenAnswer("fail")))
    assert done.findings == () and done.result.score == Decimal("95.0")


@pytest.mark.parametrize(
    ("answers", "items"),
    [
        (good(floor=GivenAnswer("fail", False, "no photo")), {"floor"}),
        (good(fridge=GivenAnswer("warm")), {"fridge"}),
        ({"floor": GivenAnswer("pass")}, {"fridge", "tidy"}),
        (good(odd=GivenAnswer("pass")), {"odd"}),
    ],
    ids=["evidence is missing", "not a number", "not all answered", "no such item"],
)
def test_nothing_is_kept_of_an_unfinished_list(
    office: Office, answers: dict[str, GivenAnswer], items: set[str]
) -> None:
    """The messages name the items; neither run nor findings nor marks are stored."""
    place = visited(office)
    with pytest.raises(InvalidRecord) as refused:
        submit_checklist(office.as_("hr"), place, KITCHEN, answers)
    assert set(refused.value.errors) == items
    with office.database.reading() as session:
        assert load_run(session, office.models, place) is None
    assert findings(office) == []
    assert office.read(VISIT, place.record_id).values["answers_checklist"] is None


def test_a_submitted_list_is_not_submitted_again(office: Office) -> None:
    """Its findings are on record; a second press makes no second ones."""
    place = visited(office)
    submit_checklist(office.as_("hr"), place, KITCHEN, good(fridge=GivenAnswer("12")))
    with pytest.raises(ChecklistRefused):
        submit_checklist(office.as_("hr"), place, KITCHEN, good(fridge=GivenAnswer("12")))
    assert len(findings(office)) == 1


def test_somebody_elses_changes_are_not_overwritten(office: Office) -> None:
    """The version that the inspector saw must still be the stored one."""
    with pytest.raises(StaleRecord):
        submit_checklist(office.as_("hr"), visited(office), KITCHEN, good(), version=0)


def test_only_those_who_may_change_the_record_answer(office: Office) -> None:
    """A reader is refused; a colleague's own rows do not reach here; another checklist is not run here."""
    place = visited(office)
    with pytest.raises(AccessDenied):
        open_run(office.as_("cook"), place, KITCHEN)
    with pytest.raises((AccessDenied, RecordGone)):
        open_run(office.as_("head"), place, KITCHEN)
    with pytest.raises(ChecklistRefused):
        open_run(office.as_("hr"), place, "r.other")
    with pytest.raises(ChecklistRefused):
        open_run(office.as_("hr"), RunPlace(VISIT, place.record_id, "unit"), KITCHEN)


def test_strangers_photos_are_not_taken(office: Office) -> None:
    """Naming somebody else's upload attaches nothing, so the demanded photo is missing."""
    theirs = attach_file(office.as_("head"), "p.png", picture(), photo=True)
    with pytest.raises(InvalidRecord):
        answers = good(floor=GivenAnswer("fail", False, "", (theirs,)))
        submit_checklist(office.as_("hr"), visited(office), KITCHEN, answers)


def test_a_draft_is_ones_own_and_ends_with_the_submission(office: Office) -> None:
    """Kept for the person who wrote it, replaced by the next, gone when the list is submitted."""
    place, payload = visited(office), {"answers": {"floor": {"answer": "pass"}}}
    save_draft(office.as_("hr"), place, KITCHEN, {"answers": {}})
    save_draft(office.as_("hr"), place, KITCHEN, payload)
    kept = read_draft(office.as_("hr"), place)
    assert kept is not None and kept.payload == payload
    assert read_draft(office.as_("head"), place) is None
    submit_checklist(office.as_("hr"), place, KITCHEN, good())
    assert read_draft(office.as_("hr"), place) is None
