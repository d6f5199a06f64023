"""Out to a spreadsheet and in again: rights, masks, formulas that are none, and faults row by row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.access import AccessDenied
from app.actions import create_record
from app.actions.exporting import export_records, neutral
from app.actions.importing import ImportRefused, import_records
from app.storage import Database, history_of
from tests.support.offices import Office, office_from

CONFIG = {
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can: {unit: [read], person: [read], r.case: [create, read, export, import]}
          head:
            title: 店长
            can: {unit: [read], person: [read], r.case: [create unit, read, export unit, import]}
          clerk: {title: 文员, can: {r.case: [read, export]}, hide: {r.case: [cost, contact]}}
          reader: {title: 读者, can: {r.case: [read]}}
        """,
    "config/regimes/r/all.yaml": """
        choices:
          level: {options: {low: 低, high: 高}}
        records:
          case:
            title: 案件/一
            number: "A-{seq:03d}"
            fields:
              title: {type: text, title: 标题, required: true, max: 40}
              unit: {type: unit, title: 部门}
              people: {type: links, to: person, title: 人员}
              level: {type: choice, title: 等级, options: level}
              tags: {type: choices, title: 标签, options: level}
              cost: {type: money, title: 费用, min: 0}
              on: {type: date, title: 日期}
              at: {type: datetime, title: 时间}
              urgent: {type: boolean, title: 紧急}
              contact: {type: phone, title: 电话, mask: phone}
              double: {type: formula, gives: money, title: 两倍, formula: cost * 2}
        """,
}
CASE = "r.case"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with cases, on both databases."""
    return office_from(database, tmp_path, CONFIG)


def sheet(path: Path) -> list[tuple[Any, ...]]:
    book = load_workbook(path)
    return list(book.worksheets[0].iter_rows(values_only=True))


def written(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_export_and_import_round_trip(office: Office, tmp_path: Path) -> None:
    """What was exported can be read in again and means the same."""
    hr = office.as_("boss", "administrator")
    values = {
        "title": "=1+1",
        "unit": office.units["shop"],
        "people": [office.people["cook"], office.people["head"]],
        "level": "high",
        "tags": ["low", "high"],
        "cost": "12.50",
        "on": "2026-03-01",
        "at": "2026-03-01 08:30",
        "urgent": True,
        "contact": "13812345678",
    }
    made = create_record(hr, CASE, values).id
    target = tmp_path / "out.xlsx"
    assert export_records(hr, CASE, target) == 1
    header, row = sheet(target)
    shown = dict(zip(header, row, strict=True))
    assert shown["标题"] == "'=1+1"
    assert (shown["部门"], shown["人员"]) == ("shop", "厨师, 店长")
    assert (shown["等级"], shown["费用"], shown["两倍"]) == ("高", 12.5, 25)
    assert [shown[name].isoformat() for name in ("日期", "时间")] == [
        "2026-03-01T00:00:00",
        "2026-03-01T08:30:00",
    ]
    done = import_records(hr, CASE, target)
    assert (done.rows, len(done.ids), done.faults) == (1, 1, ())
    one, other = office.read(CASE, made).values, office.read(CASE, done.ids[0]).values
    names = ("title", "unit", "level", "tags", "cost", "on", "at", "contact", "people", "double")
    assert {name: one[name] for name in names} == {name: other[name] for name in names}
    assert other["number"] == "A-002"


def test_export_follows_rights(office: Office, tmp_path: Path) -> None:
    """Only rows and fields of the own rights come out; who may not export gets nothing; it is on record."""
    hr = office.as_("hr", "hr")
    for unit in ("shop", "other"):
        create_record(
            hr, CASE, {"title": unit, "unit": office.units[unit], "contact": "13812345678", "cost": 1}
        )
    target = tmp_path / "out.xlsx"
    assert export_records(office.as_("head", "head"), CASE, target, ["title", "contact"]) == 1
    assert sheet(target) == [("标题", "电话"), ("shop", "138****5678")]
    assert export_records(office.as_("cook", "clerk"), CASE, target, ["title", "cost", "contact"]) == 2
    assert sheet(target) == [("标题",), ("shop",), ("other",)]
    with pytest.raises(AccessDenied):
        export_records(office.as_("cook", "reader"), CASE, target)
    with office.database.reading() as session:
        table = office.models.tables["audit_entry"]
        entries = session.execute(table.select().where(table.c.action == "export")).all()
    assert [(entry.record_type, entry.detail) for entry in entries] == [(CASE, "1"), (CASE, "2")]


def test_import_tells_every_fault_and_makes_nothing(office: Office, tmp_path: Path) -> None:
    """Each faulty row is named with its fields; nothing of the file is kept, not even the sound rows."""
    source = written(
        tmp_path / "in.xlsx",
        ("标题", "部门", "level", "费用", "人员"),
        ("一", "shop", "高", 3, "厨师"),
        (None, "shop", "low", None, None),
        (None, None, None, None, None),
        ("三", "nowhere", "middle", "-1", "厨师、无名"),
        ("四", "shop", None, -1, None),
    )
    hr = office.as_("hr", "hr")
    preview = import_records(hr, CASE, source, preview=True)
    done = import_records(hr, CASE, source)
    assert done == preview
    assert (done.rows, done.ids) == (4, ())
    assert [(fault.row, dict(fault.errors)) for fault in done.faults] == [
        (3, {"title": ("this must be filled in",)}),
        (5, {"unit": ("no record is called 'nowhere'",), "people": ("no record is called '无名'",)}),
        (6, {"cost": ("not less than 0",)}),
    ]
    assert cases(office) == []
    sound = written(tmp_path / "sound.xlsx", ("标题", "费用"), ("一", 3), ("二", 4.5))
    assert import_records(hr, CASE, sound, preview=True).rows == 2
    assert cases(office) == []
    assert len(import_records(hr, CASE, sound).ids) == 2
    assert [row["cost"] for row in cases(office)] == [Decimal("3.00"), Decimal("4.50")]
    with office.database.reading() as session:
        entries = history_of(session, office.models, CASE, cases(office)[0]["id"])
    assert [entry["action"] for entry in entries] == ["create"]


def test_import_stays_within_the_own_rows(office: Office, tmp_path: Path) -> None:
    """A head cannot import for another unit."""
    source = written(tmp_path / "in.xlsx", ("标题", "部门"), ("一", "shop"), ("二", "other"))
    done = import_records(office.as_("head", "head"), CASE, source)
    assert [(fault.row, list(fault.errors)) for fault in done.faults] == [(3, [""])]
    assert cases(office) == []
    with pytest.raises(AccessDenied):
        import_records(office.as_("cook", "reader"), CASE, source)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "the file is empty"),
        ([("标题", "费 用")], "the column '费 用' is no field of this record type (did you mean '费用'?)"),
        ([("标题", "title")], "the column 'title' is there twice"),
        ([("number", "两倍")], "no column of the file is a field that can be filled in"),
    ],
    ids=["empty", "unknown", "twice", "nothing"],
)
def test_refused_files(
    sqlite_database: Database, tmp_path: Path, rows: list[tuple[str, ...]], words: str
) -> None:
    """A file that makes no sense is refused as a whole."""
    office = office_from(sqlite_database, tmp_path, CONFIG)
    source = written(tmp_path / "in.xlsx", *rows)
    with pytest.raises(ImportRefused) as caught:
        import_records(office.as_("hr", "hr"), CASE, source)
    assert str(caught.value) == words


def test_not_a_spreadsheet(sqlite_database: Database, tmp_path: Path) -> None:
    """Any other file is refused in words."""
    office = office_from(sqlite_database, tmp_path, CONFIG)
    source = tmp_path / "in.xlsx"
    source.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(ImportRefused, match="not a spreadsheet"):
        import_records(office.as_("hr", "hr"), CASE, source)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ("a\x01b", "ab"),
    ],
)
def test_neutral(text: str, kept: str) -> None:
    """No text begins a formula, and control characters are dropped."""
    assert neutral(text) == kept


def cases(office: Office) -> list[dict[str, Any]]:
    with office.database.reading() as session:
        table = office.models.tables[CASE]
        return [dict(row) for row in session.execute(table.select().order_by(table.c.id)).mappings()]
