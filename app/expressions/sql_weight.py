"""How deep an expression is in SQL, before it is written: SQLite's parser has a stack of 100 places."""

from __future__ import annotations

from collections.abc import Container

from app.expressions.core import (
    Aggregate,
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    LookedUp,
    Member,
    Node,
    Not,
    OneOf,
    Or,
    Quantify,
    Size,
    children,
    is_fixed,
)

_LEAF, _FIRST, _NEXT, _LOGIC, _ROWS = 5, 4, 6, 3, 20


def sql_weight(node: Node, values: Container[str] = ()) -> int:
    """The places of the parser's stack that the node takes; what reads only `values` is a parameter."""
    if is_fixed(node, values):
        return 1
    parts = [sql_weight(child, values) for child in children(node)]
    match node:
        case LookedUp(lookup=lookup):
            read = (one for one in (lookup.value, lookup.where) if one is not None)
            return _ROWS + max((sql_weight(one, values) for one in read), default=0)
        case Quantify() | Aggregate() | Member() | Size():
            return _ROWS + max(parts)
        case Choose():
            return _choice(node, values)
        case And() | Or() | Not():
            return _LOGIC + max(parts)
        case Apply() | Coalesce() | Compare() | OneOf():
            return max(_FIRST + parts[0], *(_NEXT + one for one in parts[1:]), 0)
        case _:
            return _LEAF + max(parts, default=0)


def _choice(node: Node, values: Container[str]) -> int:
    """A chain of choices is one CASE, however long it is."""
    heaviest, rest = 0, node
    while isinstance(rest, Choose) and not is_fixed(rest, values):
        heaviest = max(
            heaviest, _LOGIC + sql_weight(rest.test, values), _NEXT + sql_weight(rest.then, values)
        )
        rest = rest.other
    return max(heaviest, _NEXT + sql_weight(rest, values))
