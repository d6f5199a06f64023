"""The closed table of field types, as form controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from wtforms.fields.core import UnboundField

from app.release import FieldModel
from app.spec.field_types import FieldType
from app.web import form_fields as kinds
from app.web.display import option_title
from app.web.languages import label

MOST_STARS = 10
IMAGES = "image/jpeg,image/png,image/webp,image/gif,image/heic"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a form stands: its record type, its lines field, and the clock; picks: where its pickers ask, if
    not at the record type's own pages."""

    record_type: str
    zone: ZoneInfo
    lines: str = ""
    picks: str = ""

    def pick_url(self, field: FieldModel) -> str:
        path = f"{self.lines}.{field.name}" if self.lines else field.name
        return (self.picks or f"{request.script_root}/r/{self.record_type}/pick/") + path


Maker = Callable[[FieldModel, Frame, dict[str, Any]], "UnboundField[Any]"]


def make_field(field: FieldModel, frame: Frame, wanted: bool) -> UnboundField[Any] | None:
    """The control of `field`, or None for what no control enters (formulas, checklists; lines have forms of
    their own). `wanted` says that it must be filled, which the browser is told too."""
    maker = MAKERS[field.type] if field.formula is None else None
    if maker is None:
        return None
    render: dict[str, Any] = {"aria-required": "true"} if wanted else {}
    if field.spec.help:
        render["described"] = True
    return maker(field, frame, render)


def _plain(kind: type[kinds.TypedField]) -> Maker:
    def make(field: FieldModel, _frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
        return UnboundField(kind, label(field.label), render_kw=render)

    return make


def _text(kind: type[kinds.TypedField]) -> Maker:
    """Lengths of a text are told to the browser; a number's limits are not: the server words them better."""

    def make(field: FieldModel, _frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
        longest = field.spec.max or ""
        limits = {"maxlength": longest} if longest.isdecimal() else {}
        return UnboundField(kind, label(field.label), render_kw=render | limits)

    return make


def _moment(field: FieldModel, frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
    """A moment is typed on the portal's clock."""
    return UnboundField(kinds.DateTimeField, label(field.label), render_kw=render, zone=frame.zone)  # type: ignore[arg-type]


def _rating(field: FieldModel, _frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
    lowest, best = (_whole(text, rule) for text, rule in ((field.spec.min, 1), (field.spec.max, 5)))
    if not 0 <= lowest < best <= lowest + MOST_STARS:
        return UnboundField(kinds.IntegerField, label(field.label), render_kw=render)
    return UnboundField(kinds.RatingField, label(field.label), render_kw=render, lowest=lowest, best=best)


def _options(kind: type[kinds.TypedField]) -> Maker:
    def make(field: FieldModel, _frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
        def options() -> list[tuple[str, str]]:
            return [(key, option_title(field, key)) for key in field.options]

        return UnboundField(kind, label(field.label), render_kw=render, options=options)

    return make


def _pick(kind: type[kinds.TypedField]) -> Maker:
    def make(field: FieldModel, frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
        return UnboundField(kind, label(field.label), render_kw=render, pick_url=frame.pick_url(field))

    return make


def _upload(*, multiple: bool, photo: bool) -> Maker:
    def make(field: FieldModel, _frame: Frame, render: dict[str, Any]) -> UnboundField[Any]:
        accept = IMAGES if photo else ",".join(field.spec.accept)
        return UnboundField(
            kinds.UploadField,
            label(field.label),
            render_kw=render,
            multiple=multiple,
            photo=photo,
            accept=accept,
        )

    return make


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else default


MAKERS: Mapping[FieldType, Maker | None] = MappingProxyType(
    {
        "text": _text(kinds.TextField),
        "long_text": _text(kinds.LongTextField),
        "integer": _plain(kinds.IntegerField),
        "decimal": _plain(kinds.DecimalField),
        "money": _plain(kinds.DecimalField),
        "percent": _plain(kinds.DecimalField),
        "rating": _rating,
        "boolean": _plain(kinds.BooleanField),
        "date": _plain(kinds.DateField),
        "time": _plain(kinds.TimeField),
        "datetime": _moment,
        "month": _plain(kinds.MonthField),
        "duration": _plain(kinds.DurationField),
        "choice": _options(kinds.ChoiceField),
        "choices": _options(kinds.ChoicesField),
        "person": _pick(kinds.PickField),
        "unit": _pick(kinds.PickField),
        "link": _pick(kinds.PickField),
        "links": _pick(kinds.PicksField),
        "lines": None,
        "checklist": None,
        "file": _upload(multiple=False, photo=False),
        "files": _upload(multiple=True, photo=False),
        "photo": _upload(multiple=False, photo=True),
        "photos": _upload(multiple=True, photo=True),
        "signature": _plain(kinds.SignatureField),
        "location": _plain(kinds.LocationField),
        "phone": _text(kinds.PhoneField),
        "email": _text(kinds.EmailField),
        "url": _text(kinds.UrlField),
        "formula": None,
    }
)
"""One row for each field type; None has no control."""

GROUPED: frozenset[FieldType] = frozenset({"choices", "rating"})
"""Controls that are groups of boxes: labelled by a heading, not by a `<label for>`."""
WIDE: frozenset[FieldType] = frozenset(
    {"long_text", "choices", "links", "files", "photos", "signature", "lines", "checklist"}
)
"""Controls that take the whole width of a form."""
