"""Several chosen rows at once: export, print or delete, each row judged by itself."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import abort, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import decide
from app.actions.issue_document import issue_document
from app.actions.offered_data_reports import offered_to
from app.actions.offered_reports import reports_for
from app.release import RecordModel
from app.reports import ReportError
from app.source import PortalError
from app.storage import RecordGone
from app.web.addresses import record_address
from app.web.context import action_context, actor, served, session
from app.web.export import chosen_rows, export_rows
from app.web.faults import fault_lines
from app.web.interface import PortalInterface
from app.web.languages import label
from app.web.redirects import safe_path
from app.web.reports import report_page
from app.web.sent_numbers import sent_numbers
from app.web.visible import open_label

MOST, MOST_PRINTS = 500, 50
REPORT = "report:"
"""How the name of an action begins that is a report over the chosen rows."""
log = logging.getLogger(__name__)


def run_bulk(record: RecordModel, interface: PortalInterface) -> ResponseReturnValue:
    """Do `action` with the rows `id`; rows that the actor may not read are as if they were not there."""
    name = request.form.get("action", "")
    if name.startswith(REPORT):
        return _report(record, name.removeprefix(REPORT))
    action = ACTIONS.get(name)
    if action is None:
        abort(400)
    if not decide(served().policy, actor(), name, record.name).allowed:
        abort(403)
    ids = sent_numbers(request.form.getlist("id"))[:MOST]
    if not ids:
        flash(_("Choose at least one row."), "warning")
        return redirect(_back(record))
    return action(record, interface, ids)


def _report(record: RecordModel, name: str) -> ResponseReturnValue:
    """A report over the chosen rows; those that may not be printed are left out of it."""
    here = served()
    offered = offered_to(here.release, here.policy, actor(), "selection", record.name)
    report = next((one for one in offered if one.full_name == name), None)
    if report is None:
        abort(403)
    ids = sent_numbers(request.form.getlist("id"))
    return report_page(report, ids, fresh=True)


def _back(record: RecordModel) -> str:
    return safe_path(request.form.get("_back")) or record_address(record.name, "list")


def _export(record: RecordModel, _interface: PortalInterface, ids: list[int]) -> ResponseReturnValue:
    return export_rows(record, ids)


def _print(record: RecordModel, _interface: PortalInterface, ids: list[int]) -> ResponseReturnValue:
    """The first report of the type for each row, one behind the other in one PDF."""
    here = served()
    allowed = [one.id for one in chosen_rows(here, record, ids[:MOST_PRINTS], (), "print")]
    if not allowed:
        flash(_("None of these rows may be printed."), "warning")
        return redirect(_back(record))
    report = reports_for(here.release, record.name)[0]
    from pypdf import PdfWriter  # loaded with the first print of several rows

    joined = PdfWriter()
    try:
        for key in allowed:
            issued = issue_document(action_context(), report.full_name, key)
            joined.append(io.BytesIO(issued.data))
    except ReportError as error:
        session().rollback()
        log.warning("report %s of %s failed: %s", report.full_name, record.name, error)
        flash(_("The print could not be made: its template has a fault. Tell the administrator."), "danger")
        return redirect(_back(record))
    out = io.BytesIO()
    joined.write(out)
    out.seek(0)
    return send_file(out, mimetype="application/pdf", download_name=f"{label(report.label)}.pdf", max_age=0)


def _delete(record: RecordModel, interface: PortalInterface, ids: list[int]) -> ResponseReturnValue:
    """Ask first (a page of its own, so that it works without scripts), then delete one by one."""
    if not request.form.get("_confirmed"):
        here = served()
        page = render_template(
            "records/delete.html",
            question=_("Delete %(n)s of %(type)s?", n=len(ids), type=label(record.label)),
            action=record_address(record.name, "bulk"),
            back=_back(record),
            version=None,
            items=[
                open_label(here, actor(), record.name, one.told, one.id)
                for one in chosen_rows(here, record, ids, (), "delete")
            ],
            reasons=[],
            hidden=[("action", "delete"), ("_back", _back(record)), *(("id", key) for key in ids)],
        )
        return page
    done = 0
    for key in ids:
        try:
            interface.remove(key, None)
            done += 1
        except RecordGone:
            session().rollback()
        except PortalError as error:
            session().rollback()
            for line in fault_lines(error):
                flash(line, "danger")
    flash(_("%(n)s deleted.", n=done), "success" if done else "warning")
    return redirect(_back(record))


Action = Callable[[RecordModel, PortalInterface, list[int]], ResponseReturnValue]
ACTIONS: Mapping[str, Action] = MappingProxyType({"export": _export, "print": _print, "delete": _delete})
