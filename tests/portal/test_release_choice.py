"""Somebody is asked which release judges an open record: on its page, on the start page, through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access import SYSTEM
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import Draft, publish_release
from app.jobs.desk import Desk
from app.jobs.table import JOBS
from app.jobs.worker import due_jobs, run_job
from app.source import untranslated
from app.storage import Database, find_live, insert_record
from app.storage.jobs import job_rows
from app.storage.open_records import release_of_record
from app.storage.stamping import Stamp
from app.web.context import EXTENSION
from app.web.factory import create_app
from app.web.pages import NOTICE
from app.web.settings import WebSettings
from app.web.start import start
from app.web.watching import ReleaseWatch
from app.web.wsgi import make_application
from tests.support.clients import Site, staffed
from tests.support.portals import NOW, write_files

VISIT = "r.visit"
FILES = {
    "config/roles.yaml": """
        roles:
          hr: {title: 人事, can: {r.visit: [create, read, update]}}
          unit_head: {title: 店长, can: {r.visit: [read]}}
          employee: {title: 员工, can: {}}
        """,
    "config/regimes/r/all.yaml": """
        records:
          visit:
            title: 检查
            label: "{title}"
            workflow: visit
            fields: {title: {type: text, title: 标题}, check: {type: checklist, title: 表, options: [list]}}
        workflows:
          visit:
            start: open
            states: {open: {title: 开}, done: {title: 完, final: true}}
            transitions: {finish: {from: open, to: done, by: [role.hr]}}
        """,
    "checklists/r/list.yaml": """
        title: 检查表
        of: visit
        scoring: {method: deduct, full: 100}
        sections: [{id: all, title: 全部, items: [{id: floor, title: 地面, points: 10}]}]
        """,
}
NEW = FILES | {"checklists/r/list.yaml": FILES["checklists/r/list.yaml"].replace("points: 10", "points: 30")}


def publish(
    database: Database, root: Path, files: dict[str, str], mode: str, at: datetime, **more: object
) -> int:
    """Make these files the next release."""
    found, live = read_folder(write_files(root, files)), find_live(database)
    assert found.portal is not None and live is not None
    draft = Draft(found.files, found.portal, live.number, open_records=mode, **more)  # type: ignore[arg-type]
    return publish_release(database, draft, SYSTEM, at).number


def visits(database: Database, models: object, count: int, state: str = "open") -> list[int]:
    """Visits made under the first release."""
    with database.writing() as session:
        values = {"title": "t", "state": state}
        return [
            insert_record(session, models, VISIT, values, Stamp(None, NOW, 1))  # type: ignore[arg-type]
            for _ in range(count)
        ]


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    """Three open visits and one that is done, under a second release that asks."""
    root = write_files(tmp_path / "root", FILES)
    start(database, root, NOW)
    publish(database, root, NEW, "ask", NOW)
    release = stored_release(database, 2)
    app = create_app(release, database, WebSettings(database.instance, root, "k" * 40))
    made = staffed(app, release, database)
    visits(database, made.models, 3)
    visits(database, made.models, 1, "done")
    return made


def release_of(site: Site, ident: int) -> int | None:
    with site.database.reading() as session:
        return release_of_record(session, site.models, VISIT, ident)


def test_who_may_edit_is_asked_on_the_page(site: Site) -> None:
    """Two buttons, until one is pressed; the start page counts what is left and leads to it."""
    hr, head = site.visitor("hr"), site.visitor("head")
    page = hr.text(f"/r/{VISIT}/show/1")
    assert 'name="release" value="1"' in page and 'name="release" value="2"' in page
    assert 'name="release"' not in head.text(f"/r/{VISIT}/show/1")
    assert 'name="release"' not in hr.text(f"/r/{VISIT}/show/4")
    assert "asked=1" in hr.text("/") and "asked=1" not in head.text("/")
    assert hr.post(f"/r/{VISIT}/release/1", {"release": "2"}).status_code == 302
    assert hr.post(f"/r/{VISIT}/release/2", {"release": "1"}).status_code == 302
    assert [release_of(site, one) for one in (1, 2, 3)] == [2, 1, 1]
    assert all('name="release"' not in hr.text(f"/r/{VISIT}/show/{one}") for one in (1, 2))
    listed = hr.text(f"/r/{VISIT}/list/?asked=1")
    assert f"/r/{VISIT}/show/3" in listed and f"/r/{VISIT}/show/2" not in listed
    head.post(f"/r/{VISIT}/release/3", {"release": "2"})
    assert release_of(site, 3) == 1


def test_the_api_takes_the_answer(site: Site) -> None:
    """One of the two numbers, from who may edit, once."""
    hr, path = site.visitor("hr"), f"/api/v1/{VISIT}/1/release"
    assert hr.json("POST", path, {"release": "x"}).status_code == 400
    assert hr.json("POST", path, {"release": 9}).status_code == 422
    assert site.visitor("head").json("POST", path, {"release": 2}).status_code == 403
    done = hr.json("POST", path, {"release": 2})
    assert done.status_code == 200 and done.get_json() == {"id": 1, "release": 2}
    assert hr.json("POST", path, {"release": 2}).status_code == 422
    assert release_of(site, 1) == 2


def _words(_language: str):  # type: ignore[no-untyped-def]
    return untranslated


def test_a_scheduled_release_goes_live_on_its_day(database: Database, tmp_path: Path) -> None:
    """Of two workers one carries it over, once; the portal that is running swaps to it."""
    root, day = write_files(tmp_path / "root", FILES), NOW + timedelta(days=10)
    first = start(database, root, NOW)
    app = create_app(first.release, database, WebSettings(database.instance, root, "k" * 40))
    (ident,) = visits(database, app.extensions[EXTENSION].models, 1)
    assert publish(database, root, NEW, "switch", NOW, starts_at=day) == 2
    workers = [Desk(database, _words, {}, name) for name in ("one", "two")]
    job = next(one for one in JOBS if one.name == "releases")
    early = day - timedelta(seconds=10)
    assert [run_job(desk, job, lambda: early) for desk in workers] == [0, 0]
    later = day + timedelta(seconds=1)
    assert "releases" in {one.name for one in due_jobs(workers[0], later)}
    assert [run_job(desk, job, lambda: later) for desk in workers] == [1, 0]
    again = later + timedelta(minutes=1)
    assert [run_job(desk, job, lambda: again) for desk in workers] == [0, 0]
    with database.reading() as session:
        assert release_of_record(session, app.extensions[EXTENSION].models, VISIT, ident) == 2


def test_a_running_portal_follows_a_scheduled_release(tmp_path: Path) -> None:
    """Before its moment the old release serves, after it the new one; one planned from a release that serves
    no longer is reported by the job and by a banner, and leaves the portal as it is."""
    root = write_files(tmp_path / "root", FILES)
    outer = make_application({"ROOT_DIR": str(root), "INSTANCE_DIR": str(tmp_path / "instance")})
    database = outer.app.extensions[EXTENSION].database
    now = datetime.now(UTC)
    day = now + timedelta(days=1)
    publish(database, root, NEW, "keep", now, starts_at=day)

    def build(number: int):  # type: ignore[no-untyped-def]
        return create_app(
            stored_release(database, number), database, WebSettings(database.instance, root, "k" * 40)
        )

    watch = ReleaseWatch(database, outer, build, 1)
    assert not watch.look(now) and watch.look(day) and watch.serving == 2
    with database.writing() as session:
        session.execute(sa.text("UPDATE release SET base = 7 WHERE id = 2"))
    other = ReleaseWatch(database, outer, build, 1)
    assert not other.look(day) and other.serving == 1 and NOTICE in outer.app.config
    desk = Desk(database, _words, {}, "me")
    job = next(one for one in JOBS if one.name == "releases")
    assert run_job(desk, job, lambda: day) == 0
    with database.reading() as session:
        row = next(one for one in job_rows(session) if one.name == "releases")
    assert row.failures == 1 and "planned from release 7" in str(row.error)
    assert run_job(desk, job, lambda: day + timedelta(hours=1)) == 0
    assert find_live(database, day).number == 1  # type: ignore[union-attr]
    database.dispose()
