"""The whole way from text to a checked expression."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.expressions.check import annotate
from app.expressions.core import (
    WORKING_DAYS,
    Apply,
    Custom,
    HasRole,
    LookedUp,
    Lookup,
    Node,
    PathParts,
    Read,
    RowsInHand,
    Size,
    children,
    is_fixed,
    paths_of,
    walk,
)
from app.expressions.parse import parse
from app.expressions.python_reader import function
from app.expressions.sql_weight import sql_weight
from app.expressions.tree import MAX_SQL_WEIGHT
from app.expressions.types import ANY, ChoicesType, Environment, Type
from app.source.diagnostics import N_, Diagnostic, Span, fault, warning


@dataclass(frozen=True, eq=False)
class Expression:
    """A sound expression.

    `paths` is every dotted path it reads, links and lines included, also what its look-ups read of the
    record outside; `lookups` is what must be loaded before it is evaluated, because evaluation never
    queries.
    """

    source: str
    span: Span
    tree: Node
    type: Type
    paths: frozenset[PathParts]
    lookups: tuple[Lookup, ...]

    @cached_property
    def python(self) -> Callable[[Mapping[str, object]], object]:
        """The expression as a function of a scope, written when it is first wanted."""
        return function(self.tree)


def compile_expression(
    text: str, span: Span, env: Environment, want: Type | None = None
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    """The expression in `text`, a YAML scalar at `span`, or None; and every fault and warning."""
    tree, faults = parse(text, span)
    if tree is None:
        return None, faults
    node, faults = annotate(tree, env, want)
    if node is None:
        return None, faults
    lookups = {part.lookup.key: part.lookup for part in walk(node) if isinstance(part, LookedUp)}
    return Expression(text, span, node, node.type, paths_of(node), tuple(lookups.values())), faults


def browser_ready(tree: Node) -> bool:
    """Whether the expression can be evaluated in a form, without the server."""
    return all(_browser_can(node) for node in walk(tree))


def browser_faults(expression: Expression) -> tuple[Diagnostic, ...]:
    """A warning (EXPR012) for each part that only the server can evaluate."""
    return tuple(
        warning(
            "EXPR012", node.at, N_("this is evaluated on the server only, not while the form is filled in")
        )
        for node in walk(expression.tree)
        if not _browser_can(node)
    )


def sql_ready(tree: Node, values: Container[str] = ()) -> bool:
    """Whether the database can evaluate the expression, as far as the tree tells: `not sql_faults`."""
    return not sql_faults(tree, values)


def sql_faults(tree: Node, values: Container[str] = (), roles: bool = False) -> tuple[Diagnostic, ...]:
    """A fault (EXPR012) for each part that the database cannot evaluate.

    `values` are the root names whose values are at hand (`now`, `today`, ...): a part that reads nothing else
    is evaluated beforehand, so it is always ready. With `roles` those of `me` are known beforehand too.
    """
    found = _not_in_sql(tree, values, roles)
    if not found and sql_weight(tree, values) > MAX_SQL_WEIGHT:
        hint = N_("keep a part of it in a formula field, and ask for that field here")
        return (fault("EXPR009", tree.at, N_("the expression is nested too deep for the database"), hint),)
    return found


def _not_in_sql(tree: Node, values: Container[str], roles: bool) -> tuple[Diagnostic, ...]:
    if is_fixed(tree, values) or (roles and isinstance(tree, HasRole)):
        return ()
    if not _sql_can(tree):
        text = N_("the database cannot evaluate this, and here it must choose the records")
        hint = N_("keep its value in a formula field, and ask for that field here")
        return (fault("EXPR012", tree.at, text, hint),)
    return tuple(found for child in children(tree) for found in _not_in_sql(child, values, roles))


def _browser_can(node: Node) -> bool:
    match node:
        case LookedUp() | Custom() | RowsInHand():
            return False
        case Apply(name=name):
            return name not in WORKING_DAYS
        case _:
            return True


def _sql_can(node: Node) -> bool:
    match node:
        case Custom() | HasRole():
            return False
        case Apply(name=name):
            return name not in WORKING_DAYS
        case Read(parts=parts):
            return not parts[0].startswith("$") and parts[0] != "old"
        case Size(group=group):
            return not isinstance(group.type, ChoicesType)
        case _:
            return node.type != ANY
