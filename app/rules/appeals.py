"""Appeals: until when a decision may be contested, and which instance hears it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.rules.due_times import Counting, due_time
from app.rules.elapsed import needs_calendar
from app.spec.durations import Duration, parse_duration
from app.spec.penalties import Appeal

Same = Callable[[str, str], bool]
"""Whether two words (`role.hr`, `unit.head`) mean the same party."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision on a penalty: as whom it was made, and for the answer to an appeal by which row of
    `steps` (`row`) and as which instance of it (1 = the first)."""

    party: str
    row: str = ""
    instance: int = 0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears an appeal: the row of `steps` (None: no row is written, so the schedule names nobody), its
    instances, and which one comes next (1 = the first; beyond the last: none is left)."""

    row: str | None
    instances: tuple[str, ...] = ()
    next: int = 1

    @property
    def final(self) -> bool:
        """Whether the decision cannot be contested."""
        return self.row is not None and self.next > len(self.instances)

    def among(self, instance: int | None) -> tuple[str, ...]:
        """The instance asked for (None = the next), and those after it, who step in where nobody holds it."""
        if self.row is None:
            return ()
        first = self.next if instance is None else max(instance, self.next)
        return self.instances[min(first, len(self.instances)) - 1 :] if not self.final else ()


def hearing_of(appeal: Appeal, last: Decided, same: Same) -> Hearing:
    """Who hears an appeal against the decision `last`.

    The instances of a row hear one after another. The last one's answer is a decision like any other: its
    own row counts, and without one it is final.
    """
    if not appeal.steps:
        return Hearing(None)
    row = _row(appeal, last.row, same) if last.row else None
    if row is not None and last.instance < len(appeal.steps[row]):
        return Hearing(row, appeal.steps[row], last.instance + 1)
    own = _row(appeal, last.party, same)
    return Hearing(last.party) if own is None else Hearing(own, appeal.steps[own])


def window_end(appeal: Appeal, start: datetime, counting: Counting) -> datetime | None:
    """When the time to appeal is over; None where the regulation sets none, or no calendar counts it."""
    return _end(appeal.window, start, counting)


def answer_due(appeal: Appeal, brought: datetime, counting: Counting) -> datetime | None:
    """By when an appeal must be answered."""
    return _end(appeal.answer, brought, counting)


def _row(appeal: Appeal, party: str, same: Same) -> str | None:
    return next((row for row in appeal.steps if row == party or same(row, party)), None)


def _end(written: str | None, start: datetime, counting: Counting) -> datetime | None:
    found = parse_duration(written)
    if not isinstance(found, Duration) or (needs_calendar(found) and counting.calendar is None):
        return None
    return due_time(found, start, counting).at
