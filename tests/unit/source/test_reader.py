"""Which files are read, where each belongs, and what is wrong with the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.source import Sources, parse_files, read_sources
from app.source.files import MAX_FILE_BYTES

REGIME = {"config/regimes/hygiene/regime.yaml": b"regime: {title: x}\n"}


def codes(sources: Sources) -> list[str]:
    return [found.code for found in sources.diagnostics]


def write(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def test_files_know_their_kind_regime_and_name(tmp_path: Path) -> None:
    """The folder is the namespace; page templates are kept as text."""
    files = REGIME | {
        "config/portal.yml": b"portal: {title: x}\n",
        "config/more/roles.yaml": b"roles: {}\n",
        "config/regimes/hygiene/deep/records.yaml": b"records: {}\n",
        "checklists/hygiene/kitchen.yaml": b"title: x\n",
        "report_templates/hygiene/slip.yaml": b"title: x\n",
        "report_templates/hygiene/slip.html": "<p>单</p>".encode(),
        "README.md": b"[",
        "config/.hidden.yaml": b"[",
        "config/notes.txt": b"[",
    }
    sources = read_sources(write(tmp_path, files))
    assert codes(sources) == []
    assert {(f.path, f.kind, f.regime, f.name) for f in sources.files} == {
        ("config/regimes/hygiene/regime.yaml", "config", "hygiene", "regime"),
        ("config/portal.yml", "config", "", "portal"),
        ("config/more/roles.yaml", "config", "", "roles"),
        ("config/regimes/hygiene/deep/records.yaml", "config", "hygiene", "records"),
        ("checklists/hygiene/kitchen.yaml", "checklist", "hygiene", "kitchen"),
        ("report_templates/hygiene/slip.yaml", "report", "hygiene", "slip"),
    }
    assert sources.templates == {"report_templates/hygiene/slip.html": "<p>单</p>"}
    assert len(sources.hashes["config/portal.yml"]) == 64


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("config/regimes/stray.yaml", "SRC016"),
        ("config/regimes/Bad-Name/x.yaml", "SRC016"),
        ("checklists/stray.yaml", "SRC016"),
        ("checklists/hygiene/deep/kitchen.yaml", "SRC016"),
        ("report_templates/stray.html", "SRC016"),
        ("checklists/hygiene/page.html", "SRC016"),
        ("config/page.html", "SRC016"),
        ("checklists/hygene/kitchen.yaml", "SRC017"),
        ("report_templates/hygene/slip.html", "SRC017"),
    ],
)
def test_files_in_wrong_folders_are_faults(path: str, code: str) -> None:
    """A file that would be ignored is never silently ignored."""
    assert codes(parse_files(REGIME | {path: b"title: x\n"})) == [code]


def test_one_broken_file_hides_no_other() -> None:
    """All files are read, whatever is wrong with one of them."""
    files = {
        "config/a.yaml": b"a: [",
        "config/b.yaml": b"\xff\xfe",
        "config/c.yaml": b"",
        "config/d.yaml": b"- x\n",
        "config/e.yaml": b"portal: {title: x}\n",
    }
    sources = parse_files(files)
    assert codes(sources) == ["SRC003", "SRC001", "SRC011", "SRC013"]
    assert [file.path for file in sources.files] == ["config/e.yaml"]
    assert sources.broken == {"config/a.yaml", "config/b.yaml", "config/c.yaml", "config/d.yaml"}


def test_the_place_of_a_wrong_byte_is_told() -> None:
    """Line and column of the first byte that is not UTF-8."""
    found = parse_files({"config/a.yaml": "甲: x\n乙: ".encode() + b"\xb0"}).diagnostics[0]
    assert (found.span.line, found.span.column) == (2, 4)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    """However large it is, only the limit and one byte are looked at."""
    root = write(tmp_path, {"config/a.yaml": b"#" * (MAX_FILE_BYTES + 1), "config/b.yaml": b"b: c\n"})
    sources = read_sources(root)
    assert codes(sources) == ["SRC012"]
    assert [file.path for file in sources.files] == ["config/b.yaml"]


def test_links_stay_inside_the_configuration(tmp_path: Path) -> None:
    """A link to a file inside is followed; one that leads out, or nowhere, is a fault and is not read."""
    root = write(tmp_path / "root", {"config/a.yaml": b"a: b\n", "config/regimes/x/r.yaml": b"regime: {}\n"})
    (tmp_path / "secret.yaml").write_text("secret: yes\n")
    (root / "config/inside.yaml").symlink_to(root / "config/a.yaml")
    (root / "config/outside.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "config/nowhere.yaml").symlink_to(root / "config/missing.yaml")
    (root / "config/folder").symlink_to(tmp_path)
    (root / "config/regimes/x/ring").symlink_to(root / "config/regimes/x")
    sources = read_sources(root)
    faults = sorted((found.code, found.span.file) for found in sources.diagnostics)
    assert faults == [
        ("SRC015", "config/folder"),
        ("SRC015", "config/nowhere.yaml"),
        ("SRC015", "config/outside.yaml"),
    ]
    assert {file.path for file in sources.files} == {
        "config/a.yaml", "config/inside.yaml", "config/regimes/x/r.yaml",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_does_not_hold_up_the_reader(tmp_path: Path) -> None:
    """Something that carries a YAML file's name and is none is a fault at once."""
    root = write(tmp_path, {"config/a.yaml": b"a: b\n"})
    os.mkfifo(root / "config/pipe.yaml")
    assert codes(read_sources(root)) == ["SRC020"]


def test_a_folder_without_config_is_a_fault(tmp_path: Path) -> None:
    """The hint tells how to name another folder."""
    assert codes(read_sources(tmp_path)) == ["SRC018"]


def test_lines_are_counted_as_yaml_counts_them() -> None:
    """YAML knows more ends of lines than most editors."""
    sources = parse_files({"config/a.yaml": "a: 1\r\nb: 2\u2028c: 3\rd: 4\n".encode()})
    assert sources.lines("config/a.yaml") == ["a: 1", "b: 2", "c: 3", "d: 4", ""]
    raw = sources.files[0].raw
    assert [raw.place.key(key).line for key in raw] == [1, 2, 3, 4]
