"""Each operation in SQL, one template a dialect; `{0}`, `{1}` are its operands.

Exact decimals, calendar months and time zones are beyond SQLite, so it calls our own functions
(`sqlite.py`). A template names each operand once, or nested operations would double at every level; where it
must look at one twice, OFFSET 0 keeps PostgreSQL from writing the operand out again in each place.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from app.expressions.exact import COUNT_LIMIT, QUOTIENT_PLACES, SPAN_LIMIT

_MANY_PLACES = "1." + "0" * (2 * QUOTIENT_PLACES)
"""A factor that makes PostgreSQL carry a quotient far enough to be rounded rightly."""
_DAY = "86400000000.0"
_DATES = "DATE '0001-01-01' AND DATE '9999-12-31'"
_INSTANTS = "TIMESTAMPTZ '0001-01-01 00:00:00Z' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'"


def _bounded(value: str, by: str, span: int, between: str) -> str:
    """PostgreSQL: `value` of w.a and w.b, NULL when w.b is over `span` or the result out of `between`."""
    return (
        f"(SELECT q.v FROM (SELECT {value} AS v FROM (SELECT {{0}} AS a, {by} AS b OFFSET 0) AS w"
        f" WHERE w.b BETWEEN -{span} AND {span} OFFSET 0) AS q WHERE q.v BETWEEN {between})"
    )


def _whole(limit: int, kind: str) -> str:
    """PostgreSQL: a number rounded to a whole one, NULL beyond the limit."""
    return (
        f"(SELECT CAST(w.v AS {kind}) FROM (SELECT round(CAST({{0}} AS numeric)) AS v OFFSET 0) AS w"
        f" WHERE w.v BETWEEN -{limit} AND {limit})"
    )


def _extreme(sign: str) -> str:
    """PostgreSQL: the lesser or greater of two values, NULL when one is NULL (LEAST leaves NULL out)."""
    return (
        f"(SELECT CASE WHEN w.a {sign} w.b THEN w.a WHEN w.b {sign}= w.a THEN w.b END"
        " FROM (SELECT {0} AS a, {1} AS b OFFSET 0) AS w)"
    )


def _local(value: str) -> str:
    """PostgreSQL: `value` of the time w.v on the clock of a zone, NULL beyond the years of a date."""
    between = "TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
    local = "(SELECT timezone({1}, {0}) AS v OFFSET 0) AS w"
    return f"(SELECT {value} FROM {local} WHERE w.v BETWEEN {between})"


_ANY_SIGN = "(({0}) %s ({1}))"
_DECIMAL_SIGN = "(expr_cmp({0}, {1}) %s 0)"
_TEXT_SIGN = '(({0}) COLLATE "C" %s ({1}) COLLATE "C")'
_SQL_SIGNS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

_TEMPLATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # name: (SQLite, PostgreSQL)
        "number": ("expr_number({0}, {1})", "CAST({0} AS numeric)"),
        "from_integer": ("CAST({0} AS TEXT)", "CAST({0} AS numeric)"),
        "add": ("expr_add({0}, {1})", "(({0}) + ({1}))"),
        "sub": ("expr_sub({0}, {1})", "(({0}) - ({1}))"),
        "mul": ("expr_mul({0}, {1})", "(({0}) * ({1}))"),
        "div": (
            "expr_div({0}, {1})",
            f"round((({{0}}) * {_MANY_PLACES}) / nullif({{1}}, 0), {QUOTIENT_PLACES})",
        ),
        "neg": ("expr_neg({0})", "(-({0}))"),
        "abs": ("expr_abs({0})", "abs({0})"),
        "round": ("expr_round({0}, {1})", "round({0}, {1})"),
        "lesser_number": ("expr_lesser({0}, {1})", _extreme("<")),
        "greater_number": ("expr_greater({0}, {1})", _extreme(">")),
        "lesser": ("min({0}, {1})", _extreme("<")),
        "greater": ("max({0}, {1})", _extreme(">")),
        "plus": ("(({0}) + ({1}))", "(({0}) + ({1}))"),
        "minus": ("(({0}) - ({1}))", "(({0}) - ({1}))"),
        "negative": ("(-({0}))", "(-({0}))"),
        "positive": ("abs({0})", "abs({0})"),
        "span": ("expr_span({0})", _whole(SPAN_LIMIT, "bigint")),
        "whole": ("expr_whole({0})", _whole(COUNT_LIMIT, "integer")),
        "from_interval": (
            "expr_instant({0})",
            "CAST(extract(epoch FROM {0}) * 1000000 AS bigint)",
        ),
        "instant": ("expr_instant({0})", "{0}"),
        "date_shift": (
            "expr_date_shift({0}, {1})",
            _bounded("w.a + w.b", f"CAST(floor(({{1}}) / {_DAY}) AS integer)", 3_700_000, _DATES),
        ),
        "date_months": (
            "expr_date_months({0}, {1})",
            _bounded("CAST(w.a + w.b * INTERVAL '1 month' AS date)", "({1})", COUNT_LIMIT, _DATES),
        ),
        "date_gap": ("expr_date_gap({0}, {1})", "(CAST(({0}) - ({1}) AS bigint) * 86400000000)"),
        "instant_shift": (
            "expr_instant_shift({0}, {1})",
            _bounded("w.a + w.b * INTERVAL '1 microsecond'", "({1})", SPAN_LIMIT, _INSTANTS),
        ),
        "instant_months": (
            "expr_instant_months({0}, {1}, {2})",
            _bounded(
                "timezone({2}, timezone({2}, w.a) + w.b * INTERVAL '1 month')",
                "({1})",
                COUNT_LIMIT,
                _INSTANTS,
            ),
        ),
        "instant_date": ("expr_instant_date({0}, {1})", _local("CAST(w.v AS date)")),
        "instant_hour": (
            "expr_instant_hour({0}, {1})",
            _local("CAST(extract(hour FROM w.v) AS numeric)"),
        ),
        "instant_gap": (
            "(({0}) - ({1}))",
            "CAST(extract(epoch FROM (({0}) - ({1}))) * 1000000 AS bigint)",
        ),
        "length": ("CAST(length({0}) AS TEXT)", "CAST(char_length({0}) AS numeric)"),
        "contains": ("(instr({0}, {1}) > 0)", "(strpos({0}, {1}) > 0)"),
        "starts_with": ("(instr({0}, {1}) = 1)", "starts_with({0}, {1})"),
        "sum": ("expr_sum({0})", "sum({0})"),
        "min": ("expr_min({0})", "min({0})"),
        "max": ("expr_max({0})", "max({0})"),
        "avg": ("expr_avg({0})", f"round(avg(({{0}}) * {_MANY_PLACES}), {QUOTIENT_PLACES})"),
        "median": (
            "expr_median({0})",
            "round((percentile_disc(0.5) WITHIN GROUP (ORDER BY {0})"
            f" + percentile_disc(0.5) WITHIN GROUP (ORDER BY {{0}} DESC)) * 0.5, {QUOTIENT_PLACES})",
        ),
        **{f"any {ours}": (_ANY_SIGN % sql, _ANY_SIGN % sql) for ours, sql in _SQL_SIGNS.items()},
        **{f"number {ours}": (_DECIMAL_SIGN % sql, _ANY_SIGN % sql) for ours, sql in _SQL_SIGNS.items()},
        **{f"text {ours}": (_ANY_SIGN % sql, _TEXT_SIGN % sql) for ours, sql in _SQL_SIGNS.items()},
    }
)


class Operation(FunctionElement[Any]):
    """One operation of the table above on SQL operands."""

    inherit_cache = True
    name = "operation"
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own protocol
        *FunctionElement._traverse_internals,
        ("operation", InternalTraversal.dp_string),
        ("type", InternalTraversal.dp_type),
    ]

    def __init__(self, operation: str, kind: TypeEngine[Any], *operands: ColumnElement[Any]) -> None:
        self.operation = operation
        self.type = kind
        super().__init__(*operands)


@compiles(Operation, "sqlite")
def _for_sqlite(element: Operation, compiler: SQLCompiler, **options: Any) -> str:
    return _filled(_TEMPLATES[element.operation][0], element, compiler, options)


@compiles(Operation)
def _for_postgresql(element: Operation, compiler: SQLCompiler, **options: Any) -> str:
    return _filled(_TEMPLATES[element.operation][1], element, compiler, options)


def _filled(template: str, element: Operation, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return template.format(*(compiler.process(operand, **options) for operand in element.clauses))
