"""The command line where files or the database refuse: words and exit code 1, no password."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from tests.support.houses import FILES
from tests.support.portals import write_files

COMMANDS = (["releases"], ["plan"], ["apply", "--yes"], ["rollback", "1"], ["pull"], ["replay"], ["demo"],
            ["worker"], ["rejudge", "r.case", "1"])  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    write_files(tmp_path / "root", FILES)
    return tmp_path / "root"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", *arguments])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("nonsense", "cannot be read", id="no address"),
        pytest.param("postgresql://u:SeCrEt@[::1", "cannot be read", id="broken address"),
        pytest.param("foo://u:SeCrEt@x/y", "'foo' is no database", id="unknown kind"),
        pytest.param("mysql://u:SeCrEt@x/y", "'mysql' is no database", id="a kind not served"),
        pytest.param("postgresql://u:SeCrEt@127.0.0.1:1/y", "cannot be used", id="nobody answers"),
        pytest.param("sqlite:////nonexistent/folder/x.db", "cannot be used", id="no folder"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_database_that_is_none(
    root: Path, url: str, words: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever DATABASE_URL says."""
    monkeypatch.setenv("DATABASE_URL", url)
    done = run(root, *command)
    assert (done.exit_code, words in done.output) == (1, True), done.output
    assert "SeCrEt" not in done.output and "Traceback" not in done.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_database_that_is_broken(root: Path, command: list[str]) -> None:
    """A file that is no database."""
    state = root.parent / "state"
    state.mkdir()
    (state / "ducha.db").write_bytes(b"no database " * 999)
    done = run(root, *command)
    assert (done.exit_code, "not a database" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one[0] not in ("rejudge", "replay")], ids=lambda one: one[0]
)
def test_a_place_for_the_database_that_is_a_file(root: Path, command: list[str]) -> None:
    """INSTANCE_DIR names a file."""
    (root.parent / "state").write_text("x")
    done = run(root, *command)
    assert (done.exit_code, "This could not be done" in done.output) == (1, True), done.output


def test_demo_records_before_the_first_release(root: Path) -> None:
    """A database without any tables is said to be one."""
    done = run(root, "demo")
    assert (done.exit_code, "serve the portal once" in done.output) == (1, True), done.output
