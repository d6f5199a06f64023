"""`/studio/<revision>/edit`: the files of a revision as text, checked while somebody types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import decide
from app.actions.checked import checked
from app.actions.edit_files import (
    add_file,
    remove_file,
    rename_file,
    save_text,
    text_of,
    try_text,
)
from app.actions.revisions import REVISION, Overtaken, Revised, read_revision
from app.source import Diagnostic, PortalError
from app.spec.schema import schemas
from app.web.context import action_context, actor, served, session
from app.web.errors import wants_json
from app.web.faults import fault_lines, said
from app.web.gate import needs
from app.web.languages import label
from app.web.studio_links import studio_address
from app.web.studio_names import names_of

MOST_FAULTS = 200
"""Faults that one answer holds."""
SCHEMA_OF: Mapping[str, str] = {
    "config": "ducha.schema.json",
    "checklists": "checklist.schema.json",
    "report_templates": "report.schema.json",
}


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file in the tree; status: empty, new or changed."""

    path: str
    name: str
    href: str
    status: str
    faults: int
    current: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the tree with its files; it is open when one of them is shown or has a fault."""

    title: str
    path: str
    files: tuple[TreeFile, ...]
    open: bool


class StudioEditorView(BaseView):  # type: ignore[misc,unused-ignore]
    """The editor."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "edit"

    @expose("/<int:pk>/edit", methods=["GET", "POST"])
    @needs("read")
    def edit(self, pk: int) -> ResponseReturnValue:
        """A file and the tree beside it; a POST saves the file."""
        if request.method == "POST":
            return _save(pk)
        return _page(pk, request.args.get("path", ""))

    @expose("/<int:pk>/check", methods=["POST"])
    @needs("read")
    def check(self, pk: int) -> ResponseReturnValue:
        """What would be wrong if the file read as it was sent: JSON."""
        path, text = request.form.get("path", ""), request.form.get("text", "")
        found = try_text(action_context(), pk, path, text)
        here = [one for one in found.diagnostics if one.span.file == path]
        elsewhere = [one for one in found.faults if one.span.file != path]
        return jsonify(
            diagnostics=[_as_json(one) for one in here[:MOST_FAULTS]],
            elsewhere=[
                {
                    "place": f"{one.span.file}:{one.span.line}",
                    "text": one.message(_),
                    "href": studio_address(pk, "edit", path=one.span.file, line=one.span.line),
                }
                for one in elsewhere[:MOST_FAULTS]
            ],
        )

    @expose("/<int:pk>/files", methods=["POST"])
    @needs("update")
    def files(self, pk: int) -> ResponseReturnValue:
        """A new file, another name, or a file less."""
        context, step = action_context(), request.form.get("step", "")
        path, to = request.form.get("path", "").strip(), request.form.get("to", "").strip()
        try:
            if step == "add":
                add_file(context, pk, to)
            elif step == "rename":
                rename_file(context, pk, path, to)
            elif step == "remove":
                remove_file(context, pk, path)
                to = ""
            else:
                abort(400)
        except PortalError as error:
            session().rollback()
            for one in fault_lines(error):
                flash(one, "danger")
            to = path
        return redirect(studio_address(pk, "edit", path=to))

    @expose("/<int:pk>/names.json")
    @needs("read")
    def names(self, pk: int) -> ResponseReturnValue:
        """Names that the configuration declares, by kind, for completion."""
        context = action_context()
        portal = checked(context, read_revision(context, pk).files).decoded.portal
        return jsonify(names_of(portal))

    @expose("/schema.json")
    @needs("read")
    def schema(self) -> ResponseReturnValue:
        """The JSON Schemas of the language, by the folder that they are for."""
        found = served().remember("schemas", schemas)
        answer = jsonify({folder: found[name] for folder, name in SCHEMA_OF.items()})
        answer.headers["Cache-Control"] = "private, max-age=3600"
        return answer


def _as_json(one: Diagnostic) -> dict[str, object]:
    span = one.span
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "severity": one.severity,
        "code": one.code,
        "text": one.message(_),
        "hint": one.hint_text(_),
    }


def _save(pk: int) -> ResponseReturnValue:
    path, text = request.form.get("path", ""), request.form.get("text", "")
    try:
        seen = save_text(action_context(), pk, path, text, request.form.get("seen", ""))
    except Overtaken as error:
        session().rollback()
        theirs = text_of(error.theirs)
        if wants_json():
            return jsonify(message=said(error), theirs=theirs.text, seen=theirs.seen), 409
        return _page(pk, path, mine=text, notice=said(error)), 409
    except PortalError as error:
        session().rollback()
        if wants_json():
            return jsonify(message=" ".join(fault_lines(error))), 422
        for one in fault_lines(error):
            flash(one, "danger")
        return _page(pk, path, mine=text), 422
    if wants_json():
        return jsonify(seen=seen, message=_("Saved."))
    flash(_("Saved."), "success")
    return redirect(studio_address(pk, "edit", path=path))


def _page(pk: int, path: str, mine: str | None = None, notice: str = "") -> str:
    """The editor's page. mine: what was typed and not saved, beside what is stored."""
    context = action_context()
    found = read_revision(context, pk)
    if path and path not in found.files and mine is None:
        abort(404)
    configuration = checked(context, found.files)
    stored = text_of(found.files.get(path))
    may = found.editable and decide(context.policy, actor(), "update", REVISION).allowed
    line = request.args.get("line", "")
    return render_template(
        "studio/edit.html",
        id=pk,
        label=found.record.label,
        path=path,
        kind=path.partition("/")[0],
        line=int(line) if line.isdecimal() and len(line) < 8 else 0,
        text=stored.text if mine is None else mine,
        theirs=stored.text if mine is not None and notice else None,
        seen=stored.seen,
        notice=notice,
        folders=_tree(found, configuration.faults, pk, path),
        editable=may and stored.readable,
        may_write=may,
        diagnostics=[_as_json(one) for one in configuration.diagnostics if one.span.file == path][
            :MOST_FAULTS
        ],
        changed=path in found.changed,
    )


def _tree(found: Revised, faults: tuple[Diagnostic, ...], pk: int, current: str) -> tuple[Folder, ...]:
    counted = Counter(one.span.file for one in faults)
    by_folder: dict[str, list[TreeFile]] = {}
    for path in found.files:
        folder, _slash, name = path.rpartition("/")
        status = "" if path not in found.changed else "changed" if path in found.before else "new"
        one = TreeFile(
            path, name, studio_address(pk, "edit", path=path), status, counted[path], path == current
        )
        by_folder.setdefault(folder, []).append(one)
    return tuple(
        Folder(
            _folder_title(folder),
            folder,
            tuple(files),
            any(one.current or one.faults or one.status for one in files),
        )
        for folder, files in sorted(by_folder.items())
    )


def _folder_title(folder: str) -> str:
    """The regime that a folder belongs to, if it is one's."""
    parts = folder.split("/")
    name = parts[2] if folder.startswith("config/regimes/") else parts[1] if len(parts) > 1 else ""
    regime = served().release.portal.regimes.get(name)
    return label(regime.label) if regime is not None else ""
