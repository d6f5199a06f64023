"""`<pdf:grid key="…">`: a long table as data. Cells are plain text and never pass through HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]
Tone = Literal["neutral", "info", "success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a look of its own; a plain string stands for `Cell(text)`."""

    text: str
    tone: Tone | None = None
    bold: bool = False
    align: Align | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width in percent, how its cells are aligned."""

    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells from left to right; missing ones are empty, surplus ones an error. tone: of the whole row."""

    cells: Sequence[str | Cell]
    tone: Tone | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading inside the table over its whole width, never left alone at the foot of a page.

    note: right-aligned text such as a section's score.
    """

    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that may run over hundreds of pages.

    columns: widths are shares; they are scaled to 100. groups: a heading row above the columns' own, as
    (title, number of columns); an empty title joins with the column's heading below it.
    rows: in order; a sequence of strings stands for `Row(cells)`. empty: the words shown without rows.
    continued: added to a section's title when it is repeated on the next page; empty = not repeated.
    size: font size in points.
    """

    columns: Sequence[Column]
    rows: Sequence[Row | Section | Sequence[str | Cell]] = ()
    groups: Sequence[tuple[str, int]] = ()
    empty: str = ""
    continued: str = ""
    size: float = 9.0

    def __post_init__(self) -> None:
        if not self.columns or any(column.width <= 0 for column in self.columns):
            raise ValueError("a grid needs columns with widths above 0")
        if self.groups and sum(span for _, span in self.groups) != len(self.columns):
            raise ValueError("the groups of a grid must cover its columns")
        longest = max((len(cells_of(row)) for row in self.rows), default=0)
        if longest > len(self.columns):
            raise ValueError(f"a grid row has {longest} cells for {len(self.columns)} columns")


def cells_of(row: Row | Section | Sequence[str | Cell]) -> Sequence[str | Cell]:
    """The cells of a row; a section has none."""
    if isinstance(row, Section):
        return ()
    return row.cells if isinstance(row, Row) else row


def grid_text(grid: Grid) -> str:
    """All text of a grid, for the check for characters that the fonts lack."""
    parts = [grid.empty, grid.continued, *(column.title for column in grid.columns)]
    parts.extend(title for title, _ in grid.groups)
    for row in grid.rows:
        if isinstance(row, Section):
            parts.extend((row.title, row.note))
        else:
            parts.extend(cell if isinstance(cell, str) else cell.text for cell in cells_of(row))
    return "".join(parts)
