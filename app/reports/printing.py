"""Printing a document: what the rest of the portal asks for; the layout engine comes when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from app.reports.furniture import Furniture
from app.reports.grid import Grid

NO_GRIDS: Mapping[str, Grid] = MappingProxyType({})


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


def render_pdf(
    html: str,
    *,
    media: Path | None = None,
    grids: Mapping[str, Grid] = NO_GRIDS,
    title: str = "",
    author: str = "",
    furniture: Furniture | None = None,
    seconds: float = 120,
) -> Pdf:
    """Print a whole HTML document.

    media: folder of the pictures that `src` names relatively; None = no files at all.
    grids: contents of `<pdf:grid key="…">`. furniture: page numbers, running texts, trial mark.
    seconds: time limit. Raises ReportFailed with words for the user; EngineMismatch for a wrong installation.
    """
    # The engine takes a sixth of a portal's start to load; the first print loads it.
    from app.reports.pdf import print_html

    return print_html(html, media, grids, (title, author), furniture, seconds)
