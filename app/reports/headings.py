"""A heading stays with the beginning of what follows it, and blocks that are kept whole may hold others.

The engine keeps a heading together with the whole next block: before a long table that leaves the rest of the
page empty. A kept block inside a kept block it takes for endless, and always breaks the page before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reportlab.platypus.flowables import Flowable, KeepTogether
from reportlab.platypus.tables import Table
from xhtml2pdf import parser as engine
from xhtml2pdf.xhtml2pdf_reportlab import PmlParagraph

from app.reports.grid_flowable import GridFlowable

_START = 84.0
"""Room for the beginning of a block, in points: a table's heading and a row or two."""


class HeadingWithStart(KeepTogether):  # type: ignore[misc]  # the library has no types
    """Headings and the block after them; a block that can be cut need not stay whole."""

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        if getattr(self, "_wrapInfo", None) != (available_width, available_height):
            self.wrap(available_width, available_height)
        *headings, block = self._content
        if headings and isinstance(block, (GridFlowable, Table, PmlParagraph)):
            block_height = block.wrapOn(self.canv, available_width, available_height)[1]
            if available_height >= self._H - block_height + min(block_height, _START):
                return list(self._content)
        return super().split(available_width, available_height)  # type: ignore[no-any-return]


class KeptBlock(KeepTogether):  # type: ignore[misc]  # the library has no types
    """A block that stays on one page; blocks inside it that do so too are simply part of it."""

    def __init__(self, flowables: Iterable[Flowable]) -> None:
        super().__init__(list(_flattened(flowables)))


def _flattened(flowables: Iterable[Flowable]) -> Iterator[Flowable]:
    for one in flowables:
        if isinstance(one, KeepTogether):
            yield from _flattened(one._content)
        else:
            yield one


def install_kept_blocks() -> None:
    """Let `page-break-inside: avoid` be written inside itself. Idempotent."""
    engine.KeepTogether = KeptBlock
