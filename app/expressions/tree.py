"""The syntax tree: what was written, with its places, before anything is known of its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.source.diagnostics import Span

MAX_LENGTH = 2_000
"""Characters in one expression."""
MAX_DEPTH = 40
"""Levels of nesting."""
MAX_NODES = 400
"""Names, literals, operators and calls in one expression."""
MAX_DIGITS = 40
"""Digits of a number that is written."""
MAX_LOOKUPS = 20
"""Counts and sums over whole record types in one expression."""
MAX_ROWS = 1_000
"""Lines or linked records that one field holds, hence the rows over which an expression runs."""
MAX_COST = 5_000_000
"""What one expression may take: each part once for every row that it is asked of."""
LOOKUP_COST = 500
"""What one question to the database counts for."""
MAX_SQL_WEIGHT = 62
"""How much of the parser's stack an expression may take in the database: SQLite has 100 places, of which the
statement around it takes some."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of an expression; `at` is its place in the YAML file."""

    at: Span


@dataclass(frozen=True, slots=True)
class Literal(Tree):
    """None, True, False, a number or a text."""

    value: bool | int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Path(Tree):
    """A name or dotted path; `places` are the places of its parts."""

    parts: tuple[str, ...]
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Listed(Tree):
    """`[a, b, c]`, the right-hand side of `in`."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation(Tree):
    """`not x`."""

    item: Tree


@dataclass(frozen=True, slots=True)
class Minus(Tree):
    """`-x`."""

    item: Tree


@dataclass(frozen=True, slots=True)
class Logic(Tree):
    """`a and b and c` or `a or b or c`; `word` is the operator."""

    word: str
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Tree):
    """One comparison; `sign` is one of == != < <= > >= in `not in`."""

    sign: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Arithmetic(Tree):
    """`sign` is one of + - * /."""

    sign: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Conditional(Tree):
    """`then if test else other`."""

    test: Tree
    then: Tree
    other: Tree


@dataclass(frozen=True, slots=True)
class Called(Tree):
    """A call of a listed function; `text` is the call as it was written, blanks evened out."""

    name: str
    items: tuple[Tree, ...]
    text: str


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """The direct parts of a syntax tree, in the order they are written."""
    match tree:
        case Listed(items=items) | Logic(items=items) | Called(items=items):
            return items
        case Negation(item=item) | Minus(item=item):
            return (item,)
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Conditional(test=test, then=then, other=other):
            return (then, test, other)
        case _:
            return ()


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and everything in it."""
    yield tree
    for part in parts_of(tree):
        yield from walk(part)
