"""`/studio/`: the configuration, worked on in the browser: revisions, plans, and what was in service."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import decide
from app.actions import create_record, save_record
from app.actions.edit_files import text_of
from app.actions.publish_progress import read_applying
from app.actions.revisions import (
    REVISION,
    plan_revision,
    read_revision,
    rebase_revision,
    write_revision,
)
from app.release.tuning import TABLES
from app.source import PortalError
from app.storage import list_releases, release_files
from app.web.context import action_context, actor, now, served, session
from app.web.differences import moved_line
from app.web.faults import fault_lines
from app.web.gate import allowed, needs
from app.web.studio_editor import StudioEditorView
from app.web.studio_history import RELEASE, SHOWN, StudioHistoryView, history_rows
from app.web.studio_links import studio_address
from app.web.studio_pages import open_revisions, own_open_revision, revision_page
from app.web.studio_replay import StudioReplayView, sees_every_penalty
from app.web.studio_try import StudioTryView
from app.web.studio_tuning import StudioTuningView

LONGEST_TITLE = 120


class StudioView(BaseView):  # type: ignore[misc,unused-ignore]
    """Revisions of the configuration."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "index"

    @expose("/")
    @needs("read")
    def index(self) -> ResponseReturnValue:
        history = history_rows(list_releases(session(), SHOWN)) if allowed("read", RELEASE) else ()
        return render_template(
            "studio/index.html",
            revisions=open_revisions(),
            releases=history,
            tables=tuple((name, title) for name, (title, _rows) in TABLES.items()),
            applying=read_applying(served().database.instance),
            may_create=decide(served().policy, actor(), "create", REVISION).allowed,
        )

    @expose("/new", methods=["POST"])
    @needs("create")
    def new(self) -> ResponseReturnValue:
        """A new revision; `path` and `line` lead on to its editor, `table` to a tuning table. With `table` or
        `path` the revision that the actor is working on already is used."""
        table, path = request.form.get("table", ""), request.form.get("path", "")
        line = request.form.get("line", "")
        revision = (
            own_open_revision() if (table in TABLES or path) and not request.form.get("title") else None
        )
        if revision is None:
            title = request.form.get("title", "").strip()[:LONGEST_TITLE] or _default_title()
            try:
                revision = create_record(action_context(), REVISION, {"title": title}).id
            except PortalError as error:
                return _refused(error, studio_address())
        if table in TABLES:
            return redirect(studio_address(revision, f"tuning/{table}"))
        if path:
            at = int(line) if line.isdecimal() and len(line) < 8 else 0
            return redirect(studio_address(revision, "edit", path=path, line=at))
        return redirect(studio_address(revision))

    @expose("/source")
    @needs("read")
    def source(self) -> ResponseReturnValue:
        """A place in the text of a release: where the reasons on pages lead. What is in service opens in the
        editor for who works on a revision of it (`read=1` shows it as it is)."""
        path, line = request.args.get("path", ""), request.args.get("line", "")
        asked = request.args.get("release", "")
        number = int(asked) if asked.isdecimal() and len(asked) < 10 else served().release.number
        data = release_files(session(), number).get(path)
        if data is None:
            abort(404)
        marked = int(line) if line.isdecimal() and len(line) < 8 else 0
        if number == served().release.number and "read" not in request.args:
            editor = _editor_at(path, marked, data)
            if editor:
                return redirect(editor)
        return render_template(
            "studio/source.html",
            path=path,
            line=marked,
            lines=text_of(data).text.split("\n"),
            number=number,
            live=served().release.number,
            may_create=decide(served().policy, actor(), "create", REVISION).allowed,
        )

    @expose("/<int:pk>/")
    @needs("read")
    def show(self, pk: int) -> ResponseReturnValue:
        return render_template(
            "studio/revision.html",
            revision=revision_page(pk),
            replays=sees_every_penalty(),
            applying=read_applying(served().database.instance),
        )

    @expose("/<int:pk>/allow", methods=["POST"])
    @needs("update")
    def allow(self, pk: int) -> ResponseReturnValue:
        """Say what may be lost; only names that the plan has count."""
        context = action_context()
        _found, plan = plan_revision(context, pk)
        known = plan.lossy if plan is not None else ()
        chosen = " ".join(name for name in known if name in request.form.getlist("allow"))
        try:
            save_record(context, REVISION, pk, {"may_lose": chosen}, None)
        except PortalError as error:
            return _refused(error, studio_address(pk))
        flash(_("What may be lost is noted in the revision."), "success")
        return redirect(studio_address(pk) + "#plan")

    @expose("/<int:pk>/rebase", methods=["POST"])
    @needs("update")
    def rebase(self, pk: int) -> ResponseReturnValue:
        """Base a revision on the release in service; files changed on both sides are named."""
        try:
            both = rebase_revision(action_context(), pk)
        except PortalError as error:
            return _refused(error, studio_address(pk))
        flash(_("The revision is based on the release in service now."), "success")
        if both:
            text = _(
                "Changed there too, and kept as this revision has them: %(files)s", files=", ".join(both)
            )
            flash(text, "warning")
        return redirect(studio_address(pk))

    @expose("/<int:pk>/discard", methods=["POST"])
    @needs("update")
    def discard(self, pk: int) -> ResponseReturnValue:
        """Take the changes of one file back."""
        context, path = action_context(), request.form.get("path", "")
        found = read_revision(context, pk)
        if path not in found.changed:
            abort(404)
        try:
            write_revision(context, pk, {path: found.before.get(path)}, found.files)
        except PortalError as error:
            return _refused(error, studio_address(pk))
        flash(_("%(path)s is as in release %(base)s again.", path=path, base=found.base), "success")
        return redirect(studio_address(pk))


def _refused(error: PortalError, where: str) -> ResponseReturnValue:
    session().rollback()
    for one in fault_lines(error):
        flash(one, "danger")
    return redirect(where)


def _editor_at(path: str, line: int, data: bytes) -> str:
    """The place in the revision that the actor is working on; empty where there is none, or not this file.
    Lines that were changed, added or taken out before it are counted."""
    revision = own_open_revision()
    found = read_revision(action_context(), revision) if revision is not None else None
    text = found.files.get(path) if found is not None and found.editable else None
    if text is None:
        return ""
    if text != data:
        line = moved_line(text_of(data).text.split("\n"), text_of(text).text.split("\n"), line)
    return studio_address(revision, "edit", path=path, line=line)


def _default_title() -> str:
    day = now().astimezone(served().zone).date()
    return str(_("Change of %(day)s", day=day.isoformat()))


STUDIO_VIEWS: tuple[type[BaseView], ...] = (
    StudioView,
    StudioHistoryView,
    StudioTuningView,
    StudioEditorView,
    StudioTryView,
    StudioReplayView,
)
