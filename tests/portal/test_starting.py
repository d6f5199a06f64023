"""From a folder and an empty database to a portal in service, and what a fault on disk does to it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import sqlalchemy as sa
from jinja2 import DictLoader, Environment

from app.actions.publish_release import ReleaseRefused
from app.storage import Database, build_models, insert_record, list_releases
from app.web.context import EXTENSION
from app.web.factory import CompiledTemplates, create_app, retire_app
from app.web.settings import WebSettings, load_settings
from app.web.start import NothingToServe, first_administrator, open_app, start
from app.web.wsgi import make_application
from tests.support.clients import Visitor
from tests.support.portals import NOW, stamp, write_files

RECORDS = "config/regimes/r/records.yaml"
GOOD = {RECORDS: "records: {visit: {title: 检查, fields: {title: {type: text}, note: {type: text}}}}"}
MORE = {
    RECORDS: "records: {visit: {title: 检查, fields: "
    "{title: {type: text}, note: {type: text}, due: {type: date}}}}"
}
LESS = {RECORDS: "records: {visit: {title: 检查, fields: {title: {type: text}}}}"}
BAD = {RECORDS: "records: {visit: {title: 检查, fields: {title: {type: nonsense}}}}"}


def settings_for(database: Database, root: Path) -> WebSettings:
    return WebSettings(database.instance, root, "k" * 40, login_rate="1000 per minute")


def start_with_a_record(database: Database, root: Path) -> None:
    """A first start, and one visit whose note a smaller configuration would lose."""
    models = build_models(start(database, root, NOW).release)
    with database.writing() as session:
        insert_record(session, models, "r.visit", {"title": "t", "note": "n"}, stamp())


def test_a_first_start_makes_everything(database: Database, tmp_path: Path) -> None:
    """Tables, release 1, roles, an administrator who can sign in with the printed password."""
    root = write_files(tmp_path, GOOD)
    started = start(database, root, NOW)
    assert started.release.number == 1 and started.banner == "" and started.steps > 10
    app = open_app(database, started, settings_for(database, root))
    password = first_administrator(database, app.extensions[EXTENSION].models)
    assert password is not None and len(password) >= 12
    assert first_administrator(database, app.extensions[EXTENSION].models) is None
    visitor = Visitor(app.test_client())
    assert visitor.sign_in("admin", password).status_code == 302
    assert "检查" in visitor.text("/") and "检查" in visitor.text("/console/files/show?path=" + RECORDS)


def test_the_same_folder_is_the_same_release(database: Database, tmp_path: Path) -> None:
    """Starting again stores nothing; a new field makes the next release."""
    root = write_files(tmp_path, GOOD)
    assert start(database, root, NOW).release.number == 1
    again = start(database, root, NOW)
    assert again.release.number == 1 and again.steps == 0
    write_files(root, MORE)
    newer = start(database, root, NOW)
    assert newer.release.number == 2 and newer.steps >= 1
    with database.reading() as session:
        assert [one.number for one in list_releases(session)] == [2, 1]


@pytest.mark.parametrize(("files", "faults"), [(BAD, True), (LESS, False)], ids=["faulty", "lossy"])
def test_the_live_release_goes_on_under_a_notice(
    sqlite_database: Database, tmp_path: Path, files: dict[str, str], faults: bool
) -> None:
    """Faults on disk, or data that would be lost: what served before serves on, and every page says so."""
    root = write_files(tmp_path, GOOD)
    start_with_a_record(sqlite_database, root)
    write_files(root, files)
    started = start(sqlite_database, root, NOW)
    assert started.release.number == 1 and started.banner
    assert any(one.severity == "error" for one in started.diagnostics) == faults
    app = open_app(sqlite_database, started, settings_for(sqlite_database, root))
    password = first_administrator(sqlite_database, app.extensions[EXTENSION].models)
    visitor = Visitor(app.test_client())
    visitor.sign_in("admin", password or "")
    assert 'class="alert alert-warning' in visitor.text("/")
    columns = {one["name"] for one in sa.inspect(sqlite_database.engine).get_columns("r__visit")}
    assert {"title", "note"} <= columns


def test_nothing_sound_is_nothing_to_serve(sqlite_database: Database, tmp_path: Path) -> None:
    """A first start with faults ends with all of them, and leaves the database empty."""
    with pytest.raises(NothingToServe) as caught:
        start(sqlite_database, write_files(tmp_path, BAD), NOW)
    assert [one.code for one in caught.value.diagnostics if one.severity == "error"]
    assert sa.inspect(sqlite_database.engine).get_table_names() == []


def test_a_foreign_table_that_would_be_lost_is_refused(sqlite_database: Database, tmp_path: Path) -> None:
    """Without a release to go on with, a lossy start is refused."""
    root = write_files(tmp_path, GOOD)
    start_with_a_record(sqlite_database, root)
    with sqlite_database.writing() as session:
        session.execute(sa.text("UPDATE release SET applied_at = NULL"))
    write_files(root, LESS)
    with pytest.raises(ReleaseRefused):
        start(sqlite_database, root, NOW)


def test_an_application_that_is_retired_can_be_collected(sqlite_database: Database, tmp_path: Path) -> None:
    """Nothing in the process holds on to an old release's application."""
    started = start(sqlite_database, write_files(tmp_path, GOOD), NOW)
    given = settings_for(sqlite_database, tmp_path)
    create_app(started.release, sqlite_database, given)
    app = create_app(started.release, sqlite_database, given)
    app.test_client().get("/login/")
    gone = weakref.ref(app)
    retire_app(app)
    del app
    gc.collect()
    assert gone() is None


def test_a_wsgi_server_gets_everything_from_the_environment(tmp_path: Path) -> None:
    """ROOT_DIR, INSTANCE_DIR, DATABASE_URL, and the settings behind a proxy."""
    root = write_files(tmp_path / "root", GOOD)
    environment = {
        "ROOT_DIR": str(root),
        "INSTANCE_DIR": str(tmp_path / "state"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}",
        "PROXIES": "1",
    }
    outer = make_application(environment)
    client = outer.app.test_client()
    answer = client.get(
        "/login/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "portal.example"}
    )
    assert "Secure" in answer.headers["Set-Cookie"]
    assert (tmp_path / "other.db").is_file() and (tmp_path / "state" / "secret_key").is_file()
    outer.app.extensions[EXTENSION].database.dispose()


@pytest.mark.parametrize(
    ("environment", "proxies", "https"),
    [
        ({}, 0, False),
        ({"PROXIES": "2", "HTTPS": "yes"}, 2, True),
        ({"PROXIES": "many", "HTTPS": "no"}, 0, False),
    ],
)
def test_settings_come_from_the_environment(
    tmp_path: Path, environment: dict[str, str], proxies: int, https: bool
) -> None:
    """Nonsense counts as not set."""
    found = load_settings(tmp_path, tmp_path, environment)
    assert (found.proxies, found.https) == (proxies, https)


def test_without_a_proxy_forwarded_headers_are_not_believed(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Nobody from outside says under which scheme or address he comes."""
    root = write_files(tmp_path, GOOD)
    app = open_app(sqlite_database, start(sqlite_database, root, NOW), settings_for(sqlite_database, root))
    answer = app.test_client().get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_a_page_is_shown_though_its_template_cannot_be_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full or closed instance folder costs time, not pages; the log says so."""
    kept = CompiledTemplates(str(tmp_path / "gone"))
    environment = Environment(loader=DictLoader({"page": "{{ 1 + 1 }}"}), bytecode_cache=kept)
    assert environment.get_template("page").render() == "2"
    assert "cannot be kept" in caplog.text
