"""Joint liability: who else pays, which share of what, and why somebody does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from app.rules.amounts import said
from app.rules.cases import Case, Person
from app.rules.given import Given, condition_reason
from app.rules.outcomes import Penalty
from app.rules.reasons import Reason, because
from app.rules.schedules import OFFENDER, CompiledSchedule, JointRule
from app.rules.values import rounded_part
from app.source import N_, Phrase

Found = tuple[list[Penalty], list[Reason]]


def joint_penalties(schedule: CompiledSchedule, case: Case, given: Given, direct: Penalty) -> Found:
    """The penalties of those who answer beside the offender, and the reasons for those who do not."""
    penalties: list[Penalty] = []
    because_none: list[Reason] = []
    if schedule.joint and not case.joint:
        text = N_("this fault is the person's own; it sets off no joint liability")
        return [], [because("joint_liability", schedule.spec.span_of("joint_liability"), text)]
    for rule in schedule.joint:
        found = _judged(schedule, case, given, direct, rule)
        if isinstance(found, Reason):
            because_none.append(found)
        else:
            _add(penalties, found, rule)
    return penalties, because_none


def _judged(
    schedule: CompiledSchedule, case: Case, given: Given, direct: Penalty, rule: JointRule
) -> Penalty | Reason:
    path = rule.spec.person
    if rule.when is not None and not rule.when.holds(given.scope):
        text = N_("{person}: no joint liability, because this does not hold: {condition} ({read})")
        return condition_reason(f"{rule.name}.when", rule.when, given, text, person=rule.label)
    person = case.persons.get(path)
    if path in case.persons and person is None:
        text = N_("{person}: nobody held this place, so nobody answers jointly")
        return because(f"{rule.name}.person", rule.spec.span_of("person"), text, person=rule.label)
    if _is_offender(case, path, person):
        text = N_("{person}: is the person in breach, and does not answer twice")
        return because(f"{rule.name}.person", rule.spec.span_of("person"), text, person=rule.label)
    if direct.amount is None and direct.points is None and not direct.amount_asked:
        text = N_("{person}: nothing is charged that could be shared")
        return because(f"{rule.name}.share", rule.share_at, text, person=rule.label)
    return _charged(schedule, given, direct, rule, person)


def _is_offender(case: Case, path: str, person: Person | None) -> bool:
    offender = case.persons.get(OFFENDER)
    return path == OFFENDER or (person is not None and offender is not None and person.id == offender.id)


def _charged(
    schedule: CompiledSchedule, given: Given, direct: Penalty, rule: JointRule, person: Person | None
) -> Penalty:
    amount, points = _part(schedule, rule, direct.amount), _part(schedule, rule, direct.points)
    main = points if schedule.kind == "points" else amount
    base = direct.points if schedule.kind == "points" else direct.amount
    of = N_("the amount decided") if rule.spec.of == "base" else N_("the amount due, late payment included")
    reason = Phrase(rule.spec.reason or N_("joint liability"))
    children = (*_grounds(rule, given), *direct.because)
    share = None if rule.share is None else str(rule.share)
    inputs = {"share": share, "base": None if base is None else format(base, "f")}
    if rule.share is None:
        text = N_("{reason}: the share is left open by the regulation; the decider sets the amount")
        why = because(f"{rule.name}.share", rule.share_at, text, inputs, children, reason=reason)
    elif main is None or base is None:
        text = N_("{reason}: {share} of an amount that the decider still sets")
        why = because(
            f"{rule.name}.share", rule.share_at, text, inputs, children, reason=reason, share=_written(rule)
        )
    else:
        text = N_("{reason}: {share} of {base} is {amount}; taken of {of}")
        why = because(
            f"{rule.name}.share", rule.share_at, text, inputs, children, reason=reason, share=_written(rule),
            base=said(schedule, base), amount=said(schedule, main), of=Phrase(of),
        )  # fmt: skip
    return Penalty(
        to=rule.spec.person,
        person=person,
        kind=schedule.kind,
        amount=amount,
        currency=schedule.currency,
        because=(why,),
        points=points if schedule.kind == "points" else None,
        amount_asked=direct.amount_asked or rule.share is None,
        minimum=_part(schedule, rule, direct.minimum),
        maximum=_part(schedule, rule, direct.maximum),
        origin="joint",
        share=rule.share,
        share_of=rule.spec.of,
    )


def _grounds(rule: JointRule, given: Given) -> tuple[Reason, ...]:
    grounds: list[Reason] = []
    if rule.when is not None:
        text = N_("this holds: {condition} ({read})")
        grounds.append(condition_reason(f"{rule.name}.when", rule.when, given, text))
    if rule.spec.own:
        text = N_("the share is set by the organisation itself")
        grounds.append(because(f"{rule.name}.own", rule.spec.span_of("own"), text))
    if rule.spec.note:
        note = Phrase(rule.spec.note)
        grounds.append(because(f"{rule.name}.note", rule.spec.span_of("note"), N_("note: {note}"), note=note))
    return tuple(grounds)


def _written(rule: JointRule) -> str:
    return rule.spec.share or ""


def _part(schedule: CompiledSchedule, rule: JointRule, value: Decimal | None) -> Decimal | None:
    """The share of `value`, rounded like an amount; None while one of the two is not known."""
    if value is None or rule.share is None:
        return None
    if rule.share == 1:
        return value
    return rounded_part(Fraction(value) * rule.share, schedule.bounds.step, schedule.bounds.rounding)


def _add(penalties: list[Penalty], penalty: Penalty, rule: JointRule) -> None:
    """Nobody is charged twice for one oversight: of two rules that reach one person the heavier counts."""
    for index, other in enumerate(penalties):
        if _same_person(other, penalty):
            heavier, lighter = (other, penalty) if _weight(other) >= _weight(penalty) else (penalty, other)
            text = N_("{person}: another rule asks for less from the same person; the heavier one counts")
            merged = because(
                f"{rule.name}.person",
                rule.spec.span_of("person"),
                text,
                children=lighter.because,
                person=rule.label,
            )
            penalties[index] = replace(heavier, because=(*heavier.because, merged))
            return
    penalties.append(penalty)


def _same_person(one: Penalty, other: Penalty) -> bool:
    if one.person is not None and other.person is not None:
        return one.person.id == other.person.id
    return one.to == other.to


def _weight(penalty: Penalty) -> tuple[Decimal, Fraction]:
    main = penalty.points if penalty.kind == "points" else penalty.amount
    return main if main is not None else Decimal(0), penalty.share or Fraction(0)
