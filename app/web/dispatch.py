"""The outer WSGI application: holds the application of the live release and swaps it without losing a
request.

Each request is counted into the slot it uses; a slot that was replaced gives its release back when the last
of its requests has finished.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

SETTLE_SECONDS = 3.0
"""How long after a swap the memory of the old release is collected."""


@dataclass(eq=False)
class Slot:
    """One application in service, with the number of requests that are inside it."""

    app: Flask
    drained: Callable[[Flask], None]
    inside: int = 0
    retired: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> bool:
        """Count a request in; False when the slot has been replaced and empties."""
        with self.lock:
            if self.retired:
                return False
            self.inside += 1
            return True

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            empty = self.retired and self.inside == 0
        if empty:
            self.drained(self.app)

    def retire(self) -> None:
        with self.lock:
            self.retired = True
            empty = self.inside == 0
        if empty:
            self.drained(self.app)


def settle() -> None:
    """Throw away what is no longer reachable, and keep the collector from looking at the rest again.

    A release is some hundred thousand objects that live as long as it serves; going over them all every few
    dozen requests costs a request in ten its time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _log_failure(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        log.error("the new release could not be built; the old one stays in service", exc_info=error)


def _keep(_app: Flask) -> None:
    return None


class Dispatcher:
    """WSGI callable over the current slot. `drained(app)` is called once no request uses an old
    application."""

    def __init__(self, first: Flask, drained: Callable[[Flask], None] = _keep) -> None:
        self.drained = drained
        self.slot = Slot(first, self._let_go)
        self.unsettled = False
        self.letting_go = threading.Lock()
        self.builder = ThreadPoolExecutor(1, thread_name_prefix="release-swap")
        self.swapping = threading.Lock()
        gc.freeze()  # nothing has been retired yet, so there is nothing to look for

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        slot = self.slot
        while not slot.enter():
            slot = self.slot
        with ExitStack() as on_failure:
            on_failure.callback(slot.leave)
            body = slot.app.wsgi_app(environ, start_response)
            return ClosingIterator(body, on_failure.pop_all().close)

    @property
    def app(self) -> Flask:
        """The application that new requests get."""
        return self.slot.app

    def swap(self, app: Flask) -> None:
        """Serve `app` from now on; requests under way finish on the old one."""
        with self.swapping:
            self._replace(app)

    def swap_in_background(self, build: Callable[[], Flask]) -> Future[None]:
        """Build the next application aside and swap it in. A build that fails leaves the old one serving,
        says so in the log, and the future holds its error."""
        done = self.builder.submit(lambda: self.swap(build()))
        done.add_done_callback(_log_failure)
        return done

    def _replace(self, app: Flask) -> None:
        old, self.slot = self.slot, Slot(app, self._let_go)
        old.retire()

    def _let_go(self, app: Flask) -> None:
        """The last request has left: what the application held is free, and is collected a little later.
        Everything waits for the collector, so it comes when the swap is over, and once for several swaps."""
        self.drained(app)
        with self.letting_go:
            waiting, self.unsettled = self.unsettled, True
        if not waiting:
            later = threading.Timer(SETTLE_SECONDS, self._settle)
            later.daemon = True
            later.start()

    def _settle(self) -> None:
        with self.letting_go:
            self.unsettled = False
        settle()
