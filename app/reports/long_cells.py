"""Cells of tables that hold more text than a page: they run over pages instead of being printed ever smaller.

The engine shrinks the content of a cell to the height of a page, down to what nobody can read; it lets only
cells that hold a table of their own run on. Those with a long text do the same here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xhtml2pdf import tables
from xhtml2pdf.xhtml2pdf_reportlab import PmlFlowingCell, PmlKeepInFrame

LONG_CELL = 250
"""Characters of the longest text that keeps to one page: so many stand on one even in a narrow cell."""
_BREAK = 8
_SHRINK = "shrink"


def cell_of(content: Sequence[Any], mode: str = _SHRINK, **sizes: float) -> Any:
    """Takes the place of `PmlKeepInFrame` for the cells of tables; `mode` is what a template asks for."""
    if mode == _SHRINK and sum(_length(one) for one in content) > LONG_CELL:
        return PmlFlowingCell(list(content))
    return PmlKeepInFrame(content=content, mode=mode, **sizes)


def _length(flowable: Any) -> int:
    """Characters of a paragraph, its breaks counted as so many."""
    parts = getattr(flowable, "frags", ())
    breaks = sum(1 for part in parts if hasattr(part, "lineBreak"))
    return sum(len(getattr(part, "text", "")) for part in parts) + breaks * _BREAK


def install_long_cells() -> None:
    """Let the engine make cells in this way. Idempotent."""
    tables.PmlKeepInFrame = cell_of
