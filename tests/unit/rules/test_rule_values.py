"""Exact figures and the times that need no calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.expressions.registered import REGISTRY, clamp, steps
from app.rules.elapsed import due_after, in_window, needs_calendar
from app.rules.facts import read_number
from app.rules.values import figure, money, plain, rounded, rounded_fraction, rounded_part
from app.spec.durations import Duration, parse_duration

ZONE = "Asia/Shanghai"
cents = st.decimals(-(10**9), 10**9, places=4)


@given(cents)
def test_rounding_agrees_with_decimal(value: Decimal) -> None:
    """Half up to the cent, as decimal arithmetic does it."""
    expected = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert rounded(value, Decimal("0.01")) == expected
    assert rounded_part(Fraction(value), Decimal("0.01")) == expected
    assert rounded_fraction(Fraction(value), 2) == expected


@given(
    cents,
    st.sampled_from(["0.01", "0.5", "1", "10"]),
    st.sampled_from(["half_up", "half_even", "down", "up"]),
)
def test_both_roundings_agree(value: Decimal, step: str, mode: str) -> None:
    """Fractions and decimals round alike in every mode."""
    assert rounded_part(Fraction(value), Decimal(step), mode) == rounded(value, Decimal(step), mode)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("5.00"), "5"), (Decimal("12.50"), "12.5"), (Decimal("-0.0"), "0"), (Decimal(100), "100"),
     (Fraction(1, 3), "0.3333"), (Decimal("1E+3"), "1000"), (7, "7")],
)  # fmt: skip
def test_figures_have_no_needless_zeros(value: Decimal | Fraction | int, text: str) -> None:
    """As people write them."""
    assert figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("200", "200.00"), ("0.5", "0.50"), ("1.005", "1.005"), ("1.00000", "1.00"), ("1E+2", "100.00")],
)
def test_money_has_two_decimals_at_least(value: str, text: str) -> None:
    """More are kept where there are more."""
    assert money(Decimal(value)) == text


def test_plain_values() -> None:
    """Everything that is stored has one form, floats have none."""
    values = {"a": Decimal("1.50"), "b": date(2026, 1, 2), "c": (1, None), "d": frozenset({"y", "x"})}
    assert plain(values) == {"a": "1.50", "b": "2026-01-02", "c": [1, None], "d": ["x", "y"]}
    with pytest.raises(TypeError):
        plain(1.5)


@pytest.mark.parametrize("value", [1.5, True, "x", "NaN", "Infinity", "1e400", "1" * 19, "", "1e-30"])
def test_what_is_no_number(value: object) -> None:
    """Floats, switches, infinities and endless figures are refused."""
    assert read_number(value) is None


START = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("15 minutes", "2026-03-10T12:15+08:00"),
        ("48 hours", "2026-03-12T12:00+08:00"),
        ("3 days", "2026-03-14T00:00+08:00"),
        ("2 weeks", "2026-03-25T00:00+08:00"),
        ("1 month", "2026-04-11T00:00+08:00"),
        ("1 year", "2027-03-11T00:00+08:00"),
        ("same day", "2026-03-11T00:00+08:00"),
        ("same day by 18:00", "2026-03-10T18:00+08:00"),
        ("same day by 24:00", "2026-03-11T00:00+08:00"),
        ("at once", "2026-03-10T12:00+08:00"),
        ("agreed", "2026-04-01T00:00+08:00"),
        ("other_field", None),
        ("4 working hours", None),
        ("7 working days", None),
        ("next working day by 12:00", None),
        (None, None),
    ],
)
def test_when_a_duration_ends(text: str | None, end: str | None) -> None:
    """Hours are elapsed; days end at 24:00 and do not count the first; working time is not computed here."""
    duration = parse_duration(text)
    assert isinstance(duration, Duration)
    found = due_after(duration, START, ZONE, {"agreed": date(2026, 3, 31)})
    assert found == (datetime.fromisoformat(end) if end else None)
    assert needs_calendar(duration) == bool(text and "working" in text)


def test_the_last_day_of_a_short_month() -> None:
    """A month after 31 January ends with February."""
    month = parse_duration("1 month")
    assert isinstance(month, Duration)
    start = datetime(2026, 1, 31, 4, tzinfo=UTC)
    assert due_after(month, start, ZONE) == datetime.fromisoformat("2026-03-01T00:00+08:00")


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_window_of_days(ago: int, window: int) -> None:
    """An event `ago` days back lies in a window of `window` days exactly when it is not longer ago."""
    days = parse_duration(f"{window} days")
    assert isinstance(days, Duration)
    assert in_window(START - timedelta(days=ago), START, days, ZONE) == (ago <= window)


def test_registry() -> None:
    """Each function has a signature under its name, a Python function, and exact results."""
    assert all(entry.name == name and entry.call is not None for name, entry in REGISTRY.items())
    assert [steps(Decimal(value), 30) for value in ("29.9", "30", "89", "-5")] == [0, 1, 2, 0]
    assert (steps(10, 0), clamp(5, 1, 3), clamp(0, 1, 3), clamp(2, 1, 3)) == (0, 3, 1, 2)
