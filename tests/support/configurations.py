"""Configurations that a folder of files cannot hold: they are completed when a test needs them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from app.source.files import MAX_FILE_BYTES

BAD = Path(__file__).parents[1] / "configs" / "bad"
GOOD = Path(__file__).parents[1] / "configs" / "good"
FAULTS = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
_PATH = re.compile(r"^# ((?:config|checklists|report_templates)/\S+)$", re.MULTILINE)


def _large(root: Path) -> None:
    (root / "config" / "case.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))


def _link(root: Path) -> None:
    (root / "config" / "case.yaml").symlink_to("/etc/hostname")


def _pipe(root: Path) -> None:
    os.mkfifo(root / "config" / "case.yaml")


_COMPLETED: Mapping[str, Callable[[Path], None]] = {"SRC012": _large, "SRC015": _link, "SRC020": _pipe}


def bad_cases() -> list[str]:
    """The folders of bad configurations, each named `<CODE>_<what is wrong>`."""
    return sorted(folder.name for folder in BAD.iterdir())


def bad_case(name: str, into: Path) -> Path:
    """The root of a bad configuration: its folder, or a completed copy of it."""
    code = name.partition("_")[0]
    if code not in _COMPLETED:
        return BAD / name
    root = into / name
    shutil.copytree(BAD / name, root)
    _COMPLETED[code](root)
    return root


def documented() -> dict[str, dict[str, str]]:
    """Code -> its blocks of YAML in the documentation, under `Bad` and `Good`."""
    found: dict[str, dict[str, str]] = {}
    for part in FAULTS.read_text(encoding="utf-8").split("\n## ")[1:]:
        code, _, body = part.partition("\n")
        blocks = re.findall(r"^(Bad|Good):\n\n```yaml\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
        found[code] = dict(blocks)
    return found


def write_block(block: str, root: Path) -> Path:
    """Write a block of the documentation as files; a portal is always there."""
    texts = {"config/portal.yaml": "portal: {title: 示例门户}\n"}
    pieces = _PATH.split(block)[1:]
    texts |= dict(zip(pieces[::2], (text.removeprefix("\n") for text in pieces[1::2]), strict=True))
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root
