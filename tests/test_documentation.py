"""The documents say what is true: their YAML is sound, their links lead somewhere, their commands exist."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from app.actions.configurations import read_folder
from app.cli import COMMANDS
from app.source import Diagnostic

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
TUTORIAL = ROOT / "docs/tutorial/first-regulation.zh.md"
NAMED_BLOCK = re.compile(r"^`([\w/.]+\.yaml)`\n\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def _write_blocks(page: Path, root: Path) -> list[str]:
    """Write the blocks of YAML that a page names to files below `root`."""
    blocks = NAMED_BLOCK.findall(page.read_text(encoding="utf-8"))
    for path, text in blocks:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return [path for path, _text in blocks]


def _said(found: tuple[Diagnostic, ...]) -> list[str]:
    """What was found, but for rules that no example reaches: a first lesson has no examples yet."""
    return [f"{one.span}: {one.code}: {one.message()}" for one in found if one.code != "EXM003"]


def test_readme_portal_is_whole_and_short(tmp_path: Path) -> None:
    """The README's first block of YAML is a portal by itself, in no more than 25 lines."""
    block = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    (tmp_path / "config").mkdir()
    (tmp_path / "config/portal.yaml").write_text(block[1], encoding="utf-8")
    read = read_folder(tmp_path)
    portal, found = read.portal, read.diagnostics
    assert (portal is not None, _said(found)) == (True, [])
    assert len([line for line in block[1].splitlines() if line.strip()]) <= 25


def test_tutorial_leads_to_a_sound_regulation(tmp_path: Path) -> None:
    """The files of the tutorial, typed in as they stand, have neither faults nor warnings."""
    paths = _write_blocks(TUTORIAL, tmp_path)
    read = read_folder(tmp_path)
    portal, found = read.portal, read.diagnostics
    assert (portal is not None, _said(found)) == (True, [])
    assert len(paths) == 7
    assert f"已读取 {len(paths)} 个文件" in TUTORIAL.read_text(encoding="utf-8")


@pytest.mark.parametrize("guide", ["add-a-checklist.zh.md", "write-a-report.zh.md"])
def test_guide_adds_a_sound_file(guide: str, tmp_path: Path) -> None:
    """The file of the guide fits the shipped regulation; its own examples come out right."""
    for folder in ("config", "checklists", "report_templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (path,) = _write_blocks(ROOT / "docs/how-to" / guide, tmp_path)
    read = read_folder(tmp_path)
    portal, found = read.portal, read.diagnostics
    assert portal is not None, _said(found)
    assert [said for said in _said(found) if path in said] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture of a page is a file of the repository."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target for target in LINK.findall(text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_readme_names_the_commands() -> None:
    """The README's table of commands holds every command that there is, and no other."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2].partition("## ")[0]
    rows = [line.replace("\\|", "/").split("|") for line in table.splitlines() if line.startswith("| `")]
    named = {word for row in rows for word in re.findall(r"`([a-z]+)", row[1])}
    assert named == set(COMMANDS)
