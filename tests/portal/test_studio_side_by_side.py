"""Two people at one revision in their browsers, a database that takes nothing, and rows that do not fit."""

from __future__ import annotations

import html
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.actions import edit_files, tuning_tables
from app.actions.edit_files import text_of
from app.storage import Database, find_live, release_files
from tests.portal.test_studio_routes import AMOUNT, FILES, FINES, begun, opened_studio, raised
from tests.support.clients import Site, Visitor
from tests.support.together import Step, meet, together

JSON = {"Accept": "application/json"}
RECORDS = "config/regimes/r/records.yaml"


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    """A portal whose configuration lies in the database; heads of units see revisions, but no records."""
    seeing = "unit_head: {can: {r.visit: [read], "
    assert seeing in FILES["config/roles.yaml"]
    roles = FILES["config/roles.yaml"].replace(seeing, "unit_head: {can: {")
    yield opened_studio(database, tmp_path, {**FILES, "config/roles.yaml": roles})
    database.session.remove()


def stored(site: Site, path: str) -> str:
    with site.database.reading() as session:
        return release_files(session, 1)[path].decode()


def approved(site: Site) -> int:
    """A revision that only has to be applied."""
    author, boss = site.visitor("hr"), site.visitor("root")
    revision = begun(author)
    raised(author, revision, "80")
    author.post(f"/r/revision/move/submit/{revision}", {"reason": "too low"})
    boss.post(f"/r/revision/move/approve/{revision}", {})
    return revision


def test_two_browsers_save_one_file_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is saved; the other is answered with the stored text, their own stays in the editor."""
    visitors = site.visitor("hr"), site.visitor("root")
    revision = begun(visitors[0])
    text = stored(site, FINES)
    texts = [text.replace("amount: 50", f"amount: {value}") for value in (61, 62)]
    meet(monkeypatch, edit_files, "write_revision")
    for one in visitors:
        one.fetch_token("/profile/password")

    def saving(visitor: Visitor, wanted: str) -> Step:
        sent = {"path": FINES, "text": wanted, "seen": text_of(text.encode()).seen}
        return lambda: visitor.post(f"/studio/{revision}/edit", sent, headers=JSON)

    answers = together(site.database, *map(saving, visitors, texts))
    codes = [one.status_code for one in answers]  # type: ignore[attr-defined]
    assert sorted(codes) == [200, 409]
    told = answers[codes.index(409)].get_json()  # type: ignore[attr-defined]
    assert told["theirs"] == texts[codes.index(200)] and FINES in told["message"]


def test_two_browsers_type_into_one_table_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second is told that the value was changed, and by what it is now."""
    visitors = site.visitor("hr"), site.visitor("root")
    revision = begun(visitors[0])
    meet(monkeypatch, tuning_tables, "write_revision")
    for one in visitors:
        one.fetch_token("/profile/password")

    def typing(visitor: Visitor, value: str) -> Step:
        sent = {f"v:{AMOUNT}": value, f"s:{AMOUNT}": "50"}
        return lambda: visitor.post(f"/studio/{revision}/tuning/amounts", sent, follow_redirects=True)

    answers = together(site.database, typing(visitors[0], "61"), typing(visitors[1], "62"))
    pages = [html.unescape(one.get_data(as_text=True)) for one in answers]  # type: ignore[attr-defined]
    assert [one.status_code for one in answers] == [200, 200]  # type: ignore[attr-defined]
    assert sum("Changed by somebody else since" in page for page in pages) == 1
    values = ("61", "62"), ("62", "61")
    said = [f"{AMOUNT} (it is {now} now, you wrote {typed})" for now, typed in values]
    assert sum(one in page for one in said for page in pages) == 1
    assert sum("1 values are written into the revision" in page for page in pages) == 1


@contextmanager
def read_only(site: Site) -> Iterator[None]:
    """The database takes nothing from anybody."""
    wish = "PRAGMA query_only = ON" if site.database.is_sqlite else "SET TRANSACTION READ ONLY"

    def forbid(connection: sa.Connection) -> None:
        connection.exec_driver_sql(wish)

    site.database.session.remove()
    sa.event.listen(site.database.engine, "begin", forbid)
    try:
        yield
    finally:
        sa.event.remove(site.database.engine, "begin", forbid)
        site.database.session.remove()
        site.database.engine.dispose()


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Somebody else writes and does not come to an end."""

    def hurry(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")

    site.database.session.remove()
    sa.event.listen(site.database.engine, "begin", hurry)
    try:
        with closing(sqlite3.connect(site.database.engine.url.database or "")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    finally:
        sa.event.remove(site.database.engine, "begin", hurry)
        site.database.session.remove()
        site.database.engine.dispose()


STATES = [("sqlite", read_only, "it can be read only"), ("sqlite", locked, "somebody else is writing in it"),
          ("postgresql", read_only, "it can be read only")]  # fmt: skip


@pytest.mark.parametrize(
    ("database", "state", "words"),
    [pytest.param(*one, marks=pytest.mark.postgresql) if one[0] == "postgresql" else one for one in STATES],
    ids=["sqlite-read_only", "sqlite-locked", "postgresql-read_only"],
    indirect=["database"],
)
def test_a_database_that_takes_nothing_while_a_release_is_applied(
    site: Site, state: object, words: str
) -> None:
    """Applying and going back are refused on their own pages, in words; afterwards both can be done."""
    revision, boss = approved(site), site.visitor("root")
    apply, back = f"/r/revision/move/apply/{revision}", "/studio/releases/1/back"
    with state(site):  # type: ignore[operator]
        answer = boss.post(apply, {"_confirmed": "1"}, follow_redirects=True)
        page = html.unescape(answer.get_data(as_text=True))
        assert "nothing was changed" in page and words in page
        assert answer.request.path == f"/studio/{revision}/"
    live = find_live(site.database)
    assert live is not None and live.number == 1
    boss.post(apply, {"_confirmed": "1"})
    with state(site):  # type: ignore[operator]
        answer = boss.post(back, {"base": "2", "reason": "x"})
        page = html.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 200 and "nothing was changed" in page and words in page
    assert boss.post(back, {"base": "2", "reason": "x"}).status_code == 302
    live = find_live(site.database)
    assert live is not None and live.number == 3


def test_rows_that_do_not_fit_are_named_with_links(site: Site) -> None:
    """On the revision's page, to who may see them."""
    ident = site.insert("r.visit", title="twelve")
    author = site.visitor("hr")
    revision = begun(author)
    wanted = stored(site, RECORDS).replace(
        "title: {type: text}", "title: {type: integer}, day: {type: date, required: true}"
    )
    sent = {"path": RECORDS, "text": wanted, "seen": text_of(stored(site, RECORDS).encode()).seen}
    assert author.post(f"/studio/{revision}/edit", sent, headers=JSON).status_code == 200
    page = html.unescape(author.text(f"/studio/{revision}/"))
    assert page.count(f'/r/r.visit/show/{ident}">#{ident} ') == page.count("The first:") == 2
    other = html.unescape(site.visitor("head").text(f"/studio/{revision}/"))
    assert "1 rows" in other and "The first:" not in other and "twelve" not in other.split("studio-file")[0]
