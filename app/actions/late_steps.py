"""The steps of late payment as the clock of a penalty has them: which came, which comes next and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from app.actions.clock_levels import Level
from app.actions.clock_steps import JUST_AFTER, LATE, Wanted
from app.actions.context import Context
from app.actions.pinned import rules_of
from app.rules import CompiledSchedule, compile_schedule
from app.rules.clocks import Clock
from app.rules.late import LatePayment, late_payment
from app.spec.penalties import PenaltySchedule
from app.storage import Record
from app.storage.late import read_late
from app.storage.open_records import SCHEDULE


@dataclass(frozen=True, slots=True)
class LateState:
    """What is noted with a penalty.

    amount: what was due before the steps that count; skip: steps that came before that amount was set;
    applied: how many have come; result: what they made of it; ordered: steps that somebody ordered, by
    index, with when; sanctions: those before late payment.
    """

    amount: Decimal | None = None
    skip: int = 0
    applied: int = 0
    result: Decimal | None = None
    sanctions: str = ""
    ordered: Mapping[int, datetime] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """As it is kept in the column `late`."""
        return {
            "amount": self.amount,
            "skip": self.skip,
            "applied": self.applied,
            "result": self.result,
            "sanctions": self.sanctions,
            "ordered": {str(index): at.astimezone(UTC) for index, at in self.ordered.items()},
        }


def late_state(context: Context, stored: Record) -> LateState:
    """What late payment has brought so far. Where nobody noted anything, or the amount was set anew since (a
    correction), the steps that are to come work on the amount as it stands."""
    noted = read_late(context.session, context.models, stored.id)
    amount = _amount(stored.values.get("amount_due"))
    sanctions = str(stored.values.get("sanctions") or "")
    if not isinstance(noted, Mapping):
        return LateState(amount=amount, result=amount, sanctions=sanctions)
    ordered = {int(key): datetime.fromisoformat(at) for key, at in (noted.get("ordered") or {}).items()}
    found = LateState(
        amount=_amount(noted.get("amount")),
        skip=int(noted.get("skip") or 0),
        applied=int(noted.get("applied") or 0),
        result=_amount(noted.get("result")),
        sanctions=str(noted.get("sanctions") or ""),
        ordered=ordered,
    )
    if found.result == amount:
        return found
    return LateState(amount, found.applied, found.applied, amount, found.sanctions, ordered)


def schedule_of(context: Context, stored: Record) -> CompiledSchedule | None:
    """The schedule of a penalty by the release under which it was judged: what late payment costs does not
    change for what was charged before."""
    name = stored.values.get("schedule")
    if not isinstance(name, str):
        return None
    release = rules_of(context, SCHEDULE + name, stored.release_id)
    spec = release.portal.section(PenaltySchedule).get(name)
    if spec is None:
        return None
    key = ("schedule", release.number, name)
    return context.keep(key, lambda: compile_schedule(release.portal, spec))


def late_now(
    context: Context, schedule: CompiledSchedule, state: LateState, clock: Clock, suspended: bool = False
) -> LatePayment:
    """What late payment comes to by the clock: up to its end where it has ended."""
    until = min(clock.stopped_at, context.now) if clock.stopped_at is not None else context.now
    return late_payment(
        schedule,
        state.amount,
        clock.due_at,
        until,
        state.ordered,
        suspended=suspended,
        skip=state.skip,
        calendar=clock.counting.calendar if clock.counting is not None else None,
    )


def next_late_step(context: Context, stored: Record, clock: Clock, level: Level) -> Wanted | None:
    """The step of late payment that comes by itself after the first one, which comes with the miss."""
    schedule = schedule_of(context, stored)
    if schedule is None or schedule.spec.full_name not in level.schedules or clock.due_at is None:
        return None
    if clock.stopped_at is not None:
        return None
    following = late_now(context, schedule, late_state(context, stored), clock).next
    if following is None or following.at is None or following.index == 0:
        return None
    return Wanted(f"{LATE}[{following.index}]", following.at + JUST_AFTER, (LATE,))


def _amount(value: object) -> Decimal | None:
    return Decimal(str(value)) if value is not None else None
