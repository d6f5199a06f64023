"""Spreadsheets in the xlsx format, written row by row and read row by row.

The library is loaded with the first one: a portal that starts need not wait for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile

from app.source import N_, Refusal

TEXT = "@"
"""The number format of a cell that stays as it is typed."""


class ImportRefused(Refusal):
    """The file as a whole cannot be imported. `text` is a template over `params`."""


def new_workbook() -> Any:
    """An openpyxl workbook to write to."""
    from openpyxl import Workbook

    return Workbook(write_only=True)


def open_workbook(source: BinaryIO) -> Any:
    """An openpyxl workbook to read from; whoever opens it closes it. Raises ImportRefused."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(source, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        raise ImportRefused(N_("the file is not a spreadsheet in the xlsx format")) from error


def new_cell(sheet: Any, value: str | float | datetime | None, bold: bool = False) -> Any:
    """A cell of `sheet`, not placed yet."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value)
    if bold:
        cell.font = Font(bold=True)
    return cell
