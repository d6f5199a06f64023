"""`python run.py replay`: what this configuration would have made of past records, before it is applied."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from app.actions.replay_release import replay_release
from app.commands.common import Session
from app.commands.instance import opened_database
from app.commands.sound import sound_portal
from app.release import compile_release
from app.source import N_

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_EVERY = 5_000
"""Records between two words about how far it has come."""


@click.command()
@click.option("--since", default="90d", metavar="TIME", help="90d, 12w, 6m, 1y, or a day: 2026-07-01.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
@click.pass_obj
def replay(session: Session, since: str, form: str) -> None:
    """Judge the records since TIME by the configuration in this folder, and say what would be different.

    Fines that would rise or fall, grades that would change, deadlines that would have been missed. Nothing is
    written.
    """
    draft = compile_release(sound_portal(session))
    now = datetime.now(UTC)
    begin = since_when(session, since, now, ZoneInfo(draft.portal.settings.timezone))
    quiet = not sys.stderr.isatty()

    said = 0

    def progress(count: int, of: int) -> None:
        nonlocal said
        if not quiet and count - said >= _EVERY:
            said = count
            click.echo(
                session.translate(N_("{count} of {of} records …")).format(count=count, of=of), err=True
            )

    with opened_database(session) as database:
        found = replay_release(database, draft, begin, now, progress, session.translate)
    if form == "json":
        click.echo(json.dumps(found.as_json(session.translate), ensure_ascii=False, indent=2))
        return
    if not found.base:
        click.echo(session.translate(N_("No release is stored yet.")))
        return
    for line in found.lines(session.translate):
        click.echo(line)


def since_when(session: Session, text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`90d`, `12w`, `6m` (of 30 days), `1y` before now; or the beginning of a day in `zone`."""
    words = text.strip().lower()
    number, unit = words[:-1], words[-1:]
    if unit in _DAYS and number.isdecimal() and len(number) < 5:
        try:
            return now - timedelta(days=int(number) * _DAYS[unit])
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.combine(date.fromisoformat(words), time.min, zone).astimezone(UTC)
    except ValueError as error:
        said = session.translate(
            N_("'{text}' is neither a length of time nor a day; write 90d or 2026-07-01")
        )
        raise click.BadParameter(said.format(text=text), param_hint="--since") from error


COMMANDS: tuple[click.Command, ...] = (replay,)
