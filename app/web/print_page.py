"""Printing a record: the PDF in the browser, the print kept under its number."""

from __future__ import annotations

import io
import logging

from flask import abort, flash, redirect, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.actions.issue_document import issue_document
from app.actions.offered_reports import reports_for
from app.release import RecordModel
from app.reports import ReportError
from app.web.addresses import record_address
from app.web.context import action_context, served, session

log = logging.getLogger(__name__)


def print_page(record: RecordModel, report: str, pk: int) -> ResponseReturnValue:
    """Print one record. A template that fails is the configuration's fault and said so, with its words in the
    log."""
    if report not in {one.full_name for one in reports_for(served().release, record.name)}:
        abort(404)
    try:
        issued = issue_document(action_context(), report, pk)
    except ReportError as error:
        session().rollback()
        log.warning("report %s of %s %s failed: %s", report, record.name, pk, error)
        flash(_("The print could not be made: its template has a fault. Tell the administrator."), "danger")
        return redirect(record_address(record.name, "show", pk))
    return send_file(
        io.BytesIO(issued.data), mimetype="application/pdf", download_name=issued.file_name, max_age=0
    )
