"""Reports over a period and over a selection: what they find, for whom, how it is printed and kept."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from app.access import AccessDenied
from app.actions import InvalidRecord
from app.actions.context import Context
from app.actions.issue_document import issue_document
from app.actions.issue_report import ReportView, issue_report, view_report
from app.actions.kept_documents import open_document
from app.actions.offered_data_reports import offered_to
from app.actions.offered_reports import UnknownReport
from app.actions.report_datasets import MOST_ROWS
from app.storage import Database, insert_record
from app.storage.datasets import LABELS_AT_ONCE
from tests.support.offices import Office, office_from
from tests.support.portals import stamp

VISIT = "r.visit"
FILES = {
    "config/roles.yaml": """
        choices: {grade: {ordered: true, options: {low: 低, mid: 中, high: 高}}}
        roles:
          hr:
            title: 人事
            can:
              {unit: [read], person: [read], r.visit: [read, print], r.note: [read, print], document: [read]}
          chief:
            title: 店长
            can:
              {unit: [read], person: [read subtree], r.visit: [read subtree, print subtree], document: [read]}
          clerk:
            title: 文员
            can: {person: [read], r.visit: [read, print], document: [read]}
            hide: {r.visit: [cost], person: [phone]}
          reader: {title: 看, can: {r.visit: [read]}}
        """,
    "config/regimes/r/records.yaml": """
        records:
          visit:
            title: 检查
            label: "{title}"
            fields:
              title: {type: text, title: 标题}
              unit: {type: unit, title: 单位}
              visitor: {type: person, title: 检查人}
              grade: {type: choice, title: 等级, options: grade}
              cost: {type: money, title: 费用}
              spent: {type: duration, title: 用时}
              score: {type: decimal, title: 得分}
              passed: {type: boolean, title: 合格}
              held_on: {type: date, title: 日期}
              held_at: {type: datetime, title: 时刻}
              mobile: {type: phone, title: 手机, mask: phone}
              helpers: {type: links, to: person, title: 同行}
              notes: {type: lines, title: 记录, fields: {what: {type: text, title: 事项}}}
            list: {columns: [title, unit, cost]}
          note:
            title: 便条
            fields: {text: {type: text, title: 内容}, visit: {type: link, to: visit, title: 检查}}
        """,
    "report_templates/r/monthly.yaml": """
        title: 月报
        of: period
        parameters:
          month: {type: month, title: 月份, default: last_month}
          only: {type: unit, title: 单位, required: false}
        data:
          rows:
            from: visit
            where: held_on in month and (only == None or unit == only)
            columns: [title, unit, visitor.name, visitor.unit, grade, cost, mobile]
            order: title
          totals:
            from: visit
            where: held_on in month
            by: unit
            measures:
              number: count()
              cost: sum(cost)
              middle: median(cost)
              mean: avg(score)
              least: min(cost)
              best: max(grade)
              good: share(passed)
              time: sum(spent)
            order: -cost
            titles: {mean: 平均分}
          before: {from: visit, where: held_on < month, measures: {cost: sum(cost)}}
        charts: {by_unit: {kind: bar, data: totals, x: unit, y: [number, cost]}}
        page: {size: A4, orientation: landscape}
        """,
    "report_templates/r/plain.yaml": """
        title: 全部
        of: period
        data:
          rows:
            {from: visit, where: held_on in period, columns: [title, helpers, notes], order: -held_at,
             limit: 2}
        """,
    "report_templates/r/costs.yaml": """
        title: 费用
        of: period
        data: {rows: {from: visit, where: held_on in period, columns: [title, unit, cost]}}
        """,
    "report_templates/r/chosen.yaml": "{title: 选中的, of: selection, record: visit}\n",
    "report_templates/r/asked.yaml": """
        title: 提问
        of: selection
        record: visit
        parameters:
          from_day: {type: date, default: "today - days(40)"}
          grade_of: {type: choice, options: grade, default: mid}
          who: {type: person, default: me, required: false}
          least: {type: money, default: "5"}
        data:
          rows:
            from: visit
            where: held_on >= from_day and grade >= grade_of and cost >= least
            columns: [title]
          notes: {from: note, where: visit.unit == who.unit, columns: [text]}
        """,
    "report_templates/r/card.yaml": """
        title: 卡片
        record: visit
        data:
          notes: {from: note, where: visit == this, columns: [text]}
          same:
            from: visit
            where: unit == this.unit and cost >= this.cost
            by: [grade]
            measures: {number: count()}
        charts: {grades: {kind: pie, data: same, x: grade, y: number}}
        """,
    "report_templates/r/card.html": """
        <h1>{{ title }}</h1>
        <p>{% for row in data.notes %}[{{ row.text }}]{% endfor %} {{ same|length }} {{ same[0].number }}</p>
        {{ grid("notes") }} {{ chart("grades") }}
        """,
}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with its visits, on both databases."""
    return filled(office_from(database, tmp_path, FILES))


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return filled(office_from(sqlite_database, tmp_path, FILES))


def filled(office: Office) -> Office:
    """Three visits of February (two of the shop's, one of the other's), one of January."""
    for values in (
        {
            "title": "b",
            "unit": "shop",
            "grade": "low",
            "cost": "20.50",
            "held_on": date(2026, 2, 1),
            "score": "80",
        },
        {
            "title": "a",
            "unit": "shop",
            "grade": "high",
            "cost": "30",
            "held_on": date(2026, 2, 28),
            "score": "91",
        },
        {"title": "c", "unit": "other", "grade": "mid", "cost": "10", "held_on": date(2026, 2, 10)},
        {"title": "old", "unit": "shop", "grade": "mid", "cost": "7", "held_on": date(2026, 1, 31)},
    ):
        visit(office, **values)
    return office


def visit(office: Office, **values: Any) -> int:
    who = "cook" if values["unit"] == "shop" else "other_cook"
    made = {
        **values,
        "unit": office.units[values["unit"]],
        "visitor": office.people[who],
        "cost": Decimal(values["cost"]),
        "score": Decimal(values["score"]) if "score" in values else None,
        "passed": values["grade"] != "low",
        "mobile": "13912345678",
        "held_at": datetime(2026, 2, 1, len(values["title"]), tzinfo=UTC),
    }
    with office.database.writing() as session:
        return insert_record(session, office.models, VISIT, made, stamp())


def view(context: Context, name: str = "r.monthly", ids: Any = None, **given: object) -> ReportView:
    return view_report(context, name, {"month": "2026-02", **given} if name == "r.monthly" else given, ids)


def words(found: ReportView, table: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row.words[name] for name in columns) for row in found.tables[table].rows]


def titles(found: ReportView, table: str = "rows") -> list[str]:
    return [row.words["title"] for row in found.tables[table].rows]


def text_of(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_rows_lie_in_the_period(office: Office) -> None:
    """From its first to its last day, in the order written, links and what lies behind them in words."""
    found = view(office.as_("hr", "hr"))
    assert words(found, "rows", "title", "unit", "visitor.name", "visitor.unit", "grade", "cost") == [
        ("a", "shop", "厨师", "shop", "高", "¥30.00"),
        ("b", "shop", "厨师", "shop", "低", "¥20.50"),
        ("c", "other", "别店厨师", "other", "中", "¥10.00"),
    ]
    heads = [column.title for column in found.tables["rows"].columns]
    assert heads == ["标题", "单位", "检查人 · 姓名", "检查人 · 所属单位", "等级", "费用", "手机"]
    assert found.tables["rows"].totals == {"cost": "¥60.50"}
    assert found.answers.told == "月份: 2026-02"


def test_groups_are_measured(office: Office) -> None:
    """Each measure is written like the field that it is of; the largest comes first."""
    table = view(office.as_("hr", "hr")).tables["totals"]
    names = [column.name for column in table.columns]
    assert [tuple(row.words[name] for name in names) for row in table.rows] == [
        ("shop", "2", "¥50.50", "¥25.25", "85.50", "¥20.50", "高", "50.0%", "0 seconds"),
        ("other", "1", "¥10.00", "¥10.00", "", "¥10.00", "中", "100.0%", "0 seconds"),
    ]
    assert table.rows[0].raw["cost"] == Decimal("50.50")
    assert [column.title for column in table.columns][:5] == [
        "单位",
        "Number",
        "费用 in all",
        "median of 费用",
        "平均分",
    ]
    assert (table.totals["number"], table.totals["cost"]) == ("3", "¥60.50")


def test_what_was_before_the_period(office: Office) -> None:
    """One row without groups; nothing at all adds up to 0."""
    context = office.as_("hr", "hr")
    assert words(view(context), "before", "cost") == [("¥7.00",)]
    assert words(view(context, month="2025-01"), "before", "cost") == [("¥0.00",)]


def test_a_parameter_narrows_the_report(office: Office) -> None:
    """One that need not be answered leaves it whole."""
    context = office.as_("hr", "hr")
    assert titles(view(context, only=office.units["other"])) == ["c"]
    assert titles(view(context, only="")) == ["a", "b", "c"]


def test_defaults(local: Office) -> None:
    """Last month; expressions over the moment and the user; values as fields read them."""
    context = local.as_("head", "hr")
    assert titles(view_report(context, "r.monthly", {})) == ["a", "b", "c"]
    ids = [row.words["title"] for row in view_report(context, "r.plain", {}).tables["rows"].rows]
    assert len(ids) == 2
    asked = view_report(context, "r.asked", {}, [1, 2, 3, 4])
    assert asked.answers.plain == {
        "from_day": "2026-01-21", "grade_of": "mid", "who": str(local.people["head"]), "least": "5.00",
    }  # fmt: skip
    assert sorted(titles(asked)) == ["a", "c", "old"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"month": "July"}, "month"),
        ({"mont": "2026-02"}, "mont"),
        ({"only": "999"}, "only"),
        ({"only": "shop"}, "only"),
    ],
    ids=["no month", "no such parameter", "no such unit", "no number"],
)
def test_answers_that_are_refused(local: Office, given: dict[str, str], field: str) -> None:
    """Each is named."""
    with pytest.raises(InvalidRecord) as caught:
        view_report(local.as_("hr", "hr"), "r.monthly", given)
    assert list(caught.value.errors) == [field]


def test_a_role_sees_its_own_rows(office: Office) -> None:
    """In rows, in groups, in sums; and names behind links only of records that it may read."""
    context = office.as_("head", "chief")
    visit(office, title="d", unit="shop", grade="low", cost="1", held_on=date(2026, 2, 3))
    found = view(context)
    assert titles(found) == ["a", "b", "d"]
    assert words(found, "totals", "unit", "number") == [("shop", "3")]
    with office.database.writing() as session:
        table = office.models.tables[VISIT]
        change = table.update().where(table.c.title == "d").values(visitor_id=office.people["other_cook"])
        session.execute(change)
    assert words(view(context), "rows", "visitor.name")[-1] == ("",)


def test_hidden_fields_are_not_there(office: Office) -> None:
    """Neither as a column, nor in a measure, nor to sort by; masked ones are masked."""
    found = view(office.as_("hr", "clerk"))
    rows, totals = found.tables["rows"], found.tables["totals"]
    assert "cost" not in [column.name for column in rows.columns]
    assert [column.name for column in totals.columns] == ["unit", "number", "mean", "best", "good", "time"]
    assert {row.words["cost"] for row in rows.rows} == {""} and {row.raw["cost"] for row in rows.rows} == {
        None
    }
    assert {row.words["mobile"] for row in rows.rows} == {"139****5678"}
    assert rows.totals == {"cost": ""}
    assert found.tables["before"].columns == ()


def test_only_who_may_print_all_of_it(local: Office) -> None:
    """The right to read is not enough, nor is the right to print one of two types."""
    names = {
        who: {one.full_name for one in offered_to(local.release, local.policy, local.actor("hr", who), of)}
        for who, of in (("hr", "period"), ("chief", "selection"), ("reader", "period"))
    }
    assert names == {"hr": {"r.costs", "r.monthly", "r.plain"}, "chief": {"r.chosen"}, "reader": set()}
    with pytest.raises(AccessDenied):
        view(local.as_("hr", "reader"))
    with pytest.raises(UnknownReport):
        view_report(local.as_("hr", "hr"), "r.card", {})


def test_a_selection_is_what_was_chosen(office: Office) -> None:
    """Without data it shows the list's columns; rows that may not be printed are left out."""
    everything = view_report(office.as_("hr", "hr"), "r.chosen", {}, [4, 3, 1, 999])
    assert sorted(titles(everything)) == ["b", "c", "old"]
    assert [column.name for column in everything.tables["rows"].columns] == ["title", "unit", "cost"]
    own = view_report(office.as_("head", "chief"), "r.chosen", {}, [4, 3, 1])
    assert sorted(titles(own)) == ["b", "old"]
    assert titles(view_report(office.as_("hr", "hr"), "r.chosen", {}, [])) == []


def test_lines_and_links_are_shown(local: Office) -> None:
    """What lies in other tables has no column of its own and is shown all the same; the limit is the
    author's."""
    with local.database.writing() as session:
        values = {
            "title": "zz", "unit": local.units["shop"], "held_on": date(2026, 2, 2),
            "held_at": datetime(2026, 2, 3, tzinfo=UTC),
            "helpers": (local.people["head"], local.people["cook"]), "notes": ({"what": "x"},),
        }  # fmt: skip
        insert_record(session, local.models, VISIT, values, stamp())
    found = view_report(local.as_("hr", "hr"), "r.plain", {"period": "2026-02"})
    table = found.tables["rows"]
    assert (table.rows[0].words["title"], len(table.rows), table.cut) == ("zz", 2, False)
    assert "店长" in table.rows[0].words["helpers"] and "厨师" in table.rows[0].words["helpers"]


def test_a_print_is_kept_as_it_was(office: Office) -> None:
    """Numbered, with its checksum, its parameters and an audit entry; a preview leaves no trace."""
    context = office.as_("hr", "hr")
    issued = issue_report(context, "r.monthly", {"month": "2026-02"})
    told = text_of(issued.data)
    assert (
        "月报" in told
        and "¥60.50" in told
        and issued.number in told
        and issued.file_name.startswith("月报 2026-02")
    )
    stored = office.read("document", issued.document_id or 0).values
    assert (stored["parameters"], stored["record_id"], stored["report"]) == (
        "月份: 2026-02",
        None,
        "r.monthly",
    )
    kept = open_document(context, issued.document_id or 0)
    assert kept.data == issued.data
    before = issued.document_id
    preview = issue_report(context, "r.monthly", {"month": "2026-02"}, store=False)
    assert preview.document_id is None and "preview" in text_of(preview.data)
    assert issue_report(context, "r.monthly", {}).document_id == (before or 0) + 1


@pytest.mark.parametrize(
    ("who", "role", "opens"),
    [
        ("boss", "hr", True),
        ("head", "chief", False),
        ("boss", "clerk", False),
        ("boss", "administrator", True),
    ],
)
def test_a_kept_print_opens_for_who_would_find_the_same(
    local: Office, who: str, role: str, opens: bool
) -> None:
    """A print shows what its printer saw."""
    issued = issue_report(local.as_("hr", "hr"), "r.costs", {"period": "2026-02"})
    if opens:
        assert open_document(local.as_(who, role), issued.document_id or 0).data == issued.data
    else:
        with pytest.raises(AccessDenied):
            open_document(local.as_(who, role), issued.document_id or 0)


def test_a_print_of_one_record_has_data_too(office: Office) -> None:
    """Over other records, told by the one that is printed; charts of them."""
    with office.database.writing() as session:
        for text, of in (("one", 1), ("two", 2), ("three", 1)):
            insert_record(session, office.models, "r.note", {"text": text, "visit": of}, stamp())
    told = text_of(issue_document(office.as_("hr", "hr"), "r.card", 1).data)
    assert "[three][one] 2 1" in told


def test_thousands_of_rows_are_cut_and_said_so(local: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones are shown, the number of all is told, and nothing is added up over a part."""
    monkeypatch.setattr("app.actions.report_datasets.MOST_ROWS", 2)
    found = view(local.as_("hr", "hr"))
    table = found.tables["rows"]
    assert (len(table.rows), table.total, table.cut, table.totals) == (2, 3, True, {"cost": ""})
    told = text_of(issue_report(local.as_("hr", "hr"), "r.monthly", {"month": "2026-02"}, store=False).data)
    assert "only the first 2 of 3 rows are shown" in told
    assert MOST_ROWS <= 2 * LABELS_AT_ONCE
