"""`python run.py check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from app.checks import ExampleReport, ExampleRunner, run_checks
from app.checks.examples import run_all
from app.commands.common import Session
from app.commands.show import as_github, as_json, as_text
from app.rules.examples import run_examples
from app.rules.functions import REGISTRY
from app.source import Diagnostic, Sources, collector_paused, read_sources, sort_key
from app.spec.decode import Decoded, decode_parts

EXAMPLE_RUNNERS: tuple[ExampleRunner, ...] = (run_examples,)
"""Who runs the `examples:` of the sections; each rule engine adds its own."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: all diagnostics in order of place, the examples, the texts for showing lines."""

    diagnostics: tuple[Diagnostic, ...]
    examples: ExampleReport
    sources: Sources

    @property
    def sound(self) -> bool:
        return not any(found.severity == "error" for found in self.diagnostics)


def check_folder(root: Path) -> Checked:
    """Read, decode and check the configuration below `root`; examples run only when all else is sound."""
    with collector_paused():
        sources = read_sources(root)
        decoded = decode_parts(sources)
        found = (
            *decoded.diagnostics,
            *run_checks(decoded.portal, REGISTRY, decoded),
            *_template_faults(decoded),
        )
    examples = ExampleReport()
    if not any(one.severity == "error" for one in found):
        examples = run_all(decoded.portal, EXAMPLE_RUNNERS)
        found = (*found, *(failed.diagnostic() for failed in examples.failed), *examples.unreached)
    return Checked(tuple(sorted(found, key=sort_key)), examples, sources)


def _template_faults(decoded: Decoded) -> tuple[Diagnostic, ...]:
    """The faults of page templates, once everything that they may name could be read."""
    if not decoded.portal.templates or not decoded.sound:
        return ()
    # The printing room is heavy, and most who call `check` have no templates.
    from app.reports.template_checks import check_templates

    return check_templates(decoded.portal)


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="How to print it."
)
@click.pass_obj
def check(session: Session, form: str) -> None:
    """Say everything that is wrong with the YAML: exit 0 when it is sound, 1 when it is not."""
    checked = check_folder(session.root)
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
