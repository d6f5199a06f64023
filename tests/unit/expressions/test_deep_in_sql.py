"""What is accepted for the database runs in it: SQLite's parser has a stack of a hundred places."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa
from expression_world import CASES, TABLES, compiled, sound

from app.expressions import evaluate, sql_faults, to_javascript
from app.expressions.sql import to_sql

FORMS = {
    "minus": "-@",
    "plus left": "(@ + 1)",
    "plus right": "(1 + @)",
    "coalesce": "coalesce(@, 1)",
    "then": "(@ if flag else 1)",
    "else": "(1 if flag else @)",
    "test": "(1 if @ > 1 else 2)",
    "not": "(1 if not (@ > 1 and flag) else 2)",
    "abs": "abs(@)",
    "round": "round(@, 2)",
    "least": "min(@, 2)",
    "share": "share(@, 7)",
    "divided": "(2 / @)",
    "dates": "((today + days(@)) - due) / days(1)",
    "member": "(1 if @ in [1, qty, 3] else 2)",
}


def within_much(found: sa.ColumnElement[object]) -> sa.Select[int]:
    """The condition as deep as the portal ever puts one: counted, in rows that a role may see."""
    case = TABLES["case"]
    inner = (
        sa.select(1).select_from(case.alias()).where(case.c.id == 7, sa.or_(found.is_(None), case.c.id > 1))
    )
    rows = sa.select(case.c.id).where(sa.or_(case.c.id == 3, sa.and_(case.c.id > 0, sa.exists(inner))))
    return sa.select(sa.func.count()).select_from(rows.subquery())


def deepest(form: str) -> list[str]:
    """The form within itself, as often as the language allows."""
    texts = ["qty"]
    while compiled(FORMS[form].replace("@", texts[-1]))[0] is not None:
        texts.append(FORMS[form].replace("@", texts[-1]))
    return texts


@pytest.mark.parametrize("form", FORMS)
def test_the_deepest_that_the_database_is_given_runs(sqlite: sa.Connection, form: str) -> None:
    """One level more is refused beforehand, with a code and a place, and never by the database."""
    accepted = 0
    for text in deepest(form):
        expression = sound(text, allow_warnings=True)
        faults = sql_faults(expression.tree)
        if faults:
            assert [found.code for found in faults] == ["EXPR009"] and accepted >= 2
            break
        sqlite.execute(within_much(to_sql(expression, CASES))).all()
        accepted += 1
    assert accepted >= 3


@pytest.mark.parametrize("around", ["@", "sum(steps, cost + @)", "count(steps, cost > @)"])
def test_whatever_is_accepted_runs(sqlite: sa.Connection, around: str) -> None:
    """Forms within forms at random, by themselves and for each row of a child table."""
    dice, ran = random.Random(around), 0
    for _ in range(150):
        text = "qty" if around == "@" else "this.qty"
        for _ in range(dice.randint(3, 20)):
            text = FORMS[dice.choice(list(FORMS))].replace("@", text)
        text = around.replace("@", text if around == "@" else text.replace("flag", "ok").replace("due", "by"))
        text = text if around == "@" else text.replace(" qty,", " this.qty,")
        expression, _ = compiled(text)
        if expression is not None and not sql_faults(expression.tree):
            sqlite.execute(within_much(to_sql(expression, CASES))).all()
            ran += 1
    assert ran > 10


@pytest.mark.postgresql
@pytest.mark.parametrize("form", FORMS)
def test_postgresql_runs_the_deepest_of_all(postgresql: sa.Connection, form: str) -> None:
    """It has no such limit, and no operand is written out twice, which would double it at each level."""
    expression = sound(deepest(form)[-1], allow_warnings=True)
    with postgresql.begin_nested():
        postgresql.execute(sa.text("SET LOCAL statement_timeout = '30s'"))
        postgresql.execute(within_much(to_sql(expression, CASES))).all()


def test_a_long_chain_of_choices_is_not_deep() -> None:
    """It is one CASE in SQL, of thirty rows and more."""
    text = " ".join(f"{n} if qty == {n} else" for n in range(30)) + " 99"
    expression = sound(text)
    assert sql_faults(expression.tree) == ()
    assert evaluate(expression, {"qty": 29}) == 29 and evaluate(expression, {"qty": 30}) == 99
    assert to_javascript(expression)


def test_a_count_that_is_too_deep_for_the_database_is_refused() -> None:
    """A look-up always runs in the database, wherever the expression stands."""
    text = "amount"
    for _ in range(30):
        text = f"(1 + {text})"
    expression, faults = compiled(f"count(penalty, {text} > 1) > 0")
    assert expression is None
    assert [found.code for found in faults] == ["EXPR009"]
