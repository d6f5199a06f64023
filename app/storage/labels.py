"""The words a record goes by: its `label` template, else its number, else its first text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.release import FieldModel, RecordModel, Release

MOST_LINKS = 3
"""How many labels may lie within labels (`{person}` shows that person's own label)."""


@dataclass(frozen=True, slots=True)
class LabelPart:
    """A value within a label: where it is found, seen from the record, and how it is written."""

    path: tuple[str, ...]
    field: FieldModel
    spec: str = ""


LabelParts = tuple[str | LabelPart, ...]


def label_parts(release: Release, record: RecordModel, links: int = MOST_LINKS) -> LabelParts:
    """The label of a record type in pieces: words as they stand, and values that paths lead to."""
    if record.label_template is None:
        first = _naming_field(record)
        return (LabelPart((first.name,), first),) if first else ()
    parts: list[str | LabelPart] = []
    for piece in record.label_template.pieces:
        if isinstance(piece, str):
            parts.append(piece)
        else:
            parts += _expanded(release, record, piece.path, piece.spec, links)
    return tuple(parts)


def under(prefix: tuple[str, ...], parts: LabelParts) -> LabelParts:
    """The same label seen from a record that reaches it through the links `prefix`."""
    return tuple(
        part if isinstance(part, str) else LabelPart((*prefix, *part.path), part.field, part.spec)
        for part in parts
    )


def write_label(
    parts: LabelParts,
    values: Mapping[tuple[str, ...], object],
    zone: str,
    ident: int,
    unseen: Collection[tuple[str, ...]] = (),
    instead: str = "",
) -> str:
    """The label as text; `values` by path. A record without any words is called by its id.

    unseen: the links of this label that lead to what its reader may not see, and the paths of what he may not
    know of somebody who is only named; `instead` is written once for each of them.
    """
    clock, left = ZoneInfo(zone), set(unseen)
    words: list[str] = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
            continue
        lengths = range(1, len(part.path) + 1)
        closed = next((part.path[:n] for n in lengths if part.path[:n] in unseen), None)
        if closed is None:
            words.append(write_value(part.field, values.get(part.path), part.spec, clock))
        elif closed in left:
            left.remove(closed)
            words.append(instead)
    return "".join(words).strip() or f"#{ident}"


def write_value(field: FieldModel, value: object, spec: str, zone: ZoneInfo) -> str:
    """One value in plain words; empty for None. `spec` is a format as templates have it."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime(spec or "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.strftime(spec or ("%Y-%m" if field.type == "month" else "%Y-%m-%d"))
    if isinstance(value, time):
        return value.strftime(spec or "%H:%M")
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return format(value, spec) if spec else f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, (list, tuple)):
        return "、".join(_option(field, str(one)) for one in value)
    if isinstance(value, timedelta):
        return str(value)
    return _option(field, str(value))


def _option(field: FieldModel, value: str) -> str:
    option = field.options.get(value)
    return option.title or value if option else value


def _naming_field(record: RecordModel) -> FieldModel | None:
    if "number" in record.columns:
        return record.columns["number"]
    return next((found for found in record.fields.values() if found.kind.searchable), None)


def _expanded(
    release: Release, record: RecordModel, path: tuple[str, ...], spec: str, links: int
) -> LabelParts:
    fields: Mapping[str, FieldModel] = record.columns
    found: FieldModel | None = None
    for part in path:
        found = fields.get(part)
        if found is None:
            return ()
        target = release.records.get(found.target or "")
        fields = target.columns if target else {}
    if found is None or found.column is None:
        return ()
    if found.kind.storage != "link":
        return (LabelPart(path, found, spec),)
    target = release.records.get(found.target or "")
    if target is None or links == 0:
        return ()
    return under(path, label_parts(release, target, links - 1))
