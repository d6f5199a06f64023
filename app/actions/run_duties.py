"""Make what duties ask for, once each, however often and by however many workers this is run.

A turn is known by a key that no two share, and made with its record, tasks and audit entries in one
transaction: after a crash at any point it is there as a whole or not at all, and the next run makes it.
After a standstill the turns of the time between are made, once, and marked as late.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType

from app.actions.context import Context, transaction
from app.actions.duty_facts import NO_TARGET, by_calendar, load_target
from app.actions.run_duties_making import Making, make_turn, make_within, turn_key
from app.actions.settle_duties import refresh_run
from app.release.duty_model import DutyModel
from app.rules.draws import METHOD, draw_days
from app.rules.duty_turns import (
    Times,
    Turn,
    counted_periods,
    drawn_turns,
    eligible_days,
    turns,
    whole_period,
)
from app.rules.periods import Period
from app.source import PortalError
from app.storage.duties import (
    Draw,
    OpenRun,
    Progress,
    draws_of,
    keep_draw,
    keep_progress,
    known_runs,
    open_periods,
    overlooked_runs,
    progress_of,
    run_with_id,
    targets_of,
)

OFTEN = timedelta(minutes=10)
"""How far a duty was run is noted at least so often; within it only when something was made."""


@dataclass(slots=True)
class DutiesDone:
    """What one run made: turns, those of them that were late, turns that were found done; and the words of
    what could not be made, which the next run tries again."""

    created: int = 0
    late: int = 0
    settled: int = 0
    failed: list[str] = field(default_factory=list)

    def note(self, making: Making, now: datetime) -> None:
        """One more turn was made."""
        self.created += 1
        self.late += making.is_late(now)


@dataclass(frozen=True, slots=True)
class Pass:
    """One duty in one run: what was looked at before, and for whom it is (since when each is there)."""

    context: Context
    duty: DutyModel
    times: Times
    known: Progress
    targets: Mapping[int, datetime]
    done: DutiesDone
    new_seed: Callable[[], str]

    @property
    def now(self) -> datetime:
        return self.context.now

    def key(self, target_id: int, name: str) -> str:
        target = f"{self.duty.target}:{target_id}" if self.duty.target is not None else ""
        return turn_key(self.duty, target, name)

    def making(self, turn: Turn, target_id: int, part_of: int | None = None) -> Making | None:
        """What is to be made for a target; None when it is gone."""
        target = load_target(self.context, self.duty, target_id)
        since = max(self.known.since, self.targets[target_id])
        return Making(self.duty, target, turn, since, part_of) if target is not None else None

    def stored(self, keys: Collection[str]) -> dict[str, OpenRun]:
        return known_runs(self.context.session, self.context.models, keys) if keys else {}


def run_duties(context: Context, new_seed: Callable[[], str] = lambda: secrets.token_hex(16)) -> DutiesDone:
    """Make every turn that has begun by `context.now` and is not there yet.

    context: the portal itself acts (`SYSTEM`); its session is used for one transaction after another.
    new_seed: where the chance of unpredictable days comes from. What fails is told, never raised.
    """
    done = DutiesDone()
    known = progress_of(context.session)
    for duty in context.release.duties.values():
        if _is_served(context, duty):
            progress = known.get(duty.name) or _first_seen(context, duty)
            _run_duty(context, duty, progress, done, new_seed)
    context.session.rollback()
    return done


def _is_served(context: Context, duty: DutyModel) -> bool:
    """Whether the record types that it names are switched on."""
    names = (name for name in (duty.target, duty.creates) if name is not None)
    return all(name in context.release.records for name in names)


def _first_seen(context: Context, duty: DutyModel) -> Progress:
    """A new duty begins with the day on which it is first seen."""
    today = datetime.combine(context.today, time.min, context.zone).astimezone(UTC)
    progress = Progress(context.now, today - timedelta(microseconds=1), context.release.number)
    with transaction(context):
        keep_progress(context.session, duty.name, progress)
    return progress


def _run_duty(
    context: Context, duty: DutyModel, known: Progress, done: DutiesDone, new_seed: Callable[[], str]
) -> None:
    targets = {NO_TARGET: datetime.min.replace(tzinfo=UTC)}
    if duty.target is not None:
        targets = targets_of(context.session, context.models, duty.target, duty.where, context.now)
    created, failures = done.created, len(done.failed)
    for times, some in by_calendar(context, duty, targets):
        mine = {target_id: targets[target_id] for target_id in some}
        one = Pass(context, duty, times, known, mine, done, new_seed)
        _run_turns(one)
        first = times.day(known.upto + timedelta(microseconds=1))
        for period in counted_periods(duty, first, context.today):
            _run_period(one, period)
    _look_again(context, duty, known, done)
    moved = done.created > created or context.now - known.upto >= OFTEN
    if len(done.failed) == failures and (moved or known.release != context.release.number):
        with transaction(context):
            keep_progress(
                context.session, duty.name, Progress(known.since, context.now, context.release.number)
            )


def _run_turns(one: Pass) -> None:
    """Turns of `every` that have begun and are not there, the oldest first, for the targets of their time: a
    new duty takes those of its first day."""
    wanted = [
        (turn, target_id)
        for turn in turns(one.duty, one.known.upto, one.now, one.times)
        for target_id, since in one.targets.items()
        if since <= max(turn.at, one.known.since)
    ]
    _make_missing(one, wanted)


def _make_missing(
    one: Pass, wanted: Sequence[tuple[Turn, int]], part_of: Mapping[int, int] = MappingProxyType({})
) -> None:
    keys = {one.key(target_id, turn.name): (turn, target_id) for turn, target_id in wanted}
    there = one.stored(keys)
    for key, (turn, target_id) in keys.items():
        making = one.making(turn, target_id, part_of.get(target_id)) if key not in there else None
        if making is not None and _tried(one, key, partial(make_turn, one.context, making)):
            one.done.note(making, one.now)


def _tried(one: Pass, key: str, make: Callable[[], bool]) -> bool:
    """Whether `make` made it. What another worker made in the meantime is no failure."""
    try:
        return make()
    except PortalError as error:
        if not one.stored([key]):
            one.done.failed.append(f"{key}: {error}")
        return False


def _run_period(one: Pass, period: Period) -> None:
    """A period that so many are needed in: its own row for every target, the draw, and the drawn turns."""
    keys = {
        one.key(target_id, period.name): target_id
        for target_id, since in one.targets.items()
        if one.times.day(since) <= period.end
    }
    there = one.stored(keys)
    for key, target_id in keys.items():
        if key not in there:
            _tried(one, key, partial(_begin_period, one, period, target_id, key))
    if not one.duty.drawn:
        return
    there = one.stored(keys)
    draws = draws_of(one.context.session, sorted(keys))
    waiting = {keys[key]: run.id for key, run in there.items() if run.done_at is None}
    begun = [
        (turn, keys[key])
        for key, draw in draws.items()
        for turn in drawn_turns(one.duty, period, draw.days, one.times)
        if keys[key] in waiting and turn.at <= one.now
    ]
    _make_missing(one, begun, waiting)


def _begin_period(one: Pass, period: Period, target_id: int, key: str) -> bool:
    """Store the period's own row, with its draw; False where there is nothing to begin."""
    duty, context = one.duty, one.context
    eligible = eligible_days(duty, period, one.now, one.times) if duty.drawn else ()
    if duty.drawn and not eligible and one.times.day(one.known.since) in period:
        return False  # the duty came too late for this period
    with transaction(context):
        if one.stored([key]):
            return False
        days: tuple[date, ...] = ()
        if duty.drawn:
            seed = one.new_seed()
            days = draw_days(seed, key, eligible, duty.need)
            keep_draw(context.session, Draw(key, duty.name, one.now, METHOD, seed, eligible, days))
        last = max((turn.at for turn in drawn_turns(duty, period, days, one.times)), default=None)
        making = one.making(whole_period(duty, period, one.times, last), target_id)
        if making is None:
            return False
        _store_period(one, replace(making, needed=duty.need))
    return True


def _store_period(one: Pass, making: Making) -> None:
    """The row, and what was made in the period before it was there."""
    context = one.context
    run = run_with_id(context.session, context.models, make_within(context, making, creates=False))
    one.done.note(making, one.now)
    if run is not None:
        refresh_run(context, one.duty, run)


def _look_again(context: Context, duty: DutyModel, known: Progress, done: DutiesDone) -> None:
    """Turns that are done without a write that told so: by time, or by another rule."""
    session, models = context.session, context.models
    found: list[OpenRun] = []
    if duty.done is not None and duty.creates is not None:
        found += overlooked_runs(session, models, duty.name, duty.creates, duty.done, context.now)
    if duty.quota and (duty.done_by_time or known.release != context.release.number):
        found += open_periods(session, models, duty.name, context.today)
    for run in found:
        with transaction(context):
            done.settled += refresh_run(context, duty, run)
