"""The life of a large configuration: checked, planned, live in two processes, replayed, started, swapped.

python -m bench.releases [--regulations 75] [--items 10000] [--records 100000] [--swaps 100]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from app.access import SYSTEM
from app.actions.configurations import read_files, read_folder, stored_release
from app.actions.penalty_judged import JUDGED, Judged
from app.actions.publish_release import Draft, publish_release
from app.actions.release_plan import plan_release
from app.actions.replay_release import replay_release
from app.release import Release, compile_release
from app.rules import Case, CompiledSchedule, Person, assess, compile_schedule
from app.rules.soundness import Configuration, Known
from app.source import collect_files
from app.storage import Database, Stamp, build_models, find_live, insert_record, open_database
from app.web.dispatch import Dispatcher
from app.web.factory import create_app, retire_app
from app.web.settings import load_settings
from bench.made import made_regulations
from bench.results import table, write_section

Row = tuple[str, ...]
Made = TypeVar("Made")
NOW = datetime.now(UTC)
POLL = 0.01
STARTS = 7
LONGEST = 60.0
MEGABYTE = 1024 * 1024


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        root, instance = Path(folder) / "root", Path(folder) / "instance"
        edited = made_regulations(root, asked.regulations, asked.items)
        with portals(root, instance, 1) as (first,):
            cold = first.ready
        rows: list[Row] = [("first start, cold", f"{cold:.2f} s", "under 5 s")]
        database = open_database("", instance)
        rows += edits(database, root, instance, edited)
        rows += replays(database, root, asked.records)
        rows.append(swaps(database, root, instance, asked.swaps))
        database.dispose()
    notes = (
        f"{asked.regulations} regulations with a record type, a workflow, a tariff and a checklist each, "
        f"{asked.items:,} items altogether; one amount of one tariff is edited. SQLite. Starts are whole "
        "processes, from the start of Python to the application that serves, with the program compiled as "
        "`make run` leaves it."
    )
    body = table(("what", "reached", "goal"), rows) + "\n\n" + notes
    if asked.write:
        write_section("The life of a large configuration", "python -m bench.releases", body)
    else:
        print(body)


def edits(database: Database, root: Path, instance: Path, edited: Path) -> Iterator[Row]:
    """One amount is edited: checked, planned, applied, and seen by two processes."""
    kept = Known(2_000)
    check(root, kept)
    yield f"start, warm (least of {STARTS})", f"{min(warm_starts(root, instance)):.2f} s", "under 2 s"
    with portals(root, instance, 2) as running:
        slower = max(one.ready for one in running)
        yield "start, warm, two at once on two cores (the slower)", f"{slower:.2f} s", ""
        edited.write_text(
            edited.read_text("utf-8").replace("minor: {amount: 20}", "minor: {amount: 25}"), "utf-8"
        )
        found, seconds = timed(lambda: check(root, kept))
        yield "check after the edit, warm", f"{seconds:.2f} s", "under 0.5 s"
        _, again = timed(lambda: read_folder(root))
        yield "check after the edit, all read anew", f"{again:.2f} s", ""
        assert found.portal is not None
        portal = found.portal
        plan, seconds = timed(lambda: plan_release(database, compile_release(portal), datetime.now(UTC)))
        assert len(plan.changes) == 1
        yield "plan", f"{seconds:.2f} s", "under 2 s"
        draft = Draft(found.files, portal, plan.base)
        done, seconds = timed(lambda: publish_release(database, draft, SYSTEM, datetime.now(UTC)))
        applied = time.time()
        yield "apply", f"{seconds:.2f} s", ""
        seen = [one.serves(done.number) for one in running]
        yield "live in both processes after that", f"{max(seen) - applied:.2f} s", "under 2 s"


def warm_starts(root: Path, instance: Path) -> Iterator[float]:
    """Seconds of some starts, one after another; what else the machine does only ever adds to them."""
    for _ in range(STARTS):
        with portals(root, instance, 1) as (one,):
            yield one.ready


def check(root: Path, kept: Known) -> Configuration:
    """Read and check the folder, where what unchanged files hold is kept."""
    found = read_files(collect_files(root).files, (), kept)
    if found.portal is None:
        raise SystemExit("\n".join(f"{one.span}: {one.message()}" for one in found.faults))
    return found


def replays(database: Database, root: Path, records: int) -> Iterator[Row]:
    """Stored penalties judged by another tariff: how many a second of one core, and in how much memory."""
    live = find_live(database)
    assert live is not None
    fill(database, stored_release(database, live.number), records)
    portal = read_folder(root).portal
    assert portal is not None
    draft = compile_release(portal)
    since = NOW - timedelta(days=90)
    marks: list[int] = []

    def progress(done: int, of: int) -> None:
        if len(marks) < 2 and done >= (of if marks else of // 10):
            marks.append(resident())

    begun = time.process_time()
    found = replay_release(database, draft, since, datetime.now(UTC), progress)
    seconds = time.process_time() - begun
    assert found.records == records and not found.unjudged
    yield f"replay of {records:,} penalties, a core", f"{records / seconds:,.0f} a second", "5,000 or more"
    if len(marks) == 2:
        yield "memory from the first tenth of it to the last", grown(*marks), "level"


def fill(database: Database, release: Release, records: int) -> None:
    """Penalties as the portal stores them: each with its case and its reasons."""
    models, stamp = build_models(release), Stamp(None, NOW)
    with database.writing() as session:
        unit = insert_record(session, models, "unit", {"title": "Unit", "active": True}, stamp)
        values = {"name": "Person", "unit": unit, "active": True}
        person = insert_record(session, models, "person", values, stamp)
        kinds = [compile_schedule(release.portal, one) for one in release.portal.penalty_schedules.values()]
        for begin in range(0, records, 5_000):
            rows = [
                _penalty(kinds[number % len(kinds)], number, person, unit)
                for number in range(begin, min(records, begin + 5_000))
            ]
            session.execute(sa.insert(models.tables["penalty"]), rows)
    models.dispose()


def _penalty(schedule: CompiledSchedule, number: int, person: int, unit: int) -> dict[str, object]:
    level = ("minor", "fault", "serious")[number % 3]
    at = NOW - timedelta(days=1 + number % 80)
    people = {"offender": Person(str(person), "Person"), "offender.superior": None}
    case = Case(at=at, level=level, facts={"own_check": True}, persons=people, now=at, unit=str(unit))
    found = assess(schedule, case)
    main = found.offender
    judged = Judged(person, unit, level, level, main)
    amount = main.amount if main is not None else Decimal(0)
    return {
        "number": f"P-{number}", "state": "decided", "person_id": person, "unit_id": unit,
        "schedule": schedule.spec.full_name, "level": level, "origin": "direct", "kind": "fine",
        "record_type": f"{schedule.spec.regime}.visit", "record_id": number + 1, "occurred_at": at,
        "base_amount": amount, "amount_due": amount, "release_id": 1, "created_at": at, "changed_at": at,
        "version": 1, "facts": {**case.to_json(), JUDGED: judged.to_json()},
        "reasons": [one.to_json() for one in main.because] if main is not None else [],
    }  # fmt: skip


def swaps(database: Database, root: Path, instance: Path, count: int) -> Row:
    """The memory of one process after a tenth of so many swaps, and after all of them."""
    live = find_live(database)
    assert live is not None
    settings = load_settings(instance, root, {})
    release = stored_release(database, live.number)
    outer = Dispatcher(create_app(release, database, settings), drained=retire_app)
    marks: list[int] = []
    for number in range(1, count + 1):
        outer.swap(create_app(stored_release(database, live.number), database, settings))
        if number in (max(count // 10, 1), count):
            marks.append(resident())
    return f"memory over {count} swaps, after the first tenth", grown(marks[0], marks[-1]), "level"


class Portal:
    """One process that serves the folder and tells which release it serves."""

    def __init__(self, root: Path, instance: Path) -> None:
        environment = {**os.environ, "ROOT_DIR": str(root), "INSTANCE_DIR": str(instance)}
        # As an installation runs: modules stay compiled from one start to the next.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.begun = time.time()
        command = [sys.executable, "-m", "bench.serving"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self.ready = 0.0

    def wait(self) -> None:
        self.ready = self._said()[1] - self.begun

    def serves(self, number: int) -> float:
        """The moment at which it began to serve that release."""
        while (said := self._said())[0] != number:
            pass
        return said[1]

    def _said(self) -> tuple[int, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a process that serves has ended")
        number, at = json.loads(line)
        return number, at


@contextmanager
def portals(root: Path, instance: Path, count: int) -> Iterator[list[Portal]]:
    """So many processes that serve the folder; they are ended afterwards."""
    running = [Portal(root, instance) for _ in range(count)]
    try:
        for one in running:
            one.wait()
        yield running
    finally:
        for one in running:
            one.process.terminate()
            one.process.wait()


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    begun = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begun


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def grown(first: int, last: int) -> str:
    return f"{first / MEGABYTE:,.0f} MB → {last / MEGABYTE:,.0f} MB"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--regulations", type=int, default=75)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--dry", dest="write", action="store_false", help="print, do not write RESULTS.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
