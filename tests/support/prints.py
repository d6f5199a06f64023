"""Visits, findings and penalties to print, and what is on a print."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from pypdf import PdfReader

from app.actions.issue_document import Issued
from app.rules import Reason
from app.storage import Database, Stamp, insert_record, update_record
from app.storage.checklist_runs import RunPlace, StoredAnswer, StoredRun, store_run
from tests.support.offices import Office
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
    "report_templates/r/unprintable.yaml": "{title: 长, record: visit}",
    "report_templates/r/unprintable.html": '<pdf:grid key="none"></pdf:grid>',
    "report_templates/r/monthly.yaml": (
        "{title: 月报, of: period, data: {rows: {from: visit, columns: [number]}}}"
    ),
    "report_templates/r/chosen.yaml": "{title: 选中的, of: selection, record: visit}",
    "report_templates/s/notice.yaml": "{title: 通知书, record: penalty}",
    "report_templates/s/sheet.yaml": "{title: 另一张, record: unit}",
}  # fmt: skip


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
