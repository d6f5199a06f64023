"""`run.py rejudge`: the same to the cent, or the difference and exit code 1."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.release import compile_release
from app.storage import mark_live, open_database, store_release
from tests.support.appeals import FILES, appeal_office, decided
from tests.support.portals import NOW, stamp


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with its instance, a release in service, and one penalty."""
    database = open_database("", tmp_path / "state")
    office = appeal_office(database, tmp_path)
    files = {path: (tmp_path / "root" / path).read_bytes() for path in office.release.portal.files}
    with database.writing() as session:
        number = store_release(session, files, stamp())
        mark_live(session, number, NOW)
    decided(replace(office, release=compile_release(office.release.portal, number)), "serious")
    database.dispose()
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "root"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", "rejudge", *arguments])


def tamper(root: Path) -> None:
    database = open_database("", root.parent / "state")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE penalty SET amount_due = 19999 WHERE id = 1")
    database.dispose()


def test_the_same(root: Path) -> None:
    """By the bare word `penalty`; all three steps of the chain follow."""
    done = run(root, "penalty", "1")
    assert (done.exit_code, done.output) == (
        0,
        "CF-202603-0001: 200.00 – the same in all 3 steps, under release 1\n",
    )


def test_everything_of_a_record(root: Path) -> None:
    """The case that led to it, by its short name: both penalties."""
    done = run(root, "case", "1")
    assert done.exit_code == 0 and len(done.output.splitlines()) == 2


def test_a_cent_is_told(root: Path) -> None:
    """What is stored and what it comes to, and exit code 1."""
    tamper(root)
    done = run(root, "penalty", "1")
    assert done.exit_code == 1
    assert "amount is stored as 199.99, and comes to 200.00" in done.output
    told = json.loads(run(root, "penalty", "1", "--format", "json").output)
    assert (told[0]["same"], Decimal(told[0]["amount"])) == (False, Decimal("199.99"))
    assert told[0]["differences"][0]["again"] == "200.00"


def test_the_folder_may_have_moved_on(root: Path) -> None:
    """What was judged is judged by the database's release, whatever lies on disk."""
    path = root / "config/regimes/r/penalties.yaml"
    path.write_text(path.read_text("utf-8").replace("{amount: 200}", "{amount: 300}"), encoding="utf-8")
    assert FILES and run(root, "penalty", "1").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("penalty", "77"), "no longer exists"),
        (("penalyt", "1"), "did you mean 'penalty'"),
        (("penalty", "zero"), "Invalid value"),
        (("unit", "1"), "nothing of it was judged"),
    ],
)
def test_what_cannot_be_judged(root: Path, arguments: tuple[str, ...], said: str) -> None:
    """Words, and no exit code 0."""
    done = run(root, *arguments)
    assert done.exit_code != 0 and said in done.output
