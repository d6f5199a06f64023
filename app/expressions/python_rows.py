"""What any, all and the aggregates do with rows in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from app.expressions import exact
from app.expressions.types import DURATION, NUMBER, ChoiceType, Type

Row = Mapping[str, Any]
# The checker has proved what a function of a row gives, so its result is not typed again.
OfRow = Callable[[Any], Any]


def any_row(rows: Iterable[Row] | None, where: OfRow) -> bool | None:
    """True when it holds for one row, else empty when it is empty for one, else false."""
    result: bool | None = False
    for row in rows or ():
        verdict = where(row)
        if verdict:
            return True
        if verdict is None:
            result = None
    return result


def every_row(rows: Iterable[Row] | None, where: OfRow) -> bool | None:
    """False when it fails for one row, else empty when it is empty for one, else true."""
    result: bool | None = True
    for row in rows or ():
        verdict = where(row)
        if verdict is None:
            result = None
        elif not verdict:
            return False
    return result


def aggregate(
    function: str, kind: Type
) -> Callable[[Iterable[Row] | None, OfRow | None, OfRow | None], object]:
    """The aggregate as a function of the rows, the value to take of each, and the condition on each."""
    if function == "share":
        return _share
    if function == "count":
        return lambda rows, value, where: sum(1 for _ in _kept(rows, where))
    reduce = _reducer(function, kind)

    def run(rows: Iterable[Row] | None, value: OfRow | None, where: OfRow | None) -> object:
        read: OfRow = value or (lambda row: None)
        return reduce([found for row in _kept(rows, where) if (found := read(row)) is not None])

    return run


def _kept(rows: Iterable[Row] | None, where: OfRow | None) -> Iterable[Row]:
    found = rows or ()
    return found if where is None else (row for row in found if where(row))


def _share(rows: Iterable[Row] | None, value: OfRow | None, where: OfRow | None) -> exact.Number | None:
    verdicts = [bool(value is not None and value(row)) for row in _kept(rows, where)]
    return exact.share(sum(verdicts), len(verdicts))


def _reducer(function: str, kind: Type) -> Callable[[list[Any]], object]:
    pick: Any = min if function == "min" else max
    if isinstance(kind, ChoiceType):
        rank = {option: index for index, option in enumerate(kind.options)}
        return lambda values: pick(
            (value for value in values if value in rank), key=rank.__getitem__, default=None
        )
    of_numbers = _OF_NUMBERS.get(function)
    if of_numbers is None:
        return lambda values: pick(values, default=None)
    if kind == DURATION:
        return lambda values: exact.span(of_numbers([exact.microseconds(value) for value in values]))
    assert kind == NUMBER, f"{function} of {kind}"
    return of_numbers


_OF_NUMBERS: Mapping[str, Callable[[Sequence[exact.Number]], exact.Number | None]] = MappingProxyType(
    {"sum": exact.total, "avg": exact.mean, "median": exact.median}
)
