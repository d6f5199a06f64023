"""A tuning table as a spreadsheet, out and in: every value is a text cell, so that none is computed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from typing import Any

from app.actions.tuning_tables import Sent
from app.actions.workbooks import TEXT, ImportRefused, new_cell, new_workbook, open_workbook
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


def read_tuning_book(data: bytes) -> tuple[Sent, ...]:
    """The values of a spreadsheet made by `tuning_book`. Raises ImportRefused for another file."""
    if len(data) > LARGEST_BOOK:
        raise ImportRefused(N_("the file is larger than {limit} MB"), limit=LARGEST_BOOK // 1024 // 1024)
    with closing(open_workbook(io.BytesIO(data))) as book:
        sheet = book.active
        rows = sheet.iter_rows(values_only=True) if sheet is not None else iter(())
        return tuple(_sent(rows))


def _sent(rows: Iterator[tuple[Any, ...]]) -> Iterator[Sent]:
    header = [_words(cell) for cell in next(rows, ())]
    missing = [name for name in ("path", "value", "value when downloaded") if name not in header]
    if missing:
        raise ImportRefused(N_("the columns {names} are missing in the first row"), names=", ".join(missing))
    path, value, seen = (header.index(name) for name in ("path", "value", "value when downloaded"))
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise ImportRefused(N_("more than {most} rows; cut the file in parts"), most=MOST_ROWS)
        cells = [_words(cell) for cell in row] + [""] * len(header)
        if cells[path]:
            yield Sent(cells[path], cells[seen] or None, cells[value] or None)


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
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()


def _cell(sheet: Any, words: str, bold: bool = False) -> Any:
    cell = new_cell(sheet, words or None, bold)
    cell.number_format = TEXT
    if words:
        cell.data_type = "s"
    return cell
