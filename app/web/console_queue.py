"""The console's view of what the portal does by itself: jobs, workers, the outbox with its failures,
clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import Admin, BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.jobs.table import JOBS
from app.source import N_
from app.storage.deadlines import clock_counts
from app.storage.jobs import JobRow, job_rows, run_soon, workers
from app.storage.outbox import QueueState, newest_done, queue_states, troubled, try_again
from app.web.console_gate import Gate
from app.web.context import now, served, session, style
from app.web.display import option_title, show_moment
from app.web.languages import label

MOST = 200
SILENT = timedelta(minutes=2)
"""A worker that was not seen for so long is taken for dead."""
KINDS = MappingProxyType(
    {
        "clock": N_("effects of clocks"),
        "deliver": N_("e-mail"),
        "print": N_("prints"),
        "recompute": N_("clocks to compute anew"),
    }
)


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job as the console shows it."""

    name: str
    title: str
    last: str
    worked: str
    following: str
    running: bool
    failures: int
    error: str


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the outbox that failed, or that was done."""

    id: int
    key: str
    kind: str
    at: str
    attempts: int
    words: str
    given_up: bool


class QueueView(Gate, BaseView):
    """Jobs, workers and the outbox; what failed can be tried again."""

    @expose("/")
    def index(self) -> str:
        moment = now()
        seen = [
            (name, _when(since), _when(at), moment - at > SILENT) for name, since, at in workers(session())
        ]
        return str(
            self.render(
                "records/console_queue.html",
                workers=seen,
                nobody=all(dead for *_rest, dead in seen),
                jobs=_jobs(moment),
                states=[(kind_words(one.kind), one, _when(one.oldest)) for one in _states()],
                troubled=[_line(row) for row in troubled(session(), MOST)],
                done=[_line(row) for row in newest_done(session(), 20)],
            )
        )

    @expose("/again", methods=["POST"])
    def again(self) -> ResponseReturnValue:
        """Try the chosen rows again; without a choice, all of one kind."""
        chosen = [int(key) for key in request.form.getlist("id") if key.isdecimal() and len(key) < 10]
        kind = request.form.get("kind", "")
        if not chosen and kind:
            chosen = [row.id for row in troubled(session(), MOST) if row.kind == kind]
        count = try_again(session(), chosen, now()) if chosen else 0
        session().commit()
        flash(_("%(n)s rows are tried again.", n=count), "success" if count else "error")
        return redirect(self.get_url(".index"))

    @expose("/run", methods=["POST"])
    def run(self) -> ResponseReturnValue:
        """Let a job run at the next opportunity."""
        name = request.form.get("name", "")
        if any(job.name == name for job in JOBS):
            run_soon(session(), name, now())
            session().commit()
            flash(_("It runs as soon as a worker is free."), "success")
        return redirect(self.get_url(".index"))


class ClocksView(Gate, BaseView):
    """Open clocks by service level and state."""

    @expose("/")
    def index(self) -> str:
        here = served()
        status = here.record("deadline").columns["status"]
        rows = [
            (
                label(here.release.names.get(level, level)),
                option_title(status, state),
                status.options[state].tone if state in status.options else "",
                count,
                _when(following),
                following is not None and now() - following > SILENT,
            )
            for level, state, count, following in clock_counts(session(), here.models)
        ]
        return str(self.render("records/console_clocks.html", rows=rows))


def install_queue(admin: Admin) -> None:
    """Add both views to the console."""
    admin.add_view(QueueView(name=lazy_gettext("Queue"), endpoint="console-queue", url="queue"))
    admin.add_view(ClocksView(name=lazy_gettext("Clocks"), endpoint="console-clocks", url="clocks"))


def kind_words(kind: str) -> str:
    """A kind of row in words; one that is not known by its name."""
    return _(KINDS[kind]) if kind in KINDS else kind


def _states() -> tuple[QueueState, ...]:
    return queue_states(session())


def _jobs(moment: datetime) -> list[JobLine]:
    rows = {row.name: row for row in job_rows(session())}
    return [_job(job.name, job.title, rows.get(job.name), moment) for job in JOBS]


def _job(name: str, title: str, row: JobRow | None, moment: datetime) -> JobLine:
    if row is None:
        return JobLine(name, _(title), "", "", "", False, 0, "")
    worked = _("%(at)s: %(n)s", at=_when(row.worked_at), n=row.did) if row.worked_at is not None else ""
    running = row.claimed_until is not None and row.claimed_until >= moment
    error = row.error or "" if row.failures else ""
    return JobLine(
        name, _(title), _when(row.finished_at), worked, _when(row.next_at), running, row.failures, error
    )


def _line(row: Any) -> RowLine:
    at = row.done_at or row.failed_at or row.due_at
    return RowLine(
        row.id,
        row.key,
        kind_words(row.kind),
        _when(at),
        row.attempts,
        row.error or "",
        row.failed_at is not None,
    )


def _when(value: datetime | None) -> str:
    return show_moment(value, style()) if value is not None else ""
