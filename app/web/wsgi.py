"""The portal as a WSGI application, for waitress and for servers such as gunicorn
(`gunicorn "app.web.wsgi:make_application()"`)."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from app.actions.configurations import stored_release
from app.source import collector_paused
from app.storage import Database, open_database
from app.web.dispatch import Dispatcher
from app.web.factory import retire_app
from app.web.settings import WebSettings, load_settings
from app.web.start import Started, open_app, start
from app.web.watching import ReleaseWatch


def make_application(environment: Mapping[str, str] | None = None) -> Dispatcher:
    """Everything from the environment: ROOT_DIR (default: here), INSTANCE_DIR, DATABASE_URL and what
    `load_settings` reads. Raises NothingToServe, PlanRefused."""
    given = os.environ if environment is None else environment
    root = Path(given.get("ROOT_DIR") or ".").resolve()
    instance = Path(given.get("INSTANCE_DIR") or root / "instance").resolve()
    database = open_database(given.get("DATABASE_URL", ""), instance)
    settings = load_settings(instance, root, given)
    return dispatcher(database, start(database, root, datetime.now(UTC)), settings)


def dispatcher(database: Database, started: Started, settings: WebSettings) -> Dispatcher:
    """The outer application, serving what was started; every release that goes live later is swapped in."""

    def build(number: int) -> Flask:
        with collector_paused():
            app = open_app(database, Started(stored_release(database, number)), settings)
            # It lives as long as it serves; the collector goes over it when the old one is let go.
            gc.freeze()
        return app

    outer = Dispatcher(open_app(database, started, settings), drained=retire_app)
    ReleaseWatch(database, outer, build, started.release.number).start()
    return outer
