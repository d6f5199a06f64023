"""Arithmetic: which operation a sign stands for, by the types on its two sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from app.expressions.context import Context
from app.expressions.core import Apply, Const, Node
from app.expressions.matching import is_none
from app.expressions.tree import Arithmetic, Minus
from app.expressions.types import (
    ANY,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NUMBER,
    TEXT,
    WORKING_DAYS,
    SimpleType,
    Type,
)
from app.source.diagnostics import N_

_OPERATIONS: Mapping[tuple[str, Type, Type], tuple[str, Type]] = MappingProxyType(
    {
        ("+", NUMBER, NUMBER): ("add", NUMBER),
        ("-", NUMBER, NUMBER): ("sub", NUMBER),
        ("*", NUMBER, NUMBER): ("mul", NUMBER),
        ("/", NUMBER, NUMBER): ("div", NUMBER),
        ("+", DURATION, DURATION): ("span_add", DURATION),
        ("-", DURATION, DURATION): ("span_sub", DURATION),
        ("*", DURATION, NUMBER): ("span_times", DURATION),
        ("/", DURATION, NUMBER): ("span_over", DURATION),
        ("/", DURATION, DURATION): ("span_ratio", NUMBER),
        ("+", DATE, DURATION): ("date_shift", DATE),
        ("+", DATE, MONTHS): ("date_months", DATE),
        ("+", DATE, WORKING_DAYS): ("date_working", DATE),
        ("-", DATE, DATE): ("date_gap", DURATION),
        ("+", DATETIME, DURATION): ("instant_shift", DATETIME),
        ("+", DATETIME, MONTHS): ("instant_months", DATETIME),
        ("+", DATETIME, WORKING_DAYS): ("instant_working", DATETIME),
        ("-", DATETIME, DATETIME): ("instant_gap", DURATION),
    }
)
_NEGATED: Mapping[Type, str] = MappingProxyType(
    {NUMBER: "neg", DURATION: "span_neg", MONTHS: "whole_neg", WORKING_DAYS: "whole_neg"}
)
_SWAPPED = frozenset({"+", "*"})
_ZONED = "instant_months"
"""The operation that counts in local days and so carries the time zone as its last item."""


def minus(ctx: Context, tree: Minus) -> Node | None:
    """`-x` of a number or duration."""
    item = ctx.typed(ctx, tree.item)
    if item is None:
        return None
    if isinstance(item, Const) and item.type == NUMBER and isinstance(item.value, int):
        return replace(item, at=tree.at, value=-item.value)
    name = _NEGATED.get(item.type)
    if name is None or is_none(item):
        ctx.say(tree.at, "EXPR006", N_("a {type} has no minus sign"), type=str(item.type))
        return None
    return Apply(tree.at, item.type, name, (item,))


def arithmetic(ctx: Context, tree: Arithmetic) -> Node | None:
    """`left sign right`; a date or duration may stand on either side where order does not matter."""
    left, right = ctx.typed(ctx, tree.left), ctx.typed(ctx, tree.right)
    if left is None or right is None:
        return None
    if tree.sign in _SWAPPED and (tree.sign, left.type, right.type) not in _OPERATIONS:
        left, right = right, left
    sign = tree.sign
    if sign == "-" and left.type in (DATE, DATETIME) and right.type in _NEGATED and right.type != NUMBER:
        sign, right = "+", Apply(right.at, right.type, _NEGATED[right.type], (right,))
    found = _OPERATIONS.get((sign, left.type, right.type))
    if found is None:
        _say_mismatch(ctx, tree, left, right)
        return None
    name, result = found
    if sign == "/" and isinstance(right, Const) and right.value == 0:
        ctx.say(right.at, "EXPR006", N_("nothing can be divided by 0"))
        return None
    items: tuple[Node, ...] = (left, right)
    if name == _ZONED:
        items += (Const(tree.at, TEXT, ctx.env.zone),)
    return Apply(tree.at, result, name, items)


def _say_mismatch(ctx: Context, tree: Arithmetic, left: Node, right: Node) -> None:
    types = {left.type, right.type}
    hint = ""
    if TEXT in types:
        hint = N_("texts are put together in a template: '{{number}} {{unit.title}}'")
    elif types == {DATE, NUMBER} or types == {DATETIME, NUMBER}:
        hint = N_("say what the number counts: days(3), hours(2), working_days(5)")
    elif ANY in types or not all(isinstance(kind, SimpleType) for kind in types):
        hint = N_("calculate with numbers, dates and durations")
    ctx.say(tree.at, "EXPR006", N_("'{sign}' does not go between a {left} and a {right}"), hint,
            sign=tree.sign, left=str(left.type), right=str(right.type))  # fmt: skip
