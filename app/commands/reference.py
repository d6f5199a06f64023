"""`python run.py reference`: the tables of keys in the documentation."""

from __future__ import annotations

from pathlib import Path

import click

from app.commands.generated import REFERENCE, write_or_compare
from app.spec.reference import pages


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a page is out of date.")
@click.option("--out", type=click.Path(path_type=Path), default=REFERENCE, help="The folder to write to.")
def reference(check: bool, out: Path) -> None:
    """Write the reference pages, one for each section of the language."""
    write_or_compare(pages(), out, check, "reference")
