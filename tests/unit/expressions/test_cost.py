# ruff: noqa: E501  (a table of cases reads best with one case on a line)
"""No expression takes more than a set cost: what is refused when it is written, what stays small when it runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from expression_world import CASE, ENVIRONMENT, World, compiled, sound

from app.expressions import NUMBER, Environment, evaluate, exact, to_javascript
from app.expressions.core import cost_of
from app.expressions.tree import (
    MAX_COST,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_LOOKUPS,
    MAX_NODES,
    MAX_ROWS,
)

FORMS = {
    "not": "not @", "brackets": "(@)", "minus": "-@", "plus left": "(@ + 1)", "plus right": "(1 + @)",
    "coalesce": "coalesce(@, 1)", "if": "(@ if flag else 1)", "test": "(1 if @ > 1 else 2)", "abs": "abs(@)",
    "round": "round(@, 2)", "and": "(@ and flag)", "least": "min(@, 2)", "equal": "((@) == True)",
}  # fmt: skip
YES_NO = frozenset({"not", "and", "equal"})


def nested(form: str, core: str, times: int) -> str:
    text = core
    for _ in range(times):
        text = form.replace("@", text)
    return text


@pytest.mark.parametrize("form", FORMS)
def test_the_deepest_that_is_allowed_still_runs(form: str) -> None:
    """In Python and as JavaScript; one level more is refused."""
    core = "flag" if form in YES_NO else "qty"
    runs = [
        depth
        for depth in range(1, MAX_DEPTH + 5)
        if compiled(nested(FORMS[form], core, depth))[0] is not None
    ]
    deepest = sound(nested(FORMS[form], core, max(runs)), allow_warnings=True)
    assert MAX_DEPTH // 2 - 1 <= max(runs) <= MAX_DEPTH
    assert evaluate(deepest, {"qty": 3, "flag": True}) is not None
    assert to_javascript(deepest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-" * (MAX_LENGTH - 1) + "1", id="minus signs"),
        pytest.param("not " * 499 + "flag", id="negations"),
        pytest.param("(" * 999 + "1" + ")" * 999, id="brackets"),
        pytest.param("[" * 1000, id="square brackets"),
        pytest.param("1+" * 999 + "1", id="a long sum"),
        pytest.param("1 if 1 else " * 150 + "1", id="a long choice"),
        pytest.param("1<" * 900 + "2", id="a long chain"),
        pytest.param("who." + "superior." * 200 + "name", id="a long path"),
        pytest.param("coalesce(" + ", ".join(["qty"] * MAX_NODES) + ")", id="many arguments"),
        pytest.param("qty in [" + ",".join("1" * 900) + "]", id="a long list"),
        pytest.param("9" * (MAX_DIGITS + 1) + " > qty", id="a long number"),
        pytest.param("0." + "0" * MAX_DIGITS + "1 > qty", id="many places"),
        pytest.param("'" + "x" * MAX_LENGTH + "' == title", id="a long text"),
        pytest.param(
            " or ".join(f"count(penalty, amount > {n}) > 1" for n in range(MAX_LOOKUPS + 1)), id="counts"
        ),
        pytest.param("any(steps, any(this.steps, any(this.steps, cost > 1)))", id="rows in rows in rows"),
        pytest.param(
            f"any(steps, any(this.steps, {' or '.join(['cost + cost > 1'] * 30)}))", id="much within rows"
        ),
        pytest.param("\n" * 2500 + "flag", id="blank lines"),
    ],
)
def test_what_would_cost_too_much_is_refused(text: str) -> None:
    """At once, with a place; never by an error of the parser's own."""
    expression, faults = compiled(text)
    assert expression is None
    assert {found.code for found in faults} <= {"EXPR001", "EXPR002", "EXPR009"} and faults


@pytest.mark.parametrize(
    "text",
    ["qty ** 9", "qty << 9", "'a' * 1000", "title * 1000", "title + title", "[1] * 9", "10 ^ 9", "qty % 2", "1e999", "1E9", "0xFF", "9_9_9 ** 2", "pow(9, 9)", "range(9)", "[x for x in steps]", "(lambda: 1)()", "title.format()", "f'{qty}'", "__import__('os')", "().__class__", "steps[0]", "qty := 3"],
)  # fmt: skip
def test_nothing_that_grows_by_itself_is_in_the_language(text: str) -> None:
    """No powers, no repeated texts, no loops, no attributes, no other functions."""
    assert compiled(text)[0] is None


def test_as_many_counts_as_are_allowed() -> None:
    """The same count written twice is one; twenty different ones are accepted."""
    text = " or ".join(f"count(penalty, amount > {n % MAX_LOOKUPS}) > 1" for n in range(MAX_LOOKUPS + 5))
    assert len(sound(text).lookups) == MAX_LOOKUPS


def test_the_cost_counts_rows() -> None:
    """A part costs one, within rows as many as there may be, within rows of rows as many for each of them."""
    assert cost_of(sound("qty > 1").tree) == 3
    assert 3 * MAX_ROWS < cost_of(sound("any(steps, cost > 1)").tree) < 4 * MAX_ROWS
    nested_rows = cost_of(sound("any(steps, any(this.steps, cost > 1))").tree)
    assert 3 * MAX_ROWS**2 < nested_rows < 4 * MAX_ROWS**2 < MAX_COST


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("any(steps, cost > 1)", True),
        ("any(steps, any(this.steps, cost > 1))", False),
        (" + ".join(f"count(penalty, amount > {n})" for n in range(8)), True),
        (" + ".join(f"count(penalty, amount > {n})" for n in range(12)), False),
    ],
    ids=["rows", "rows in rows", "eight counts", "twelve counts"],
)
def test_what_each_line_evaluates_costs_as_often(text: str, allowed: bool) -> None:
    """An expression of a line is evaluated once for each of them."""
    found, faults = compiled(text, env=replace(ENVIRONMENT, times=MAX_ROWS))
    assert (found is not None) is allowed
    assert allowed or [one.code for one in faults] == ["EXPR009"]


def _chain(steps: int) -> list[str]:
    """Formulas of which each reads the one before it, sixteen times over."""
    return [" * ".join([f"n{at}"] * 16) for at in range(steps)]


def test_formulas_that_read_each_other_stay_small() -> None:
    """Sixteen times as many digits with each: soon more than any column holds, and from there on empty."""
    names = {f"n{at}": NUMBER for at in range(12)}
    env = Environment({**CASE, **names}, World())
    scope: dict[str, object] = {"n0": 10**17}
    for at, text in enumerate(_chain(11)):
        scope[f"n{at + 1}"] = evaluate(sound(text, env=env), scope)
    sizes = [len(str(value)) if value is not None else None for value in scope.values()]
    assert sizes[:3] == [18, 273, None] and set(sizes[2:]) == {None}


@pytest.mark.parametrize("value", [10**3_990, Decimal("1E19990"), Decimal("1.5E19990")])
def test_numbers_beyond_the_limit_are_empty(value: int | Decimal) -> None:
    """Sums and products alike; what is just below it stays exact."""
    assert exact.mul(value, 10**5) == value * 10**5
    assert exact.add(value, value) == value + value
    assert exact.mul(value, value) is None
    assert exact.mul(value, 10**30) is None


def test_the_longest_text_is_looked_through() -> None:
    """A text of as many characters as a field can hold."""
    text = "contains(title, note) and starts_with(title, '啊') and length(title) > 9"
    assert evaluate(sound(text), {"title": "啊" * 100_000, "note": "啊啊"}) is True
