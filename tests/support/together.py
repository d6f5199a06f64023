"""Several people who do something at the same moment, each in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from app.source import PortalError
from app.storage import Database

Step = Callable[[], object]


def together(database: Database, *steps: Step) -> list[object]:
    """What each step gives or raises, each in a thread of its own."""
    found: list[object] = [None] * len(steps)

    def take(index: int, step: Step) -> None:
        try:
            found[index] = step()
        except PortalError as error:
            found[index] = error
        finally:
            database.session.remove()

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return found


def meet(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
    """Nobody gets past the first call of this function before the other one has come to it."""
    barrier, through = threading.Barrier(2, timeout=60), threading.local()
    original = getattr(module, name)

    def waiting(*given: Any, **more: Any) -> object:
        if not hasattr(through, "once"):
            through.once = True
            barrier.wait()
        return original(*given, **more)

    monkeypatch.setattr(module, name, waiting)
