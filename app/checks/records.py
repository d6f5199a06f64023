"""Record types as a whole: numbers and labels, forms and lists, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.environments import PortalSchema, record_types
from app.checks.fields import RESERVED
from app.expressions import ANY, BOOLEAN, DATE, DATETIME, ChoicesType, ChoiceType, LinkType, Type
from app.source import N_, Span, fault, warning
from app.spec.field_types import KINDS
from app.spec.portal_settings import ChoiceList, Option
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType, checklist_columns
from app.spec.small import Problem
from app.spec.text_templates import Hole, TextTemplate, parse_template
from app.spec.workflows import State, Workflow

_LONGEST_TABLE = 63
_SWITCH = ("yes", "no")
_OF_RECORDS = frozenset({"release_id", "created_by_id", "changed_by_id"})
_OF_LINES = frozenset({"record_id", "position"})
"""Columns that every table has; `FLD007` knows the names that fields cannot have anywhere."""


def offered(record: RecordType) -> set[str]:
    """Every name that lists, filters and forms of a record type may use."""
    runs = [name for name, spec in record.fields.items() if spec.type == "checklist"]
    kept = {key for name in runs for key in checklist_columns(name)}
    return {*record.fields, *kept, *STANDARD_FIELDS}


def forms_and_lists_name_fields(checking: Checking) -> Found:
    """REF003: the fields that form groups, columns, filters, search, order and intake pages name exist."""
    for record in checking.each(RecordType):
        names = offered(record)
        for number, group in enumerate(record.form):
            yield from _known(group.fields, record.fields, record, ("form", number, "fields"))
            env = checking.environment(record)
            yield from checking.condition(group.show, group.span_of("show"), env)
        for key in ("columns", "filters", "search"):
            yield from _known(getattr(record.list, key), names, record, ("list", key))
        filters = record.list.filters or names
        for name in record.list.preset:
            if name not in filters:
                yield missing_field(record.span_at("list", "preset", name), name, filters, record.full_name)
        order = record.list.order
        if order is not None and order.removeprefix("-") not in names:
            span = record.list.span_of("order")
            yield missing_field(span, order.removeprefix("-"), names, record.full_name)
        if record.public is not None:
            yield from _known(record.public.fields, record.fields, record, ("public", "fields"))


def _known(
    written: Iterable[str], names: Iterable[str], record: RecordType, path: tuple[str | int, ...]
) -> Found:
    allowed = set(names)
    for index, name in enumerate(written):
        if name not in allowed:
            yield missing_field(record.span_at(*path, index), name, allowed, record.full_name)


def fields_stand_in_one_group(checking: Checking) -> Found:
    """REC001: no field is named by two groups of a form, nor twice by one list."""
    for record in checking.each(RecordType):
        places = [
            (name, record.span_at("form", number, "fields", index))
            for number, group in enumerate(record.form)
            for index, name in enumerate(group.fields)
        ]
        yield from _repeated(places)
        for key in ("columns", "filters", "search"):
            names = getattr(record.list, key)
            yield from _repeated([(n, record.span_at("list", key, i)) for i, n in enumerate(names)])


def _repeated(places: list[tuple[str, Span]]) -> Found:
    first: dict[str, Span] = {}
    for name, span in places:
        if name in first:
            text = N_("'{name}' is named twice; it was first named at {first}")
            yield fault("REC001", span, text, name=name, first=str(first[name]))
        first.setdefault(name, span)


def lists_can_be_sorted(checking: Checking) -> Found:
    """REC002: a list is sorted by a field that has an order, and searched in texts."""
    for record in checking.each(RecordType):
        order = (record.list.order or "").removeprefix("-")
        spec = record.fields.get(order)
        if spec is not None and not KINDS[spec.type].sortable:
            text = N_("a list cannot be sorted by '{name}', a field of type '{type}'")
            yield fault("REC002", record.list.span_of("order"), text, name=order, type=spec.type)
        for index, name in enumerate(record.list.search):
            spec = record.fields.get(name)
            if spec is not None and not KINDS[spec.type].searchable:
                span = record.span_at("list", "search", index)
                text = N_("a list cannot be searched in '{name}', a field of type '{type}'")
                yield fault("REC002", span, text, N_("name fields of text"), name=name, type=spec.type)


def presets_are_options(checking: Checking) -> Found:
    """REF007: what a list is narrowed to at first are options of choices, or yes and no."""
    for record in checking.each(RecordType):
        types = record_types(checking.portal, record)
        filters = record.list.filters or tuple(types)
        for name, options in record.list.preset.items():
            kind = types.get(name) if name in filters else None
            choice = kind.choice if isinstance(kind, ChoicesType) else kind
            known = choice.options if isinstance(choice, ChoiceType) else _SWITCH if kind == BOOLEAN else ()
            title = choice.name if isinstance(choice, ChoiceType) else name
            for index, option in enumerate(options):
                if kind is not None and option not in known:
                    text = N_("'{name}' is not an option of {choice}")
                    span = record.span_at("list", "preset", name, index)
                    yield unknown_word("REF007", span, text, option, known, choice=title)


def numbers_and_labels_are_templates(checking: Checking) -> Found:
    """TPL001, TPL002, TPL003: numbers and labels can be read and name fields that exist."""
    portal = checking.portal
    for record in checking.each(RecordType):
        types = record_types(portal, record)
        schema = PortalSchema(portal, record.regime)
        if record.number is not None:
            known = {**types, "now": DATETIME, "seq": ANY}
            span = record.span_of("number")
            yield from number_template(record.number, span, known, schema, record.full_name)
        if record.label_template is not None:
            span = record.span_of("label")
            yield from template(record.label_template, span, types, schema, record.full_name)


def number_template(
    text: str, span: Span, names: Mapping[str, Type], schema: PortalSchema, owner: str
) -> Found:
    """A template that must count: two records of the same moment may not get one number."""
    yield from template(text, span, names, schema, owner)
    parsed = parse_template(text)
    if isinstance(parsed, TextTemplate) and not any(hole.path == ("seq",) for hole in parsed.holes):
        hint = N_("add {{seq:04d}}, which counts on")
        yield fault("TPL002", span, N_("the number has no '{{seq}}', so it would repeat"), hint)


def template(text: str, span: Span, names: Mapping[str, Type], schema: PortalSchema, owner: str) -> Found:
    """TPL001, TPL003: one template, whose fields are looked up from `names` on."""
    parsed = parse_template(text)
    if isinstance(parsed, Problem):
        yield parsed.at("TPL001", span)
        return
    for hole in parsed.holes:
        yield from _hole(hole, span, names, schema, owner)


def _hole(hole: Hole, span: Span, names: Mapping[str, Type], schema: PortalSchema, owner: str) -> Found:
    known: Mapping[str, Type] | None = names
    place = span.inside(hole.offset + 2) if span.line == span.end_line else span
    kind: Type = ANY
    for part in hole.path:
        if known is None or part not in known:
            if kind == ANY and known is None:
                return
            yield missing_field(place, part, known or {}, owner)
            return
        kind = known[part]
        known = schema.fields(kind.record) if isinstance(kind, LinkType) else None
        owner = kind.record if isinstance(kind, LinkType) else owner
    if hole.of_date and kind not in (DATE, DATETIME, ANY):
        text = N_("'{name}' is no date and cannot be written as '{format}'")
        yield fault("TPL003", place, text, name=".".join(hole.path), format=hole.spec)


def workflows_are_declared(checking: Checking) -> Found:
    """REF001: the workflow of a record type exists."""
    for record in checking.each(RecordType):
        yield from checking.refer(Workflow, record.workflow, record.regime, record.span_of("workflow"))


def retention_is_a_time(checking: Checking) -> Found:
    """DUR001: how long records are kept."""
    for record in checking.each(RecordType):
        if record.retention is not None:
            yield from checking.duration(record.retention, record.span_of("retention"))


def tables_have_names_of_their_own(checking: Checking) -> Found:
    """TAB001, TAB002: no two tables or columns get one name, and none is too long for the database."""
    tables: dict[str, str] = {}
    for record in checking.portal.records.values():
        own = record.name if record.is_kernel else f"{record.regime or 'shared'}__{record.name}"
        lines = [f"{own}__{name}" for name, spec in record.fields.items() if spec.type in ("lines", "links")]
        for table in (own, *lines):
            if table in tables:
                text = N_("the table '{table}' would belong to '{first}' and to '{name}'")
                params = {"table": table, "first": tables[table], "name": record.full_name}
                yield fault("TAB001", record.span, text, N_("rename one of the two"), **params)
            tables.setdefault(table, record.full_name)
            if len(table) > _LONGEST_TABLE:
                text = N_("the table '{table}' has more than {limit} letters, so its name is cut short")
                yield warning("TAB002", record.span, text, table=table, limit=_LONGEST_TABLE)
        yield from _columns(record, ("fields",), record.fields, _OF_RECORDS)
        for name, spec in record.fields.items():
            yield from _columns(record, ("fields", name, "fields"), spec.fields, _OF_LINES)


def _columns(
    record: RecordType,
    path: tuple[str | int, ...],
    fields: Mapping[str, FieldSpec],
    taken: frozenset[str],
) -> Found:
    """TAB001: each field has a column of its own; a link is kept in `<field>_id`."""
    for name, spec in fields.items():
        type_ = (spec.gives or "decimal") if spec.type == "formula" else spec.type
        linked = KINDS[type_].storage == "link"
        other = f"{name}_id"
        if linked and other in fields:
            text = N_("'{name}' and the link '{link}' would be kept in one column")
            yield fault("TAB001", record.key_at(*path, other), text, name=other, link=name)
        column = other if linked else name
        if column in taken and name not in RESERVED:
            text = N_("the portal itself keeps a column '{column}', so no field can be called '{name}'")
            yield fault("TAB001", record.key_at(*path, name), text, column=column, name=name)


def renames_are_possible(checking: Checking) -> Found:
    """TAB003: what is said to have been renamed is not still there under its old name."""
    for record in checking.each(RecordType):
        for name, spec in record.fields.items():
            if spec.was is not None and spec.was in record.fields:
                text = N_("'{name}' was '{was}', but a field '{was}' is still declared")
                yield fault("TAB003", spec.span_of("was"), text, name=name, was=spec.was)
        old = f"{record.regime}.{record.was}" if record.regime else record.was
        if record.was is not None and old in checking.portal.records:
            text = N_("'{name}' was '{was}', but '{was}' is still declared")
            yield fault("TAB003", record.span_of("was"), text, name=record.full_name, was=record.was)
    named: list[Mapping[str, Option] | Mapping[str, State]] = [
        *(one.options for one in checking.each(ChoiceList)),
        *(one.states for one in checking.each(Workflow)),
    ]
    for values in named:
        for name, value in values.items():
            if value.was is not None and value.was != name and value.was in values:
                text = N_("'{name}' was '{was}', but '{was}' is still declared")
                yield fault("TAB003", value.span_of("was"), text, name=name, was=value.was)
