"""Ducha over the bench database, for gunicorn."""

from __future__ import annotations

import os

from app.release import compile_release
from app.spec.decode import load_portal
from app.storage import open_database
from app.web.dispatch import Dispatcher
from app.web.factory import create_app, retire_app
from app.web.settings import load_settings
from bench.places import INSTANCE, ROOT


def make() -> Dispatcher:
    portal, faults = load_portal(ROOT)
    if portal is None:
        raise SystemExit("\n".join(f"{fault.span}: {fault.message()}" for fault in faults))
    database = open_database(os.environ["BENCH_DATABASE"], INSTANCE)
    settings = load_settings(INSTANCE, ROOT, os.environ)
    return Dispatcher(create_app(compile_release(portal, 1), database, settings), drained=retire_app)


application = make()
