"""Why a clock stands as it does: its beginning, its pauses, its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.rules.clock_history import Run
from app.rules.clock_targets import Asked
from app.rules.reasons import Reason, because
from app.rules.said_times import said_moment
from app.rules.service_levels import CompiledLevel
from app.source import N_, Phrase

NOBODY = Phrase(N_("the portal"))


def does_not_apply(asked: Asked) -> Reason:
    """The condition of the whole level does not hold."""
    when = asked.level.when
    if when is None:
        raise ValueError(f"{asked.level.name} always applies")
    text = N_("this time does not run, because this does not hold: {condition} ({read})")
    inputs, read = asked.inputs(when), asked.words(when)
    return because("when", when.span, text, inputs, condition=when.source, read=read)


def not_started(level: CompiledLevel, run: Run) -> Reason:
    """What has not come yet: the start, or the event that is counted back from."""
    rule, mark = "from", level.start
    if run.started_at is not None and level.before is not None:
        rule, mark = "before", level.before
    if mark.state:
        text = N_("not started: the record has not come to '{state}'")
        return because(rule, mark.at, text, state=mark.label)
    text = N_("not started: '{field}' is empty or lies ahead")
    return because(rule, mark.at, text, field=mark.label)


def started(level: CompiledLevel, start: datetime) -> Reason:
    """From when the time is counted."""
    inputs, at = {"at": start.isoformat()}, said_moment(start, level.zone)
    if level.before is not None:
        text = N_("counted back from {at} ({what})")
        return because("before", level.before.at, text, inputs, at=at, what=level.before.label)
    return because(
        "from", level.start.at, N_("it began at {at} ({what})"), inputs, at=at, what=level.start.label
    )


def stood_still(level: CompiledLevel, run: Run) -> Iterator[Reason]:
    """Each pause, with who brought it about and why."""
    for one in run.pauses:
        inputs = {"from": one.start.isoformat(), "to": one.end.isoformat() if one.end else None}
        start, why = said_moment(one.start, level.zone), one.why or level.spec.pause or ""
        by, span = one.by or NOBODY, level.spec.span_of("pause")
        if one.end is None:
            text = N_("it stands still since {start}: {why} ({by})")
            yield because("pause", span, text, inputs, start=start, why=why, by=by)
        else:
            text, end = (
                N_("it stood still from {start} to {end}: {why} ({by})"),
                said_moment(one.end, level.zone),
            )
            yield because("pause", span, text, inputs, start=start, end=end, why=why, by=by)


def ended(level: CompiledLevel, run: Run) -> Iterator[Reason]:
    """How it ended, where it has."""
    if run.over is None:
        return
    span = level.spec.span_of("to") if level.ends else level.spec.span
    at, inputs = said_moment(run.over, level.zone), {"at": run.over.isoformat()}
    if run.stopped_at is None or not level.ends:
        yield because("to", span, N_("a final state ended it at {at}"), inputs, at=at)
        return
    what = tuple(mark.label for mark in level.ends)
    yield because("to", span, N_("it ended at {at} ({what})"), inputs, at=at, what=what)
