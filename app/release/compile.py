"""Portal -> Release. Called only when `check` found no error; anything it still trips over is our fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from app.checks.environments import field_type, line_environment, record_environment
from app.checks.values import compile_value
from app.expressions import Environment, Expression, compile_expression
from app.expressions.types import BOOLEAN, Type
from app.release.duties import compile_duties
from app.release.model import FieldModel, RecordModel, Release
from app.release.names import Names
from app.source import ConfigError, Diagnostic, Span
from app.spec.checklists import Checklist
from app.spec.field_types import KINDS
from app.spec.portal import Portal
from app.spec.portal_settings import ChoiceList, Option
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType, checklist_columns
from app.spec.text_templates import TextTemplate, parse_template
from app.spec.workflows import Workflow

TABLE_NAME_LIMIT = 63


def compile_release(portal: Portal, number: int = 0) -> Release:
    """Compile every served declaration. Raises ConfigError with the faults of expressions, if any is left."""
    faults: list[Diagnostic] = []
    records = {
        name: _compile_record(portal, record, faults) for name, record in portal.served(RecordType).items()
    }
    duties = compile_duties(portal, faults)
    if faults:
        raise ConfigError(faults)
    return Release(
        portal=portal,
        hash=content_hash(portal.files),
        records=records,
        number=number,
        names=Names(portal),
        duties=duties,
    )


def content_hash(files: Mapping[str, str]) -> str:
    """SHA-256 (hex) over the sorted paths and content hashes."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{content}\n".encode())
    return digest.hexdigest()


def table_name(record: RecordType) -> str:
    """The table of a record type: `regime__name`; built-in types keep their bare name.

    Names beyond PostgreSQL's 63 bytes end in eight hexadecimal digits of their hash.
    """
    if record.is_kernel:
        return record.name
    name = f"{record.regime or 'shared'}__{record.name}"
    if len(name) <= TABLE_NAME_LIMIT:
        return name
    return f"{name[: TABLE_NAME_LIMIT - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _compile_record(portal: Portal, record: RecordType, faults: list[Diagnostic]) -> RecordModel:
    environment = record_environment(portal, record)
    compiler = _Compiler(portal, record, environment, faults)
    fields = {name: compiler.field(name, spec) for name, spec in record.fields.items()}
    fields |= compiler.in_conditional_groups(fields)
    columns = dict(fields)
    for name, field in fields.items():
        if field.type == "checklist":
            columns |= {key: compiler.field(key, spec, True) for key, spec in checklist_columns(name).items()}
    for name, spec in STANDARD_FIELDS.items():
        if (name != "number" or record.number) and (name != "state" or record.workflow):
            columns.setdefault(name, compiler.field(name, spec, standard=True))
    workflow = portal.find(Workflow, record.workflow, record.regime)
    if workflow is not None:
        columns["state"] = _state_field(columns["state"], workflow)
    return RecordModel(
        name=record.full_name,
        spec=record,
        table=table_name(record),
        label=record.label,
        group=_group(portal, record),
        fields=fields,
        columns=columns,
        groups=record.groups,
        list_columns=record.list.columns or _default_columns(columns),
        filters=record.list.filters or _default_filters(columns),
        search=record.list.search or _default_search(columns),
        order=record.list.order or "-id",
        workflow=workflow,
        number=_template(record.number, record.span_of("number")),
        label_template=_template(record.label_template, record.span_of("label")),
    )


class _Compiler:
    """Resolves the fields of one record type (or of one child table of it)."""

    def __init__(
        self, portal: Portal, record: RecordType, environment: Environment, faults: list[Diagnostic]
    ) -> None:
        self.portal, self.record, self.environment, self.faults = portal, record, environment, faults
        self.regime = record.regime

    def field(self, name: str, spec: FieldSpec, standard: bool = False) -> FieldModel:
        options, ordered, choice_list = self._options(spec)
        target = self.portal.find(RecordType, spec.target, self.regime)
        finding = None
        if spec.type == "checklist":
            finding = self.portal.find(RecordType, spec.finding or "finding", self.regime)
        return FieldModel(
            name=name,
            spec=spec,
            label=spec.title or name,
            target=target.full_name if target else None,
            options=options,
            ordered=ordered,
            choice_list=choice_list,
            lines=self._lines(name, spec),
            checklists=self._checklists(spec),
            finding=finding.full_name if finding else None,
            required=self._switch(spec.required, spec, "required"),
            read_only=self._switch(spec.read_only, spec, "read_only"),
            show=self._expression(spec.show, spec.span_of("show"), BOOLEAN),
            default=self._default(name, spec),
            formula=self._expression(spec.formula, spec.span_of("formula"), None),
            where=self._where(spec, target),
            options_when=tuple(
                (self._expression(row.when, row.span_of("when"), BOOLEAN), row.options)
                for row in spec.options_when
            ),
            standard=standard,
        )

    def in_conditional_groups(self, fields: Mapping[str, FieldModel]) -> dict[str, FieldModel]:
        """The fields of form groups that are shown only at times, with their group's condition."""
        found: dict[str, FieldModel] = {}
        for group in self.record.form:
            shown = self._expression(group.show, group.span_of("show"), BOOLEAN)
            if shown is not None:
                found |= {name: replace(fields[name], group_show=shown) for name in group.fields}
        return found

    def _lines(self, name: str, spec: FieldSpec) -> dict[str, FieldModel]:
        """A line's expressions are written over its own columns; `this.` reads the record."""
        if not spec.fields:
            return {}
        environment = line_environment(self.portal, self.record, name)
        inner = _Compiler(self.portal, self.record, environment, self.faults)
        return {key: inner.field(key, line) for key, line in spec.fields.items()}

    def _default(self, name: str, spec: FieldSpec) -> Expression | None:
        if spec.default is None:
            return None
        want = field_type(self.portal, spec, self.regime, f"{self.record.full_name}.{name}")
        expression, faults = compile_value(spec.default, spec.span_of("default"), self.environment, want)
        self.faults += [found for found in faults if found.severity == "error"]
        return expression

    def _where(self, spec: FieldSpec, target: RecordType | None) -> Expression | None:
        """The limit on a link's choices is written over the fields of the record type it leads to."""
        if spec.where is None or target is None:
            return None
        environment = record_environment(self.portal, target, this=self.environment)
        inner = _Compiler(self.portal, self.record, environment, self.faults)
        return inner._expression(spec.where, spec.span_of("where"), BOOLEAN)

    def _switch(self, value: bool | str, spec: FieldSpec, key: str) -> bool | Expression:
        if isinstance(value, bool):
            return value
        return self._expression(value, spec.span_of(key), BOOLEAN) or False

    def _expression(self, text: str | None, span: Span, want: Type | None) -> Expression | None:
        if text is None:
            return None
        expression, faults = compile_expression(text, span, self.environment, want)
        self.faults += [found for found in faults if found.severity == "error"]
        return expression

    def _options(self, spec: FieldSpec) -> tuple[Mapping[str, Option], bool, str | None]:
        if isinstance(spec.options, dict):
            return {key: Option(title=title or key) for key, title in spec.options.items()}, False, None
        if isinstance(spec.options, tuple):
            return {key: Option(title=key) for key in spec.options}, False, None
        choices = self.portal.find(ChoiceList, spec.options, self.regime)
        if choices is None:
            return {}, False, None
        return choices.options, choices.ordered, choices.full_name

    def _checklists(self, spec: FieldSpec) -> tuple[str, ...]:
        if spec.type != "checklist":
            return ()
        named: tuple[str, ...] = ()
        if isinstance(spec.options, tuple):
            named = spec.options
        elif isinstance(spec.options, str):
            named = (spec.options,)
        elif spec.to:
            named = (spec.to,)
        found = (self.portal.full_names(Checklist, name, self.regime) for name in named)
        return tuple(one[0] for one in found if len(one) == 1) or self.portal.served_names(Checklist)


def _state_field(field: FieldModel, workflow: Workflow) -> FieldModel:
    """The state shows as a choice among the workflow's states."""
    options = {
        name: Option(title=state.title or name, tone=state.tone) for name, state in workflow.states.items()
    }
    spec = FieldSpec(type="choice", title=field.spec.title, read_only=True)
    return FieldModel(
        name="state", spec=spec, label=field.label, options=options, read_only=True, standard=True
    )


def _template(text: str | None, span: Span) -> TextTemplate | None:
    if text is None:
        return None
    parsed = parse_template(text)
    return parsed if isinstance(parsed, TextTemplate) else None


def _group(portal: Portal, record: RecordType) -> str:
    """The heading of its menu group: its own, or else its regime's title."""
    if record.group or not record.regime:
        return record.group
    regime = portal.regimes.get(record.regime)
    return regime.label if regime else record.regime


def _default_columns(columns: Mapping[str, FieldModel]) -> tuple[str, ...]:
    shown = [name for name in ("number",) if name in columns]
    shown += [
        name
        for name, found in columns.items()
        if KINDS[found.spec.type].storage in ("column", "link") and not found.standard
    ][:6]
    return (*shown, "state") if "state" in columns else tuple(shown)


def _default_filters(columns: Mapping[str, FieldModel]) -> tuple[str, ...]:
    kinds = ("choice", "boolean", "unit", "person", "date", "datetime")
    found = [name for name, field in columns.items() if field.type in kinds and not field.standard]
    return ("state", *found[:5]) if "state" in columns else tuple(found[:5])


def _default_search(columns: Mapping[str, FieldModel]) -> tuple[str, ...]:
    texts = [name for name, field in columns.items() if field.kind.searchable and not field.standard]
    return ("number", *texts[:3]) if "number" in columns else tuple(texts[:3])
