"""What was read of the world when something was judged, kept so that it can be judged again.

Values keep their types through JSON: a decimal comes back as a decimal, a day as a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import cast

from app.rules.conditions import FACTS, nested
from app.rules.values import Plain

_MOST_DEEP = 6


def freeze(scope: Mapping[str, object], paths: Iterable[str], lookups: Iterable[str]) -> dict[str, Plain]:
    """The values at these dotted paths of a scope, and the results of these look-ups, as plain JSON."""
    facts = scope.get(FACTS)
    known = facts if isinstance(facts, Mapping) else {}
    return {
        "paths": {path: _frozen(_at(scope, path), 0) for path in sorted(set(paths))},
        "lookups": {key: _frozen(known.get(key), 0) for key in sorted(set(lookups))},
    }


def thaw(stored: Mapping[str, Plain]) -> dict[str, object]:
    """The scope that `freeze` stored, as far as it goes."""
    paths = cast(Mapping[str, Plain], stored.get("paths") or {})
    lookups = cast(Mapping[str, Plain], stored.get("lookups") or {})
    scope = nested({path: _thawed(value) for path, value in paths.items()}, {})
    return {**scope, FACTS: {key: _thawed(value) for key, value in lookups.items()}}


def _at(scope: Mapping[str, object], path: str) -> object:
    found: object = scope
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    if isinstance(found, Mapping) and "id" in found:
        return {"id": found["id"]}
    return found


def _frozen(value: object, depth: int) -> Plain:
    if value is None or isinstance(value, (bool, int, str)) or depth > _MOST_DEEP:
        return value if value is None or isinstance(value, (bool, int)) else str(value)
    if isinstance(value, Mapping):
        return {"$map": {str(key): _frozen(one, depth + 1) for key, one in value.items()}}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_frozen(one, depth + 1) for one in value]
    for mark, (kind, write, _) in _KINDS.items():
        if isinstance(value, kind):
            return {mark: write(value)}
    return str(value)


def _thawed(value: Plain) -> object:
    if isinstance(value, list):
        return tuple(_thawed(one) for one in value)
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((mark, inner),) = value.items()
    if mark == "$map":
        return {key: _thawed(one) for key, one in cast(Mapping[str, Plain], inner).items()}
    found = _KINDS.get(mark)
    return found[2](str(inner)) if found is not None else value


def _length(value: timedelta) -> str:
    return str(value // timedelta(microseconds=1))


_Kind = tuple[type, Callable[..., str], Callable[[str], object]]
_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "$decimal": (Decimal, lambda value: format(value, "f"), Decimal),
        "$moment": (datetime, datetime.isoformat, datetime.fromisoformat),
        "$day": (date, date.isoformat, date.fromisoformat),
        "$time": (time, time.isoformat, time.fromisoformat),
        "$length": (timedelta, _length, lambda text: timedelta(microseconds=int(text))),
    }
)
"""Mark -> type, how it is written, how it is read. A datetime is a date too, so it comes first."""
