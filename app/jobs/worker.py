"""The worker: runs the jobs of the table whose time has come, and works on the rows of the outbox.

Several may run, in several processes and on several hosts: what must be done by one alone is claimed in the
database, and every effect is done once whoever does it.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from huey import Huey
from huey.consumer import Consumer, Scheduler

from app.actions import Context
from app.actions.deliver_outbox import do_item, note_failure, said, take_items
from app.jobs.desk import Desk, NoRelease
from app.jobs.queue import TASK
from app.jobs.table import JOBS, Job
from app.source import PortalError
from app.storage.jobs import (
    JobRow,
    fail_job,
    failures_in_a_row,
    finish_job,
    forget_workers,
    job_rows,
    see_worker,
    take_job,
)
from app.storage.outbox import OutboxItem

log = logging.getLogger(__name__)

TICK = 1
"""Seconds between two looks at what is due."""
QUIET = timedelta(minutes=1)
"""A job with nothing to do is run and noted at least so often, so that everybody sees that it is alive."""
BATCH = 20
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
"""How long a job that failed waits before the next run, the longer the more often it failed."""
MOST_QUEUED = 20
SHOWN_EVERY, FORGOTTEN = timedelta(seconds=30), timedelta(days=1)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def worker_name() -> str:
    """Host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def work_outbox(desk: Desk, now: Clock = utc_now, limit: int = BATCH) -> int:
    """Work on the rows that are due until none is left; how many there were. A row that fails is kept with
    its words, and the others go on."""
    done = 0
    while True:
        with desk.context(now()) as context:
            items = take_items(context, limit)
        if not items:
            return done
        desk.checkpoint("claimed")
        for item in items:
            _do_one(desk, item, now)
        done += len(items)


def _do_one(desk: Desk, item: OutboxItem, now: Clock) -> None:
    with desk.context(now()) as context:
        try:
            do_item(context, item, desk.post(context))
        except Exception as error:
            # Whatever goes wrong with one row is noted with it and shown in the console; the rest goes on.
            context.session.rollback()
            again = note_failure(context, item, error)
            if not isinstance(error, PortalError):
                log.exception("outbox row %s (%s) failed; next try: %s", item.id, item.key, again)


def run_job(desk: Desk, job: Job, now: Clock = utc_now) -> int:
    """Run one job if its time has come and nobody else runs it; on how many things it worked."""
    lease = job.lease if job.alone else None
    with desk.database.writing() as session:
        if not take_job(session, job.name, now(), job.every, lease, desk.worker):
            return 0
    try:
        done = work_outbox(desk, now) if job.run is None else _run(desk, job, now)
    except NoRelease:
        done = 0
    except Exception as error:
        # A job that fails is noted, shown in the console, and run again after a while.
        _note_failure(desk, job, error, now())
        return 0
    with desk.database.writing() as session:
        finish_job(session, job.name, now(), done)
    return done


def _run(desk: Desk, job: Job, now: Clock) -> int:
    with desk.context(now()) as context:
        return job.run(context, desk.checkpoint) if job.run is not None else 0


def _note_failure(desk: Desk, job: Job, error: Exception, at: datetime) -> None:
    if not isinstance(error, PortalError):
        log.exception("the job %s failed", job.name)
    words = said(error)
    with desk.database.writing() as session:
        failures = failures_in_a_row(session, job.name)
        fail_job(session, job.name, at, words, at + WAITS[min(failures, len(WAITS) - 1)])


def due_jobs(desk: Desk, now: datetime) -> tuple[Job, ...]:
    """The jobs to run now; one that has nothing to do is only run when it was quiet for long."""
    with desk.database.reading() as session:
        rows = {row.name: row for row in job_rows(session)}
    due = [job for job in JOBS if _is_due(rows.get(job.name), now)]
    if not due:
        return ()
    try:
        with desk.context(now) as context:
            return tuple(job for job in due if _has_work(context, job, rows.get(job.name)))
    except NoRelease:
        return ()


def _is_due(row: JobRow | None, now: datetime) -> bool:
    if row is None:
        return True
    free = row.claimed_until is None or row.claimed_until < now
    return free and (row.next_at is None or row.next_at <= now)


def _has_work(context: Context, job: Job, row: JobRow | None) -> bool:
    if job.waits is None or row is None or row.finished_at is None:
        return True
    return context.now - row.finished_at >= QUIET or job.waits(context)


class Ticker(Scheduler):  # type: ignore[misc]
    """huey's scheduler, with the table of jobs in place of its own crontab."""

    periodic_task_seconds = TICK

    def __init__(self, tick: Callable[[], None], **given: Any) -> None:
        self.tick = tick
        super().__init__(**given)

    def enqueue_periodic_tasks(self, _now: Any) -> None:
        self.tick()


class Crew(Consumer):  # type: ignore[misc]
    """huey's consumer for a process that has signal handlers of its own."""

    def __init__(self, queue: Huey, tick: Callable[[], None], threads: int) -> None:
        self.tick = tick
        self.started = threading.Event()
        super().__init__(queue, workers=threads, initial_delay=0.05, max_delay=1.0, scheduler_interval=TICK)

    def start(self) -> None:
        try:
            super().start()
        finally:
            self.started.set()

    def _create_scheduler(self) -> Ticker:
        given = {"huey": self.huey, "stop_flag": self.stop_flag, "interval": TICK, "periodic": True}
        return Ticker(self.tick, **given)

    def _set_signal_handlers(self) -> None:
        """Whoever starts the crew ends it."""


class Worker:
    """A crew of threads that runs jobs until it is stopped."""

    def __init__(self, desk: Desk, queue: Huey, threads: int = 2) -> None:
        self.desk, self.queue = desk, queue
        desk.worker = desk.worker or worker_name()
        self.seen_at: datetime | None = None
        self.order = queue.task(name=TASK)(self._run_named)
        self.crew = Crew(queue, self.tick, threads)
        self.thread = threading.Thread(target=self.crew.run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to work, in threads of this process. All have begun when this returns: `stop` joins them."""
        self.thread.start()
        self.crew.started.wait()

    def stop(self) -> None:
        """Finish what is under way, then end."""
        self.crew.stop(graceful=True)
        self.thread.join()
        with self.desk.database.writing() as session:
            forget_workers(session, named=self.desk.worker)

    def tick(self) -> None:
        """Put the jobs whose time has come into the queue, unless it is full of them."""
        now = utc_now()
        try:
            self._show(now)
            if self.queue.storage.queue_size() < MOST_QUEUED:
                for job in due_jobs(self.desk, now):
                    self.order(job.name)
        except Exception:
            # A database or queue that is away for a while must not end the worker.
            log.exception("what is due cannot be asked for")

    def _run_named(self, name: str) -> None:
        found = next((job for job in JOBS if job.name == name), None)
        if found is not None:
            run_job(self.desk, found)

    def _show(self, now: datetime) -> None:
        """Be seen at work, once a minute."""
        if self.seen_at is not None and now - self.seen_at < SHOWN_EVERY:
            return
        with self.desk.database.writing() as session:
            see_worker(session, self.desk.worker, now)
            forget_workers(session, before=now - FORGOTTEN)
        self.seen_at = now
