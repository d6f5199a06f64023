"""YAML nodes as plain dicts, lists and texts that still know their places.

Scalars stay text until a declared type reads them (`12:30` is a time only where a time is asked for);
only the plain words `~`, `null` and nothing become None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.source.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mapping was written: the whole of it, each key, each value.

    Places never take part in comparison: equal meaning compares equal wherever it was written.
    """

    span: Span = field(default=Span("", 0, 0, 0, 0), compare=False)
    keys: Mapping[str, Span] = field(default_factory=dict, compare=False)
    values: Mapping[str, Span] = field(default_factory=dict, compare=False)

    def key(self, name: str) -> Span:
        """Place of the key `name`, or of the whole mapping when the key is not written."""
        return self.keys.get(name, self.span)

    def value(self, name: str) -> Span:
        """Place of the value of `name`, or of the whole mapping when it is not written."""
        return self.values.get(name, self.span)


NOWHERE = Place()


class RawMapping(dict[str, object]):
    """A YAML mapping: values are RawMapping, RawList, str or None."""

    __slots__ = ("place",)

    def __init__(self, items: Mapping[str, object], place: Place) -> None:
        super().__init__(items)
        self.place = place


class RawList(list[object]):
    """A YAML sequence, with the place of the whole and of each element."""

    __slots__ = ("items_at", "span")

    def __init__(self, items: list[object], span: Span, items_at: list[Span]) -> None:
        super().__init__(items)
        self.span = span
        self.items_at = items_at


def alike(one: object, other: object) -> bool:
    """Whether two raw values say the same, in the same order and at the same places."""
    if one is other:
        return True
    if isinstance(one, RawMapping) and isinstance(other, RawMapping):
        same = list(one) == list(other) and _placed_alike(one.place, other.place)
        return same and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, RawList) and isinstance(other, RawList):
        same = (one.span, one.items_at) == (other.span, other.items_at) and len(one) == len(other)
        return same and all(map(alike, one, other))
    return type(one) is type(other) and one == other


def _placed_alike(one: Place, other: Place) -> bool:
    same = one.span == other.span and one.keys == other.keys and one.values == other.values
    return one is other or same


def step(value: object, part: object) -> object | None:
    """The value one step further down: a key of a mapping or an index of a list; None when there is none."""
    if isinstance(value, RawMapping) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, RawList) and isinstance(part, int) and 0 <= part < len(value):
        return value[part]
    return None


def place_at(raw: RawMapping, path: Sequence[str | int], of_key: bool = False) -> Span:
    """Place of the value (or, on request, the key) that `path` leads to from `raw`; of the nearest thing
    above it that was written, where the path ends early."""
    place = raw.place.span
    value: object = raw
    for number, part in enumerate(path, 1):
        wants_key = of_key and number == len(path)
        if isinstance(value, RawMapping) and isinstance(part, str) and part in value:
            place = value.place.key(part) if wants_key else value.place.value(part)
        elif isinstance(value, RawList) and isinstance(part, int) and 0 <= part < len(value.items_at):
            place = value.items_at[part]
        else:
            break
        value = step(value, part)
    return place
