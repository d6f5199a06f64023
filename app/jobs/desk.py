"""What jobs work with: the database, the live release compiled, the words of its first language, the mail
server.

Before each piece of work the database is asked which release is live; another one than before is compiled and
used from then on, while work under way goes on with the one that it began with.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from app.access import SYSTEM, Policy, compile_policy
from app.actions import Context
from app.actions.configurations import stored_release
from app.actions.deliver_outbox import Post
from app.actions.mail import MailSettings, mail_settings
from app.actions.run_timers import Checkpoint, pass_by
from app.release import Release
from app.source import N_, ConfigError, PortalError, Translate, untranslated
from app.storage import Database, Models, build_models, find_live
from app.workflow import Machine

log = logging.getLogger(__name__)

Words = Callable[[str], Translate]
"""Language -> the translation into it."""


class NoRelease(PortalError):
    """No release is live yet, so there is nothing to work for."""

    def __init__(self) -> None:
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("no release is in service yet"))


@dataclass(eq=False)
class Live:
    """One release at work. `inside` counts the pieces of work that use it."""

    release: Release
    policy: Policy
    models: Models
    translate: Translate
    machines: dict[str, Machine | None] = field(default_factory=dict)
    kept: dict[object, object] = field(default_factory=dict)
    inside: int = 0
    retired: bool = False


@dataclass(eq=False)
class Desk:
    """The surroundings of one process's jobs; threads share it. worker names the process."""

    database: Database
    words: Words
    environment: Mapping[str, str]
    worker: str = ""
    checkpoint: Checkpoint = pass_by
    live: Live | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def context(self, now: datetime) -> Iterator[Context]:
        """What an action of the portal itself is given at `now`, with a session of this thread.

        Raises NoRelease.
        """
        live = self._enter(now)
        try:
            yield Context(
                release=live.release,
                policy=live.policy,
                models=live.models,
                session=self.database.session(),
                actor=SYSTEM,
                now=now,
                translate=live.translate,
                instance=self.database.instance,
                machines=live.machines,
                kept=live.kept,
            )
        finally:
            self.database.session.remove()
            self._leave(live)

    def post(self, context: Context) -> Post:
        """The mail server as the environment names it. Raises BadMailSettings."""
        return Post(mail=self._mail(context), checkpoint=self.checkpoint)

    def _mail(self, context: Context) -> MailSettings | None:
        return mail_settings(self.environment, context.release.portal.settings.title)

    def _enter(self, now: datetime) -> Live:
        with self.lock:
            found = find_live(self.database, now)
            if found is None:
                raise NoRelease
            if self.live is None or self.live.release.number != found.number:
                self._take(found.number)
            live = self.live
            if live is None:
                raise NoRelease
            live.inside += 1
            return live

    def _leave(self, live: Live) -> None:
        with self.lock:
            live.inside -= 1
            self._dispose(live)

    def _take(self, number: int) -> None:
        """Work with another release; one that this program cannot read is left to the job `releases`, and the
        one before works on. Raises ConfigError where there is none before."""
        try:
            self._replace(self._compiled(number))
        except ConfigError as error:
            if self.live is None:
                raise
            log.error("release %s cannot be worked with: %s", number, error)

    def _replace(self, new: Live) -> None:
        old, self.live = self.live, new
        if old is not None:
            old.retired = True
            self._dispose(old)

    def _dispose(self, live: Live) -> None:
        if live.retired and live.inside == 0:
            live.models.dispose(self.database.engine)
            live.kept.clear()

    def _compiled(self, number: int) -> Live:
        release = stored_release(self.database, number)
        languages = release.portal.settings.languages
        words = self.words(languages[0] if languages else "en")
        return Live(release, compile_policy(release), build_models(release), words)
