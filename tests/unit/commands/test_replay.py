"""`run.py replay`: past records judged by the folder's configuration, from the shell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.commands.common import Session
from app.commands.replay import since_when
from app.storage import open_database
from tests.support.penalties import CONFIG, make_case, penalty_office, raised
from tests.support.portals import NOW, write_files
from tests.unit.actions.test_release_life import applied

FINES = "config/regimes/r/penalties.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration in service with one fine of 50, and 80 for it in the folder."""
    database = open_database("", tmp_path / "state")
    office = penalty_office(database, tmp_path)
    applied(database, tmp_path / "root", CONFIG)
    raised(office, make_case(office), "r.conduct", "fault")
    database.dispose()
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    dearer = CONFIG[FINES].replace("fault: {amount: 50}", "fault: {amount: 80}")
    return write_files(tmp_path / "root", {FINES: dearer})


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", "replay", *arguments])


def test_as_data(root: Path) -> None:
    """The object of the contract, with the record that moves."""
    done = run(root, "--since", "2026-01-01", "--format", "json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert {"since", "records", "penalties", "deadlines", "scores"} <= set(told)
    found = told["penalties"]
    assert (told["records"], found["before"], found["after"]) == (1, "50.00", "80.00")
    assert (found["raised"], found["lowered"]) == (1, 0)
    assert [(one["before"], one["after"]) for one in found["by_unit"]] == [("50.00", "80.00")]
    assert set(told["deadlines"]) >= {"newly_missed", "newly_met"} and "grade_changed" in told["scores"]


def test_in_words(root: Path) -> None:
    """The same in sentences."""
    done = run(root, "--since", "2026-01-01")
    assert done.exit_code == 0 and "Penalties: 50.00 → 80.00" in done.output


def test_faults_end_it(root: Path) -> None:
    """A configuration with faults judges nothing."""
    write_files(root, {FINES: CONFIG[FINES].replace("rank: rank", "rank: nowhere")})
    done = run(root)
    assert done.exit_code == 1 and "nowhere" in done.output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90d", NOW - timedelta(days=90)),
        ("2w", NOW - timedelta(days=14)),
        ("1y", NOW - timedelta(days=365)),
        ("2026-02-01", datetime(2026, 1, 31, 16, tzinfo=UTC)),
        ("9999y", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_since(text: str, expected: datetime) -> None:
    """Lengths of time back from now, and days of the portal's zone."""
    assert since_when(Session(Path()), text, NOW, ZoneInfo("Asia/Shanghai")) == expected


@pytest.mark.parametrize("text", ["", "soon", "d", "-3d", "2026-02-30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With words that say how to write it."""
    with pytest.raises(click.BadParameter, match="90d"):
        since_when(Session(Path()), text, NOW, ZoneInfo("UTC"))
