"""`run.py check`: its three forms, its exit codes, its languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from app.checks import ExampleReport
from app.commands import check as check_module
from app.commands.common import Session
from app.commands.languages import candidates
from app.commands.show import as_github, as_text
from app.source import PortalError, Sources, Span, fault, untranslated
from tests.support.configurations import BAD, GOOD

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.cli, [*arguments], env={"LANG": "C", "LC_ALL": "C"})


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A configuration with a fault and a warning."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "portal.yaml").write_text("portal: {title: x, colour: red}\n", encoding="utf-8")
    (tmp_path / "config" / "a,b.yaml").write_text(
        "standards: {s: {title: 好, clauses: {c: {figure: ~}}}}\n", encoding="utf-8"
    )
    return tmp_path


def test_a_sound_configuration_exits_with_0() -> None:
    """Warnings alone are no fault."""
    result = run("--root", str(GOOD / "rich"), "check")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith("0 errors, ")
    assert "examples passed" in result.output.splitlines()[-1]


def test_faults_exit_with_1(faulty: Path) -> None:
    """The line is shown with a caret below the column, also behind wide characters."""
    result = run("--root", str(faulty), "check")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "config/a,b.yaml:1:49: warning[UNS001]: the figure of 's.c' is left open by the regulation",
        "    standards: {s: {title: 好, clauses: {c: {figure: ~}}}}",
        "                                                     ^",
        "config/portal.yaml:1:20: error[SPEC002]: unknown key 'colour'",
        "  hint: known names: accent, calendar, currency, help, languages, max_upload, note, organisation, "
        "regimes, releases, source, timezone …",
        "    portal: {title: x, colour: red}",
        "                       ^^^^^^",
        "1 error, 1 warning, 2 files read",
    ]


def test_json_has_the_documented_form(faulty: Path) -> None:
    """Keys, types and order that other programs rely on."""
    result = run("--root", str(faulty), "check", "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert list(found) == ["diagnostics", "examples"]
    assert found["examples"] == {"passed": 0, "failed": []}
    assert found["diagnostics"][0] == {
        "code": "UNS001",
        "severity": "warning",
        "file": "config/a,b.yaml",
        "line": 1,
        "column": 49,
        "message": "the figure of 's.c' is left open by the regulation",
        "hint": "",
    }


def test_json_of_a_failed_example() -> None:
    """What was expected and what came out stand beside the diagnostic."""
    result = run("--root", str(BAD / "EXM002_example_fails"), "check", "--format", "json")
    assert result.exit_code == 1
    failed = json.loads(result.output)["examples"]["failed"]
    assert [set(one) for one in failed] == [{"file", "line", "name", "expected", "got"}]
    assert failed[0]["file"] == "config/case.yaml" and failed[0]["line"] == 6


def test_annotations_are_escaped(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commas and colons of file names, percent signs and line ends of messages; paths as seen from here."""
    monkeypatch.chdir(faulty.parent)
    lines = run("--root", faulty.name, "check", "--format", "github").output.splitlines()
    assert lines[0] == (
        f"::warning file={faulty.name}/config/a%2Cb.yaml,line=1,col=49,title=UNS001"
        "::the figure of 's.c' is left open by the regulation"
    )
    assert lines[1].startswith(f"::error file={faulty.name}/config/portal.yaml,line=1,col=20,title=SPEC002::")
    assert "%0Ahint: known names" in lines[1]
    odd = fault("X001", Span("f"), "50 % of {what}", what="a\r\nb: c")
    assert (
        as_github([odd], untranslated, "") == "::error file=f,line=1,col=1,title=X001::50 %25 of a%0D%0Ab: c"
    )


def test_nothing_in_a_file_steers_the_terminal() -> None:
    """Escape sequences and marks that turn the writing round are not printed."""
    odd = fault("X001", Span("f"), "{what}", what="a\x1b[31mb\u202ec")
    assert (
        as_text([odd], ExampleReport(), Sources(), untranslated)
        .splitlines()[0]
        .endswith("a\ufffd[31mb\ufffdc")
    )


def test_our_own_fault_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that asks for a report, and the trace on request."""

    def broken(root: Path) -> None:
        raise ZeroDivisionError("a slip of ours")

    monkeypatch.setattr(check_module, "read_folder", broken)
    with pytest.raises(SystemExit) as left:
        cli.main(["check"])
    said = capsys.readouterr().err
    assert left.value.code == 2 and said.count("\n") == 1 and "ZeroDivisionError: a slip of ours" in said
    with pytest.raises(SystemExit) as left:
        cli.main(["--debug", "check"])
    assert left.value.code == 2 and "Traceback" in capsys.readouterr().err


def test_a_refusal_exits_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors raised on purpose are said in their own words, without a trace."""

    def refuse(root: Path) -> None:
        raise PortalError("not now")

    monkeypatch.setattr(check_module, "read_folder", refuse)
    with pytest.raises(SystemExit) as left:
        cli.main(["check"])
    assert left.value.code == 1 and capsys.readouterr().err == "not now\n"


@pytest.mark.parametrize(
    "arguments", [["chekc"], ["check", "--format", "xml"], ["--root", "/nowhere", "check"]]
)
def test_wrong_words_exit_with_2(arguments: list[str]) -> None:
    """A command line that cannot be understood is click's own exit code."""
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2


def test_every_listed_command_can_be_loaded() -> None:
    """The list names a module and a command in it for each."""
    result = run("--help")
    assert result.exit_code == 0
    for name in cli.COMMANDS:
        assert cli.cli.get_command(None, name) is not None, name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("zh_CN.UTF-8", ["zh_CN", "zh_Hans_CN", "zh_Hans", "zh"]),
        ("zh-Hans", ["zh_Hans", "zh_Hans", "zh_Hans", "zh"]),
        ("de_AT@euro", ["de_AT", "de_AT", "de"]),
        ("C", ["C"]),
    ],
)
def test_languages_are_looked_for_from_narrow_to_wide(asked: str, expected: list[str]) -> None:
    """The words of LANG, of a browser and of the portal all lead to a catalogue."""
    assert list(candidates(asked)) == expected


def test_messages_are_said_in_the_language_asked_for(faulty: Path) -> None:
    """A catalogue of the configuration's own folder is compiled where only its source is there."""
    folder = faulty / "translations" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "unknown key \'{key}\'"\nmsgstr "没有“{key}”这个键"\n',
        encoding="utf-8",
    )
    assert "没有“colour”这个键" in run("--root", str(faulty), "--lang", "zh_CN", "check").output
    session = Session(faulty, "zh_Hans")
    assert session.translate("unknown key '{key}'") == "没有“{key}”这个键"
    assert Session(faulty, "C").translate("unknown key '{key}'") == "unknown key '{key}'"


def test_the_command_runs_from_the_shell() -> None:
    """run.py itself, in a process of its own."""
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "run.py", "--root", str(GOOD / "minimal"), "check"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "0 errors, 0 warnings, 1 file read\n")


@pytest.mark.parametrize("command", ["schema", "reference"])
def test_generated_files_are_compared(command: str, tmp_path: Path) -> None:
    """`--check` writes nothing and names what is out of date."""
    assert run(command, "--out", str(tmp_path), "--check").exit_code == 1
    assert list(tmp_path.iterdir()) == []
    assert run(command, "--out", str(tmp_path)).exit_code == 0
    assert run(command, "--out", str(tmp_path), "--check").exit_code == 0
    stale = sorted(tmp_path.iterdir())[0]
    stale.write_text("old", encoding="utf-8")
    result = run(command, "--out", str(tmp_path), "--check")
    assert result.exit_code == 1 and str(stale) in result.output
    shutil.rmtree(tmp_path)
