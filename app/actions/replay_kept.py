"""Replays that run in the background: how far one has come and what it found, for every process of this host.

Kept in the instance folder under the draft's hash and the day, so that the same question is answered once.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.actions.replay_release import replay_release
from app.release import Release
from app.source import ConfigError, Translate
from app.storage import Database

EVERY = 500
"""Records between two notes of how far it has come."""
KEPT = 40


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """One replay: a draft, since when, as of now, in the language `locale`."""

    database: Database
    draft: Release
    since: datetime
    now: datetime
    locale: str

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
                json.dump({"count": 0}, stream)
        except FileExistsError:
            return
        forget_old(self.place.parent)
        threading.Thread(target=self._run, args=(translate,), name="replay", daemon=True).start()

    def _run(self, translate: Translate) -> None:
        def progress(count: int) -> None:
            if count % EVERY == 0:
                _write(self.place, {"count": count})

        report: Mapping[str, Any] = {"failed": "stopped"}
        try:
            found = replay_release(self.database, self.draft, self.since, self.now, progress, translate)
            report = {"report": found.as_json(translate), "currency": found.currency}
        except ConfigError as error:
            report = {"failed": str(error)}
        finally:
            _write(self.place, report)


def read_replay(database: Database, name: str) -> Mapping[str, Any] | None:
    """How far the replay of that file name is: `count`, `report` or `failed`; None where there is none."""
    place = database.instance / "cache" / name
    if not name.startswith("replay-") or place.name != name or not place.is_file():
        return None
    found: Mapping[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def forget_old(folder: Path) -> None:
    """Keep the newest replays only."""
    for old in sorted(folder.glob("replay-*.json"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _write(place: Path, report: Mapping[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as stream:
        json.dump(report, stream, ensure_ascii=False)
    Path(stream.name).replace(place)
