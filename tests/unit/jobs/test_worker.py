"""The worker: jobs in their turn, failures kept and tried again, releases picked up, an orderly end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.actions.clocks import sync_clocks
from app.actions.context import transaction
from app.actions.mail import BadMailSettings, mail_settings
from app.jobs import table, worker
from app.jobs.desk import Desk, NoRelease
from app.jobs.queue import PlainMessages, open_queue
from app.jobs.table import JOBS, Job
from app.jobs.worker import Worker, due_jobs, run_job, work_outbox
from app.source import untranslated
from app.storage import Database, enqueue
from app.storage.jobs import forget_workers, job_rows, read_memo, see_worker, workers, write_memo
from app.storage.outbox import queue_states, troubled
from app.web.start import start
from tests.support.clocks import CASE, CONFIG, at
from tests.support.needs import skip_or_fail
from tests.support.portals import NOW, write_files

ROOT = Path(__file__).resolve().parents[3]
START = at(1, 8)


def _words(_language: str):  # type: ignore[no-untyped-def]
    return untranslated


def _desk(database: Database, root: Path, files: Mapping[str, str] = CONFIG, now: datetime = START) -> Desk:
    """A desk over a database in which the configuration is live."""
    start(database, write_files(root, files), now)
    return Desk(database, _words, {}, "me")


def _case(desk: Desk, now: datetime, **values: object) -> int:
    from app.actions import create_record

    with desk.context(now) as context:
        return create_record(context, CASE, {"title": "C", "received_at": now, **values}).id


def _job(name: str) -> Job:
    return next(job for job in JOBS if job.name == name)


def _same(now: datetime) -> datetime:
    return now


def _rows(database: Database) -> dict[str, object]:
    with database.reading() as session:
        return {row.name: row for row in job_rows(session)}


def test_nothing_is_done_before_there_is_a_release(database: Database, tmp_path: Path) -> None:
    """Neither jobs nor rows of the outbox fail: they wait."""
    desk = Desk(database, _words, {})
    with pytest.raises(NoRelease), desk.context(NOW):
        raise AssertionError
    _desk(database, tmp_path / "root")


def test_a_job_runs_when_its_time_has_come(database: Database, tmp_path: Path) -> None:
    """Once each interval, whoever asks; the console sees when and how much."""
    desk = _desk(database, tmp_path / "root")
    case = _case(desk, at(2, 8), handler=None)
    assert run_job(desk, _job("clocks"), lambda: at(2, 13)) == 1
    assert run_job(desk, _job("clocks"), lambda: at(2, 13)) == 0
    assert run_job(desk, _job("clocks"), lambda: at(2, 16, 30)) == 1
    row = _rows(database)["clocks"]
    assert (row.did, row.worked_at, row.finished_at, row.worker) == (1, at(2, 16, 30), at(2, 16, 30), "me")
    assert work_outbox(desk, lambda: at(2, 16, 30)) == 2
    with desk.context(at(2, 17)) as context, transaction(context):
        sync_clocks(context, CASE, case)


def test_a_job_for_one_alone_is_not_run_twice_at_once(database: Database, tmp_path: Path) -> None:
    """Until it is done, or its worker has not been heard of for too long."""
    desk = _desk(database, tmp_path / "root")
    other = replace(desk, worker="other")
    ran: list[str] = []

    def run(_context: object, _checkpoint: object) -> int:
        ran.append("outer")
        assert run_job(other, job, lambda: at(2, 9)) == 0
        assert run_job(other, inner, lambda: at(2, 10)) == 7
        return 1

    job = Job("alone", "x", timedelta(minutes=1), run)
    inner = replace(job, run=lambda _context, _checkpoint: ran.append("inner") or 7)
    assert run_job(desk, job, lambda: at(2, 8, 59)) == 1
    assert ran == ["outer", "inner"]


def test_a_job_that_fails_is_shown_and_waits_longer_each_time(database: Database, tmp_path: Path) -> None:
    """Its words are kept; once it went well, the waits begin anew."""
    desk, now, waits = _desk(database, tmp_path / "root"), NOW, []

    def run(_context: object, _checkpoint: object) -> int:
        if len(waits) < 4:
            raise ValueError("no disk")
        return 0

    job = Job("shaky", "x", timedelta(minutes=1), run)
    while len(waits) < 4:
        run_job(desk, job, partial(_same, now))
        row = _rows(database)["shaky"]
        waits.append(row.next_at - now)
        assert (row.error, row.failures, row.failed_at) == ("ValueError: no disk", len(waits), now)
        now = row.next_at
    assert waits == list(worker.WAITS[:4])
    run_job(desk, job, lambda: now)
    row = _rows(database)["shaky"]
    assert (row.failures, row.next_at - now) == (0, timedelta(minutes=1))


def test_a_row_that_fails_is_noted_and_the_others_go_on(database: Database, tmp_path: Path) -> None:
    """A fault of ours in one row is no reason to lose another."""
    desk = _desk(database, tmp_path / "root")
    with database.writing() as session:
        enqueue(session, "a", "clock", {"deadline": "no number"}, NOW)
        enqueue(session, "b", "recompute", {"unit": 1}, NOW)
        enqueue(session, "c", "deliver", {"channel": "pigeon"}, NOW)
        enqueue(session, "d", "print", {"report": "nothing", "record_id": 1}, NOW)
    assert work_outbox(desk, lambda: NOW) == 4
    with database.reading() as session:
        states = {
            one.kind: (one.waiting, one.retrying, one.failed, one.done) for one in queue_states(session)
        }
        words = {row.key: row.error for row in troubled(session)}
    assert states == {
        "clock": (0, 1, 0, 0),
        "deliver": (0, 0, 1, 0),
        "print": (0, 1, 0, 0),
        "recompute": (0, 0, 0, 1),
    }
    assert words["a"].startswith("ValueError") and "pigeon" in words["c"]


def test_only_jobs_with_something_to_do_are_put_into_the_queue(database: Database, tmp_path: Path) -> None:
    """An idle portal is asked, not written to; a minute of silence is broken, so that it is seen alive."""
    desk = _desk(database, tmp_path / "root")
    assert [job.name for job in due_jobs(desk, at(2, 8))] == [job.name for job in JOBS]
    for job in JOBS:
        run_job(desk, job, lambda: at(2, 8))
    assert due_jobs(desk, at(2, 8)) == ()
    quiet = at(2, 8) + timedelta(seconds=20)
    assert due_jobs(desk, quiet) == ()
    _case(desk, at(2, 2))
    assert [job.name for job in due_jobs(desk, quiet)] == ["clocks"]
    assert {job.name for job in due_jobs(desk, at(2, 8, 1))} == {"clocks", "outbox", "releases", "duties"}


def test_a_new_release_is_taken_up_by_the_next_piece_of_work(database: Database, tmp_path: Path) -> None:
    """Work under way goes on with the one that it began with, which is let go of afterwards."""
    desk = _desk(database, tmp_path / "root")
    with desk.context(NOW) as before:
        changed = {
            **CONFIG,
            "config/regimes/r/all.yaml": CONFIG["config/regimes/r/all.yaml"].replace("10 hours", "6 hours"),
        }
        start(database, write_files(tmp_path / "root", changed), NOW + timedelta(minutes=1))
        with desk.context(NOW + timedelta(minutes=2)) as after:
            assert after.release.number == before.release.number + 1
            assert before.models.tables["person"] is not after.models.tables["person"]
            assert before.models.metadata.tables
    assert not before.models.metadata.tables and after.models.metadata.tables


def test_workers_are_seen_and_forgotten(database: Database, tmp_path: Path) -> None:
    """Each shows itself; who ended or was not seen for a day is left out."""
    _desk(database, tmp_path / "root")
    with database.writing() as session:
        see_worker(session, "a", NOW)
        see_worker(session, "b", NOW)
        see_worker(session, "a", NOW + timedelta(hours=1))
        assert workers(session) == (("a", NOW, NOW + timedelta(hours=1)), ("b", NOW, NOW))
        forget_workers(session, before=NOW + timedelta(minutes=1))
        assert [one[0] for one in workers(session)] == ["a"]
        forget_workers(session, named="a")
        assert workers(session) == ()
        write_memo(session, "j", {"a": 1})
        write_memo(session, "j", {"a": 2})
        assert (read_memo(session, "j"), read_memo(session, "none")) == ({"a": 2}, None)


def test_calendars_that_change_reach_the_clocks_that_they_touch(database: Database, tmp_path: Path) -> None:
    """A closed day in a new release moves the due times across it, and no others are looked at."""
    desk = _desk(database, tmp_path / "root", now=at(1, 8))
    with desk.context(at(2, 17)) as context:
        from app.actions import create_record

        crossing, done = (
            create_record(context, CASE, {"title": "C", "received_at": moment, "serious": True}).id
            for moment in (at(2, 17), at(2, 9))
        )
    run_job(desk, _job("calendars"), lambda: at(2, 17))
    closed = CONFIG["config/portal.yaml"].replace(
        '"13:30-18:00"]}}', '"13:30-18:00"]}, closed: [2026-03-03]}'
    )
    start(database, write_files(tmp_path / "root", {**CONFIG, "config/portal.yaml": closed}), at(2, 17, 30))
    assert run_job(desk, _job("calendars"), lambda: at(2, 17, 40)) == 1
    with desk.context(at(2, 17, 41)) as context:
        deadline = context.models.tables["deadline"]
        due = {
            row.record_id: row.due_at
            for row in context.session.execute(
                deadline.select().where(deadline.c.service_level == "r.office_reply")
            )
        }
    assert due == {crossing: at(4, 12), done: at(2, 14, 30)}
    assert run_job(desk, _job("calendars"), lambda: at(2, 18)) == 0


class TestQueues:
    """The queue carries names of jobs, as plain text, in a file or in Redis."""

    def test_messages_are_plain_text(self) -> None:
        """Whoever can write to the queue cannot make a worker run anything but jobs."""
        from huey.registry import Message

        sent = Message("id", "run_job", None, 0, 0, None, ("outbox",), {})
        data = PlainMessages().serialize(sent)
        assert json.loads(data) == ["id", "run_job", ["outbox"], {}]
        got = PlainMessages().deserialize(data)
        assert (got.id, got.name, got.args, got.kwargs) == ("id", "run_job", ("outbox",), {})

    def test_what_one_process_orders_another_one_runs(self, tmp_path: Path) -> None:
        """Through the file of the instance."""
        _passes_on(open_queue(tmp_path, {}), open_queue(tmp_path, {}))

    def test_the_same_through_redis(self, tmp_path: Path, redis_url: str) -> None:
        """With REDIS_URL; QUEUE_NAME keeps installations apart."""
        here = {"REDIS_URL": redis_url, "QUEUE_NAME": "a"}
        _passes_on(open_queue(tmp_path, here), open_queue(tmp_path, here))
        other = open_queue(tmp_path, {**here, "QUEUE_NAME": "b"})
        first = open_queue(tmp_path, here)
        first.task(name="run_job")(lambda _name: None)("x")
        assert (other.storage.queue_size(), first.storage.queue_size()) == (0, 1)


def _passes_on(sender, receiver) -> None:  # type: ignore[no-untyped-def]
    ran: list[str] = []

    def run(name: str) -> None:
        ran.append(name)

    order = sender.task(name="run_job")(run)
    receiver.task(name="run_job")(run)
    order("outbox")
    receiver.execute(receiver.dequeue())
    assert ran == ["outbox"]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of its own on a free port."""
    if shutil.which("redis-server") is None:
        skip_or_fail("no redis-server on this machine")
    if find_spec("redis") is None:
        skip_or_fail("the package redis is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_a_crew_does_what_is_due_and_ends_in_order(
    sqlite_database: Database, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Threads of this process, through a real queue: a late clock is worked off; then nothing runs."""
    environment = {"REDIS_URL": request.getfixturevalue("redis_url")} if kind == "redis" else {}
    now = datetime.now(UTC)
    desk = replace(_desk(sqlite_database, tmp_path / "root", now=now - timedelta(days=2)), worker="")
    _case(desk, now - timedelta(days=1))
    made = Worker(desk, open_queue(tmp_path / "queue", environment), threads=2)
    made.start()
    try:
        _until(lambda: _told(sqlite_database, desk))
    finally:
        made.stop()
    assert not made.thread.is_alive()
    with sqlite_database.reading() as session:
        assert workers(session) == ()
        assert all(one.waiting == 0 for one in queue_states(session))


def test_a_crew_may_be_stopped_as_soon_as_it_is_started(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when its own thread is slow to begin: stopping joins threads, which must run by then."""
    desk = replace(_desk(sqlite_database, tmp_path / "root"), worker="")
    slow = worker.Consumer.start

    def start_late(crew: object) -> None:
        time.sleep(0.2)
        slow(crew)

    monkeypatch.setattr(worker.Consumer, "start", start_late)
    made = Worker(desk, open_queue(tmp_path / "queue", {}), threads=2)
    made.start()
    made.stop()
    assert not made.thread.is_alive()


def _told(database: Database, desk: Desk) -> bool:
    from app.storage.system_tables import TABLES

    outbox = TABLES["outbox"]
    with database.reading() as session:
        rows = session.execute(outbox.select().where(outbox.c.kind == "clock")).all()
    return bool(rows) and all(row.done_at is not None for row in rows)


def _until(holds, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_the_command_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """`run.py worker` says that it runs, and ends with 0 when it is terminated."""
    from app.storage import open_database

    root = write_files(tmp_path / "root", CONFIG)
    database = open_database("", tmp_path / "instance")
    start(database, root, datetime.now(UTC))
    database.dispose()
    environment = {"PATH": os.environ["PATH"], "INSTANCE_DIR": str(tmp_path / "instance"), "LANG": "C"}
    command = [sys.executable, str(ROOT / "run.py"), "--root", str(root), "worker"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert "running" in said and (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("environment", "wrong"),
    [
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b.c", "SMTP_PORT": "0"}, "SMTP_PORT"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b.c", "SMTP_PORT": "x"}, "SMTP_PORT"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b.c", "SMTP_SECURITY": "rot13"}, "SMTP_SECURITY"),
        ({"SMTP_HOST": "m"}, "MAIL_FROM"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b.c\nBcc: x@y.z"}, "MAIL_FROM"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_said_by_its_setting(
    environment: dict[str, str], wrong: str
) -> None:
    """The words name it."""
    with pytest.raises(BadMailSettings) as said:
        mail_settings(environment)
    assert said.value.name == wrong


def test_jobs_have_names_of_their_own() -> None:
    """Rows of the console and claims in the database go by them."""
    assert len({job.name for job in table.JOBS}) == len(table.JOBS)
