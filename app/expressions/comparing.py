"""Comparisons: which types compare, by what order, and what `in` means beside each of them."""

from __future__ import annotations

from app.expressions.context import Context
from app.expressions.core import Compare, Const, During, IsEmpty, Member, Node, Not, OneOf
from app.expressions.matching import COLLECTIONS, adapt, is_none, mismatch_hint, same_read, unify
from app.expressions.tree import Comparison, Listed
from app.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NUMBER,
    PERIOD,
    TEXT,
    TIME,
    WORKING_DAYS,
    ChoicesType,
    ChoiceType,
    LinesType,
    LinksType,
    LinkType,
    Type,
)
from app.source.diagnostics import N_, Span

_IN_ORDER = (NUMBER, DATE, DATETIME, TIME, DURATION, TEXT, ANY)


def comparison(ctx: Context, tree: Comparison) -> Node | None:
    """`left sign right`, checked; `in` and `not in` have a meaning for each kind of right-hand side."""
    left = ctx.typed(ctx, tree.left)
    if tree.sign in ("in", "not in"):
        inside = _inside(ctx, tree, left)
        return Not(tree.at, BOOLEAN, inside) if inside is not None and tree.sign == "not in" else inside
    right = ctx.typed(ctx, tree.right)
    if left is None or right is None:
        return None
    return compared(ctx, tree.at, tree.sign, left, right)


def compared(ctx: Context, at: Span, sign: str, left: Node, right: Node) -> Node | None:
    """A comparison of two checked values."""
    if is_none(left) or is_none(right):
        return _with_none(ctx, at, sign, left, right)
    if PERIOD in (left.type, right.type) and (found := _beside_period(at, sign, left, right)) is not None:
        return found
    if isinstance(left.type, COLLECTIONS) or isinstance(right.type, COLLECTIONS):
        ctx.say(at, "EXPR006", N_("several values at once cannot be compared"),
                N_("use 'in', any() or all()"))  # fmt: skip
        return None
    before = ctx.errors
    pair = unify(ctx, left, right)
    if ctx.errors > before:
        return None
    if pair is None:
        _say_mismatch(ctx, at, left, right)
        return None
    kind = pair[0].type if pair[0].type != ANY else pair[1].type
    if not _orderable(ctx, at, sign, kind):
        return None
    if same_read(left, right):
        ctx.remark(at, "EXPR006", N_("a value is compared with itself"),
                   N_("inside count() and any() the outer field is written 'this.field'"))  # fmt: skip
    return Compare(at, BOOLEAN, sign, kind, *pair)


_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _beside_period(at: Span, sign: str, left: Node, right: Node) -> Node | None:
    """`day < month`: before the month begins; `day > month`: after it has ended."""
    if left.type == PERIOD:
        left, right, sign = right, left, _TURNED.get(sign, sign)
    if sign not in _TURNED or right.type != PERIOD or left.type not in (DATE, DATETIME):
        return None
    return During(at, BOOLEAN, left, right, sign)


def _with_none(ctx: Context, at: Span, sign: str, left: Node, right: Node) -> Node | None:
    if sign not in ("==", "!="):
        ctx.say(at, "EXPR006", N_("None has no order"), N_("write `x == None` to ask whether it is empty"))
        return None
    asked = IsEmpty(at, BOOLEAN, left if is_none(right) else right)
    return asked if sign == "==" else Not(at, BOOLEAN, asked)


def _orderable(ctx: Context, at: Span, sign: str, kind: Type) -> bool:
    if kind in (MONTHS, WORKING_DAYS, PERIOD):
        ctx.say(at, "EXPR006", N_("values of type {type} cannot be compared"),
                N_("add it to a date and compare the dates: received_on + months(1) < today"),
                type=str(kind))  # fmt: skip
        return False
    if sign in ("==", "!="):
        return True
    if isinstance(kind, ChoiceType):
        if not kind.ordered:
            ctx.say(at, "EXPR008", N_("the options of {choice} have no order"),
                    N_("declare `ordered: true` on the choice, or use == and 'in'"),
                    choice=kind.name)  # fmt: skip
        return kind.ordered
    if kind in _IN_ORDER:
        return True
    ctx.say(at, "EXPR006", N_("values of type {type} have no order"), N_("use == or !="), type=str(kind))
    return False


def _say_mismatch(ctx: Context, at: Span, left: Node, right: Node) -> None:
    hint = mismatch_hint(left, right)
    if any(isinstance(node.type, LinkType) for node in (left, right)):
        hint = N_("compare a field of the linked record, like unit.kind")
    if any(node.type in (MONTHS, WORKING_DAYS) for node in (left, right)):
        hint = N_("add it to a date and compare the dates: received_on + months(1) < today")
    ctx.say(at, "EXPR006", N_("a {left} cannot be compared with a {right}"), hint,
            left=str(left.type), right=str(right.type))  # fmt: skip


def _inside(ctx: Context, tree: Comparison, left: Node | None) -> Node | None:
    if isinstance(tree.right, Listed):
        return _one_of(ctx, tree.at, left, tree.right)
    right = ctx.typed(ctx, tree.right)
    if left is None or right is None:
        return None
    return member(ctx, tree.at, left, right)


def _one_of(ctx: Context, at: Span, left: Node | None, listed: Listed) -> Node | None:
    options = [ctx.typed(ctx, item) for item in listed.items]
    if not options:
        ctx.say(listed.at, "EXPR006", N_("the list is empty, so nothing is ever in it"))
        return None
    if left is None or any(option is None for option in options):
        return None
    kept: list[Node] = []
    for option in options:
        if option is None or is_none(option) or is_none(left):
            ctx.say(at, "EXPR006", N_("None is never in a list"), N_("write `x == None or x in [...]`"))
            return None
        compare = compared(ctx, option.at, "==", left, option)
        if not isinstance(compare, Compare):
            continue
        left = compare.left
        kept.append(compare.right)
    if len(kept) != len(options):
        return None
    kind = left.type if left.type != ANY else kept[0].type
    return OneOf(at, BOOLEAN, kind, left, tuple(kept))


def member(ctx: Context, at: Span, left: Node, right: Node) -> Node | None:
    """`left in right` for a right-hand side that is a value: a period, several links or options."""
    if right.type == PERIOD and left.type in (DATE, DATETIME):
        return During(at, BOOLEAN, left, right)
    match right.type:
        case ChoicesType(choice=choice):
            adapted: Node | None = adapt(ctx, left, choice)
        case LinksType(record=record):
            adapted = adapt(ctx, left, LinkType(record))
        case _:
            _say_not_a_group(ctx, at, right)
            return None
    if adapted is None or (isinstance(adapted, Const) and adapted.value is None):
        ctx.say(at, "EXPR006", N_("a {left} cannot be in a {right}"), "",
                left=str(left.type), right=str(right.type))  # fmt: skip
        return None
    return Member(at, BOOLEAN, adapted, right)


def _say_not_a_group(ctx: Context, at: Span, right: Node) -> None:
    hint = N_("use ==")
    if right.type == TEXT:
        hint = N_("write contains(text, part)")
    elif right.type == PERIOD:
        hint = N_("only a date or a datetime can be in a period")
    elif isinstance(right.type, LinesType):
        hint = N_("write any(lines, field == value)")
    ctx.say(at, "EXPR006", N_("nothing can be 'in' a {right}"), hint, right=str(right.type))
