"""When the warnings and escalations of a clock come.

A share is one of the time between start and due time, counted as the target counts: with its pauses left out
and in working time where the target is. What `office_hours` holds back comes with the next working time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.calendars import next_working_moment
from app.rules.due_times import Counting, due_after
from app.rules.pauses import Pause
from app.rules.served import moment_at_share
from app.rules.service_levels import CompiledLevel, StepKind, StepRule
from app.spec.durations import Duration


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of a clock that comes or has come.

    reached: the moment itself; at: when to act on it, later than that where it waits for office hours. Both
    are None while the clock stands still before it.
    """

    index: int
    kind: StepKind
    text: str
    reached: datetime | None
    at: datetime | None

    @property
    def key(self) -> str:
        """The step by name: `warn[0]`, `escalate[2]`."""
        return f"{self.kind}[{self.index}]"


@dataclass(frozen=True, slots=True)
class Course:
    """A clock with a due time, as steps see it; shares are taken of the kind of time that `time` counts."""

    time: Duration
    start: datetime
    due: datetime
    over: datetime | None
    paused_since: datetime | None
    counting: Counting
    pauses: Sequence[Pause]


def step_times(level: CompiledLevel, course: Course) -> Iterator[StepTime]:
    """The steps in the order in which they come; those that the end of the clock overtook are left out."""
    found = [_step(step, course) for step in level.steps]
    known = [one for one in found if one is not None]
    latest = max((one.reached for one in known if one.reached is not None), default=course.due)
    yield from sorted(known, key=lambda one: (one.reached or latest, one.kind != "warn", one.index))


def _step(step: StepRule, course: Course) -> StepTime | None:
    reached = _reached(step, course)
    if reached is None or (course.over is not None and reached > course.over):
        return None
    if course.paused_since is not None and reached > course.paused_since:
        return StepTime(step.index, step.kind, step.text, None, None)
    at, calendar = reached, course.counting.calendar
    if step.office_hours and calendar is not None:
        at = next_working_moment(calendar, reached) or reached
    return StepTime(step.index, step.kind, step.text, reached, at)


def _reached(step: StepRule, course: Course) -> datetime | None:
    moment, counting = step.moment, Counting(course.counting.calendar, course.counting.zone)
    if moment.share is not None:
        if course.start >= course.due:
            return None
        return moment_at_share(
            course.time, course.start, moment.share, course.counting, course.pauses, course.due
        )
    if moment.later is not None:
        return due_after(moment.later, course.due, counting, course.pauses).at
    if moment.earlier is None:
        return course.due
    found = due_after(moment.earlier, course.due, counting, before=True).at
    # What begins with the event itself has no beginning before which nothing could come.
    begun = course.start if course.start < course.due else None
    return None if found is None or (begun is not None and found < begun) else found
