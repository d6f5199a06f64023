"""Bringing types together: which values go with which, and what a written text means beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.expressions.context import Context
from app.expressions.core import Choose, Coalesce, Const, IsEmpty, Node, Not, Read
from app.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    EMPTY,
    NUMBER,
    TEXT,
    TIME,
    ChoicesType,
    ChoiceType,
    LinesType,
    LinksType,
    Type,
)
from app.source.diagnostics import N_, unknown_name_hint

COLLECTIONS = (ChoicesType, LinksType, LinesType)


def is_none(node: Node) -> bool:
    """Whether the written value is None (or '', which is the same)."""
    return isinstance(node, Const) and node.value is None


def truth(ctx: Context, node: Node) -> Node | None:
    """The node as a condition: a field that is not yes/no holds when it is not empty."""
    if node.type in (BOOLEAN, ANY):
        return node
    if isinstance(node, Read):
        return Not(node.at, BOOLEAN, IsEmpty(node.at, BOOLEAN, node))
    hint = N_("compare it with something")
    ctx.say(node.at, "EXPR006", N_("a {type} is not a condition"), hint, type=str(node.type))
    return None


def unify(ctx: Context, left: Node, right: Node) -> tuple[Node, Node] | None:
    """Both nodes with one common type; None when they have none or a text is no such value.

    Says a fault only for a text that its neighbour's type cannot read; a plain mismatch is the
    caller's to word.
    """
    if left.type == right.type or ANY in (left.type, right.type):
        return left, right
    for target, other, swap in ((left, right, False), (right, left, True)):
        adapted = adapt(ctx, other, target.type)
        if adapted is not None:
            return (adapted, target) if swap else (target, adapted)
    return None


def adapt(ctx: Context, node: Node, target: Type) -> Node | None:
    """The node as a `target`, or None when it cannot be one."""
    if node.type == target or node.type == ANY or target == ANY:
        return node
    match node:
        case Const(value=None):
            return replace(node, type=target)
        case Const(value=str()) if readable(target):
            return _read_text(ctx, node, target)
        case Choose(then=then, other=other):
            first, second = adapt(ctx, then, target), adapt(ctx, other, target)
            if first is None or second is None:
                return None
            return replace(node, type=target, then=first, other=second)
        case Coalesce(items=items):
            adapted = [adapt(ctx, item, target) for item in items]
            if any(item is None for item in adapted):
                return None
            return replace(node, type=target, items=tuple(item for item in adapted if item is not None))
        case _:
            return None


def readable(target: Type) -> bool:
    """Whether a written text can stand for a value of this type."""
    return isinstance(target, ChoiceType) or target in (DATE, DATETIME, TIME)


def _read_text(ctx: Context, node: Const, target: Type) -> Const:
    """A faulty text is said once and then passes for empty, so that nothing else is said of it."""
    text = str(node.value)
    if isinstance(target, ChoiceType):
        if text not in target.options:
            hint, params = unknown_name_hint(text, target.options)
            ctx.say(node.at, "EXPR007", N_("'{option}' is not an option of {choice}"), hint,
                    option=text, choice=target.name, **params)  # fmt: skip
        return replace(node, type=target)
    try:
        value: object = _MOMENTS[target](text, ctx.env.zone)
    except ValueError:
        ctx.say(node.at, "EXPR006", N_("'{written}' is not a {type}"), _EXAMPLES[target],
                written=text, type=str(target))  # fmt: skip
        value = None
    return replace(node, type=target, value=value)


def _instant(text: str, zone: str) -> datetime:
    moment = datetime.fromisoformat(text)
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


_MOMENTS: Mapping[Type, Callable[[str, str], object]] = MappingProxyType(
    {
        DATE: lambda text, _: date.fromisoformat(text),
        DATETIME: _instant,
        TIME: lambda text, _: time.fromisoformat(text),
    }
)
_EXAMPLES: Mapping[Type, str] = MappingProxyType(
    {
        DATE: N_("write it like '2026-01-31'"),
        DATETIME: N_("write it like '2026-01-31 18:00'"),
        TIME: N_("write it like '18:00'"),
    }
)


def mismatch_hint(left: Node, right: Node) -> str:
    """What was probably meant when two values do not go together."""
    types = {left.type, right.type}
    if types == {DATE, DATETIME}:
        return N_("compare a date with `today`, a datetime with `now`")
    if types == {NUMBER, TEXT} and any(isinstance(node, Const) for node in (left, right)):
        return N_("write numbers without quotes")
    if types == {BOOLEAN, TEXT} or types == {BOOLEAN, NUMBER}:
        return N_("a yes/no value is written True or False")
    if EMPTY in types:
        return N_("write `x == None` to ask whether it is empty")
    return ""


def same_read(left: Node, right: Node) -> bool:
    """Whether both sides read the very same thing."""
    return (
        isinstance(left, Read)
        and isinstance(right, Read)
        and (left.parts, left.frame) == (right.parts, right.frame)
    )
