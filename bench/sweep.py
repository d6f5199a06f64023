"""The sweep over a million open clocks of which a thousand are due, on SQLite and on PostgreSQL.

python -m bench.sweep [--count 1000000] [--due 1000] [--postgresql URL]

Without a URL a PostgreSQL server is started where `initdb` is found, and left out where it is not. The time
is that of the sweep alone: reading what is due, one outbox row for each effect, setting the clocks on, one
commit for each 500. `bench/RESULTS.md` gets the median of five rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.access import SYSTEM, compile_policy
from app.actions import Context
from app.actions.run_timers import AT_ONCE, sweep
from app.release import compile_release
from app.source import untranslated
from app.spec.decode import load_portal
from app.storage import Database, apply_migration, build_models, open_database, plan_for
from app.storage.system_tables import TABLES
from bench.results import table, write_section

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
ROUNDS = 5
CHUNK = 10_000
SEED = 50_000
"""So many clocks are made one by one; the rest are copies of them."""
GOAL = 1.0


def set_up(database: Database, count: int) -> Context:
    """The shipped portal with `count` open clocks, none of them due before `NOW` plus a day."""
    portal, faults = load_portal(ROOT)
    if portal is None:
        raise SystemExit("\n".join(f"{one.span}: {one.message()}" for one in faults))
    release = compile_release(portal)
    models = build_models(release)
    with database.engine.connect() as connection:
        plan = plan_for(connection, models)
    apply_migration(database.engine, models, plan, NOW)
    deadline = models.tables["deadline"]
    with database.writing() as session:
        made = min(count, SEED)
        for start in range(0, made, CHUNK):
            numbers = range(start, min(start + CHUNK, made))
            session.execute(sa.insert(deadline), [_clock(number) for number in numbers])
        while made < count:
            more = min(made, count - made)
            session.execute(_copies(deadline, made, more))
            made += more
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return Context(
        release=release,
        policy=compile_policy(release),
        models=models,
        session=database.session(),
        actor=SYSTEM,
        now=NOW,
        translate=untranslated,
        instance=database.instance,
    )


def _copies(deadline: sa.Table, made: int, more: int) -> sa.Insert:
    """The first `more` clocks once more, for records of their own."""
    names = [column.name for column in deadline.c if column.name != "id"]
    values = [deadline.c.record_id + made if name == "record_id" else deadline.c[name] for name in names]
    return sa.insert(deadline).from_select(names, sa.select(*values).where(deadline.c.record_id < more))


def _clock(number: int) -> dict[str, object]:
    """One stored clock that is due at some time of the next month, with its steps."""
    due = NOW + timedelta(days=2, seconds=number * 49 % 2_500_000)
    return {
        "service_level": f"r.level_{number % 7}",
        "record_type": "r.case",
        "record_id": number,
        "unit_id": None,
        "person_id": None,
        "status": "running",
        "target": "3 days",
        "started_at": due - timedelta(days=3),
        "due_at": due,
        "next_step_at": due - timedelta(hours=6),
        "steps": _steps(due),
        "version": 1,
    }


def _steps(due: datetime) -> list[dict[str, object]]:
    return [
        {"key": key, "at": at.isoformat(), "effects": effects, "version": 1, "set_at": None}
        for key, at, effects in (
            ("warn[0]", due - timedelta(hours=6), ["warn"]),
            ("missed", due, ["transition"]),
            ("escalate[0]", due, ["notify", "do[0]"]),
        )
    ]


def make_due(context: Context, count: int) -> None:
    """Let `count` clocks, spread over the table, run out at `NOW`."""
    deadline, database = context.models.tables["deadline"], context.session
    open_ones = sa.select(deadline.c.id).where(deadline.c.next_step_at > NOW).order_by(deadline.c.id)
    known = database.scalars(open_ones).all()
    ids = known[:: len(known) // count][:count]
    change = sa.update(deadline).where(deadline.c.id.in_(ids))
    late = {"next_step_at": NOW - timedelta(minutes=1), "steps": _steps(NOW - timedelta(minutes=1))}
    database.execute(change.values(late))
    database.commit()


def measure(context: Context, due: int) -> list[float]:
    """Seconds of each round; every round has `due` clocks of its own."""
    taken = []
    for _ in range(ROUNDS):
        make_due(context, due)
        before = context.session.scalar(sa.select(sa.func.count()).select_from(TABLES["outbox"])) or 0
        context.session.rollback()
        begun, done = time.perf_counter(), 0
        while found := sweep(context, AT_ONCE):
            done += found
        taken.append(time.perf_counter() - begun)
        after = context.session.scalar(sa.select(sa.func.count()).select_from(TABLES["outbox"])) or 0
        context.session.rollback()
        if (done, after - before) != (due, due * 4):
            raise SystemExit(f"{done} clocks and {after - before} rows instead of {due} and {due * 4}")
    return taken


@contextmanager
def databases(folder: Path, url: str) -> Iterator[list[tuple[str, str]]]:
    """Name and address of each database to measure."""
    found = [("SQLite", "")]
    if url:
        yield [*found, ("PostgreSQL", url)]
        return
    from tests.support.postgresql import find_postgresql, fresh_database, postgresql_server

    if not find_postgresql():
        yield found
        return
    with postgresql_server() as server, fresh_database(server) as fresh:
        yield [*found, ("PostgreSQL", fresh)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1_000_000)
    asked.add_argument("--due", type=int, default=1_000)
    asked.add_argument("--postgresql", default="")
    asked.add_argument("--dry", action="store_true", help="do not write RESULTS.md")
    given = asked.parse_args()
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="sweep-") as folder,
        databases(Path(folder), given.postgresql) as found,
    ):
        for name, url in found:
            database = open_database(url, Path(folder) / name.lower())
            begun = time.perf_counter()
            context = set_up(database, given.count)
            filled = time.perf_counter() - begun
            taken = measure(context, given.due)
            median, worst = statistics.median(taken), max(taken)
            print(f"{name}: filled in {filled:.0f} s; sweeps {[round(one, 3) for one in taken]}")
            reached = "yes" if median < GOAL else "no"
            rows.append(
                (name, f"{given.count:,}", f"{given.due:,}", f"{median:.2f} s", f"{worst:.2f} s", reached)
            )
            database.session.remove()
            database.dispose()
    body = table(("database", "open clocks", "due", "median", "slowest of five", "under 1 s"), rows)
    print(body)
    if not given.dry:
        words = "Reading what is due, four outbox rows for each clock, setting the clocks on."
        write_section("The sweep over open clocks", "python -m bench.sweep", f"{words}\n\n{body}")


if __name__ == "__main__":
    main()
