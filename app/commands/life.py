"""`plan`, `apply`, `releases`, `rollback`, `pull`: the life of a configuration from the shell."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import click

from app.access import SYSTEM
from app.actions.configurations import read_folder
from app.actions.publish_release import Draft, ReleaseRefused, publish_release, restored
from app.actions.pull_release import PullRefused, pull_release
from app.actions.release_plan import ReleasePlan, plan_release
from app.commands.common import Session
from app.commands.instance import Instance
from app.commands.show import as_text
from app.release import compile_release
from app.rules.soundness import Configuration
from app.source import N_
from app.spec.portal_settings import OpenRecords
from app.storage import Database, PlanRefused, StoredRelease, find_live, list_releases, open_database
from app.storage.publishing import NotWritten, complete_release_table, withdraw

FORMATS = click.Choice(["text", "json"])
MODES = click.Choice(get_args(OpenRecords))


@contextmanager
def _database(session: Session) -> Iterator[Database]:
    where = Instance.of(session)
    database = open_database(where.url, where.folder.resolve())
    try:
        complete_release_table(database)
        yield database
    finally:
        database.dispose()


def _sound(session: Session) -> Configuration:
    """The configuration below the root; with faults they are printed and the command ends with 1."""
    found = read_folder(session.root)
    if found.portal is None:
        click.echo(as_text(found.faults, found.examples, found.sources, session.translate), err=True)
        sys.exit(1)
    return found


def _show(session: Session, plan: ReleasePlan, form: str) -> None:
    if form == "json":
        click.echo(json.dumps(plan.as_json(), ensure_ascii=False, indent=2))
    else:
        for line in plan.lines(session.translate):
            click.echo(line)


def _agreed(session: Session, plan: ReleasePlan, yes: bool, allowed: tuple[str, ...]) -> None:
    """Ask whether to go on; what would be lost has to be allowed by name first."""
    missing = [name for name in plan.lossy if name not in allowed]
    if missing:
        options = " ".join(f"--allow-loss {name}" for name in missing)
        text = N_("this would lose data; to go on all the same, add: {options}")
        raise click.ClickException(session.translate(text).format(options=options))
    if not yes and not click.confirm(session.translate(N_("Apply this?"))):
        raise click.Abort


@click.command()
@click.option("--format", "form", type=FORMATS, default="text", help="How to print it.")
@click.option(
    "--open-records", "mode", type=MODES, default=None, help="What becomes of records that are still open."
)
@click.pass_obj
def plan(session: Session, form: str, mode: str | None) -> None:
    """Say what `apply` would do to tables, rules, permissions and open work."""
    portal = _sound(session).portal
    if portal is None:
        return
    with _database(session) as database:
        found = plan_release(database, compile_release(portal), datetime.now(UTC), mode or "")
        _show(session, found, form)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--allow-loss", "allowed", multiple=True, metavar="NAME", help="What may be lost.")
@click.option("--reason", default="", help="Why, for the list of releases.")
@click.option("--from", "starts", default=None, metavar="DATE", help="Goes live on that day (portal's zone).")
@click.option("--over", type=int, default=None, metavar="N", help="Overwrite release N unseen.")
@click.option(
    "--open-records", "mode", type=MODES, default=None, help="What becomes of records that are still open."
)
@click.pass_obj
def apply(
    session: Session,
    yes: bool,
    allowed: tuple[str, ...],
    reason: str,
    starts: str | None,
    over: int | None,
    mode: str | None,
) -> None:
    """Make the configuration in this folder the release in service, everywhere."""
    found, now = _sound(session), datetime.now(UTC)
    if found.portal is None:
        return
    starts_at = _start_of(session, starts, ZoneInfo(found.portal.settings.timezone))
    with _database(session) as database:
        made = plan_release(database, compile_release(found.portal), now, mode or "")
        _show(session, made, "text")
        if made.empty:
            return
        _agreed(session, made, yes, allowed)
        draft = Draft(
            found.files,
            found.portal,
            made.base,
            "disk",
            reason,
            allow_loss=allowed,
            starts_at=starts_at,
            over=over,
            open_records=mode or "",
        )
        _publish(session, database, draft)


def _publish(session: Session, database: Database, draft: Draft) -> None:
    text = N_("{count} of {of} records …")

    def progress(count: int, of: int) -> None:
        click.echo(session.translate(text).format(count=count, of=of), err=True)

    try:
        done = publish_release(database, draft, SYSTEM, datetime.now(UTC), progress=progress)
    except (ReleaseRefused, PlanRefused, NotWritten) as error:
        raise click.ClickException(error.message(session.translate)) from error
    text = N_("Release {number} is in service.")
    if draft.starts_at is not None:
        text = N_("Release {number} goes into service on {day}.")
    day = draft.starts_at.date().isoformat() if draft.starts_at else ""
    click.echo(session.translate(text).format(number=done.number, day=day))


def _start_of(session: Session, day: str | None, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day in the portal's zone."""
    if day is None:
        return None
    try:
        return datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    except ValueError as error:
        text = session.translate(N_("'{day}' is not a day; write for example 2027-01-01"))
        raise click.BadParameter(text.format(day=day)) from error


@click.command()
@click.option("--format", "form", type=FORMATS, default="text", help="How to print it.")
@click.option("--withdraw", "number", type=int, default=None, metavar="N", help="Take back one not yet live.")
@click.pass_obj
def releases(session: Session, form: str, number: int | None) -> None:
    """List the releases, newest first; the one in service is marked."""
    now = datetime.now(UTC)
    with _database(session) as database:
        if number is not None:
            _withdraw(session, database, number, now)
        live = find_live(database, now)
        if live is None:
            click.echo(session.translate(N_("No release is stored yet.")))
            return
        with database.reading() as reading:
            found = list_releases(reading)
    if form == "json":
        rows = [_as_json(one, live.number) for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in found:
        mark, day = "*" if one.number == live.number else " ", _moment(one) or "-"
        click.echo(f"{mark} {one.number:>5}  {day:<32}  {one.origin:<8}  {one.reason}".rstrip())


def _moment(one: StoredRelease) -> str | None:
    return one.applied_at.isoformat() if one.applied_at else None


def _as_json(one: StoredRelease, live: int) -> dict[str, object]:
    said = {"number": one.number, "live": one.number == live, "applied_at": _moment(one)}
    return {**said, "origin": one.origin, "base": one.base, "hash": one.hash, "reason": one.reason}


def _withdraw(session: Session, database: Database, number: int, now: datetime) -> None:
    with database.writing() as writing:
        if not withdraw(writing, number, now):
            text = session.translate(N_("release {number} does not wait for its day"))
            raise click.ClickException(text.format(number=number))


@click.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--allow-loss", "allowed", multiple=True, metavar="NAME", help="What may be lost.")
@click.option(
    "--open-records", "mode", type=MODES, default=None, help="What becomes of records that are still open."
)
@click.pass_obj
def rollback(session: Session, number: int, yes: bool, allowed: tuple[str, ...], mode: str | None) -> None:
    """Bring release NUMBER back, as a new release; its plan is shown first."""
    with _database(session) as database:
        now = datetime.now(UTC)
        try:
            draft, release = restored(database, number, now, allowed, mode or "")
        except ReleaseRefused as error:
            raise click.ClickException(error.message(session.translate)) from error
        made = plan_release(database, release, now, mode or "", restores=number)
        _show(session, made, "text")
        if made.empty:
            return
        _agreed(session, made, yes, allowed)
        _publish(session, database, draft)


@click.command()
@click.option("--yes", is_flag=True, help="Overwrite files that were changed here since.")
@click.pass_obj
def pull(session: Session, yes: bool) -> None:
    """Write the files of the release in service into this folder, byte for byte."""
    with _database(session) as database:
        try:
            done = pull_release(database, session.root, datetime.now(UTC), overwrite=yes)
        except PullRefused as error:
            raise click.ClickException(error.message(session.translate)) from error
    for verb, path in done.lines:
        click.echo(f"{verb} {path}")
    text = N_("The folder holds release {number}.")
    click.echo(session.translate(text).format(number=done.number))


COMMANDS: tuple[click.Command, ...] = (plan, apply, releases, rollback, pull)
