"""A tuning workbook that was edited wrongly is refused with its sheet and cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.actions.tuning_book import read_tuning_book, tuning_book
from app.actions.workbooks import ImportRefused
from app.release.tuning import TuningRow
from app.source import Span

PLACE = Span("config/x.yaml", 1, 1)
ROWS = tuple(
    TuningRow(
        f"r.levels.l{number}.amount", "r", "Tariff", f"level {number}", str(number * 10), "number", PLACE
    )
    for number in range(1, 5)
)


def edited(edit: Callable[[Any], object]) -> bytes:
    """The workbook of `ROWS` after somebody's work on its sheet."""
    book = load_workbook(io.BytesIO(tuning_book("amounts", ROWS)))
    edit(book["amounts"])
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put(spot: str, value: object, number_format: str = "General") -> Callable[[Any], object]:
    def edit(sheet: Any) -> None:
        sheet[spot].number_format = number_format
        sheet[spot].value = value

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("E3", "=E2*2"), "amounts!E3: a formula stands there"),
        (put("A3", "=E2"), "amounts!A3: a formula stands there"),
        (put("E3", "#REF!"), "amounts!E3: #REF! is no value"),
        (lambda sheet: sheet.merge_cells("E3:E4"), "amounts!E3:E4: these cells are merged"),
        (put("E1", "new value"), "amounts!1: the columns value have to stand in the first row"),
        (put("G1", "value"), "the columns value have to stand in the first row, each once"),
        (lambda sheet: sheet.delete_rows(1), "amounts!1: the columns path, value, value when downloaded"),
        (put("A3", "r.levels.l1.amount"), "amounts!E3: this row is there twice; the other one is amounts!E2"),
        (put("E9", "7"), "amounts!E9: there is a value, and no path in its row"),
    ],
    ids=["formula", "formula as path", "error", "merged", "renamed", "column twice", "no header", "row twice",
         "no path"],
)  # fmt: skip
def test_a_wrong_cell_is_named(edit: Callable[[Any], object], said: str) -> None:
    """None of the values is read, and the message says where to look."""
    with pytest.raises(ImportRefused) as refused:
        read_tuning_book(edited(edit), "amounts")
    assert said in refused.value.message()


def test_another_table_is_not_taken_for_this_one() -> None:
    """The sheet is named after its table."""
    with pytest.raises(ImportRefused, match="'points' is missing; this workbook has: amounts"):
        read_tuning_book(tuning_book("amounts", ROWS), "points")


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        (75, "General", "75"),
        (0.1 + 0.2, "General", "0.3"),
        (1200000.5, "General", "1200000.5"),
        (1e17, "General", "100000000000000000"),
        (0.95, "0%", "95%"),
        (date(2027, 1, 1), "yyyy-mm-dd", "2027-01-01"),
        (datetime(2027, 1, 1, 8, 30), "yyyy-mm-dd hh:mm", "2027-01-01 08:30"),  # noqa: DTZ001
        ("８０", "@", "８０"),
        (" 80 ", "@", "80"),
        (None, "@", None),
    ],
)
def test_a_cell_is_read_as_it_was_typed(value: object, number_format: str, read: str | None) -> None:
    """Whatever the spreadsheet made of it; blank rows below say nothing."""
    data = edited(lambda sheet: (put("E3", value, number_format)(sheet), put("B12", "x")(sheet)))
    sent = {one.path: one for one in read_tuning_book(data, "amounts")}
    assert len(sent) == 4
    found = sent["r.levels.l2.amount"]
    assert (found.value, found.seen, found.cell) == (read, "20", "amounts!E3" if read else found.cell)


def test_another_sheet_besides_is_left_alone() -> None:
    """Somebody's notes on a sheet of their own, in front even."""
    book = load_workbook(io.BytesIO(tuning_book("amounts", ROWS)))
    book.create_sheet("notes", 0)["A1"] = "=1/0"
    book.active = 0
    assert len(read_tuning_book(saved(book), "amounts")) == 4
