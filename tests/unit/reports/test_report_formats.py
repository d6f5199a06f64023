"""Each field type as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from app.reports import UNSET, FieldOptions, format_value
from app.reports.formats import FORMATS
from app.spec.field_types import FIELD_TYPES, FieldType

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE = {
    "Yes": "是", "No": "否", ", ": "、", "{n} lines": "{n} 行", "{n} days": "{n}天", "{n} hours": "{n}小时",
    "{n} minutes": "{n}分钟", "{n} seconds": "{n}秒", "not set": "未设定", "{score} points": "{score} 分",
}  # fmt: skip


def shown(kind: FieldType, value: object, **options: object) -> str:
    settings = FieldOptions(**options)  # type: ignore[arg-type]
    return format_value(kind, value, settings, lambda text: CHINESE.get(text, text), SHANGHAI)


def test_the_table_is_closed() -> None:
    """Every field type of the language has a format, and no other."""
    assert tuple(sorted(FORMATS)) == tuple(sorted(FIELD_TYPES))


@pytest.mark.parametrize(
    ("kind", "value", "options", "text"),
    [
        ("text", "一 <b>", {}, "一 <b>"),
        ("long_text", "一\n二", {}, "一\n二"),
        ("integer", 1234567, {}, "1,234,567"),
        ("integer", 0, {"unit": "人"}, "0 人"),
        ("decimal", Decimal("12.500"), {}, "12.5"),
        ("decimal", Decimal("1E+3"), {}, "1,000"),
        ("decimal", Decimal("2.345"), {"places": 2, "unit": "℃"}, "2.35 ℃"),
        ("decimal", 0.1, {}, "0.1"),
        ("money", Decimal("1234.5"), {}, "¥1,234.50"),
        ("money", Decimal("-20"), {}, "-¥20.00"),
        ("money", Decimal("0.005"), {}, "¥0.01"),
        ("money", 12, {"currency": "CHF"}, "12.00 CHF"),
        ("money", 1200, {"currency": "JPY"}, "1,200 JPY"),
        ("percent", Decimal("98.50"), {}, "98.5%"),
        ("percent", Decimal("98.555"), {"places": 1}, "98.6%"),
        ("rating", 4, {"maximum": 5}, "4 / 5"),
        ("boolean", True, {}, "是"),
        ("boolean", False, {}, "否"),
        ("date", date(2026, 11, 21), {}, "2026-11-21"),
        ("date", datetime(2026, 11, 21, 20, 0, tzinfo=UTC), {}, "2026-11-22"),
        ("time", time(8, 5), {}, "08:05"),
        ("datetime", datetime(2026, 11, 21, 10, 30, tzinfo=UTC), {}, "2026-11-21 18:30"),
        ("datetime", datetime(2026, 11, 21, 10, 30, tzinfo=UTC).replace(tzinfo=None), {}, "2026-11-21 18:30"),
        ("month", date(2026, 11, 1), {}, "2026-11"),
        ("month", "2026-11", {}, "2026-11"),
        ("duration", timedelta(days=2, hours=3, minutes=4), {}, "2天 3小时"),
        ("duration", timedelta(minutes=15), {}, "15分钟"),
        ("duration", timedelta(seconds=-90), {}, "-1分钟"),
        ("duration", 7200, {}, "2小时"),
        ("duration", timedelta(0), {}, "0秒"),
        ("choice", "fault", {"choices": {"fault": "过失"}}, "过失"),
        ("choice", "gone", {"choices": {"fault": "过失"}}, "gone"),
        ("choices", ["a", "b"], {"choices": {"a": "甲", "b": "乙"}}, "甲、乙"),
        ("choices", "a", {"choices": {"a": "甲"}}, "甲"),
        ("person", {"label": "李喆堃"}, {}, "李喆堃"),
        ("unit", SimpleNamespace(title="朝阳门店"), {}, "朝阳门店"),
        ("link", "DC-1", {}, "DC-1"),
        ("links", [{"label": "甲"}, {"label": "乙"}], {}, "甲、乙"),
        ("lines", [{}, {}], {}, "2 行"),
        ("checklist", {"score": Decimal("86.50"), "grade": "合格"}, {}, "86.5 分、合格"),
        ("checklist", {"score": 0, "grade": None}, {}, "0 分"),
        ("file", {"filename": "a.pdf"}, {}, "a.pdf"),
        ("files", [{"filename": "a.pdf"}, {"filename": "b.pdf"}], {}, "a.pdf、b.pdf"),
        ("photo", {"name": "x.jpg"}, {}, "x.jpg"),
        ("photos", [{"name": "x.jpg"}], {}, "x.jpg"),
        ("signature", {"name": "王祎"}, {}, "王祎"),
        ("location", {"latitude": 31.2304, "longitude": Decimal("121.4737")}, {}, "31.23040, 121.47370"),
        ("location", (31.2, 121.5), {}, "31.20000, 121.50000"),
        ("location", "南京路 1 号", {}, "南京路 1 号"),
        ("phone", "13800000000", {}, "13800000000"),
        ("email", "a@b.cn", {}, "a@b.cn"),
        ("url", "https://b.cn", {}, "https://b.cn"),
        ("formula", Decimal("20"), {"gives": "money"}, "¥20.00"),
        ("formula", True, {}, "是"),
        ("formula", timedelta(hours=1), {}, "1小时"),
        ("formula", "x", {}, "x"),
    ],
    ids=lambda value: value if isinstance(value, str) and value in FIELD_TYPES else None,
)
def test_formats(kind: FieldType, value: object, options: dict[str, object], text: str) -> None:
    """Each type reads as people write it, in the portal's language and time zone."""
    assert shown(kind, value, **options) == text


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_empty_unset_and_foreign_values(kind: FieldType) -> None:
    """Empty is empty, unset says so, and a value of the wrong Python type is shown rather than an error."""
    assert shown(kind, None) == ""
    assert shown(kind, UNSET) == "未设定"
    for value in ("旧值", Decimal("NaN"), 3, [], {}):
        assert isinstance(shown(kind, value), str)
