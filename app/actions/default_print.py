"""What the layout of records without a template of their own prints: the form on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.actions.context import Context
from app.actions.facts import record_scope, with_lookups
from app.actions.hiding import show_conditions
from app.actions.report_values import Reader
from app.expressions import holds
from app.release import FieldModel, RecordModel
from app.reports import Column, Grid
from app.source import N_
from app.spec.field_types import FieldType
from app.storage import Record

_ELSEWHERE: frozenset[FieldType] = frozenset({"lines", "photo", "photos", "signature", "checklist"})
_WIDE: frozenset[FieldType] = frozenset({"long_text", "links", "files", "choices"})
_SHARES: Mapping[FieldType, float] = {"long_text": 3, "text": 2, "links": 2, "link": 1.6}
_COLUMNS = (
    "number",
    "class",
    "level",
    "description",
    "item_title",
    "person",
    "offender",
    "amount_due",
    "state",
)
"""Columns of findings and penalties in the default layout, as far as the type has them."""


def default_values(
    context: Context,
    reader: Reader,
    stored: Record,
    values: Mapping[str, object],
    words: Mapping[str, str],
    lists: Sequence[str],
) -> dict[str, object]:
    """The names that only the default layout uses: organisation, number, groups, tables, signatures …"""
    record = reader.record
    closed = reader.hidden | _not_shown(context, reader, stored)
    shown = [one for one in record.fields.values() if one.name not in closed]
    tables = [
        {"title": reader.say(one.label), "key": one.name}
        for one in shown
        if one.type == "lines" and stored.values.get(one.name)
    ]
    tables += [{"title": reader.say(record.fields[name].label), "key": f"answers_{name}"} for name in lists]
    for name, title in (("findings", N_("Findings")), ("penalties", N_("Penalties"))):
        if values[name]:
            tables.append({"title": context.say(title), "key": name})
    pictures = values["albums"] if isinstance(values["albums"], list) else []
    albums = [{"title": _album(context, reader, name), "name": name} for name in pictures]
    number = words.get("number") or f"#{stored.id}"
    return {
        "organisation": reader.say(context.release.portal.settings.organisation),
        "number": number,
        "groups": [*_groups(reader, words, lists, closed), _origin(context, reader, words)],
        "photo_groups": albums,
        "tables": tables,
        "signatures": [(reader.say(one.label), one.name) for one in shown if one.type == "signature"],
    }


def records_grid(reader: Reader, types: Sequence[RecordModel], rows: Sequence[Mapping[str, object]]) -> Grid:
    """Records of these types, in words, as a table: those of the usual columns in which anything stands."""
    fields = []
    for name in _COLUMNS:
        declared = next((one.columns[name] for one in types if name in one.columns), None)
        if declared is not None and any(row.get(name) for row in rows):
            fields.append(declared)
    if not fields:
        return Grid([Column("", 1)])
    return Grid(_columns(reader, fields), [[str(row.get(one.name, "")) for one in fields] for row in rows])


def lines_grid(reader: Reader, stored: Record, name: str) -> Grid:
    """A child table; hidden ones have no rows."""
    fields = tuple(reader.record.fields[name].lines.values())
    rows = [[row[one.name] for one in fields] for row in reader.lines(stored, name)]
    return Grid(_columns(reader, fields), rows)


def _not_shown(context: Context, reader: Reader, stored: Record) -> frozenset[str]:
    """Fields that the record's own state does not ask for."""
    conditions = show_conditions(reader.record)
    expressions = [one for each in conditions.values() for one in each]
    paths = {path for one in expressions for path in one.paths}
    scope = record_scope(context, reader.record, stored.values, paths, old=stored.values)
    facts = with_lookups(context, scope, expressions)
    return frozenset(name for name, each in conditions.items() if not all(holds(one, facts) for one in each))


def _columns(reader: Reader, fields: Sequence[FieldModel]) -> list[Column]:
    return [
        Column(reader.say(one.label), _SHARES.get(one.type, 1.3), "right" if one.kind.number else "left")
        for one in fields
    ]


def _groups(
    reader: Reader, words: Mapping[str, str], lists: Sequence[str], closed: frozenset[str]
) -> Iterator[dict[str, object]]:
    """The form's groups with the fields that have words; pictures, lists and child tables stand apart."""
    for group in reader.record.groups:
        fields = [reader.record.fields[name] for name in group.fields if name not in closed]
        told = [
            (reader.say(one.label), words[one.name], one.type in _WIDE)
            for one in fields
            if one.type not in _ELSEWHERE and words[one.name]
        ]
        yield {"title": reader.say(group.group or group.title), "fields": told}
    for name in lists:
        result = [f"{name}_{part}" for part in ("checklist", "score", "grade", "passed")]
        columns = [reader.record.columns[one] for one in result if words[one]]
        told = [(reader.say(one.label), words[one.name], False) for one in columns]
        yield {"title": reader.say(reader.record.fields[name].label), "fields": told}


def _origin(context: Context, reader: Reader, words: Mapping[str, str]) -> dict[str, object]:
    """Where the record comes from and where it stands."""
    names = [name for name in ("state", "created_by", "created_at", "changed_at") if words.get(name)]
    fields = [(reader.say(reader.record.columns[name].label), words[name], False) for name in names]
    return {"title": context.say(N_("Record")), "fields": fields}


def _album(context: Context, reader: Reader, name: str) -> str:
    field = reader.record.fields.get(name)
    return reader.say(field.label) if field is not None else context.say(N_("Evidence of the checklist"))
