"""`/studio/releases/…`: what was in service and when, what each release changed, and the way back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.actions.configurations import release_within
from app.actions.publish_release import ReleaseRefused
from app.actions.roll_back import may_publish, plan_way_back, roll_back
from app.release.comparing import Change, compare_portals
from app.source import N_, ConfigError
from app.spec.portal_settings import OpenRecords
from app.storage import (
    PlanRefused,
    StoredRelease,
    find_release,
    labels_of,
    list_releases,
    live_release,
    release_files,
)
from app.storage.publishing import NotWritten, approvers, written_or_said
from app.web.context import action_context, now, served, session, style
from app.web.differences import file_differences
from app.web.display import show_moment
from app.web.faults import said
from app.web.gate import needs
from app.web.sent_numbers import sent_number
from app.web.studio_links import studio_address
from app.web.studio_plan import change_rows, plan_page

RELEASE = "release"
ORIGINS: Mapping[str, str] = {"disk": N_("folder"), "studio": N_("studio"), "rollback": N_("rolled back")}
OPEN_RECORDS: Mapping[OpenRecords, str] = {
    "keep": N_("keep their rules"),
    "switch": N_("go over at once"),
    "ask": N_("are asked about one by one"),
}
"""What may become of open records when an earlier release comes back, in words."""
SHOWN = 20
"""Releases on the studio's start page."""
MOST_RELEASES = 500


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release in the history. live: it serves; waits: its day has not come; back_href is empty where
    there is no way back for the reader."""

    number: int
    title: str
    when: str
    author: str
    approver: str
    origin: str
    reason: str
    base: int
    live: bool
    waits: bool
    href: str
    back_href: str


class StudioHistoryView(BaseView):  # type: ignore[misc,unused-ignore]
    """The history of releases."""

    route_base = "/studio/releases"
    class_permission_name = RELEASE
    default_view = "index"

    @expose("/")
    @needs("read")
    def index(self) -> ResponseReturnValue:
        """Every release, the newest first."""
        found = history_rows(list_releases(session(), MOST_RELEASES))
        return render_template("studio/history.html", releases=found)

    @expose("/<int:number>/")
    @needs("read")
    def show(self, number: int) -> ResponseReturnValue:
        """What one release changed, against the one that it was made from."""
        known = find_release(session(), number)
        if known is None:
            abort(404)
        base = known.base if known.base is not None else _before(known)
        before = release_files(session(), base) if base else {}
        changes = _changes(base, number) if base else ()
        return render_template(
            "studio/release.html",
            release=history_rows((known,))[0],
            base=base,
            changes=None if changes is None else change_rows(changes, release=number),
            files=file_differences(before, release_files(session(), number)) if base else (),
            count=len(release_files(session(), number)),
            view="below" if request.args.get("view") == "below" else "beside",
        )

    @expose("/<int:number>/back", methods=["GET", "POST"])
    @needs("read")
    def back(self, number: int) -> ResponseReturnValue:
        """The plan of a rollback; with a POST it is carried out."""
        context = action_context()
        if not may_publish(context):
            abort(403)
        known = find_release(session(), number)
        if known is None or known.applied_at is None:
            abort(404)
        mode, allowed = request.values.get("open_records", ""), request.form.getlist("allow")
        if mode and mode not in OPEN_RECORDS:
            abort(400)
        if request.method == "POST":
            base = request.form.get("base", "")
            reason = request.form.get("reason", "").strip()[:2000]
            start = sent_number(base) or 0
            try:
                with written_or_said():
                    done = roll_back(context, number, start, reason, allowed, mode)
            except (ReleaseRefused, PlanRefused, NotWritten) as error:
                flash(said(error), "danger")
            else:
                text = _("Release %(number)s is in service; it is what release %(old)s was.",
                         number=done.number, old=number)  # fmt: skip
                flash(text, "success")
                return redirect(studio_address())
        try:
            way = plan_way_back(context, number, mode)
        except (ReleaseRefused, ConfigError) as error:
            flash(said(error), "danger")
            return redirect(studio_address(None, f"releases/{number}/"))
        return render_template(
            "studio/rollback.html",
            release=history_rows((known,))[0],
            plan=plan_page(way.plan, 0, allowed),
            mode=mode or way.draft.portal.settings.releases.open_records,
            modes=tuple((one, _(OPEN_RECORDS[one])) for one in OPEN_RECORDS),
        )


def history_rows(found: Sequence[StoredRelease]) -> tuple[ReleaseRow, ...]:
    """Releases with who made and approved them, in the same order."""
    here, models, moment = served(), served().models, now()
    live = live_release(session(), moment)
    approved = approvers(session(), [one.number for one in found])
    people = {one.author_id for one in found if one.author_id is not None} | set(approved.values())
    names = labels_of(session(), models, "person", people)
    may = may_publish(action_context())
    serving = live.number if live is not None else here.release.number
    return tuple(_row(one, serving, names, approved.get(one.number), may) for one in found)


def _row(
    one: StoredRelease, live: int, names: Mapping[int, str], approver: int | None, may: bool
) -> ReleaseRow:
    back = may and one.number != live and one.applied_at is not None and one.applied_at <= now()
    return ReleaseRow(
        number=one.number,
        title=one.title if one.title != f"#{one.number}" else "",
        when=show_moment(one.applied_at, style()) if one.applied_at else "",
        author=names.get(one.author_id or 0, ""),
        approver=names.get(approver or 0, ""),
        origin=_(ORIGINS[one.origin]) if one.origin in ORIGINS else one.origin,
        reason=one.reason,
        base=one.base or 0,
        live=one.number == live,
        waits=one.applied_at is not None and one.applied_at > now(),
        href=studio_address(None, f"releases/{one.number}/"),
        back_href=studio_address(None, f"releases/{one.number}/back") if back else "",
    )


def _before(known: StoredRelease) -> int:
    """The release before one that does not say what it was made from."""
    older = [one.number for one in list_releases(session(), MOST_RELEASES) if one.number < known.number]
    return max(older, default=0)


def _changes(base: int, number: int) -> tuple[Change, ...] | None:
    """What changed in meaning; None where this program does not understand one of the two any more."""
    instance = served().database.instance
    try:
        before = release_within(session(), instance, base)
        return compare_portals(before.portal, release_within(session(), instance, number).portal)
    except (ConfigError, KeyError):
        return None
