"""Values on their way into SQL: not yet bound, a bare column, or something computed.

A bare column is compared as it is stored, so that its index serves; a computed value has one form a
type (`column_type`), in SQLite often another one than the stored form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeEngine

from app.expressions.core import NotReadable
from app.expressions.python_values import key_of
from app.expressions.sql.columns import ElapsedTime, ExactNumber, Instant, ScaledNumber
from app.expressions.sql.operations import Operation
from app.expressions.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NUMBER,
    PERIOD,
    TIME,
    WORKING_DAYS,
    LinkType,
    Type,
)

_INTEGER_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class Fixed:
    """A Python value, the same for every row."""

    value: Any


@dataclass(frozen=True, slots=True)
class Stored:
    """A column as the storage keeps it."""

    column: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Computed:
    """A value in the computed form of its type."""

    element: ColumnElement[Any]


Part = Fixed | Stored | Computed

_COMPUTED: Mapping[Type, TypeEngine[Any]] = MappingProxyType(
    {
        BOOLEAN: sa.Boolean(),
        NUMBER: ExactNumber(),
        DATE: sa.Date(),
        DATETIME: Instant(),
        TIME: sa.Time(),
        DURATION: ElapsedTime(),
        MONTHS: sa.Integer(),
        WORKING_DAYS: sa.Integer(),
    }
)


def column_type(kind: Type) -> TypeEngine[Any]:
    """The SQL type of a computed value; texts and options are strings."""
    return _COMPUTED.get(kind, sa.String())


def element(part: Part, kind: Type) -> ColumnElement[Any]:
    """The part in the computed form of its type."""
    match part:
        case Computed(element=computed):
            return computed
        case Stored(column=column):
            return _from_column(column, kind)
        case Fixed(value=value):
            return _bound(value, kind)


def _from_column(column: ColumnElement[Any], kind: Type) -> ColumnElement[Any]:
    if kind == NUMBER:
        places = column.type.places if isinstance(column.type, ScaledNumber) else 0
        return Operation("number", ExactNumber(), column, number_literal(places))
    if kind == DATETIME:
        return Operation("instant", Instant(), column)
    if kind == DURATION and not isinstance(column.type, ElapsedTime):
        return Operation("from_interval", ElapsedTime(), column)
    return column


def number_literal(value: int) -> ColumnElement[int]:
    """A whole number of ours, written into the SQL text."""
    return sa.literal_column(str(value), sa.Integer())


def _bound(value: Any, kind: Type) -> ColumnElement[Any]:
    if kind == PERIOD or isinstance(value, list | tuple | set | frozenset):
        raise NotReadable(f"a {kind} cannot stand in SQL by itself")
    if isinstance(kind, LinkType):
        value = key_of(value)
        return sa.null() if value is None else sa.literal(value)
    if value is None:
        return sa.cast(sa.null(), column_type(kind))
    if kind == BOOLEAN:
        return sa.true() if value else sa.false()
    return sa.literal(value, column_type(kind))


def condition(part: Part) -> ColumnElement[bool]:
    """The part as a condition."""
    return element(part, BOOLEAN)


def bound_like(column: ColumnElement[Any], part: Fixed, kind: Type) -> ColumnElement[Any] | None:
    """The value as it would be stored in `column`, or None when the column's type cannot hold it exactly."""
    value = key_of(part.value) if isinstance(kind, LinkType) else part.value
    if kind == NUMBER:
        value = _as_stored(column.type, value)
        if value is None:
            return None
    elif kind == DURATION and not isinstance(column.type, ElapsedTime):
        return None
    return sa.literal(value, column.type)


def _as_stored(kind: TypeEngine[Any], value: Any) -> int | Decimal | None:
    number = Decimal(value)
    places = kind.places if isinstance(kind, ScaledNumber) else 0
    scaled = number.scaleb(places)
    whole = scaled == scaled.to_integral_value() and abs(scaled) < _INTEGER_LIMIT
    if isinstance(kind, ScaledNumber):
        return number if whole else None
    return int(number) if whole and isinstance(kind, sa.Integer) else None
