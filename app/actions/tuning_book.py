"""A tuning table as a spreadsheet, out and in: every value is a text cell, so that none is computed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from app.actions.tuning_tables import Sent
from app.actions.workbooks import TEXT, ImportRefused, new_cell, new_workbook, sheet_cells
from app.release.tuning import TuningRow
from app.source import N_

COLUMNS = ("path", "regime", "owner", "name", "value", "value when downloaded", "source", "note")
"""Titles of the first row, in English in every language: they are read again."""
WIDTHS = (60, 22, 26, 22, 18, 22, 22, 40)
LARGEST_BOOK = 8 * 1024 * 1024
MOST_ROWS = 50_000


def tuning_book(title: str, rows: Sequence[TuningRow]) -> bytes:
    """The rows as an xlsx file; an unset value is an empty cell."""
    book = new_workbook()
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for position, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + position)].width = width
    sheet.append([_cell(sheet, word, bold=True) for word in COLUMNS])
    for row in rows:
        value = row.value or ""
        name = f"{row.name} {row.what}".strip()
        words = (row.path, row.regime, row.owner, name, value, value, row.source, row.note)
        sheet.append([_cell(sheet, word) for word in words])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_tuning_book(data: bytes, table: str = "") -> tuple[Sent, ...]:
    """The values of a spreadsheet made by `tuning_book` for that table (empty: of the sheet in front), each
    with its cell. Raises ImportRefused for another file, and for cells that do not say what they mean."""
    if len(data) > LARGEST_BOOK:
        raise ImportRefused(N_("the file is larger than {limit} MB"), limit=LARGEST_BOOK // 1024 // 1024)
    with sheet_cells(io.BytesIO(data), table) as rows:
        return tuple(_sent(rows, table))


def _sent(rows: Iterator[tuple[Any, ...]], sheet: str) -> Iterator[Sent]:
    header = [_words(cell.value) for cell in next(rows, ())]
    missing = [name for name in ("path", "value", "value when downloaded") if header.count(name) != 1]
    if missing:
        text = N_("{place}: the columns {names} have to stand in the first row, each once")
        raise ImportRefused(text, place=f"{sheet}!1" if sheet else "1", names=", ".join(missing))
    path, value, seen = (header.index(name) for name in ("path", "value", "value when downloaded"))
    found: dict[str, str] = {}
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise ImportRefused(N_("more than {most} rows; cut the file in parts"), most=MOST_ROWS)
        cells = [_plain(row[place], sheet) if place < len(row) else "" for place in (path, value, seen)]
        if not any(cells):
            continue
        where = _place(row[min(value, len(row) - 1)], sheet, count + 1)
        if not cells[0]:
            raise ImportRefused(N_("{place}: there is a value, and no path in its row"), place=where)
        if cells[0] in found:
            text = N_("{place}: this row is there twice; the other one is {other}")
            raise ImportRefused(text, place=where, other=found[cells[0]])
        found[cells[0]] = where
        yield Sent(cells[0], cells[2] or None, cells[1] or None, where)


def _place(cell: Any, sheet: str, row: int) -> str:
    """Sheet and cell, as spreadsheets write it; of a cell that was never filled in the row."""
    spot = getattr(cell, "coordinate", str(row))
    return f"{sheet}!{spot}" if sheet else spot


def _plain(cell: Any, sheet: str) -> str:
    """What was typed into a cell. Raises ImportRefused for a formula, and for what one could not work out."""
    kind = getattr(cell, "data_type", "")
    if kind == "f":
        text = N_("{place}: a formula stands there; type its value")
        raise ImportRefused(text, place=_place(cell, sheet, 0))
    if kind == "e":
        text = N_("{place}: {value} is no value")
        raise ImportRefused(text, place=_place(cell, sheet, 0), value=cell.value)
    if isinstance(cell.value, float | int) and "%" in str(getattr(cell, "number_format", "")):
        return f"{_words(float(cell.value) * 100)}%"
    return _words(cell.value)


def _words(cell: object) -> str:
    """A cell as it would be typed: spreadsheet programs turn what looks like a number or a day into one."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, float):
        # As many digits as a spreadsheet shows: the rest comes of reckoning in binary.
        return f"{Decimal(f'{cell:.15g}').normalize():f}"
    return str(cell).strip()


def _cell(sheet: Any, words: str, bold: bool = False) -> Any:
    cell = new_cell(sheet, words or None, bold)
    cell.number_format = TEXT
    if words:
        cell.data_type = "s"
    return cell
