"""New and changed records: the form shown, sent, refused and shown again with everything that was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict

from app.access import decide, hidden_fields, read_only_fields
from app.actions import Saved
from app.release import RecordModel
from app.source import PortalError
from app.storage import StaleRecord
from app.web.addresses import record_address
from app.web.context import Served, actor, now, served, session, style
from app.web.display import Cell, show_moment
from app.web.faults import field_errors
from app.web.first_values import first_values, left_to_default
from app.web.form_build import Frame
from app.web.form_rules import Rules, form_rules
from app.web.forms import Formdata, FormGroup, Lines, RecordForm, Row
from app.web.interface import PortalInterface
from app.web.kept_files import put_files
from app.web.languages import label
from app.web.picking import find_for_plain_form, put_labels
from app.web.record_moves import locked_by_state
from app.web.redirects import safe_path
from app.web.show_page import Presenter
from app.web.upload import store_uploads
from app.web.visible import Visible, read_visible, told_label


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who saved meanwhile, and when."""

    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary; `id` is the control to jump to."""

    id: str
    label: str
    text: str


@dataclass(slots=True)
class FormPage:
    """Everything that the form's template needs."""

    title: str
    action: str
    cancel: str
    submit: str
    groups: list[FormGroup]
    rules: Rules | None
    version: int | None
    release: int
    back: str = ""
    intro: str = ""
    tone: str = ""
    errors: list[Problem] = field(default_factory=list)
    conflict: Conflict | None = None
    confirmed: bool = False
    renewed: bool = False


class EditPage:
    """The two pages `add` and `edit` of one record type, for one request."""

    def __init__(self, record: RecordModel, interface: PortalInterface) -> None:
        here, asker = served(), actor()
        self.here, self.record, self.interface = here, record, interface
        self.hidden = hidden_fields(here.policy, asker, record.name)
        self.locked = read_only_fields(here.policy, asker, record.name) | fixed_fields(record)
        self.frame = Frame(record.name, here.zone)

    def add(self) -> ResponseReturnValue:
        """A new record; the address may carry first values (`?unit=3`)."""
        computed = frozenset(name for name in self.locked if self.record.columns[name].formula is not None)
        names = [name for name in self._names() if name not in self.locked or name in computed]
        given = {name: request.args[name] for name in names if name in request.args}
        entered = [name for name in names if name not in computed]
        form = self._form(names, first_values(self.record, entered, given), computed)
        if request.method == "POST":
            return self._save(form, None)
        return self._answer(form, None, {})

    def edit(self, pk: int) -> ResponseReturnValue:
        """A stored record."""
        seen = read_visible(self.here, self.record, pk, "update", open=request.method == "GET")
        if locked_by_state(self.here, self.record, seen):
            flash(_("The record is closed for changes in its present state."), "warning")
            return redirect(record_address(self.record.name, "show", pk))
        locked = self.locked | frozenset(seen.masks)
        form = self._form(self._names(), seen.record.values, locked, pk)
        self._show_locked(form, seen)
        if request.method == "POST":
            return self._save(form, seen)
        return self._answer(form, seen, {})

    def _names(self) -> list[str]:
        """The fields of the form in the order of its groups."""
        return [
            name
            for group in self.record.groups
            for name in group.fields
            if name not in self.hidden and self.record.columns[name].type != "checklist"
        ]

    def _form(
        self,
        names: list[str],
        stored: Mapping[str, object],
        locked: frozenset[str],
        key: int | None = None,
    ) -> RecordForm:
        sent: Formdata | None = None
        if request.method == "POST":
            parts: list[Any] = [request.files, request.form]
            sent = CombinedMultiDict(parts)
        return RecordForm(self.record, self.frame, names, locked, stored, sent, key)

    def _show_locked(self, form: RecordForm, seen: Visible) -> None:
        presenter = Presenter(self.here, seen, style())
        for name, row in form.rows.items():
            if row.locked:
                row.shown = presenter.shown(self.record.columns[name])
        for name, lines in form.lines.items():
            if lines.locked:
                lines.shown = presenter.shown(self.record.columns[name])

    @staticmethod
    def plain_wish(form: RecordForm) -> bool:
        """Do what a button for browsers without scripts asks for: the form comes back, changed."""
        wish, _colon, argument = request.form.get("_then", "save").partition(":")
        act = PLAIN_WISHES.get(wish)
        if act is not None:
            act(form, argument)
        return act is not None

    def _save(self, form: RecordForm, seen: Visible | None) -> ResponseReturnValue:
        refused = store_uploads(self.record, form)
        if self.plain_wish(form) or refused or self.other_release():
            return self._answer(form, seen, refused)
        try:
            saved = self._write(form, seen)
        except StaleRecord as error:
            session().rollback()
            return self._answer(form, seen, {}, stale=error)
        except PortalError as error:
            session().rollback()
            return self._answer(form, seen, field_errors(error))
        flash(_("Saved: %(label)s", label=told_label(self.here, self.record.name, saved.id)), "success")
        return redirect(
            safe_path(request.form.get("_back")) or record_address(self.record.name, "show", saved.id)
        )

    def other_release(self) -> bool:
        """Whether the form was made under another release: it is shown once more, under the rules of now."""
        return request.form.get("_release", str(self.here.release.number)) != str(self.here.release.number)

    def _write(self, form: RecordForm, seen: Visible | None) -> Saved:
        if seen is None:
            entries = form.entries()
            left = left_to_default(self.record, entries, request.form.getlist("_emptied"))
            return self.interface.create({name: one for name, one in entries.items() if name not in left})
        return self.interface.change(seen.record.id, form.entries(), sent_version(seen.record.version))

    def _answer(
        self,
        form: RecordForm,
        seen: Visible | None,
        errors: Mapping[str, Any],
        stale: StaleRecord | None = None,
    ) -> ResponseReturnValue:
        page = self._page(form, seen)
        page.errors = [Problem(*one) for one in form.put_errors(errors)]
        status = 422 if errors else 200
        if stale is not None and seen is not None:
            self._show_conflict(form, page, stale, seen)
            status = 409
        return render_template("records/form.html", form=page), status

    def _page(self, form: RecordForm, seen: Visible | None) -> FormPage:
        put_labels(self.here, form, seen)
        put_files(self.here, form)
        put_quick_add(self.here, form)
        title = label(self.record.label)
        stored = seen.open_values() if seen else {}
        groups = form.groups(self.hidden)
        state = stored.get("state") if seen else self.record.workflow.start if self.record.workflow else None
        today = now().astimezone(self.here.zone).date()
        key = seen.record.id if seen else None
        return FormPage(
            title=_("Edit: %(label)s", label=seen.record.label) if seen else _("New: %(type)s", type=title),
            action=request.full_path.rstrip("?"),
            cancel=record_address(self.record.name, "show", key)
            if seen
            else record_address(self.record.name, "list"),
            submit=_("Save"),
            groups=groups,
            rules=form_rules(form, groups, stored, actor(), now(), today, state),
            version=sent_version(seen.record.version) if seen else None,
            release=self.here.release.number,
            back=safe_path(request.values.get("_back")) or "",
            intro=label(self.record.spec.help) if seen is None else "",
            renewed=request.method == "POST" and self.other_release(),
        )

    def _show_conflict(self, form: RecordForm, page: FormPage, stale: StaleRecord, seen: Visible) -> None:
        """Both values beside each other; the form goes on from the version that is stored now."""
        theirs = Visible.of(self.here, stale.current, seen.facts)
        presenter = Presenter(self.here, theirs, style())
        for name in stale.theirs:
            target: Row | Lines | None = form.rows.get(name) or form.lines.get(name)
            if target is not None and name not in self.hidden:
                shown = presenter.shown(self.record.columns[name])
                target.other = shown.cell if shown.cell.text else Cell(_("changed"))
        moment: Any = stale.at
        page.conflict = Conflict(stale.by, show_moment(moment, style()) if moment else "")
        page.version = stale.current.version


def put_quick_add(here: Served, form: RecordForm) -> None:
    """A way to make what is missing in a list of choices, for who may make it."""
    for name, row in form.rows.items():
        field = form.record.columns[name]
        target = here.release.records.get(field.target or "") if field.spec.quick_add else None
        if target is not None and row.entry is not None:
            if decide(here.policy, actor(), "create", target.name).allowed:
                row.quick_add_href = record_address(target.name, "add")


def fixed_fields(record: RecordModel) -> frozenset[str]:
    """Fields that nobody enters: computed, or read-only whatever the record's state."""
    return frozenset(
        name for name, one in record.fields.items() if one.formula is not None or one.read_only is True
    )


def sent_version(stored: int) -> int:
    """The version that the form was made from; the stored one on a first view."""
    text = request.form.get("_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else stored


PLAIN_WISHES: Mapping[str, Callable[[RecordForm, str], None]] = {
    "line": RecordForm.add_line,
    "remove": RecordForm.remove_line,
    "find": find_for_plain_form,
}
"""Buttons of browsers without scripts: they bring the form back, changed."""
