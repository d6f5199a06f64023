"""The values that conditions tell apart: those of each name, in as many pieces as its comparisons need."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from math import floor
from types import MappingProxyType
from typing import Any

from app.expressions.core import PathParts
from app.expressions.types import BOOLEAN, DATE, NUMBER, TEXT, ChoiceType, Type

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a name beside its type.

    options: the only options that ever come; low, high: bounds; whole: no fractions; filled: never empty;
    required: empty only by way of exception; free: each of its values may come with any of the others.
    """

    options: frozenset[str] | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    whole: bool = False
    filled: bool = False
    required: bool = False
    free: bool = False


ANYTHING = Domain()
Domains = Mapping[PathParts, Domain]


@dataclass(frozen=True, slots=True)
class At:
    """Exactly this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Between:
    """Any value between two, both left out; None is without end."""

    low: Any
    high: Any


@dataclass(frozen=True, slots=True)
class Other:
    """Some value, of which nothing more is asked."""


Value = At | Between | Other | None
"""One piece of a name's values; None is empty."""


def pieces(kind: Type, constants: Iterable[object], domain: Domain) -> tuple[Value, ...]:
    """The values of a name of type `kind` that is compared with `constants`, empty among them."""
    found: list[Value]
    if isinstance(kind, ChoiceType):
        found = [At(name) for name in kind.options if domain.options is None or name in domain.options]
    elif kind == BOOLEAN:
        found = [At(True), At(False)]
    elif kind == TEXT:
        found = [*(At(one) for one in dict.fromkeys(constants)), Other()]
    else:
        found = _stretches(kind, constants, domain)
    return tuple(found) if domain.filled else (*found, None)


def _stretches(kind: Type, constants: Iterable[object], domain: Domain) -> list[Value]:
    """The points named and the stretches between them, within the bounds."""
    bounds = [bound for bound in (domain.low, domain.high) if bound is not None and kind == NUMBER]
    points: list[Any] = sorted({*constants, *bounds})
    if not points:
        return [Other()]
    whole = kind == DATE or domain.whole
    found: list[Value] = [Between(None, points[0])]
    for low, high in zip(points, [*points[1:], None], strict=True):
        if not (whole and _has_fraction(low)):
            found.append(At(low))
        if not (whole and high is not None and _none_between(low, high)):
            found.append(Between(low, high))
    return [one for one in found if _inside(one, domain, bounds=bool(bounds))]


def _has_fraction(value: object) -> bool:
    return isinstance(value, Decimal) and value != value.to_integral_value()


def _none_between(low: Any, high: Any) -> bool:
    """Whether no whole number or day lies between the two."""
    if isinstance(low, date):
        return bool(high - low <= timedelta(days=1))
    return bool(floor(low) + 1 >= high)


def _inside(value: Value, domain: Domain, *, bounds: bool) -> bool:
    if not bounds:
        return True
    low, high = domain.low, domain.high
    match value:
        case At(value=point):
            return (low is None or point >= low) and (high is None or point <= high)
        case Between(low=start, high=end):
            return (low is None or (start is not None and start >= low)) and (
                high is None or (end is not None and end <= high)
            )
        case _:
            return True


def compared(value: Value, sign: str, constant: Any, kind: Type) -> bool | None:
    """`value sign constant`; None when the value is empty. The constant is one of the points asked about."""
    match value:
        case None:
            return None
        case At(value=point) if isinstance(kind, ChoiceType):
            return SIGNS[sign](kind.options.index(point), kind.options.index(constant))
        case At(value=point):
            return SIGNS[sign](point, constant)
        case Between(low=low):
            return SIGNS[sign](1 if low is not None and constant <= low else -1, 0)
        case _:
            return sign == "!="


def in_words(name: str, value: Value) -> str:
    """The piece as a condition of the language itself: `level == 'fault'`, `0 < amount < 5`."""
    match value:
        case None:
            return f"{name} == None"
        case At(value=bool() as flag):
            return name if flag else f"not {name}"
        case At(value=point):
            return f"{name} == {_written(point)}"
        case Between(low=None, high=high):
            return f"{name} < {_written(high)}"
        case Between(low=low, high=None):
            return f"{name} > {_written(low)}"
        case Between(low=low, high=high):
            return f"{_written(low)} < {name} < {_written(high)}"
        case _:
            return f"{name} != None"


def _written(value: object) -> str:
    if isinstance(value, timedelta):
        return f"minutes({value // timedelta(minutes=1)})"
    if isinstance(value, (date, time)):
        return repr(value.isoformat())
    return repr(value) if isinstance(value, str) else str(value)
