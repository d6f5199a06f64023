"""A grid at a given width: its text broken into lines, its rows measured. Lengths are points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from reportlab.lib.colors import Color, HexColor

from app.reports.fonts import BOLD, REGULAR, printable, text_widths
from app.reports.grid import Align, Cell, Grid, Row, Section, Tone, cells_of
from app.reports.line_breaking import break_text

PADDING = 3.0
LEADING = 1.32
INK = HexColor("#1c2733")
RULE = HexColor("#8a97a6")
HEAD_FILL = HexColor("#e8eef5")
SECTION_FILL = HexColor("#f3f6f9")
FAINT = HexColor("#5f6b7a")

_TONES: dict[Tone, tuple[Color, Color | None]] = {
    "neutral": (FAINT, None),
    "info": (HexColor("#1b4f8f"), HexColor("#e9f1fb")),
    "success": (HexColor("#1e6b33"), HexColor("#e7f4ea")),
    "warning": (HexColor("#7d5200"), HexColor("#fff3d4")),
    "danger": (HexColor("#a61b1b"), HexColor("#fde8e8")),
}


@dataclass(frozen=True, slots=True)
class LaidCell:
    """A cell ready to draw: (text, width) per line, at `x` from the grid's left edge."""

    lines: tuple[tuple[str, float], ...]
    x: float
    width: float
    align: Align
    font: str
    ink: Color
    fill: Color | None = None


@dataclass(frozen=True, slots=True)
class LaidRow:
    """A row ready to draw; `middle` centres its cells vertically, `ruled` draws lines between them."""

    cells: tuple[LaidCell, ...]
    height: float
    section: bool = False
    middle: bool = True
    ruled: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid at one width. tops[i] is the distance from the first row's top to row i's.

    section_of[i]: index of the section row that row i stands under, or -1.
    """

    width: float
    size: float
    leading: float
    edges: tuple[float, ...]
    head: tuple[LaidRow, ...]
    rows: tuple[LaidRow, ...]
    tops: tuple[float, ...]
    section_of: tuple[int, ...]
    repeats: dict[int, LaidRow]

    @property
    def head_height(self) -> float:
        return sum(row.height for row in self.head)


@dataclass(frozen=True, slots=True)
class _Setter:
    """Breaks the texts of one grid."""

    size: float
    leading: float
    edges: tuple[float, ...]

    def cell(
        self,
        text: str,
        first: int,
        last: int,
        align: Align,
        *,
        bold: bool = False,
        ink: Color = INK,
        fill: Color | None = None,
    ) -> LaidCell:
        """The cell from column `first` to `last` (both included)."""
        font = BOLD if bold else REGULAR
        x, width = self.edges[first], self.edges[last + 1] - self.edges[first]
        chars: list[str | None] = [None if char == "\n" else char for char in clean(text)]
        widths = text_widths("".join(char or " " for char in chars), font, self.size)
        lines = break_text(chars, widths, [width - 2 * PADDING])
        shown = tuple(("".join(c or "" for c in chars[line.start : line.end]), line.width) for line in lines)
        return LaidCell(shown, x, width, align, font, ink, fill)

    def height(self, cells: Sequence[LaidCell]) -> float:
        return max(len(cell.lines) for cell in cells) * self.leading + 2 * PADDING


def clean(text: str) -> str:
    """Text as a grid prints it: Unix line ends, tabs as spaces, no character the fonts lack if avoidable."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")).rstrip()


def _edges(grid: Grid, width: float) -> tuple[float, ...]:
    total = sum(column.width for column in grid.columns)
    return (0.0, *(width * share / total for share in accumulate(column.width for column in grid.columns)))


def _head(grid: Grid, setter: _Setter) -> tuple[LaidRow, ...]:
    titles = [
        setter.cell(column.title, number, number, "center", bold=True, fill=HEAD_FILL)
        for number, column in enumerate(grid.columns)
    ]
    if not grid.groups:
        return (LaidRow(tuple(titles), setter.height(titles)),) if any(c.title for c in grid.columns) else ()
    groups: list[LaidCell] = []
    first = 0
    for title, span in grid.groups:
        if title:
            groups.append(setter.cell(title, first, first + span - 1, "center", bold=True, fill=HEAD_FILL))
        else:  # the columns' own headings fill both rows and are drawn with the lower one
            groups.extend(
                replace(setter.cell("", column, column, "center"), fill=HEAD_FILL)
                for column in range(first, first + span)
            )
        first += span
    return (
        LaidRow(tuple(groups), setter.height(groups)),
        LaidRow(tuple(titles), setter.height(titles)),
    )


def _section(section: Section, setter: _Setter, suffix: str = "") -> LaidRow:
    last = len(setter.edges) - 2
    title = setter.cell(section.title + suffix, 0, last, "left", bold=True, fill=SECTION_FILL)
    cells = [title]
    if section.note:
        cells.append(setter.cell(section.note, 0, last, "right", ink=FAINT))
    return LaidRow(tuple(cells), setter.height(cells), section=True, ruled=False)


def _body_row(row: Row, grid: Grid, setter: _Setter) -> LaidRow:
    cells = []
    for number, column in enumerate(grid.columns):
        given = row.cells[number] if number < len(row.cells) else ""
        cell = given if isinstance(given, Cell) else Cell(given)
        tone = cell.tone or row.tone
        ink, fill = _TONES[tone] if tone else (INK, None)
        align = cell.align or column.align
        bold = cell.bold or row.bold
        cells.append(setter.cell(cell.text, number, number, align, bold=bold, ink=ink, fill=fill))
    return LaidRow(tuple(cells), setter.height(cells))


def lay_out(grid: Grid, width: float) -> Layout:
    """Break and measure a grid for a frame `width` points wide. Linear in its cells."""
    setter = _Setter(grid.size, grid.size * LEADING, _edges(grid, width))
    rows: list[LaidRow] = []
    section_of: list[int] = []
    repeats: dict[int, LaidRow] = {}
    current = -1
    for number, row in enumerate(grid.rows):
        if isinstance(row, Section):
            current = number
            rows.append(_section(row, setter))
            if grid.continued:
                repeats[number] = _section(row, setter, grid.continued)
        else:
            rows.append(_body_row(row if isinstance(row, Row) else Row(cells_of(row)), grid, setter))
        section_of.append(current)
    if not rows:
        cell = setter.cell(grid.empty, 0, len(grid.columns) - 1, "center", ink=FAINT)
        rows, section_of = [LaidRow((cell,), setter.height([cell]), ruled=False)], [-1]
    return Layout(
        width=width,
        size=grid.size,
        leading=setter.leading,
        edges=setter.edges,
        head=_head(grid, setter),
        rows=tuple(rows),
        tops=(0.0, *accumulate(row.height for row in rows)),
        section_of=tuple(section_of),
        repeats=repeats,
    )


def cut_row(row: LaidRow, lines: int, leading: float) -> tuple[LaidRow, LaidRow]:
    """A row cut below its first `lines` lines: the part that stays and the rest."""

    def part(first: int | None, last: int | None) -> LaidRow:
        cells = tuple(replace(cell, lines=cell.lines[first:last]) for cell in row.cells)
        height = max(len(cell.lines) for cell in cells) * leading + 2 * PADDING
        return LaidRow(cells, height, row.section, middle=False, ruled=row.ruled)

    return part(None, lines), part(lines, None)
