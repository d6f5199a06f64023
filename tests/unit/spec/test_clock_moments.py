"""The moments of a clock are read, or refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from app.spec.clock_moments import Moment, read_moment
from app.spec.durations import parse_duration
from app.spec.small import Problem


@pytest.mark.parametrize(
    ("word", "share"),
    [("80 %", Fraction(4, 5)), ("12.5%", Fraction(1, 8)), ("100 ％", Fraction(1)), ("150 %", Fraction(3, 2))],
)
def test_shares(word: str, share: Fraction) -> None:
    """Exact, beyond the whole too."""
    assert read_moment(word) == Moment(share=share)


def test_before_and_after_it_is_missed() -> None:
    """The moment itself, or a length of time after or before it."""
    assert read_moment(" missed ") == Moment()
    assert read_moment("missed + 4 hours") == Moment(later=parse_duration("4 hours"))
    assert read_moment("missed -  2 working hours") == Moment(earlier=parse_duration("2 working hours"))


@pytest.mark.parametrize(
    "word", ["soon", "0 %", "80", "missed + soon", "missed + same day", "missed 4 hours", ""]
)
def test_no_moments(word: str) -> None:
    """Neither a share nor a time that can be counted from the end."""
    assert isinstance(read_moment(word), Problem)
