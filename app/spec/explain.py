"""The decoder's refusals as diagnostics: our codes, exact places, plain words, near names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from app.source import N_, Diagnostic, Phrase, Span, fault, unknown_name_hint
from app.source.raw import RawList, RawMapping, place_at, step
from app.spec.shapes import allowed_words, expected, found_words, known_keys, step_type

Path = tuple[str | int, ...]
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: `path` leads to the value that was written, `key` is the key that is missing there."""

    kind: str
    path: Path
    of_key: bool
    key: str
    value: object
    kinds: tuple[Any, ...]
    above: tuple[Any, ...]
    context: Mapping[str, Any]

    @property
    def named(self) -> str:
        """The key that the refusal is about, as it is written; an element of a list goes by its list."""
        words = [part for part in self.path if isinstance(part, str)]
        return self.key or (words[-1] if words else "")

    @property
    def shown(self) -> str:
        """The value as written, cut short."""
        text = str(self.value)
        return text if len(text) <= 60 else text[:59] + "…"


def refusal(error: ErrorDetails, model: type[BaseModel], raw: RawMapping) -> Refusal:
    """Follow the error's location through what was written; marks of unions on the way are skipped."""
    value: object = raw
    path: list[str | int] = []
    kinds: list[Any] = [model]
    above: list[Any] = [model]
    of_key = False
    rest = ""
    for part in error["loc"]:
        if part == "[key]":
            of_key = True
            continue
        if isinstance(value, RawMapping) and part in value:
            path.append(part)
            value = step(value, part)
        elif isinstance(value, RawList) and isinstance(part, int):
            path.append(part)
            value = step(value, part)
        elif isinstance(part, str):
            rest = part
            if not any(part in known_keys([kind]) for kind in kinds):
                continue
        above, kinds = kinds, step_type(kinds, part) or kinds
    missing = rest if error["type"] == "missing" else ""
    context = error.get("ctx", {})
    return Refusal(error["type"], tuple(path), of_key, missing, value, tuple(kinds), tuple(above), context)


_WRONG_KIND = frozenset(
    {
        "string_type", "dict_type", "tuple_type", "list_type", "bool_type", "int_type", "decimal_type",
        "date_type", "model_type", "model_attributes_type", "none_required", "mapping_type",
    }
)  # fmt: skip
_WEAK = frozenset({"bool_parsing"})


def _rank(found: Refusal) -> int:
    if found.kind in _WRONG_KIND:
        return 2
    return 1 if found.kind in _WEAK else 0


def tidy(refusals: Iterable[Refusal]) -> list[Refusal]:
    """One refusal a place: of the several that a choice of types gives, the one that says most.

    What was meant as a list or a mapping is judged as one, so a complaint about something inside it wins
    over "this is not a text".
    """
    everything = list(refusals)
    inner = {found.path[:depth] for found in everything for depth in range(len(found.path))}
    best: dict[tuple[Path, bool, str], Refusal] = {}
    for found in everything:
        if found.kind in _WRONG_KIND and found.path in inner:
            continue
        at = (found.path, found.of_key, found.key)
        if at not in best or _rank(found) < _rank(best[at]):
            best[at] = found
    return list(best.values())


def diagnose(found: Refusal, raw: RawMapping, whole: Span) -> Diagnostic:
    """The diagnostic of one refusal; `whole` is the place to name where the declaration as such is meant."""
    place = place_at(raw, found.path, found.of_key or found.kind == "extra_forbidden")
    if found.kind == "missing" and not found.path:
        place = whole
    say = _BY_KIND.get(found.kind, _not_accepted)
    if found.kind in _WRONG_KIND:
        say = _wrong_kind
    return say(found, place)


def _unknown_key(found: Refusal, place: Span) -> Diagnostic:
    hint, params = unknown_name_hint(found.named, known_keys(found.above))
    if not _WORD.fullmatch(found.named):
        hint = N_("put a text that holds a comma or a bracket in quotes")
    return fault("SPEC002", place, N_("unknown key '{key}'"), hint, key=found.named, **params)


def _missing(found: Refusal, place: Span) -> Diagnostic:
    return fault("SPEC003", place, N_("the key '{key}' is missing here"), key=found.key)


def _wrong_kind(found: Refusal, place: Span) -> Diagnostic:
    wanted = expected(found.kinds)
    nothing = found.value is None and Phrase(N_("an expression")) in wanted
    return fault(
        "SPEC004",
        place,
        N_("'{key}' must be {expected}, not {found}"),
        N_("write None for a field that is to be emptied") if nothing else "",
        key=found.named,
        expected=wanted,
        found=found_words(found.value),
    )


_NAME_HINT = N_("use small letters, digits and '_', beginning with a letter, at most {limit} characters")


def _pattern(found: Refusal, place: Span) -> Diagnostic:
    pattern = str(found.context.get("pattern", ""))
    text = found.named if found.of_key else found.shown
    if pattern.startswith("^[a-z]"):
        return fault("SPEC005", place, N_("'{written}' is not a name"), _NAME_HINT, written=text, limit=48)
    hints = {
        "^[A-Z]{3}$": N_("write the three capital letters of the currency, such as CNY"),
        "^#[0-9a-fA-F]{6}$": N_("write a colour such as '#0b63ce', in quotes"),
        "^-?[a-z][a-z0-9_]*$": N_("write a field's name, with '-' before it for falling order"),
    }
    return fault(
        "SPEC013",
        place,
        N_("'{written}' does not fit '{key}'"),
        hints.get(pattern, ""),
        written=text,
        key=found.named,
    )


def _too_long(found: Refusal, place: Span) -> Diagnostic:
    text = N_("'{key}' is longer than {limit} characters")
    return fault("SPEC010", place, text, key=found.named, limit=found.context.get("max_length", "?"))


def _empty(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC012", place, N_("'{key}' is empty"), N_("write something, or leave it out"), key=found.named
    )


def _switch(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC011",
        place,
        N_("'{key}' must be true or false, not '{written}'"),
        key=found.named,
        written=found.shown,
    )


def _number(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC006",
        place,
        N_("'{key}' must be {expected}, not '{written}'"),
        N_("write digits with a point, no unit and no thousands sign"),
        key=found.named,
        expected=expected(found.kinds),
        written=found.shown,
    )


_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", N_("'{key}' must be at least {limit}, not {written}")),
    "greater_than": ("gt", N_("'{key}' must be more than {limit}, not {written}")),
    "less_than_equal": ("le", N_("'{key}' must be at most {limit}, not {written}")),
    "less_than": ("lt", N_("'{key}' must be less than {limit}, not {written}")),
    "decimal_max_digits": ("max_digits", N_("'{key}' has more than {limit} digits")),
    "decimal_max_places": ("decimal_places", N_("'{key}' has more than {limit} decimal places")),
    "decimal_whole_digits": ("whole_digits", N_("'{key}' has more than {limit} digits before the point")),
    "int_parsing_size": ("", N_("'{key}' is too large a number")),
}


def _bound(found: Refusal, place: Span) -> Diagnostic:
    limit, text = _BOUNDS[found.kind]
    return fault(
        "SPEC007", place, text, key=found.named, limit=found.context.get(limit, "?"), written=found.shown
    )


def _date(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC008",
        place,
        N_("'{written}' is not a date"),
        N_("write year-month-day, such as 2026-01-31"),
        written=found.named if found.of_key else found.shown,
    )


def _word(found: Refusal, place: Span) -> Diagnostic:
    hint, params = unknown_name_hint(str(found.value), allowed_words(found.kinds))
    return fault(
        "SPEC009",
        place,
        N_("'{written}' is not a word for '{key}'"),
        hint,
        written=found.shown,
        key=found.named,
        **params,
    )


def _grant(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC014",
        place,
        N_("'{written}' does not say what may be done"),
        N_("write a verb and its rows: read, read own, read unit, read subtree, read where …"),
        written=found.shown,
    )


def _own_rule(found: Refusal, place: Span) -> Diagnostic:
    """A `ValueError` of a model's own validator; the Grant is the only one."""
    return _grant(found, place)


def _not_accepted(found: Refusal, place: Span) -> Diagnostic:
    return fault(
        "SPEC013", place, N_("'{written}' cannot be used for '{key}'"), written=found.shown, key=found.named
    )


_BY_KIND: Mapping[str, Callable[[Refusal, Span], Diagnostic]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "string_too_short": _empty,
    "bool_parsing": _switch,
    "int_parsing": _number,
    "int_from_float": _number,
    "decimal_parsing": _number,
    "finite_number": _number,
    "date_parsing": _date,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "literal_error": _word,
    "value_error": _own_rule,
    **{kind: _bound for kind in _BOUNDS},
}
