"""A clock as other programs read it: the due time with what counted, what was left out, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.rules.clocks import Clock
from app.rules.due_times import Counting
from app.rules.proofs import LeftOut, Proof, proof
from app.rules.reasons import Saying, in_words
from app.rules.values import Plain
from app.source import N_, Translate, untranslated

NO_PROOF = Proof((), ())


def clock_proof(clock: Clock) -> Proof:
    """What counted and what was left out between start and due time; nothing where nothing is due.

    Counted back, the stretches lie between the due time and the event. Pauses say who brought them about.
    """
    start = counted_from(clock)
    if clock.target is None or clock.due_at is None or start is None:
        return NO_PROOF
    counting = clock.counting or Counting(None, clock.level.zone)
    pauses = [replace(one, end=one.end or clock.at) for one in clock.pauses]
    shown = proof(clock.target.time, start, clock.due_at, counting, pauses)
    return replace(shown, left_out=(*_before_counting(clock, clock.due_at), *shown.left_out))


def _before_counting(clock: Clock, due: datetime) -> Iterator[LeftOut]:
    """The rest of the day on which it began after the `cut_off`."""
    cut_off = clock.target.cut_off if clock.target is not None else None
    begun, counted = clock.started_at, clock.counted_at
    if cut_off is not None and begun is not None and counted is not None and begun < counted <= due:
        yield LeftOut(begun, counted, Saying(N_("it began after {cut_off}"), {"cut_off": f"{cut_off:%H:%M}"}))


def counted_from(clock: Clock) -> datetime | None:
    """The moment from which the target is counted: the start (or what a cut-off moved it to), or the event
    that it counts back from."""
    return clock.event_at or clock.counted_at or clock.started_at


def clock_told(clock: Clock, translate: Translate = untranslated) -> dict[str, Plain]:
    """The stable form of `run.py deadline --format json`; times are those of the portal's zone, with offset.

    `start` is null while it has not come, `due` where nothing is due. `calendar` names the calendar that was
    asked, null = around the clock. `state` is one of the clock's states, `provisional` says that the due time
    rests on public holidays that are not published yet, `steps` are the warnings and escalations.
    """
    zone = ZoneInfo(clock.level.zone)
    shown = clock_proof(clock)
    calendar = clock.counting.calendar if clock.counting is not None else None
    return {
        "service_level": clock.level.name,
        "start": _iso(clock.started_at, zone),
        "due": _iso(clock.due_at, zone),
        "target": clock.target.spec.time if clock.target is not None else None,
        "calendar": calendar.name if calendar is not None else None,
        "counted": [
            {"from": _iso(one.start, zone), "to": _iso(one.end, zone), "seconds": one.seconds}
            for one in shown.counted
        ],
        "left_out": [
            {"from": _iso(one.start, zone), "to": _iso(one.end, zone), "why": in_words(one.why, translate)}
            for one in shown.left_out
        ],
        "because": [one.told(translate) for one in clock.because],
        "state": clock.state,
        "stopped": _iso(clock.stopped_at, zone),
        "missed": clock.missed,
        "provisional": clock.provisional,
        "steps": [{"step": one.key, "at": _iso(one.at, zone), "moment": one.text} for one in clock.steps],
    }


def _iso(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at is not None else None
