"""A PostgreSQL for the tests: the one of TEST_POSTGRESQL_URL, or one of our own in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from app.storage.database import make_engine

ACCOUNT = "postgres"
"""Who runs the server when the tests run as root, which PostgreSQL refuses to be."""
ROOM = 4 * 1024**3


def find_postgresql() -> str:
    """The URL to use, or the folder of the newest server on this machine; empty when there is neither."""
    url = os.environ.get("TEST_POSTGRESQL_URL", "")
    if url:
        return url
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if homes:
        return str(homes[-1].parent)
    found = shutil.which("initdb")
    return str(Path(found).resolve().parent) if found else ""


@contextmanager
def postgresql_server() -> Iterator[sa.URL]:
    """The URL of a running server; one that was started here ends here."""
    found = find_postgresql()
    if "://" in found:
        yield make_url(found)
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_roomy_memory()))
    try:
        with _started(Path(found), folder):
            yield make_url(f"postgresql://{ACCOUNT}@/postgres").update_query_dict({"host": str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _roomy_memory() -> str | None:
    """Where files cost nothing, if there is room for hundreds of small databases; None = the usual folder."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


@contextmanager
def _started(programs: Path, folder: Path) -> Iterator[None]:
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        owner = pwd.getpwnam(ACCOUNT)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ("runuser", "-u", ACCOUNT, "--")
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [*prefix, str(programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)

    run("initdb", "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
    settings = f"-c listen_addresses= -k {folder} -c fsync=off -c full_page_writes=off -c max_connections=60"
    log = str(folder / "log")
    run("pg_ctl", "-D", str(data), "-w", "-s", "-l", log, "-o", settings, "start")
    try:
        yield
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-s", "-m", "immediate", "stop")


@contextmanager
def fresh_database(server: sa.URL) -> Iterator[str]:
    """The URL of a new, empty database on the server; it is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    engine = make_engine(server.render_as_string(hide_password=False))
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
            yield server.set(database=name).render_as_string(hide_password=False)
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        engine.dispose()
