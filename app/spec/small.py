"""What the small languages (durations, figures, templates) share: a refusal with a place inside the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.source import Diagnostic, Span, fault


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be read: a message template with its parameters, and where in the text it begins."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    hint: str = ""
    offset: int = 0

    def at(self, code: str, span: Span) -> Diagnostic:
        """The fault for a scalar that was written at `span`."""
        one_line = span.line == span.end_line
        place = span.inside(self.offset) if self.offset and one_line else span
        return fault(code, place, self.text, self.hint, **self.params)
