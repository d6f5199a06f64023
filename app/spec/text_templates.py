"""Templates: `"FK-{now:%Y%m}-{seq:04d}"`, `"{number} {unit.title}"`: words and fields, no code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter

from app.source import N_
from app.spec.names import is_identifier
from app.spec.small import Problem

_DATE_SPEC = re.compile(r"(?:%[YymdHMSjUGV]|[-/._: 年月日时分]){1,24}")
_NUMBER_SPEC = re.compile(r",?(?:0?[0-9]{1,2})?(?:d|(?:\.[0-9])?[f%])?")
_MAX_HOLES = 20


@dataclass(frozen=True, slots=True)
class Hole:
    """A place to fill: the dotted path of a field, and how its value is written (`%Y%m`, `04d`, or empty).

    `offset` is where it begins in the template's text.
    """

    path: tuple[str, ...]
    spec: str = ""
    offset: int = 0

    @property
    def of_date(self) -> bool:
        """Whether the value is written as a date (`%Y%m`)."""
        return "%" in self.spec and not _NUMBER_SPEC.fullmatch(self.spec)


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A template in pieces, in order: words as they stand, and holes."""

    text: str
    pieces: tuple[str | Hole, ...]

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Hole))


def parse_template(text: str) -> TextTemplate | Problem:
    """Read one template. Doubled braces stand for themselves."""
    pieces: list[str | Hole] = []
    offset = 0
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        hint = N_("close every '{{' with '}}'; a brace of its own is written twice")
        return Problem(N_("'{written}' has a brace without its partner"), {"written": text}, hint)
    for words, path, spec, conversion in parts:
        if words:
            pieces.append(words)
        if path is None:
            continue
        offset = text.find("{" + path, offset)
        hole = _hole(path, spec or "", conversion, max(offset, 0))
        if isinstance(hole, Problem):
            return hole
        pieces.append(hole)
        offset += 1
    if len(pieces) > 2 * _MAX_HOLES:
        return Problem(N_("the template has more than {limit} fields"), {"limit": _MAX_HOLES})
    return TextTemplate(text, tuple(pieces))


def _hole(path: str, spec: str, conversion: str | None, offset: int) -> Hole | Problem:
    parts = tuple(path.split("."))
    if conversion or not all(is_identifier(part) for part in parts):
        hint = N_("write a field's name, such as {{unit.title}}; code is not allowed")
        shown = "{" + path + (f"!{conversion}" if conversion else "") + "}"
        return Problem(N_("'{written}' does not name a field"), {"written": shown}, hint, offset)
    if spec and not _DATE_SPEC.fullmatch(spec) and not _NUMBER_SPEC.fullmatch(spec):
        hint = N_("write a date as %Y, %m, %d, %H, %M and a number as 04d or .2f")
        return Problem(N_("'{written}' is not a way to write a value"), {"written": spec}, hint, offset)
    return Hole(parts, spec, offset)
