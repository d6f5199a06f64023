"""Whether conditions can hold together: against every record of a small world, and case by case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from expression_world import World, place
from hypothesis import given, settings
from hypothesis import strategies as st

from app.expressions import (
    BOOLEAN,
    DATE,
    NUMBER,
    TEXT,
    ChoicesType,
    ChoiceType,
    Domain,
    Environment,
    Node,
    Type,
    compile_expression,
    evaluate,
    example,
    implies,
    possible,
)

LEVEL = ChoiceType("level", ("low", "mid", "high"), ordered=True)
KIND = ChoiceType("kind", ("a", "b", "c"))
NAMES: Mapping[str, Type] = {
    "level": LEVEL,
    "limit": LEVEL,
    "kind": KIND,
    "flag": BOOLEAN,
    "hot": BOOLEAN,
    "qty": NUMBER,
    "sum": NUMBER,
    "due": DATE,
    "note": TEXT,
    "tags": ChoicesType(KIND),
}
ENV = Environment(NAMES, World(), roles=frozenset({"hr"}))
FREE = {(name,): Domain(free=True, whole=name == "qty") for name in NAMES}
_DAYS = [date(2026, 1, day) for day in (1, 2, 3, 4)]
VALUES: Mapping[str, list[object]] = {
    "level": [*LEVEL.options, None],
    "kind": [*KIND.options, None],
    "flag": [True, False, None],
    "qty": [*range(-1, 5), None],
    "due": [*_DAYS, None],
}
ATOMS = (
    "level >= 'mid'", "level == 'low'", "level != 'high'", "'mid' > level", "level in ['low', 'high']",
    "level == None", "kind == 'a'", "kind in ['a', 'b']", "kind not in ['c']", "kind", "flag",
    "flag == False", "flag != None", "qty > 1", "qty <= 1", "qty == 2", "2 < qty < 4", "qty != None",
    "qty * 2 > 6", "due > '2026-01-02'", "due == '2026-01-03'", "due < '2026-01-02'", "due", "1 > 2",
    "None == 3", "coalesce(qty, 3) > 2", "(flag if kind == 'a' else level == 'mid')", "(qty > 2) == flag",
)  # fmt: skip


def tree(text: str, env: Environment = ENV) -> Node:
    """The checked tree of a condition without faults."""
    expression, _ = compile_expression(text, place(text), env, BOOLEAN)
    assert expression is not None, text
    return expression.tree


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(parts, st.sampled_from([" and ", " or "]), parts)
    return st.one_of(pair.map(lambda p: f"({''.join(p)})"), parts.map(lambda p: f"(not {p})"))


CONDITIONS = st.recursive(st.sampled_from(ATOMS), _joined, max_leaves=5)
RECORDS = [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]


def _true(text: str) -> list[bool]:
    expression, _ = compile_expression(text, place(text), ENV, BOOLEAN)
    assert expression is not None, text
    return [evaluate(expression, record) is True for record in RECORDS]


@settings(max_examples=80, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=2), st.lists(CONDITIONS, max_size=2))
def test_the_search_agrees_with_every_record(must: list[str], never: list[str]) -> None:
    """What is called impossible happens in no record; a case that is shown is one that happens."""
    wanted, unwanted = [_true(text) for text in must], [_true(text) for text in never]
    fits = [
        all(one[at] for one in wanted) and not any(one[at] for one in unwanted) for at in range(len(RECORDS))
    ]
    trees, against = [tree(text) for text in must], [tree(text) for text in never]
    assert possible(trees, against) or not any(fits)
    shown = example(trees, against, FREE)
    if shown is not None:
        shown_in = [at for at, holds in enumerate(_true(shown)) if holds]
        assert all(fits[at] for at in shown_in)
        assert possible(trees, against)


@pytest.mark.parametrize(
    "text",
    [
        "level > 'high'",
        "kind == 'a' and kind == 'b'",
        "flag and not flag",
        "flag and flag == False",
        "qty > 3 and qty < 3",
        "qty == None and qty > 0",
        "due < '2026-01-02' and due > '2026-01-03'",
        "note == 'x' and note == 'y'",
        "contains(note, 'x') and not contains(note, 'x')",
        "'a' in tags and 'a' not in tags",
        "qty < sum and qty > sum",
        "qty < sum and sum == qty",
        "level < limit and limit < level",
        "level == 'high' and limit == 'low' and level < limit",
        "count(person) > 3 and count(person) < 2",
        "length(note) > 3 and length(note) == 2",
        "1 > 2 or hours(30) > days(2)",
        "not (qty >= 1 or qty < 1) and qty != None",
        "has_role('hr') and not has_role('hr')",
    ],
)
def test_these_never_hold(text: str) -> None:
    """Whatever is filled in."""
    env = Environment({**NAMES, "me": DATE}, World(), roles=frozenset({"hr"}))
    assert not possible([tree(text, env)])


@pytest.mark.parametrize(
    "text",
    [
        "level >= 'high'",
        "flag == None and not hot",
        "qty > 3 and qty < 4",
        "contains(note, 'x') and not contains(note, 'y')",
        "'a' in tags and 'b' in tags",
        "qty < sum and sum < 3",
        "level < limit and limit != 'high'",
        "count(person) > 3 and count(case) < 2",
        "note != 'x' and note != 'y'",
        "any(tags_of, what == 'x') and not any(tags_of, what == 'y')",
    ],
)
def test_these_may_hold(text: str) -> None:
    """Nothing is said against what can happen, or cannot be looked into."""
    fields = World().fields("case") or {}
    env = Environment({**NAMES, "tags_of": fields["steps"]}, World())
    assert possible([tree(text, env)])


@pytest.mark.parametrize(
    ("when", "then", "expected"),
    [
        ("level == 'high'", "level >= 'mid'", True),
        ("level >= 'mid'", "level == 'high'", False),
        ("qty > 3", "qty > 2", True),
        ("qty > 2", "qty >= 3", False),
        ("flag", "flag or hot", True),
        ("kind in ['a', 'b']", "kind != 'c'", True),
        ("kind != 'c'", "kind in ['a', 'b']", True),
        ("not flag", "flag == False", True),
        ("flag", "kind != None", False),
    ],
)
def test_implication(when: str, then: str, *, expected: bool) -> None:
    """One condition is contained in another, or it is not (as far as can be told)."""
    assert implies(tree(when), tree(then)) is expected


def test_bounds_and_whole_numbers_narrow_a_name() -> None:
    """A field from 0 to 5 without fractions is never above 5, nor between two of its values."""
    whole = {("qty",): Domain(low=Decimal(0), high=Decimal(5), whole=True)}
    assert not possible([tree("qty > 5")], [], whole)
    assert not possible([tree("qty > 2 and qty < 3")], [], whole)
    assert possible([tree("qty >= 5")], [], whole)
    assert not possible([tree("level == 'high'")], [], {("level",): Domain(options=frozenset({"low"}))})


@pytest.mark.parametrize(
    ("never", "expected"),
    [
        (["kind == 'a'", "kind == 'b'"], "kind == 'c'"),
        (["kind == 'a' and flag", "kind != 'a'"], "kind == 'a' and not flag"),
        (["qty < 2", "qty >= 3"], "qty == 2"),
        (["qty < 2", "qty >= 2"], None),
        (["flag", "not flag"], None),
        (["contains(note, 'x')"], None),
        (["due"], "due == None"),
        (["sum < 2", "sum > 2"], "sum == 2"),
        (["level < limit"], "level == 'low' and limit == 'low'"),
    ],
)
def test_a_case_that_no_row_answers(never: list[str], expected: str | None) -> None:
    """Only what is certain: nothing that hangs on a text's inside, no field that is merely left empty."""
    assert example([], [tree(text) for text in never], FREE) == expected


def test_a_search_that_grows_too_large_says_nothing() -> None:
    """A contradiction over fourteen numbers cannot be seen in time, so it is not called one."""
    names = {f"n{at}": NUMBER for at in range(14)}
    env = Environment(names, World())
    text = " and ".join(f"(n{at} in [1, 2, 3, 4] or n{at} > n{(at + 1) % 14} * 2)" for at in range(14))
    goal = tree(f"({text}) and not ({text}) and n0 != None", env)
    assert possible([goal])
    assert example([goal], [], {(name,): Domain(free=True) for name in names}) is None
