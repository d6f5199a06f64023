"""A clock judged: whether it runs, stands still, was kept or missed, what is left, and why.

Everything is computed from the record's history at the moment asked; nothing is counted up. So a change of
the target, of its calendar or of anything in the past keeps the time that was served: it is due at the same
start plus the new time, with the same pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.rules.calendars import WorkingCalendar
from app.rules.clock_history import Run, Version, replay
from app.rules.clock_reasons import does_not_apply, ended, not_started, started, stood_still
from app.rules.clock_steps import Course, StepTime, step_times
from app.rules.clock_targets import Extension, asked, chosen, counted_start, due_of, event_of
from app.rules.due_times import Counting, Due
from app.rules.pauses import Pause
from app.rules.reasons import Reason
from app.rules.served import elapsed_seconds
from app.rules.service_levels import CompiledLevel, TargetRule
from app.spec.durations import Duration

ClockState = Literal[
    "not_started", "running", "paused", "met", "missed", "unset", "recorded", "no_target", "cancelled"
]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock at one moment.

    not_started: its start has not come; unset: it runs and nothing is due; recorded: it ended and nothing was
    due; no_target: no row applies; cancelled: its condition does not hold, or a final state ended it in time.
    counted_at: from when the time is counted, later than `started_at` after a cut-off; zone: that of the
    calendar that counts.
    due_at: while it stands still, as if it went on now; stopped_at: when it ended, in whichever way;
    event_at: what it counts back from; left_seconds: up to `due_at`, negative when that has passed, in
    working time where `working`; None where nothing is due.
    """

    level: CompiledLevel
    state: ClockState
    at: datetime
    started_at: datetime | None = None
    due_at: datetime | None = None
    stopped_at: datetime | None = None
    counted_at: datetime | None = None
    event_at: datetime | None = None
    target: TargetRule | None = None
    missed: bool = False
    provisional: bool = False
    working: bool = False
    served_seconds: int = 0
    left_seconds: int | None = None
    paused_since: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    steps: tuple[StepTime, ...] = ()
    zone: str = ""
    counting: Counting | None = None
    because: tuple[Reason, ...] = ()

    @property
    def time(self) -> Duration | None:
        return self.target.time if self.target is not None else None

    @property
    def open(self) -> bool:
        """Whether anything can still come of it: it runs, stands still, or is missed and not ended."""
        return self.stopped_at is None and self.state in ("running", "paused", "missed", "unset")


def judge_clock(
    level: CompiledLevel,
    versions: Sequence[Version],
    now: datetime,
    calendar: WorkingCalendar | None,
    extensions: Sequence[Extension] = (),
    pauses: Sequence[Pause] = (),
) -> Clock:
    """The clock of one record at `now`.

    versions: the record's history, oldest first, the last one is the record now (at least one); calendar: the
    one that `calendar_for` names, None = around the clock; extensions: what was given, whoever checked the
    right to it; pauses: stretches of standing still that something outside of the record brought about.
    """
    zone = calendar.zone if calendar is not None else level.zone
    run = _stood_still(level, replay(level, versions, now, zone), pauses)
    latest = next((one for one in reversed(versions) if one.at <= now), versions[0])
    facts = asked(level, latest, run, now)
    if not facts.holds(level.when):
        return Clock(level, "cancelled", now, zone=zone, because=(does_not_apply(facts),))
    start = event_of(facts, zone) if level.before is not None else run.started_at
    if run.started_at is None or start is None:
        return Clock(level, "not_started", now, zone=zone, because=(not_started(level, run),))
    row, why = chosen(facts)
    blank = Clock(level, "no_target", now, run.started_at, zone=zone, stopped_at=run.over, because=why)
    if row is None:
        return blank
    counting = Counting(calendar, level.zone, level.spec.day_ends == "close_of_business", level.spec.roll)
    over = _until(run, now)
    begin, cut, unsure = counted_start(facts, row, start, counting)
    due = due_of(facts, row, begin, counting, over, extensions)
    clock = replace(
        blank,
        state=_state(run, due, row, now),
        due_at=due.at,
        event_at=start if level.before is not None else None,
        target=row,
        counted_at=begin if level.before is None else None,
        provisional=due.provisional or unsure,
        working=counts_working(row.time),
        paused_since=_paused_since(run),
        pauses=run.pauses,
        extensions=tuple(sorted(extensions, key=lambda one: one.at)),
        counting=counting,
        because=(
            *why,
            started(level, start),
            *cut,
            *stood_still(level, run),
            *due.because,
            *ended(level, run),
        ),
    )
    clock = replace(clock, missed=clock.state == "missed")
    return _counted(clock, row.time, counting, over)


def counts_working(time: Duration) -> bool:
    """Whether the target is counted in working time."""
    return time.working or time.kind == "next_working_day"


def _state(run: Run, due: Due, row: TargetRule, now: datetime) -> ClockState:
    if run.over is not None:
        if due.at is not None and (run.over > due.at or (run.on_a_date and run.over == due.at)):
            return "missed"
        if run.stopped_at is None:
            return "cancelled"
        return "met" if due.at is not None else "recorded"
    if due.at is None:
        return "running" if row.time.kind == "at_once" else "unset"
    if now > due.at:
        return "missed"
    return "paused" if _paused_since(run) is not None else "running"


def _counted(clock: Clock, time: Duration, counting: Counting, pauses: Sequence[Pause]) -> Clock:
    """The clock with what was served, what is left and when its steps come."""
    end, due = clock.stopped_at or clock.at, clock.due_at
    start = clock.counted_at or clock.started_at or end
    clock = replace(clock, served_seconds=elapsed_seconds(time, start, end, counting, pauses))
    if due is None:
        return clock
    ahead = elapsed_seconds(time, end, due, counting, pauses)
    behind = elapsed_seconds(time, due, end, counting, pauses)
    course = Course(time, start, due, clock.stopped_at, clock.paused_since, counting, pauses)
    return replace(clock, left_seconds=ahead - behind, steps=tuple(step_times(clock.level, course)))


def _stood_still(level: CompiledLevel, run: Run, further: Sequence[Pause]) -> Run:
    """The run with the pauses that came from elsewhere; none outlasts its end."""
    if level.before is not None:
        # An event does not move because somebody waits for an answer.
        return replace(run, pauses=())
    pauses = [*run.pauses, *further]
    if run.over is not None:
        pauses = [replace(one, end=min(one.end or run.over, run.over)) for one in pauses]
    return replace(run, pauses=tuple(sorted(pauses, key=lambda one: one.start)))


def _paused_since(run: Run) -> datetime | None:
    """Since when it stands still, where it does."""
    return min((one.start for one in run.pauses if one.end is None), default=None)


def _until(run: Run, now: datetime) -> tuple[Pause, ...]:
    """The pauses, a running one as if it ended now."""
    return tuple(replace(one, end=now) if one.end is None else one for one in run.pauses)
