"""`python run.py rejudge`: what was judged is judged again from what is stored, and must come out so."""

from __future__ import annotations

import json

import click

from app.actions import rejudging_runs
from app.actions.rejudging import NotRejudged, Rejudged
from app.commands.common import Session
from app.commands.instance import live_context
from app.release import RecordModel, Release
from app.rules.values import Plain, money
from app.source import N_, Translate, unknown_name_hint
from app.storage import RecordGone

DIFFERENT = 1


@click.command()
@click.argument("record")
@click.argument("ident", metavar="ID", type=click.IntRange(min=1))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
@click.pass_obj
def rejudge(session: Session, record: str, ident: int, form: str) -> None:
    """Judge again what is stored of one record: RECORD is `penalty` or another record type.

    Everything is recomputed under the release of its day: each step of a penalty's history, each item of a
    checklist. Ends with 1, and the differences, where something comes out otherwise than it is stored.
    """
    with live_context(session) as context:
        name = _type(session, context.release, record)
        try:
            found = rejudging_runs.rejudge(context, name, ident)
        except (NotRejudged, RecordGone) as error:
            raise click.ClickException(error.message(session.translate)) from error
    if form == "json":
        told = [_told(one, session.translate) for one in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo("\n".join(_in_words(one, session.translate)))
    if not all(one.same for one in found):
        raise click.exceptions.Exit(DIFFERENT)


def _type(session: Session, release: Release, record: str) -> str:
    """The full name of the record type that is meant."""
    models: dict[str, RecordModel] = dict(release.records)
    named = [record] if record in models else [one for one in models if one.rpartition(".")[2] == record]
    if len(named) == 1:
        return named[0]
    hint, params = unknown_name_hint(record, models)
    text = session.translate(N_("there is no record type '{type}'")).format(type=record)
    raise click.ClickException(f"{text} ({session.translate(hint).format(**params)})")


def _in_words(one: Rejudged, translate: Translate) -> list[str]:
    if one.same:
        amount = f": {money(one.amount)}" if one.amount is not None else ""
        text = translate(N_("{label}{amount} – the same in all {steps} steps, under release {release}"))
        return [text.format(label=one.label, amount=amount, steps=one.steps, release=one.release)]
    text = translate(N_("{label}: {count} differences, under release {release}"))
    head = text.format(label=one.label, count=len(one.differences), release=one.release)
    return [head, *(f"  {found.message(translate)}" for found in one.differences)]


def _told(one: Rejudged, translate: Translate) -> dict[str, Plain]:
    return {
        "record_type": one.record_type,
        "id": one.id,
        "label": one.label,
        "release": one.release,
        "same": one.same,
        "steps": one.steps,
        "amount": None if one.amount is None else money(one.amount),
        "differences": [
            {
                "place": found.place,
                "what": found.what,
                "stored": found.stored,
                "again": found.again,
                "text": found.message(translate),
            }
            for found in one.differences
        ],
    }
