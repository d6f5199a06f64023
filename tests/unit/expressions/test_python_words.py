"""Words that Python keeps for itself may name fields."""

from __future__ import annotations

import pytest

from app.expressions.parse import parse
from app.expressions.tree import Comparison, Literal, Path
from app.source import Span


@pytest.mark.parametrize(
    ("text", "parts", "value"),
    [
        ("class == 'breach'", ("class",), "breach"),
        ("finding.class == 'class'", ("finding", "class"), "class"),
        ("from.with == 'as if'", ("from", "with"), "as if"),
    ],
    ids=["alone", "after_a_dot", "on_both_sides"],
)
def test_python_word_is_a_name_and_texts_stay_as_written(
    text: str, parts: tuple[str, ...], value: str
) -> None:
    """A field called like a Python keyword is read under its own name, at its own place."""
    tree, faults = parse(text, Span("a.yaml", 1, 1, 1, 1 + len(text)))

    assert faults == ()
    assert isinstance(tree, Comparison)
    assert isinstance(tree.left, Path)
    assert tree.left.parts == parts
    assert [place.column for place in tree.left.places] == [1 + text.index(part) for part in parts]
    assert isinstance(tree.right, Literal)
    assert tree.right.value == value
