"""Figures and amounts as a language writes them.

Babel knows every language and takes its time; a list shows hundreds of figures in one language. So the marks
of a language (sign of the currency, point, groups) are read off one figure that Babel wrote, and used for the
figures that are written with them. Whatever is written in another way (negative amounts, other digits, uneven
groups) is left to Babel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, format_decimal

_WRITTEN = re.compile(
    r"(?P<before>[^0-9]*)1(?P<group>[^0-9]?)234(?P=group)567(?:(?P<point>[^0-9])(?P<part>[0-9]+))?"
    r"(?P<after>[^0-9]*)"
)
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands around and between the digits. `places`: digits after the point."""

    before: str
    after: str
    group: str
    point: str
    places: int

    def write(self, figure: Decimal, places: int) -> str:
        """A figure that is not negative, rounded half to even, as Babel rounds."""
        digits = f"{figure:,.{places}f}"
        if (self.group, self.point) != (",", "."):
            whole, _, part = digits.partition(".")
            digits = whole.replace(",", self.group) + (self.point + part if part else "")
        return f"{self.before}{digits}{self.after}"


def write_number(figure: Decimal, locale: Locale, places: int | None = None) -> str:
    """`1,234.5`; with `places` at least so many digits after the point. No digit is rounded away."""
    marks = _number_marks(str(locale))
    if marks is None or not 0 <= figure < _LARGEST:
        pattern = None if places is None else f"#,##0.{'0' * places}" if places else "#,##0"
        return str(format_decimal(figure, pattern, locale, decimal_quantization=False))
    exponent = figure.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return marks.write(figure, max(digits, places or 0))


def write_money(amount: Decimal, currency: str, locale: Locale) -> str:
    """`¥1,234.50`, rounded to the currency's own places."""
    marks = _money_marks(str(locale), currency)
    if marks is None or not 0 <= amount < _LARGEST:
        return str(format_currency(amount, currency, locale=locale))
    return marks.write(amount, marks.places)


@lru_cache(maxsize=64)
def _number_marks(language: str) -> Marks | None:
    locale = Locale.parse(language)
    large, small = Decimal("1234567.5"), Decimal(1234)
    marks = _marks(format_decimal(large, locale=locale))
    return marks if marks and marks.write(small, 0) == format_decimal(small, locale=locale) else None


@lru_cache(maxsize=256)
def _money_marks(language: str, currency: str) -> Marks | None:
    locale = Locale.parse(language)
    large, small = Decimal(1234567), Decimal(1234)
    marks = _marks(format_currency(large, currency, locale=locale))
    same = marks and marks.write(small, marks.places) == format_currency(small, currency, locale=locale)
    return marks if same else None


def _marks(written: str) -> Marks | None:
    """The marks in 1234567 or 1234567.5 as written; None when `Marks` cannot write it like that."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    part = found["part"] or ""
    return Marks(found["before"], found["after"], found["group"], found["point"] or ".", len(part))
