"""The steps of one stored clock: which are to come, which were set going. Pure; times are aware UTC.

Each step is set going once for each time that it was promised: a step that came and whose moment is then
moved into the future (the clock was extended) is armed again under a new version; one that has not come yet
is moved freely; what lies behind stays as it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MISSED = "missed"
NOTIFY, TRANSITION, LATE, WARN, DO, SYNC = "notify", "transition", "late", "warn", "do", "sync"
"""Names of effects; an escalation's own are `do[0]`, `do[1]`, …; `sync` only has the clock computed anew."""
JUST_AFTER = timedelta(microseconds=1)
"""At the due time itself it is still in time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step as the clock has it now: when to act (None: not known while the clock stands still), and the
    names of its effects in order."""

    key: str
    at: datetime | None
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A stored step. `set_at`: when it was set going (or passed over), None for one to come."""

    key: str
    at: datetime | None
    effects: tuple[str, ...] = ()
    version: int = 1
    set_at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        """As it is kept in the column `steps`."""
        return {
            "key": self.key,
            "at": _written(self.at),
            "effects": list(self.effects),
            "version": self.version,
            "set_at": _written(self.set_at),
        }


def read_steps(stored: object) -> tuple[Step, ...]:
    """The steps that `Step.to_json` wrote; none for an empty column."""
    rows = stored if isinstance(stored, (list, tuple)) else ()
    return tuple(
        Step(
            key=str(row["key"]),
            at=_moment(row.get("at")),
            effects=tuple(str(one) for one in row.get("effects") or ()),
            version=int(row.get("version") or 1),
            set_at=_moment(row.get("set_at")),
        )
        for row in rows
        if isinstance(row, Mapping)
    )


def merged(before: Sequence[Step], wanted: Iterable[Wanted], now: datetime) -> tuple[Step, ...]:
    """The steps of a clock that was computed anew at `now`, in the order of their times.

    Steps that it has no longer (they would come after its end) are kept without a time, so that they are not
    set going a second time should it run again.
    """
    known = {step.key: step for step in before}
    found = [_one(known.pop(one.key, None), one, now) for one in wanted]
    return in_order([*found, *(replace(step, at=None) for step in known.values())])


def passed_over(steps: Sequence[Step], now: datetime) -> tuple[Step, ...]:
    """The same, with everything that was still to come left out: the clock ended before the portal knew of
    it."""
    return tuple(step if step.set_at is not None else replace(step, set_at=now) for step in steps)


def next_at(steps: Iterable[Step]) -> datetime | None:
    """The moment of the earliest step to come."""
    return min((step.at for step in steps if step.set_at is None and step.at is not None), default=None)


def due_steps(steps: Iterable[Step], now: datetime) -> tuple[Step, ...]:
    """The steps whose time has come and which were not set going, the earliest first."""
    return tuple(
        step for step in in_order(steps) if step.set_at is None and step.at is not None and step.at <= now
    )


def set_going(steps: Sequence[Step], now: datetime) -> tuple[Step, ...]:
    """The same, with the due ones marked as set going at `now`."""
    due = {step.key for step in due_steps(steps, now)}
    return tuple(replace(step, set_at=now) if step.key in due else step for step in steps)


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """By time; what is not known comes last, and of one moment `missed` comes first."""
    last = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(steps, key=lambda step: (step.at or last, step.key != MISSED)))


def lane_of(deadline_id: int) -> str:
    """The lane in which the effects of one clock are done one after another."""
    return f"clock:{deadline_id}"


def key_of(deadline_id: int, step: Step, effect: str) -> str:
    """The key that makes one effect of one step happen once."""
    return f"clock:{deadline_id}:{step.key}:{step.version}:{effect}"


def _one(before: Step | None, wanted: Wanted, now: datetime) -> Step:
    if before is None:
        return Step(wanted.key, wanted.at, wanted.effects)
    if before.set_at is None:
        return replace(before, at=wanted.at, effects=wanted.effects)
    if wanted.at is None or wanted.at == before.at or wanted.at <= now:
        return before
    return Step(wanted.key, wanted.at, wanted.effects, before.version + 1)


def _written(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value is not None else None


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
