"""Lists as spreadsheets: the columns of the list, the rows that the actor may both read and export."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, send_file
from werkzeug.datastructures import MultiDict

from app.access import masked_fields
from app.actions import Context
from app.actions.exporting import cell_of, note_export, write_sheet
from app.actions.visible import sight_of
from app.release import FieldModel, RecordModel
from app.storage import Record, read_records
from app.web.context import Served, action_context, actor, served, session, style
from app.web.display import show_value
from app.web.languages import label
from app.web.list_page import fetch, link_words, scope_of
from app.web.list_query import Asked, read_asked

MOST_ROWS, AT_ONCE = 50_000, 500
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    wanted, sight = frozenset(columns), sight_of(action_context())
    return read_records(session(), here.models, record.name, ids, where=scope, fields=wanted, sight=sight)


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
    context = action_context()
    masks = masked_fields(here.policy, actor(), record.name) if asked.masked else {}
    columns = [record.columns[name] for name in asked.columns]
    cells = (
        [cell_of(context, one, field, masks.get(field.name), _words) for field in columns] for one in rows
    )
    data = io.BytesIO()
    count = write_sheet(data, label(record.label), [label(field.label) for field in columns], cells)
    note_export(context, record.name, count)
    data.seek(0)
    day = datetime.now(UTC).astimezone(here.zone).strftime("%Y%m%d-%H%M")
    return send_file(
        data, mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{record.spec.name}-{day}.xlsx"
    )


def _words(_context: Context, one: Record, field: FieldModel) -> str:
    """A value as the list shows it: links in words only where the actor may read them."""
    value: Any = one.values.get(field.name)
    if field.kind.storage == "attachments":
        return ", ".join(info.file_name for info in one.attachments.get(field.name, ()))
    if value is None:
        return ""
    if field.type == "lines":
        return str(len(value))
    return (
        link_words(served(), actor(), field, one) if field.target else show_value(field, value, style()).text
    )
