"""Strict operations in SQL, each made of the templates in `operations.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.expressions.core import Apply, Const, NotReadable
from app.expressions.sql.columns import ElapsedTime, ExactNumber
from app.expressions.sql.operations import Operation
from app.expressions.sql.parts import column_type, number_literal
from app.expressions.types import NUMBER

Elements = list[ColumnElement[Any]]

_NUMBER, _SPAN = ExactNumber(), ElapsedTime()
_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("add", "sub", "mul", "div", "neg", "abs", "length", "contains")},
        **{name: name for name in ("starts_with", "whole", "date_shift", "date_months", "date_gap")},
        **{
            name: name
            for name in ("instant_shift", "instant_months", "instant_gap", "instant_date", "instant_hour")
        },
        "whole_neg": "negative",
        "span_neg": "negative",
        "span_abs": "positive",
    }
)


def applied(node: Apply, items: Elements) -> ColumnElement[Any]:
    """The operation of `node` on its operands. Raises NotReadable for working days."""
    if node.name in _PLAIN:
        return Operation(_PLAIN[node.name], column_type(node.type), *items)
    build = _COMPOSED.get(node.name)
    if build is None:
        raise NotReadable(f"{node.at}: working days cannot be counted in SQL")
    return build(node, items)


def exact_number(count: ColumnElement[Any]) -> ColumnElement[Any]:
    """A whole number of the database's as an exact number."""
    return Operation("from_integer", _NUMBER, count)


def span(length: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number of microseconds as a duration."""
    return Operation("span", _SPAN, length)


def _round(node: Apply, items: Elements) -> ColumnElement[Any]:
    places = node.items[1]
    if not (isinstance(places, Const) and isinstance(places.value, int)):
        raise NotReadable(f"{node.at}: the places of round() must be written out")
    return Operation("round", _NUMBER, items[0], number_literal(places.value))


def _extreme(node: Apply, items: Elements) -> ColumnElement[Any]:
    name = f"{node.name}_number" if node.type == NUMBER else node.name
    return reduce(lambda left, right: Operation(name, column_type(node.type), left, right), items)


def _elapsed(node: Apply, items: Elements) -> ColumnElement[Any]:
    return span(Operation("mul", _NUMBER, *items))


def _span_sum(name: str) -> Callable[[Apply, Elements], ColumnElement[Any]]:
    return lambda node, items: span(Operation(name, sa.BigInteger(), *items))


def _span_part(name: str) -> Callable[[Apply, Elements], ColumnElement[Any]]:
    return lambda node, items: span(Operation(name, _NUMBER, exact_number(items[0]), items[1]))


def _span_ratio(node: Apply, items: Elements) -> ColumnElement[Any]:
    return Operation("div", _NUMBER, *map(exact_number, items))


_COMPOSED: Mapping[str, Callable[[Apply, Elements], ColumnElement[Any]]] = MappingProxyType(
    {
        "round": _round,
        "lesser": _extreme,
        "greater": _extreme,
        "elapsed": _elapsed,
        "span_add": _span_sum("plus"),
        "span_sub": _span_sum("minus"),
        "span_times": _span_part("mul"),
        "span_over": _span_part("div"),
        "span_ratio": _span_ratio,
    }
)
