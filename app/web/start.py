"""From a configuration folder and a database to an application in service.

A folder without faults is compared with the live release: new content brings the tables up to date (only by
safe steps), is stored as the next release and made live. With faults, or where data would be lost, the live
release goes on serving under a notice; without one there is nothing to serve.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app.checks import run_checks
from app.release import Release, compile_release
from app.rules.functions import REGISTRY
from app.source import N_, ConfigError, Diagnostic, PortalError, collect_files, parse_files
from app.spec.decode import decode_parts
from app.spec.portal import ADMINISTRATOR, Portal
from app.storage import (
    Database,
    Models,
    PlanRefused,
    Stamp,
    StoredRelease,
    apply_migration,
    build_models,
    live_release,
    mark_live,
    plan_for,
    release_files,
    store_release,
)
from app.storage.account_rows import create_account, has_accounts, role_id
from app.web.factory import create_app
from app.web.settings import WebSettings

Files = dict[str, bytes]
FAULTY = N_("The configuration on disk has faults; the last sound release is being served.")
LOSSY = N_("The configuration on disk would lose data; the last release is served until that is allowed.")


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
    """Decide what to serve, and bring the database to it. Raises NothingToServe, PlanRefused."""
    files, portal, diagnostics = read_folder(root)
    live = _live(database)
    if portal is None:
        if live is None:
            raise NothingToServe(diagnostics)
        return Started(stored(database, live.number), FAULTY, diagnostics)
    draft = compile_release(portal)
    if live is not None and live.hash == draft.hash:
        return Started(replace(draft, number=live.number), steps=migrate(database, draft, now))
    try:
        steps = migrate(database, draft, now)
    except PlanRefused:
        if live is None:
            raise
        return Started(stored(database, live.number), LOSSY, diagnostics)
    return Started(replace(draft, number=publish(database, files, now)), steps=steps)


def read_folder(root: Path) -> tuple[Files, Portal | None, tuple[Diagnostic, ...]]:
    """The configuration's files, its portal (None with faults), and everything that was found."""
    collected = collect_files(root)
    return (collected.files, *decode_checked(collected.files, tuple(collected.diagnostics)))


def decode_checked(
    files: Files, found: tuple[Diagnostic, ...] = ()
) -> tuple[Portal | None, tuple[Diagnostic, ...]]:
    """Decode and check files; the portal is None when anything is wrong."""
    decoded = decode_parts(parse_files(files, found))
    diagnostics = (*decoded.diagnostics, *run_checks(decoded.portal, REGISTRY, decoded))
    sound = not any(one.severity == "error" for one in diagnostics)
    return (decoded.portal if sound else None), diagnostics


def stored(database: Database, number: int) -> Release:
    """A release from the database, compiled as it was stored."""
    with database.reading() as session:
        files = release_files(session, number)
    portal, diagnostics = decode_checked(files)
    if portal is None:
        raise ConfigError(diagnostics)
    return compile_release(portal, number)


def migrate(database: Database, release: Release, now: datetime) -> int:
    """Bring the tables up to date by safe steps; how many they were. Raises PlanRefused."""
    models = build_models(release)
    try:
        with database.engine.connect() as connection:
            plan = plan_for(connection, models)
        apply_migration(database.engine, models, plan, now)
        return len(plan.operations)
    finally:
        models.dispose()


def publish(database: Database, files: Files, now: datetime) -> int:
    """Store the files as the next release and make it live; its number."""
    with database.writing() as session:
        number = store_release(session, files, Stamp(None, now))
        mark_live(session, number, now)
    return number


def open_app(database: Database, started: Started, settings: WebSettings) -> Flask:
    """The application of the release in service, its roles known to the accounts."""
    settings = replace(settings, banner=started.banner)
    app = create_app(started.release, database, settings)
    ensure_roles(database, started.release, app.extensions["portal"].models)
    return app


def ensure_roles(database: Database, release: Release, models: Models) -> None:
    """A row for every role that the release declares, so that accounts can be given it."""
    names = sorted({ADMINISTRATOR, *release.portal.roles})
    with database.writing() as session:
        for name in names:
            role_id(session, models, name)


def first_administrator(database: Database, models: Models) -> str | None:
    """On a first start, the new password of the account `admin`; None when anybody can sign in already."""
    with database.writing() as session:
        if has_accounts(session, models):
            return None
        password = secrets.token_urlsafe(12)
        create_account(session, models, "admin", password, "admin", [ADMINISTRATOR])
    return password


def _live(database: Database) -> StoredRelease | None:
    """The live release; None in a database that has no tables yet."""
    if not sa.inspect(database.engine).has_table("release"):
        return None
    with database.reading() as session:
        return live_release(session)
