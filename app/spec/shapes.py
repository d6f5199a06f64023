"""What a declared type looks like from outside: the keys it knows, the kinds of value it takes, in words."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.source import N_, Phrase
from app.spec.base import ExpressionMark


def flat(annotation: Any, marks: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The single types that an annotation allows, each with its metadata; unions are opened."""
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        yield from flat(inner, (*marks, *own))
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from flat(part, marks)
    else:
        yield annotation, marks


def key_of(name: str, info: FieldInfo) -> str:
    """The YAML word of a model's field."""
    return info.alias or name


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """YAML word -> field of a model."""
    return {key_of(name, info): info for name, info in model.model_fields.items()}


def is_model(found: Any) -> bool:
    """Whether a type is one of our models."""
    return isinstance(found, type) and issubclass(found, BaseModel)


def annotation_of(info: FieldInfo) -> Any:
    """The annotation of a model's field with its metadata."""
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def step_type(kinds: Iterable[Any], part: str | int) -> list[Any]:
    """The annotations one step further down: a key or an index."""
    below: list[Any] = []
    for kind in kinds:
        for single, _ in flat(kind):
            origin, inner = get_origin(single), get_args(single)
            if is_model(single) and isinstance(part, str) and part in fields_of(single):
                below.append(annotation_of(fields_of(single)[part]))
            elif origin is dict and isinstance(part, str):
                below.append(inner[1])
            elif origin in (tuple, list) and isinstance(part, int):
                below.append(inner[0])
    return below


def known_keys(kinds: Iterable[Any]) -> set[str]:
    """The keys that a mapping of one of these types may have."""
    models = (single for kind in kinds for single, _ in flat(kind) if is_model(single))
    return {key for model in models for key in fields_of(model)}


def allowed_words(kinds: Iterable[Any]) -> list[str]:
    """The words of the closed lists among these types."""
    singles = (single for kind in kinds for single, _ in flat(kind))
    return [str(word) for single in singles if get_origin(single) is Literal for word in get_args(single)]


_BY_TYPE: tuple[tuple[type, str], ...] = (
    (bool, N_("yes or no")),
    (int, N_("a whole number")),
    (Decimal, N_("a number")),
    (datetime, N_("a date with a time")),
    (date, N_("a date such as 2026-01-31")),
)


def _in_words(single: Any, marks: tuple[Any, ...]) -> Phrase | None:
    origin = get_origin(single)
    if single is type(None):
        return None
    if origin is dict or is_model(single):
        return Phrase(N_("a mapping of keys"))
    if origin in (tuple, list):
        return Phrase(N_("a list"))
    if origin is Literal:
        return Phrase(N_("one of the known words"))
    if any(isinstance(mark, ExpressionMark) for mark in marks):
        return Phrase(N_("an expression"))
    for kind, words in _BY_TYPE:
        if isinstance(single, type) and issubclass(single, kind):
            return Phrase(words)
    return Phrase(N_("a text"))


def expected(kinds: Iterable[Any]) -> tuple[Phrase, ...]:
    """What may be written, in words to translate, without repeats."""
    found = (_in_words(single, marks) for kind in kinds for single, marks in flat(kind))
    return tuple(dict.fromkeys(words for words in found if words is not None)) or (Phrase(N_("a text")),)


def found_words(value: object) -> Phrase:
    """What was written, in words to translate."""
    if value is None:
        return Phrase(N_("nothing"))
    if isinstance(value, dict):
        return Phrase(N_("a mapping of keys"))
    return Phrase(N_("a list")) if isinstance(value, (list, tuple)) else Phrase(N_("a text"))
