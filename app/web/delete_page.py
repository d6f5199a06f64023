"""Deleting: a page that asks, and a POST that does it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.release import RecordModel
from app.source import PortalError
from app.web.addresses import record_address
from app.web.context import served, session
from app.web.edit_page import sent_version
from app.web.faults import fault_lines
from app.web.interface import PortalInterface
from app.web.languages import label
from app.web.visible import read_visible


def delete_page(record: RecordModel, interface: PortalInterface, pk: int) -> ResponseReturnValue:
    """Ask on a GET, delete on a POST; what stands in the way is said on the same page."""
    seen = read_visible(served(), record, pk, "delete")
    reasons: list[str] = []
    if request.method == "POST":
        try:
            interface.remove(pk, sent_version(seen.record.version))
        except PortalError as error:
            session().rollback()
            reasons = fault_lines(error)
        else:
            flash(_("Deleted: %(label)s", label=seen.record.label), "success")
            return redirect(record_address(record.name, "list"))
    page = render_template(
        "records/delete.html",
        question=_("Delete %(type)s?", type=label(record.label)),
        action=record_address(record.name, "delete", pk),
        back=record_address(record.name, "show", pk),
        version=seen.record.version,
        items=[seen.record.label],
        reasons=reasons,
        hidden=[],
    )
    return page, 409 if reasons else 200
