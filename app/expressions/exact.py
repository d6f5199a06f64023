"""Exact arithmetic, the meaning that all readers share: Python calls it, SQLite calls it back.

Numbers are ints and Decimals of any length. A sum or product is exact; a quotient keeps 20 places
after the point. Wherever something is rounded, halves go away from zero. Elapsed time is a whole
number of microseconds. What has no result is None: a division by 0, a date outside the years 1 to
9999, a duration of more than 10,000 years.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

Number = int | Decimal

QUOTIENT_PLACES = 20
SPAN_LIMIT = 320_000_000_000_000_000
"""Microseconds: a little more than all the time between the years 1 and 9999; fits a 64-bit column."""
COUNT_LIMIT = 120_000
"""Months or working days that can be counted off at once."""
_MOST_DIGITS = 20_000
"""More than any expression within the limits can produce from numbers that fit a column. Formulas that read
each other could go on for ever: beyond this a number is empty."""
_MOST_BITS = 13_288
"""The same for whole numbers: some 4,000 digits, as many as Python writes out."""
_EXACT = Context(prec=_MOST_DIGITS, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_SCALE = 10**QUOTIENT_PLACES
_DAY = 86_400_000_000


def add(left: Number, right: Number) -> Number | None:
    """The exact sum."""
    if isinstance(left, int) and isinstance(right, int):
        return _bounded(left + right)
    return _kept(_EXACT.add(left, right))


def sub(left: Number, right: Number) -> Number | None:
    """The exact difference."""
    if isinstance(left, int) and isinstance(right, int):
        return _bounded(left - right)
    return _kept(_EXACT.subtract(left, right))


def mul(left: Number, right: Number) -> Number | None:
    """The exact product."""
    if isinstance(left, int) and isinstance(right, int):
        return _bounded(left * right)
    return _kept(_EXACT.multiply(left, right))


def div(left: Number, right: Number) -> Number | None:
    """The quotient to 20 places; None when `right` is 0."""
    if right == 0:
        return None
    upper, lower = left.as_integer_ratio()
    numerator, denominator = right.as_integer_ratio()
    quotient = _half_up(upper * denominator * _SCALE, lower * numerator)
    return _kept(_EXACT.scaleb(Decimal(quotient), -QUOTIENT_PLACES))


def _half_up(upper: int, lower: int) -> int:
    """upper / lower as a whole number, halves away from zero."""
    sign = -1 if (upper < 0) != (lower < 0) else 1
    upper, lower = abs(upper), abs(lower)
    return sign * ((2 * upper + lower) // (2 * lower))


def _kept(number: Decimal) -> Number | None:
    """The number without the minus sign that a decimal zero may carry; None when it has no bounds."""
    if not number:
        return 0
    return number if number.is_finite() and number.adjusted() <= _MOST_DIGITS else None


def _bounded(number: int) -> int | None:
    return number if number.bit_length() <= _MOST_BITS else None


def neg(value: Number) -> Number | None:
    """The number with the other sign, exact."""
    return -value if isinstance(value, int) else _kept(_EXACT.minus(value))


def absolute(value: Number) -> Number | None:
    """The number without its sign, exact."""
    return abs(value) if isinstance(value, int) else _kept(_EXACT.abs(value))


def round_half_up(value: Number, places: int = 0) -> Number | None:
    """Rounded to `places` after the point (before it when negative)."""
    if isinstance(value, int) and places >= 0:
        return value
    return _kept(_EXACT.quantize(Decimal(value), Decimal((0, (1,), -places))))


def whole(value: Number) -> int | None:
    """Rounded to a whole number of months or days; None when that is out of all reason."""
    count = round_half_up(value)
    return int(count) if count is not None and -COUNT_LIMIT <= count <= COUNT_LIMIT else None


def microseconds(span: timedelta) -> int:
    """The length of a duration in microseconds."""
    return span // timedelta.resolution


def span(length: Number | None) -> timedelta | None:
    """The duration of that many microseconds, rounded to a whole one; None when it is too long."""
    if length is None:
        return None
    count = round_half_up(length)
    if count is None or not -SPAN_LIMIT <= count <= SPAN_LIMIT:
        return None
    return timedelta(microseconds=int(count))


def elapsed(count: Number, unit: int) -> timedelta | None:
    """`count` units of `unit` microseconds."""
    return span(mul(count, unit))


def span_add(left: timedelta, right: timedelta) -> timedelta | None:
    """The sum of two durations."""
    return span(microseconds(left) + microseconds(right))


def span_sub(left: timedelta, right: timedelta) -> timedelta | None:
    """The difference of two durations."""
    return span(microseconds(left) - microseconds(right))


def span_times(left: timedelta, factor: Number) -> timedelta | None:
    """A duration times a number."""
    return span(mul(microseconds(left), factor))


def span_over(left: timedelta, divisor: Number) -> timedelta | None:
    """A duration divided by a number."""
    return span(div(microseconds(left), divisor))


def span_ratio(left: timedelta, right: timedelta) -> Number | None:
    """How often one duration goes into another, to 20 places."""
    return div(microseconds(left), microseconds(right))


def date_shift(day: date, by: timedelta) -> date | None:
    """The date that many whole days later; a started day does not count (hours(36) is one day)."""
    return _day(day.toordinal() + microseconds(by) // _DAY)


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def date_months(day: date, months: int) -> date | None:
    """The same day of the month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        return None
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def date_gap(left: date, right: date) -> timedelta:
    """The days from `right` to `left`."""
    return left - right


def instant_shift(moment: datetime, by: timedelta) -> datetime | None:
    """The moment that much later."""
    try:
        return moment + by
    except OverflowError:
        return None


def instant_gap(left: datetime, right: datetime) -> timedelta:
    """The time from `right` to `left`."""
    return left - right


def instant_months(moment: datetime, months: int, zone: str) -> datetime | None:
    """The same wall-clock time in `zone`, that many months later."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
        day = date_months(local.date(), months)
        if day is None:
            return None
        return datetime.combine(day, local.time(), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return None


def instant_date(moment: datetime, zone: str) -> date | None:
    """The day of a moment in `zone`; None beyond the years that a date can have."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return None


def instant_hour(moment: datetime, zone: str) -> int | None:
    """The hour of a moment on the clock of `zone`; None where there is no such day."""
    try:
        return moment.astimezone(ZoneInfo(zone)).hour
    except OverflowError:
        return None


def total(numbers: Sequence[Number]) -> Number:
    """The exact sum; 0 of nothing."""
    result: Number = 0
    for number in numbers:
        result = add(result, number) or 0
    return result


def mean(numbers: Sequence[Number]) -> Number | None:
    """The mean to 20 places; None of nothing."""
    return div(total(numbers), len(numbers)) if numbers else None


def median(numbers: Sequence[Number]) -> Number | None:
    """The middle number, or the mean of the two in the middle; None of nothing."""
    if not numbers:
        return None
    ranked = sorted(numbers)
    return div(total((ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2])), 2)


def share(part: Number, base: Number) -> Number | None:
    """`part` as a percentage of `base`, to 20 places; None when `base` is 0."""
    return div(part * 100, base)


def written(number: Number) -> str:
    """The number in plain digits, one form for each value: no exponent, no zeros at the end."""
    if isinstance(number, int):
        return str(number)
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"
