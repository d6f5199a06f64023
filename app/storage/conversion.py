"""From one column type to another: what fits always, what has to be looked at, and the values themselves.

Values are converted in Python, so both databases convert alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from app.expressions.sql import ElapsedTime
from app.storage.columns import DIGITS, Fixed, Moment, json_type
from app.storage.values import LARGEST, as_json

Family = Literal["text", "whole", "decimal", "boolean", "date", "moment", "time", "json", "other"]

_PLACES = re.compile(r"(?:scaled_int_(\d+)|numeric\(\d+,(\d+)\))")
_FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "text": "text",
        "bigint": "whole",
        "integer": "whole",
        "boolean": "boolean",
        "date": "date",
        "datetime": "moment",
        "timestamp with time zone": "moment",
        "time": "time",
        "time without time zone": "time",
        "json": "json",
        "jsonb": "json",
    }
)
_ALWAYS = frozenset({("boolean", "whole"), ("date", "moment"), ("boolean", "decimal")})
_WITH_LOSS = frozenset({("moment", "date"), ("moment", "time"), ("decimal", "whole")})


class Shape(NamedTuple):
    """What a type name says: its family, and the places of a decimal."""

    family: Family
    places: int = 0


def shape_of(name: str) -> Shape:
    """Read a type as `SchemaState.tables` writes it."""
    found = _PLACES.fullmatch(name)
    if found:
        return Shape("decimal", int(found[1] or found[2]))
    return Shape(_FAMILIES.get(name, "text" if name.startswith("character varying") else "other"))


def conversion_risk(old: str, new: str) -> Literal["safe", "lossy", "question"]:
    """safe: every value fits; question: the stored values must be looked at; lossy: some part is given up."""
    before, after = shape_of(old), shape_of(new)
    if before.family == after.family:
        return "safe" if before.places <= after.places else "lossy"
    pair = (before.family, after.family)
    if (after.family == "text" and before.family != "json") or pair in _ALWAYS:
        return "safe"
    if pair == ("whole", "decimal") or before.family == "text" or pair == ("json", "text"):
        return "question"
    return "lossy"


def column_of(name: str) -> sa.types.TypeEngine[Any]:
    """A type to read and write a column with, from its name in the database."""
    shape = shape_of(name)
    if shape.family == "decimal":
        return Fixed(shape.places)
    kinds: Mapping[Family, sa.types.TypeEngine[Any]] = {
        "whole": sa.BigInteger(),
        "boolean": sa.Boolean(),
        "date": sa.Date(),
        "moment": Moment(),
        "time": sa.Time(),
        "json": json_type(),
    }
    return kinds.get(shape.family, sa.Text())


def converted(value: Any, kind: sa.types.TypeEngine[Any]) -> object:
    """`value` as a column of `kind` takes it; None when it does not fit."""
    for wanted, convert in _CONVERT:
        if isinstance(kind, wanted):
            try:
                return convert(value, kind)
            except (ValueError, InvalidOperation, OverflowError, TypeError):
                return None
    return None


def _to_text(value: Any, _: Any) -> object:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    if isinstance(value, list):
        return None
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(as_json(value))


def _to_decimal(value: Any, kind: Any) -> object:
    exact = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal(int(value))
    if not exact.is_finite() or abs(exact) >= 10 ** (DIGITS - kind.places) - 1:
        return None
    rounded = round(exact, kind.places)
    return rounded if rounded == exact or isinstance(value, Decimal) else None


def _to_whole(value: Any, _: Any) -> object:
    number = int(value) if isinstance(value, bool) else Decimal(str(value).strip())
    whole = round(Decimal(number))
    if abs(whole) > LARGEST or (isinstance(value, str) and whole != number):
        return None
    return whole


def _to_boolean(value: Any, _: Any) -> object:
    words = {
        "true": True,
        "1": True,
        "yes": True,
        "是": True,
        "false": False,
        "0": False,
        "no": False,
        "否": False,
    }
    return words.get(str(value).strip().lower())


def _to_date(value: Any, _: Any) -> object:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def _to_moment(value: Any, _: Any) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return moment if moment.tzinfo is not None else None


def _to_time(value: Any, _: Any) -> object:
    if isinstance(value, datetime):
        return value.time()
    return value if isinstance(value, time) else time.fromisoformat(str(value).strip())


def _to_elapsed(value: Any, _: Any) -> object:
    return value if isinstance(value, timedelta) else timedelta(microseconds=int(value))


def _to_json(value: Any, _: Any) -> object:
    return value if isinstance(value, (dict, list)) else [value] if isinstance(value, str) else None


_CONVERT: tuple[tuple[type[Any], Callable[[Any, Any], object]], ...] = (
    (Fixed, _to_decimal),
    (ElapsedTime, _to_elapsed),
    (Moment, _to_moment),
    (sa.Boolean, _to_boolean),
    (sa.Date, _to_date),
    (sa.Time, _to_time),
    (sa.JSON, _to_json),
    (sa.Text, _to_text),
    (sa.Integer, _to_whole),
)
