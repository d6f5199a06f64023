"""Penalty schedules: figures in bounds, what is left open, and keys that would change nothing."""

from __future__ import annotations

from decimal import Decimal

from app.checks.context import Checking, Found
from app.checks.environments import penalty_environment
from app.expressions import NUMBER, compile_expression
from app.source import N_, Span, fault, warning
from app.spec.base import Strict
from app.spec.penalties import Level, PenaltySchedule, Repeat
from app.spec.records import RecordType
from app.spec.service_levels import ServiceLevel

_FIGURES = ("amount", "points", "min", "max")
_BELOW = N_("'{key}' is below zero: {figure}")
_SIGN = N_("the kind 'reward' pays instead of charging")


def amounts_lie_within_bounds(checking: Checking) -> Found:
    """FLD003, PEN003: a level's bounds are in order, what it charges lies between them, nothing is below
    zero, and the schedule's own bounds leave something to decide."""
    for schedule in checking.each(PenaltySchedule):
        for level in schedule.levels.values():
            if level.min is not None and level.max is not None and level.min > level.max:
                yield fault("FLD003", level.span_of("min"), N_("'min' is more than 'max'"), N_("swap them"))
            yield from _charged(schedule, level)
            yield from _decidable(schedule, level)
        yield from _not_below(schedule.bounds, ("cap", "floor"))
        if schedule.repeat is not None:
            yield from _not_below(schedule.repeat, ("multiply", "add"))
        for step in schedule.payment.late if schedule.payment is not None else ():
            yield from _not_below(step, ("multiply", "add"))


def _charged(schedule: PenaltySchedule, level: Level) -> Found:
    key = "points" if schedule.kind == "points" and level.points is not None else "amount"
    figure, span = getattr(level, key), level.span_of(key)
    for name in _FIGURES:
        below = getattr(level, name)
        if below is not None and below < 0:
            text = N_("an amount below zero: {amount}")
            yield fault("PEN003", level.span_of(name), text, _SIGN, amount=below)
    if figure is None or figure < 0:
        return
    if (level.min is not None and figure < level.min) or (level.max is not None and figure > level.max):
        text = N_("the amount {amount} lies outside of the level's own bounds")
        yield fault("PEN003", span, text, amount=figure)


def _decidable(schedule: PenaltySchedule, level: Level) -> Found:
    """A level's bounds reach into those of the schedule."""
    cap, floor = schedule.bounds.cap, schedule.bounds.floor
    if cap is not None and level.min is not None and level.min > cap:
        text = N_("at least {low} is decided here, and at most {high} is charged")
        yield fault("PEN003", level.span_of("min"), text, low=level.min, high=cap)
    if floor is not None and level.max is not None and level.max < floor:
        text = N_("at most {high} is decided here, and at least {low} is charged")
        yield fault("PEN003", level.span_of("max"), text, low=floor, high=level.max)


def _not_below(owner: Strict, keys: tuple[str, ...]) -> Found:
    for key in keys:
        figure: Decimal | None = getattr(owner, key)
        if figure is not None and figure < 0:
            yield fault("PEN003", owner.span_of(key), _BELOW, key=key, figure=figure)


def bounds_are_in_order(checking: Checking) -> Found:
    """FLD003, PEN003: cap, floor and rounding step of a schedule."""
    for schedule in checking.each(PenaltySchedule):
        bounds = schedule.bounds
        if bounds.cap is not None and bounds.floor is not None and bounds.floor > bounds.cap:
            yield fault("FLD003", bounds.span_of("floor"), N_("'floor' is more than 'cap'"), N_("swap them"))
        if bounds.step <= 0:
            text = N_("amounts cannot be rounded to steps of {step}")
            yield fault("PEN003", bounds.span_of("step"), text, N_("write 0.01, 1 or 10"), step=bounds.step)


def amounts_are_set(checking: Checking) -> Found:
    """UNS001 (warning): amounts, shares and times that the regulation leaves open."""
    for schedule in checking.each(PenaltySchedule):
        # A formula gives what the levels leave out.
        for name, level in schedule.levels.items() if schedule.formula is None else ():
            yield from _open_level(level, f"{schedule.full_name}.{name}")
        for step in schedule.payment.late if schedule.payment is not None else ():
            if step.wrote("after") and step.after is None:
                text = N_("the time after which this happens is left open by the regulation")
                yield warning("UNS001", step.span_of("after"), text)
        for joint in schedule.joint_liability:
            if joint.share is None:
                text = N_("the share of '{person}' is left open by the regulation")
                yield warning("UNS001", joint.span_of("share"), text, person=joint.person)
        if schedule.repeat is not None:
            yield from _open_repeat(schedule.repeat)
        for key in ("window", "answer"):
            appeal = schedule.appeal
            if appeal is not None and appeal.wrote(key) and getattr(appeal, key) is None:
                text = N_("the time '{key}' of an appeal is left open by the regulation")
                yield warning("UNS001", appeal.span_of(key), text, key=key)


def _open_level(level: Level, name: str) -> Found:
    if level.wrote("amount") and level.amount is None:
        text = N_("the amount of '{name}' is left open by the regulation")
        yield warning("UNS001", level.span_of("amount"), text, name=name)
    if level.wrote("points") and level.points is None:
        text = N_("the points of '{name}' are left open by the regulation")
        yield warning("UNS001", level.span_of("points"), text, name=name)


def _open_repeat(repeat: Repeat) -> Found:
    for key, value in (("within", repeat.within), ("from", repeat.from_)):
        if value is None:
            text = N_("'{key}' of repeated faults is left open by the regulation, so none counts as repeated")
            yield warning("UNS001", repeat.span_of(key), text, key=key)
    unset = {"raise": repeat.raise_ is None, "multiply": repeat.multiply is None, "add": repeat.add is None}
    for key, is_open in unset.items():
        if repeat.wrote(key) and is_open:
            text = N_("what repeated faults lead to ('{key}') is left open by the regulation")
            yield warning("UNS001", repeat.span_of(key), text, key=key)


def keys_have_an_effect(checking: Checking) -> Found:
    """PEN009 (warning): what is written and can never change what is charged."""
    for schedule in checking.each(PenaltySchedule):
        yield from _amounts(schedule)
        yield from _repeat(schedule)
        yield from _late(schedule)
        yield from _clock(checking, schedule)
        for index, name in enumerate(schedule.not_with):
            if checking.find(PenaltySchedule, name, schedule.regime) is schedule:
                text = N_("a schedule is not weighed against itself")
                yield warning("PEN009", schedule.span_at("not_with", index), text)
        yield from _unread_amounts(checking, schedule)


def _amounts(schedule: PenaltySchedule) -> Found:
    """Amounts that floor or cap replace."""
    cap, floor = schedule.bounds.cap, schedule.bounds.floor
    for level in schedule.levels.values():
        figure = level.points if schedule.kind == "points" and level.points is not None else level.amount
        if schedule.kind == "points" and level.amount is not None and level.points is not None:
            text = N_("'{key}' changes nothing beside 'points': the schedule charges points")
            yield warning("PEN009", level.span_of("amount"), text, key="amount")
        if figure is None or schedule.formula is not None:
            continue
        charged = figure if floor is None else max(figure, floor)
        charged = charged if cap is None else min(charged, cap)
        if charged != figure:
            text = N_("{amount} is never charged: the bounds of the schedule make it {charged}")
            yield warning("PEN009", _at(level), text, amount=figure, charged=charged)


def _at(level: Level) -> Span:
    return level.span_of("points" if level.amount is None else "amount")


def _repeat(schedule: PenaltySchedule) -> Found:
    repeat = schedule.repeat
    if repeat is None:
        return
    wrote = [key for key in ("raise", "multiply", "add", "sanctions") if repeat.wrote(key)]
    if not wrote:
        hint = N_("write raise, multiply, add or sanctions")
        yield warning("PEN009", repeat.span, N_("a repeated fault leads to nothing more"), hint)
    idle = {"raise": (repeat.raise_ or "").strip().startswith("0 "), "multiply": repeat.multiply == 1,
            "add": repeat.add == 0}  # fmt: skip
    for key, nothing in idle.items():
        if nothing:
            text = N_("'{key}' changes nothing: {written}")
            written = str(getattr(repeat, "raise_" if key == "raise" else key))
            yield warning("PEN009", repeat.span_of(key), text, key=key, written=written)


def _late(schedule: PenaltySchedule) -> Found:
    payment = schedule.payment
    if payment is None:
        return
    if payment.late and payment.clock is None:
        text = N_("no step of late payment ever comes: no clock counts the time to pay")
        place, hint = payment.place.key("late"), N_("name a service level under 'clock'")
        yield warning("PEN009", place, text, hint)
    for step in payment.late:
        if step.multiply is None and step.add is None and step.sanction is None:
            text, hint = N_("this step changes nothing"), N_("write multiply, add or sanction")
            yield warning("PEN009", step.span, text, hint)


def _clock(checking: Checking, schedule: PenaltySchedule) -> Found:
    """The time to pay is counted by a clock of penalties."""
    payment = schedule.payment
    level = checking.find(ServiceLevel, payment.clock, schedule.regime) if payment is not None else None
    record = checking.find(RecordType, level.of, level.regime) if level is not None else None
    if payment is None or level is None or record is None or record.full_name == "penalty":
        return
    text = N_("the clock '{name}' is one of '{record}'; it never counts the time to pay a penalty")
    hint, words = (
        N_("name a service level with 'of: penalty'"),
        {"name": level.full_name, "record": record.full_name},
    )
    yield warning("PEN009", payment.span_of("clock"), text, hint, **words)


def _unread_amounts(checking: Checking, schedule: PenaltySchedule) -> Found:
    """Amounts of levels beside a formula that does not read them."""
    if schedule.formula is None:
        return
    env = penalty_environment(checking.portal, schedule, amounts=True)
    compiled, _ = compile_expression(schedule.formula, schedule.span_of("formula"), env, NUMBER)
    if compiled is None:
        return
    read = {path[0] for path in compiled.paths}
    for level in schedule.levels.values():
        key = "points" if schedule.kind == "points" else "amount"
        if getattr(level, key) is not None and not read & {"amount", "points"}:
            text = N_("'{key}' changes nothing: the formula gives the amount and does not read it")
            yield warning("PEN009", level.span_of(key), text, key=key)
