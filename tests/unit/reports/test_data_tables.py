"""Tables of data: totals, grids, charts of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.reports import Row
from app.reports.datasets import DataColumn, DataRow, DataTable, chart_of, grid_of, sums_of

COLUMNS = (DataColumn("unit", "单位"), DataColumn("cost", "费用", number=True, adds=True))


def table(*costs: object, total: int | None = None) -> DataTable:
    """One row for each cost."""
    rows = tuple(
        DataRow({"unit": f"u{number}", "cost": f"¥{cost}"}, {"unit": number, "cost": cost})
        for number, cost in enumerate(costs)
    )
    sums = sums_of(COLUMNS, rows)
    totals = {"cost": f"¥{sums['cost']}"}
    return DataTable("costs", "费用表", COLUMNS, rows, len(rows) if total is None else total, totals)


def test_sums_leave_out_what_is_no_figure() -> None:
    """Empty values and texts count nothing."""
    assert sums_of(COLUMNS, table(Decimal("1.50"), None, "x", 2).rows) == {"cost": Decimal("3.50")}


@pytest.mark.parametrize(("costs", "rows"), [((), 0), ((1,), 1), ((1, 2), 3)], ids=["none", "one", "two"])
def test_a_grid_ends_with_its_total(costs: tuple[int, ...], rows: int) -> None:
    """Where there is more than one row to add up; figures stand on the right."""
    grid = grid_of(table(*costs), "nothing", "in all")
    assert len(grid.rows) == rows and grid.empty == "nothing"
    assert [column.align for column in grid.columns] == ["left", "right"]
    if rows == 3:
        last = grid.rows[-1]
        assert isinstance(last, Row) and list(last.cells) == ["in all", "¥3"] and last.bold


def test_a_table_without_columns_has_a_grid() -> None:
    """A reader who sees none of its columns finds an empty table."""
    assert grid_of(DataTable("x", "", (), (), 0, {}), "nothing", "in all").empty == "nothing"


def test_a_table_knows_that_it_was_cut() -> None:
    """More rows than are at hand."""
    assert table(1, 2, total=5).cut and not table(1, 2).cut


def test_a_chart_takes_columns_that_are_seen() -> None:
    """Labels in words, figures as values, durations in hours; others are gaps."""
    chart = chart_of(table(Decimal(5), None, timedelta(minutes=90), True), "bar", "unit", ["cost", "hidden"])
    assert list(chart.labels) == ["u0", "u1", "u2", "u3"]
    assert [(one.title, list(one.values)) for one in chart.series] == [
        ("费用", [Decimal(5), None, 1.5, None])
    ]
    assert chart_of(table(1), "pie", "hidden", ["cost"], empty="nothing").series == []
