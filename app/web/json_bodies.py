"""JSON that came with a request: read only where it can be kept and shown again."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

DEEPEST = 64
"""Lists and mappings within one another."""
MOST_BITS = 63
"""Of a whole number, its sign aside."""


class PortalJson(DefaultJSONProvider):
    """Flask's JSON, without what no page could show: half characters, and nesting without end."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError, which Flask answers with 400."""
        return sound_json(s)


def sound_json(text: str | bytes) -> Any:
    """What a JSON text holds. Raises ValueError for what is none, for a half of a pair of surrogates, which
    no encoding can write, for numbers that no database takes, and for nesting deeper than DEEPEST."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _measure(found)
    return found


def _measure(found: Any) -> None:
    """Raises ValueError (UnicodeEncodeError is one) for half characters, huge numbers and too many levels."""
    level: list[Any] = [found]
    for _depth in range(DEEPEST):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _parts(one: Any) -> list[Any]:
    """What lies within a value; texts and numbers are tried on the way."""
    if isinstance(one, str):
        one.encode()
    if isinstance(one, int) and one.bit_length() > MOST_BITS:
        raise ValueError("too large a number")
    if isinstance(one, dict):
        return [*one, *one.values()]
    return one if isinstance(one, list) else []
