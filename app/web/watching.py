"""Noticing a new live release, in every process on every host, and serving it without losing a request."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.source import N_
from app.storage import Database, live_if_any
from app.storage.releases import unfit_releases
from app.web.dispatch import Dispatcher
from app.web.pages import NOTICE

log = logging.getLogger(__name__)

SECONDS = 0.5
"""How often the database is asked which release is live: one statement over a handful of rows."""
FAILED = N_("Release {number} could not be taken into service; the release before it is being served.")
_OWN_TEMPLATES = ("layout/", "records/", "checklist/", "studio/")


class ReleaseWatch:
    """Asks the database now and then, and swaps the application in `outer` when another release is live.

    build: number -> the application of that release; it runs in a thread of its own while the old release
    serves. A release that cannot be built is not tried again; the pages of the old one say so. The watch ends
    with `outer`.
    """

    def __init__(
        self, database: Database, outer: Dispatcher, build: Callable[[int], Flask], serving: int
    ) -> None:
        self.database, self.build, self.serving = database, build, serving
        self.outer = weakref.ref(outer)
        self.failed: int | None = None
        self.asking = threading.Lock()

    def start(self) -> None:
        """Watch from now on; also in processes that are forked off later."""
        self._watch()
        os.register_at_fork(after_in_child=self._watch)

    def _watch(self) -> None:
        threading.Thread(target=self._run, name="release-watch", daemon=True).start()

    def _run(self) -> None:
        first = self.outer()
        if first is not None:
            warmed(first.app)
        del first
        while self.outer() is not None:
            time.sleep(SECONDS)
            try:
                self.look(datetime.now(UTC))
            except SQLAlchemyError as error:
                log.warning("the live release cannot be asked for: %s", error)

    def look(self, now: datetime) -> bool:
        """Swap when the live release is another one than ours; whether it was. Returns when that is done."""
        outer = self.outer()
        if outer is None:
            return False
        with self.asking, self.database.reading() as session:
            live = live_if_any(session, now)
            unfit = () if live is None else unfit_releases(session, now)
            if unfit:
                outer.app.config[NOTICE] = (FAILED, {"number": unfit[0]})
            if live is None or live.number in (self.serving, self.failed):
                return False
            before, self.serving = self.serving, live.number
            number = live.number
        log.info("release %s goes into service", number)
        error = outer.swap_in_background(lambda: warmed(self.build(number))).exception()
        if error is not None:
            self.serving, self.failed = before, number
            outer.app.config[NOTICE] = (FAILED, {"number": number})
        return error is None


def warmed(app: Flask) -> Flask:
    """The application with its page templates compiled, so that nobody waits for them after the swap."""
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(_OWN_TEMPLATES)):
        app.jinja_env.get_template(name)
    return app
