"""Files that are written from the code: write them, or say which are out of date."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def write_or_compare(texts: Mapping[str, str], folder: Path, compare: bool, command: str) -> None:
    """Write `texts` (file name -> text) into `folder`; or only compare, and leave with 1 when one differs."""
    stale = [name for name, text in texts.items() if _differs(folder / name, text)]
    if not compare:
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / name).write_text(texts[name], encoding="utf-8")
            click.echo(f"written: {folder / name}")
        return
    for name in stale:
        click.echo(f"out of date: {folder / name}; run `python run.py {command}`", err=True)
    sys.exit(1 if stale else 0)


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except FileNotFoundError:
        return True
