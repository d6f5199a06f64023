"""A new release under load, and a process killed in the middle of applying one."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from app.access import SYSTEM
from app.actions.configurations import read_folder
from app.actions.publish_release import Draft, publish_release
from app.storage import Database, find_live, inspect_schema
from app.web.context import EXTENSION
from app.web.start import start
from app.web.watching import NOTICE
from app.web.wsgi import make_application
from tests.support.portals import NOW, write_files

RECORDS = "config/regimes/r/records.yaml"
SWAPS, CLIENTS, A_SECOND = 20, 5, 50
STEPS = ("held", "migrated", "stored", "marked", "carried", "committed")
KILLED = """
import os, signal, sys
from pathlib import Path
from app.access import SYSTEM
from app.actions.configurations import read_folder
from app.actions.publish_release import Draft, publish_release
from app.storage import open_database
from tests.support.portals import NOW

url, instance, root, step = sys.argv[1:]
found = read_folder(Path(root))
draft = Draft(found.files, found.portal, 1, allow_loss=("r__visit.note",))

def reached(name):
    if name == step:
        os.kill(os.getpid(), signal.SIGKILL)

publish_release(open_database(url, Path(instance)), draft, SYSTEM, NOW, reached)
"""


def files(title: str, fields: str = "title: {type: text}, note: {type: text}") -> Mapping[str, str]:
    """A portal of that title with one record type."""
    return {
        "config/portal.yaml": f"portal: {{title: {title}, regimes: [r]}}",
        RECORDS: f"records: {{visit: {{title: 检查, fields: {{{fields}}}}}}}",
    }


def publish(database: Database, root: Path, content: Mapping[str, str]) -> int:
    """Make this the live release."""
    found, live = read_folder(write_files(root, content)), find_live(database)
    assert found.portal is not None and live is not None
    draft = Draft(found.files, found.portal, live.number)
    return publish_release(database, draft, SYSTEM, datetime.now(UTC)).number


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_apply_leaves_the_old_release_or_the_new(
    database: Database, tmp_path: Path, step: str
) -> None:
    """SIGKILL at each step: the tables and the live release belong together, and applying goes on."""
    root = write_files(tmp_path / "root", files("one"))
    start(database, root, NOW)
    write_files(root, files("two", "title: {type: text}, day: {type: date}"))
    url = database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(database.instance), str(root), step],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    live = find_live(database)
    with database.engine.connect() as connection:
        columns = inspect_schema(connection).tables["r__visit"]
    whole = step == "committed"
    assert live is not None and (live.number > 1) == whole and ("day" in columns) == whole
    if not whole:
        found = read_folder(root)
        assert found.portal is not None
        draft = Draft(found.files, found.portal, 1, allow_loss=("r__visit.note",))
        assert publish_release(database, draft, SYSTEM, NOW).number > 1


def test_no_request_fails_while_releases_are_swapped(tmp_path: Path) -> None:
    """Fifty requests a second through twenty swaps: each is answered, by the old release or the new, and the
    applications that were replaced are gone."""
    root = write_files(tmp_path / "root", files("first"))
    outer = make_application({"ROOT_DIR": str(root), "INSTANCE_DIR": str(tmp_path / "instance")})
    database = outer.app.extensions[EXTENSION].database
    answers: list[int] = []
    ended = threading.Event()

    def ask() -> None:
        client = Client(outer)
        while not ended.is_set():
            begun = time.monotonic()
            with client.get("/login/", buffered=True) as answer:
                answers.append(answer.status_code if "csrf_token" in answer.text else -1)
            ended.wait(max(0.0, CLIENTS / A_SECOND - (time.monotonic() - begun)))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    replaced: list[weakref.ref[Flask]] = []
    try:
        for number in range(SWAPS):
            replaced.append(weakref.ref(outer.app))
            publish(database, root, files(f"release{number}"))
            assert _seen(outer, f"release{number}")
    finally:
        ended.set()
        for thread in threads:
            thread.join(20)
    assert set(answers) == {200} and len(answers) > SWAPS
    assert _gone(replaced[:-1])
    database.dispose()


def test_a_release_that_cannot_be_built_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last good release goes on, and says on every page that the newer one failed."""
    root = write_files(tmp_path / "root", files("first"))
    outer = make_application({"ROOT_DIR": str(root), "INSTANCE_DIR": str(tmp_path / "instance")})

    def broken(*_: object) -> Flask:
        raise RuntimeError("not to be built")

    monkeypatch.setattr("app.web.wsgi.open_app", broken)
    database = outer.app.extensions[EXTENSION].database
    number = publish(database, root, files("second"))
    for _ in range(1200):
        if NOTICE in outer.app.config:
            break
        time.sleep(0.05)
    assert outer.app.config[NOTICE][1] == {"number": number}
    assert Client(outer).get("/login/").status_code == 200
    database.dispose()


def _gone(replaced: list[weakref.ref[Flask]]) -> bool:
    """Whether the applications come to be collected, some seconds after the last swap."""
    for _ in range(1200):
        if not any(one() is not None for one in replaced):
            return True
        time.sleep(0.1)
    return False


def _seen(outer: object, title: str) -> bool:
    """Whether the release with that title comes to be served."""
    for _ in range(1200):
        if title in Client(outer).get("/login/", buffered=True).text:  # type: ignore[arg-type]
            return True
        time.sleep(0.05)
    return False
