"""A value is read by the declared type first, and as an expression after that."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.checks.values import compile_value
from app.expressions import BOOLEAN, DATE, NUMBER, TEXT, TIME, ChoiceType, Environment, Type, evaluate
from app.source import Span

MOOD = ChoiceType("mood", ("good", "bad"))
SPAN = Span("f", 1, 1, 1, 1)


class NoSchema:
    """No record types at all."""

    def fields(self, record: str) -> Mapping[str, Type] | None:
        return None

    def resolve_record(self, name: str) -> str | None:
        return None


ENV = Environment({"name": TEXT, "age": NUMBER, "good": BOOLEAN}, NoSchema())


@pytest.mark.parametrize(
    ("text", "want", "value"),
    [
        ("yes", BOOLEAN, True),
        ("false", BOOLEAN, False),
        ("12", NUMBER, 12),
        ("good", MOOD, "good"),
        ("'bad'", MOOD, "bad"),
        ("12:30", TIME, "12:30:00"),
        ("2026-01-31", DATE, "2026-01-31"),
        ("整洁", TEXT, "整洁"),
        ("two words", TEXT, "two words"),
        ("12", TEXT, "12"),
        ("true", TEXT, "true"),
        ("it's", TEXT, None),
        ("name", TEXT, "Ann"),
        ("'name'", TEXT, "name"),
        ("age + 1", NUMBER, 42),
        ("age > 3", BOOLEAN, True),
    ],
)
def test_values(text: str, want: Type, value: object) -> None:
    """The same word is an option for a choice, and a name or a text elsewhere."""
    compiled, faults = compile_value(text, SPAN, ENV, want)
    if value is None:
        assert compiled is None and faults
        return
    assert compiled is not None and compiled.type == want
    found = evaluate(compiled, {"name": "Ann", "age": 41, "good": False})
    assert (found if isinstance(found, (bool, int, str)) else str(found)) == value


@pytest.mark.parametrize(
    ("text", "want"),
    [("perhaps", BOOLEAN), ("fine", MOOD), ("12 apples", NUMBER), ("2026-02-30", DATE), ("nmae", NUMBER)],
)
def test_what_is_neither_is_refused(text: str, want: Type) -> None:
    """With the faults of the expression that it might have been."""
    compiled, faults = compile_value(text, SPAN, ENV, want)
    assert compiled is None and [one.severity for one in faults][:1] == ["error"]
