"""What the commands that ask the rules share: naming a declaration, facts by `--set`, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

import click

from app.commands.common import Session
from app.rules.mistakes import Mistake
from app.source import N_, unknown_name_hint
from app.spec.base import Named
from app.spec.portal import Portal

Declared = TypeVar("Declared", bound=Named)
SET = click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A fact of the case; may be given several times.",
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)


def declared_one(session: Session, portal: Portal, kind: type[Declared], name: str) -> Declared:
    """The declaration that a name means from outside any regulation."""
    found = portal.candidates(kind, name, "")
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.full_name for one in found)
        text = N_("'{name}' may mean several, write it in full: {names}")
        raise click.ClickException(session.translate(text).format(name=name, names=names))
    declared = portal.section(kind)
    hint, params = unknown_name_hint(name, {*declared, *(one.name for one in declared.values())})
    text = session.translate(N_("'{name}' is not declared in {section}"))
    said = f"{text.format(name=name, section=kind.section)} ({session.translate(hint).format(**params)})"
    raise click.ClickException(said)


def pairs_of(session: Session, given: Iterable[str]) -> dict[str, str | None]:
    """`name=value` pairs; an empty value, or `~`, says that there is none."""
    pairs: dict[str, str | None] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            said = session.translate(N_("'{given}' is not NAME=VALUE")).format(given=one)
            raise click.BadParameter(said, param_hint="--set")
        if name.strip() in pairs:
            said = session.translate(N_("'{name}' is given twice")).format(name=name.strip())
            raise click.BadParameter(said, param_hint="--set")
        pairs[name.strip()] = None if value.strip() in ("", "~") else value.strip()
    return pairs


def refused(session: Session, mistakes: Iterable[Mistake]) -> click.ClickException:
    """The mistakes in what was given, as the end of the command."""
    return click.ClickException("\n".join(one.message(session.translate) for one in mistakes))


def print_json(told: Mapping[str, object]) -> None:
    """The form that other programs rely on."""
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))
