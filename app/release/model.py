"""A release: the compiled, immutable form of a configuration that every later room works from.

Names are resolved, options are looked up, expressions are compiled; nothing here is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.expressions import Expression
from app.release.duty_model import DutyModel
from app.spec.field_types import KINDS, FieldType, Kind
from app.spec.portal import Portal
from app.spec.portal_settings import Option
from app.spec.records import FieldSpec, FormGroup, RecordType
from app.spec.text_templates import TextTemplate
from app.spec.workflows import Workflow


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One field with its references resolved.

    target: full name of the record type a link leads to; options: of a choice, in order; lines: fields of the
    child table; checklists: full names that may be run here (all of the portal's when none is written);
    finding: full name of the record type that failed items become, or None; group_show: the condition of the
    form group that the field stands in.
    """

    name: str
    spec: FieldSpec
    label: str
    target: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    ordered: bool = False
    choice_list: str | None = None
    lines: Mapping[str, FieldModel] = field(default_factory=dict)
    checklists: tuple[str, ...] = ()
    finding: str | None = None
    required: bool | Expression = False
    read_only: bool | Expression = False
    show: Expression | None = None
    group_show: Expression | None = None
    default: Expression | None = None
    formula: Expression | None = None
    where: Expression | None = None
    options_when: tuple[tuple[Expression | None, tuple[str, ...]], ...] = ()
    standard: bool = False

    @property
    def type(self) -> FieldType:
        """The field's type; a formula answers with the type that it gives."""
        return (self.spec.gives or "decimal") if self.spec.type == "formula" else self.spec.type

    @property
    def kind(self) -> Kind:
        """How the field is kept; a formula is kept like the type that it gives."""
        return KINDS[self.type]

    @property
    def column(self) -> str | None:
        """The name of its column, or None for what is kept in other tables."""
        if self.kind.storage == "link":
            return f"{self.name}_id"
        return self.name if self.kind.storage in ("column", "computed") else None

    @property
    def computed(self) -> bool:
        return self.formula is not None


@dataclass(frozen=True, slots=True)
class RecordModel:
    """One record type, ready to be served.

    fields: the declared ones in their order; columns: those plus the standard fields and the columns that
    checklists keep, all of which lists, filters, expressions and prints may name.
    """

    name: str
    spec: RecordType
    table: str
    label: str
    group: str
    fields: Mapping[str, FieldModel]
    columns: Mapping[str, FieldModel]
    groups: tuple[FormGroup, ...]
    list_columns: tuple[str, ...]
    filters: tuple[str, ...]
    search: tuple[str, ...]
    order: str
    workflow: Workflow | None = None
    number: TextTemplate | None = None
    label_template: TextTemplate | None = None

    @property
    def regime(self) -> str:
        return self.spec.regime

    def field(self, name: str) -> FieldModel:
        """The declared, standard or checklist field `name`; KeyError when there is none."""
        return self.columns[name]

    def of_type(self, *types: FieldType) -> tuple[FieldModel, ...]:
        """The declared fields of these types, in order."""
        return tuple(found for found in self.fields.values() if found.type in types)

    @property
    def owners(self) -> tuple[str, ...]:
        """Person fields marked `owner: true`: their person owns the record."""
        return tuple(name for name, found in self.fields.items() if found.spec.owner)

    @property
    def unit_field(self) -> str | None:
        """The field that places a record in a unit, for the row scopes `unit` and `subtree`.

        The field named `unit`, or else the first field of type unit; `unit` records stand for themselves.
        """
        if self.name == "unit":
            return "id"
        named = self.fields.get("unit")
        if named is not None and named.type == "unit":
            return "unit"
        return next((found.name for found in self.of_type("unit")), None)

    @property
    def children(self) -> tuple[FieldModel, ...]:
        return self.of_type("lines")


@dataclass(frozen=True, slots=True)
class Release:
    """A portal compiled; `number` is given when the release is stored, `hash` names its content.

    hash: SHA-256 in hex over the paths and contents of all files; records: the served types by full name,
    built-in ones included; names: titles of what texts in records may name (`names.Names`); duties: the
    served ones that say how often, by full name.
    """

    portal: Portal
    hash: str
    records: Mapping[str, RecordModel]
    number: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    duties: Mapping[str, DutyModel] = field(default_factory=dict)

    def record(self, name: str, regime: str = "") -> RecordModel | None:
        """The record type that `name`, written in `regime`, means."""
        found = self.portal.find(RecordType, name, regime)
        return self.records.get(found.full_name) if found else None
