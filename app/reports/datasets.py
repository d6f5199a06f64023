"""The data of a report as tables: columns, rows in words and as values, grids and charts of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from app.reports.charts import ChartData, ChartKind, Number, Series, text_units
from app.reports.grid import Align, Column, Grid, Row

_NARROWEST, _WIDEST = 3.0, 18.0
_MEASURED = 200
"""Rows whose words decide how wide a column is."""


@dataclass(frozen=True, slots=True)
class DataColumn:
    """One column. adds: a row of totals means something here; number: it stands on the right."""

    name: str
    title: str
    number: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class DataRow:
    """words: every declared column in words, empty where the reader may not see it; raw: the values."""

    words: Mapping[str, str]
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DataTable:
    """A data set as it is printed. columns: those that the reader sees; total: rows that there are, which may
    be more than those at hand; totals: what the columns that can be added up come to, in words (empty where
    the reader does not see the column, or not all rows are at hand)."""

    name: str
    title: str
    columns: Sequence[DataColumn]
    rows: Sequence[DataRow]
    total: int
    totals: Mapping[str, str]

    @property
    def cut(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.total > len(self.rows)

    def for_template(self) -> list[dict[str, object]]:
        """The rows as templates read them: `row.unit` in words, `row.raw.unit` the value."""
        return [{**row.words, "raw": row.raw} for row in self.rows]


def sums_of(columns: Iterable[DataColumn], rows: Sequence[DataRow]) -> dict[str, Decimal]:
    """What the columns that can be added up come to; empty values count nothing."""
    return {
        column.name: sum((_decimal(row.raw.get(column.name)) for row in rows), Decimal(0))
        for column in columns
        if column.adds
    }


def _decimal(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(0)


def grid_of(table: DataTable, empty: str, total_word: str, continued: str = "") -> Grid:
    """The table as a grid; the first column of the last row says that it is the total."""
    if not table.columns:
        return Grid([Column("", 1)], (), empty=empty)
    rows: list[Row | Sequence[str]] = [
        [row.words[column.name] for column in table.columns] for row in table.rows
    ]
    if len(table.rows) > 1 and any(table.totals.values()):
        cells = [table.totals.get(column.name, "") for column in table.columns]
        if not cells[0]:
            cells[0] = total_word
        rows.append(Row(cells, bold=True))
    columns = [Column(one.title, _width(one, table), _align(one)) for one in table.columns]
    return Grid(columns, rows, empty=empty, continued=continued)


def _align(column: DataColumn) -> Align:
    return "right" if column.number else "left"


def _width(column: DataColumn, table: DataTable) -> float:
    """By the widest of its first words, within bounds."""
    words = [row.words[column.name] for row in table.rows[:_MEASURED]]
    words += [column.title, table.totals.get(column.name, "")]
    longest = max(text_units(line) for text in words for line in (text.splitlines() or [""]))
    return min(max(longest, _NARROWEST), _WIDEST) + 1


def chart_of(
    table: DataTable, kind: ChartKind, x: str, y: Sequence[str], title: str = "", empty: str = ""
) -> ChartData:
    """A chart of a table: labels from the column `x`, one series for each of `y` that the reader sees."""
    seen = {column.name: column for column in table.columns}
    labels = [row.words.get(x) or "–" for row in table.rows] if x in seen else []
    series = [
        Series(seen[name].title, [_number(row.raw.get(name)) for row in table.rows])
        for name in y
        if name in seen
    ]
    return ChartData(kind, labels, series if labels else [], title=title, empty=empty)


def _number(value: object) -> Number | None:
    """A figure to draw: durations in hours."""
    if isinstance(value, timedelta):
        return value.total_seconds() / 3600
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return value
