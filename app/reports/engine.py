"""The layout engine (xhtml2pdf) with the portal's additions, put in place once per process.

The additions replace private names of one exact version; another version is refused, so that an upgrade
fails a test instead of changing prints.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import version
from threading import Lock

from reportlab import rl_config

from app.reports.errors import EngineMismatch
from app.reports.fonts import register_fonts
from app.reports.grid_flowable import install_grids
from app.reports.headings import install_kept_blocks
from app.reports.long_cells import install_long_cells
from app.reports.page_numbers import install_page_numbers
from app.reports.paragraphs import install_line_breaking
from app.source import N_

VERSIONS = {"xhtml2pdf": "0.2.28", "reportlab": "5.1.0", "svglib": "2.3.2"}
"""The library versions that the additions were written for."""

_INSTALLING = Lock()


def check_versions() -> None:
    """Raise EngineMismatch when a library is not the one that the additions know."""
    for name, wanted in VERSIONS.items():
        found = version(name)
        if found != wanted:
            raise EngineMismatch(
                N_("Printing needs {name} {wanted}, but {found} is installed."),
                name=name,
                wanted=wanted,
                found=found,
            )


@cache
def _installed() -> None:
    check_versions()
    register_fonts()
    # Photos would otherwise be written as ASCII by a slow pure-Python encoder, a quarter larger.
    rl_config.useA85 = 0
    install_line_breaking()
    install_grids()
    install_kept_blocks()
    install_long_cells()
    install_page_numbers()
    # One warning per document and unknown CSS property would drown the portal's own log.
    logging.getLogger("xhtml2pdf").setLevel(logging.ERROR)


def install() -> None:
    """Make the engine ready to print; the first call of a process takes about 0.2 s, later ones nothing.

    Safe to call from several threads. Raises EngineMismatch, or TTFError for a damaged font file.
    """
    with _INSTALLING:
        _installed()
