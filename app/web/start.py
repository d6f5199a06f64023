"""From a configuration folder and a database to an application in service.

A folder without faults is compared with the live release: new content is published, as far as no data
would be lost. With faults, where data would be lost, or where the live release was made elsewhere, that
release goes on serving under a notice; without one there is nothing to serve.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from flask import Flask

from app.access import SYSTEM
from app.actions.configurations import read_files, stored_release
from app.actions.publish_release import Draft, ReleaseRefused, publish_release
from app.release import Release, compile_release, content_hash
from app.source import N_, Diagnostic, PortalError, collect_files, collector_paused
from app.spec.portal import ADMINISTRATOR
from app.storage import (
    Database,
    Models,
    StoredRelease,
    apply_migration,
    build_models,
    find_live,
    plan_for,
)
from app.storage.account_rows import create_account, has_accounts
from app.storage.publishing import complete_release_table
from app.web.factory import create_app
from app.web.settings import WebSettings

FAULTY = N_("The configuration on disk has faults; the last sound release is being served.")
LOSSY = N_("The configuration on disk would lose data; the last release is served until that is allowed.")
UNSEEN = N_("The release in service was not made from the files on disk; fetch it with: python run.py pull")


class NothingToServe(PortalError):
    """The folder has faults and the database has no release; `diagnostics` are the faults."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(N_("the configuration has faults and no release is stored yet"))


@dataclass(frozen=True, slots=True)
class Started:
    """What was found and done: the release in service, the notice for every page, the folder's faults, the
    number of changes that the database took."""

    release: Release
    banner: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    steps: int = 0


def start(database: Database, root: Path, now: datetime) -> Started:
    """Decide what to serve, and bring the database to it. Raises NothingToServe, ReleaseRefused."""
    with collector_paused():
        return _start(database, root, now)


def _start(database: Database, root: Path, now: datetime) -> Started:
    complete_release_table(database)
    live, collected = find_live(database, now), collect_files(root)
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in collected.files.items()}
    if live is not None and not collected.diagnostics and content_hash(hashes) == live.hash:
        release = stored_release(database, live.number)
        return Started(release, steps=migrate(database, release, now))
    if live is not None and not live.on_disk:
        return Started(stored_release(database, live.number), UNSEEN)
    found = read_files(collected.files, tuple(collected.diagnostics))
    if found.portal is None:
        if live is None:
            raise NothingToServe(found.diagnostics)
        return Started(stored_release(database, live.number), FAULTY, found.diagnostics)
    try:
        done = publish_release(database, Draft(found.files, found.portal, _number(live)), SYSTEM, now)
    except ReleaseRefused:
        if live is None:
            raise
        return Started(stored_release(database, live.number), LOSSY, found.diagnostics)
    return Started(compile_release(found.portal, done.number), steps=done.steps)


def _number(live: StoredRelease | None) -> int:
    return live.number if live is not None else 0


def migrate(database: Database, release: Release, now: datetime) -> int:
    """Bring the tables up to what this version of the program makes of a release, by safe steps; how many
    they were. Raises PlanRefused."""
    models = build_models(release, mapped=False)
    try:
        with database.engine.connect() as connection:
            plan = plan_for(connection, models)
        if plan.operations:
            apply_migration(database.engine, models, plan, now)
        return len(plan.operations)
    finally:
        models.dispose()


def open_app(database: Database, started: Started, settings: WebSettings) -> Flask:
    """The application of the release in service."""
    with collector_paused():
        return create_app(started.release, database, replace(settings, banner=started.banner))


def first_administrator(database: Database, models: Models) -> str | None:
    """On a first start, the new password of the account `admin`; None when anybody can sign in already."""
    with database.writing() as session:
        if has_accounts(session, models):
            return None
        password = secrets.token_urlsafe(12)
        create_account(session, models, "admin", password, "admin", [ADMINISTRATOR])
    return password
