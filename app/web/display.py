"""Stored values in words, in the reader's language and on the portal's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import gettext as _

from app.release import FieldModel, in_words
from app.source import N_
from app.spec.field_types import FieldType
from app.web.durations import format_duration
from app.web.figures import write_money, write_number
from app.web.languages import label


@dataclass(frozen=True, slots=True)
class Cell:
    """A value ready for a template.

    text: what to show, empty for an empty value; kind: text, number, money, badge, flag, lines …, chooses the
    markup; tone: of a badge; href: where the value leads, if anywhere.
    """

    text: str = ""
    kind: str = "text"
    tone: str = ""
    href: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Style:
    """How one portal writes figures and moments in one language; `names` are words for what texts name."""

    zone: ZoneInfo
    currency: str
    locale: Locale
    names: Mapping[str, str] = field(default_factory=dict)


Show = Callable[[FieldModel, Any, Style], Cell]


def show_value(field: FieldModel, value: Any, style: Style) -> Cell:
    """`value` of `field` as a cell; None, empty text and empty lists give an empty cell."""
    if value is None or value == "" or (isinstance(value, (tuple, list)) and not value):
        return Cell(kind=KIND.get(field.type, "text"))
    return SHOW.get(field.type, _text)(field, value, style)


def show_moment(value: datetime, style: Style) -> str:
    """`2026-01-31 09:30` on the portal's clock."""
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.astimezone(style.zone).strftime("%Y-%m-%d %H:%M")


def option_title(field: FieldModel, key: str) -> str:
    """The words of an option; an option that is no longer declared shows its key."""
    option = field.options.get(key)
    return label(option.title) or key if option else key


def _text(field: FieldModel, value: Any, style: Style) -> Cell:
    text = str(value)
    words = in_words(style.names, field, text)
    return Cell(text if words == text else label(words))


def _long_text(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(str(value), kind="long")


def _number(field: FieldModel, value: Any, style: Style) -> Cell:
    text = write_number(Decimal(str(value)), style.locale, field.spec.places)
    unit = f" {label(field.spec.unit)}" if field.spec.unit else ""
    return Cell(text + unit, kind="number")


def _percent(field: FieldModel, value: Any, style: Style) -> Cell:
    return Cell(f"{_number(field, value, style).text} %", kind="number")


def _money(_field: FieldModel, value: Any, style: Style) -> Cell:
    return Cell(write_money(Decimal(str(value)), style.currency, style.locale), kind="money")


def _rating(field: FieldModel, value: Any, _style: Style) -> Cell:
    best = field.spec.max or "5"
    return Cell(f"{value} / {best}", kind="number")


def _boolean(_field: FieldModel, value: Any, _style: Style) -> Cell:
    words = label(N_("Yes")) if value else label(N_("No"))
    return Cell(words, kind="flag", tone="success" if value else "neutral")


def _date(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(value.isoformat()[:10] if isinstance(value, date) else str(value), kind="date")


def _time(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(value.strftime("%H:%M") if isinstance(value, time) else str(value), kind="date")


def _datetime(_field: FieldModel, value: Any, style: Style) -> Cell:
    return Cell(show_moment(value, style) if isinstance(value, datetime) else str(value), kind="date")


def _month(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(f"{value:%Y-%m}" if isinstance(value, date) else str(value)[:7], kind="date")


def _duration(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(format_duration(value) if isinstance(value, timedelta) else str(value), kind="number")


def _choice(field: FieldModel, value: Any, _style: Style) -> Cell:
    option = field.options.get(str(value))
    tone = option.tone if option else None
    return Cell(option_title(field, str(value)), kind="badge" if tone else "text", tone=tone or "")


def _choices(field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(_(", ").join(option_title(field, str(key)) for key in value))


def _email(_field: FieldModel, value: Any, _style: Style) -> Cell:
    return Cell(str(value), href=f"mailto:{value}")


def _phone(_field: FieldModel, value: Any, _style: Style) -> Cell:
    shown = str(value)
    return Cell(shown, href="" if "*" in shown else "tel:" + shown.replace(" ", ""))


def _location(_field: FieldModel, value: Any, _style: Style) -> Cell:
    """Degrees north and east, six places: a hand's breadth."""
    if isinstance(value, Mapping):
        return Cell(f"{value['lat']:.6f},{value['lon']:.6f}", kind="number")
    return Cell(str(value))


def _url(_field: FieldModel, value: Any, _style: Style) -> Cell:
    shown = str(value)
    return Cell(shown, kind="url", href=shown if shown.startswith(("https://", "http://")) else "")


SHOW: Mapping[FieldType, Show] = {
    "long_text": _long_text,
    "integer": _number,
    "decimal": _number,
    "money": _money,
    "percent": _percent,
    "rating": _rating,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "month": _month,
    "duration": _duration,
    "choice": _choice,
    "choices": _choices,
    "phone": _phone,
    "email": _email,
    "url": _url,
    "location": _location,
}
"""Types whose value is not shown as it is; links, lines and files are shown by the pages that load them."""

KIND: Mapping[FieldType, str] = {
    "money": "money",
    "integer": "number",
    "decimal": "number",
    "percent": "number",
}
"""Markup of an empty cell, so that columns stay aligned."""
