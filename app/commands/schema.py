"""`python run.py schema`: the JSON Schemas that editors complete from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from app.commands.generated import REFERENCE, write_or_compare
from app.spec.schema import schemas


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is out of date.")
@click.option("--out", type=click.Path(path_type=Path), default=REFERENCE, help="The folder to write to.")
def schema(check: bool, out: Path) -> None:
    """Write the JSON Schemas of configuration files, checklists and reports."""
    texts = {name: json.dumps(body, ensure_ascii=False, indent=2) + "\n" for name, body in schemas().items()}
    write_or_compare(texts, out, check, "schema")
