"""Values on their way in: the right Python type for the field, within what a column holds; and as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from app.release import FieldModel
from app.source import N_, PortalError, Translate, untranslated
from app.spec.field_types import FieldType
from app.storage.columns import DIGITS, column_type

LARGEST = 2**63 - 1
LARGEST_ID = 2**31 - 1


class BadValue(PortalError):
    """A value that the field's column cannot hold; nothing was written."""

    def __init__(self, field: FieldModel, value: object) -> None:
        self.field, self.value = field, value
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("'{field}' cannot hold this value")).format(field=self.field.label)


def prepared(field: FieldModel, value: object) -> object:
    """`value` as the column takes it: decimals rounded half up to the column's places, months as their first
    day; an empty text is no value. Raises BadValue."""
    if value is None or value == "":
        return None
    found = _PREPARE[field.type](field, value)
    if found is None:
        raise BadValue(field, value)
    return found or None if field.type == "choices" else found


def link_value(field: FieldModel, value: object) -> int | None:
    """The id that a link's value stands for: an id, or a mapping that has one. Raises BadValue."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is None or value == "":
        return None
    found = _link(field, value)
    if found is None:
        raise BadValue(field, value)
    return found


def link_values(field: FieldModel, value: object) -> tuple[int, ...]:
    """The ids of several links, each once, in order. Raises BadValue."""
    if value is None or value == "":
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadValue(field, value)
    ids = (link_value(field, one) for one in value)
    return tuple(dict.fromkeys(one for one in ids if one is not None))


def as_json(value: object) -> object:
    """`value` in JSON's own types: decimals and times as text, durations as seconds."""
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(one) for one in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def _text(_: FieldModel, value: object) -> object:
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        return None
    return value


def _whole(_: FieldModel, value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= LARGEST else None


def _link(_: FieldModel, value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= LARGEST_ID else None


def _fixed(field: FieldModel, value: object) -> object:
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
        return None
    places = getattr(column_type(field), "places", 0)
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) >= 10 ** (DIGITS - places) - 1:
        return None
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _boolean(_: FieldModel, value: object) -> object:
    return value if isinstance(value, bool) else None


def _date(_: FieldModel, value: object) -> object:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _month(field: FieldModel, value: object) -> object:
    day = _date(field, value)
    return day.replace(day=1) if isinstance(day, date) else None


def _moment(_: FieldModel, value: object) -> object:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _time(_: FieldModel, value: object) -> object:
    return value if isinstance(value, time) and value.tzinfo is None else None


def _duration(_: FieldModel, value: object) -> object:
    return value if isinstance(value, timedelta) else None


def _choices(field: FieldModel, value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None
    words = [_text(field, one) for one in value]
    return None if None in words else list(dict.fromkeys(words))


def _location(_: FieldModel, value: object) -> object:
    """Degrees north and east, metres of accuracy."""
    if not isinstance(value, Mapping) or not {"lat", "lon"} <= set(value) <= {"lat", "lon", "accuracy"}:
        return None
    kept: dict[str, float] = {}
    for key, limit in (("lat", 90), ("lon", 180), ("accuracy", 10**8)):
        number = value.get(key)
        if number is None and key == "accuracy":
            continue
        if not isinstance(number, (int, float, Decimal)) or isinstance(number, bool):
            return None
        kept[key] = float(number)
        if not math.isfinite(kept[key]) or abs(kept[key]) > limit:
            return None
    return kept


def _nothing(_: FieldModel, value: object) -> object:
    return None


_PREPARE: Mapping[FieldType, Callable[[FieldModel, object], object]] = MappingProxyType(
    {
        "text": _text,
        "long_text": _text,
        "integer": _whole,
        "decimal": _fixed,
        "money": _fixed,
        "percent": _fixed,
        "rating": _whole,
        "boolean": _boolean,
        "date": _date,
        "time": _time,
        "datetime": _moment,
        "month": _month,
        "duration": _duration,
        "choice": _text,
        "choices": _choices,
        "person": _link,
        "unit": _link,
        "link": _link,
        "links": _nothing,
        "lines": _nothing,
        "checklist": _nothing,
        "file": _nothing,
        "files": _nothing,
        "photo": _nothing,
        "photos": _nothing,
        "signature": _nothing,
        "location": _location,
        "phone": _text,
        "email": _text,
        "url": _text,
        "formula": _fixed,
    }
)
"""One row for each field type. What is kept in other tables is not a column's value: None refuses it."""
