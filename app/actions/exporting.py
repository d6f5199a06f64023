"""Records as a spreadsheet: rows that may be exported, fields that may be seen, nothing that computes.

A spreadsheet program runs texts that begin like a formula, so such texts are written behind an apostrophe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from app.access import decide, hidden_fields, mask_value, masked_fields, row_scope
from app.access.masks import Mask
from app.actions.context import Context, transaction
from app.actions.records import require
from app.actions.storing import audit
from app.actions.visible import sight_of
from app.actions.workbooks import new_cell, new_workbook
from app.release import FieldModel, RecordModel
from app.reports import FieldOptions, format_value
from app.storage import Record, read_records, scope_where

AT_ONCE = 500
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_SHEET_NAME = str.maketrans("", "", "[]:*?/\\")
_OWN_TYPES = frozenset({"integer", "decimal", "money", "percent", "rating"})
LINKS = frozenset({"link", "links", "person", "unit"})

WordsOf = Callable[[Context, Record, FieldModel], str]
Cell = str | int | float | Decimal | bool | date | datetime | time | None


def export_records(
    context: Context, record_type: str, target: Path, columns: Sequence[str] | None = None
) -> int:
    """Write every record of a type that the actor may read and export into an xlsx file; how many they were.

    columns: field names in order (None = all fields that the actor sees). The first row holds the titles.
    Raises AccessDenied. Memory stays small whatever the number of rows.
    """
    record = context.record(record_type)
    require(decide(context.policy, context.actor, "export", record_type))
    hidden = hidden_fields(context.policy, context.actor, record_type)
    fields = [record.columns[name] for name in columns or exported_fields(record) if name not in hidden]
    masks = masked_fields(context.policy, context.actor, record_type)
    rows = (
        [cell_of(context, stored, field, masks.get(field.name), words_of) for field in fields]
        for stored in exportable(context, record, [field.name for field in fields])
    )
    count = write_sheet(target, record.label, [field.label for field in fields], rows)
    note_export(context, record_type, count)
    return count


def write_sheet(
    target: Path | BinaryIO, title: str, heads: Iterable[str], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write a workbook of one sheet, its first row in bold; how many other rows there are. Row by row, so
    that memory stays small."""
    book = new_workbook()
    sheet = book.create_sheet(title.translate(_NO_SHEET_NAME)[:31] or "records")
    sheet.append([new_cell(sheet, neutral(head), bold=True) for head in heads])
    count = 0
    for row in rows:
        sheet.append(row)
        count += 1
    book.save(target)
    return count


def note_export(context: Context, record_type: str, count: int) -> None:
    """Write into the audit trail that `count` records of a type were taken out."""
    with transaction(context):
        audit(context, "export", record_type, None, context.record(record_type).label, detail=str(count))


def exported_fields(record: RecordModel) -> tuple[str, ...]:
    """What an export holds when no columns are named: number and state first, then the declared fields."""
    first = [name for name in ("id", "number", "state") if name in record.columns]
    named = [
        name
        for name, field in record.columns.items()
        if name not in first and field.kind.storage not in ("attachments", "answers")
    ]
    return (*first, *(name for name in named if record.columns[name].type != "lines"))


def exportable(context: Context, record: RecordModel, fields: Iterable[str]) -> Iterator[Record]:
    """The records that the actor may both read and export, by id, some hundreds at a time."""
    table, wanted = context.models.tables[record.name], frozenset(fields)
    scopes = [row_scope(context.policy, context.actor, verb, record.name) for verb in ("read", "export")]
    allowed = [
        scope_where(context.models, record.name, scope, context.actor, context.now) for scope in scopes
    ]
    last = 0
    while True:
        page = table.select().with_only_columns(table.c.id).where(table.c.id > last, *allowed)
        ids = context.session.scalars(page.order_by(table.c.id).limit(AT_ONCE)).all()
        if not ids:
            return
        sight = sight_of(context)
        yield from read_records(context.session, context.models, record.name, ids, fields=wanted, sight=sight)
        last = ids[-1]


def cell_of(context: Context, stored: Record, field: FieldModel, mask: Mask | None, words: WordsOf) -> Cell:
    """A field as a cell: numbers, days and moments as such (local time), everything else in `words`."""
    value = stored.values.get(field.name)
    if mask is not None:
        return neutral(mask_value(mask, words(context, stored, field)) or "")
    if field.type in _OWN_TYPES and isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(context.zone).replace(tzinfo=None)
    if isinstance(value, (date, time)) and field.type != "month":
        return value
    return neutral(words(context, stored, field))


def words_of(context: Context, stored: Record, field: FieldModel) -> str:
    """The value in words: what links are called, the titles of options."""
    value = stored.values.get(field.name)
    if value is None or value == ():
        return ""
    if field.kind.storage == "attachments":
        return ", ".join(info.file_name for info in stored.attachments.get(field.name, ()))
    if field.target is not None and field.type in LINKS:
        labels = stored.labels.get(field.name, f"#{value}")
        return labels if isinstance(labels, str) else ", ".join(labels)
    choices = {name: option.title or name for name, option in field.options.items()}
    if field.type == "choices" and isinstance(value, (list, tuple)):
        return ", ".join(choices.get(str(name), str(name)) for name in value)
    options = FieldOptions(places=field.spec.places, choices=choices)
    return format_value(field.type, value, options, context.translate, context.zone)


def neutral(text: str) -> str:
    """The text so that no spreadsheet program takes it for a formula or chokes on its signs."""
    kept = "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")[:32_000]
    return f"'{kept}" if kept.startswith(_BEGINNINGS) else kept
