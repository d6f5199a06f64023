"""Replays that run in the background: how far one has come and what it found, for every process of this host.

Kept in the instance folder under the draft's hash and the day, so that the same question is answered once.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.actions.replay_release import replay_release
from app.release import Release
from app.source import ConfigError, Translate
from app.storage import Database

EVERY = 0.5
"""Seconds between two notes of how far it has come."""
LOST_AFTER = 180.0
"""Seconds without a word after which a replay is taken to have died with its process."""
KEPT = 40
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """One replay: a draft, since when (`day`: as it was asked, ISO), as of now, in the language `locale`."""

    database: Database
    draft: Release
    since: datetime
    now: datetime
    locale: str
    day: str = ""

    @property
    def place(self) -> Path:
        day = f"{self.since:%Y%m%d}-{self.now:%Y%m%d%H%M}"
        folder = self.database.instance / "cache"
        return folder / f"replay-{self.draft.hash[:24]}-{day}-{self.locale}.json"

    def start(self, translate: Translate) -> None:
        """Run in a thread of its own, unless it was started before."""
        self.place.parent.mkdir(exist_ok=True)
        try:
            with self.place.open("x", encoding="utf-8") as stream:
                json.dump(self._state(count=0, of=0), stream)
        except FileExistsError:
            return
        forget_old(self.place.parent)
        threading.Thread(target=self._run, args=(translate,), name="replay", daemon=True).start()

    def _run(self, translate: Translate) -> None:
        told = 0.0

        def progress(count: int, of: int) -> None:
            nonlocal told
            if time.monotonic() - told >= EVERY:
                told = time.monotonic()
                _write(self.place, self._state(count=count, of=of))

        report = self._state(failed=STOPPED)
        try:
            found = replay_release(self.database, self.draft, self.since, self.now, progress, translate)
            report = self._state(report=found.as_json(translate), currency=found.currency)
        except ConfigError as error:
            report = self._state(failed=str(error))
        finally:
            _write(self.place, report)

    def _state(self, **told: object) -> dict[str, object]:
        return {"since": self.day, **told}


def read_replay(database: Database, name: str) -> Mapping[str, Any] | None:
    """How far the replay of that file name is: `count` and `of`, `report` or `failed`; None where there is
    none."""
    place = database.instance / "cache" / name
    if not name.startswith("replay-") or place.name != name or not place.is_file():
        return None
    text = place.read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text) if text else {"count": 0, "of": 0}
    if found.get("count") is not None and time.time() - place.stat().st_mtime > LOST_AFTER:
        return {**found, "failed": STOPPED, "count": None}
    return found


def latest_replay(database: Database, draft: str, locale: str) -> str:
    """File name of the newest replay of a draft (by its hash) in that language; empty where there is none."""
    folder = database.instance / "cache"
    found = folder.glob(f"replay-{draft[:24]}-*-{locale}.json")
    return max(found, key=lambda one: one.stat().st_mtime, default=Path()).name


def forget_old(folder: Path) -> None:
    """Keep the newest replays only."""
    for old in sorted(folder.glob("replay-*.json"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _write(place: Path, report: Mapping[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as stream:
        json.dump(report, stream, ensure_ascii=False)
    Path(stream.name).replace(place)
