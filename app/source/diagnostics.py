"""A fault is a value: a code, a place, a message with its named parameters, a hint.

Text and parameters stay apart so that the same fault can be said in the reader's language
(`translations/`): mark every template with `N_`, which the message extractor looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]
Translate = Callable[[str], str]


def N_(template: str) -> str:
    """Mark `template` for translation and return it unchanged."""
    return template


def untranslated(template: str) -> str:
    """The `Translate` that leaves the words as they are written in the code (English)."""
    return template


class Phrase(str):
    """A parameter of a message that is itself words to translate; mark its text with `N_`."""

    __slots__ = ()


class Span(NamedTuple):
    """A place in a source file. Lines and columns count from 1; columns count characters.

    `file` is relative to the configuration root, with forward slashes.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def encloses(self, other: Span) -> bool:
        """Whether `other` begins within this place, in the same file."""
        start, end = (self.line, self.column), (self.end_line, self.end_column)
        return self.file == other.file and start <= (other.line, other.column) < end

    def inside(self, offset: int, length: int = 1) -> Span:
        """The place `offset` characters into a one-line scalar that starts here."""
        column = self.column + offset
        return Span(self.file, self.line, column, self.line, column + length)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault or warning. `text` and `hint` are templates over `params` (str.format fields)."""

    code: str
    severity: Severity
    span: Span
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    hint: str = ""

    def message(self, translate: Translate = untranslated) -> str:
        """The sentence itself, in the language of `translate`."""
        return translate(self.text).format(**self._words(translate))

    def hint_text(self, translate: Translate = untranslated) -> str:
        """What to do about it, or an empty text."""
        return translate(self.hint).format(**self._words(translate)) if self.hint else ""

    def _words(self, translate: Translate) -> dict[str, object]:
        return {name: _words(value, translate) for name, value in self.params.items()}


def _words(value: object, translate: Translate) -> object:
    if isinstance(value, Phrase):
        return translate(value)
    if isinstance(value, tuple):
        return translate(N_(" or ")).join(str(_words(part, translate)) for part in value)
    return value


def fault(code: str, span: Span, text: str, hint: str = "", **params: object) -> Diagnostic:
    """An error: the configuration cannot be served until it is mended."""
    return Diagnostic(code, "error", span, text, params, hint)


def warning(code: str, span: Span, text: str, hint: str = "", **params: object) -> Diagnostic:
    """A warning: the configuration is served, and somebody should look."""
    return Diagnostic(code, "warning", span, text, params, hint)


def near(name: str, known: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or an empty string."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def unknown_name_hint(name: str, known: Iterable[str]) -> tuple[str, dict[str, object]]:
    """Hint template and parameters for an unknown name: what was meant, or what there is."""
    names = sorted(set(known))
    guess = near(name, names)
    if guess:
        return N_("did you mean '{guess}'?"), {"guess": guess}
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    if not names:
        return N_("nothing of that kind is declared yet"), {}
    return N_("known names: {known}"), {"known": shown}


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """Order of printing: by file, then by place."""
    span = diagnostic.span
    return (span.file, span.line, span.column, diagnostic.code)


class PortalError(Exception):
    """Root of the few errors the portal raises on purpose; each carries words for the user."""


class Refusal(PortalError):
    """Something that is not done, and why: `text` is a template over `params`, in English."""

    def __init__(self, text: str, **params: object) -> None:
        self.text, self.params = text, params
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        """The words in the reader's language."""
        return translate(self.text).format(**self.params)


class ConfigError(PortalError):
    """The configuration has faults; `diagnostics` holds all of them."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{d.span}: {d.code}: {d.message()}" for d in self.diagnostics))
