"""Page x of y in one layout pass, running header and footer, and the mark of a trial regulation.

Where "x of y" belongs, each page refers to a small form of its own; when the document ends and y is known,
the forms are written. Counting the pages in a pass before would lay everything out twice.
"""

from __future__ import annotations

import math
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from xhtml2pdf import document as engine
from xhtml2pdf.builders.printmarks import MarkedCanvas
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc

from app.reports.fonts import BOLD, REGULAR, printable
from app.reports.furniture import Furniture
from app.reports.headings import HeadingWithStart
from app.reports.rendering import Render, current_render

_SIZE = 8.0
_BASELINE = 9 * mm
_GREY = HexColor("#5f6b7a")
_RULE = HexColor("#c5cdd6")
_MARK = HexColor("#8a97a6")
_STAMP = HexColor("#b42318")
_MARK_OPACITY = 0.13


def _form_name(page: int) -> str:
    return f"page-number-{page}"


class PortalCanvas(MarkedCanvas):  # type: ignore[misc]  # the library has no types
    """The engine's canvas; writes the page-number forms when the number of pages is known."""

    def save(self) -> None:
        render: Render | None = getattr(self, "portal_render", None)
        if render is not None:
            render.pages = self.getPageNumber() - 1
            if render.furniture is not None:
                _write_page_numbers(self, render.furniture, render.pages)
        super().save()


class PortalDocument(PmlBaseDoc):  # type: ignore[misc]  # the library has no types
    """The engine's document with the furniture of the run it was made in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.keepTogetherClass = HeadingWithStart
        self._render = current_render()

    def _makeCanvas(self, filename: Any = None, canvasmaker: Any = None) -> Any:
        canvas = super()._makeCanvas(filename=filename, canvasmaker=PortalCanvas)
        canvas.portal_render = self._render
        return canvas

    def beforePage(self) -> None:
        super().beforePage()
        if self._render is not None and self._render.furniture is not None:
            _draw_mark(self.canv, self._render.furniture)

    def afterPage(self) -> None:
        super().afterPage()
        if self._render is not None and self._render.furniture is not None:
            left, right = _text_edges(self.pageTemplate)
            _draw_furniture(self.canv, self._render.furniture, left, right)


def _text_edges(template: Any) -> tuple[float, float]:
    """Left and right edge of the page's text, in points."""
    frame = template.frames[0]
    return frame._x1 + frame._leftPadding, frame._x2 - frame._rightPadding


def _draw_furniture(canvas: Any, furniture: Furniture, left: float, right: float) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, _SIZE)
    canvas.setFillColor(_GREY)
    canvas.setStrokeColor(_RULE)
    canvas.setLineWidth(0.4)
    if furniture.page_words or furniture.footer:
        canvas.line(left, _BASELINE + 10, right, _BASELINE + 10)
    room = right - left - (stringWidth("8888 / 8888 MMMMMMMM", REGULAR, _SIZE) if furniture.page_words else 0)
    canvas.drawString(left, _BASELINE, shortened(printable(furniture.footer), room))
    if furniture.header:
        top = canvas._pagesize[1] - _BASELINE - 2
        canvas.drawString(left, top, shortened(printable(furniture.header), right - left - 60))
        canvas.line(left, top - 5, right, top - 5)
    if furniture.page_words:
        canvas.saveState()
        canvas.translate(right, _BASELINE)
        canvas.doForm(_form_name(canvas.getPageNumber()))
        canvas.restoreState()
    canvas.restoreState()
    if furniture.mark and furniture.mark_style == "stamp":
        _draw_stamp(canvas, printable(furniture.mark), right)


def shortened(text: str, room: float) -> str:
    """`text` on one line of `room` points, cut with an ellipsis if need be."""
    line = " ".join(text.split())
    if stringWidth(line, REGULAR, _SIZE) <= room:
        return line
    while line and stringWidth(line + "…", REGULAR, _SIZE) > room:
        line = line[:-1]
    return line + "…"


def _write_page_numbers(canvas: Any, furniture: Furniture, pages: int) -> None:
    if not furniture.page_words:
        return
    for page in range(1, pages + 1):
        words = printable(furniture.page_words.format(page=page, pages=pages))
        canvas.beginForm(_form_name(page), -250, -4, 4, 12)
        canvas.setFont(REGULAR, _SIZE)
        canvas.setFillColor(_GREY)
        canvas.drawRightString(0, 0, words)
        canvas.endForm()


def _draw_mark(canvas: Any, furniture: Furniture) -> None:
    """The mark across the page, under its text."""
    if not furniture.mark or furniture.mark_style != "watermark":
        return
    width, height = canvas._pagesize
    mark = printable(furniture.mark)
    size = min(150.0, 0.6 * math.hypot(width, height) / max(stringWidth(mark, BOLD, 1), 0.1))
    canvas.saveState()
    canvas.setFillColor(_MARK)
    canvas.setFillAlpha(_MARK_OPACITY)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size * 0.35, mark)
    canvas.restoreState()


def _draw_stamp(canvas: Any, mark: str, right: float) -> None:
    """The mark in a red frame at the top right corner."""
    size = 11.0
    width = stringWidth(mark, BOLD, size) + 12
    bottom = canvas._pagesize[1] - _BASELINE - 6
    canvas.saveState()
    canvas.setStrokeColor(_STAMP)
    canvas.setFillColor(_STAMP)
    canvas.setLineWidth(1.2)
    canvas.roundRect(right - width, bottom, width, size + 7, 2.5, stroke=1, fill=0)
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(right - width / 2, bottom + 4.2, mark)
    canvas.restoreState()


def install_page_numbers() -> None:
    """Let the engine build its documents with the furniture of their run. Idempotent."""
    engine.PmlBaseDoc = PortalDocument
