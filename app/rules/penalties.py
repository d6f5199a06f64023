"""Judging a case by a penalty schedule: a pure function of the compiled schedule and the case."""

from __future__ import annotations

from app.rules.amounts import Amount, amount_of
from app.rules.cases import Case
from app.rules.given import Given, condition_reason, read_case
from app.rules.joint import joint_penalties
from app.rules.mistakes import CaseError, mistake
from app.rules.outcomes import Exempted, Penalty, PenaltyAssessment
from app.rules.reasons import Reason, because
from app.rules.repeats import Repetition, repetition
from app.rules.schedules import OFFENDER, CompiledSchedule, LevelRule
from app.source import N_, Phrase


def assess(schedule: CompiledSchedule, case: Case) -> PenaltyAssessment:
    """Who pays what and why, who decides, or why nobody pays.

    Nothing but the schedule and the case is read, so that a stored case gives the same result to the cent.
    Raises CaseError when the case does not fit the schedule (unknown or wrong facts, no or unknown level, an
    amount that the decider may not set).
    """
    given = read_case(schedule, case)
    found = _level(schedule, case, given)
    given = given.at_level(schedule, found)
    exempt = _exemption(schedule, given)
    repeated = Repetition(False, found) if exempt else repetition(schedule, case, found)
    if repeated.level is not found:
        given = given.at_level(schedule, repeated.level)
    decided_by, general = _deciders(schedule, given)
    penalties: tuple[Penalty, ...] = ()
    if exempt is None:
        penalties, none = _penalties(schedule, case, given, repeated)
        general += none
    return PenaltyAssessment(
        schedule=schedule.spec.full_name,
        level=repeated.level.name,
        found_level=found.name,
        penalties=penalties,
        exempt=exempt,
        decided_by=decided_by,
        because=general,
    )


def level_found(schedule: CompiledSchedule, case: Case) -> str:
    """The level at which a case is found, given or by the conditions of the levels. Raises CaseError."""
    return _level(schedule, case, read_case(schedule, case)).name


def _level(schedule: CompiledSchedule, case: Case, given: Given) -> LevelRule:
    """The level that was given, or else the highest one whose own condition holds."""
    if case.level is not None:
        level = schedule.levels[case.level]
        if level.when is not None and not level.when.holds(given.at_level(schedule, level).scope):
            text = N_("level '{name}' does not apply here, because this does not hold: {condition}")
            raise CaseError([mistake(level.name, text, condition=level.when.source)])
        return level
    for level in reversed(schedule.ladder):
        if level.when is not None and level.when.holds(given.at_level(schedule, level).scope):
            return level
    hint = N_("levels of this schedule: {levels}")
    raise CaseError([mistake("level", N_("the level is needed"), hint, levels=", ".join(schedule.levels))])


def _exemption(schedule: CompiledSchedule, given: Given) -> Exempted | None:
    for rule in schedule.exempt:
        if rule.when.holds(given.scope):
            text = N_("nobody is charged, because this holds: {condition} ({read})")
            why = condition_reason(f"{rule.name}.when", rule.when, given, text)
            if rule.instead:
                instead = because(
                    f"{rule.name}.instead", rule.at, N_("instead: {instead}"), instead=rule.label
                )
                why = why.under(instead)
            if rule.note:
                why = why.under(
                    because(f"{rule.name}.note", rule.at, N_("note: {note}"), note=Phrase(rule.note))
                )
            return Exempted(rule.instead, (why,))
    return None


def _deciders(schedule: CompiledSchedule, given: Given) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Who may decide: the first row that holds. No row, nobody named."""
    for rule in schedule.decided_by:
        if rule.when is None:
            text = N_("decided by {who}")
            return rule.who, (because(f"{rule.name}.who", rule.at, text, who=rule.labels),)
        if rule.when.holds(given.scope):
            text = N_("decided by {who}, because this holds: {condition} ({read})")
            return rule.who, (condition_reason(f"{rule.name}.when", rule.when, given, text, who=rule.labels),)
    if not schedule.decided_by:
        return (), ()
    text = N_("no row says who decides")
    return (), (because("decided_by", schedule.spec.span_of("decided_by"), text),)


def _penalties(
    schedule: CompiledSchedule, case: Case, given: Given, repeated: Repetition
) -> tuple[tuple[Penalty, ...], tuple[Reason, ...]]:
    amount = amount_of(schedule, repeated.level, given, case, repeated.applies)
    direct = _direct(schedule, case, repeated, amount)
    joint, none = joint_penalties(schedule, case, given, direct)
    return (direct, *joint), tuple(none)


def _direct(schedule: CompiledSchedule, case: Case, repeated: Repetition, amount: Amount) -> Penalty:
    """The penalty of the person in breach."""
    level, in_points = repeated.level, schedule.kind == "points"
    sanctions, why = _sanctions(schedule, repeated)
    return Penalty(
        to=OFFENDER,
        person=case.persons.get(OFFENDER),
        kind=schedule.kind,
        amount=None if in_points else amount.value,
        currency=schedule.currency,
        because=(*repeated.because, *amount.because, *why),
        points=amount.value if in_points else level.spec.points,
        amount_asked=amount.asked,
        minimum=amount.minimum,
        maximum=amount.maximum,
        sanctions=sanctions,
    )


def _sanctions(
    schedule: CompiledSchedule, repeated: Repetition
) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """What comes besides the money: the level's sanctions, then those of the repetition."""
    level = repeated.level
    rows = [(f"levels.{level.name}.sanctions", level.spec.sanctions, level.spec.span_of("sanctions"))]
    if repeated.applies and schedule.repeat is not None:
        spec = schedule.repeat.spec
        rows.append(("repeat.sanctions", spec.sanctions, spec.span_of("sanctions")))
    sanctions: tuple[str, ...] = ()
    reasons: list[Reason] = []
    for rule, names, place in rows:
        more = tuple(name for name in names if name not in sanctions)
        if more:
            labels = tuple(schedule.sanction_label(name) for name in more)
            text = N_("besides: {sanctions}")
            reasons.append(because(rule, place, text, {"sanctions": list(more)}, sanctions=labels))
            sanctions += more
    return sanctions, tuple(reasons)
