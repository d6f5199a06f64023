"""Declarations that are opened when they are first asked for: a start does not wait for ten thousand items
that nobody looks at yet."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


Sources = tuple[tuple[str, str], ...]
"""The files that a declaration and those it extends stand in, each with the SHA-256 of its content: where
these are the same, it says the same at the same places."""


class Sealed(Mapping[str, Value], Generic[Value]):
    """A mapping whose values are each kept pickled until they are read; read twice, it is the same object.

    sources: where each comes from. Only for bytes that this program has made itself, like everything that is
    unpickled.
    """

    __slots__ = ("_opened", "_sealed", "sources")

    def __init__(self, sealed: Mapping[str, bytes], sources: Mapping[str, Sources]) -> None:
        self._sealed, self.sources = dict(sealed), dict(sources)
        self._opened: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        found = self._opened.get(name)
        if found is None:
            opened: Value = pickle.loads(self._sealed[name])
            # Two threads may open it at once; one object goes into service.
            found = self._opened.setdefault(name, opened)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._sealed

    def __iter__(self) -> Iterator[str]:
        return iter(self._sealed)

    def __len__(self) -> int:
        return len(self._sealed)

    def __reduce__(self) -> tuple[type[Sealed[Value]], tuple[object, ...]]:
        return Sealed, (self._sealed, self.sources)

    def closed(self, name: str, sources: Sources) -> bytes | None:
        """The sealed value, where it comes from these sources."""
        return self._sealed.get(name) if self.sources.get(name) == sources else None


def seal(
    values: Mapping[str, Value], sources: Mapping[str, Sources], before: Mapping[str, Value]
) -> Sealed[Value]:
    """The same values, closed; one that `before` holds from the same sources is not closed again."""
    if isinstance(values, Sealed):
        return values
    known = before if isinstance(before, Sealed) else Sealed[Value]({}, {})
    closed = {
        name: known.closed(name, sources[name]) or pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        for name, value in values.items()
    }
    return Sealed(closed, sources)
