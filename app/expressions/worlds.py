"""Whether conditions can hold together: a small search that is sound in both directions.

Conditions are cut down to tables over variables: a name or a computed value, and the pieces of its values
that the conditions tell apart (`domains`). What cannot be looked into (a text that contains another, a
count, a person's role) is a variable of its own that may come out either way. `possible` therefore never
misses a case, and `example` never makes one up; both say nothing when the search grows too large.

Outcomes are sets, written as bits: true, false, empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any

from app.expressions.core import (
    ANSWERS,
    And,
    Choose,
    Compare,
    Const,
    IsEmpty,
    LookedUp,
    Node,
    Not,
    OneOf,
    Or,
    Read,
    is_fixed,
)
from app.expressions.domains import ANYTHING, SIGNS, At, Domains, Other, Value, compared, in_words, pieces
from app.expressions.python_reader import function
from app.expressions.types import BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, TIME, ChoiceType, Type

TRUE, FALSE, EMPTY = 1, 2, 4
_ANY = TRUE | FALSE | EMPTY
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RANKED = (NUMBER, DATE, DATETIME, TIME, DURATION)
_LARGEST_TABLE = 2_000
_MOST_STEPS = 4_000
_MOST_VARIABLES = 30
_BELOW, _SAME, _ABOVE = At(-1), At(0), At(1)

Key = tuple[Any, ...]


@dataclass(slots=True)
class Variable:
    """A name or computed value, and the pieces of its values. `asked_empty`: a condition asks whether it is
    empty; `free`: each of its values may come with any of the others."""

    name: str
    parts: tuple[str, ...]
    values: tuple[Value, ...] = ()
    free: bool = False
    required: bool = False
    asked_empty: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What one comparison comes out as, by the values of its variables."""

    variables: tuple[int, ...]
    outcomes: Mapping[tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions put together: `and`, `or`, `not`, `if` (test, then, other) or `unknown` (is it empty?)."""

    word: str
    items: tuple[Formula, ...]


Formula = Table | Joined | int
"""An int is an outcome that is known from the start."""


def possible(must: Sequence[Node], never: Sequence[Node] = (), domains: Domains | None = None) -> bool:
    """Whether there may be a case in which all of `must` are true and none of `never` is.

    False is certain; True may also mean that it could not be told.
    """
    search = _search(must, never, domains)
    return search is None or search.run(certain=False) is not None or search.gave_up


def example(must: Sequence[Node], never: Sequence[Node] = (), domains: Domains | None = None) -> str | None:
    """A case in which all of `must` are true and none of `never` is, written as a condition.

    None when there is none, or none that is certain: only names that `domains` calls free are looked at.
    """
    search = _search(must, never, domains)
    world = search.run(certain=True) if search is not None else None
    if search is None or world is None:
        return None
    named = (in_words(search.variables[at].name, search.value(at, chosen)) for at, chosen in world.items())
    return " and ".join(named) or "True"


def implies(when: Node, then: Node, domains: Domains | None = None) -> bool:
    """Whether `then` is certainly true in every case in which `when` is."""
    return not possible([when], [then], domains)


def _search(must: Sequence[Node], never: Sequence[Node], domains: Domains | None) -> _Search | None:
    builder = _Builder(domains or {})
    for node in (*must, *never):
        builder.look(node)
    if len(builder.variables) > _MOST_VARIABLES:
        return None
    builder.cut()
    return _Search(
        builder.variables,
        tuple(builder.formula(node) for node in must),
        tuple(builder.formula(node) for node in never),
    )


@dataclass(slots=True)
class _Search:
    """Gives one variable after another a value, and stops as soon as nothing can come right any more."""

    variables: list[Variable]
    must: tuple[Formula, ...]
    never: tuple[Formula, ...]
    steps: int = 0

    @property
    def gave_up(self) -> bool:
        return self.steps > _MOST_STEPS

    def value(self, at: int, chosen: int) -> Value:
        return self.variables[at].values[chosen]

    def run(self, *, certain: bool) -> dict[int, int] | None:
        """Variable -> piece for a case that is wanted; None when there is none (or `gave_up`)."""
        order = [at for at, one in enumerate(self.variables) if one.free or not certain]
        return self._next(order, {}, certain=certain)

    def _next(self, order: list[int], world: dict[int, int], *, certain: bool) -> dict[int, int] | None:
        self.steps += 1
        if self.gave_up:
            return None
        must = [_outcome(one, world) for one in self.must]
        never = [_outcome(one, world) for one in self.never]
        if not all(found & TRUE for found in must) or not all(found & ~TRUE for found in never):
            return None
        if all(found == TRUE for found in must) and not any(found & TRUE for found in never):
            return world
        if not order:
            return None if certain else world
        at, *rest = order
        for chosen in self._choices(at, world, certain=certain):
            found = self._next(rest, {**world, at: chosen}, certain=certain)
            if found is not None or self.gave_up:
                return found
        return None

    def _choices(self, at: int, world: Mapping[int, int], *, certain: bool) -> Iterator[int]:
        one = self.variables[at]
        for index, value in enumerate(one.values):
            unusual = value is None and (one.required or not one.asked_empty)
            if not (certain and (unusual or self._behind_nothing(one, value, world))):
                yield index

    def _behind_nothing(self, one: Variable, value: Value, world: Mapping[int, int]) -> bool:
        """Whether the value would stand behind a link that is empty in this case."""
        return value is not None and any(
            one.parts[: len(other.parts)] == other.parts != one.parts and self.value(at, chosen) is None
            for at, chosen in world.items()
            if (other := self.variables[at]).parts
        )


def _outcome(formula: Formula, world: Mapping[int, int]) -> int:
    """Everything that the formula can come out as while only the variables in `world` are settled."""
    if isinstance(formula, int):
        return formula
    if isinstance(formula, Table):
        chosen = tuple(world.get(at, -1) for at in formula.variables)
        return _ANY if -1 in chosen else formula.outcomes[chosen]
    found = [_outcome(item, world) for item in formula.items]
    match formula.word:
        case "not":
            return _negated(found[0])
        case "and":
            return _both(found)
        case "or":
            return _negated(_both([_negated(one) for one in found]))
        case "unknown":
            return (TRUE if found[0] & EMPTY else 0) | (FALSE if found[0] & ~EMPTY else 0)
        case _:
            test, then, other = found
            return (then if test & TRUE else 0) | (other if test & ~TRUE else 0)


def _negated(outcome: int) -> int:
    return (outcome & EMPTY) | (FALSE if outcome & TRUE else 0) | (TRUE if outcome & FALSE else 0)


def _both(outcomes: list[int]) -> int:
    result = TRUE if all(one & TRUE for one in outcomes) else 0
    if any(one & FALSE for one in outcomes):
        result |= FALSE
    if all(one & (TRUE | EMPTY) for one in outcomes) and any(one & EMPTY for one in outcomes):
        result |= EMPTY
    return result


@dataclass(slots=True)
class _Builder:
    """Nodes -> formulas: first it learns what each variable is compared with, then it writes the tables."""

    domains: Domains
    variables: list[Variable] = field(default_factory=list)
    _places: dict[Key, int] = field(default_factory=dict)
    _kinds: list[Type] = field(default_factory=list)
    _constants: list[list[object]] = field(default_factory=list)

    def look(self, node: Node) -> None:
        """Note the variables of a condition and what they are compared with."""
        self.formula(node, looking=True)

    def cut(self) -> None:
        """Cut the values of each variable into pieces."""
        for at, one in enumerate(self.variables):
            if not one.values:
                domain = self.domains.get(one.parts, ANYTHING)
                one.values = pieces(self._kinds[at], self._constants[at], domain)

    def formula(self, node: Node, *, looking: bool = False) -> Formula:
        """The formula of a condition; while `looking`, tables stay empty."""
        if is_fixed(node, ()):
            return _bit(function(node)({}))
        match node:
            case Not(item=item):
                return Joined("not", (self.formula(item, looking=looking),))
            case And(items=items):
                return Joined("and", tuple(self.formula(item, looking=looking) for item in items))
            case Or(items=items):
                return Joined("or", tuple(self.formula(item, looking=looking) for item in items))
            case Choose(test=test, then=then, other=other):
                parts = (self.formula(part, looking=looking) for part in (test, then, other))
                return Joined("if", tuple(parts))
            case Compare():
                return self._compare(node, looking)
            case OneOf(kind=kind, item=item, options=options):
                each = (Compare(node.at, BOOLEAN, "==", kind, item, option) for option in options)
                return Joined("or", tuple(self._compare(one, looking) for one in each))
            case IsEmpty(item=item):
                return self._is_empty(item, looking)
            case _:
                at = self._variable(node, BOOLEAN)
                return self._table(at, lambda value: None if value is None else value == At(True), looking)

    def _is_empty(self, item: Node, looking: bool) -> Formula:
        if is_fixed(item, ()):
            return TRUE if function(item)({}) is None else FALSE
        if item.type == BOOLEAN and not isinstance(item, Read):
            return Joined("unknown", (self.formula(item, looking=looking),))
        at = self._variable(item, item.type)
        self.variables[at].asked_empty = True
        return self._table(at, lambda value: value is None, looking)

    def _compare(self, node: Compare, looking: bool) -> Formula:
        left, sign, right = node.left, node.sign, node.right
        if is_fixed(left, ()):
            left, sign, right = right, _FLIPPED[sign], left
        if node.kind == BOOLEAN:
            return self._equal_flags(left, sign, right, looking)
        if is_fixed(right, ()):
            constant = function(right)({})
            if constant is None:
                return EMPTY
            told_apart = sign in ("==", "!=") if node.kind == TEXT else node.kind in _RANKED
            if told_apart or (isinstance(node.kind, ChoiceType) and constant in node.kind.options):
                at = self._variable(left, node.kind, constant)
                return self._table(at, lambda value: compared(value, sign, constant, node.kind), looking)
        if isinstance(node.kind, ChoiceType) and not is_fixed(right, ()):
            return self._two_choices(node.kind, left, sign, right, looking)
        return self._relation(left, sign, right, looking)

    def _equal_flags(self, left: Node, sign: str, right: Node, looking: bool) -> Formula:
        one, other = self.formula(left, looking=looking), self.formula(right, looking=looking)
        unlike = Joined("not", (one,)), Joined("not", (other,))
        same = Joined("or", (Joined("and", (one, other)), Joined("and", unlike)))
        return same if sign == "==" else Joined("not", (same,))

    def _two_choices(self, kind: ChoiceType, left: Node, sign: str, right: Node, looking: bool) -> Formula:
        if len(kind.options) ** 2 > _LARGEST_TABLE or _key(left) == _key(right):
            return self._relation(left, sign, right, looking)
        ends = (self._variable(left, kind), self._variable(right, kind))
        if looking:
            return _ANY
        table = {}
        for pair in product(*(range(len(self.variables[at].values)) for at in ends)):
            one, other = (self.variables[at].values[index] for at, index in zip(ends, pair, strict=True))
            told = compared(one, sign, other.value, kind) if isinstance(other, At) else None
            table[pair] = _bit(told)
        return Table(ends, table)

    def _relation(self, left: Node, sign: str, right: Node, looking: bool) -> Formula:
        """Two computed values: one is below, the same as or above the other, or one of them is empty."""
        one, other = _key(left), _key(right)
        if repr(one) > repr(other):
            one, other, sign = other, one, _FLIPPED[sign]
        at = self._place(("relation", one, other), BOOLEAN)
        self.variables[at].values = (_BELOW, _SAME, _ABOVE, None)
        return self._table(
            at, lambda value: SIGNS[sign](value.value, 0) if isinstance(value, At) else None, looking
        )

    def _table(self, at: int, test: Any, looking: bool) -> Formula:
        if looking:
            return _ANY
        values = self.variables[at].values
        return Table((at,), {(index,): _bit(test(value)) for index, value in enumerate(values)})

    def _variable(self, node: Node, kind: Type, constant: object = None) -> int:
        """The variable of a value that conditions ask about, its constant noted."""
        at = self._place((_key(node), kind), kind, node)
        if constant is not None:
            self._constants[at].append(constant)
        return at

    def _place(self, key: Key, kind: Type, node: Node | None = None) -> int:
        found = self._places.get(key)
        if found is not None:
            return found
        parts = node.parts if isinstance(node, Read) and node.frame == 0 else ()
        domain = self.domains.get(parts, ANYTHING)
        name = f"answer({parts[1]!r})" if parts[:1] == (ANSWERS,) else ".".join(parts)
        self.variables.append(
            Variable(name, parts, free=bool(parts) and domain.free, required=domain.required)
        )
        if not (isinstance(kind, ChoiceType) or kind in (BOOLEAN, TEXT, *_RANKED)):
            self.variables[-1].values = (Other(),) if domain.filled else (Other(), None)
        self._places[key] = len(self.variables) - 1
        self._kinds.append(kind)
        self._constants.append([])
        return self._places[key]


def _bit(outcome: object) -> int:
    return EMPTY if outcome is None else TRUE if outcome else FALSE


def _key(node: Node) -> Key:
    """What the node means, wherever it stands: equal keys mean the same value."""
    if isinstance(node, LookedUp):
        return ("looked up", node.lookup.record, node.lookup.key)
    if isinstance(node, Const):
        return ("fixed", node.type, type(node.value).__name__, node.value)
    parts: list[object] = [type(node).__name__]
    for slot in fields(node):
        if slot.name != "at":
            parts.append(_meaning(getattr(node, slot.name)))
    return tuple(parts)


def _meaning(value: object) -> object:
    if isinstance(value, Node):
        return _key(value)
    if isinstance(value, tuple):
        return tuple(_meaning(one) for one in value)
    return value
