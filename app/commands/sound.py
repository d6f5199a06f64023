"""A configuration that may be worked with: read and checked, or its faults said and the command ended."""

from __future__ import annotations

import sys

import click

from app.checks import run_checks
from app.checks.examples import ExampleReport
from app.commands.common import Session
from app.commands.show import as_text
from app.source import read_sources
from app.spec.decode import decode_parts
from app.spec.portal import Portal


def sound_portal(session: Session) -> Portal:
    """The portal below the root. With faults in it they are printed, and the command ends with 1."""
    sources = read_sources(session.root)
    decoded = decode_parts(sources)
    found = (*decoded.diagnostics, *run_checks(decoded.portal, decoded))
    errors = tuple(one for one in found if one.severity == "error")
    if errors:
        click.echo(as_text(errors, ExampleReport(), sources, session.translate), err=True)
        sys.exit(1)
    return decoded.portal
