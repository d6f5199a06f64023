"""Exact figures and plain values: rounding, how a figure is written, what JSON keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias

Plain: TypeAlias = bool | int | str | list["Plain"] | dict[str, "Plain"] | None
"""What is stored and sent: decimals, dates and times as text, never a float."""

Rounding = Literal["half_up", "half_even", "down", "up"]
_MODES: Mapping[str, str] = MappingProxyType(
    {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_CEILING}
)
_DIGITS = 60
"""More digits than any product of figures of the language can have."""


def rounded(value: Decimal, step: Decimal, rounding: Rounding = "half_up") -> Decimal:
    """`value` as a whole multiple of `step` (0.01, 1, 10 …); a step of 0 or less leaves it as it is."""
    if step <= 0:
        return value
    with localcontext(prec=_DIGITS):
        return (value / step).quantize(Decimal(1), rounding=_MODES[rounding]) * step


def rounded_part(value: Fraction, step: Decimal, rounding: Rounding = "half_up") -> Decimal:
    """An exact fraction as a whole multiple of `step`; with 12 decimals where the step is 0 or less."""
    if step <= 0:
        return rounded_fraction(value, 12)
    count = value / Fraction(step)
    whole, rest = divmod(abs(count), 1)
    up = {
        "half_up": rest >= Fraction(1, 2),
        "half_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
        "down": False,
        "up": rest > 0 and count > 0,
    }[rounding]
    steps = int(whole) + (1 if up else 0)
    return product(Decimal(-steps if count < 0 else steps), step)


def product(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    with localcontext(prec=_DIGITS):
        return left * right


def rounded_fraction(value: Fraction, places: int) -> Decimal:
    """`value` with `places` decimals, halves away from zero."""
    scaled = abs(value) * 10**places + Fraction(1, 2)
    whole = scaled.numerator // scaled.denominator
    with localcontext(prec=_DIGITS):
        return Decimal(-whole if value < 0 else whole).scaleb(-places)


def figure(value: Decimal | Fraction | int) -> str:
    """A figure without needless zeros: 5, 12.5; a fraction with at most four decimals."""
    exact = rounded_fraction(value, 4) if isinstance(value, Fraction) else Decimal(value)
    text = format(exact, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def money(value: Decimal) -> str:
    """An amount with at least two decimals: 200.00."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        text = format(value, "f").rstrip("0")
        return text if len(text.partition(".")[2]) > 2 else f"{value:.2f}"
    return f"{value:.2f}"


def plain(value: object) -> Plain:
    """`value` as JSON keeps it. Raises TypeError for anything that has no stable form."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return figure(Fraction(value // timedelta(microseconds=1), 1_000_000))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    raise TypeError(f"no plain form for {type(value).__name__}")
