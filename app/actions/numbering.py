"""A record's number, made from its template and a series of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from app.access import link_id
from app.actions.context import Context
from app.actions.facts import PathParts
from app.release import FieldModel, RecordModel
from app.spec.text_templates import Hole, TextTemplate
from app.storage import labels_of, next_number
from app.storage.labels import write_value

SEQUENCE = ("seq",)


def number_paths(record: RecordModel) -> frozenset[PathParts]:
    """What the number's template reads of the record."""
    template = record.number
    holes = template.holes if template is not None else ()
    return frozenset(hole.path for hole in holes if hole.path != SEQUENCE)


def next_in_series(context: Context, record: RecordModel, scope: Mapping[str, object]) -> str | None:
    """The next number, or None for a record type without numbers.

    Everything but the sequence names the series: with `{now:%Y%m}` it begins again each month, with
    `{unit.code}` each unit has its own.
    """
    if record.number is None:
        return None
    series = filled(context, record, record.number, scope, None)
    if not any(hole.path == SEQUENCE for hole in record.number.holes):
        return series
    taken = next_number(context.session, f"{record.name}:{series}")
    return filled(context, record, record.number, scope, taken)


def filled(
    context: Context,
    record: RecordModel,
    template: TextTemplate,
    scope: Mapping[str, object],
    sequence: int | None,
) -> str:
    """The template with its holes filled; the sequence is left as `#` when it is None."""
    return "".join(
        piece if isinstance(piece, str) else _hole(context, record, piece, scope, sequence)
        for piece in template.pieces
    )


def _hole(
    context: Context, record: RecordModel, hole: Hole, scope: Mapping[str, object], sequence: int | None
) -> str:
    if hole.path == SEQUENCE:
        return "#" if sequence is None else format(sequence, hole.spec)
    value = value_at(scope, hole.path)
    field = field_at(context, record, hole.path)
    if field is not None and field.target is not None:
        ident = link_id(value)
        if ident is None:
            return ""
        return labels_of(context.session, context.models, field.target, [ident]).get(ident, "")
    if field is not None:
        return write_value(field, value, hole.spec, context.zone)
    if isinstance(value, datetime):
        return value.astimezone(context.zone).strftime(hole.spec or "%Y-%m-%d")
    if isinstance(value, date):
        return value.strftime(hole.spec or "%Y-%m-%d")
    return "" if value is None else str(value)


def value_at(scope: Mapping[str, object], path: PathParts) -> object:
    """The value at a dotted path; None behind an empty link."""
    found: object = scope
    for part in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def field_at(context: Context, record: RecordModel, path: PathParts) -> FieldModel | None:
    """The field that a path of links ends at; None for names that are no fields (`now`)."""
    model: RecordModel | None = record
    found: FieldModel | None = None
    for part in path:
        found = model.columns.get(part) if model is not None else None
        if found is None:
            return None
        model = context.release.records.get(found.target or "")
    return found
