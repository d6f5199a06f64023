"""`deadline` on the command line: its JSON, which other programs rely on, and its words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from tests.support.complaints import PORTAL, RECORDS

GOLDEN = Path(__file__).parents[2] / "golden" / "deadline.json"
LEVELS = """
service_levels:
  answer:
    title: 答复时限
    of: complaint
    from: {state: taken}
    to: {state: resolved}
    pause: state == 'waiting'
    calendar: office
    within:
      - {when: severity == 'serious', time: 4 working hours}
      - {time: 2 days}
    warn: [50 %]
    escalate: [{at: missed, notify: [handler], office_hours: true}]
    extend_by: [handler]
"""
HISTORY = "states=taken 2026-04-30 16:00; waiting 2026-04-30 17:00; taken 2026-04-30 17:30"
VERBS = "[read, create, take, wait, resolve, close, reject, reopen]"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(*arguments)` in a folder with a small portal."""
    files = {
        "config/portal.yaml": PORTAL,
        "config/regimes/house/regime.yaml": "regime: {title: 条例}",
        "config/regimes/house/records.yaml": RECORDS,
        "config/regimes/house/levels.yaml": LEVELS,
        "config/roles.yaml": f"roles: {{clerk: {{title: 受理, can: {{complaint: {VERBS}}}}}}}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--root", str(tmp_path), "--lang", "en", "deadline", *arguments])

    return invoke


def test_the_stable_form(run: Run) -> None:
    """Start, due time, target, calendar, what counted and what was left out, why; times with offset.

    The sentences of the reasons are for people and may be worded anew.
    """
    result = run("answer", "--set", HISTORY, "--set", "severity=serious", "--format", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    sentences = [one.pop("text") for one in told["because"]]
    assert all(sentences) and sentences[1] == "it began at 2026-04-30 16:00 (处理中)"
    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_what_has_not_started_has_no_due_time(run: Run) -> None:
    """Null, not left out."""
    told = json.loads(run("answer", "--format", "json").output)
    assert (told["start"], told["due"], told["counted"], told["left_out"]) == (None, None, [], [])
    assert told["because"][0]["text"] == "not started: the record has not come to '处理中'"


def test_the_form_for_people(run: Run) -> None:
    """The due time, what is left, reasons with their lines, the proof."""
    said = run("house.answer", "--set", "from=2026-03-06 10:00", "--set", "now=2026-03-06 12:00").output
    lines = said.splitlines()
    assert lines[:2] == ["答复时限: 2026-03-08 24:00", "2 days left"]
    assert "  - the time allowed is 2 days  [config/regimes/house/levels.yaml:12]" in lines
    assert "  2026-03-07 00:00 .. 2026-03-07 24:00  24 hours" in lines
    assert "  2026-03-06 10:00 .. 2026-03-06 24:00  the first day does not count" in lines
    assert lines[-1] == "  2026-03-09 09:00  missed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("answr",), "'answr' is not declared in service_levels (did you mean 'answer'?)"),
        (("answer", "--set", "severity"), "'severity' is not NAME=VALUE"),
        (("answer", "--set", "severety=serious"), "did you mean 'severity'?"),
    ],
)
def test_what_is_not_understood_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """With what was meant, and an exit code of its own."""
    result = run(*arguments)
    assert result.exit_code != 0 and said in result.output
