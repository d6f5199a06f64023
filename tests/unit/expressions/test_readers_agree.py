"""Whatever expression and record: Python, SQLite, PostgreSQL and JavaScript give the same value."""

from __future__ import annotations

import os
import subprocess

import pytest
import sqlalchemy as sa
from expression_readers import Case, in_database, in_node, in_python, plain
from expression_samples import cases, expressions
from expression_world import compiled
from hypothesis import HealthCheck, assume, event, given, settings

from app.expressions import Expression, browser_ready

_ROUNDS = settings(
    max_examples=int(os.environ.get("EXPRESSION_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def understood(text: str) -> Expression:
    """The expression; warnings (a value compared with itself) do not matter here."""
    expression, faults = compiled(text)
    assert expression is not None, [(found.code, found.message()) for found in faults]
    event(str(expression.type))
    return expression


@_ROUNDS
@given(text=expressions(), sample=cases())
def test_sqlite_agrees_with_python(sqlite: sa.Connection, text: str, sample: Case) -> None:
    """SQLite computes what Python computes."""
    expression = understood(text)
    assert plain(in_database(sqlite, expression, sample)) == plain(in_python(expression, sample))


@pytest.mark.postgresql
@_ROUNDS
@given(text=expressions(), sample=cases())
def test_postgresql_agrees_with_python(postgresql: sa.Connection, text: str, sample: Case) -> None:
    """PostgreSQL computes what Python computes."""
    expression = understood(text)
    assert plain(in_database(postgresql, expression, sample)) == plain(in_python(expression, sample))


@pytest.mark.node
@_ROUNDS
@given(text=expressions(), sample=cases())
def test_javascript_agrees_with_python(node: subprocess.Popen[str], text: str, sample: Case) -> None:
    """The browser computes what Python computes."""
    expression = understood(text)
    assume(browser_ready(expression.tree))
    assert plain(in_node(node, expression, sample)) == plain(in_python(expression, sample))
