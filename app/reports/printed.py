"""What a print leaves behind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished print: the file, its number of pages, and what could not be shown.

    missing_characters: characters that the print fonts lack, each once. missing_media: names of files that
    the HTML asks for and the media folder does not hold (or that lie outside it).
    """

    data: bytes
    pages: int
    missing_characters: str = ""
    missing_media: tuple[str, ...] = ()
