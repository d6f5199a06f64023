"""The JavaScript reader: a checked expression as one pure JavaScript expression.

The text calls functions of `E` (`runtime.js`, `globalThis.Expressions`) and reads the scope `s`, an object
as `to_browser` makes it. `r1`, `r2`, ... are the rows of the frames inside. Its result is made plain
JSON by `E.plain(result, type)` with the word of the expression's type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.expressions import exact
from app.expressions.compile import Expression
from app.expressions.core import (
    Aggregate,
    And,
    Apply,
    Choose,
    Coalesce,
    Compare,
    Const,
    During,
    HasRole,
    IsEmpty,
    Member,
    Node,
    Not,
    NotReadable,
    OneOf,
    Or,
    Quantify,
    Read,
    Size,
)
from app.expressions.matching import COLLECTIONS
from app.expressions.python_reader import passing
from app.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    PERIOD,
    TIME,
    ChoiceType,
    LinkType,
    Period,
    Type,
)

RUNTIME = Path(__file__).with_name("runtime.js")
"""The library that the expressions call: plain ES2020, without dependencies."""

_FLIPPED = MappingProxyType({"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="})
_ON_SERVER_ONLY = frozenset({"date_working", "instant_working"})
_READING: Mapping[Type, str] = MappingProxyType(
    {
        NUMBER: "number",
        BOOLEAN: "flag",
        DATE: "date",
        DATETIME: "instant",
        TIME: "time",
        DURATION: "duration",
        ANY: "loose",
    }
)


def to_javascript(expression: Expression) -> str:
    """The expression as JavaScript. Raises NotReadable for what only the server knows (`browser_ready`)."""
    return _write(expression.tree)


def to_browser(value: object) -> Any:
    """A value of a scope as JSON that the runtime reads; mappings and sequences with all they hold."""
    match value:
        case Mapping():
            return {str(name): to_browser(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_browser(item) for item in value]
        case bool() | None | str():
            return value
        case int() | Decimal():
            return exact.written(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return exact.written(Decimal(exact.microseconds(value)).scaleb(-6))
        case Period(first=first, last=last, start=start, end=end):
            return to_browser({"first": first, "last": last, "start": start, "end": end})
    raise TypeError(f"a {type(value).__name__} has no form in the browser")


def _write(node: Node) -> str:
    write = _WRITERS.get(type(node))
    if write is None:
        raise NotReadable(f"{node.at}: {type(node).__name__} cannot be read as JavaScript")
    return write(node)


def _quoted(value: object) -> str:
    """JSON that may stand in a script element: `<` would begin an end tag."""
    return json.dumps(value).replace("<", "\\u003c")


def _const(node: Const) -> str:
    value = node.value
    if value is None or isinstance(value, bool):
        return _quoted(value)
    if isinstance(node.type, ChoiceType) or node.type not in _READING or node.type == ANY:
        return _quoted(value)
    return f"E.{_READING[node.type]}({_quoted(to_browser(value))})"


def _read(node: Read) -> str:
    frame = f"r{node.frame}" if node.frame else "s"
    found = f"E.at({frame}, {', '.join(map(_quoted, node.parts))})"
    if isinstance(node.type, COLLECTIONS):
        return f"E.rows({found})"
    if isinstance(node.type, LinkType):
        return f"E.link({found})"
    return found if node.type == PERIOD else f"E.{_READING.get(node.type, 'text')}({found})"


def _is_empty(node: IsEmpty) -> str:
    item = _write(node.item)
    return f"({item}.length === 0)" if isinstance(node.item.type, COLLECTIONS) else f"({item} === null)"


def _not(node: Not) -> str:
    return f"E.not({_write(node.item)})"


def _and(node: And) -> str:
    return f"E.and({_all(node.items)})"


def _or(node: Or) -> str:
    return f"E.or({_all(node.items)})"


def _all(items: tuple[Node, ...]) -> str:
    return ", ".join(map(_write, items))


def _compare(node: Compare) -> str:
    kind = node.kind
    if isinstance(kind, ChoiceType):
        return _options(node, kind)
    left, right = _comparable(node.left, kind), _comparable(node.right, kind)
    return f"E.compare({_quoted(node.sign)}, {left}, {right})"


def _comparable(node: Node, kind: Type) -> str:
    return f"E.key({_write(node)})" if isinstance(kind, LinkType) else _write(node)


def _options(node: Compare, kind: ChoiceType) -> str:
    left, right, sign = node.left, node.right, node.sign
    if isinstance(left, Const) and left.value is not None:
        left, right, sign = right, left, _FLIPPED[sign]
    if isinstance(right, Const) and right.value is not None:
        passed = sorted(passing(kind, sign, str(right.value)), key=kind.options.index)
        return f"E.among({_write(left)}, {_quoted(passed)})"
    one, other = _write(left), _write(right)
    if sign not in ("==", "!="):
        names = _quoted(list(kind.options))
        one, other = f"E.rank({one}, {names})", f"E.rank({other}, {names})"
    return f"E.compare({_quoted(sign)}, {one}, {other})"


def _one_of(node: OneOf) -> str:
    options = ", ".join(_comparable(option, node.kind) for option in node.options)
    return f"E.oneOf({_comparable(node.item, node.kind)}, [{options}])"


def _member(node: Member) -> str:
    return f"E.member(E.key({_write(node.item)}), {_write(node.group)})"


def _during(node: During) -> str:
    days = _quoted(node.item.type == DATE)
    return f"E.during({_write(node.item)}, {_write(node.period)}, {days}, {_quoted(node.sign)})"


def _choose(node: Choose) -> str:
    return f"({_write(node.test)} ? {_write(node.then)} : {_write(node.other)})"


def _coalesce(node: Coalesce) -> str:
    return f"E.coalesce({_all(node.items)})"


def _apply(node: Apply) -> str:
    if node.name in _ON_SERVER_ONLY:
        raise NotReadable(f"{node.at}: working days are counted on the server only")
    return f"E.strict({_quoted(node.name)}, {_all(node.items)})"


def _size(node: Size) -> str:
    return f"E.size({_write(node.group)})"


def _has_role(node: HasRole) -> str:
    return f'E.hasRole(E.at(s, "me"), {_quoted(node.role)})'


def _quantify(node: Quantify) -> str:
    return f"E.{node.word}({_write(node.group)}, {_of_row(node.frame, node.where)})"


def _of_row(frame: int, node: Node | None) -> str:
    return f"(r{frame}) => {'true' if node is None else _write(node)}"


def _aggregate(node: Aggregate) -> str:
    group, where = _write(node.group), _of_row(node.frame, node.where)
    if node.value is None:
        return f"E.count({group}, {where})"
    value = _of_row(node.frame, node.value)
    if node.function == "share":
        return f"E.share({group}, {value}, {where})"
    name, kind = _quoted(node.function), node.value.type
    if isinstance(kind, ChoiceType):
        return f"E.options({name}, {group}, {value}, {where}, {_quoted(list(kind.options))})"
    if kind == DURATION and node.function not in ("min", "max"):
        return f"E.spans({name}, {group}, {value}, {where})"
    return f"E.aggregate({name}, {group}, {value}, {where})"


# The table is what ties each kind of node to its writer, so the argument types differ.
_WRITERS: Mapping[type[Node], Callable[[Any], str]] = MappingProxyType(
    {
        Const: _const,
        Read: _read,
        IsEmpty: _is_empty,
        Not: _not,
        And: _and,
        Or: _or,
        Compare: _compare,
        OneOf: _one_of,
        Member: _member,
        During: _during,
        Choose: _choose,
        Coalesce: _coalesce,
        Apply: _apply,
        Size: _size,
        HasRole: _has_role,
        Quantify: _quantify,
        Aggregate: _aggregate,
    }
)
