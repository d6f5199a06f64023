"""Raw tables in the console: a Flask-Admin view for each record type, worked out when it is first opened.

Every write of Flask-Admin (create, update, delete, its delete of several) goes through the data interface
that the pages use, and so through `app.actions`.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import flash
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.release import FieldModel, RecordModel
from app.source import PortalError
from app.spec.field_types import FieldType
from app.web import form_fields as kinds
from app.web.console_gate import Gate
from app.web.context import Served, session
from app.web.faults import fault_lines
from app.web.form_build import Frame, make_field
from app.web.interface import PortalInterface
from app.web.paging import LAST_PAGE
from app.web.sent_numbers import sent_number, sent_numbers

READ_ONLY = frozenset(
    {"audit_entry", "release", "document", "attachment", "fund_entry", "duty_run", "deadline"}
)
"""Built-in types that nobody edits by hand, not even here."""
CHOSEN_BY_ID: frozenset[FieldType] = frozenset({"person", "unit", "link"})
PAGE = 25


class _Sessions:
    """The scoped session in the dress that Flask-Admin asks for: an object that has it as `session`."""

    def __init__(self, registry: Any) -> None:
        self.session = registry

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


class LinkIdField(kinds.TypedField):
    """A link as the number of the record it leads to."""

    def show(self, value: Any) -> str:
        return str(getattr(value, "id", value))


class RecordTable(Gate, ModelView):
    """One table. Columns are read as they are; what is entered is judged like any other entry."""

    page_size = PAGE
    can_view_details = True
    can_set_page_size = False
    column_display_pk = True
    column_default_sort = ("id", True)
    named_filter_urls = True
    edit_modal = create_modal = False

    def __init__(self, served: Served, record: RecordModel) -> None:
        self.served, self.record = served, record
        self.interface = PortalInterface(served.models.classes[record.name], served, record)
        self.can_create = self.can_edit = self.can_delete = record.name not in READ_ONLY
        self._made = threading.Lock()
        self._ready = False
        super().__init__(
            served.models.classes[record.name],
            _Sessions(served.database.session),
            name=record.label,
            endpoint=f"console-{record.table}",
            url=f"tables/{record.table}",
        )

    def is_visible(self) -> bool:
        """Tables are reached from the console's start page: two hundred entries are no menu."""
        return False

    def _refresh_cache(self) -> None:
        """Put off until the view is opened: a portal has many tables and few are looked at."""

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        refused = super()._handle_view(name, **kwargs)
        if refused is None and not self._ready:
            with self._made:
                if not self._ready:
                    super()._refresh_cache()
                    self._ready = True
        return refused

    def scaffold_list_columns(self) -> list[str]:
        return [column.name for column in self.served.models.tables[self.record.name].columns]

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {name: name for name in self.scaffold_list_columns()}

    def get_list_columns(self) -> list[tuple[str, str]]:
        return [(name, name) for name in self.scaffold_list_columns()]

    def get_details_columns(self) -> list[tuple[str, str]]:
        return self.get_list_columns()

    def get_export_columns(self) -> list[tuple[str, str]]:
        return self.get_list_columns()

    def scaffold_auto_joins(self) -> list[Any]:
        return []

    def init_search(self) -> bool:
        return False

    def scaffold_form(self) -> type[BaseForm]:
        """The fields that are columns of the table; lines and files are entered on the record's own page."""
        frame = Frame(self.record.name, self.served.zone)
        fields: dict[str, Any] = {}
        for name, one in self.record.fields.items():
            made = console_field(one, frame)
            if made is not None:
                fields[name] = made
        return type("ConsoleForm", (BaseForm,), fields)

    def get_one(self, id: Any) -> Any:
        """The row with an id from an address; None for what is no id."""
        number = sent_number(id)
        return super().get_one(str(number)) if number is not None else None

    def get_list(self, page: Any, *args: Any, **kwargs: Any) -> Any:
        """A page of rows; one before the first is the first."""
        return super().get_list(max(0, min(page or 0, LAST_PAGE)), *args, **kwargs)

    def create_model(self, form: Any) -> Any:
        return _through(lambda: self.interface.create(_entries(form)))

    def update_model(self, form: Any, model: Any) -> bool:
        made = _through(lambda: self.interface.change(model.id, _entries(form), model.version))
        return made is not None

    def delete_model(self, model: Any) -> bool:
        return _remove(self.interface, model.id)

    def action_delete(self, ids: Any) -> None:
        """Delete several, each by the same way as one."""
        done = sum(1 for key in sent_numbers(ids) if _remove(self.interface, key))
        flash(_("%(n)s deleted.", n=done), "success" if done else "error")

    action_delete._action = ("delete", lazy_gettext("Delete"), lazy_gettext("Delete the chosen records?"))  # type: ignore[attr-defined]


def _remove(interface: PortalInterface, key: int) -> bool:
    return _through(lambda: interface.remove(key, None)) is not None


def _through(write: Any) -> Any:
    """Do a write; what actions refuse is shown in words. None when it was refused."""
    try:
        return write()
    except PortalError as error:
        session().rollback()
        for line in fault_lines(error):
            flash(line, "error")
        return None


def console_field(one: FieldModel, frame: Frame) -> Any:
    """The console's control for a field: as in forms, but links are typed as numbers."""
    if one.kind.storage not in ("column", "link") or one.formula is not None or one.read_only is True:
        return None
    if one.type in CHOSEN_BY_ID:
        return LinkIdField(f"{one.label} (ID)")
    return make_field(one, frame, one.required is True)


def _entries(form: Any) -> dict[str, object]:
    return {field.short_name: field.given for field in form if isinstance(field, kinds.TypedField)}
