"""`run.py report`: a print from the shell, and every way to ask for it wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.storage import open_database
from tests.support.offices import office_from
from tests.support.prints import CONFIG, visit

Run = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with its instance and one visit."""
    database = open_database("", tmp_path / "state")
    visit(office_from(database, tmp_path, CONFIG))
    database.dispose()
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "root"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", "report", *arguments])


@pytest.mark.parametrize("which", ["id=1", "number=JC-001"])
def test_a_record_is_printed(root: Path, which: str) -> None:
    """By id or by number; the PDF is written, and the print is a numbered document."""
    out = root.parent / "out.pdf"
    done = run(root, "r.sheet", "--set", which, "-o", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert "(1 pages, document WS-" in done.output


@pytest.mark.parametrize("given", [(), ("period=2026-03",)], ids=["by its default", "as told"])
def test_a_report_over_a_period_is_printed(root: Path, given: tuple[str, ...]) -> None:
    """With the parameters that are set, or their defaults."""
    out = root.parent / "out.pdf"
    done = run(root, "r.monthly", *(part for one in given for part in ("--set", one)), "-o", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF-") and "document WS-" in done.output


def test_a_report_of_a_selection_is_printed(root: Path) -> None:
    """Of the records that are named by their ids; without any it says so."""
    out = root.parent / "out.pdf"
    done = run(root, "r.chosen", "--set", "id=1", "--set", "id=7", "-o", str(out))
    assert done.exit_code == 0, done.output
    asked = run(root, "r.chosen", "-o", str(out))
    assert asked.exit_code == 1 and "say which records" in asked.output
    twice = run(root, "r.monthly", "--set", "period=2026-01", "--set", "period=2026-02", "-o", str(out))
    assert twice.exit_code == 1 and "'period' is given twice" in twice.output


@pytest.mark.parametrize(
    ("name", "which", "said"),
    [
        ("r.shet", "id=1", "there is no report 'r.shet' (did you mean 'r.sheet'?)"),
        ("r.monthly", "id=1", "the report has no parameter 'id'"),
        ("r.monthly", "period=July", "write a month as 2026-01"),
        ("r.monthly", "period", "'period' is not NAME=VALUE"),
        ("r.sheet", "number=JC-01", "there is no '检查' with the number JC-01 (did you mean 'JC-001'?)"),
        ("r.sheet", "nummer=JC-001", "is not set by 'nummer' (did you mean 'number'?)"),
        ("r.sheet", "id=x", "'x' is not a record's id"),
        ("r.sheet", "id=77", "the record no longer exists"),
        ("r.sheet", "id=", "say which record"),
        ("s.sheet", "number=7", "records of '单位' have no numbers"),
        ("r.broken", "id=1", "broken.html:1: "),
    ],
)
def test_a_wrong_request_is_explained(root: Path, name: str, which: str, said: str) -> None:
    """Exit code 1, the reason and the near name; nothing is written and nothing is kept."""
    out = root.parent / "out.pdf"
    done = run(root, name, "--set", which, "-o", str(out))
    assert (done.exit_code, out.exists()) == (1, False)
    assert said in done.output


def test_a_folder_that_is_not_there(root: Path) -> None:
    """Said before anything is printed."""
    done = run(root, "r.sheet", "--set", "id=1", "-o", str(root / "none" / "out.pdf"))
    assert done.exit_code == 1 and "there is no folder" in done.output


def test_a_database_that_is_not_there(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty database is made."""
    monkeypatch.setenv("INSTANCE_DIR", str(root / "nowhere"))
    done = run(root, "r.sheet", "--set", "id=1", "-o", str(root / "out.pdf"))
    assert done.exit_code == 1 and "there is no database" in done.output
    assert not (root / "nowhere").exists()


def test_a_database_of_another_configuration(root: Path) -> None:
    """A field that the database lacks is not printed as empty: the command says what is to be done first."""
    records = root / "config/regimes/r/records.yaml"
    text = records.read_text(encoding="utf-8").replace("secret:", "more: {type: text}\n      secret:")
    records.write_text(text, encoding="utf-8")
    done = run(root, "r.sheet", "--set", "id=1", "-o", str(root / "out.pdf"))
    assert done.exit_code == 1 and "does not hold this configuration yet" in done.output


def test_a_configuration_with_faults(root: Path) -> None:
    """The faults are printed, as by check."""
    (root / "config/roles.yaml").write_text("roles: {hr: {can: {r.visits: [read]}}}", encoding="utf-8")
    done = run(root, "r.sheet", "--set", "id=1", "-o", str(root / "out.pdf"))
    assert done.exit_code == 1 and "r.visits" in done.output
