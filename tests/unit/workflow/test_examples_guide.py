"""The guide to examples of indicators and workflows says the truth."""

from __future__ import annotations

import re
from pathlib import Path

from app.commands.check import read_folder

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "write-examples.zh.md"
NAMED_BLOCK = re.compile(r"^`([\w/.]+\.yaml)`\n\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_guide_is_a_sound_portal(tmp_path: Path) -> None:
    """Typed in as it stands, every example passes and every rule is reached."""
    blocks = NAMED_BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    for path, text in blocks:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    read = read_folder(tmp_path)
    told = [f"{one.span}: {one.code}: {one.message()}" for one in read.diagnostics]
    assert [one for one in told if ": NYS001: " not in one and ": UNS001: " not in one] == []
    assert (read.examples.passed, read.examples.failed) == (12, ())
