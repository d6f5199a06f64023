"""Why a result is what it is: a tree of rules with their places and the inputs they read.

The page, the printed notice and JSON show the same tree. Sentences are templates with parameters, so that a
reason stored years ago is still said in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias, cast

from app.rules.values import Plain, plain
from app.source import N_, Phrase, Span, Translate, untranslated


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence inside a sentence: a template with its own parameters."""

    text: str
    params: Mapping[str, Word]


Word: TypeAlias = str | int | Saying | tuple["Word", ...]
"""A parameter: text, `Phrase` (words to translate), a number, a list, a list of (name, value) pairs, a
sentence."""

_NOTHING: Mapping[str, Word] = MappingProxyType({})
_NO_INPUTS: Mapping[str, Plain] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reason:
    """One step. `rule` is a path in the declaration (`levels.fault.amount`), `file`/`line` its place.

    `text` is a template over `params`; `inputs` are the values that were read, by name; `children` are the
    steps that this one rests on. An amount is a decimal string, a time ISO 8601.
    """

    rule: str
    file: str
    line: int
    text: str
    params: Mapping[str, Word] = field(default_factory=lambda: _NOTHING)
    inputs: Mapping[str, Plain] = field(default_factory=lambda: _NO_INPUTS)
    children: tuple[Reason, ...] = ()

    def sentence(self, translate: Translate = untranslated) -> str:
        """The step in plain words."""
        return _filled(self.text, self.params, translate)

    def told(self, translate: Translate = untranslated) -> dict[str, Plain]:
        """What programs rely on: rule, file, line and text, with inputs and children where there are any."""
        told: dict[str, Plain] = {
            "rule": self.rule,
            "file": self.file,
            "line": self.line,
            "text": self.sentence(translate),
        }
        if self.inputs:
            told["inputs"] = dict(self.inputs)
        if self.children:
            told["children"] = [child.told(translate) for child in self.children]
        return told

    def to_json(self) -> dict[str, Plain]:
        """What is stored: as `told`, but `text` is the template, beside its parameters."""
        stored: dict[str, Plain] = {
            "rule": self.rule,
            "file": self.file,
            "line": self.line,
            "text": str(self.text),
        }
        if self.params:
            stored["params"] = {name: _stored(value) for name, value in self.params.items()}
        if self.inputs:
            stored["inputs"] = dict(self.inputs)
        if self.children:
            stored["children"] = [child.to_json() for child in self.children]
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> Reason:
        """The reason that `to_json` stored. Raises KeyError or TypeError when it is something else."""
        params = cast(Mapping[str, Plain], stored.get("params") or {})
        children = cast(list[Mapping[str, Plain]], stored.get("children") or [])
        return cls(
            rule=str(stored["rule"]),
            file=str(stored["file"]),
            line=int(cast(int, stored["line"])),
            text=str(stored["text"]),
            params={name: _read(value) for name, value in params.items()} if params else _NOTHING,
            inputs=cast(Mapping[str, Plain], stored.get("inputs") or _NO_INPUTS),
            children=tuple(cls.from_json(child) for child in children),
        )

    def under(self, *children: Reason) -> Reason:
        """The same step, resting on `children` as well."""
        return replace(self, children=(*self.children, *children))


def because(
    rule: str,
    span: Span,
    text: str,
    inputs: Mapping[str, Plain] = _NO_INPUTS,
    children: tuple[Reason, ...] = (),
    **params: Word,
) -> Reason:
    """A reason at a place of the configuration."""
    return Reason(rule, span.file, span.line, text, params or _NOTHING, inputs, children)


def lines(
    reasons: tuple[Reason, ...], translate: Translate = untranslated, depth: int = 0, indent: str = "  "
) -> Iterator[str]:
    """The tree as indented lines, each with its place."""
    for reason in reasons:
        place = f"  [{reason.file}:{reason.line}]" if reason.file else ""
        yield f"{indent * depth}- {reason.sentence(translate)}{place}"
        yield from lines(reason.children, translate, depth + 1, indent)


def in_words(word: Word, translate: Translate = untranslated) -> str:
    """A parameter as text in the reader's language."""
    return _said(word, translate)


def _filled(text: str, params: Mapping[str, Word], translate: Translate) -> str:
    return translate(text).format(**{name: _said(value, translate) for name, value in params.items()})


def _said(value: Word, translate: Translate) -> str:
    if isinstance(value, Phrase):
        return translate(str(value))
    if isinstance(value, Saying):
        return _filled(value.text, value.params, translate)
    if not isinstance(value, tuple):
        return str(value)
    if not value:
        return translate(N_("nothing"))
    return translate(N_("; ")).join(_member(part, translate) for part in value)


def _member(part: Word, translate: Translate) -> str:
    if isinstance(part, tuple) and len(part) == 2:
        return f"{_said(part[0], translate)} = {_said(part[1], translate)}"
    return _said(part, translate)


def _stored(value: Word) -> Plain:
    if isinstance(value, Phrase):
        return {"words": str(value)}
    if isinstance(value, Saying):
        return {"say": str(value.text), "params": {name: _stored(one) for name, one in value.params.items()}}
    if isinstance(value, tuple):
        return [_stored(part) for part in value]
    return plain(value)


def _read(value: Plain) -> Word:
    if isinstance(value, dict) and "say" in value:
        params = cast(Mapping[str, Plain], value["params"])
        return Saying(str(value["say"]), {name: _read(one) for name, one in params.items()})
    if isinstance(value, dict):
        return Phrase(value["words"])
    if isinstance(value, list):
        return tuple(_read(part) for part in value)
    return value if isinstance(value, int) else str(value)
