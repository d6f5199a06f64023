"""The functions that SQLite lacks, each one the very function that the Python reader calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from app.expressions import exact
from app.expressions.sql.columns import instant_from_microseconds, instant_to_microseconds

# SQLite hands over None, int, float or str; numbers of ours travel as their digits.
Stored = Any


def prepare_sqlite(connection: sqlite3.Connection) -> None:
    """Registers what expressions call on a new connection (from SQLAlchemy's `connect` event)."""
    for name, (count, function) in _FUNCTIONS.items():
        connection.create_function(f"expr_{name}", count, _strict(function), deterministic=True)
    for name, reduce in _AGGREGATES.items():
        connection.create_aggregate(f"expr_{name}", 1, _aggregate(reduce))


def _strict(function: Callable[..., Any]) -> Callable[..., Stored]:
    def run(*values: Stored) -> Stored:
        if any(value is None for value in values):
            return None
        return function(*values)

    return run


def _number(value: Stored) -> exact.Number:
    """A number from its digits; an integer needs no Decimal."""
    if isinstance(value, int):
        return value
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def _digits(number: exact.Number | None) -> str | None:
    return None if number is None else exact.written(number)


def _on_numbers(function: Callable[..., exact.Number | None]) -> Callable[..., str | None]:
    return lambda *values: _digits(function(*map(_number, values)))


def _from_column(value: Stored, places: int) -> str | None:
    """The number in a column: a scaled integer, or (a Numeric column) whatever SQLite made of it."""
    try:
        number = _number(value)
    except InvalidOperation:
        return None
    return _digits(Decimal(number).scaleb(-places) if places else number)


def _compare(left: Stored, right: Stored) -> int:
    one, other = _number(left), _number(right)
    return (one > other) - (one < other)


def _span(value: Stored) -> int | None:
    length = exact.span(_number(value))
    return None if length is None else exact.microseconds(length)


def _whole(value: Stored) -> int | None:
    return exact.whole(_number(value))


def _instant(value: Stored) -> int:
    """Microseconds since 1970 of a stored datetime, which without an offset is UTC."""
    moment = datetime.fromisoformat(str(value))
    return instant_to_microseconds(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date_shift(day: str, by: int) -> str | None:
    return _iso(exact.date_shift(date.fromisoformat(day), timedelta(microseconds=by)))


def _date_months(day: str, months: int) -> str | None:
    return _iso(exact.date_months(date.fromisoformat(day), months))


def _date_gap(left: str, right: str) -> int:
    return exact.microseconds(exact.date_gap(date.fromisoformat(left), date.fromisoformat(right)))


def _instant_shift(moment: int, by: int) -> int | None:
    return moment + by if instant_from_microseconds(moment + by) is not None else None


def _instant_months(moment: int, months: int, zone: str) -> int | None:
    begin = instant_from_microseconds(moment)
    end = exact.instant_months(begin, months, zone) if begin is not None else None
    return None if end is None else instant_to_microseconds(end)


def _instant_date(moment: int, zone: str) -> str | None:
    found = instant_from_microseconds(moment)
    return None if found is None else _iso(exact.instant_date(found, zone))


def _instant_hour(moment: int, zone: str) -> str | None:
    found = instant_from_microseconds(moment)
    return None if found is None else _digits(exact.instant_hour(found, zone))


_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Stored]]] = MappingProxyType(
    {
        "number": (2, _from_column),
        "add": (2, _on_numbers(exact.add)),
        "sub": (2, _on_numbers(exact.sub)),
        "mul": (2, _on_numbers(exact.mul)),
        "div": (2, _on_numbers(exact.div)),
        "neg": (1, _on_numbers(exact.neg)),
        "abs": (1, _on_numbers(exact.absolute)),
        "round": (2, lambda value, places: _digits(exact.round_half_up(_number(value), places))),
        "lesser": (2, _on_numbers(min)),
        "greater": (2, _on_numbers(max)),
        "cmp": (2, _compare),
        "span": (1, _span),
        "whole": (1, _whole),
        "instant": (1, _instant),
        "date_shift": (2, _date_shift),
        "date_months": (2, _date_months),
        "date_gap": (2, _date_gap),
        "instant_shift": (2, _instant_shift),
        "instant_months": (3, _instant_months),
        "instant_date": (2, _instant_date),
        "instant_hour": (2, _instant_hour),
    }
)
_AGGREGATES: Mapping[str, Callable[[Sequence[exact.Number]], exact.Number | None]] = MappingProxyType(
    {
        "sum": lambda numbers: exact.total(numbers) if numbers else None,
        "min": lambda numbers: min(numbers, default=None),
        "max": lambda numbers: max(numbers, default=None),
        "avg": exact.mean,
        "median": exact.median,
    }
)


def _aggregate(reduce: Callable[[Sequence[exact.Number]], exact.Number | None]) -> Callable[[], Any]:
    """The class that sqlite3 wants: one instance a group, fed a value a row."""

    class Group:
        def __init__(self) -> None:
            self.numbers: list[exact.Number] = []

        def step(self, value: Stored) -> None:
            if value is not None:
                self.numbers.append(_number(value))

        def finalize(self) -> str | None:
            return _digits(reduce(self.numbers))

    return Group
