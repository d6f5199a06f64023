"""Templates hold words and fields, and never code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spec.small import Problem
from app.spec.text_templates import Hole, TextTemplate, parse_template


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("FK-{now:%Y%m}-{seq:04d}", ("FK-", Hole(("now",), "%Y%m", 3), "-", Hole(("seq",), "04d", 14))),
        ("{number} {unit.title}", (Hole(("number",), "", 0), " ", Hole(("unit", "title"), "", 9))),
        ("{a:.2f}元", (Hole(("a",), ".2f", 0), "元")),
        ("{at:%Y年%m月%d日}", (Hole(("at",), "%Y年%m月%d日", 0),)),
        ("plain", ("plain",)),
    ],
)
def test_pieces(text: str, pieces: tuple[object, ...]) -> None:
    """Words as they stand, holes with their path and their way of writing."""
    found = parse_template(text)
    assert isinstance(found, TextTemplate) and found.pieces == pieces


def test_doubled_braces_stand_for_themselves() -> None:
    """They are words, not holes."""
    found = parse_template("{{x}} {a}")
    assert isinstance(found, TextTemplate)
    assert "".join(piece for piece in found.pieces if isinstance(piece, str)) == "{x} "
    assert [hole.path for hole in found.holes] == [("a",)]


@pytest.mark.parametrize(
    "text",
    [
        "{a!r}", "{a.__class__}", "{a[0]}", "{a", "a}", "{}", "{0}", "{a:>{b}}", "{a:99999999d}", "{a:s}",
        "{A}", "{a.b.}", "{a()}", "{a:%c}", "{a:%x%z}", "{ a }", "{a}" * 50,
    ],
)  # fmt: skip
def test_refusals(text: str) -> None:
    """Conversions, indexes, private names, calls and open formats are refused."""
    found = parse_template(text)
    assert isinstance(found, Problem)
    assert found.text.format(**found.params)
    assert not found.hint or found.hint.format(**found.params)


@given(st.text("{}abc.:%Ym04d!r[]_ ", max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    """Whatever is written, the answer is a template or a problem."""
    assert isinstance(parse_template(text), TextTemplate | Problem)
