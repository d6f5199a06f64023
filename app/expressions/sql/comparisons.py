"""Comparisons in SQL: natively on a bare column, else in the computed form of the type."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.expressions.core import NotReadable
from app.expressions.python_reader import passing
from app.expressions.sql.columns import ElapsedTime, ScaledNumber
from app.expressions.sql.operations import Operation
from app.expressions.sql.parts import Fixed, Part, Stored, bound_like, element
from app.expressions.types import DATE, DATETIME, DURATION, NUMBER, TEXT, ChoiceType, Type

_NATIVE: Mapping[str, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]] = (
    MappingProxyType(
        {
            "==": operator.eq,
            "!=": operator.ne,
            "<": operator.lt,
            "<=": operator.le,
            ">": operator.gt,
            ">=": operator.ge,
        }
    )
)
_FLIPPED = MappingProxyType({"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="})
_EQUALITY = ("==", "!=")


def compared(sign: str, kind: Type, left: Part, right: Part) -> ColumnElement[bool]:
    """`left sign right`, where both are of type `kind`."""
    if isinstance(left, Fixed) and not isinstance(right, Fixed):
        left, right, sign = right, left, _FLIPPED[sign]
    if any(isinstance(part, Fixed) and part.value is None for part in (left, right)):
        return sa.cast(sa.null(), sa.Boolean())
    if isinstance(kind, ChoiceType):
        return _options(sign, kind, left, right)
    native = _natively(sign, kind, left, right)
    if native is not None:
        return native
    family = "number" if kind == NUMBER else "text" if kind == TEXT and sign not in _EQUALITY else "any"
    return Operation(f"{family} {sign}", sa.Boolean(), element(left, kind), element(right, kind))


def _natively(sign: str, kind: Type, left: Part, right: Part) -> ColumnElement[bool] | None:
    """The comparison of a bare column, as long as both sides are stored alike."""
    if not isinstance(left, Stored) or (kind == TEXT and sign not in _EQUALITY):
        return None
    match right:
        case Fixed():
            bound = bound_like(left.column, right, kind)
            return None if bound is None else _NATIVE[sign](left.column, bound)
        case Stored(column=column) if _alike(kind, left.column, column):
            return _NATIVE[sign](left.column, column)
    return None


def _alike(kind: Type, left: ColumnElement[Any], right: ColumnElement[Any]) -> bool:
    one, other = left.type, right.type
    if kind == NUMBER:
        if isinstance(one, ScaledNumber) and isinstance(other, ScaledNumber):
            return one.places == other.places
        return isinstance(one, sa.Integer) and isinstance(other, sa.Integer)
    if kind == DURATION:
        return isinstance(one, ElapsedTime) and isinstance(other, ElapsedTime)
    return type(one) is type(other)


def _options(sign: str, kind: ChoiceType, left: Part, right: Part) -> ColumnElement[bool]:
    if isinstance(right, Fixed):
        options = sorted(passing(kind, sign, str(right.value)), key=kind.options.index)
        column = element(left, kind)
        if sign == "==":
            return column == sa.literal(right.value, column.type)
        return column.in_([sa.literal(option, column.type) for option in options])
    if sign in _EQUALITY:
        return Operation(f"any {sign}", sa.Boolean(), element(left, kind), element(right, kind))
    ranks = (position(kind, element(part, kind)) for part in (left, right))
    return Operation(f"any {sign}", sa.Boolean(), *ranks)


def position(kind: ChoiceType, option: ColumnElement[Any]) -> ColumnElement[int]:
    """The place of an option in its list, from 0; NULL for one that is not in it."""
    ranks = {name: index for index, name in enumerate(kind.options)}
    return sa.case(ranks, value=option, else_=sa.cast(sa.null(), sa.Integer()))


def among(kind: Type, item: Part, options: Sequence[Part]) -> ColumnElement[bool]:
    """`item in [options]`: true when one is equal, else NULL when one comparison is."""
    fixed = [option for option in options if isinstance(option, Fixed) and option.value is not None]
    if isinstance(item, Stored) and len(fixed) == len(options):
        bound = [bound_like(item.column, option, kind) for option in fixed]
        if all(one is not None for one in bound):
            return item.column.in_([one for one in bound if one is not None])
    return element(item, kind).in_([element(option, kind) for option in options])


def during(sign: str, kind: Type, item: Part, period: Part) -> ColumnElement[bool]:
    """A date or moment in or beside a period, whose bounds are values; `sign` as in `core.During`."""
    if not isinstance(period, Fixed):
        raise NotReadable("a period that is kept in a column cannot be read as SQL")
    if period.value is None or (isinstance(item, Fixed) and item.value is None):
        return sa.cast(sa.null(), sa.Boolean())
    over = period.value
    low, high = (over.first, over.last) if kind == DATE else (over.start, over.end - timedelta.resolution)
    bounds = (Fixed(low), Fixed(high))
    if isinstance(item, Stored) and kind in (DATE, DATETIME):
        stored = [sa.literal(bound.value, item.column.type) for bound in bounds]
        return _beside(sign, item.column, stored[0], stored[1])
    ends = [element(bound, kind) for bound in bounds]
    return _beside(sign, element(item, kind), ends[0], ends[1])


def _beside(
    sign: str, item: ColumnElement[Any], low: ColumnElement[Any], high: ColumnElement[Any]
) -> ColumnElement[bool]:
    match sign:
        case "<":
            return item < low
        case ">":
            return item > high
        case "<=":
            return item <= high
        case ">=":
            return item >= low
        case _:
            return sa.between(item, low, high)
