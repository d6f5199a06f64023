"""What is wrong with what a rule was given: an answer, a fact, a level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.source import PortalError, Translate, unknown_name_hint, untranslated


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong. `where` names the fact, item or key; `text` and `hint` are templates."""

    where: str
    text: str
    hint: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, translate: Translate = untranslated) -> str:
        """The sentence, with the hint after it where there is one."""
        said = translate(self.text).format(**self.params)
        return f"{said} ({translate(self.hint).format(**self.params)})" if self.hint else said


def mistake(where: str, text: str, hint: str = "", **params: object) -> Mistake:
    """A mistake with its named parameters; `name` is `where`."""
    return Mistake(where, text, hint, {"name": where, **params})


def unknown(where: str, text: str, known: Iterable[str], **params: object) -> Mistake:
    """A mistake with a name that is not known: says what was meant, or what there is."""
    hint, more = unknown_name_hint(where, known)
    return mistake(where, text, hint, **params, **more)


class CaseError(PortalError):
    """A case cannot be judged as it was given; `mistakes` holds all that is wrong with it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(found.message() for found in self.mistakes))
