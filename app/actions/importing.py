"""Records from a spreadsheet: every row is tried, all faults are told, and all rows are made or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.access import AccessDenied, decide, row_scope
from app.actions.context import Context, transaction
from app.actions.errors import InvalidRecord
from app.actions.exporting import LINKS
from app.actions.records import require
from app.actions.save_record import create_within
from app.actions.storing import audit
from app.actions.workbooks import ImportRefused as ImportRefused
from app.actions.workbooks import sheet_rows
from app.release import FieldModel, RecordModel
from app.source import N_, unknown_name_hint
from app.storage import begin_write, pick_records, scope_where

MOST_ROWS = 20_000
_CANDIDATES = 50
_SET_BY_PORTAL = frozenset({"id", "number", "state", "created_by", "created_at", "changed_by", "changed_at"})


@dataclass(frozen=True, slots=True)
class RowFaults:
    """What is wrong with one row: its number in the sheet, and messages by field."""

    row: int
    errors: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were read, the ids that were made (none in a preview or with faults), and the faults."""

    rows: int
    ids: tuple[int, ...]
    faults: tuple[RowFaults, ...]


def import_records(context: Context, record_type: str, source: Path, preview: bool = False) -> Imported:
    """Make a record of each row of an xlsx file; its first row names fields, by title or by name.

    Links are given by the linked record's label or id, several ones and choices separated by commas. Every
    rule of the form counts. One faulty row keeps all from being made; so does `preview`. Raises AccessDenied,
    and ImportRefused for a file that is no spreadsheet or has columns that are no fields.
    """
    record = context.record(record_type)
    require(decide(context.policy, context.actor, "import", record_type))
    require(decide(context.policy, context.actor, "create", record_type))
    with _opened(source) as (header, rows):
        tried = _Tried(context, record, _columns(record, header), [], [])
        if preview:
            begin_write(context.session)
            try:
                count = tried.all_of(rows)
            finally:
                context.session.rollback()
            return Imported(count, (), tuple(tried.faults))
        with transaction(context):
            count = tried.all_of(rows)
            if tried.faults:
                context.session.rollback()
                return Imported(count, (), tuple(tried.faults))
            audit(context, "import", record_type, None, record.label, detail=str(len(tried.made)))
        return Imported(count, tuple(tried.made), ())


@dataclass(frozen=True, slots=True)
class _Tried:
    """The rows of one file, made one after another; what is faulty is noted and undone."""

    context: Context
    record: RecordModel
    fields: Mapping[int, FieldModel]
    made: list[int]
    faults: list[RowFaults]

    def all_of(self, rows: Iterator[tuple[int, tuple[object, ...]]]) -> int:
        """Try every row that is not empty; how many they were."""
        count = 0
        for number, cells in rows:
            if all(cell is None or cell == "" for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise ImportRefused(N_("more than {most} rows; cut the file in parts"), most=MOST_ROWS)
            try:
                with self.context.session.begin_nested():
                    posted = _posted(self.context, self.fields, cells)
                    self.made.append(create_within(self.context, self.record.name, posted).id)
            except InvalidRecord as error:
                self.faults.append(RowFaults(number, error.errors))
            except AccessDenied as error:
                self.faults.append(RowFaults(number, {"": (error.message(self.context.translate),)}))
        return count


@contextmanager
def _opened(source: Path) -> Iterator[tuple[tuple[object, ...], Iterator[tuple[int, tuple[object, ...]]]]]:
    """The heading row, and the others with their numbers in the sheet."""
    with source.open("rb") as file, sheet_rows(file) as rows:
        header = next(rows, None)
        if header is None:
            raise ImportRefused(N_("the file is empty"))
        yield header, ((number, cells) for number, cells in enumerate(rows, 2))


def _columns(record: RecordModel, header: tuple[object, ...]) -> dict[int, FieldModel]:
    """Column -> field. Columns that the portal fills by itself are left out."""
    by_word = {**{field.label: field for field in record.columns.values()}, **record.columns}
    found: dict[int, FieldModel] = {}
    for place, cell in enumerate(header):
        word = str(cell).strip() if cell is not None else ""
        if not word:
            continue
        field = by_word.get(word)
        if field is None:
            hint, params = unknown_name_hint(word, [one.label for one in record.fields.values()])
            text = N_("the column '{column}' is no field of this record type ({hint})")
            raise ImportRefused(text, column=word, hint=hint.format(**params))
        if field in found.values():
            raise ImportRefused(N_("the column '{column}' is there twice"), column=word)
        if field.name in record.fields and not field.computed and field.name not in _SET_BY_PORTAL:
            found[place] = field
    if not found:
        raise ImportRefused(N_("no column of the file is a field that can be filled in"))
    return found


def _posted(
    context: Context, fields: Mapping[int, FieldModel], cells: tuple[object, ...]
) -> dict[str, object]:
    """The row as values by field name. Raises InvalidRecord for labels that name no or several records."""
    posted: dict[str, object] = {}
    errors: dict[str, tuple[str, ...]] = {}
    for place, field in fields.items():
        cell = _plain(cells[place]) if place < len(cells) else None
        if cell is None or cell == "" or field.target is None or field.type not in LINKS:
            posted[field.name] = cell
            continue
        words = (
            [part.strip() for part in str(cell).replace("、", ",").split(",")]
            if field.type == "links"
            else [cell]
        )
        ids = [_linked(context, field, word) for word in words if word not in ("", None)]
        wrong = [found for found in ids if isinstance(found, str)]
        if wrong:
            errors[field.name] = tuple(wrong)
        posted[field.name] = ids if field.type == "links" else ids[0]
    if errors:
        raise InvalidRecord(errors)
    return posted


def _linked(context: Context, field: FieldModel, cell: object) -> int | str:
    """The id that a cell names, or what is wrong with it."""
    if isinstance(cell, int):
        return cell
    words, target = str(cell).strip(), field.target or ""
    scope = row_scope(context.policy, context.actor, "read", target)
    where = scope_where(context.models, target, scope, context.actor, context.now)
    found = pick_records(context.session, context.models, target, words, _CANDIDATES, where)
    exact = [ident for ident, label in found if label == words]
    if len(exact) == 1:
        return exact[0]
    if exact:
        return context.say(N_("several records are called '{words}'"), words=words)
    return context.say(N_("no record is called '{words}'"), words=words)


def _plain(cell: object) -> object:
    """The apostrophe that an export puts before a text like a formula is taken off again."""
    if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@"):
        return cell[1:]
    return cell
