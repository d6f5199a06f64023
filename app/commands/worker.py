"""`python run.py worker`: the background worker alone; several may run, on several hosts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue

import click

from app.commands.common import Session
from app.commands.instance import Instance
from app.commands.languages import translator
from app.jobs.desk import Desk
from app.jobs.queue import NoRedis, open_queue
from app.jobs.worker import Worker
from app.source import N_
from app.storage import Database, find_live, open_database

THREADS = 2


@click.command()
@click.option("--threads", type=click.IntRange(1, 32), default=THREADS, show_default=True)
@click.pass_obj
def worker(session: Session, threads: int) -> None:
    """Run the portal's clocks, messages, prints and duties until told to stop."""
    where = Instance.of(session)
    database = open_database(where.url, where.folder.resolve())
    if find_live(database) is None:
        raise click.ClickException(session.translate(N_("serve the portal once before its worker starts")))
    # Not an event: its lock is not reentrant, a signal that comes while it is held would wait for itself.
    asked: SimpleQueue[int] = SimpleQueue()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: asked.put(number))
    with working(session, database, threads):
        click.echo(session.translate(N_("The worker is running; Ctrl-C ends it.")))
        asked.get()
    database.dispose()


@contextmanager
def working(session: Session, database: Database, threads: int = THREADS) -> Iterator[Worker]:
    """A worker in threads of this process; at the end of the block it finishes what it has at hand."""
    try:
        queue = open_queue(database.instance, os.environ)
    except NoRedis as error:
        raise click.ClickException(error.message(session.translate)) from error
    desk = Desk(database, partial(translator, root=session.root), os.environ)
    made = Worker(desk, queue, threads)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        queue.storage.close()
