"""How long `create_app` takes for many record types, and how many statements a page then asks.

python -m bench.start
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from app.release import compile_release
from app.spec.decode import load_portal
from app.storage import apply_migration, build_models, open_database, plan_for
from app.storage.account_rows import create_account
from app.web.factory import create_app
from app.web.settings import load_settings
from bench.browser import forms_of
from bench.made import made_types
from bench.results import table, write_section

ROUNDS = 3


def measure(count: int) -> tuple[str, ...]:
    """One row: types, seconds to create the application (median), statements of the list page."""
    with tempfile.TemporaryDirectory() as folder:
        root, instance = Path(folder) / "root", Path(folder) / "instance"
        made_types(root, count)
        portal, faults = load_portal(root)
        if portal is None:
            raise SystemExit("\n".join(f"{one.span}: {one.message()}" for one in faults))
        release = compile_release(portal)
        database = open_database("", instance)
        models = build_models(release)
        with database.engine.connect() as connection:
            plan = plan_for(connection, models)
        apply_migration(database.engine, models, plan, datetime.now(UTC))
        with database.writing() as session:
            create_account(session, models, "bench", "bench-password", "Bench", ["administrator"])
        settings = load_settings(instance, root, {})
        seconds = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            app = create_app(release, database, settings)
            seconds.append(time.perf_counter() - begun)
        asked = statements(app, database.engine)
        database.dispose()
    return (str(count), f"{statistics.median(seconds):.2f} s", str(asked))


def statements(app: object, engine: sa.Engine) -> int:
    """Statements of a list page, logged in, the second time it is asked."""
    client = app.test_client()  # type: ignore[attr-defined]
    pairs = dict(forms_of(client.get("/login/").text)[0][1])
    client.post("/login/", data={**pairs, "username": "bench", "password": "bench-password"})
    address = "/r/made.thing_0/list/"
    client.get(address)
    count = 0

    def counted(*_args: object) -> None:
        nonlocal count
        count += 1

    sa.event.listen(engine, "before_cursor_execute", counted)
    answer = client.get(address)
    sa.event.remove(engine, "before_cursor_execute", counted)
    if answer.status_code != 200:
        raise SystemExit(f"the list page answered {answer.status_code}")
    return count


def main() -> None:
    rows = [measure(count) for count in (5, 60, 200)]
    head = ("record types of 15 fields", "create_app", "SQL statements of a list page")
    notes = "Goals: 60 types under 2 s, 200 under 6 s, at most 8 statements however many types there are."
    write_section(
        "Starting with many record types", "python -m bench.start", table(head, rows) + "\n\n" + notes
    )


if __name__ == "__main__":
    main()
