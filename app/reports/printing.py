"""Printing a document: what the rest of the portal asks for; the layout engine comes when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from app.reports.furniture import Furniture
from app.reports.grid import Grid
from app.reports.printed import Pdf

NO_GRIDS: Mapping[str, Grid] = MappingProxyType({})


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
