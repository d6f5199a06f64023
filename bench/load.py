"""Fills the bench database: Ducha's tables by its own plan, the peers' as they would be mapped, the same
1,000,000 rows in both, and an account for each system."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from app.release import compile_release
from app.spec.decode import load_portal
from app.storage import (
    Stamp,
    apply_migration,
    build_models,
    live_release,
    mark_live,
    open_database,
    plan_for,
    store_release,
)
from app.storage.account_rows import create_account, has_accounts
from bench.peers import tables
from bench.places import INSTANCE, ROOT
from bench.shape import CATEGORIES, COLUMNS, CUSTOMERS, order_rows

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
CHUNK = 20_000


def prepare(url: str) -> None:
    """Make everything that is not there yet; a database that is already full is left as it is."""
    portal, _faults = load_portal(ROOT)
    if portal is None:
        raise SystemExit("the bench configuration has faults")
    database = open_database(url, INSTANCE)
    models = build_models(compile_release(portal, 1))
    with database.engine.connect() as connection:
        plan = plan_for(connection, models)
    apply_migration(database.engine, models, plan, datetime.now(UTC))
    tables.metadata.create_all(database.engine)
    with database.writing() as session:
        if live_release(session) is None:
            files = {path: (ROOT / path).read_bytes() for path in portal.files if (ROOT / path).is_file()}
            at = datetime.now(UTC)
            mark_live(session, store_release(session, files, Stamp(None, at)), at)
        if not has_accounts(session, models):
            create_account(session, models, "bench", "bench-password", "Bench", ["administrator"])
    _fill(
        database.engine,
        models.tables["bench.orders"],
        models.tables["bench.customer"],
        models.tables["bench.category"],
    )
    _django(url)
    database.dispose()


def _fill(engine: sa.Engine, orders: sa.Table, customers: sa.Table, categories: sa.Table) -> None:
    with engine.connect() as connection:
        if connection.scalar(sa.select(sa.func.count()).select_from(orders)) == ROWS:
            return
    at = datetime(2024, 1, 1, tzinfo=UTC)
    kept = {"created_at": at, "changed_at": at, "version": 1}
    peers = (tables.Customer.__table__, tables.Category.__table__, tables.Orders.__table__)
    with engine.begin() as connection:
        for table in (orders, peers[2], customers, peers[0], categories, peers[1]):
            connection.execute(sa.delete(table))
        people = [{"id": i, "name": f"Customer {i:04d} GmbH"} for i in range(1, CUSTOMERS + 1)]
        kinds = [{"id": i, "name": f"Category {i}"} for i in range(1, CATEGORIES + 1)]
        for table, rows in ((customers, people), (categories, kinds)):
            connection.execute(sa.insert(table), [row | kept for row in rows])
        for table, rows in ((peers[0], people), (peers[1], kinds)):
            connection.execute(sa.insert(table), rows)
    for chunk in _chunks(order_rows(ROWS)):
        with engine.begin() as connection:
            plain = [dict(zip(COLUMNS, row, strict=True)) for row in chunk]
            for row in plain:
                row["amount"] = _hundredths(row["amount"])
                row["weight"] = _hundredths(row["weight"])
            connection.execute(sa.insert(orders), [row | kept for row in plain])
            for row in plain:
                row["placed_at"] = row["placed_at"].replace(tzinfo=None)
            connection.execute(sa.insert(peers[2]), plain)
    _settle(engine, orders, customers, categories, *peers)


def _hundredths(value: object) -> object:
    return Decimal(int(str(value))).scaleb(-2)


def _chunks(rows: Iterable[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    chunk: list[tuple[object, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _settle(engine: sa.Engine, *filled: sa.Table) -> None:
    """Sequences behind the given ids, and fresh statistics."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            for table in filled:
                last = f"(SELECT max(id) FROM {table.name})"
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.exec_driver_sql(f"SELECT setval({sequence}, {last})")
            connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            connection.exec_driver_sql("ANALYZE")


def _django(url: str) -> None:
    """Django's own tables and its account."""
    env = os.environ | {"BENCH_DATABASE": url, "DJANGO_SETTINGS_MODULE": "bench.peers.django_peer.settings"}
    code = (
        "import django; django.setup(); from django.core.management import call_command;"
        "call_command('migrate', verbosity=0); from django.contrib.auth.models import User;"
        "User.objects.filter(username='bench').exists() or "
        "User.objects.create_superuser('bench', 'a@example.org', 'bench-password')"
    )
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=Path(__file__).parents[1])
