"""`python run.py demo` and `serve --demo`: the restaurant group's story, or records of any types."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from app.commands.common import Session
from app.commands.instance import Instance
from app.commands.sound import sound_portal
from app.demo.anything import fill_anything
from app.demo.stage import PASSWORD, Stage, set_stage
from app.demo.story import DAYS, REGIME, play
from app.release import Release, compile_release
from app.source import N_, Translate
from app.storage import Database, build_models, find_live, open_database
from app.storage.account_rows import has_accounts

VISITS = 200
SETS = ("restaurant", "records")
"""The story of the shipped regulation, and plain records of whatever is declared."""


def load_demo(database: Database, release: Release, chosen: str, translate: Translate) -> list[str]:
    """Fill an empty portal with the demo set `chosen` (empty: the one that fits); the log-ins, line by line.

    Raises ClickException for a set that is not there or does not fit the configuration.
    """
    name = chosen or ("restaurant" if REGIME in release.portal.settings.regimes else "records")
    if name not in SETS:
        text = translate(N_("there is no demo set '{name}'; there are: {known}"))
        raise click.ClickException(text.format(name=name, known=", ".join(SETS)))
    if name == "restaurant" and REGIME not in release.portal.settings.regimes:
        text = translate(N_("the demo set '{name}' needs the regime '{regime}' to be switched on"))
        raise click.ClickException(text.format(name=name, regime=REGIME))
    now = datetime.now(UTC)
    zone = ZoneInfo(release.portal.settings.timezone)
    click.echo(translate(N_("Making up demo data; this takes about a minute.")))
    stage = set_stage(release, database, (now - timedelta(days=DAYS)).astimezone(zone).date())
    with click.progressbar(length=VISITS, file=sys.stderr) as bar:
        if name == "restaurant":
            play(stage, VISITS, now, lambda done, _total: bar.update(done - bar.pos))
        else:
            fill_anything(stage, VISITS, now, lambda done, _total: bar.update(done - bar.pos))
    return log_ins(stage, translate)


def log_ins(stage: Stage, translate: Translate) -> list[str]:
    """Who can log in, with what, in which role."""
    lines = [translate(N_("Demo log-ins, all with the password {password}:")).format(password=PASSWORD)]
    titles = {name: role.label for name, role in stage.release.portal.roles.items()}
    for one in stage.organisation.people.values():
        if one.account:
            roles = "、".join(titles.get(role, role) for role in one.roles)
            lines.append(f"  {one.account:<10} {one.name}  {roles}")
    return lines


@click.command()
@click.option("--records", type=click.IntRange(1, 1_000_000), default=1000, show_default=True)
@click.pass_obj
def demo(session: Session, records: int) -> None:
    """Make up records of every declared type in an installation that was served before."""
    where = Instance.of(session)
    database = open_database(where.url, where.folder.resolve())
    live = find_live(database)
    if live is None:
        raise click.ClickException(session.translate(N_("serve the portal once before filling it")))
    release = compile_release(sound_portal(session), live.number)
    now = datetime.now(UTC)
    with database.reading() as reading:
        fresh = not has_accounts(reading, build_models(release))
    started = (now - timedelta(days=DAYS)).date()
    stage = set_stage(release, database, started, people=fresh)
    with click.progressbar(length=records, file=sys.stderr) as bar:
        made = fill_anything(stage, records, now, lambda done, _total: bar.update(done - bar.pos))
    text = session.translate(N_("{count} records were made"))
    click.echo(text.format(count=made))
