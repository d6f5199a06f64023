"""The doors of the Python reader: evaluate an expression, compile it, compute a look-up over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from app.expressions.compile import Expression
from app.expressions.core import FACTS, WORKING, Lookup
from app.expressions.python_reader import function
from app.expressions.python_rows import aggregate

Scope = Mapping[str, object]
WorkingDays = Callable[[date, int], object]
"""Counts n working days on from a date or (its subclass) a datetime, in the record's calendar."""


def compile_python(expression: Expression) -> Callable[[Scope], object]:
    """The expression as a function of a scope; build it once, call it often.

    Facts and calendar go into the scope under `FACTS` and `WORKING`, see `scope_with`. The result is None
    when the expression is empty; a condition holds only when it is True. A fact that was not loaded
    is a KeyError.
    """
    return expression.python


def scope_with(
    scope: Scope, facts: Mapping[str, object] | None = None, working_days: WorkingDays | None = None
) -> Scope:
    """The scope with what was loaded for it: facts by `Lookup.key`, and the calendar's counting."""
    extra = {FACTS: facts, WORKING: working_days}
    return {**scope, **{name: value for name, value in extra.items() if value is not None}}


def evaluate(
    expression: Expression,
    scope: Scope,
    facts: Mapping[str, object] | None = None,
    working_days: WorkingDays | None = None,
) -> object:
    """The value of the expression in `scope`; None when it is empty."""
    if facts is not None or working_days is not None:
        scope = scope_with(scope, facts, working_days)
    return expression.python(scope)


def holds(
    expression: Expression,
    scope: Scope,
    facts: Mapping[str, object] | None = None,
    working_days: WorkingDays | None = None,
) -> bool:
    """Whether a condition holds: empty is not true."""
    return evaluate(expression, scope, facts, working_days) is True


def compile_lookup(lookup: Lookup) -> Callable[[Iterable[Scope], Scope], object]:
    """The look-up as a function of the rows (all records of its type) and the scope of one record."""
    value = function(lookup.value, "r1") if lookup.value is not None else None
    where = function(lookup.where, "r1") if lookup.where is not None else None
    reduce = aggregate(lookup.function, lookup.type)

    def run(rows: Iterable[Scope], scope: Scope) -> object:
        of_row = partial(value, scope) if value is not None else None
        return reduce(rows, of_row, partial(where, scope) if where is not None else None)

    return run


def evaluate_lookup(lookup: Lookup, rows: Iterable[Scope], scope: Scope) -> object:
    """The value of a look-up over `rows` (all records of its type), seen from a record's `scope`."""
    return compile_lookup(lookup)(rows, scope)
