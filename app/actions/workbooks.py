"""Spreadsheets in the xlsx format, written row by row and read row by row.

The library is loaded with the first one: a portal that starts need not wait for it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from app.source import N_, Refusal

TEXT = "@"
"""The number format of a cell that stays as it is typed."""
_MERGED = re.compile(rb"<mergeCell\s+ref=\"([^\"]{1,40})\"")
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_COLUMNS = 1_000
BROKEN = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, LookupError, NotImplementedError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What reading a broken workbook ends in: the library passes on whatever its parts stumble over."""


class ImportRefused(Refusal):
    """The file as a whole cannot be imported. `text` is a template over `params`."""


def new_workbook() -> Any:
    """An openpyxl workbook to write to."""
    from openpyxl import Workbook

    return Workbook(write_only=True)


@contextmanager
def sheet_rows(source: BinaryIO) -> Iterator[Iterator[tuple[Any, ...]]]:
    """The rows of a workbook's sheet, one after another, as far as MOST_COLUMNS. Raises ImportRefused for
    what is no workbook, is broken or would be too large unpacked; for a broken sheet while rows are read."""
    from openpyxl import load_workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    _refuse_bomb(source)
    with _told():
        book = load_workbook(source, read_only=True, data_only=True)
    try:
        sheet = book.active
        yield _rows(sheet) if isinstance(sheet, ReadOnlyWorksheet) else iter(())
    finally:
        book.close()


@contextmanager
def sheet_cells(source: BinaryIO, title: str) -> Iterator[Iterator[tuple[Any, ...]]]:
    """The cells of the sheet of that title (empty = the one in front), row by row, with formulas as they are
    written. Raises ImportRefused as `sheet_rows` does, where there is no such sheet, and for merged cells."""
    from openpyxl import load_workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    _refuse_bomb(source)
    with _told():
        book = load_workbook(source, read_only=True)
    try:
        names = [sheet.title for sheet in book.worksheets]
        if title and title not in names:
            text = N_("the sheet '{sheet}' is missing; this workbook has: {names}")
            raise ImportRefused(text, sheet=title, names=", ".join(names))
        sheet = book[title] if title else book.active
        if not isinstance(sheet, ReadOnlyWorksheet):
            yield iter(())
            return
        _refuse_merged(source, sheet)
        yield _cells(sheet)
    finally:
        book.close()


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    with _told():
        yield from sheet.iter_rows(max_col=MOST_COLUMNS)


def _refuse_merged(source: BinaryIO, sheet: Any) -> None:
    """All but the first of merged cells read as empty, which would unset their values."""
    with _told(), ZipFile(source) as archive, archive.open(sheet._worksheet_path) as part:
        kept, found = b"", None
        while found is None and (data := part.read(1 << 20)):
            found = _MERGED.search(kept + data)
            kept = data[-200:]
    if found is not None:
        place = f"{sheet.title}!{found[1].decode('ascii', 'replace')}"
        raise ImportRefused(N_("{place}: these cells are merged; split them again"), place=place)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    with _told():
        yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)


def _refuse_bomb(source: BinaryIO) -> None:
    """A small file can hold gigabytes of the same byte: it is looked at before it is unpacked."""
    with _told(), ZipFile(source) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > LARGEST_UNPACKED:
        raise ImportRefused(N_("the file is larger than {limit} MB"), limit=LARGEST_UNPACKED // 1024 // 1024)
    source.seek(0)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the library says about a broken file is one sentence for its sender."""
    try:
        yield
    except BROKEN as error:
        raise ImportRefused(N_("the file is not a spreadsheet in the xlsx format")) from error


def new_cell(sheet: Any, value: str | float | datetime | None, bold: bool = False) -> Any:
    """A cell of `sheet`, not placed yet."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value)
    if bold:
        cell.font = Font(bold=True)
    return cell
