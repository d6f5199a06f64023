"""The type-checker: syntax tree -> checked tree, with every fault at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.expressions.arithmetic import arithmetic, minus
from app.expressions.calls import called
from app.expressions.comparing import comparison
from app.expressions.context import Context, resolve
from app.expressions.core import And, Choose, Const, LookedUp, Node, Not, Or, cost_of, walk
from app.expressions.matching import adapt, truth, unify
from app.expressions.sql_weight import sql_weight
from app.expressions.tree import (
    MAX_COST,
    MAX_LOOKUPS,
    MAX_SQL_WEIGHT,
    Arithmetic,
    Called,
    Comparison,
    Conditional,
    Listed,
    Literal,
    Logic,
    Minus,
    Negation,
    Path,
    Tree,
)
from app.expressions.types import ANY, BOOLEAN, EMPTY, NUMBER, TEXT, Environment, Type
from app.source.diagnostics import N_, Diagnostic


def check(tree: Tree, env: Environment, want: Type | None = None) -> tuple[Type, tuple[Diagnostic, ...]]:
    """The type of an expression and everything that is wrong with it; ANY when it has no sound type."""
    node, faults = annotate(tree, env, want)
    return (node.type if node is not None else ANY), faults


def annotate(
    tree: Tree, env: Environment, want: Type | None = None
) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The checked tree, or None when there is an error, and all faults in order of place.

    With `want` BOOLEAN a bare field stands for "is not empty"; with a choice or a date a written text
    is read as one.
    """
    ctx = Context(env, [], _typed)
    node = _typed(ctx, tree)
    if node is not None and want is not None:
        node = _wanted(ctx, node, want)
    if node is not None:
        _within_limits(ctx, tree, node)
    if any(found.severity == "error" for found in ctx.faults):
        node = None
    return node, tuple(sorted(ctx.faults, key=lambda found: (found.span.line, found.span.column)))


def _within_limits(ctx: Context, tree: Tree, node: Node) -> None:
    """EXPR009: no expression takes more than a set cost, however long the lines of a record are."""
    lookups = {part.lookup.key for part in walk(node) if isinstance(part, LookedUp)}
    if len(lookups) > MAX_LOOKUPS:
        ctx.say(tree.at, "EXPR009", N_("the expression counts other records more than {most} times"),
                N_("split it, for instance into a formula field"), most=MAX_LOOKUPS)  # fmt: skip
    elif any(isinstance(part, LookedUp) and sql_weight(part) > MAX_SQL_WEIGHT for part in walk(node)):
        ctx.say(tree.at, "EXPR009", N_("the expression is nested too deep for the database"),
                N_("keep a part of it in a formula field, and ask for that field here"))  # fmt: skip
    elif cost_of(node, ctx.env.times) > MAX_COST:
        ctx.say(tree.at, "EXPR009", N_("the expression asks too much of each row within rows"),
                N_("keep a part of it in a formula field of the lines"))  # fmt: skip


def _wanted(ctx: Context, node: Node, want: Type) -> Node | None:
    before = ctx.errors
    result = truth(ctx, node) if want == BOOLEAN else adapt(ctx, node, want)
    if result is not None and ctx.errors == before:
        return result
    if want == BOOLEAN:
        ctx.faults.pop()  # said better below: it is the whole expression that is no condition
    if ctx.errors == before:
        hint = N_("compare it with something") if want == BOOLEAN else ""
        ctx.say(node.at, "EXPR011", N_("a {want} is wanted here, this is a {type}"), hint,
                want=str(want), type=str(node.type))  # fmt: skip
    return None


def _typed(ctx: Context, tree: Tree) -> Node | None:
    return _CHECKS[type(tree)](ctx, tree)


def _literal(ctx: Context, tree: Literal) -> Node:
    value = tree.value
    match value:
        case None | "":
            return Const(tree.at, EMPTY, None)
        case bool():
            return Const(tree.at, BOOLEAN, value)
        case str():
            return Const(tree.at, TEXT, value)
        case _:
            return Const(tree.at, NUMBER, value)


def _path(ctx: Context, tree: Path) -> Node | None:
    return resolve(ctx, tree)


def _listed(ctx: Context, tree: Listed) -> Node | None:
    ctx.say(tree.at, "EXPR006", N_("a list can only stand after 'in'"))
    return None


def _negation(ctx: Context, tree: Negation) -> Node | None:
    item = ctx.typed(ctx, tree.item)
    condition = truth(ctx, item) if item is not None else None
    return Not(tree.at, BOOLEAN, condition) if condition is not None else None


def _logic(ctx: Context, tree: Logic) -> Node | None:
    conditions: list[Node] = []
    for part in tree.items:
        item = ctx.typed(ctx, part)
        condition = truth(ctx, item) if item is not None else None
        if condition is not None:
            conditions.append(condition)
    if len(conditions) != len(tree.items):
        return None
    return (And if tree.word == "and" else Or)(tree.at, BOOLEAN, tuple(conditions))


def _conditional(ctx: Context, tree: Conditional) -> Node | None:
    asked, then, other = (ctx.typed(ctx, part) for part in (tree.test, tree.then, tree.other))
    test = truth(ctx, asked) if asked is not None else None
    if test is None or then is None or other is None:
        return None
    before = ctx.errors
    pair = unify(ctx, then, other)
    if pair is None:
        if ctx.errors == before:
            ctx.say(tree.at, "EXPR006", N_("the two results are of different types: {left} and {right}"),
                    left=str(then.type), right=str(other.type))  # fmt: skip
        return None
    kind = pair[0].type if pair[0].type != ANY else pair[1].type
    return Choose(tree.at, kind, test, *pair)


# The table is what ties each kind of syntax to its check, so the argument types differ.
_CHECKS: Mapping[type[Tree], Callable[..., Node | None]] = MappingProxyType(
    {
        Literal: _literal,
        Path: _path,
        Listed: _listed,
        Negation: _negation,
        Minus: minus,
        Logic: _logic,
        Comparison: comparison,
        Arithmetic: arithmetic,
        Conditional: _conditional,
        Called: called,
    }
)
