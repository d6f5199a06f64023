"""Days drawn at random: spread, even, and the same again for who checks."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.draws import draw_days

FIRST = date(2026, 11, 2)


def days(count: int) -> tuple[date, ...]:
    """So many days in a row."""
    return tuple(FIRST + timedelta(days=place) for place in range(count))


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 60), st.integers(1, 80))
def test_what_was_drawn_can_be_drawn_again(seed: str, purpose: str, size: int, count: int) -> None:
    """So many days, in order, all of them eligible, by the seed alone."""
    drawn = draw_days(seed, purpose, days(size), count)
    assert drawn == draw_days(seed, purpose, days(size), count)
    assert len(drawn) == count and set(drawn) <= set(days(size))
    assert list(drawn) == sorted(drawn)
    assert count > size or len(set(drawn)) == count


def test_without_eligible_days_none_is_drawn() -> None:
    """A period of holidays."""
    assert draw_days("s", "p", (), 3) == ()


def test_every_day_is_as_likely_as_any_other() -> None:
    """Chi-squared over 21 days and 6300 seeds, against the limit that chance passes once in 100,000."""
    found = Counter(draw_days(str(seed), "p", days(21), 1)[0] for seed in range(6300))
    expected = 6300 / 21
    assert set(found) == set(days(21))
    assert sum((count - expected) ** 2 / expected for count in found.values()) < 62.2


def test_several_are_spread_over_the_period() -> None:
    """One in each third."""
    for seed in range(50):
        places = [days(21).index(day) for day in draw_days(str(seed), "p", days(21), 3)]
        assert [place // 7 for place in places] == [0, 1, 2]


@pytest.mark.parametrize("purpose", ["r.d|unit:1|2026-11", "r.d|unit:2|2026-11", "r.d|unit:1|2026-12"])
def test_each_purpose_is_drawn_by_itself(purpose: str) -> None:
    """The same seed does not send the inspectors to all units on one day."""
    drawn = {
        draw_days(str(seed), purpose, days(21), 1) == draw_days(str(seed), "x", days(21), 1)
        for seed in range(60)
    }
    assert drawn == {True, False}
