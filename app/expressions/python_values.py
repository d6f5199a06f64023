"""Small helpers that the Python reader's functions call: links, groups, periods, roles."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import InvalidOperation
from types import MappingProxyType
from typing import Any

# The checker has proved what the values are; a scope itself is untyped.
SIGNS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def follow(record: Any, parts: tuple[str, ...]) -> Any:
    """The value at the end of a path; None when a link on the way is empty."""
    for part in parts:
        if record is None:
            return None
        record = record.get(part)
    return record


def key_of(record: Any) -> Any:
    """The id of a linked record, which may stand there as a mapping or as the id itself."""
    return record.get("id") if isinstance(record, Mapping) else record


def member(item: Any, group: Iterable[Any] | None) -> bool | None:
    """Whether a link or option is among several; nothing is among none, else an empty item is empty."""
    wanted = key_of(item)
    if not group:
        return False
    return None if wanted is None else any(key_of(one) == wanted for one in group)


def one_of(item: Any, options: tuple[Any, ...]) -> bool | None:
    """Whether a value or link is among the options; empty when that hangs on an empty one."""
    wanted, keys = key_of(item), [key_of(option) for option in options]
    if wanted is None:
        return None
    return True if wanted in keys else None if None in keys else False


def during(sign: str = "in", *, days: bool) -> Callable[[Any, Any], bool | None]:
    """The test where a date (`days`) or else a moment lies beside a period; `sign` as in `core.During`."""
    test = _BESIDE[sign]

    def day_in(day: Any, over: Any) -> bool | None:
        return None if day is None or over is None else test(day < over.first, day > over.last)

    def moment_in(moment: Any, over: Any) -> bool | None:
        return None if moment is None or over is None else test(moment < over.start, moment >= over.end)

    return day_in if days else moment_in


_BESIDE: Mapping[str, Callable[[bool, bool], bool]] = MappingProxyType(
    {
        "in": lambda before, after: not before and not after,
        "<": lambda before, after: before,
        ">": lambda before, after: after,
        "<=": lambda before, after: not after,
        ">=": lambda before, after: not before,
    }
)


def has_role(me: Any, role: str) -> bool | None:
    """Whether the person has the role; empty when there is nobody."""
    return None if me is None else role in (me.get("roles") or ())


def guarded(test: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Values of unknown type may not compare at all: then the comparison is empty."""

    def run(left: Any, right: Any) -> Any:
        try:
            return test(left, right)
        except (TypeError, InvalidOperation):
            return None

    return run
