"""How far the release that is being applied has come with the open records, for every process of this host.

One short file in the instance folder; it is gone as soon as the release is applied, or has failed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.actions.replaying import Progress

EVERY = 0.5
"""Seconds between two notes of how far it has come."""
LOST_AFTER = 60.0
"""Seconds without a word after which the process that applied is taken to have died."""
_NAME = "applying.json"


@dataclass(frozen=True, slots=True)
class Applying:
    """Open records that have gone over, and of how many."""

    count: int
    of: int

    @property
    def percent(self) -> int:
        """0 to 99: at 100 nobody asks any more."""
        return min(99, 100 * self.count // self.of) if self.of else 0


@contextmanager
def noted(instance: Path, progress: Progress) -> Iterator[Progress]:
    """`progress` that tells the other processes too."""
    place, told = instance / "cache" / _NAME, 0.0

    def tell(count: int, of: int) -> None:
        nonlocal told
        progress(count, of)
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            # A release does not fail for want of room for a note of how far it has come.
            with suppress(OSError):
                place.parent.mkdir(exist_ok=True)
                # A reader may meet it half written: then it learns of it half a second later.
                place.write_text(json.dumps({"count": count, "of": of}), encoding="utf-8")

    try:
        yield tell
    finally:
        with suppress(OSError):
            place.unlink(missing_ok=True)


def read_applying(instance: Path) -> Applying | None:
    """What is being applied now; None where nothing is, or nobody has heard of it for a minute."""
    place = instance / "cache" / _NAME
    try:
        if time.time() - place.stat().st_mtime > LOST_AFTER:
            return None
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    return Applying(int(found["count"]), int(found["of"]))
