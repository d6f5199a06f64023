"""Calls of functions other than the aggregates: what each wants and what it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from app.expressions.aggregates import AGGREGATE_FORMS
from app.expressions.comparing import member
from app.expressions.context import Context
from app.expressions.core import (
    ANSWERS,
    SCORE,
    Apply,
    Coalesce,
    Const,
    Custom,
    HasRole,
    Node,
    Read,
    Size,
)
from app.expressions.functions import FUNCTIONS, MICROSECONDS
from app.expressions.matching import COLLECTIONS, adapt, is_none, unify
from app.expressions.tree import Called, Literal
from app.expressions.types import (
    BOOLEAN,
    DURATION,
    NUMBER,
    TEXT,
    Signature,
    Type,
)
from app.source.diagnostics import N_, unknown_name_hint

MAX_PLACES = 20
"""Places after the point to which round() goes, and which a quotient keeps."""


def called(ctx: Context, tree: Called) -> Node | None:
    """A call, checked against its signature."""
    signature = FUNCTIONS.get(tree.name) or ctx.env.functions.get(tree.name)
    if signature is None:
        _say_unknown(ctx, tree)
        return None
    if tree.name in AGGREGATE_FORMS:
        return AGGREGATE_FORMS[tree.name](ctx, tree)
    many = tree.name == "coalesce"
    if len(tree.items) < signature.required or (len(tree.items) > len(signature.parameters) and not many):
        ctx.say(tree.at, "EXPR005", N_("{name}() does not take {given} arguments"), N_("write {usage}"),
                name=tree.name, given=len(tree.items), usage=signature.usage)  # fmt: skip
        return None
    read = [ctx.typed(ctx, item) for item in tree.items]
    items = [item for item in read if item is not None]
    if len(items) != len(read) or not _fit(ctx, signature, items):
        return None
    build = _FORMS.get(tree.name)
    if build is not None:
        return build(ctx, tree, items)
    return Custom(tree.at, signature.result, signature, tuple(items))


def _say_unknown(ctx: Context, tree: Called) -> None:
    known = {*FUNCTIONS, *ctx.env.functions}
    if tree.name in ctx.env.names:
        hint, params = N_("'{name}' is a value: leave out the brackets"), dict[str, object]()
    else:
        hint, params = unknown_name_hint(tree.name, known)
    ctx.say(tree.at, "EXPR004", N_("the function '{name}' is not known"), hint, name=tree.name, **params)


def _fit(ctx: Context, signature: Signature, items: list[Node]) -> bool:
    """Brings the arguments to the declared types, in place; False when one is something else."""
    sound = True
    for index, wanted in enumerate(signature.parameters[: len(items)]):
        before = ctx.errors
        adapted = adapt(ctx, items[index], wanted) if not is_none(items[index]) else None
        if adapted is not None:
            items[index] = adapted
        elif is_none(items[index]):
            ctx.say(items[index].at, "EXPR005", N_("{name}() cannot take None"), N_("write {usage}"),
                    name=signature.name, usage=signature.usage)  # fmt: skip
        elif ctx.errors == before:
            ctx.say(items[index].at, "EXPR005", N_("{name}() wants a {wanted} here, not a {type}"),
                    N_("write {usage}"), name=signature.name, wanted=str(wanted),
                    type=str(items[index].type), usage=signature.usage)  # fmt: skip
        sound = sound and adapted is not None and ctx.errors == before
    return sound


def _refuse(ctx: Context, tree: Called, item: Node) -> None:
    ctx.say(item.at, "EXPR005", N_("{name}() cannot take a {type}"), N_("write {usage}"),
            name=tree.name, type=str(item.type), usage=FUNCTIONS[tree.name].usage)  # fmt: skip


def _elapsed(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    unit = Const(tree.at, NUMBER, MICROSECONDS[tree.name])
    return Apply(tree.at, DURATION, "elapsed", (items[0], unit))


def _calendar(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    count = items[0]
    if tree.name == "working_days" and not ctx.env.calendar:
        ctx.say(tree.at, "EXPR012", N_("'{name}' cannot be used here"),
                N_("name the calendar that counts them in portal.yaml: calendar: office"),
                name="working_days()")  # fmt: skip
        return None
    if isinstance(count, Const) and isinstance(count.value, Decimal):
        ctx.say(count.at, "EXPR005", N_("{name}() counts in whole numbers"), name=tree.name)
        return None
    return Apply(tree.at, FUNCTIONS[tree.name].result, "whole", (count,))


def _of_moment(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    zone = Const(tree.at, TEXT, ctx.env.zone)
    return Apply(tree.at, FUNCTIONS[tree.name].result, f"instant_{tree.name}", (items[0], zone))


def _round(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    places = items[1] if len(items) > 1 else Const(tree.at, NUMBER, 0)
    if not (isinstance(places, Const) and isinstance(places.value, int) and abs(places.value) <= MAX_PLACES):
        ctx.say(places.at, "EXPR005", N_("round() wants its places as a whole number up to {most}"),
                most=MAX_PLACES)  # fmt: skip
        return None
    return Apply(tree.at, NUMBER, "round", (items[0], places))


def _abs(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    if items[0].type not in (NUMBER, DURATION):
        _refuse(ctx, tree, items[0])
        return None
    name = "abs" if items[0].type == NUMBER else "span_abs"
    return Apply(tree.at, items[0].type, name, (items[0],))


def _length(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    if isinstance(items[0].type, COLLECTIONS):
        return Size(tree.at, NUMBER, items[0])
    if items[0].type != TEXT:
        _refuse(ctx, tree, items[0])
        return None
    return Apply(tree.at, NUMBER, "length", (items[0],))


def _contains(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    group, part = items
    if isinstance(group.type, COLLECTIONS):
        return member(ctx, tree.at, part, group)
    for item in items:
        if item.type != TEXT:
            _refuse(ctx, tree, item)
            return None
    return Apply(tree.at, BOOLEAN, "contains", (group, part))


def _starts_with(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    return Apply(tree.at, BOOLEAN, "starts_with", tuple(items))


def _coalesce(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    kept = [items[0]]
    for item in items[1:]:
        before = ctx.errors
        pair = unify(ctx, kept[-1], item)
        if pair is None or isinstance(item.type, COLLECTIONS):
            if ctx.errors == before:
                ctx.say(item.at, "EXPR005", N_("coalesce() cannot mix a {left} and a {right}"), "",
                        left=str(kept[-1].type), right=str(item.type))  # fmt: skip
            return None
        kept[-1] = pair[0]
        kept.append(pair[1])
    kind = kept[-1].type
    adapted = [adapt(ctx, item, kind) for item in kept]
    return Coalesce(tree.at, kind, tuple(item for item in adapted if item is not None))


def _has_role(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    role = items[0]
    if not (isinstance(role, Const) and isinstance(role.value, str)):
        ctx.say(role.at, "EXPR005", N_("has_role() wants the role's name in quotes"))
        return None
    if "me" not in ctx.env.names:
        ctx.say(tree.at, "EXPR012", N_("'{name}' cannot be used here"),
                N_("`me` is the person who is logged in; nobody is here"), name="has_role()")  # fmt: skip
        return None
    if not ctx.env.my_roles:
        ctx.say(tree.at, "EXPR012", N_("'{name}' cannot be used here"),
                N_("what a case comes to cannot hang on the roles of whoever enters it"),
                name="has_role()")  # fmt: skip
        return None
    if ctx.env.roles is not None and role.value not in ctx.env.roles:
        hint, params = unknown_name_hint(role.value, ctx.env.roles)
        ctx.say(role.at, "EXPR007", N_("'{role}' is not a role"), hint, role=role.value, **params)
        return None
    return HasRole(tree.at, BOOLEAN, role.value)


def _answer(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    written = tree.items[0]
    answers = _checklist(ctx, tree)
    if answers is None:
        return None
    if not (isinstance(written, Literal) and isinstance(written.value, str)):
        ctx.say(written.at, "EXPR005", N_("answer() wants the item's id in quotes"))
        return None
    if written.value not in answers:
        hint, params = unknown_name_hint(written.value, answers)
        ctx.say(written.at, "EXPR003", N_("the checklist has no item '{item}'"), hint,
                item=written.value, **params)  # fmt: skip
        return None
    return Read(tree.at, answers[written.value], (ANSWERS, written.value))


def _score(ctx: Context, tree: Called, items: list[Node]) -> Node | None:
    return Read(tree.at, NUMBER, (SCORE,)) if _checklist(ctx, tree) is not None else None


def _checklist(ctx: Context, tree: Called) -> Mapping[str, Type] | None:
    if ctx.env.answers is None:
        ctx.say(tree.at, "EXPR012", N_("'{name}' cannot be used here"),
                N_("answers and score belong to a checklist; there is none here"),
                name=f"{tree.name}()")  # fmt: skip
    return ctx.env.answers


_FORMS: Mapping[str, Callable[[Context, Called, list[Node]], Node | None]] = MappingProxyType(
    {
        "days": _elapsed,
        "hours": _elapsed,
        "minutes": _elapsed,
        "months": _calendar,
        "working_days": _calendar,
        "date": _of_moment,
        "hour": _of_moment,
        "round": _round,
        "abs": _abs,
        "length": _length,
        "contains": _contains,
        "starts_with": _starts_with,
        "coalesce": _coalesce,
        "has_role": _has_role,
        "answer": _answer,
        "score": _score,
    }
)
