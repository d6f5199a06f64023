"""The shipped regimes: their clocks for records in words, and one of them in service with the sample
organisation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.demo.stage import Stage, set_stage
from app.rules.calendars import WorkingCalendar, compile_calendars
from app.rules.clock_examples import judge_in_words
from app.rules.clocks import Clock
from app.rules.service_levels import compile_service_level
from app.spec.decode import load_portal
from app.spec.portal import Portal
from app.storage import open_database, read_record
from app.web.start import start

ROOT = Path(__file__).resolve().parents[2]
REGIMES = ("concierge_sla", "property", "hotline_12345", "aftersales_complaint")
FOLDERS = ("config", "checklists", "report_templates")


@cache
def shipped() -> Portal:
    """The configuration as it is shipped."""
    portal, faults = load_portal(ROOT)
    assert portal is not None, faults
    return portal


@cache
def calendars() -> Mapping[str, WorkingCalendar]:
    return compile_calendars(shipped())


def facts(words: str) -> dict[str, str | None]:
    """`class=urgent received_at=2026-03-06T15:30` as given facts."""
    parts = (part.partition("=") for part in words.split())
    return {name: value.replace("T", " ") for name, _, value in parts}


def clock(name: str, given: Mapping[str, str | None]) -> Clock:
    """The clock of a service level for a record in words."""
    level = compile_service_level(shipped(), shipped().service_levels[name])
    return judge_in_words(level, given, calendars())


def said(found: Clock) -> str:
    """The due time in Beijing, midnight as the end of the day before."""
    assert found.due_at is not None, found.state
    local = found.due_at.astimezone(ZoneInfo("Asia/Shanghai"))
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def switched_on(root: Path, *regimes: str) -> Path:
    """A copy of the shipped configuration below `root` that serves these regimes."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder)
    settings = root / "config/portal.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.strip().startswith("regimes:")]
    settings.write_text("\n".join([*kept, f"  regimes: [{', '.join(regimes)}]", ""]), encoding="utf-8")
    return root


@dataclass(frozen=True, slots=True)
class Served:
    """One regime in service; `who` act in its roles."""

    stage: Stage
    regime: str

    def cast(self, who: str, *roles: str) -> None:
        """Give somebody of the organisation these roles of the regime, and no others."""
        names = frozenset(f"{self.regime}.{role}" for role in roles)
        self.stage.actors[who] = replace(self.stage.actors[who], roles=names)

    def make(self, who: str, at: datetime, kind: str, **values: object) -> int:
        return self.stage.make(who, at, f"{self.regime}.{kind}", values)

    def move(self, who: str, at: datetime, kind: str, ident: int, event: str, **asked: object) -> None:
        self.stage.move(who, at, f"{self.regime}.{kind}", ident, event, **asked)

    def read(self, kind: str, ident: int) -> dict[str, Any]:
        """The stored values of a record."""
        name = kind if kind == "penalty" else f"{self.regime}.{kind}"
        with self.stage.database.reading() as session:
            stored = read_record(session, self.stage.models, name, ident)
        assert stored is not None
        return dict(stored.values)

    def id_of(self, who: str) -> int:
        return self.stage.person(who).id


@contextmanager
def served(folder: Path, regime: str, now: datetime) -> Iterator[Served]:
    """Serve one of the shipped regimes from a database in `folder`."""
    root = switched_on(folder / "root", regime)
    database = open_database("", folder / "instance")
    try:
        release = start(database, root, now).release
        yield Served(set_stage(release, database, date(2026, 2, 1)), regime)
    finally:
        database.dispose()
