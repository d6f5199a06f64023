"""Several chosen rows at once: export or delete, each row judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import decide
from app.release import RecordModel
from app.source import PortalError
from app.storage import RecordGone
from app.web.addresses import record_address
from app.web.context import actor, served, session
from app.web.export import chosen_rows, export_rows
from app.web.faults import fault_lines
from app.web.interface import PortalInterface
from app.web.languages import label
from app.web.redirects import safe_path
from app.web.visible import open_label

MOST = 500


def run_bulk(record: RecordModel, interface: PortalInterface) -> ResponseReturnValue:
    """Do `action` with the rows `id`; rows that the actor may not read are as if they were not there."""
    name = request.form.get("action", "")
    action = ACTIONS.get(name)
    if action is None:
        abort(400)
    if not decide(served().policy, actor(), name, record.name).allowed:
        abort(403)
    ids = [int(key) for key in request.form.getlist("id") if key.isdecimal() and len(key) < 11][:MOST]
    if not ids:
        flash(_("Choose at least one row."), "warning")
        return redirect(_back(record))
    return action(record, interface, ids)


def _back(record: RecordModel) -> str:
    return safe_path(request.form.get("_back")) or record_address(record.name, "list")


def _export(record: RecordModel, _interface: PortalInterface, ids: list[int]) -> ResponseReturnValue:
    return export_rows(record, ids)


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
                open_label(here, actor(), record.name, one.label, one.id)
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
ACTIONS: Mapping[str, Action] = MappingProxyType({"export": _export, "delete": _delete})
