"""any, all and the aggregates in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.expressions.sql.applied import exact_number, span
from app.expressions.sql.binding import Rows
from app.expressions.sql.columns import ExactNumber, ScaledNumber
from app.expressions.sql.comparisons import position
from app.expressions.sql.operations import Operation
from app.expressions.sql.parts import Computed, Part, Stored, condition, element, number_literal
from app.expressions.types import DURATION, NUMBER, ChoiceType, Type

_NUMBER = ExactNumber()


def verdict(word: str, rows: Rows, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """`any` or `all` with three values: each row counts 2 for true, 1 for empty, 0 for false.

    The greatest decides `any`, the least `all`; no rows count as 0 for `any` and as 2 for `all`.
    """
    found = _column(rows, sa.func.coalesce(sa.cast(where, sa.Integer()) * 2, 1), None)
    deciding, of_none = (sa.func.max(found), 0) if word == "any" else (sa.func.min(found), 2)
    single = sa.select(sa.func.coalesce(deciding, of_none)).scalar_subquery()
    return Operation("any ==", sa.Boolean(), sa.func.nullif(single, 1), number_literal(2))


def of_rows(
    rows: Rows, name: str, kind: Type | None, value: Part | None, where: ColumnElement[bool] | None
) -> Stored | Computed:
    """The aggregate function over the values of `rows`, as a scalar subquery."""
    if value is None or kind is None:
        count = rows.select(sa.func.count())
        return Computed(exact_number((count if where is None else count.where(where)).scalar_subquery()))
    if isinstance(value, Stored):
        taken: Stored | Computed = Stored(_column(rows, value.column, where))
    else:
        taken = Computed(_column(rows, element(value, kind), where))
    found = reduction(name, kind, taken, None)
    if isinstance(found, Stored):
        return Stored(sa.select(found.column).scalar_subquery())
    return Computed(sa.select(found.element).scalar_subquery())


def _column(rows: Rows, value: ColumnElement[Any], where: ColumnElement[bool] | None) -> ColumnElement[Any]:
    """The values as the column of a derived table.

    An aggregate function straight over them would belong to the outer query whenever they read only
    columns of the outer row.
    """
    query = rows.select(value.label("v"))
    return (query if where is None else query.where(where)).subquery().c.v


def reduction(
    name: str, kind: Type | None, value: Part | None, where: ColumnElement[bool] | None
) -> Stored | Computed:
    """The aggregate function over the values (of type `kind`) of the rows for which `where` holds."""
    if value is None or kind is None:
        return Computed(exact_number(_count(where)))
    if name == "share":
        return Computed(_share(condition(value), where))
    if isinstance(kind, ChoiceType):
        return Computed(_option(name, kind, _kept(element(value, kind), where)))
    if isinstance(value, Stored) and name in ("min", "max"):
        return Stored(_native(name, _kept(value.column, where)))
    if kind == NUMBER:
        return Computed(_of_numbers(name, value, where))
    taken = _kept(element(value, kind), where)
    if kind == DURATION and name not in ("min", "max"):
        found = span(Operation(name, _NUMBER, exact_number(taken)))
        return Computed(_zero(found, number_literal(0)) if name == "sum" else found)
    return Computed(_native(name, taken))


def _native(name: str, taken: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.func.min(taken) if name == "min" else sa.func.max(taken)


def _kept(value: ColumnElement[Any], where: ColumnElement[bool] | None) -> ColumnElement[Any]:
    return value if where is None else sa.case((where, value))


def _count(where: ColumnElement[bool] | None) -> ColumnElement[int]:
    return sa.func.count() if where is None else sa.func.count(sa.case((where, number_literal(1))))


def _share(verdicts: ColumnElement[bool], where: ColumnElement[bool] | None) -> ColumnElement[Any]:
    part = _count(verdicts if where is None else sa.and_(verdicts, where))
    return Operation("div", _NUMBER, exact_number(part * 100), exact_number(_count(where)))


def _option(name: str, kind: ChoiceType, taken: ColumnElement[Any]) -> ColumnElement[Any]:
    names = dict(enumerate(kind.options))
    return sa.case(names, value=_native(name, position(kind, taken)), else_=sa.cast(sa.null(), sa.String()))


def _of_numbers(name: str, value: Part, where: ColumnElement[bool] | None) -> ColumnElement[Any]:
    if (
        name == "sum"
        and isinstance(value, Stored)
        and isinstance(value.column.type, sa.Integer | ScaledNumber)
    ):
        # Whole numbers add up exactly in the database itself.
        total = sa.func.sum(_kept(value.column, where))
        return _zero(element(Stored(total), NUMBER), _nothing())
    found = Operation(name, _NUMBER, _kept(element(value, NUMBER), where))
    return _zero(found, _nothing()) if name == "sum" else found


def _nothing() -> ColumnElement[Any]:
    return exact_number(number_literal(0))


def _zero(found: ColumnElement[Any], nothing: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.func.coalesce(found, nothing, type_=found.type)
