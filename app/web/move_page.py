"""Making a transition: at once, or through a form with the fields that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.actions.advance_workflow import advance_workflow
from app.actions.revisions import REVISION
from app.release import RecordModel
from app.source import PortalError
from app.storage import StaleRecord
from app.storage.publishing import written_or_said
from app.web.addresses import record_address
from app.web.context import action_context, served, session
from app.web.edit_page import EditPage, Problem, sent_version
from app.web.faults import Errors, fault_lines, field_errors
from app.web.forms import FormGroup
from app.web.interface import PortalInterface
from app.web.languages import label
from app.web.record_moves import open_options
from app.web.studio_links import studio_address
from app.web.upload import store_uploads
from app.web.visible import Visible, read_visible, told_label
from app.workflow import Move, TransitionRefused


def move_page(record: RecordModel, interface: PortalInterface, pk: int, name: str) -> ResponseReturnValue:
    """Show the form of a transition, or make it. A transition that is not the actor's is not there."""
    here = served()
    seen = read_visible(here, record, pk)
    option = next((one for one in open_options(here, record, seen) if one.name == name), None)
    if option is None:
        if request.method == "POST":
            flash(_("This step is not possible any more."), "warning")
            return redirect(record_address(record.name, "show", pk))
        abort(404)
    page = _MovePage(record, interface, seen, option.move)
    return page.make() if request.method == "POST" else page.answer({})


class _MovePage(EditPage):
    """The form of one transition: only the fields that it asks for."""

    def __init__(self, record: RecordModel, interface: PortalInterface, seen: Visible, move: Move) -> None:
        super().__init__(record, interface)
        self.seen, self.move = seen, move
        names = [name for name in move.spec.ask if name in record.fields and name not in self.hidden]
        computed = {name for name in names if record.fields[name].formula is not None}
        self.form = self._form(
            names, seen.record.values, frozenset(computed | set(seen.masks)), seen.record.id
        )
        self._show_locked(self.form, seen)

    def make(self) -> ResponseReturnValue:
        """Make the transition, or say why not."""
        refused = store_uploads(self.record, self.form)
        if self.plain_wish(self.form) or refused or self.other_release() or not self._confirmed():
            return self.answer(refused)
        stored = self.seen.record
        try:
            with _written(self.record.name):
                saved = advance_workflow(
                    action_context(),
                    self.record.name,
                    stored.id,
                    self.move.name,
                    self.form.entries(),
                    sent_version(stored.version),
                )
        except StaleRecord as error:
            session().rollback()
            flash(f"{error.message(_)} {_('Please look again.')}", "warning")
            return redirect(record_address(self.record.name, "show", stored.id))
        except PortalError as error:
            session().rollback()
            return self._refused(error)
        words = told_label(served(), self.record.name, saved.id)
        flash(_("%(move)s: %(label)s", move=label(self.move.title), label=words), "success")
        return redirect(_page_of(self.record, saved.id))

    def _confirmed(self) -> bool:
        """A step that wants to be confirmed and was not asked about yet is asked about on its own page."""
        return not self.move.spec.confirm or bool(request.form.get("_confirmed"))

    def _refused(self, error: PortalError) -> ResponseReturnValue:
        """Without fields to mend the words are shown on the record's page."""
        if self.form.rows or self.form.lines:
            return self.answer(_at_fields(error))
        for line in fault_lines(error):
            flash(line, "danger")
        return redirect(_page_of(self.record, self.seen.record.id))

    def answer(self, errors: Mapping[str, Sequence[str]]) -> ResponseReturnValue:
        page = self._page(self.form, self.seen)
        title = label(self.move.title)
        page.title = f"{title}: {self.seen.record.label}"
        page.submit, page.tone = title, self.move.spec.tone or ""
        page.intro = label(self.move.spec.confirm) or label(self.move.spec.help)
        page.confirmed = True
        page.groups = [FormGroup("", "", [*self.form.rows.values(), *self.form.lines.values()])]
        page.errors = [Problem(*one) for one in self.form.put_errors(errors)]
        return render_template("records/form.html", form=page), 422 if errors else 200


def _written(record_type: str) -> AbstractContextManager[None]:
    """Whoever applies a release is told by the revision's own page when the database takes nothing."""
    return written_or_said() if record_type == REVISION else nullcontext()


def _page_of(record: RecordModel, pk: int) -> str:
    """Where a step leads back to: revisions of the configuration have their page in the studio."""
    return studio_address(pk) if record.name == REVISION else record_address(record.name, "show", pk)


def _at_fields(error: PortalError) -> Errors:
    """A refusal that names missing fields stands at each of them."""
    if isinstance(error, TransitionRefused) and error.missing:
        return {name: (_("this must be filled in"),) for name in error.missing}
    return field_errors(error)
