"""What a report template may cost: rounds, text and time, counted while it runs.

A template is somebody's configuration; what it asks for must not hold up the portal or eat its memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import markup_join
from jinja2.visitor import NodeTransformer

MAX_TEXT = 20_000_000
"""Characters that one text of a template may have, and so the whole report."""

MAX_SEQUENCE = 100_000
"""Items of a list, or characters of a text, that an operator may make."""

_MAX_ROUNDS = 2_000_000
_MAX_WRITTEN = 20 * MAX_TEXT
_MAX_SECONDS = 60.0
_MAX_PARTS = 10_000
_MAX_BITS = 4_096
_LETTERS_OF_A_ROUND = 1_000
_ROUNDS_BETWEEN_LOOKS = 1_000
_CALL = "10"
"""Rounds that the call of a macro costs."""


@dataclass(slots=True)
class Effort:
    """The cost of one report so far. Each method raises SecurityError when it is too much."""

    rounds: int = 0
    written: int = 0
    looked: int = 0
    until: float = field(default_factory=lambda: time.monotonic() + _MAX_SECONDS)

    def tick(self, count: int = 1) -> bool:
        """Another round of a loop, or something that costs as much as `count` of them. Always True."""
        self.rounds += count
        if self.rounds > _MAX_ROUNDS:
            raise SecurityError("too many rounds of loops")
        if self.rounds - self.looked > _ROUNDS_BETWEEN_LOOKS:
            self.looked = self.rounds
            if time.monotonic() > self.until:
                raise SecurityError("the template takes too long")
        return True

    def wrote(self, length: int) -> None:
        """A text of `length` characters was put together."""
        self.written += length
        if length > MAX_TEXT or self.written > _MAX_WRITTEN:
            raise SecurityError("text too long")

    def text(self, parts: Iterable[str]) -> str:
        """The parts as one text: what a macro or a block has written."""
        held = list(parts)
        self.wrote(sum(map(len, held)))
        return "".join(held)

    def beside(self, *values: object) -> str:
        """What `~` makes of its values."""
        texts = [one if isinstance(one, str) else str(one) for one in values]
        self.wrote(sum(map(len, texts)))
        return markup_join(values)

    def looked_at(self, value: Any) -> Any:
        """A filter's subject: what has a length costs it at once, what has none while it is gone through."""
        if isinstance(value, str):
            self.tick(1 + len(value) // _LETTERS_OF_A_ROUND)
        elif isinstance(value, Sized):
            self.tick(1 + len(value))
        elif isinstance(value, Iterator):
            return self._counted(value)
        return value

    def _counted(self, items: Iterator[Any]) -> Iterator[Any]:
        for one in items:
            self.tick()
            yield one


def added(left: object, right: object) -> None:
    """Refuse a sum of texts or lists that gets too long."""
    for kind, most in ((str, MAX_TEXT), (list, MAX_SEQUENCE), (tuple, MAX_SEQUENCE)):
        if isinstance(left, kind) and isinstance(right, kind) and len(left) + len(right) > most:
            raise SecurityError("sequence too long")


def multiplied(left: object, right: object) -> None:
    """Refuse a product that gets too long, or a number of too many digits."""
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > _MAX_BITS:
            raise SecurityError("number too large")
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, (str, bytes, list, tuple)) and isinstance(times, int):
            if len(sequence) * times > MAX_SEQUENCE:
                raise SecurityError("sequence too long")


class Metering(NodeTransformer):
    """Puts the counting of rounds and texts into a template's tree; `environment.effort` does it."""

    def visit_For(self, node: nodes.For) -> Any:
        if node.test is not None:
            node.test = nodes.And(_tick(node), node.test, lineno=node.lineno)
        return self._with_tick(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:
        self.generic_visit(node)
        method = nodes.EnvironmentAttribute("effort.beside", lineno=node.lineno)
        return nodes.Call(method, node.nodes, [], None, None, lineno=node.lineno)

    def _with_tick(self, node: Any) -> Any:
        self.generic_visit(node)
        cost = "" if isinstance(node, nodes.For) else _CALL
        node.body.insert(0, nodes.ExprStmt(_tick(node, cost), lineno=node.lineno))
        return node

    visit_Macro = visit_CallBlock = visit_Block = visit_Template = _with_tick


def _tick(at: nodes.Node, cost: str = "") -> nodes.Expr:
    # Written as an attribute: a call node would go through the sandbox, ten times as slow in every round.
    return nodes.EnvironmentAttribute(f"effort.tick({cost})", lineno=at.lineno)


def metered_filters(filters: Mapping[str, Callable[..., Any]], effort: Effort) -> dict[str, Any]:
    """The same filters, each charged for what it looks at, and unable to make giants of small things."""
    made = {name: _metered(filter_, effort) for name, filter_ in filters.items()}
    limits: Mapping[str, Callable[..., None]] = {
        "replace": _replacing, "batch": _parting, "slice": _parting, "sum": _summing
    }  # fmt: skip
    for name, limit in limits.items():
        if name in made:
            made[name] = _guarded(made[name], limit)
    if "join" in made:
        made["join"] = _guarded_join(made["join"], effort)
    return made


def _metered(filter_: Callable[..., Any], effort: Effort) -> Callable[..., Any]:
    place = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @wraps(filter_)
    def run(*given: Any, **named: Any) -> Any:
        if len(given) > place:
            given = (*given[:place], effort.looked_at(given[place]), *given[place + 1 :])
        answer = filter_(*given, **named)
        if isinstance(answer, str):
            effort.wrote(len(answer))
        return answer

    return run


def _guarded(filter_: Callable[..., Any], limit: Callable[..., None]) -> Callable[..., Any]:
    place = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @wraps(filter_)
    def run(*given: Any, **named: Any) -> Any:
        limit(*given[place:], **named)
        return filter_(*given, **named)

    return run


def _replacing(text: object, old: object = "", new: object = "", *_more: Any, **_named: Any) -> None:
    found = str(text)
    if len(found) + found.count(str(old)) * len(str(new)) > MAX_TEXT:
        raise SecurityError("text too long")


def _parting(_items: object, count: object = 1, *_more: Any, **named: Any) -> None:
    wanted = named.get("linecount", named.get("slices", count))
    if isinstance(wanted, (int, float)) and wanted > _MAX_PARTS:
        raise SecurityError("too many parts")


def _summing(_items: object, attribute: object = None, start: object = 0) -> None:
    if not hasattr(start, "__round__"):  # lists added up copy themselves over and over
        raise SecurityError("only numbers are summed")


def _guarded_join(filter_: Callable[..., Any], effort: Effort) -> Callable[..., Any]:
    @wraps(filter_)
    def join(context: Any, value: Any, d: object = "", attribute: Any = None) -> Any:
        items = list(value)
        effort.wrote(len(str(d)) * len(items))
        return filter_(context, items, d, attribute)

    return join
