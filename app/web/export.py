"""Lists as spreadsheets: the columns of the list, the rows that the actor may both read and export."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, send_file
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from werkzeug.datastructures import MultiDict

from app.access import mask_value, masked_fields
from app.actions.exporting import neutral, note_export
from app.release import FieldModel, RecordModel
from app.storage import Record, read_records
from app.web.context import Served, action_context, actor, served, session, style
from app.web.display import show_value
from app.web.languages import label
from app.web.list_page import fetch, link_words, scope_of
from app.web.list_query import Asked, read_asked

MOST_ROWS, AT_ONCE = 50_000, 500
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = frozenset({"integer", "decimal", "money", "percent", "rating", "date", "time"})
"""Types that a spreadsheet keeps as they are; all others become text."""


def export_file(record: RecordModel) -> Response:
    """The whole list that the address asks for, up to 50,000 rows."""
    here = served()
    asked = read_asked(here, record, request.args, "")
    return _workbook(here, record, asked, _all_rows(here, record, asked))


def export_rows(record: RecordModel, ids: Sequence[int]) -> Response:
    """The chosen rows, as far as the actor may export them."""
    here = served()
    asked = read_asked(here, record, MultiDict(), "")
    return _workbook(here, record, asked, chosen_rows(here, record, ids, asked.columns, "export"))


def chosen_rows(
    here: Served, record: RecordModel, ids: Sequence[int], columns: Iterable[str], verb: str
) -> tuple[Record, ...]:
    """Those of the rows with these ids that the actor may read and do `verb` with."""
    scope = scope_of(here, record, ("read", verb))
    return read_records(session(), here.models, record.name, ids, where=scope, fields=frozenset(columns))


def _all_rows(here: Served, record: RecordModel, asked: Asked) -> Iterator[Record]:
    """Page after page, each going on where the last one ended."""
    asked.query = replace(asked.query, limit=AT_ONCE, offset=0, after=None, before=None)
    count = 0
    while count < MOST_ROWS:
        found = fetch(here, record, asked, "read", "export")
        yield from found.rows
        count += len(found.rows)
        if len(found.rows) < AT_ONCE or found.last is None:
            return
        asked.query = replace(asked.query, after=found.last)


def _workbook(here: Served, record: RecordModel, asked: Asked, rows: Iterable[Record]) -> Response:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(label(record.label)[:31].translate(_NO_SHEET_NAME) or "Sheet")
    heads = []
    for name in asked.columns:
        head = WriteOnlyCell(sheet, label(record.columns[name].label))
        head.font = Font(bold=True)
        heads.append(head)
    sheet.append(heads)
    masks = masked_fields(here.policy, actor(), record.name) if asked.masked else {}
    count = 0
    for one in rows:
        sheet.append([_entry(here, record.columns[name], one, masks.get(name)) for name in asked.columns])
        count += 1
    note_export(action_context(), record.name, count)
    data = io.BytesIO()
    book.save(data)
    data.seek(0)
    day = datetime.now(UTC).astimezone(here.zone).strftime("%Y%m%d-%H%M")
    return send_file(
        data, mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{record.spec.name}-{day}.xlsx"
    )


def _entry(here: Served, field: FieldModel, one: Record, mask: Any) -> Any:
    """A cell's content. Text that a spreadsheet would take for a formula is made plain."""
    value: Any = one.values.get(field.name)
    if mask is not None and isinstance(value, str):
        value = mask_value(mask, value)
    if value is None:
        return None
    if field.type == "datetime":
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(here.zone).replace(tzinfo=None)
    if field.type in PLAIN:
        return value
    text = link_words(here, actor(), field, one) if field.target else show_value(field, value, style()).text
    if field.kind.storage == "attachments":
        text = ", ".join(info.file_name for info in one.attachments.get(field.name, ()))
    elif field.type == "lines":
        text = str(len(value))
    return neutral(text)


_NO_SHEET_NAME = str.maketrans("", "", "[]:*?/\\")
