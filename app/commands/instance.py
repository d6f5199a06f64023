"""The database of an installation, opened for a command that works on the configuration below the root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from app.access import SYSTEM, compile_policy
from app.actions import Context
from app.actions.configurations import stored_release
from app.commands.common import Session
from app.commands.languages import translator
from app.commands.sound import sound_portal
from app.release import Release, compile_release
from app.source import N_, Translate
from app.storage import Database, Models, build_models, find_live, live_release, open_database, plan_for


@dataclass(frozen=True, slots=True)
class Instance:
    """Where the state lies: the folder, and the address of a database elsewhere (empty = SQLite in it)."""

    folder: Path
    url: str

    @classmethod
    def of(cls, session: Session) -> Instance:
        """From INSTANCE_DIR (default: `instance/` below the root) and DATABASE_URL."""
        folder = os.environ.get("INSTANCE_DIR", "").strip()
        place = Path(folder) if folder else session.root / "instance"
        return cls(place, os.environ.get("DATABASE_URL", "").strip())


@contextmanager
def system_context(session: Session) -> Iterator[Context]:
    """What an action of the portal itself is given, on the installation's own database.

    Words on paper are in the portal's first language. Ends the command with 1 when the configuration has
    faults, and with words when the database does not hold this configuration.
    """
    release = compile_release(sound_portal(session))
    with opened_database(session) as database:
        yield _context(session, database, release)


@contextmanager
def live_context(session: Session) -> Iterator[Context]:
    """The same on the release that serves now, whatever the configuration's folder holds."""
    with opened_database(session) as database:
        live = find_live(database)
        if live is None:
            raise click.ClickException(session.translate(N_("no release is in service yet")))
        release = stored_release(database, live.number)
        yield _made(session, database, release, build_models(release))


@contextmanager
def opened_database(session: Session) -> Iterator[Database]:
    """The installation's own database; ends the command with words when there is none."""
    where = Instance.of(session)
    if not where.url and not (where.folder / "ducha.db").is_file():
        text = session.translate(N_("there is no database in {folder}; set INSTANCE_DIR or DATABASE_URL"))
        raise click.ClickException(text.format(folder=where.folder))
    database = open_database(where.url, where.folder)
    try:
        yield database
    finally:
        database.dispose()


def _context(session: Session, database: Database, release: Release) -> Context:
    models = build_models(release)
    with database.engine.connect() as connection:
        plan = plan_for(connection, models)
    if plan.operations:
        text = N_("the database does not hold this configuration yet: {count} changes are to be applied")
        raise click.ClickException(session.translate(text).format(count=len(plan.operations)))
    with database.reading() as reading:
        live = live_release(reading)
    if live is not None and live.hash == release.hash:
        release = compile_release(release.portal, live.number)
        models = build_models(release)
    return _made(session, database, release, models)


def _made(session: Session, database: Database, release: Release, models: Models) -> Context:
    return Context(
        release=release,
        policy=compile_policy(release),
        models=models,
        session=database.session(),
        actor=SYSTEM,
        now=datetime.now(UTC),
        translate=_words_of(session, release),
        instance=database.instance,
    )


def _words_of(session: Session, release: Release) -> Translate:
    languages = release.portal.settings.languages
    return translator(languages[0] if languages else "en", session.root)
