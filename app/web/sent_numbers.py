"""Ids, versions and numbers of releases that come back as text."""

from __future__ import annotations

from collections.abc import Iterable

from app.web.rules import LARGEST_NUMBER


def sent_number(text: object) -> int | None:
    """A whole number as an address or a form sends it; None for anything else, and for what no table can
    count to."""
    words = str(text)
    number = int(words) if words.isdecimal() and len(words) < 11 else LARGEST_NUMBER + 1
    return number if number <= LARGEST_NUMBER else None


def sent_numbers(texts: Iterable[object]) -> list[int]:
    """Those of several that are whole numbers."""
    return [number for text in texts if (number := sent_number(text)) is not None]
