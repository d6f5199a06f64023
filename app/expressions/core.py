"""The checked tree: every name resolved, every operation typed. All three readers read this one.

The nodes say what is meant, not how it was written: `x == None` is `IsEmpty`, a bare field used as
a condition is `Not(IsEmpty)`, `days(3)` is a number of microseconds. Three-valued logic throughout:
an empty operand makes the result empty, except where a node says otherwise.

A `frame` says whose names a `Read` reads: 0 the expression's own names, 1 the row of the innermost
`any`, `all` or count around it (or the next one out), and so on inwards.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, fields

from app.expressions.tree import LOOKUP_COST, MAX_ROWS
from app.expressions.types import Signature, Type
from app.source.diagnostics import PortalError, Span

ANSWERS, SCORE, ROWS, FACTS, WORKING = "$answers", "$score", "$rows", "$facts", "$working_days"
"""Names of a scope that no field can have: a checklist's answers and score, the rows in hand of a
measure, what was looked up before (by `Lookup.key`), and the calendar's counting function."""

WORKING_DAYS = frozenset({"date_working", "instant_working"})
"""Operations that only a calendar can do."""

PathParts = tuple[str, ...]


class NotReadable(PortalError):
    """A reader cannot express a part that only another one can: ask `sql_ready`, `browser_ready` before."""


@dataclass(frozen=True, slots=True)
class Node:
    """A checked part of an expression: where it stands and what type it has."""

    at: Span
    type: Type


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A fixed value: None, bool, int, Decimal, str, date, datetime or time."""

    value: object


@dataclass(frozen=True, slots=True)
class Read(Node):
    """A dotted path; an empty link on the way makes it empty."""

    parts: PathParts
    frame: int = 0


@dataclass(frozen=True, slots=True)
class RowsInHand(Node):
    """The rows over which a measure (`sum(amount_due)`) runs."""


@dataclass(frozen=True, slots=True)
class IsEmpty(Node):
    """True or false, never empty."""

    item: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`kind` is the common type of both sides; ordered choices compare by position."""

    sign: str
    kind: Type
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`item in [a, b]`: `item == a or item == b`."""

    kind: Type
    item: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`item in` several links or choices; an empty set holds nothing, else an empty item is empty."""

    item: Node
    group: Node


@dataclass(frozen=True, slots=True)
class During(Node):
    """A date or moment in a period (`in`), before it (`<`), after it (`>`), not after it (`<=`), not before
    it (`>=`)."""

    item: Node
    period: Node
    sign: str = "in"


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """`then if test else other`; an empty test takes `other`."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Coalesce(Node):
    """The first item that is not empty."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A strict operation: `name` is a key of every reader's table; an empty item makes it empty."""

    name: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Size(Node):
    """How many options, links or lines; nothing is 0."""

    group: Node


@dataclass(frozen=True, slots=True)
class HasRole(Node):
    """True when `me` has the role; empty when nobody is logged in."""

    role: str


@dataclass(frozen=True, slots=True)
class Custom(Node):
    """A call of a registry function; strict like `Apply`."""

    signature: Signature
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quantify(Node):
    """`any` or `all` over the rows of `group`; `where` reads them in frame `frame`."""

    word: str
    group: Node
    frame: int
    where: Node


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """count, sum, min, max, avg, median or share over the rows of `group` for which `where` is true.

    `value` is what is added up or compared, for share the condition. Empty values are left out; count
    and sum of nothing are 0, the others of nothing are empty. A share is a percentage (0 to 100).
    """

    function: str
    group: Node
    frame: int
    value: Node | None
    where: Node | None


@dataclass(frozen=True, slots=True)
class Lookup:
    """An aggregate over a whole record type: the caller loads it before evaluation, under `key`.

    `value` and `where` read the counted record in frame 1 (paths in `inner`) and the expression's own
    names in frame 0 (paths in `outer`). `field` is the path of a value that is a plain field.
    """

    record: str
    function: str
    value: Node | None
    where: Node | None
    type: Type
    key: str
    outer: frozenset[PathParts]
    inner: frozenset[PathParts]

    @property
    def field(self) -> PathParts | None:
        return self.value.parts if isinstance(self.value, Read) and self.value.frame == 1 else None


@dataclass(frozen=True, slots=True)
class LookedUp(Node):
    """The value of a `Lookup`, found among the facts."""

    lookup: Lookup


def children(node: Node) -> Iterator[Node]:
    """The direct parts of a node; those of a `Lookup` belong to the look-up, not to the node."""
    for slot in fields(node):
        value = getattr(node, slot.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """The node and all within it."""
    yield node
    for child in children(node):
        yield from walk(child)


def cost_of(node: Node, times: int = 1) -> int:
    """How many parts are evaluated, at most, where the whole is evaluated `times` times."""
    within = times * MAX_ROWS
    total = times * (LOOKUP_COST if isinstance(node, LookedUp) else 1)
    for child in children(node):
        inside = isinstance(node, Quantify | Aggregate) and child is not node.group
        total += cost_of(child, within if inside else times)
    return total


def paths_of(node: Node, prefixes: tuple[PathParts | None, ...] = ((),)) -> frozenset[PathParts]:
    """Every path that is read, one prefix for each frame outside `node`.

    A path inside `any(lines, who == me)` is given from the outside: ('lines', 'who'). A prefix of None
    marks a frame whose paths are not wanted.
    """
    found: set[PathParts] = set()
    _collect(node, prefixes, found)
    return frozenset(found)


def _collect(node: Node, prefixes: tuple[PathParts | None, ...], found: set[PathParts]) -> None:
    match node:
        case Read(parts=parts, frame=frame):
            prefix = prefixes[frame]
            if prefix is not None:
                found.add(prefix + parts)
        case HasRole():
            if prefixes[0] is not None:
                found.add(("me", "roles"))
        case RowsInHand():
            found.add((ROWS,))
        case LookedUp(lookup=lookup):
            found.update(lookup.outer)
        case Quantify(group=group) | Aggregate(group=group):
            _collect(group, prefixes, found)
            inner = (*prefixes, _prefix(group, prefixes))
            for child in children(node):
                if child is not group:
                    _collect(child, inner, found)
        case _:
            for child in children(node):
                _collect(child, prefixes, found)


def _prefix(group: Node, prefixes: tuple[PathParts | None, ...]) -> PathParts | None:
    if not isinstance(group, Read):
        return (ROWS,)
    outer = prefixes[group.frame]
    return None if outer is None else outer + group.parts


def is_fixed(node: Node, values: Container[str]) -> bool:
    """Whether the node reads nothing but root names in `values`: it is the same for every record."""
    return all(_reads_only(part, values) for part in walk(node))


def counts_working_days(node: Node) -> bool:
    """Whether the node needs a calendar: the scope must then hold what counts, under `WORKING`."""
    return any(isinstance(part, Apply) and part.name in WORKING_DAYS for part in walk(node))


def _reads_only(node: Node, values: Container[str]) -> bool:
    match node:
        case Read(parts=parts, frame=frame):
            return frame == 0 and parts[0] in values
        case HasRole():
            return "me" in values
        case LookedUp():
            return FACTS in values
        case RowsInHand():
            return False
        case Apply(name=name) if name in WORKING_DAYS:
            return WORKING in values
        case _:
            return True
