"""Field type -> column type. Exact and alike on both databases.

Decimals are NUMERIC on PostgreSQL and whole numbers of the last place on SQLite, which has no exact
decimals; moments are kept in UTC; months as their first day; durations as whole microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from app.expressions.sql import ElapsedTime, ScaledNumber
from app.release import FieldModel
from app.spec.field_types import FieldType

MONEY_PLACES, DECIMAL_PLACES, PERCENT_PLACES = 2, 6, 4
DIGITS = 18
"""Digits of a decimal number in all; as many as SQLite's whole numbers hold."""


class ScaledInteger(UserDefinedType[int]):
    """SQLite's column for a decimal: whole numbers of the last place. The name keeps the scale in the schema
    and makes the column's affinity INTEGER."""

    cache_ok = True

    def __init__(self, places: int) -> None:
        self.places = places

    def get_col_spec(self, **_: object) -> str:
        return f"SCALED_INT_{self.places}"


class Fixed(ScaledNumber):
    """A decimal with a fixed number of places. A value with more places is refused: round it first."""

    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__(places, DIGITS)

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(ScaledInteger(self.places))
        return super().load_dialect_impl(dialect)


class Moment(TypeDecorator[datetime]):
    """An instant; naive times are refused, what is read is in UTC."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without its zone: {value}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def json_type() -> TypeEngine[Any]:
    """JSON text on SQLite, JSONB on PostgreSQL; None is SQL's NULL."""
    plain: TypeEngine[Any] = sa.JSON(none_as_null=True)
    return plain.with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _text(_: FieldModel) -> TypeEngine[Any]:
    return sa.Text()


def _whole(_: FieldModel) -> TypeEngine[Any]:
    return sa.BigInteger()


def _fixed(default: int) -> Callable[[FieldModel], TypeEngine[Any]]:
    return lambda field: Fixed(default if field.spec.places is None else field.spec.places)


def _link(_: FieldModel) -> TypeEngine[Any]:
    return sa.Integer()


def _elsewhere(_: FieldModel) -> None:
    return None


COLUMN_TYPES: Mapping[FieldType, Callable[[FieldModel], TypeEngine[Any] | None]] = MappingProxyType(
    {
        "text": _text,
        "long_text": _text,
        "integer": _whole,
        "decimal": _fixed(DECIMAL_PLACES),
        "money": lambda _: Fixed(MONEY_PLACES),
        "percent": _fixed(PERCENT_PLACES),
        "rating": _whole,
        "boolean": lambda _: sa.Boolean(),
        "date": lambda _: sa.Date(),
        "time": lambda _: sa.Time(),
        "datetime": lambda _: Moment(),
        "month": lambda _: sa.Date(),
        "duration": lambda _: ElapsedTime(),
        "choice": _text,
        "choices": lambda _: json_type(),
        "person": _link,
        "unit": _link,
        "link": _link,
        "links": _elsewhere,
        "lines": _elsewhere,
        "checklist": _elsewhere,
        "file": _elsewhere,
        "files": _elsewhere,
        "photo": _elsewhere,
        "photos": _elsewhere,
        "signature": _elsewhere,
        "location": lambda _: json_type(),
        "phone": _text,
        "email": _text,
        "url": _text,
        "formula": _fixed(DECIMAL_PLACES),
    }
)
"""One row for each field type; None for what is kept in other tables. A formula's row is only used when it
gives nothing else: `FieldModel.type` answers with the type that it gives."""


def column_type(field: FieldModel) -> TypeEngine[Any] | None:
    """The type of the field's column, or None when it has none of its own."""
    return COLUMN_TYPES[field.type](field)
