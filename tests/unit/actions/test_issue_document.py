"""Prints: what is on them for whom, what is kept, and what happens when they fail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from pypdf import PdfReader

from app.access import SYSTEM, AccessDenied
from app.actions import create_record, issue_document
from app.actions.attach_file import attach_file
from app.actions.issue_document import Issued, print_from_outbox, report_values
from app.actions.issue_document import issue_document as issue
from app.actions.kept_documents import DocumentDamaged, open_document
from app.actions.offered_reports import UnknownReport, find_report, reports_for
from app.reports import ReportFailed, ReportTemplateFault
from app.rules import Reason
from app.storage import (
    Database,
    RecordGone,
    Stamp,
    claim,
    enqueue,
    history_of,
    insert_record,
    update_record,
)
from app.storage.checklist_runs import RunPlace, StoredAnswer, StoredRun, store_run
from tests.support.offices import Office, office_from
from tests.support.portals import NOW

VISIT, FINDING = "r.visit", "r.finding"
CONFIG = {
    "config/portal.yaml": """
        portal: {title: 平台, organisation: 示例公司, timezone: Asia/Shanghai, regimes: [r, s]}
        """,
    "config/regimes/r/regime.yaml": "regime: {title: 检查条例, status: trial, uses: [s], missing: [附件一]}",
    "config/regimes/s/regime.yaml": "regime: {title: 处罚条例}",
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              r.visit: [create, read, update, print]
              r.finding: [read]
              penalty: [read, print]
              document: [read]
              person: [read]
              unit: [read]
              r.plain: [read, print]
          head:
            title: 店长
            can: {r.visit: [read, print], r.finding: [read subtree], unit: [read], document: [read]}
            hide: {r.visit: [secret, check], r.finding: [remark]}
          reader: {title: 看, can: {r.visit: [read]}}
          cashier: {title: 出纳, can: {penalty: [read, print]}, hide: {penalty: [amount_due]}}
        """,
    "config/regimes/r/records.yaml": """
        choices: {level: {ordered: true, options: {low: 轻, high: 重}}}
        records:
          visit:
            title: 检查
            number: "JC-{seq:03d}"
            label: "{number} {unit.title}"
            fields:
              unit: {type: unit, title: 单位}
              inspector: {type: person, title: 检查人}
              on: {type: datetime, title: 时间}
              score: {type: decimal, title: 分数, places: 1}
              secret: {type: text, title: 内部意见}
              phone: {type: phone, title: 联系电话, mask: phone}
              check: {type: checklist, title: 检查表, options: [kitchen], finding: finding}
              photos: {type: photos, title: 照片}
              sign: {type: signature, title: 签字}
              team: {type: links, to: person, title: 小组}
              note: {type: long_text, title: 说明, show: score < 60}
              steps:
                type: lines
                title: 措施
                fields: {what: {type: text, title: 措施}, who: {type: person, title: 谁}}
          finding:
            title: 问题
            number: "WT-{seq:03d}"
            fields:
              visit: {type: link, to: visit, title: 检查}
              unit: {type: unit, title: 单位}
              level: {type: choice, title: 等级, options: level}
              remark: {type: long_text, title: 备注}
          plain: {title: 便笺, fields: {text: {type: long_text, title: 内容}}}
        """,
    "config/regimes/s/penalties.yaml": """
        choices: {grade: {ordered: true, options: {small: 小过, big: 大过}}}
        penalty_schedules:
          conduct:
            {title: 员工处罚标准, kind: fine, rank: grade, levels: {small: {amount: 20}, big: {amount: ~}}}
        """,
    "checklists/r/kitchen.yaml": """
        title: 厨房检查表
        sections:
          - id: floor
            title: 地面
            items: [{id: dry, title: 地面干燥, points: 5}, {id: clean, title: 清洁, critical: true}]
          - id: cold
            title: 冷藏
            items: [{id: degrees, title: 温度, answer: number, unit: °C, limit: "0..8"}]
        """,
    "report_templates/r/sheet.yaml": "{title: 检查单, record: visit}",
    "report_templates/r/sheet.html": """
        {% import "macros.html" as m %}{% include "_top.html" %}
        {{ m.meta_table([(labels.unit, record.unit), (labels.secret, record.secret)]) }}
        <p>{{ record.phone }}</p>
        {% if answers %}{{ grid("answers") }}{% endif %}
        {% for one in findings %}<p>{{ one.number }} {{ one.level }} {{ one.remark }}</p>{% endfor %}
        {% if record.raw.photos %}{{ photos("photos") }}{% endif %}
        <p>{{ document.number }}</p>
        """,
    "report_templates/r/_top.html": "<h1>{{ title }} {{ regime.title }}（{{ regime.status }}）</h1>",
    "report_templates/r/broken.yaml": "{title: 坏, record: visit}",
    "report_templates/r/broken.html": "<p>{{ record.score.nothing.at_all }}</p>",
    "report_templates/r/endless.yaml": "{title: 长, record: visit}",
    "report_templates/r/endless.html": "<style>@page { size: 0 0; }</style><p>x</p>",
    "report_templates/r/monthly.yaml": "{title: 月报, of: period}",
    "report_templates/s/notice.yaml": "{title: 通知书, record: penalty}",
    "report_templates/s/sheet.yaml": "{title: 另一张, record: unit}",
}  # fmt: skip


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with visits, on both databases."""
    return office_from(database, tmp_path, CONFIG)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def add(office: Office, record_type: str, extra: dict[str, object] | None = None, /, **values: object) -> int:
    """A record as the portal itself would store it."""
    with office.database.writing() as session:
        return insert_record(session, office.models, record_type, values, Stamp(None, NOW), extra)


def visit(office: Office, **more: object) -> int:
    """A visit of the shop with something to hide, a checklist and a finding."""
    made = add(
        office,
        VISIT,
        **{
            "number": "JC-001",
            "unit": office.units["shop"],
            "inspector": office.people["hr"],
            "on": datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
            "score": Decimal("57.5"),
            "secret": "隐情",
            "phone": "13800001234",
            "team": (office.people["head"], office.people["cook"]),
            "steps": ({"what": "拖地", "who": office.people["cook"]},),
            **more,
        },
    )
    answers = (
        StoredAnswer("floor", "dry", "pass_fail", "pass", None, None, False, True, Decimal(5), Decimal(0)),
        StoredAnswer(
            "floor", "clean", "pass_fail", "fail", None, "有油污", False, False, Decimal(1), Decimal(1)
        ),
        StoredAnswer("cold", "degrees", "number", "9.5", Decimal("9.5"), None, False, False, None, None),
        StoredAnswer("cold", "gone", "pass_fail", "na", None, None, True, None, None, None),
    )
    result = {"vetoed_by": ["clean"]}
    with office.database.writing() as session:
        store_run(
            session,
            office.models,
            RunPlace(VISIT, made, "check"),
            StoredRun("r.kitchen", None, result, answers),
        )
        scored = {"check_checklist": "r.kitchen", "check_score": Decimal("94"), "check_passed": False}
        update_record(session, office.models, VISIT, made, scored, Stamp(None, NOW), None)
    return made


def finding(office: Office, of: int, unit: str = "shop", number: str = "WT-001") -> int:
    return add(
        office,
        FINDING,
        visit=of,
        unit=office.units[unit],
        level="high",
        remark=f"{unit} 的备注",
        number=number,
    )


def penalty(office: Office, of: int, **more: object) -> int:
    """A penalty for a finding, with a reason that rests on another one."""
    below = Reason("levels.small", "config/regimes/s/penalties.yaml", 3, "amount {amount}", {"amount": "20"})
    top = Reason("rule", "config/regimes/s/penalties.yaml", 2, "judged", children=(below,))
    values: dict[str, Any] = {
        "number": f"CF-{of}",
        "person": office.people["cook"],
        "unit": office.units["shop"],
        "schedule": "s.conduct",
        "level": "small",
        "kind": "fine",
        "origin": "direct",
        "record_type": FINDING,
        "record_id": of,
        "amount_due": Decimal("20"),
        "state": "proposed",
        **more,
    }
    return add(office, "penalty", {"reasons": [top.to_json()]}, **values)


def text_of(issued: Issued) -> str:
    """The words of a PDF without their spaces."""
    pages = PdfReader(io.BytesIO(issued.data)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def documents(office: Office) -> list[Any]:
    with office.database.reading() as session:
        return list(session.execute(office.models.tables["document"].select()).all())


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cu: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def test_a_print_is_numbered_kept_and_audited(office: Office) -> None:
    """The PDF carries its number and who printed it; a row, a file and an audit entry stay."""
    made = visit(office)
    context = office.as_("hr", "hr")
    first, second = issue(context, "r.sheet", made), issue(context, "r.sheet", made)
    assert [first.number, second.number] == ["WS-202603-0001", "WS-202603-0002"]
    assert first.pages == 1 and first.missing_characters == ""
    assert first.file_name == "检查单 JC-001 WS-202603-0001.pdf"
    row = documents(office)[0]
    assert (row.id, row.number, row.report, row.title) == (
        first.document_id,
        first.number,
        "r.sheet",
        "检查单",
    )
    assert (row.record_type, row.record_id, row.pages, row.sha256) == (VISIT, made, 1, first.sha256)
    assert (office.database.instance / row.path).read_bytes() == first.data
    assert row.path.startswith(f"documents/{first.sha256[:2]}/")
    with office.database.reading() as session:
        entries = history_of(session, office.models, VISIT, made)
    assert [(one["action"], one["detail"], one["person"]) for one in entries] == [
        ("print", "WS-202603-0002 检查单", "人事"),
        ("print", "WS-202603-0001 检查单", "人事"),
    ]
    words = text_of(first)
    assert words.count("WS-202603-0001") == 2  # in the page and at its foot
    assert "printedby人事at2026-03-0217:30" in words
    assert "检查条例（trial）" in words and "Page1of1" in words


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


def test_who_may_print(local: Office) -> None:
    """Reading is not printing; what may not be read is not there."""
    made = visit(local)
    with pytest.raises(AccessDenied):
        issue(local.as_("cook", "reader"), "r.sheet", made)
    with pytest.raises(RecordGone):
        issue(local.as_("cook"), "r.sheet", made)
    with pytest.raises(RecordGone):
        issue(local.as_("hr", "hr"), "r.sheet", made + 1)
    assert documents(local) == []


def test_a_preview_leaves_nothing(local: Office) -> None:
    """A preview says that it is one, has no number and keeps nothing."""
    made = visit(local)
    preview = issue(local.as_("hr", "hr"), "r.sheet", made, store=False)
    assert (preview.document_id, preview.number) == (None, "")
    assert "preview,notissued" in text_of(preview)
    assert documents(local) == [] and not (local.database.instance / "documents").exists()


@pytest.mark.parametrize(
    ("report", "error"),
    [("r.broken", ReportTemplateFault), ("r.endless", ReportFailed)],
    ids=["template", "layout"],
)
def test_a_print_that_fails_leaves_nothing(local: Office, report: str, error: type[Exception]) -> None:
    """No row, no file, no audit entry; the number goes to the next print that succeeds."""
    made = visit(local)
    context = local.as_("hr", "hr")
    with pytest.raises(error):
        issue(context, report, made)
    assert documents(local) == [] and not (local.database.instance / "documents").exists()
    with local.database.reading() as session:
        assert history_of(session, local.models, VISIT, made) == []
    assert issue(context, "r.sheet", made).number == "WS-202603-0001"


def test_somebody_else_prints_meanwhile(local: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number in the PDF is the one of its row, even when another print took the expected one."""
    made = visit(local)
    render = issue_document._render
    rendered: list[str] = []

    def slow(context: Any, report: Any, stored: Any, number: str) -> Any:
        rendered.append(number)
        if len(rendered) == 1:
            other = replace(context, session=sa.orm.Session(local.database.engine))
            issue(other, "r.sheet", made)
            other.session.close()
        return render(context, report, stored, number)

    monkeypatch.setattr(issue_document, "_render", slow)
    issued = issue(local.as_("hr", "hr"), "r.sheet", made)
    assert issued.number == "WS-202603-0002" and issued.number in text_of(issued)
    assert [row.number for row in documents(local)] == ["WS-202603-0001", "WS-202603-0002"]


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


@pytest.mark.parametrize(
    ("record_type", "names"),
    [
        (VISIT, ["r.broken", "r.endless", "r.sheet"]),
        ("r.plain", ["r.plain"]),
        ("unit", ["s.sheet"]),
        ("penalty", ["s.notice"]),
        ("r.nothing", []),
    ],
)
def test_reports_for(local: Office, record_type: str, names: list[str]) -> None:
    """The declared reports of one record, else the type's own form."""
    assert sorted(one.full_name for one in reports_for(local.release, record_type)) == names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("r.shet", "there is no report 'r.shet' (did you mean 'r.sheet'?)"),
        ("sheet", "'sheet' may mean several, write it in full: r.sheet, s.sheet"),
        ("r.visit", "there is no report 'r.visit' (known names: r.broken, r.endless, r.sheet)"),
        (
            "monthly",
            "the report 'r.monthly' is made of a period",
        ),
    ],
)
def test_reports_that_cannot_be_printed(local: Office, name: str, said: str) -> None:
    """An unknown name comes with the near one; a report of a period says that it is not served yet."""
    with pytest.raises(UnknownReport) as caught:
        issue(local.as_("hr", "hr"), name, visit(local))
    assert caught.value.message().startswith(said)
    assert find_report(local.release, "notice").full_name == "s.notice"


def test_the_outbox_prints_once(local: Office) -> None:
    """A row of the outbox is printed by the portal itself, and done in the same transaction."""
    made = visit(local)
    payload = {"report": "r.sheet", "record_type": VISIT, "record_id": made, "person": None, "release": 1}
    with local.database.writing() as session:
        enqueue(session, "print:1", "print", payload, NOW)
    with local.database.writing() as session:
        [item] = claim(session, NOW)
    context = replace(local.as_("cook"), now=NOW + timedelta(minutes=1))
    issued = print_from_outbox(context, item.payload, item.id)
    assert "printedat2026-03-0217:31" in text_of(issued) and "隐情" in text_of(issued)
    with local.database.writing() as session:
        assert claim(session, NOW + timedelta(hours=1)) == ()
    with pytest.raises(UnknownReport):
        print_from_outbox(context, {"report": None})


def test_who_may_open_a_kept_print(local: Office) -> None:
    """Who printed it, and who has no field hidden; a changed file is refused."""
    made = visit(local)
    hr, head = local.as_("hr", "hr"), local.as_("head", "head")
    issued = issue(hr, "r.sheet", made)
    kept = issued.document_id or 0
    opened = open_document(hr, kept)
    assert (opened.data, opened.file_name) == (issued.data, f"检查单 {issued.number}.pdf")
    with pytest.raises(AccessDenied, match="print the record yourself"):
        open_document(head, kept)
    own = issue(head, "r.sheet", made)
    assert open_document(head, own.document_id or 0).data == own.data
    with pytest.raises(RecordGone):
        open_document(local.as_("cook", "reader"), kept)
    place = local.database.instance / documents(local)[0].path
    place.write_bytes(b"%PDF-other")
    with pytest.raises(DocumentDamaged):
        open_document(local.context(SYSTEM), kept)
