"""`records`: record types, their fields, form groups and lists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field as Key

from app.spec.base import (
    Condition,
    Declaration,
    Formula,
    Identifier,
    Named,
    Reference,
    Strict,
    Switch,
    Template,
)
from app.spec.field_types import KINDS, FieldType, Kind

Scalar = str | None


class OptionsWhen(Strict):
    """A choice offers `options` while `when` holds; the first matching row wins."""

    when: Condition | None = None
    options: tuple[str, ...]


class FieldSpec(Declaration):
    """One field of a record type. Options a type does not take are a fault (see `field_types.KINDS`)."""

    type: FieldType
    required: Switch = False
    default: Formula | None = None
    unique: bool = False
    index: bool = False
    min: Scalar = None
    max: Scalar = None
    pattern: str | None = None
    options: Reference | dict[Identifier, str] | tuple[str, ...] | None = None
    options_when: tuple[OptionsWhen, ...] = ()
    show: Condition | None = None
    read_only: Switch = False
    formula: Formula | None = None
    gives: FieldType | None = None
    places: int | None = Key(default=None, ge=0, le=10)
    unit: str | None = None
    owner: bool = False
    mask: Literal["phone", "id", "card", "all"] | None = None
    log_access: bool = False
    quick_add: bool = False
    to: Reference | None = None
    where: Condition | None = None
    finding: Reference | None = None
    accept: tuple[str, ...] = ()
    max_size: str | None = None
    fields: dict[Identifier, FieldSpec] = Key(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def target(self) -> str | None:
        """The record type a link leads to, as written (`person` and `unit` are kernel types)."""
        return {"person": "person", "unit": "unit"}.get(self.type, self.to)


class FormGroup(Declaration):
    """A titled group of fields on forms and pages."""

    group: str = ""
    fields: tuple[Identifier, ...]
    show: Condition | None = None


class ListSpec(Strict):
    """Columns, filters and order of a list. `order: -due` sorts falling; `preset: {state: [open]}` is what a
    list shows until somebody chooses otherwise."""

    columns: tuple[Identifier, ...] = ()
    filters: tuple[Identifier, ...] = ()
    search: tuple[Identifier, ...] = ()
    order: Annotated[str, Key(pattern=r"^-?[a-z][a-z0-9_]*$")] | None = None
    page_size: int = Key(default=25, ge=5, le=200)
    preset: dict[Identifier, tuple[str, ...]] = Key(default_factory=dict)


class PublicAccess(Strict):
    """An intake page without login: `create` opens it, `track` gives a progress look-up."""

    create: bool = False
    track: bool = False
    fields: tuple[Identifier, ...] = ()


class RecordType(Named):
    """A kind of record: its fields and how they are numbered, labelled, shown and kept."""

    section: ClassVar[str] = "records"

    number: Template | None = None
    label_template: Template | None = Key(default=None, alias="label")
    group: str = ""
    icon: str = ""
    workflow: Reference | None = None
    fields: dict[Identifier, FieldSpec] = Key(default_factory=dict)
    form: tuple[FormGroup, ...] = ()
    list: ListSpec = Key(default_factory=ListSpec)
    read_after_days: int | None = Key(default=None, ge=0)
    confidential: bool = False
    retention: str | None = None
    public: PublicAccess | None = None

    @property
    def groups(self) -> tuple[FormGroup, ...]:
        """The form's groups; fields that no group names come last, in a group without a title."""
        named = {name for group in self.form for name in group.fields}
        rest = tuple(name for name in self.fields if name not in named)
        return (*self.form, FormGroup(fields=rest)) if rest else self.form

    @property
    def is_kernel(self) -> bool:
        return self.place.span.file.startswith("<kernel>")


STANDARD_FIELDS: dict[str, FieldSpec] = {
    "number": FieldSpec(type="text", title="编号", read_only=True),
    "state": FieldSpec(type="text", title="状态", read_only=True),
    "created_by": FieldSpec(type="person", title="创建人", read_only=True),
    "created_at": FieldSpec(type="datetime", title="创建时间", read_only=True),
    "changed_by": FieldSpec(type="person", title="修改人", read_only=True),
    "changed_at": FieldSpec(type="datetime", title="修改时间", read_only=True),
    "id": FieldSpec(type="integer", title="ID", read_only=True),
}
"""Fields that every record has besides its own: usable in lists, filters, expressions, prints and grants.
`number` and `state` are empty where the record type declares no number or no workflow. Columns `release_id`
and `version` exist too but are not fields."""


@lru_cache(256)
def checklist_columns(name: str) -> Mapping[str, FieldSpec]:
    """The columns that a checklist field `name` keeps on its record, next to the answers themselves."""
    columns = {
        f"{name}_checklist": FieldSpec(type="text", title="检查表", read_only=True),
        f"{name}_score": FieldSpec(type="decimal", title="得分", read_only=True),
        f"{name}_grade": FieldSpec(type="text", title="等级", read_only=True),
        f"{name}_passed": FieldSpec(type="boolean", title="合格", read_only=True),
    }
    return MappingProxyType(columns)
