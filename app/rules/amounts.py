"""How much: the tariff's figure or the formula, what repetition adds, caps and rounding, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.rules.cases import Case
from app.rules.given import Given
from app.rules.mistakes import CaseError, mistake
from app.rules.reasons import Reason, Word, because
from app.rules.schedules import CompiledSchedule, LevelRule
from app.rules.values import figure, money, product, rounded
from app.source import N_, Phrase
from app.spec.penalties import Bounds


@dataclass(frozen=True, slots=True)
class Amount:
    """The figure that is charged (money, or points for the kind `points`); None with `asked` where it is left
    open, None without where the kind has none."""

    value: Decimal | None
    asked: bool
    minimum: Decimal | None
    maximum: Decimal | None
    because: tuple[Reason, ...]


def amount_of(
    schedule: CompiledSchedule, level: LevelRule, given: Given, case: Case, repeated: bool
) -> Amount:
    """The offender's amount at `level`. Raises CaseError when the decider's amount is out of bounds."""
    value, steps = _tariff(schedule, level, given)
    asked = value is None and schedule.kind != "sanction" and (level.open or schedule.formula is not None)
    if repeated and (asked or value is not None):
        value, more = _repeated(schedule, value)
        steps += more
    if value is not None:
        value, more = bounded(schedule, value)
        steps += more
    minimum, maximum = _limits(schedule, level, repeated)
    steps += _note(level)
    if case.amount is None:
        return Amount(value, asked, minimum, maximum, steps)
    chosen = _decided(schedule, level, value, case.amount, (minimum, maximum))
    return Amount(case.amount, False, minimum, maximum, (*steps, chosen))


def bounded(
    schedule: CompiledSchedule, value: Decimal, bounds: Bounds | None = None
) -> tuple[Decimal, tuple[Reason, ...]]:
    """`value` within floor and cap (the schedule's, or other `bounds`), rounded; with a reason for each thing
    that changed it.

    Rounding never leads out of floor and cap, as far as a multiple of the step lies between them.
    """
    bounds, steps, rule = bounds or schedule.bounds, list[Reason](), "bounds"
    limits = (("floor", bounds.floor, max), ("cap", bounds.cap, min))
    for name, limit, keep in limits:
        if limit is not None and keep(value, limit) != value:
            text = N_("not less than {limit}") if name == "floor" else N_("not more than {limit}")
            steps.append(because(f"{rule}.{name}", bounds.span_of(name), text, limit=said(schedule, limit)))
            value = limit
    exact = rounded(value, bounds.step, bounds.rounding)
    if bounds.floor is not None and exact < bounds.floor:
        exact = rounded(value, bounds.step, "up")
    if bounds.cap is not None and exact > bounds.cap:
        exact = rounded(value, bounds.step, "down")
    if exact != value:
        text = N_("rounded to {amount}, a multiple of {step}")
        steps.append(
            because(
                f"{rule}.step",
                bounds.span_of("step"),
                text,
                amount=said(schedule, exact),
                step=figure(bounds.step),
            )
        )
    return exact, tuple(steps)


def said(schedule: CompiledSchedule, value: Decimal) -> Word:
    """An amount as it is written in reasons: money with its currency, points as a bare figure."""
    return figure(value) if schedule.kind == "points" else f"{money(value)} {schedule.currency}"


def _bare(schedule: CompiledSchedule, value: Decimal) -> str:
    return figure(value) if schedule.kind == "points" else money(value)


def _tariff(
    schedule: CompiledSchedule, level: LevelRule, given: Given
) -> tuple[Decimal | None, tuple[Reason, ...]]:
    """The figure before repetition and bounds."""
    if schedule.formula is not None:
        return _by_formula(schedule, given)
    spec, rule = level.spec, f"levels.{level.name}.amount"
    if schedule.kind == "points" and spec.points is not None:
        value: Decimal | None = spec.points
        rule, place = f"levels.{level.name}.points", spec.span_of("points")
    else:
        value, place = level.amount, level.amount_at
    if value is None and not level.open:
        return None, (because(rule, spec.span, N_("level {level}: no money is charged"), level=level.label),)
    if value is None:
        text = N_("level {level}: left open by the regulation; the decider sets the amount")
        return None, (because(rule, place, text, {"level": level.name}, level=level.label),)
    text = (
        N_("level {level}: {amount}, set by the organisation itself")
        if spec.own
        else N_("level {level}: {amount}")
    )
    amount = said(schedule, value)
    return value, (because(rule, place, text, {"level": level.name}, level=level.label, amount=amount),)


def _by_formula(schedule: CompiledSchedule, given: Given) -> tuple[Decimal | None, tuple[Reason, ...]]:
    formula = schedule.formula
    assert formula is not None
    found = formula.test(given.scope)
    value = Decimal(found) if isinstance(found, (int, Decimal)) and not isinstance(found, bool) else None
    inputs, read = given.inputs_of(formula), given.words_of(formula)
    if value is None or value < 0:
        text = N_("the formula {formula} gives no amount ({read}); the decider sets it")
        return None, (because("formula", formula.span, text, inputs, formula=formula.source, read=read),)
    text = N_("{amount} by the formula {formula} ({read})")
    amount = said(schedule, rounded(value, schedule.bounds.step, schedule.bounds.rounding))
    return value, (
        because("formula", formula.span, text, inputs, formula=formula.source, read=read, amount=amount),
    )


def _repeated(schedule: CompiledSchedule, value: Decimal | None) -> tuple[Decimal | None, tuple[Reason, ...]]:
    """What a repeated fault multiplies or adds; only said of an amount that the decider sets."""
    if schedule.repeat is None:
        return value, ()
    spec, steps = schedule.repeat.spec, list[Reason]()
    if spec.multiply is not None:
        value = product(value, spec.multiply) if value is not None else None
        text = N_("repeated: multiplied by {factor} to {amount}")
        if value is None:
            text = N_("repeated: multiplied by {factor}; the decider sets the whole amount")
        place, amount = spec.span_of("multiply"), _said_if(schedule, value)
        steps.append(because("repeat.multiply", place, text, factor=figure(spec.multiply), amount=amount))
    if spec.add is not None:
        value = value + spec.add if value is not None else None
        text = N_("repeated: {more} added, {amount} in all")
        if value is None:
            text = N_("repeated: {more} added; the decider sets the whole amount")
        place, more = spec.span_of("add"), said(schedule, spec.add)
        steps.append(because("repeat.add", place, text, more=more, amount=_said_if(schedule, value)))
    return value, tuple(steps)


def _said_if(schedule: CompiledSchedule, value: Decimal | None) -> Word:
    return "" if value is None else said(schedule, value)


def _limits(
    schedule: CompiledSchedule, level: LevelRule, repeated: bool
) -> tuple[Decimal | None, Decimal | None]:
    """Between which bounds the decider may set the amount: the level's own, or else floor and cap. What a
    repeated fault multiplies or adds, it does to the level's bounds too."""
    floor, cap = schedule.bounds.floor, schedule.bounds.cap
    low, high = level.spec.min, level.spec.max
    if repeated:
        low, high = (_repeated(schedule, one)[0] if one is not None else None for one in (low, high))
    low = floor if low is None else max(low, floor or low)
    high = cap if high is None else min(high, high if cap is None else cap)
    return low, high


def _decided(
    schedule: CompiledSchedule,
    level: LevelRule,
    tariff: Decimal | None,
    amount: Decimal,
    limits: tuple[Decimal | None, Decimal | None],
) -> Reason:
    """The reason for an amount that the decider set. Raises CaseError when he may not set it so."""
    low, high = limits
    ranged = level.spec.min is not None or level.spec.max is not None
    if tariff is not None and not ranged and amount != tariff:
        text = N_("the amount of this level is fixed: {fixed}")
        raise CaseError([mistake("amount", text, fixed=_bare(schedule, tariff))])
    outside = amount < 0 or (low is not None and amount < low) or (high is not None and amount > high)
    if outside:
        text = N_("the amount {amount} is outside what the schedule allows ({low} to {high})")
        shown = [_bare(schedule, one) for one in (amount, low or Decimal(0))]
        most = _bare(schedule, high) if high is not None else "…"
        raise CaseError([mistake("amount", text, amount=shown[0], low=shown[1], high=most)])
    if rounded(amount, schedule.bounds.step) != amount:
        text = N_("the amount {amount} is no multiple of {step}")
        raise CaseError(
            [mistake("amount", text, amount=format(amount, "f"), step=figure(schedule.bounds.step))]
        )
    rule, text = f"levels.{level.name}.amount", N_("{amount}, set by the decider")
    return because(
        rule, level.amount_at, text, {"amount": format(amount, "f")}, amount=said(schedule, amount)
    )


def _note(level: LevelRule) -> tuple[Reason, ...]:
    """The note of a level is part of why it is so."""
    spec = level.spec
    if not spec.note:
        return ()
    return (
        because(
            f"levels.{level.name}.note", spec.span_of("note"), N_("note: {note}"), note=Phrase(spec.note)
        ),
    )
