"""`python run.py deadline`: when something is due by a service level, with the proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from app import rules
from app.commands.asking import FORMAT, SET, declared_one, pairs_of, print_json, refused
from app.commands.common import Session
from app.commands.sound import sound_portal
from app.rules.calendars import compile_calendars
from app.rules.clock_examples import judge_in_words
from app.rules.clock_proofs import clock_proof, clock_told
from app.rules.clock_words import left_words, length_words
from app.rules.clocks import Clock
from app.rules.reasons import in_words, lines
from app.rules.said_times import said_moment
from app.rules.service_levels import compile_service_level
from app.source import N_, Translate
from app.spec.service_levels import ServiceLevel


@click.command()
@click.argument("service_level")
@SET
@FORMAT
@click.pass_obj
def deadline(session: Session, service_level: str, given: tuple[str, ...], form: str) -> None:
    """Say when something is due by SERVICE_LEVEL, and prove it.

    The record is told by its fields and by: from, to (when it came into the states at which the clock starts
    and stops), states ("taken 2026-03-02 10:00; closed 2026-03-03 09:00"), pauses ("2026-03-02
    10:00..2026-03-02 12:00"), extended (a time, or how much more), now.
    """
    portal = sound_portal(session)
    found = declared_one(session, portal, ServiceLevel, service_level)
    compiled = compile_service_level(portal, found)
    facts = pairs_of(session, given)
    try:
        clock = judge_in_words(compiled, facts, compile_calendars(portal))
    except rules.CaseError as error:
        raise refused(session, error.mistakes) from error
    if form == "json":
        print_json(clock_told(clock, session.translate))
    else:
        click.echo("\n".join(_in_words(clock, "now" in facts, session.translate)))


def _in_words(clock: Clock, asked_now: bool, translate: Translate) -> Iterator[str]:
    """The due time, what is left where a moment was named, the reasons, and the proof."""
    zone = clock.level.zone
    due = said_moment(clock.due_at, zone, end=True) if clock.due_at else translate(N_("nothing is due"))
    yield f"{translate(clock.level.spec.label)}: {due}"
    if asked_now:
        yield left_words(clock).said(translate)
    yield from lines(clock.because, translate, 1)
    shown = clock_proof(clock)
    if shown.counted:
        yield translate(N_("counted"))
    for one in shown.counted:
        length = in_words(length_words(one.seconds, clock.working), translate)
        yield f"  {_stretch(one.start, one.end, zone)}  {length}"
    if shown.left_out:
        yield translate(N_("left out"))
    for gap in shown.left_out:
        yield f"  {_stretch(gap.start, gap.end, zone)}  {in_words(gap.why, translate)}"
    coming = sorted((step.at, step.text) for step in clock.steps if step.at is not None)
    if coming:
        yield translate(N_("warnings and escalations"))
    yield from (f"  {said_moment(at, zone, end=True)}  {text}" for at, text in dict.fromkeys(coming))


def _stretch(start: datetime, end: datetime, zone: str) -> str:
    """`2026-10-01 00:00 .. 2026-10-01 24:00`."""
    return f"{said_moment(start, zone)} .. {said_moment(end, zone, end=True)}"
