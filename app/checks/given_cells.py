"""What examples give of a record: fields and paths that exist, options that are some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.checks.context import Found, unknown_word
from app.expressions import ChoicesType, ChoiceType, Environment, LinesType, LinkType, Type
from app.source import N_
from app.spec.base import Strict

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one example. written: what they stand in; types: what a path may begin with; owner: the
    record type, in faults."""

    written: Strict
    env: Environment
    types: Mapping[str, Type]
    owner: str


def cell_faults(cells: Cells, place: Place, name: str, written: object) -> Found:
    """EXM001: a path of the record, step by step through the links, and the options at its end."""
    fields: Mapping[str, Type] | None = cells.types
    owner, kind = cells.owner, None
    for part in name.split("."):
        if fields is None or part not in fields:
            text = N_("'{owner}' has no field '{name}'")
            span = cells.written.key_at(*place)
            yield unknown_word("EXM001", span, text, part, fields or (), owner=owner)
            return
        kind = fields[part]
        owner = kind.record if isinstance(kind, LinkType) else name
        fields = cells.env.schema.fields(kind.record) if isinstance(kind, LinkType) else None
    if kind is not None:
        yield from _value(cells.written, name, kind, written, place)


def _value(given: Strict, name: str, kind: Type, written: object, place: Place) -> Found:
    """An option that is none, in the cell or in one of its lines."""
    if isinstance(kind, LinesType):
        for path, line in _parts(written, place):
            for key, cell in line.items() if isinstance(line, Mapping) else ():
                if key in kind.fields:
                    yield from _value(given, key, kind.fields[key], cell, (*path, key))
                else:
                    text = N_("'{owner}' has no field '{name}'")
                    span = given.key_at(*path, key)
                    yield unknown_word("EXM001", span, text, key, kind.fields, owner=kind.name)
        return
    choice = kind.choice if isinstance(kind, ChoicesType) else kind
    if isinstance(choice, ChoiceType):
        for path, option in _parts(written, place):
            if isinstance(option, str) and option and option not in choice.options:
                text = N_("'{name}' is not an option of {fact}")
                yield unknown_word("EXM001", given.span_at(*path), text, option, choice.options, fact=name)


def _parts(written: object, place: Place) -> Iterator[tuple[Place, object]]:
    """What is written alone or in a list, each with its place."""
    if isinstance(written, (list, tuple)):
        yield from (((*place, index), one) for index, one in enumerate(written))
    elif written is not None:
        yield place, written
