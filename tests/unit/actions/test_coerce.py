"""What people type, browsers send and spreadsheets hold becomes the value that a field keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.coerce import READERS, Unreadable, coerce
from app.release import FieldModel
from app.spec.field_types import FIELD_TYPES, FieldType
from app.spec.portal_settings import Option
from app.spec.records import FieldSpec

ZONE = ZoneInfo("Asia/Shanghai")
OPTIONS = {"low": Option(title="低"), "high": Option(title="高"), "odd": Option(title="高")}


def field(kind: FieldType, **options: Any) -> FieldModel:
    given_options = OPTIONS if kind in ("choice", "choices") else {}
    return FieldModel("f", FieldSpec(type=kind, **options), "F", options=given_options)


def test_every_field_type_has_a_reader() -> None:
    """The table is as closed as the language's own."""
    assert set(READERS) == set(FIELD_TYPES)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  a ", "a"),
        ("text", 5, "5"),
        ("long_text", "a\r\nb", "a\nb"),
        ("integer", "1,234", 1234),
        ("integer", " -7 ", -7),
        ("integer", 3.0, 3),
        ("integer", Decimal("4.00"), 4),
        ("money", "1,234.5", Decimal("1234.50")),
        ("money", 0.1, Decimal("0.10")),
        ("money", ".5", Decimal("0.50")),
        ("decimal", "1.234567", Decimal("1.234567")),
        ("percent", "98.5", Decimal("98.5000")),
        ("boolean", "on", True),
        ("boolean", "否", False),
        ("boolean", 0, False),
        ("boolean", True, True),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("date", "2026/02/28", date(2026, 2, 28)),
        ("date", datetime(2026, 2, 28, 5, tzinfo=UTC), date(2026, 2, 28)),
        ("time", "14:30", time(14, 30)),
        ("datetime", "2026-03-01T08:30", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("datetime", "2026-03-01 08:30:15+00:00", datetime(2026, 3, 1, 8, 30, 15, tzinfo=UTC)),
        ("month", "2026-03", date(2026, 3, 1)),
        ("month", date(2026, 3, 17), date(2026, 3, 1)),
        ("duration", "1:30", timedelta(minutes=90)),
        ("duration", "0.5 hours", timedelta(minutes=30)),
        ("duration", "2 days", timedelta(days=2)),
        ("choice", "low", "low"),
        ("choice", "低", "low"),
        ("choices", "high, low", ("low", "high")),
        ("choices", ["低"], ("low",)),
        ("person", "7", 7),
        ("person", {"id": 7, "name": "x"}, 7),
        ("links", ["3", 1, "3"], (3, 1)),
        ("photos", [4, "5"], (4, 5)),
        ("photo", ["4"], 4),
        ("file", 4, 4),
        ("location", "39.9, 116.4", {"lat": 39.9, "lon": 116.4}),
        (
            "location",
            '{"lat": "39.9", "lon": 116.4, "accuracy": 12}',
            {"lat": 39.9, "lon": 116.4, "accuracy": 12.0},
        ),
        ("lines", [{"a": ""}, {"a": 1}], ({"a": 1},)),
        ("phone", "+86 138 1234 5678", "+86 138 1234 5678"),
        ("email", "a@b.cn", "a@b.cn"),
        ("url", "https://b.cn/x", "https://b.cn/x"),
    ],
)
def test_reads(kind: FieldType, raw: object, value: object) -> None:
    """Each form that a value comes in gives the one value that is kept."""
    read = coerce(field(kind), raw, ZONE)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", ["a"]),
        ("text", "a\x07"),
        ("text", "x" * 100_001),
        ("integer", "1.5"),
        ("integer", "1e3"),
        ("integer", True),
        ("integer", "١٢"),
        ("integer", str(2**63)),
        ("money", "1,23"),
        ("money", "0.001"),
        ("money", "NaN"),
        ("money", float("inf")),
        ("money", "99999999999999999"),
        ("boolean", "maybe"),
        ("date", "31.01.2026"),
        ("date", "2026-02-30"),
        ("time", "25:00"),
        ("datetime", "soon"),
        ("datetime", "0001-01-01T00:00"),
        ("month", "2026"),
        ("duration", "long"),
        ("duration", "1:60"),
        ("choice", "高"),
        ("choice", "x"),
        ("choices", ["low", "x"]),
        ("person", "0"),
        ("person", "-1"),
        ("person", True),
        ("person", "7 OR 1=1"),
        ("person", str(2**31)),
        ("photo", [1, 2]),
        ("location", "91, 0"),
        ("location", "39.9"),
        ("location", "{"),
        ("lines", ["a"]),
        ("checklist", "x"),
        ("phone", "call me"),
        ("email", "a@b"),
        ("email", "a b@c.cn"),
        ("url", "javascript:alert(1)"),
        ("url", "http://[x"),
        ("url", "https://a b"),
    ],
)
def test_refuses(kind: FieldType, raw: object) -> None:
    """What is no value of the type is refused in words, whatever it looks like."""
    with pytest.raises(Unreadable) as caught:
        coerce(field(kind), raw, ZONE)
    assert str(caught.value)


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize("raw", [None, "", "   ", (), []])
def test_empty_is_empty(kind: FieldType, raw: object) -> None:
    """Nothing is nothing in every type: None, or no elements."""
    several = kind in ("choices", "links", "lines", "files", "photos")
    assert coerce(field(kind), raw, ZONE) == (() if several else None)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_money_survives_its_own_text(amount: Decimal) -> None:
    """An amount written plainly or with grouped thousands reads as itself."""
    assert coerce(field("money"), str(amount), ZONE) == amount
    assert coerce(field("money"), f"{amount:,.2f}", ZONE) == amount


@given(
    st.sampled_from(FIELD_TYPES),
    st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text()),
)
def test_nothing_but_unreadable_is_raised(kind: FieldType, raw: object) -> None:
    """Whatever is sent, the answer is a value or a refusal in words."""
    try:
        coerce(field(kind), raw, ZONE)
    except Unreadable as error:
        assert error.text.format(**error.params)
