"""What the portal does again and again by itself. A further job is a further row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.actions import Context
from app.actions.recompute_clocks import follow_calendars
from app.actions.run_duties import run_duties
from app.actions.run_timers import AT_ONCE, Checkpoint, sweep
from app.actions.start_release import release_is_due, start_due
from app.source import N_, PortalError
from app.storage.deadlines import step_is_due
from app.storage.outbox import row_is_due

Run = Callable[[Context, Checkpoint], int]


@dataclass(frozen=True, slots=True)
class Job:
    """A job. every: how often it runs; alone: only one worker at a time runs it, for at most `lease`; waits:
    whether there is anything to do, asked cheaply before it is run (None: it is run in any case). run gives
    on how many things it worked; a job without it is the worker's own (`worker.work_outbox`)."""

    name: str
    title: str
    every: timedelta
    run: Run | None = None
    alone: bool = True
    waits: Callable[[Context], bool] | None = None
    lease: timedelta = timedelta(minutes=15)


def _sweep(context: Context, checkpoint: Checkpoint) -> int:
    done = 0
    while (found := sweep(context, AT_ONCE, checkpoint)) == AT_ONCE:
        done += found
    return done + found


def _duties(context: Context, _checkpoint: Checkpoint) -> int:
    done = run_duties(context)
    if done.failed:
        raise SomeFailed(done.failed)
    return done.created + done.settled


def _calendars(context: Context, _checkpoint: Checkpoint) -> int:
    return follow_calendars(context)


def _releases(context: Context, _checkpoint: Checkpoint) -> int:
    return start_due(context)


class SomeFailed(PortalError):
    """The job did what it could; these are the words for the rest, which the next run tries again."""

    def __init__(self, words: list[str]) -> None:
        super().__init__("; ".join(words))


OUTBOX = "outbox"
JOBS: tuple[Job, ...] = (
    Job(
        "clocks",
        N_("Clocks that run out"),
        timedelta(seconds=5),
        _sweep,
        alone=False,
        waits=lambda context: step_is_due(context.session, context.models, context.now),
    ),
    Job(
        OUTBOX,
        N_("Messages, prints and effects"),
        timedelta(seconds=2),
        alone=False,
        waits=lambda context: row_is_due(context.session, context.now),
    ),
    Job("releases", N_("Releases whose day has come"), timedelta(seconds=5), _releases, waits=release_is_due),
    Job("duties", N_("Duties that recur"), timedelta(minutes=1), _duties),
    Job("calendars", N_("Calendars and public holidays"), timedelta(minutes=10), _calendars),
)
"""Every job, those first that others wait for."""
