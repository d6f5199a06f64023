"""Columns of a report's data: what they are called, whether the reader sees them, how values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.access import hidden_fields, mask_value, masks_for, row_scope
from app.access.masks import Mask
from app.actions.context import Context
from app.actions.report_values import Reader
from app.actions.visible import label_is_open, updatable
from app.expressions import BOOLEAN, DATE, DATETIME, DURATION, TIME, ChoiceType, Expression, LinkType, Type
from app.expressions.core import Aggregate, Node, PathParts, Read, walk
from app.release import FieldModel, RecordModel
from app.release.names import in_words
from app.reports.datasets import DataColumn
from app.source import N_
from app.spec.field_types import FieldType
from app.spec.records import FieldSpec
from app.storage import Record
from app.storage.datasets import DataRows, Values

_NUMBERS: frozenset[FieldType] = frozenset({"integer", "decimal", "money", "percent", "rating", "duration"})
_IN_TABLE = frozenset({"column", "link", "computed"})
_KIND_OF: Mapping[Type, FieldType] = MappingProxyType(
    {DATE: "date", DATETIME: "datetime", TIME: "time", DURATION: "duration", BOOLEAN: "boolean"}
)
_MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "count": N_("Number"),
        "sum": N_("{field} in all"),
        "avg": N_("{field} on average"),
        "median": N_("median of {field}"),
        "min": N_("least {field}"),
        "max": N_("greatest {field}"),
        "share": N_("Share"),
    }
)
_LOWEST = (0, "")


@dataclass(frozen=True, slots=True)
class Written:
    """One column: where its values are, how they are written. closed: the reader may not see it; in_table:
    its values have a column of the database (lines, several links and files have none)."""

    name: str
    path: PathParts
    column: DataColumn
    field: FieldModel
    reader: Reader
    closed: bool = False
    in_table: bool = True
    mask: Mask | None = None

    def rank(self, row: Values, labels: Mapping[str, Mapping[int, str]]) -> tuple[int, Any]:
        """By what a value sorts: options by their order, links by their words; empty ones first."""
        value = row.get(self.name)
        if value is None:
            return _LOWEST
        if self.name in labels:
            return (1, labels[self.name].get(value, ""))
        if self.field.ordered and value in self.field.options:
            return (1, f"{list(self.field.options).index(value):06d}")
        if isinstance(value, (int, Decimal, date, time, timedelta)) and not isinstance(value, bool):
            return (1, value)
        return (1, str(value))

    def raw(self, row: Values) -> object:
        """The value for templates; none where it is shown in part."""
        value = row.get(self.name)
        if isinstance(value, Record):
            return value.values.get(self.name)
        return None if self.mask is not None else value

    def text(self, context: Context, value: Any, label: str | None = None, masked: bool = True) -> str:
        """The value in words."""
        if isinstance(value, Record):
            return self.reader.words(value)[self.name]
        words = self.reader.text(self.field, value, label)
        if self.mask is not None and masked:
            return mask_value(self.mask, words) or ""
        return self.reader.say(in_words(context.release.names, self.field, words))


def written_column(context: Context, record_type: str, path: PathParts, titles: Mapping[str, str]) -> Written:
    """The column at the end of a dotted path of links. KeyError where the path leads nowhere."""
    owner, found = _end(context, context.record(record_type), path)
    name = ".".join(path)
    title = context.translate(titles[name]) if name in titles else _title(context, record_type, path)
    number = found.type in _NUMBERS
    column = DataColumn(name, title, number, found.type == "money")
    return Written(
        name,
        path,
        column,
        found,
        _reader(context, owner, found),
        closed=not path_is_open(context, context.record(record_type), path),
        in_table=found.kind.storage in _IN_TABLE,
        mask=masks_for(context.policy, context.actor, owner.name, False).get(found.name),
    )


def measured_column(
    context: Context,
    record: RecordModel,
    name: str,
    expression: Expression,
    titles: Mapping[str, str],
    closed: bool,
) -> Written:
    """The column of a measure: it is written like the field that it adds up, averages or picks from."""
    tree = expression.tree
    function = tree.function if isinstance(tree, Aggregate) else ""
    of = _field_of(context, record, tree)
    found = _measured(name, expression.type, function, of)
    if name in titles:
        title = context.translate(titles[name])
    elif function in ("count", "share") or (function and of is not None):
        title = context.say(_MEASURES[function], field=context.translate(of.label) if of else "")
    else:
        title = name
    number = found.type in _NUMBERS
    column = DataColumn(name, title, number, number and function in ("sum", "count"))
    return Written(name, (name,), column, found, _reader(context, record, found), closed=closed)


def words_of_row(
    context: Context, columns: Sequence[Written], found: DataRows
) -> Callable[[int, Values], dict[str, str]]:
    """Writes the n-th row: masked values in full where the reader may change the record."""
    masked = [one for one in columns if one.mask is not None and len(one.path) == 1]
    full = (
        updatable(context, masked[0].reader.record.name, found.ids) if masked and found.ids else frozenset()
    )

    def words(index: int, row: Values) -> dict[str, str]:
        told = {}
        for one in columns:
            value: Any = None if one.closed else row.get(one.name)
            label = found.labels[one.name].get(value, "") if one.name in found.labels else None
            own = index < len(found.ids) and found.ids[index] in full and len(one.path) == 1
            told[one.name] = "" if value is None else one.text(context, value, label, masked=not own)
        return told

    return words


def path_is_open(context: Context, record: RecordModel, path: PathParts, summed: bool = False) -> bool:
    """Whether no field on a path is hidden from the reader; `summed`: nor shown in part, nor of a record that
    is kept from him, for nothing tells those apart in a sum."""
    model: RecordModel | None = record
    for index, name in enumerate(path):
        if model is None or name not in model.columns:
            return True  # a parameter, the moment, a column of lines
        if name in hidden_fields(context.policy, context.actor, model.name):
            return False
        if summed and name in masks_for(context.policy, context.actor, model.name, False):
            return False
        if summed and index and not reads_all(context, model.name):
            return False
        model = context.release.records.get(model.columns[name].target or "")
    return True


def reads_all(context: Context, record_type: str) -> bool:
    """Whether the reader may read every record of a type."""
    scope = row_scope(context.policy, context.actor, "read", record_type)
    return scope.unlimited


def _reader(context: Context, owner: RecordModel, found: FieldModel) -> Reader:
    target = found.target
    named = frozenset({target} if target is not None and label_is_open(context, target) else ())
    return Reader(context, owner, frozenset(), frozenset(), named)


def _end(context: Context, record: RecordModel, path: PathParts) -> tuple[RecordModel, FieldModel]:
    """The field that a path ends at, and the record type that it belongs to."""
    owner = record
    for name in path[:-1]:
        owner = context.record(owner.columns[name].target or "")
    return owner, owner.columns[path[-1]]


def _title(context: Context, record_type: str, path: PathParts) -> str:
    """The label of the field; behind a link that of the link before it: `责任人 · 工号`."""
    record = context.record(record_type)
    labels = [_end(context, record, path[:size])[1].label for size in range(1, len(path) + 1)]
    return " · ".join(context.translate(one) for one in labels[-2:])


def _measured(name: str, kind: Type, function: str, of: FieldModel | None) -> FieldModel:
    """A field like that which the measure is made of, under the measure's own name."""
    if function == "share":
        return FieldModel(name, FieldSpec(type="percent", places=1), name)
    if function == "count":
        return FieldModel(name, FieldSpec(type="integer"), name)
    if of is not None:
        spec = of.spec
        if function in ("avg", "median") and of.type in ("integer", "decimal", "rating"):
            spec = FieldSpec(type="decimal", places=2, unit=of.spec.unit)
        return replace(of, name=name, spec=spec, formula=None)
    if isinstance(kind, (ChoiceType, LinkType)):
        return FieldModel(name, FieldSpec(type="text"), name)
    return FieldModel(name, FieldSpec(type=_KIND_OF.get(kind, "decimal")), name)


def _field_of(context: Context, record: RecordModel, tree: Node) -> FieldModel | None:
    """The field that all figures in a measure are like, where they are of one kind: `sum(due - paid)` is
    money."""
    values = tree.value if isinstance(tree, Aggregate) else tree
    if values is None or (isinstance(tree, Aggregate) and tree.function in ("count", "share")):
        return None
    reads = [part for part in walk(values) if isinstance(part, Read) and part.type == values.type]
    fields = [found for part in reads if (found := _field_at(context, record, part.parts)) is not None]
    if not fields or len({found.type for found in fields}) != 1:
        return None
    return fields[0]


def _field_at(context: Context, record: RecordModel, path: PathParts) -> FieldModel | None:
    model: RecordModel | None = record
    found: FieldModel | None = None
    for name in path:
        found = model.columns.get(name) if model is not None else None
        if found is None:
            return None
        model = context.release.records.get(found.target or "")
    return found
