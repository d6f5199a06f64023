"""`run.py rollback` and `apply`: what becomes of open records, and what the database refuses, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from app.cli import cli
from app.storage import open_database
from tests.support.houses import ALL, FILES, NEW, House, edited
from tests.support.portals import write_files


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration applied twice, with an open record made under the second release."""
    database = open_database("", tmp_path / "state")
    house = House(database, tmp_path / "root")
    house.apply(FILES)
    house.hire("hr", "cook")
    house.apply(NEW)
    house.case("since")
    database.session.remove()
    database.dispose()
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "root"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", *arguments])


def kept(root: Path, query: str) -> object:
    """One value of the database."""
    database = open_database("", root.parent / "state")
    with database.engine.connect() as connection:
        found = connection.scalar(sa.text(query))
    database.dispose()
    return found


@pytest.mark.parametrize(
    ("mode", "words", "release"),
    [
        ("keep", "1 open records of r.case keep the rules", 2),
        ("switch", "1 open records of r.case go over to the new rules at once", 3),
        ("ask", "1 open records of r.case keep their rules until somebody", 2),
    ],
)
def test_a_rollback_takes_a_choice(root: Path, mode: str, words: str, release: int) -> None:
    """The plan says it, the release notes it, the record follows it."""
    done = run(root, "rollback", "1", "--yes", "--open-records", mode)
    assert done.exit_code == 0, done.output
    assert words in done.output and "Release 3 is in service." in done.output
    assert kept(root, "SELECT open_records FROM release WHERE id = 3") == mode
    assert kept(root, "SELECT release_id FROM r__case WHERE title = 'since'") == release


def test_values_that_are_not_unique_end_an_apply_in_words(root: Path) -> None:
    """No trace of the program, and nothing changed."""
    database = open_database("", root.parent / "state")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO r__case (title, version) VALUES ('same', 1), ('same', 1)")
    database.dispose()
    field = "title: {type: text, title: 标题}\n              offender"
    unique = (ALL, field, field.replace("标题}", "标题, unique: true}"))
    write_files(root, edited(unique, files=NEW))
    done = run(root, "apply", "--yes")
    assert done.exit_code == 1 and "values occur more than once in r__case.title" in done.output
    assert kept(root, "SELECT max(id) FROM release") == 2
