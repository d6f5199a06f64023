"""What a name means where it is written: own regime, those it uses, shared ones, all (language.md 1.3)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
MAX_NAME = 48


def is_identifier(text: str) -> bool:
    """Whether `text` may name something: snake_case, at most 48 characters."""
    return len(text) <= MAX_NAME and IDENTIFIER.fullmatch(text) is not None


def full_name(name: str, regime: str) -> str:
    """`regime.name`, or the bare name for shared and built-in declarations."""
    return f"{regime}.{name}" if regime else name


def meanings(
    declared: Mapping[str, object], name: str, regime: str, uses: Sequence[str] = ()
) -> tuple[str, ...]:
    """The full names that `name`, written in `regime` (empty = a shared section), may mean.

    One is right, two are ambiguous, none is unknown. A full name means itself.
    """
    if name in declared and ("." in name or not regime):
        return (name,)
    if regime:
        return first_meaning(declared, name, (regime, *uses, ""))
    return tuple(full for full in declared if full.rpartition(".")[2] == name)


def first_meaning(declared: Container[str], name: str, spaces: Iterable[str]) -> tuple[str, ...]:
    """The full name of the first regime in `spaces` that declares `name`."""
    for space in spaces:
        full = full_name(name, space)
        if full in declared:
            return (full,)
    return ()
