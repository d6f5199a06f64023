"""Field type -> JSON: how the API writes values (and takes them back), and how OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from app.release import FieldModel
from app.spec.field_types import FieldType
from app.web.durations import duration_text

Schema = dict[str, Any]
LINK: Schema = {
    "type": "object",
    "nullable": True,
    "properties": {"id": {"type": "integer"}, "label": {"type": "string"}},
    "description": "When writing, the id alone is enough.",
}
FILE: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "file_name": {"type": "string"},
        "media_type": {"type": "string"},
        "size": {"type": "integer"},
        "href": {"type": "string"},
    },
}


OPEN_PLACES: frozenset[FieldType] = frozenset({"decimal", "percent"})
"""Numbers that are written with as many digits as they have, unless their field sets the places."""


def json_value(value: Any, zone: ZoneInfo, field: FieldModel | None = None) -> Any:
    """A stored value in JSON: decimals as text, moments in ISO 8601 on the portal's clock, durations
    `H:MM`. field: whose value it is."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(zone).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        written = f"{value:f}"
        exact = field is None or field.type not in OPEN_PLACES or field.spec.places is not None
        return written if exact or "." not in written else written.rstrip("0").rstrip(".")
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, (tuple, list)):
        return [json_value(one, zone) for one in value]
    return value


def link_value(ident: object, words: object) -> Any:
    """A link as JSON: id and label, or null."""
    return None if ident is None else {"id": ident, "label": words or ""}


def describe(field: FieldModel) -> Schema:
    """The OpenAPI schema of one field."""
    schema = dict(SCHEMAS[field.type])
    if field.type == "choice":
        schema["enum"] = list(field.options)
    if field.type == "choices":
        schema["items"] = {"type": "string", "enum": list(field.options)}
    if field.type == "lines":
        columns = {name: describe(column) for name, column in field.lines.items()}
        schema["items"] = {"type": "object", "properties": {"id": {"type": "integer"}, **columns}}
    words = [field.label, field.spec.help, field.spec.note]
    schema["title"] = field.label
    schema["description"] = " — ".join(word for word in words[1:] if word) or schema.get("description", "")
    if field.read_only is True or field.formula is not None or field.standard:
        schema["readOnly"] = True
    return schema


def _text(**more: Any) -> Schema:
    return {"type": "string", "nullable": True, **more}


def _several(items: Schema) -> Schema:
    return {"type": "array", "items": items}


SCHEMAS: Mapping[FieldType, Schema] = MappingProxyType(
    {
        "text": _text(),
        "long_text": _text(),
        "integer": {"type": "integer", "nullable": True},
        "decimal": _text(format="decimal"),
        "money": _text(format="decimal", description="An exact amount in the portal's currency."),
        "percent": _text(format="decimal", description="Percent: 98.5 means 98.5 %."),
        "rating": {"type": "integer", "nullable": True},
        "boolean": {"type": "boolean", "nullable": True},
        "date": _text(format="date"),
        "time": _text(format="time"),
        "datetime": _text(format="date-time"),
        "month": _text(format="date", description="The first day of the month."),
        "duration": _text(description="Hours and minutes, 1:30.", example="1:30"),
        "choice": _text(),
        "choices": _several({"type": "string"}),
        "person": LINK,
        "unit": LINK,
        "link": LINK,
        "links": _several(LINK),
        "lines": _several({"type": "object"}),
        "checklist": _text(description="The checklist that was run.", readOnly=True),
        "file": _several(FILE),
        "files": _several(FILE),
        "photo": _several(FILE),
        "photos": _several(FILE),
        "signature": _several(FILE),
        "location": {
            "type": "object",
            "nullable": True,
            "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
        },
        "phone": _text(),
        "email": _text(format="email"),
        "url": _text(format="uri"),
        "formula": _text(readOnly=True),
    }
)
"""One row for each field type."""
