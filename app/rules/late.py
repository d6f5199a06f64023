"""Late payment: what a penalty comes to once its time to pay has passed, and what comes next.

The clock itself (when the notice was received, what stops it) is the caller's; here it is only compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from app.rules.amounts import bounded, said
from app.rules.calendars import WorkingCalendar
from app.rules.due_times import Counting, due_after
from app.rules.outcomes import Penalty
from app.rules.reasons import Reason, because
from app.rules.schedules import CompiledSchedule
from app.rules.values import figure, product, rounded_part
from app.source import N_
from app.spec.durations import Duration, parse_duration
from app.spec.penalties import LateStep
from app.spec.small import Problem

_NO_DATES: Mapping[int, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step that has not happened. `at` is None where somebody must decide when it does."""

    index: int
    at: datetime | None
    sanction: str | None
    because: Reason


@dataclass(frozen=True, slots=True)
class LatePayment:
    """The amount now due and the sanctions that late payment brought; `taken` counts the steps that came."""

    amount: Decimal | None
    sanctions: tuple[str, ...]
    taken: int
    next: NextStep | None
    because: tuple[Reason, ...]


def late_payment(
    schedule: CompiledSchedule,
    amount: Decimal | None,
    due: datetime | None,
    now: datetime,
    taken_at: Mapping[int, datetime] = _NO_DATES,
    suspended: bool = False,
    skip: int = 0,
    calendar: WorkingCalendar | None = None,
) -> LatePayment:
    """Apply the steps of `payment.late` whose time has come; each works on the amount then due.

    The first step comes when `due` has passed (at `due` itself it is still in time), the others `after` the
    one before, working time counted by `calendar`. A step whose `after` is unset waits until somebody orders
    it: `taken_at` gives its index and when. `suspended`: an appeal is open; it stops the steps where
    `suspended_by_appeal` says so. skip: so many steps came before `amount` was set; they keep their times and
    their sanctions and do not change it.
    """
    payment = schedule.spec.payment
    if payment is None or not payment.late:
        return LatePayment(amount, (), 0, None, ())
    if suspended and payment.suspended_by_appeal:
        text = N_("the appeal stops the time to pay")
        why = because("payment.suspended_by_appeal", payment.span_of("suspended_by_appeal"), text)
        return LatePayment(amount, (), 0, None, (why,))
    reasons: list[Reason] = []
    sanctions: list[str] = []
    previous: datetime | None = due
    for index, step in enumerate(payment.late):
        at = taken_at.get(index) or _comes_at(schedule, index, step, previous, calendar)
        if at is None or now <= at:
            following = _next(index, step, at)
            return LatePayment(amount, tuple(sanctions), index, following, tuple(reasons))
        if index >= skip:
            amount, why = _applied(schedule, index, step, amount, at)
            reasons.append(why)
        if step.sanction:
            sanctions.append(step.sanction)
        previous = at
    return LatePayment(amount, tuple(sanctions), len(payment.late), None, tuple(reasons))


def joint_due(schedule: CompiledSchedule, joint: Penalty, principal_due: Decimal) -> Decimal | None:
    """What a joint penalty comes to when the principal's is due at `principal_due`: its own amount where the
    share is taken of the amount decided, the share of the amount due where the regulation says `of: due`."""
    if joint.share_of != "due" or joint.share is None:
        return joint.amount
    bounds = schedule.bounds
    return rounded_part(Fraction(principal_due) * joint.share, bounds.step, bounds.rounding)


def _comes_at(
    schedule: CompiledSchedule,
    index: int,
    step: LateStep,
    previous: datetime | None,
    calendar: WorkingCalendar | None,
) -> datetime | None:
    if previous is None:
        return None
    if index == 0 and "after" not in step.model_fields_set:
        return previous
    after = _after(step)
    return due_after(after, previous, Counting(calendar, schedule.zone)).at if after is not None else None


def _after(step: LateStep) -> Duration | None:
    found = parse_duration(step.after)
    return None if isinstance(found, Problem) or not found.set else found


def _applied(
    schedule: CompiledSchedule, index: int, step: LateStep, amount: Decimal | None, at: datetime
) -> tuple[Decimal | None, Reason]:
    rule = f"payment.late[{index}]"
    inputs = {"at": at.isoformat(), "amount": None if amount is None else format(amount, "f")}
    if amount is None or (step.multiply is None and step.add is None):
        text = (
            N_("not paid in time: {sanction}")
            if step.sanction
            else N_("not paid in time; the amount is still open")
        )
        label = schedule.sanction_label(step.sanction) if step.sanction else ""
        return amount, because(rule, step.span, text, inputs, sanction=label)
    value, more = _stepped(schedule, step, amount)
    factor = figure(step.multiply) if step.multiply is not None else "1"
    text = N_("not paid in time: {before} times {factor}, {more} added, makes {after}")
    if step.add is None:
        text = N_("not paid in time: {before} times {factor} makes {after}")
    before, extra = said(schedule, amount), said(schedule, step.add or Decimal(0))
    after = said(schedule, value)
    return value, because(
        rule, step.span, text, inputs, more, before=before, factor=factor, more=extra, after=after
    )


def _stepped(
    schedule: CompiledSchedule, step: LateStep, amount: Decimal
) -> tuple[Decimal, tuple[Reason, ...]]:
    """What a step makes of an amount, within floor and cap. What lies outside of them already (a share, a
    correction) is neither lifted to the floor nor brought down to the cap by being late."""
    value = product(amount, step.multiply) if step.multiply is not None else amount
    floor, cap = schedule.bounds.floor, schedule.bounds.cap
    around = {
        "floor": floor if floor is not None and amount >= floor else None,
        "cap": max(cap, amount) if cap is not None else None,
    }
    return bounded(schedule, value + (step.add or Decimal(0)), schedule.bounds.model_copy(update=around))


def with_steps(schedule: CompiledSchedule, amount: Decimal, first: int, end: int) -> Decimal:
    """What the steps from `first` up to `end` (that one not included) make of an amount."""
    late = schedule.spec.payment.late if schedule.spec.payment is not None else ()
    for step in late[first:end]:
        if step.multiply is not None or step.add is not None:
            amount, _ = _stepped(schedule, step, amount)
    return amount


def _next(index: int, step: LateStep, at: datetime | None) -> NextStep:
    if at is not None:
        text = N_("the next step comes when the time to pay has passed")
    elif index == 0 and "after" not in step.model_fields_set:
        text = N_("no time to pay is set, so no step comes by itself")
    else:
        text = N_("when the next step comes is left open by the regulation; it waits for a decision")
    why = because(f"payment.late[{index}].after", step.span_of("after"), text, after=step.after or "")
    return NextStep(index, at, step.sanction, why)
