"""`python run.py serve`: the portal in a browser, ready after one command."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime

import click
from waitress import serve as serve_wsgi

from app.actions.publish_release import ReleaseRefused
from app.checks import ExampleReport
from app.commands.common import Session
from app.commands.instance import Instance
from app.commands.show import as_text
from app.commands.worker import working
from app.source import N_, Diagnostic, read_sources
from app.storage import Database, Models, PlanRefused, open_database
from app.storage.account_rows import has_accounts
from app.web.context import EXTENSION
from app.web.settings import load_settings
from app.web.start import NothingToServe, Started, first_administrator, start
from app.web.wsgi import dispatcher

THREADS = 8
REQUEST_BYTES = 256 * 1024 * 1024
"""What the server takes at most in one request; the portal's own limit is lower."""
EVERYWHERE = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::"})


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 listens on every network.")
@click.option(
    "--demo", is_flag=False, flag_value="", default=None, metavar="[SET]", help="With made-up data."
)
@click.option(
    "--worker/--no-worker", default=True, show_default=True, help="With the worker, or it runs elsewhere."
)
@click.pass_obj
def serve(session: Session, port: int, host: str, demo: str | None, worker: bool) -> None:
    """Serve the portal: check the YAML, bring the database up to date, start."""
    where = Instance.of(session)
    settings = load_settings(where.folder.resolve(), session.root.resolve(), os.environ)
    database = open_database(where.url, where.folder.resolve())
    started = _start(session, database)
    application = dispatcher(database, started, settings)
    models: Models = application.app.extensions[EXTENSION].models
    for line in _accounts(session, database, models, started, demo):
        click.echo(line)
    shown = "localhost" if host in EVERYWHERE else host
    _say(session, N_("Open http://{host}:{port}/ in a browser; Ctrl-C ends it."), host=shown, port=port)
    # Told to end, the server leaves its loop like after Ctrl-C, and the worker finishes what it has at hand.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with working(session, database) if worker else nullcontext():
        serve_wsgi(
            application, host=host, port=port, threads=THREADS, max_request_body_size=REQUEST_BYTES, ident=""
        )


def _start(session: Session, database: Database) -> Started:
    """What is served. Ends the command with 1 when there is nothing to serve."""
    try:
        started = start(database, session.root, datetime.now(UTC))
    except NothingToServe as error:
        _print_faults(session, error.diagnostics)
        sys.exit(1)
    except (PlanRefused, ReleaseRefused) as error:
        raise click.ClickException(error.message(session.translate)) from error
    _print_faults(session, started.diagnostics)
    if started.steps:
        _say(session, N_("The database was brought up to date: {count} changes."), count=started.steps)
    if started.banner:
        click.echo(session.translate(started.banner), err=True)
    _say(session, N_("Release {number} is being served."), number=started.release.number)
    return started


def _print_faults(session: Session, found: Sequence[Diagnostic]) -> None:
    errors = [one for one in found if one.severity == "error"]
    if errors:
        text = as_text(errors, ExampleReport(), read_sources(session.root), session.translate)
        click.echo(text, err=True)


def _accounts(
    session: Session, database: Database, models: Models, started: Started, demo: str | None
) -> list[str]:
    """The log-ins to print: those of the demo, or the first administrator's. None on later starts."""
    with database.reading() as reading:
        if has_accounts(reading, models):
            return []
    if demo is not None:
        # Loaded when it is asked for: the story draws pictures and takes its time.
        from app.commands.demo import load_demo

        return [*load_demo(database, started.release, demo, session.translate)]
    password = first_administrator(database, models)
    text = N_("An account for the administrator was made: name admin, password {password}")
    return [session.translate(text).format(password=password)] if password else []


def _say(session: Session, text: str, **params: object) -> None:
    click.echo(session.translate(text).format(**params))
