"""Conditions on figures and the bounds they include."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spec.figures import Figure, parse_figure
from app.spec.small import Problem

numbers = st.decimals(-1000, 1000, places=2)


@pytest.mark.parametrize(
    ("text", "unit", "yes", "no"),
    [
        (">= 98 %", "%", ["98", "98.01"], ["97.99"]),
        ("≥ 98 %", "%", ["98"], ["97.99"]),
        ("> 90 %", "%", ["90.01"], ["90"]),
        ("<= 15 minutes", "minutes", ["15", "-1"], ["15.01"]),
        ("< 0.05 %", "%", ["0.04"], ["0.05"]),
        ("= 0", "", ["0", "0.00"], ["0.01", "-1"]),
        ("15..20 cm", "cm", ["15", "20", "17.5"], ["14.9", "20.1"]),
        ("20 cm ± 1", "cm", ["19", "21"], ["18.9", "21.1"]),
        ("20 ± 1 cm", "cm", ["19", "21"], ["18.9", "21.1"]),
        ("-18..-12 °C", "°C", ["-18", "-12"], ["-11", "12"]),
        ("0..8", "", ["0", "8"], ["-0.1", "8.1"]),
        ("= 0 次", "次", ["0"], ["1"]),
        (">=98%", "%", ["98"], ["97"]),
    ],
)
def test_bounds(text: str, unit: str, yes: list[str], no: list[str]) -> None:
    """At least and at most include their bound, ranges and tolerances both of theirs."""
    figure = parse_figure(text)
    assert isinstance(figure, Figure)
    assert figure.unit == unit
    assert all(figure.holds(Decimal(value)) for value in yes)
    assert not any(figure.holds(Decimal(value)) for value in no)


@pytest.mark.parametrize(
    "text",
    ["", "5", "about 5", "20..15", "20 ± -1", "1...3", "> > 5", ">= 98 % or so >", "= ０", "> 1e5", "9" * 30],
)
def test_refusals(text: str) -> None:
    """What is no condition, or what no number meets, is refused in words."""
    found = parse_figure(text)
    assert isinstance(found, Problem)
    assert found.text.format(**found.params)


@given(numbers, numbers, numbers)
def test_a_range_holds_just_what_lies_between(low: Decimal, high: Decimal, value: Decimal) -> None:
    """For any bounds in order."""
    found = parse_figure(f"{low}..{high} cm")
    if low > high:
        assert isinstance(found, Problem)
    else:
        assert isinstance(found, Figure) and found.holds(value) == (low <= value <= high)


@given(st.text(max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    """Whatever is written, the answer is a figure or a problem."""
    assert isinstance(parse_figure(text), Figure | Problem)
