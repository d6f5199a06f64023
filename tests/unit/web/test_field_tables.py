"""Every field type of the closed table has a control, a cell, a schema and mostly a filter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from app.actions import coerce
from app.release import FieldModel
from app.spec.field_types import FIELD_TYPES
from app.spec.portal_settings import Option
from app.spec.records import FieldSpec
from app.web import form_fields as kinds
from app.web.api_values import SCHEMAS, describe, json_value
from app.web.display import Style, show_value
from app.web.durations import duration_text, format_duration
from app.web.form_build import MAKERS
from app.web.list_query import READERS

ZONE = ZoneInfo("Asia/Shanghai")
STYLE = Style(ZONE, "CNY", Locale("en"))
UNENTERED = {"lines", "checklist", "formula"}
UNFILTERED = {
    "lines",
    "checklist",
    "file",
    "files",
    "photo",
    "photos",
    "signature",
    "location",
    "formula",
}


def field(kind: str, **more: object) -> FieldModel:
    """A field of a type, with two options where it has any."""
    spec = FieldSpec.model_validate({"type": kind, "title": kind, **more})
    return FieldModel(
        name="x", spec=spec, label=kind, options={"a": Option(title="A"), "b": Option(title="B")}
    )


@pytest.fixture(scope="module")
def babel() -> Flask:
    """An application that can format figures."""
    app = Flask("words")
    Babel(app, default_locale="en")
    return app


def test_the_tables_name_every_type() -> None:
    """A type that is forgotten fails here, not on a page."""
    assert set(MAKERS) == set(FIELD_TYPES) == set(SCHEMAS)
    assert {name for name, maker in MAKERS.items() if maker is None} == UNENTERED
    assert set(FIELD_TYPES) - set(READERS) == UNFILTERED


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_every_type_is_described(kind: str) -> None:
    """The description for programs has a type and the field's title."""
    schema = describe(field(kind, fields={"y": {"type": "text"}} if kind == "lines" else {}))
    assert schema["type"] in ("string", "integer", "boolean", "array", "object") and schema["title"] == kind


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "words", "words"),
        ("integer", 1234567, "1,234,567"),
        ("decimal", Decimal("1234.50"), "1,234.50"),
        ("money", Decimal("20"), "CN¥20.00"),
        ("money", Decimal("0"), "CN¥0.00"),
        ("percent", Decimal("98.5"), "98.5 %"),
        ("rating", 4, "4 / 5"),
        ("boolean", True, "Yes"),
        ("boolean", False, "No"),
        ("date", date(2026, 1, 31), "2026-01-31"),
        ("time", time(9, 5), "09:05"),
        ("datetime", datetime(2026, 1, 31, 16, 30, tzinfo=UTC), "2026-02-01 00:30"),
        ("month", date(2026, 1, 1), "2026-01"),
        ("duration", timedelta(hours=25, minutes=1), "1 d 1 h 1 min"),
        ("choice", "a", "A"),
        ("choice", "gone", "gone"),
        ("choices", ["a", "b"], "A, B"),
        ("location", {"lat": 31.2, "lon": 121.5}, "31.200000,121.500000"),
        ("text", None, ""),
        ("choices", [], ""),
    ],
)
def test_values_are_shown_in_words(babel: Flask, kind: str, value: object, text: str) -> None:
    """Figures, moments and options as people read them."""
    with babel.test_request_context():
        assert (
            show_value(field(kind, **({"places": 2} if kind == "decimal" else {})), value, STYLE).text == text
        )


@pytest.mark.parametrize(
    ("value", "href"),
    [
        ("https://example.org/", "https://example.org/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org", ""),
    ],
)
def test_only_web_addresses_become_links(babel: Flask, value: str, href: str) -> None:
    """An address that a browser would run is text."""
    with babel.test_request_context():
        assert show_value(field("url"), value, STYLE).href == href


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=9999)))
def test_a_duration_survives_its_entry_field(length: timedelta) -> None:
    """What the form shows is read back as the same whole seconds."""
    whole = timedelta(seconds=round(length.total_seconds()))
    if whole < timedelta(hours=10_000):
        assert coerce(field("duration"), duration_text(whole), ZONE) == whole


def test_durations_in_words(babel: Flask) -> None:
    """The largest units that say it exactly; nothing is nothing."""
    with babel.test_request_context():
        assert format_duration(timedelta(0)) == "0 min"
        assert format_duration(timedelta(seconds=-61)) == "−1 min 1 s"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (kinds.DecimalField, Decimal("1E+2"), "100"),
        (kinds.TimeField, time(9, 30), "09:30"),
        (kinds.TimeField, time(9, 30, 5), "09:30:05"),
        (kinds.MonthField, date(2026, 3, 1), "2026-03"),
        (kinds.LocationField, {"lat": -1.5, "lon": 2}, "-1.500000,2.000000"),
    ],
)
def test_stored_values_stand_in_their_controls(
    kind: type[kinds.TypedField], value: object, text: str
) -> None:
    """As text that is read back as the same value."""
    assert kind.show(kind.__new__(kind), value) == text


def test_json_values_are_exact() -> None:
    """Decimals as text, moments with the portal's offset."""
    assert json_value(Decimal("1.10"), ZONE) == "1.10"
    assert json_value(datetime(2026, 1, 1, tzinfo=UTC), ZONE) == "2026-01-01T08:00:00+08:00"
    assert json_value([timedelta(minutes=90), None], ZONE) == ["1:30", None]


@pytest.mark.parametrize(
    ("kind", "more", "stored", "text"),
    [
        ("decimal", {}, "94.000000", "94"),
        ("decimal", {}, "94.500000", "94.5"),
        ("decimal", {}, "0.000000", "0"),
        ("decimal", {}, "100", "100"),
        ("decimal", {"places": 2}, "94.50", "94.50"),
        ("percent", {}, "95.0000", "95"),
        ("money", {}, "120.00", "120.00"),
    ],
)
def test_figures_in_json_have_the_places_that_are_meant(
    kind: str, more: dict[str, object], stored: str, text: str
) -> None:
    """Those that the field sets, or else as many as there are digits."""
    assert json_value(Decimal(stored), ZONE, field(kind, **more)) == text


def test_ids_that_are_none_are_left_out() -> None:
    """Upload fields take whole numbers of a sensible size."""
    sent: MultiDict[str, object] = MultiDict(
        [("x.kept", "5"), ("x.kept", "-1"), ("x.kept", "9" * 30), ("x.drop", "5")]
    )
    form = BaseForm({"x": kinds.UploadField("x")})
    form.process(sent)
    upload = form["x"].data
    assert upload.kept == (5,) and upload.ids == ()
