"""One record as a page: its groups, child tables, files, state and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.access import may_see_type
from app.expressions import holds
from app.release import FieldModel, RecordModel
from app.storage import AttachmentInfo, Record
from app.web.addresses import file_address, record_address
from app.web.context import Served, actor
from app.web.display import Cell, Style, show_value
from app.web.form_build import WIDE
from app.web.form_fields import KeptFile
from app.web.languages import label
from app.web.visible import Visible

LINKS = frozenset({"person", "unit", "link"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a small table."""

    name: str
    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A child table as it is shown."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One field on the page; exactly one of cell, links, files and table has something."""

    name: str
    label: str
    wide: bool = False
    cell: Cell = field(default_factory=Cell)
    links: tuple[Cell, ...] = ()
    files: tuple[KeptFile, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A titled group of fields."""

    title: str
    fields: tuple[Shown, ...]


class Presenter:
    """Shows the values of one record to one reader; what the reader may not see was taken out before."""

    def __init__(self, here: Served, seen: Visible, style: Style) -> None:
        self.here, self.seen, self.style = here, seen, style
        self.record: RecordModel = here.record(seen.record.record_type)

    def groups(self) -> tuple[Group, ...]:
        """The form's groups with their visible fields; empty fields are shown as empty, empty groups left
        out."""
        found = []
        for group in self.record.groups:
            shown = [self.shown(self.record.columns[name]) for name in group.fields if self.applies(name)]
            if shown:
                found.append(Group(label(group.group or group.title), tuple(shown)))
        return tuple(found)

    def applies(self, name: str) -> bool:
        """Whether a field has its place on this page: not hidden, and asked of records like this one."""
        found = self.record.columns[name]
        if name in self.seen.hidden or found.type == "checklist":
            return False
        return all(holds(one, self.seen.facts) for one in (found.group_show, found.show) if one is not None)

    def facts(self) -> tuple[Shown, ...]:
        """Number, maker and times, at the foot of the page."""
        names = ("number", "created_by", "created_at", "changed_by", "changed_at")
        return tuple(
            self.shown(self.record.columns[name])
            for name in names
            if name in self.record.columns and name not in self.seen.hidden
        )

    def shown(self, one: FieldModel) -> Shown:
        stored = self.seen.record
        wide = one.type in WIDE
        if one.type == "lines":
            return Shown(one.name, label(one.label), True, table=self.table(one))
        if one.kind.storage == "attachments":
            return Shown(one.name, label(one.label), wide, files=tuple(files_of(stored, one.name)))
        if one.type == "links":
            return Shown(one.name, label(one.label), wide, links=tuple(self.links(one)))
        return Shown(one.name, label(one.label), wide, cell=self.cell(one, stored.values, stored.labels))

    def cell(self, one: FieldModel, values: Mapping[str, Any], words: Mapping[str, Any]) -> Cell:
        """The cell of a field of the record or of one of its lines."""
        value = values.get(one.name)
        if one.type in LINKS:
            return self.link(one, value, str(words.get(one.name) or ""))
        if one.name == "record_id" and self.record.spec.is_kernel:
            return self.about(value, values.get("record_type"))
        return show_value(one, value, self.style)

    def about(self, ident: Any, record_type: Any) -> Cell:
        """What a built-in record is about, which may be of a type that is no longer served."""
        known = isinstance(record_type, str) and record_type in self.here.release.records
        if not known or not isinstance(ident, int):
            return Cell("" if ident is None else f"#{ident}")
        reads = may_see_type(self.here.policy, actor(), record_type)
        return Cell(f"#{ident}", href=record_address(record_type, "show", ident) if reads else "")

    def link(self, one: FieldModel, ident: Any, words: str) -> Cell:
        """A link leads on only where the reader may read what it leads to."""
        if not isinstance(ident, int):
            return Cell()
        target = one.target or ""
        reads = may_see_type(self.here.policy, actor(), target) and words != _("(no access)")
        return Cell(words or f"#{ident}", href=record_address(target, "show", ident) if reads else "")

    def links(self, one: FieldModel) -> Iterable[Cell]:
        idents: Any = self.seen.record.values.get(one.name) or ()
        words: Any = self.seen.record.labels.get(one.name) or ()
        for ident, text in zip(idents, words, strict=False):
            yield self.link(one, ident, str(text))

    def table(self, one: FieldModel) -> Table | None:
        lines: Any = self.seen.record.values.get(one.name) or ()
        words = self.seen.record.line_labels.get(one.name, ())
        if not lines:
            return None
        columns = tuple(Column(name, label(column.label), column.type) for name, column in one.lines.items())
        rows = tuple(
            tuple(self.cell(column, line, texts) for column in one.lines.values())
            for line, texts in zip(lines, words, strict=False)
        )
        return Table(columns, rows)

    def state(self) -> Cell | None:
        """The state as a badge."""
        state = self.record.columns.get("state")
        if state is None or "state" in self.seen.hidden:
            return None
        cell = show_value(state, self.seen.record.values.get("state"), self.style)
        return Cell(cell.text, "badge", cell.tone or "neutral") if cell.text else None


def files_of(stored: Record, name: str, item: str | None = None) -> Iterable[KeptFile]:
    """The files of a field (of one checklist item, when `item` is given)."""
    for info in stored.attachments.get(name, ()):
        if item is None or info.item == item:
            yield kept_file(info)


def kept_file(info: AttachmentInfo) -> KeptFile:
    """A stored file with the addresses of itself and its thumbnail."""
    thumb = file_address(info.id, info.file_name, "thumb") if info.thumbnail else ""
    return KeptFile(info.id, info.file_name, file_address(info.id, info.file_name), thumb)
