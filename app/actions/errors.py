"""What an action may refuse, in words for the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.source import PortalError, Translate


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with one value: a template and its parameters."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, translate: Translate) -> str:
        return translate(self.text).format(**self.params) if self.params else translate(self.text)


class InvalidRecord(PortalError):
    """Values that the record's rules refuse; nothing was written.

    errors: field path (`unit`, `measures.0.what`; empty for the record as a whole) -> messages, translated.
    """

    def __init__(self, errors: Mapping[str, tuple[str, ...]]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{path}: {' '.join(words)}" for path, words in self.errors.items()))


class Complaints:
    """Gathers everything that is wrong, so that it is said all at once."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._found: dict[str, list[str]] = {}

    def add(self, path: str, complaint: Complaint) -> None:
        self._found.setdefault(path, []).append(complaint.message(self._translate))

    def has(self, path: str) -> bool:
        """Whether something is wrong with the field at `path` already."""
        return path in self._found

    def raise_any(self) -> None:
        """Raises InvalidRecord when anything was added."""
        if self._found:
            raise InvalidRecord({path: tuple(found) for path, found in self._found.items()})
