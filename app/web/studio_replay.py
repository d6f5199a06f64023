"""`/studio/<revision>/replay`: what a draft would have made of the records since a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import force_locale
from flask_babel import gettext as _

from app.access import hidden_fields, masked_fields, row_scope
from app.access.rows import EVERYTHING
from app.actions.replay_kept import ReplayJob, latest_replay, read_replay
from app.actions.revisions import REVISION
from app.release import content_hash
from app.web.addresses import record_address
from app.web.context import action_context, actor, now, served
from app.web.gate import needs
from app.web.languages import choose_language
from app.web.studio_drafted import Drafted, draft_release, read_drafted
from app.web.studio_links import studio_address

DAYS = 90
"""How far back a replay looks unless somebody says otherwise."""
PENALTY, SHOWN = "penalty", ("person", "amount_due", "level")


class StudioReplayView(BaseView):  # type: ignore[misc,unused-ignore]
    """Replays of a draft, for those who may see every penalty."""

    route_base = "/studio"
    class_permission_name = REVISION
    default_view = "show"

    @expose("/<int:pk>/replay", methods=["GET", "POST"])
    @needs("read")
    def show(self, pk: int) -> ResponseReturnValue:
        """The report of a replay, or how far it is; a POST begins one."""
        if not sees_every_penalty():
            abort(403)
        if request.method == "POST":
            return _begin(pk)
        drafted = read_drafted(pk)
        name = request.args.get("of", "") or _latest(drafted)
        state = read_replay(served().database, name) if name else None
        today = now().astimezone(served().zone).date()
        return render_template(
            "studio/replay.html",
            id=pk,
            label=drafted.label,
            since=_asked_day(state) or (today - timedelta(days=DAYS)).isoformat(),
            state=state,
            percent=_percent(state),
            report=_report(state) if state is not None else None,
        )


def sees_every_penalty() -> bool:
    """Whether the reader may see every penalty with what the report tells of it."""
    policy, asker = served().policy, actor()
    closed = {*hidden_fields(policy, asker, PENALTY), *masked_fields(policy, asker, PENALTY)}
    return row_scope(policy, asker, "read", PENALTY) == EVERYTHING and not closed & {*SHOWN}


def _begin(pk: int) -> ResponseReturnValue:
    context, here = action_context(), served()
    drafted = read_drafted(pk)
    if drafted.portal is None:
        flash(_("The configuration has faults; they have to be mended first."), "danger")
        return redirect(studio_address(pk))
    try:
        day = date.fromisoformat(request.form.get("since", ""))
    except ValueError:
        day = context.today - timedelta(days=DAYS)
    since = datetime.combine(day, time.min, here.zone).astimezone(UTC)
    locale, app = choose_language(), current_app._get_current_object()  # type: ignore[attr-defined]

    def translate(text: str) -> str:
        with app.app_context(), force_locale(locale):
            return str(_(text))

    draft = draft_release(drafted).release
    job = ReplayJob(here.database, draft, since, context.now, locale, day.isoformat())
    job.start(translate)
    return redirect(studio_address(pk, "replay", of=job.place.name))


def _latest(drafted: Drafted) -> str:
    """The newest replay of this very draft: whoever comes back finds it again."""
    if drafted.portal is None:
        return ""
    return latest_replay(served().database, content_hash(drafted.portal.files), choose_language())


def _asked_day(state: Mapping[str, Any] | None) -> str:
    return str(state.get("since") or "") if state is not None else ""


def _percent(state: Mapping[str, Any] | None) -> int:
    """How far it is, 0 to 99 while it runs; 0 too where nothing runs."""
    if state is None or state.get("count") is None or not state.get("of"):
        return 0
    return min(99, int(100 * state["count"] / state["of"]))


def _report(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The report with the addresses of what it speaks of."""
    report: Mapping[str, Any] | None = state.get("report")
    if report is None:
        return None
    for one in report["penalties"]["movers"]:
        kind, key = (PENALTY, one["penalty"]) if one["penalty"] else (one["type"], one["record"])
        one["href"] = record_address(kind, "show", key) if kind in served().release.records else ""
    return report
