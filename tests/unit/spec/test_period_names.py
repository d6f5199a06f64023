"""Names of periods, as examples of indicators write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.periods import period_of
from app.spec.period_names import read_period_name
from app.spec.recurrence import PERIODS
from app.spec.small import Problem


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-10", "2026-10-01", "2026-10-31"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-10-01", "2026-10-01", "2026-10-01"),
        ("2026-02-3", "2026-02-21", "2026-02-28"),
        ("2026-10-03..2026-10-15", "2026-10-03", "2026-10-15"),
        (" 2026-01 .. 2026-Q2 ", "2026-01-01", "2026-06-30"),
    ],
)
def test_a_name_means_its_days(name: str, first: str, last: str) -> None:
    """First and last day, both included."""
    assert read_period_name(name) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "2026-10..",
        "..2026-10",
        "2026-13",
        "2026-02-29",
        "2026-Q5",
        "2025-W53",
        "1.10.2026",
        "0999",
        "10",
    ],
)
def test_what_is_no_period_is_refused(name: str) -> None:
    """With words that show how one is written."""
    found = read_period_name(name)
    assert isinstance(found, Problem) and "2026-Q4" in found.hint


def test_a_period_does_not_end_before_it_begins() -> None:
    """The words say so."""
    found = read_period_name("2026-10..2026-09")
    assert isinstance(found, Problem) and "before it begins" in found.text


@given(st.sampled_from(PERIODS), st.dates(date(1901, 1, 1), date(2199, 1, 1)))
def test_the_names_of_duties_are_read_back(unit: str, day: date) -> None:
    """Whatever period a day lies in: its short name leads back to its days."""
    period = period_of(unit, day)  # type: ignore[arg-type]
    assert read_period_name(period.name) == (period.start, period.end)
