"""The form of a record: which fields stand in it, what they show, what was typed into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms.form import BaseForm

from app.expressions import Expression
from app.release import FieldModel, RecordModel
from app.web.display import Cell
from app.web.form_build import GROUPED, WIDE, Frame, make_field
from app.web.form_fields import PickField, TypedField, UploadField
from app.web.languages import label
from app.web.sent_numbers import sent_number
from app.web.show_page import Shown

Formdata = MultiDict[str, Any] | CombinedMultiDict[str, Any]
MOST_LINES = 500
"""Lines that one form reads; more belong into an import."""


@dataclass(slots=True)
class Row:
    """One field as the template draws it. `locked`: shown, not entered; `other`: what somebody else saved."""

    name: str
    id: str
    label: str
    help: str
    required: bool
    wide: bool
    grouped: bool = False
    unit: str = ""
    entry: TypedField | None = None
    shown: Shown | None = None
    other: Cell | None = None
    quick_add_href: str = ""
    formula: bool = False
    errors: list[str] = field(default_factory=list)
    is_lines: bool = False

    @property
    def locked(self) -> bool:
        return self.entry is None

    def control(self) -> Markup:
        if self.entry is None:
            return Markup("")
        if self.errors:
            self.entry.errors = self.errors
        return Markup(self.entry())


@dataclass(slots=True)
class Line:
    """One row of a child table in the form; `id` is None for a new one."""

    prefix: str
    id: int | None
    fields: list[Row]

    def entries(self) -> dict[str, object]:
        """What was typed, by field."""
        found = {row.name: row.entry.given for row in self.fields if row.entry is not None}
        return {**found, "id": self.id} if self.id is not None else found

    @property
    def empty(self) -> bool:
        return all(row.entry is None or not row.entry.given for row in self.fields)


@dataclass(slots=True)
class Lines:
    """A child table in the form."""

    name: str
    id: str
    label: str
    help: str
    required: bool
    rows: list[Line]
    blank: Line
    next: int
    most: int | None
    locked: bool
    shown: Shown | None = None
    errors: list[str] = field(default_factory=list)
    other: Cell | None = None
    is_lines: bool = True
    wide: bool = True


@dataclass(slots=True)
class FormGroup:
    """A titled group of rows."""

    title: str
    help: str
    fields: list[Row | Lines]
    show: Expression | None = None


class RecordForm:
    """The controls of one record, filled from what is stored or from what was sent.

    names: the fields that stand in the form; locked: those of them that are only shown. `sent` is None until
    the form is posted; `key` is the id of a stored record.
    """

    def __init__(
        self,
        record: RecordModel,
        frame: Frame,
        names: Sequence[str],
        locked: frozenset[str],
        stored: Mapping[str, object],
        sent: Formdata | None,
        key: int | None = None,
    ) -> None:
        self.record, self.frame, self.sent, self.key = record, frame, sent, key
        self.rows: dict[str, Row] = {}
        self.lines: dict[str, Lines] = {}
        fields = {name: record.columns[name] for name in names}
        entered = {name: one for name, one in fields.items() if name not in locked and one.type != "lines"}
        self.form = _build(entered, frame, stored, sent)
        for name, one in fields.items():
            if one.type == "lines":
                self.lines[name] = self._lines(one, stored.get(name), name in locked)
            else:
                self.rows[name] = make_row(one, self.form, name)

    def entries(self) -> dict[str, object]:
        """What was typed, by field name, as `app.actions` takes it; locked fields are left out."""
        found: dict[str, object] = {
            name: row.entry.given for name, row in self.rows.items() if row.entry is not None
        }
        for name, lines in self.lines.items():
            if not lines.locked:
                found[name] = [line.entries() for line in lines.rows if not line.empty or line.id is not None]
        return found

    def all_rows(self) -> Iterable[Row]:
        """Every row, those of the lines included (without the blank ones)."""
        yield from self.rows.values()
        for lines in self.lines.values():
            for line in lines.rows:
                yield from line.fields

    def uploads(self) -> Iterable[tuple[str, UploadField]]:
        """The file fields."""
        for name, row in self.rows.items():
            if isinstance(row.entry, UploadField):
                yield name, row.entry

    def pickers(self) -> Iterable[tuple[FieldModel, PickField]]:
        """The pickers with their fields, those in lines included."""
        for name, row in self.rows.items():
            if isinstance(row.entry, PickField):
                yield self.record.columns[name], row.entry
        for name, lines in self.lines.items():
            columns = self.record.columns[name].lines
            for line in lines.rows:
                for row in line.fields:
                    if isinstance(row.entry, PickField):
                        yield columns[row.name], row.entry

    def groups(self, hidden: frozenset[str]) -> list[FormGroup]:
        """The groups of the record type with the fields that stand in this form; empty groups are left
        out."""
        found = []
        for group in self.record.groups:
            members: list[Row | Lines] = [
                self.lines[name] if name in self.lines else self.rows[name]
                for name in group.fields
                if name not in hidden and (name in self.rows or name in self.lines)
            ]
            if members:
                shown = self.record.columns[group.fields[0]].group_show if group.fields else None
                found.append(FormGroup(label(group.group or group.title), label(group.help), members, shown))
        return found

    def add_line(self, name: str) -> None:
        """One more empty line (the button for browsers without scripts)."""
        lines = self.lines.get(name)
        if lines is not None and not lines.locked and len(lines.rows) < (lines.most or MOST_LINES):
            lines.rows.append(self._line(self.record.columns[name], str(lines.next), None, {}, None))
            lines.next += 1

    def remove_line(self, prefix: str) -> None:
        """Take a line away (the button for browsers without scripts)."""
        for lines in self.lines.values():
            if not lines.locked:
                lines.rows = [line for line in lines.rows if line.prefix != prefix]

    def put_errors(self, errors: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
        """Hang messages on their fields. Keys: a field name, or `lines.index.field`. Returns the summary as
        (id to jump to, label, message); messages for fields that are not in the form come without an id."""
        summary: list[tuple[str, str, str]] = []
        for key, messages in errors.items():
            target = self._target(key)
            for message in messages:
                if target is None:
                    column = self.record.columns.get(key.partition(".")[0])
                    summary.append(("", label(column.label) if column else "", message))
                else:
                    target.errors.append(message)
                    summary.append((target.id, target.label, message))
        return summary

    def _target(self, key: str) -> Row | Lines | None:
        name, _dot, rest = key.partition(".")
        if name in self.rows:
            return self.rows[name]
        lines = self.lines.get(name)
        index, _dot, column = rest.partition(".")
        if lines is None or not index.isdecimal():
            return lines
        sent = [line for line in lines.rows if not line.empty or line.id is not None]
        if int(index) >= len(sent):
            return lines
        return next((row for row in sent[int(index)].fields if row.name == column), lines)

    def _lines(self, one: FieldModel, stored: object, locked: bool) -> Lines:
        rows = (
            self._sent_lines(one) if self.sent is not None and not locked else self._stored_lines(one, stored)
        )
        used = [int(row.prefix.split("-")[1]) for row in rows]
        most = one.spec.max
        return Lines(
            name=one.name,
            id=one.name,
            label=label(one.label),
            help=label(one.spec.help),
            required=one.required is True,
            rows=rows,
            blank=self._line(one, "__index__", None, {}, None),
            next=max(used, default=-1) + 1,
            most=int(most) if most and most.isdecimal() else None,
            locked=locked,
        )

    def _stored_lines(self, one: FieldModel, stored: object) -> list[Line]:
        lines = stored if isinstance(stored, (tuple, list)) else ()
        return [self._line(one, str(index), line.get("id"), line, None) for index, line in enumerate(lines)]

    def _sent_lines(self, one: FieldModel) -> list[Line]:
        sent: Any = self.sent
        pattern = re.compile(rf"{re.escape(one.name)}-(\d{{1,6}})-")
        found = {int(match[1]) for key in sent if (match := pattern.match(key))}
        rows = []
        for index in sorted(found)[:MOST_LINES]:
            prefix = f"{one.name}-{index}-"
            ident = str(sent.get(f"{prefix}id", ""))
            if not sent.get(f"{prefix}deleted"):
                rows.append(self._line(one, str(index), sent_number(ident), {}, sent))
        return rows

    def _line(
        self, one: FieldModel, index: str, ident: Any, stored: Mapping[str, object], sent: Formdata | None
    ) -> Line:
        prefix = f"{one.name}-{index}-"
        form = _build(one.lines, replace(self.frame, lines=one.name), stored, sent, prefix)
        rows = [make_row(column, form, name, prefix) for name, column in one.lines.items()]
        return Line(prefix, ident if isinstance(ident, int) else None, rows)


def _build(
    fields: Mapping[str, FieldModel],
    frame: Frame,
    stored: Mapping[str, object],
    sent: Formdata | None,
    prefix: str = "",
) -> BaseForm:
    made = {name: make_field(one, frame, one.required is True) for name, one in fields.items()}
    form = BaseForm({name: one for name, one in made.items() if one is not None}, prefix=prefix)
    form.process(sent, data=dict(stored))
    return form


def make_row(one: FieldModel, form: BaseForm, name: str, prefix: str = "") -> Row:
    """The row of a field; without a control in `form` it is locked."""
    control: Any = form[name] if name in form else None
    return Row(
        name=name,
        id=f"{prefix}{name}",
        label=label(one.label),
        help=label(one.spec.help),
        required=one.required is True,
        wide=one.type in WIDE and not prefix,
        grouped=one.type in GROUPED,
        unit=label(one.spec.unit or ("%" if one.type == "percent" else "")),
        entry=control,
        formula=one.formula is not None,
    )
