"""Prints: what is on them, for whom."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from pypdf import PdfReader

from app.actions import create_record
from app.actions.attach_file import attach_file
from app.actions.issue_document import issue_document as issue
from app.actions.issue_document import report_values
from app.storage import Database
from tests.support.offices import Office, office_from
from tests.support.prints import CONFIG, VISIT, add, counted, finding, penalty, text_of, visit


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def test_what_a_print_finds(local: Office) -> None:
    """Fields in words, links and lines by their labels, the checklist, findings, penalties with reasons."""
    made = visit(local)
    of = finding(local, made)
    fine = penalty(local, of)
    values: Any = report_values(local.as_("hr", "hr"), "r.sheet", made)
    record = values["record"]
    assert (record["unit"], record["inspector"], record["on"]) == ("shop", "人事", "2026-03-02 00:30")
    assert (record["score"], record["phone"], record["team"]) == ("57.5", "13800001234", "店长, 厨师")
    assert record["raw"]["score"] == Decimal("57.5") and record["type"] == "检查"
    assert values["lines"]["steps"] == [{"what": "拖地", "who": "厨师"}]
    assert [(one["title"], one["answer"], one["failed"]) for one in values["answers"]] == [
        ("地面干燥", "Passed", False),
        ("清洁", "Failed", True),
        ("温度", "9.5 °C", True),
        ("gone", "Not applicable", False),
    ]
    run = values["checklists"]["check"]
    assert (run["title"], run["asked"], run["failed"], run["vetoed_by"]) == ("厨房检查表", 4, 2, ["清洁"])
    assert [(one["number"], one["level"], one["raw"]["id"]) for one in values["findings"]] == [
        ("WT-001", "重", of)
    ]
    [raised] = values["penalties"]
    assert (raised["raw"]["id"], raised["schedule"], raised["level"]) == (fine, "员工处罚标准", "小过")
    assert raised["reasons"] == [
        ("judged", "config/regimes/s/penalties.yaml:2", 0),
        ("amount 20", "config/regimes/s/penalties.yaml:3", 1),
    ]
    assert values["regime"] == {
        "title": "检查条例",
        "status": "trial",
        "status_title": "trial",
        "source": "",
        "missing": ["附件一"],
    }
    assert values["portal"] == {"title": "平台", "organisation": "示例公司"}


def test_nothing_hidden_is_printed(local: Office) -> None:
    """Hidden fields have neither words, values nor labels; masked ones are masked; a hidden checklist, rows
    out of reach and types without access are not there."""
    made = visit(local)
    penalty(local, finding(local, made))
    finding(local, made, "other", "WT-002")
    context = local.as_("head", "head")
    values: Any = report_values(context, "r.sheet", made)
    record = values["record"]
    assert (record["secret"], record["raw"]["secret"], values["labels"]["secret"]) == ("", None, "")
    assert (record["phone"], record["raw"]["phone"]) == ("138****1234", None)
    assert (record["check_score"], record["raw"]["check_score"]) == ("", None)
    assert (values["answers"], values["checklists"], values["penalties"]) == ([], {}, [])
    assert [(one["number"], one["remark"]) for one in values["findings"]] == [("WT-001", "")]
    words = text_of(issue(context, "r.sheet", made))
    assert "138****1234" in words and "WT-001" in words
    for absent in ("隐情", "内部意见", "13800001234", "有油污", "WT-002", "的备注"):
        assert absent not in words


def test_reasons_stay_away_with_the_amount(local: Office) -> None:
    """Who may not see what is due is not told why it is due."""
    fine = penalty(local, finding(local, visit(local)))
    cashier: Any = report_values(local.as_("boss", "cashier"), "s.notice", fine)
    assert (cashier["record"]["amount_due"], cashier["reasons"]) == ("", [])
    assert report_values(local.as_("hr", "hr"), "s.notice", fine)["reasons"]


def test_a_link_is_not_called_by_what_is_hidden(sqlite_database: Database, tmp_path: Path) -> None:
    """Where a label is made of a hidden field, the link shows its number only."""
    roles = CONFIG["config/roles.yaml"].replace("hide: {r.visit:", "hide: {unit: [title], r.visit:")
    office = office_from(sqlite_database, tmp_path, {**CONFIG, "config/roles.yaml": roles})
    values: Any = report_values(office.as_("head", "head"), "r.sheet", visit(office))
    assert values["record"]["unit"] == f"#{office.units['shop']}"


def test_a_penalty_names_its_partners_and_open_figures(local: Office) -> None:
    """A joint penalty shows the one it hangs on, and the other way round; an open amount reads "not set"; the
    regulation is that of the schedule."""
    of = finding(local, visit(local))
    direct = penalty(local, of, level="big", amount_asked=True, amount_due=None)
    joint = penalty(local, of, person=local.people["head"], origin="joint", joint_with=direct, number="CF-J")
    context = local.as_("hr", "hr")
    above: Any = report_values(context, "s.notice", direct)
    below: Any = report_values(context, "s.notice", joint)
    assert [one["number"] for one in above["partners"]] == ["CF-J"]
    assert [one["number"] for one in below["partners"]] == [f"CF-{of}"]
    assert (above["record"]["base_amount"], above["record"]["amount_due"]) == ("not set", "not set")
    assert above["regime"]["title"] == "处罚条例"
    assert "trial" not in text_of(issue(context, "s.notice", direct))


def test_the_number_of_statements_does_not_grow_with_the_findings(local: Office) -> None:
    """Thirty findings with penalties cost as many statements as one."""
    made = visit(local)
    penalty(local, finding(local, made))
    context = local.as_("hr", "hr")
    with counted(local.database) as few:
        issue(context, "r.sheet", made)
    for number in range(2, 31):
        penalty(local, finding(local, made, number=f"WT-{number:03d}"))
    with counted(local.database) as many:
        issued = issue(context, "r.sheet", made)
    assert len(many) == len(few) <= 40
    assert "WT-030" in text_of(issued)


def test_photos_are_small_copies_and_a_lost_one_is_told(local: Office) -> None:
    """A photo is printed from a copy of ours; one whose file is gone is said to be missing."""
    hr = local.as_("hr", "hr")
    ids = []
    for colour in ("red", "blue"):
        picture = io.BytesIO()
        Image.new("RGB", (1200, 800), colour).save(picture, "JPEG")
        ids.append(attach_file(hr, f"{colour}.jpg", picture.getvalue(), photo=True))
    posted = {"unit": local.units["shop"], "photos": ids}
    made = create_record(hr, VISIT, posted).id
    with local.database.reading() as session:
        table = local.models.tables["attachment"]
        path = session.scalar(sa.select(table.c.path).where(table.c.id == ids[1]))
    (local.database.instance / path).unlink()
    issued = issue(hr, "r.sheet", made)
    page = PdfReader(io.BytesIO(issued.data)).pages[0]
    assert len(page.images) == 1 and max(page.images[0].image.size) <= 900
    words = text_of(issued)
    assert "red" in words and "blue(thephotocannotberead)" in words


def test_the_default_layout_is_the_form_on_paper(local: Office) -> None:
    """Without a template: the form's fields and the mark of a trial."""
    made = add(local, "r.plain", text="第一行\n第二行")
    words = text_of(issue(local.as_("hr", "hr"), "r.plain", made))
    assert "便笺" in words and "第一行" in words and "检查条例:trial" in words
    unit = local.as_("hr", "administrator")
    assert "另一张" in text_of(issue(unit, "s.sheet", local.units["shop"]))


def test_data_of_a_report_without_a_template_are_printed(sqlite_database: Database, tmp_path: Path) -> None:
    """`data` and `charts` of a report of one record stand on its default print, as on those over a period."""
    own = {path: text for path, text in CONFIG.items() if not path.startswith("report_templates/")}
    report = """
        title: 检查单
        record: visit
        data:
          before: {title: 上次检查, from: visit, where: id < this.id, columns: [number, score]}
          by_unit: {title: 各单位, from: visit, by: unit, measures: {visits: count()}}
        charts: {c: {kind: bar, data: by_unit, x: unit, y: visits, title: 次数}}
        """
    office = office_from(sqlite_database, tmp_path, {**own, "report_templates/r/sheet.yaml": report})
    visit(office, score=Decimal("57"))
    made = visit(office, score=Decimal("91"), number="JC-902")
    words = text_of(issue(office.as_("hr", "hr"), "r.sheet", made))
    for word in ("上次检查", "57", "各单位", "次数"):
        assert word in words, word


def test_fields_that_do_not_apply_are_not_on_the_default_print(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """A field whose `show` does not hold is left out, as on the form; lists and lines come as tables."""
    own = {path: text for path, text in CONFIG.items() if not path.startswith("report_templates/")}
    office = office_from(sqlite_database, tmp_path, own)
    kept = visit(office, note="旧说明", score=Decimal("57"))
    dropped = visit(office, note="旧说明", score=Decimal("90"))
    finding(office, kept)
    context = office.as_("hr", "hr")
    low, high = (text_of(issue(context, VISIT, made)) for made in (kept, dropped))
    assert "旧说明" in low and "旧说明" not in high
    for word in ("拖地", "地面干燥", "清洁(critical)", "WT-001", "签字"):
        assert word in low
