"""A laid-out grid on paper: where it is cut at page ends, and how it is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable
from xhtml2pdf import default, parser
from xhtml2pdf.tags import pisaTag

from app.reports.fonts import ASCENT
from app.reports.grid import Grid
from app.reports.grid_layout import PADDING, RULE, LaidCell, LaidRow, Layout, cut_row, lay_out
from app.reports.rendering import current_render

_EPSILON = 1e-6
_SPACE = 5.0


class GridFlowable(Flowable):  # type: ignore[misc]  # the library has no types
    """A whole grid, or the part of one that stands on a page.

    A part shares its layout with the others and holds only where it starts and stops, so that cutting a
    grid of n rows into pages costs n steps in all.
    """

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self._grid = grid
        self._layout: Layout | None = None
        self._start, self._stop = 0, max(1, len(grid.rows))
        self._before: tuple[LaidRow, ...] = ()  # repeated section heading, rest of a row cut above
        self._after: tuple[LaidRow, ...] = ()  # the beginning of a row cut below
        self.spaceBefore = self.spaceAfter = _SPACE

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        if self._layout is None or abs(self._layout.width - available_width) > _EPSILON:
            self._layout = lay_out(self._grid, available_width)
        self.width, self.height = available_width, self._height(self._layout)
        return self.width, self.height

    def _height(self, layout: Layout) -> float:
        body = layout.tops[self._stop] - layout.tops[self._start]
        return layout.head_height + body + sum(row.height for row in (*self._before, *self._after))

    def split(self, available_width: float, available_height: float) -> list[GridFlowable]:
        """This grid in what fits and the rest; [] = nothing sensible fits, try the next page."""
        self.wrap(available_width, available_height)
        layout = self._layout
        if layout is None or self.height <= available_height + _EPSILON:
            return [self]
        room = available_height - layout.head_height - sum(row.height for row in self._before)
        resumed = any(not row.section for row in self._before)
        if room < 0 and resumed:
            return self._cut_inside(layout, -1, available_height)
        last = bisect_right(layout.tops, layout.tops[self._start] + room + _EPSILON) - 1
        last = max(self._start, min(last, self._stop - 1))
        cut = last
        while cut > self._start and layout.rows[cut - 1].section:
            cut -= 1
        if cut > self._start or resumed:
            return [self._part(layout, cut), self._rest(layout, cut)]
        if not self._at_top():
            return []
        return self._cut_inside(layout, last, room - (layout.tops[last] - layout.tops[self._start]))

    def _cut_inside(self, layout: Layout, number: int, room: float) -> list[GridFlowable]:
        """Cut inside row `number`, or inside the rest of one (-1), which is higher than the page."""
        if number < 0:
            *lead, row = self._before
            room -= layout.head_height + sum(before.height for before in lead)
        else:
            row = layout.rows[number]
        fitting = int((room - 2 * PADDING + _EPSILON) / layout.leading)
        if fitting < 1 and not self._at_top():
            # What is left of the page on which a row was cut has no room for another line of it.
            return []
        lines = max(1, fitting)
        if lines >= max(len(cell.lines) for cell in row.cells):
            return []
        top, rest_of_row = cut_row(row, lines, layout.leading)
        if number < 0:
            part, rest = self._part(layout, self._start), self._copy(layout, self._start, self._stop)
            part._before = (*lead, top)
            rest._before = (*lead, rest_of_row)
            return [part, rest]
        part, rest = self._part(layout, number), self._rest(layout, number + 1)
        part._after = (top,)
        rest._before = (*self._repeat(layout, number), rest_of_row)
        return [part, rest]

    def _copy(self, layout: Layout, start: int, stop: int) -> GridFlowable:
        copy = GridFlowable(self._grid)
        copy._layout, copy._start, copy._stop = layout, start, stop
        return copy

    def _part(self, layout: Layout, stop: int) -> GridFlowable:
        part = self._copy(layout, self._start, stop)
        part._before = self._before
        return part

    def _rest(self, layout: Layout, start: int) -> GridFlowable:
        rest = self._copy(layout, start, self._stop)
        if start < self._stop:
            rest._before = self._repeat(layout, start)
        return rest

    @staticmethod
    def _repeat(layout: Layout, number: int) -> tuple[LaidRow, ...]:
        """The heading of the section that row `number` continues on a new page, if it is to be repeated."""
        section = layout.section_of[number]
        return (layout.repeats[section],) if section != number and section in layout.repeats else ()

    def _at_top(self) -> bool:
        """Whether this stands at the top of an empty page, so that moving on would gain nothing."""
        if getattr(self, "_postponed", False):
            return True
        document = getattr(getattr(self, "canv", None), "_doctemplate", None)
        return bool(getattr(getattr(document, "frame", None), "_atTop", False))

    def _drawn_rows(self, layout: Layout) -> Iterator[tuple[LaidRow, float, float]]:
        """(row, top, bottom) measured from this part's bottom edge."""
        y = self.height
        for row in (*layout.head, *self._before, *layout.rows[self._start : self._stop], *self._after):
            yield row, y, y - row.height
            y -= row.height

    def draw(self) -> None:
        layout = self._layout
        if layout is None:
            return
        rows = list(self._drawn_rows(layout))
        canvas = self.canv
        canvas.saveState()
        _fill(canvas, rows)
        _write(canvas, rows, layout)
        _rule(canvas, rows, layout, len(layout.head))
        canvas.restoreState()


_Placed = Sequence[tuple[LaidRow, float, float]]


def _fill(canvas: Any, rows: _Placed) -> None:
    for row, top, bottom in rows:
        for cell in row.cells:
            if cell.fill is not None:
                canvas.setFillColor(cell.fill)
                canvas.rect(cell.x, bottom, cell.width, top - bottom, stroke=0, fill=1)


def _write(canvas: Any, rows: _Placed, layout: Layout) -> None:
    text = canvas.beginText()
    look: tuple[object, object] | None = None
    drop = (layout.leading - layout.size) / 2 + layout.size * ASCENT
    for number, (row, top, bottom) in enumerate(rows):
        for cell in row.cells:
            if look != (cell.font, cell.ink):
                text.setFont(cell.font, layout.size, layout.leading)
                text.setFillColor(cell.ink)
                look = (cell.font, cell.ink)
            slack = (top - bottom - 2 * PADDING - len(cell.lines) * layout.leading) / 2 if row.middle else 0.0
            # A heading without a group above it is centred over both heading rows.
            lift = layout.head[0].height / 2 if number == 1 and _joins_above(layout, cell) else 0.0
            y = top - PADDING - slack - drop + lift
            for line, width in cell.lines:
                if line:
                    text.setTextOrigin(_left(cell, width), y)
                    text.textOut(line)
                y -= layout.leading
    canvas.drawText(text)


def _left(cell: LaidCell, width: float) -> float:
    spare = cell.width - 2 * PADDING - width
    return cell.x + PADDING + {"left": 0.0, "center": spare / 2, "right": spare}[cell.align]


def _joins_above(layout: Layout, cell: LaidCell) -> bool:
    """Whether a column heading has an empty group above it, so that both are one cell."""
    if len(layout.head) < 2:
        return False
    return any(
        above.x == cell.x and above.width == cell.width and above.lines == (("", 0.0),)
        for above in layout.head[0].cells
    )


def _rule(canvas: Any, rows: _Placed, layout: Layout, heads: int) -> None:
    """The grid lines: one below each row, uprights where a row is ruled, a frame around all."""
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    left, right = 0.0, layout.width
    lines = [(left, rows[0][1], right, rows[0][1])] if rows else []
    for number, (row, top, bottom) in enumerate(rows):
        if number == 0 and heads == 2:
            lines.extend(
                (cell.x, bottom, cell.x + cell.width, bottom)
                for cell in row.cells
                if cell.lines != (("", 0.0),)
            )
        else:
            lines.append((left, bottom, right, bottom))
        uprights = {cell.x for cell in row.cells} if row.ruled else set()
        lines.extend((x, top, x, bottom) for x in sorted(uprights | {left, right}))
    canvas.lines(lines)


class PdfGridTag(pisaTag):  # type: ignore[misc]  # the library has no types
    """The mark-up `<pdf:grid key="…"></pdf:grid>`."""

    def start(self, context: Any) -> None:
        render = current_render()
        key = str(self.attr["key"] or "")
        if render is None or key not in render.grids:
            raise ValueError(f"no grid named '{key}'")
        context.addPara()
        context.addStory(GridFlowable(render.grids[key]))


def install_grids() -> None:
    """Teach the engine the tag. Idempotent."""
    default.TAGS["pdfgrid"] = (1, {"key": (default.STRING, "")})
    parser.pisaTagPDFGRID = PdfGridTag
