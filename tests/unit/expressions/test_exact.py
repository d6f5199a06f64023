"""Exact arithmetic: what every reader must compute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.expressions import exact

NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
)


@given(NUMBERS, NUMBERS)
def test_sums_and_products_are_exact(left: exact.Number, right: exact.Number) -> None:
    """No digit is ever lost, however long the numbers."""
    assert Fraction(exact.add(left, right) or 0) == Fraction(left) + Fraction(right)
    assert Fraction(exact.sub(left, right) or 0) == Fraction(left) - Fraction(right)
    assert Fraction(exact.mul(left, right) or 0) == Fraction(left) * Fraction(right)


@given(NUMBERS, NUMBERS.filter(bool))
def test_quotients_are_right_to_twenty_places(left: exact.Number, right: exact.Number) -> None:
    """A quotient is never off by more than half of its last place."""
    off = abs(Fraction(exact.div(left, right) or 0) - Fraction(left) / Fraction(right))
    assert off <= Fraction(1, 2 * 10**20)


@pytest.mark.parametrize(
    ("value", "places", "wanted"),
    [
        ("0.5", 0, 1),
        ("-0.5", 0, -1),
        ("2.5", 0, 3),
        ("0.4999", 0, 0),
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("15", -1, 20),
        ("14.99", -1, 10),
        ("1.2", 5, "1.2"),
    ],
)
def test_rounding(value: str, places: int, wanted: object) -> None:
    """Halves go away from zero."""
    assert exact.round_half_up(Decimal(value), places) == Decimal(str(wanted))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("1.500"), "1.5"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (-12, "-12"),
        (Decimal("100"), "100"),
        (Decimal("10.0"), "10"),
    ],
)
def test_one_form_in_digits(number: exact.Number, text: str) -> None:
    """Equal numbers are written alike, so that databases may compare the digits."""
    assert exact.written(number) == text


def test_a_negative_zero_is_zero() -> None:
    """Nobody wants to read -0."""
    assert str(exact.mul(Decimal("-1.5"), 0)) == "0"
    assert str(exact.round_half_up(Decimal("-0.2"))) == "0"
    assert str(exact.neg(Decimal("0.00"))) == "0"


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -13, date(2024, 12, 15)),
        (date(9999, 12, 1), 1, None),
        (date(1, 1, 1), -1, None),
    ],
)
def test_months(day: date, months: int, wanted: date | None) -> None:
    """A day that the month does not have becomes its last one."""
    assert exact.date_months(day, months) == wanted


def test_months_keep_the_local_time_across_a_clock_change() -> None:
    """A month later is the same time on the wall, also when the clocks were changed between."""
    begin = datetime(2026, 3, 1, 8, tzinfo=UTC)  # 09:00 in Berlin
    assert exact.instant_months(begin, 1, "Europe/Berlin") == datetime(2026, 4, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (timedelta(days=1), 1),
        (timedelta(hours=36), 1),
        (timedelta(hours=-1), -1),
        (timedelta(days=-2), -2),
        (timedelta(microseconds=1), 0),
    ],
)
def test_whole_days_of_a_date(by: timedelta, wanted: int) -> None:
    """A date moves by whole days; what is started does not count."""
    assert exact.date_shift(date(2026, 3, 15), by) == date(2026, 3, 15) + timedelta(days=wanted)


@pytest.mark.parametrize(
    "found",
    [
        exact.div(1, 0),
        exact.span(10**18),
        exact.whole(10**9),
        exact.date_shift(date.max, timedelta(days=1)),
        exact.instant_shift(datetime.max.replace(tzinfo=UTC), timedelta(days=1)),
        exact.mean(()),
        exact.median(()),
        exact.instant_months(datetime.max.replace(tzinfo=UTC), 1, "Asia/Shanghai"),
        exact.share(1, 0),
    ],
    ids=["division", "span", "count", "date", "moment", "mean", "median", "local", "share"],
)
def test_no_result(found: object) -> None:
    """What has no result is empty, never an error."""
    assert found is None
