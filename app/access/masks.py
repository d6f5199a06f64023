"""Partly shown values: enough to recognise, too little to misuse."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Mask = Literal["phone", "id", "card", "all"]

STAR = "*"
_SHOWN: Mapping[Mask, tuple[int, int]] = MappingProxyType(
    {"phone": (3, 4), "id": (3, 2), "card": (0, 4), "all": (0, 0)}
)
"""Characters left readable at the beginning and at the end."""


def mask_value(kind: Mask, value: str | None) -> str | None:
    """`value` with its middle as stars; at least a third of it is always hidden. Empty stays empty.

    `all` gives a fixed number of stars, so that not even the length shows.
    """
    if not value:
        return value
    if kind == "all":
        return STAR * 6
    head, tail = _SHOWN[kind]
    most = len(value) * 2 // 3
    tail = min(tail, most)
    head = min(head, most - tail)
    return value[:head] + STAR * (len(value) - head - tail) + (value[-tail:] if tail else "")
