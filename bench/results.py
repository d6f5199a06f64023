"""Writes one section of RESULTS.md; every other section stays as it is."""

from __future__ import annotations

import datetime as dt
import platform
import re
import subprocess
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = "# Results\n\nEach section is written by the command it names. Ratios matter more than times.\n"


def machine() -> str:
    """What the figures were made on, without a name or a path."""
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{cores} cores, Python {platform.python_version()}, {dt.datetime.now(dt.UTC):%Y-%m-%d}"


def write_section(title: str, command: str, body: str) -> None:
    """Replace (or append) the section `title` by `body`, a Markdown text."""
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else HEAD
    section = f"\n## {title}\n\n`{command}` on {machine()}\n\n{body.strip()}\n"
    pattern = re.compile(rf"\n## {re.escape(title)}\n.*?(?=\n## |\Z)", re.DOTALL)
    text = pattern.sub(lambda _m: section, text) if pattern.search(text) else text.rstrip() + "\n" + section
    RESULTS.write_text(text, "utf-8")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines)
