"""The shipped portal behind a port of this machine, with the sample organisation in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from waitress.server import create_server
from waitress.wasyncore import close_all

from app.actions.checklists import GivenAnswer, submit_checklist
from app.demo.stage import Stage, set_stage
from app.release import Release
from app.rules.checklists import compile_checklist
from app.storage import Database, open_database
from app.storage.checklist_runs import RunPlace
from app.web.settings import WebSettings
from app.web.start import start
from app.web.wsgi import dispatcher

ROOT = Path(__file__).resolve().parents[2]
REGIME = "restaurant_supervision"
INSPECTION, FINDING = f"{REGIME}.inspection", f"{REGIME}.finding"
PERSONAL = f"{REGIME}.personal_hygiene"


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal in service. `stage` makes records and moves them behind the browser's back."""

    address: str
    stage: Stage

    def now(self) -> datetime:
        return datetime.now(UTC)

    def inspection(self, unit: str = "R01", finder: str = "hr_lead", **more: object) -> int:
        """A planned inspection of a restaurant."""
        values = {"kind": "routine", "unit": self.stage.unit(unit).id, "finder": self.stage.person(finder).id}
        return self.stage.make(finder, self.now(), INSPECTION, {**values, **more})

    def inspected(self, failed: Mapping[str, str]) -> tuple[int, tuple[int, ...]]:
        """An inspection whose list of personal hygiene was answered, and the findings that came of it.
        `failed`: item -> remark; each failed item has a photo."""
        stage, key = self.stage, self.inspection(offender=self.stage.person("R01-3").id)
        stage.move("hr_lead", self.now(), INSPECTION, key, "start")
        portal = stage.release.portal
        answers = {
            name: GivenAnswer("fail", False, failed[name], (stage.photo("hr_lead", self.now()),))
            if name in failed
            else GivenAnswer("pass")
            for name in compile_checklist(portal, portal.checklists[PERSONAL]).items
        }
        context = stage.context("hr_lead", self.now())
        done = submit_checklist(context, RunPlace(INSPECTION, key, "checklist"), PERSONAL, answers)
        return key, done.findings

    def finding(self, offender: str, level: str = "minor_fault", **more: object) -> int:
        """A breach by somebody, found on patrol and not yet charged."""
        someone = self.stage.person(offender)
        values = {
            "class": "breach",
            "level": level,
            "description": "未按标准着装",
            "unit": self.stage.unit(someone.unit).id,
            "finder": self.stage.person("hr_lead").id,
            "found_by": "hr_patrol",
            "offender": someone.id,
        }
        return self.stage.make("hr_lead", self.now(), FINDING, {**values, **more})

    def penalties(self, finding: int) -> tuple[int, ...]:
        """Charge a finding; the penalties that came of it, the offender's own first."""
        self.stage.move("hr_lead", self.now(), FINDING, finding, "charge")
        return self.stage.ids_of("penalty", record_type=FINDING, record_id=finding)


@contextmanager
def listening(application: Callable[..., Any]) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine; its address."""
    sockets: dict[int, Any] = {}
    server = create_server(application, host="127.0.0.1", port=0, threads=8, map=sockets)
    thread = threading.Thread(target=server.run, name="portal")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Sockets are closed by the thread that waits on them.
        server.trigger.pull_trigger(lambda: close_all(sockets))
        thread.join(10)
        server.task_dispatcher.shutdown()


@contextmanager
def serving(root: Path, instance: Path) -> Iterator[tuple[str, Release, Database]]:
    """Serve the configuration below `root`, its SQLite database in `instance`: address, release, database.
    What goes live later is swapped in, as in a portal of its own."""
    database = open_database("", instance)
    started = start(database, root, datetime.now(UTC))
    settings = WebSettings(instance=instance, root=root, secret_key="k" * 40, login_rate="1000 per minute")
    try:
        with listening(dispatcher(database, started, settings)) as address:
            yield address, started.release, database
    finally:
        database.dispose()


@contextmanager
def serve_portal(instance: Path) -> Iterator[Portal]:
    """Serve the shipped configuration with the sample organisation in it."""
    with serving(ROOT, instance) as (address, release, database):
        started = (datetime.now(UTC) - timedelta(days=30)).date()
        yield Portal(address, set_stage(release, database, started))
