"""What actions and storage refuse, in words for the page and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask_babel import gettext as _

from app.actions import InvalidRecord
from app.source import PortalError
from app.storage import NotUnique

Errors = dict[str, tuple[str, ...]]


def field_errors(error: PortalError) -> Errors:
    """Field path -> messages; messages about the record as a whole stand under an empty path."""
    if isinstance(error, InvalidRecord):
        return dict(error.errors)
    if isinstance(error, NotUnique):
        return {error.field: (said(error),)}
    return {"": (said(error),)}


def fault_lines(error: PortalError) -> list[str]:
    """One line for each message."""
    return [message for messages in field_errors(error).values() for message in messages]


def said(error: PortalError) -> str:
    """The error's sentence in the user's language."""
    message: Callable[[Callable[[str], str]], str] | None = getattr(error, "message", None)
    return message(_) if callable(message) else str(error)


def merged(*parts: Mapping[str, Sequence[str]]) -> Errors:
    """Several sets of field errors as one."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for path, messages in part.items():
            found.setdefault(path, []).extend(messages)
    return {path: tuple(messages) for path, messages in found.items()}
