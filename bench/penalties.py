"""100,000 penalties assessed from stored findings by the shipped regulation, with their reasons, on one core.

python -m bench.penalties [--count 100000]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.actions.assess_stored import assess_stored
from app.actions.penalty_case import PenaltyRequest
from app.demo.stage import Stage, set_stage
from app.release import compile_release
from app.source import untranslated
from app.spec.decode import load_portal
from app.storage import Record, apply_migration, build_models, open_database, plan_for
from bench.results import table, write_section

ROOT = Path(__file__).resolve().parents[1]
REGIME = "restaurant_supervision"
FINDING = f"{REGIME}.finding"
SCHEDULES = {"breach": f"{REGIME}.staff_conduct", "defect": f"{REGIME}.service_defect"}
LEVELS = {
    "breach": ("minor_fault", "fault", "serious_fault", "major_fault"),
    "defect": ("blemish", "quality_accident", "serious_quality_accident", "major_quality_accident"),
}
STARTED = date(2026, 1, 5)
FIELDS = ("class", "level", "offender", "found_at")


def set_up(folder: Path, count: int) -> Stage:
    """The shipped portal in an SQLite file, its sample organisation, and `count` findings."""
    portal, faults = load_portal(ROOT)
    if portal is None:
        raise SystemExit("\n".join(f"{one.span}: {one.message()}" for one in faults))
    release = compile_release(portal)
    database = open_database("", folder / "instance")
    models = build_models(release)
    with database.engine.connect() as connection:
        plan = plan_for(connection, models)
    apply_migration(database.engine, models, plan, datetime.now(UTC))
    stage = set_stage(release, database, STARTED)
    rnd = random.Random(5)
    offenders = [one for one in stage.organisation.people.values() if one.superior]
    findings = stage.models.tables[FINDING]
    with database.writing() as session:
        for start in range(0, count, 5_000):
            rows = [_finding(stage, rnd, rnd.choice(offenders)) for _ in range(min(5_000, count - start))]
            session.execute(sa.insert(findings), rows)
    return stage


def _finding(stage: Stage, rnd: random.Random, offender: object) -> dict[str, object]:
    kind = rnd.choice(["breach", "breach", "defect"])
    person = stage.organisation.people[offender.key]  # type: ignore[attr-defined]
    at = datetime.combine(STARTED, datetime.min.time(), UTC) + timedelta(minutes=rnd.randrange(180 * 1440))
    return {
        "class": kind,
        "level": rnd.choice(LEVELS[kind]),
        "unit_id": stage.unit(person.unit).id,
        "offender_id": person.id,
        "finder_id": stage.person("hr_lead").id,
        "found_at": at,
        "found_by": rnd.choice(["own_check", "hr_patrol"]),
        "offender_in_hr": rnd.random() < 0.05,
        "spotted_in_time": rnd.random() < 0.3,
        "economic_loss": rnd.random() < 0.3,
        "image_loss": rnd.random() < 0.3,
        "description": "未按标准操作",
        "state": "open",
        "version": 1,
    }


def request_of(record: Record) -> PenaltyRequest | None:
    """A finding in the words of its schedule."""
    values = record.values
    offender, kind = values["offender"], str(values["class"])
    if not isinstance(offender, int):
        return None
    return PenaltyRequest(SCHEDULES[kind], FINDING, record.id, str(values["level"]), offender)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        stage = set_up(Path(folder), count)
        begun, used = time.perf_counter(), time.process_time()
        counts, penalties, size = Counter[str](), 0, 0
        context = stage.context(None, datetime(2026, 7, 6, tzinfo=UTC))
        ids = context.session.scalars(sa.select(stage.models.tables[FINDING].c.id)).all()
        while penalties < count:
            for one in assess_stored(context, FINDING, ids, request_of, FIELDS):
                if one.assessment is None:
                    raise SystemExit(str(one.error))
                for penalty in one.assessment.penalties:
                    size += len(json.dumps(penalty.told(untranslated), ensure_ascii=False))
                    counts[penalty.origin] += 1
                counts["exempt"] += one.assessment.exempt is not None
                penalties = counts["direct"] + counts["joint"]
                if penalties >= count:
                    break
        elapsed, cpu = time.perf_counter() - begun, time.process_time() - used
        stage.database.dispose()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        (
            f"{penalties:,}",
            f"{counts['joint']:,}",
            f"{counts['exempt']:,}",
            f"{elapsed:.1f} s",
            f"{elapsed / penalties * 1e6:.0f} µs",
            f"{cpu:.1f} s",
            f"{size / 1e6:.0f} MB",
            f"{memory:.0f} MB",
        )
    ]
    head = (
        "penalties",
        "of them joint",
        "exemptions",
        "time",
        "each",
        "processor",
        "reasons as JSON",
        "memory",
    )
    notes = (
        "One process on one core. Findings are read from SQLite by the thousand, each with the people of its "
        "own day; every penalty carries its tree of reasons, written out as JSON. Goal: 100,000 under 20 s."
    )
    body = table(head, rows) + "\n\n" + notes
    write_section("Penalties from stored findings", "python -m bench.penalties", body)
    print(body)


if __name__ == "__main__":
    main()
