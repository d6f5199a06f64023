"""`python run.py check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.commands.common import Session
from app.commands.show import as_github, as_json, as_text
from app.rules.soundness import Configuration, judge_folder
from app.source import Diagnostic
from app.spec.decode import Decoded
from app.workflow import run_all_examples


def read_folder(root: Path) -> Configuration:
    """The configuration below `root`, read and checked, without what only a running portal needs."""
    return judge_folder(root, _template_faults, run_all_examples)


def _template_faults(decoded: Decoded) -> tuple[Diagnostic, ...]:
    if not decoded.portal.templates:
        return ()
    # The printing room is heavy, and most who call `check` have no templates.
    from app.reports.template_checks import template_faults

    return template_faults(decoded)


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="How to print it."
)
@click.pass_obj
def check(session: Session, form: str) -> None:
    """Say everything that is wrong with the YAML: exit 0 when it is sound, 1 when it is not."""
    checked = read_folder(session.root)
    if form == "json":
        out = as_json(checked.diagnostics, checked.examples, session.translate)
    elif form == "github":
        out = as_github(checked.diagnostics, session.translate, _from_here(session.root))
    else:
        out = as_text(checked.diagnostics, checked.examples, checked.sources, session.translate)
    click.echo(out)
    sys.exit(0 if checked.sound else 1)


def _from_here(root: Path) -> str:
    """The root as seen from the working folder, since an annotation names files from there."""
    here, there = Path.cwd().resolve(), root.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else ""
