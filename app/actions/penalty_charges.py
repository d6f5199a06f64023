"""From an assessment to the records that stand for it: one for each person, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.actions.context import Context
from app.actions.penalty_case import OFFENDER, PenaltyRequest, unit_then
from app.actions.penalty_changes import Judging, change_penalty
from app.actions.penalty_judged import JUDGED, Judged, judged_of, main_figure
from app.actions.preparing import prepare_trusted
from app.actions.storing import store_new
from app.rules import Case, CompiledSchedule, Penalty, PenaltyAssessment, Reason
from app.rules.values import Plain, figure
from app.source import N_
from app.storage import Record
from app.storage.penalties import PenaltyRow

PENALTY = "penalty"
NOT_WITH = "not_with"
NONE_NAMED = "role.administrator"
"""Who decides where the schedule has rows for that and none of them holds."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Charge:
    """One penalty as it shall be stored. values: by field, with `state`; facts and reasons: its JSON."""

    person_id: int
    origin: str
    values: Mapping[str, object]
    facts: Mapping[str, Plain]
    reasons: Sequence[Plain]


def charges_of(
    context: Context,
    schedule: CompiledSchedule,
    request: PenaltyRequest,
    source: Record,
    case: Case,
    assessment: PenaltyAssessment,
    lost: Reason | None = None,
    notes: tuple[Reason, ...] = (),
) -> tuple[Charge, ...]:
    """The charges that an assessment comes to, that of the person in breach first.

    lost: why the whole is not charged beside another penalty; notes: what else is to be said.
    """
    unit = unit_then(context, request.offender_id, case.at)
    shared: dict[str, object] = {
        "schedule": schedule.spec.full_name,
        "level": assessment.level,
        "record_type": source.record_type,
        "record_id": source.id,
        "event": (request.event or source.label)[:_LONGEST],
        "occurred_at": case.at,
        "may_decide": ", ".join(_deciders(schedule, assessment)),
    }
    general = (*assessment.because, *notes, *((lost,) if lost is not None else ()))
    if assessment.exempt is not None:
        judged = _judged(schedule, request, assessment, unit, None)
        instead = assessment.exempt.instead
        values = {
            **shared,
            "person": request.offender_id,
            "unit": unit,
            "kind": schedule.kind,
            "origin": "direct",
            "amount_due": Decimal(0),
            "amount_asked": False,
            "sanctions": str(schedule.sanction_label(instead))[:_LONGEST] if instead else None,
            "state": "exempt",
        }
        reasons = (*assessment.exempt.because, *general)
        return (_charge(request.offender_id, values, case, judged, reasons),)
    return tuple(
        _charge(
            int(penalty.person.id),
            {**shared, **_figures(context, schedule, penalty, case, lost is not None)},
            case,
            _judged(schedule, request, assessment, unit, penalty),
            (*penalty.because, *general_for(penalty, general)),
        )
        for penalty in assessment.penalties
        if penalty.person is not None
    )


def store_charges(
    context: Context, charges: Sequence[Charge], kept: Sequence[PenaltyRow], release: int
) -> tuple[int, ...]:
    """Make or change one record for each charge, judged by release `release`; ids in the same order.

    kept: what is stored of the same matter. A joint liability among it that does not follow any more is let
    off, with the reasons of the person in breach.
    """
    by_key = {(row.person_id, row.origin): row for row in kept}
    ids: list[int] = []
    for charge in charges:
        more = {"joint_with": ids[0]} if charge.origin == "joint" else {}
        row = by_key.pop((charge.person_id, charge.origin), None)
        values = {**charge.values, **more}
        if row is None:
            ids.append(_insert(context, values, charge, release))
        else:
            ids.append(row.id)
            judging = Judging(charge.facts, release)
            change_penalty(context, row, values, charge.reasons, judging)
    for row in by_key.values():
        gone = {"state": "exempt", "amount_due": Decimal(0), "amount_asked": False}
        judging = Judging(charges[0].facts, release)
        change_penalty(context, row, gone, charges[0].reasons, judging)
    return tuple(ids)


def set_aside(context: Context, rows: Sequence[PenaltyRow], why: Reason) -> None:
    """Proposed penalties that are not charged beside a heavier one."""
    for row in rows:
        if row.state == "proposed":
            values = {"state": "not_charged", "amount_due": Decimal(0)}
            change_penalty(context, row, values, [*(row.reasons or ()), why.to_json()])


def take_up(context: Context, rows: Sequence[PenaltyRow], why: Reason | None = None) -> None:
    """Penalties that had been set aside are proposed again; `why`: a reason beyond a new judging."""
    for row in rows:
        penalty = judged_of(row).penalty
        if row.state == "not_charged" and penalty is not None:
            values = {"state": "proposed", "amount_due": due_of(penalty)}
            reasons = _without(row.reasons or (), NOT_WITH)
            change_penalty(context, row, values, [*reasons, *((why.to_json(),) if why is not None else ())])


def _without(reasons: Sequence[Plain], rule: str) -> list[Plain]:
    return [one for one in reasons if not (isinstance(one, dict) and one.get("rule") == rule)]


def _insert(context: Context, values: Mapping[str, object], charge: Charge, release: int) -> int:
    draft = prepare_trusted(context, context.record(PENALTY), values)
    draft.values["state"] = values["state"]
    extra = {"facts": dict(charge.facts), "reasons": list(charge.reasons)}
    return store_new(context, draft, extra, release).id


def _charge(
    person_id: int,
    values: Mapping[str, object],
    case: Case,
    judged: Judged,
    reasons: Sequence[Reason],
) -> Charge:
    facts = {**case.to_json(), JUDGED: judged.to_json()}
    return Charge(person_id, str(values["origin"]), values, facts, [one.to_json() for one in reasons])


def _figures(
    context: Context, schedule: CompiledSchedule, penalty: Penalty, case: Case, lost: bool
) -> dict[str, object]:
    person_id = int(penalty.person.id) if penalty.person is not None else 0
    return {
        "person": person_id,
        "unit": unit_then(context, person_id, case.at),
        "kind": penalty.kind,
        "origin": penalty.origin,
        "base_amount": main_figure(penalty),
        "amount_due": Decimal(0) if lost else due_of(penalty),
        "amount_asked": penalty.amount_asked,
        "sanctions": besides_of(context, schedule, penalty) or None,
        "state": "not_charged" if lost else "proposed",
    }


def due_of(penalty: Penalty) -> Decimal | None:
    """What is to be paid; None where the decider says it, 0 where there is nothing to pay."""
    found = main_figure(penalty)
    return Decimal(0) if found is None and not penalty.amount_asked else found


def besides_of(context: Context, schedule: CompiledSchedule, penalty: Penalty) -> str:
    """Sanctions in words, and points that come beside the money."""
    words = [str(schedule.sanction_label(name)) for name in penalty.sanctions]
    if penalty.points is not None and penalty.kind != "points":
        words.append(context.say(N_("{points} points"), points=figure(penalty.points)))
    return context.translate(N_("; ")).join(words)[:_LONGEST]


def _judged(
    schedule: CompiledSchedule,
    request: PenaltyRequest,
    assessment: PenaltyAssessment,
    unit: int | None,
    penalty: Penalty | None,
) -> Judged:
    spec = schedule.levels[assessment.level].spec
    return Judged(
        offender_id=request.offender_id,
        unit_id=unit,
        level=assessment.level,
        found_level=assessment.found_level,
        penalty=penalty,
        ranged=spec.min is not None or spec.max is not None,
        step=schedule.bounds.step,
        rounding=schedule.bounds.rounding,
    )


def _deciders(schedule: CompiledSchedule, assessment: PenaltyAssessment) -> tuple[str, ...]:
    if schedule.decided_by and not assessment.decided_by:
        return (NONE_NAMED,)
    return assessment.decided_by


def general_for(penalty: Penalty, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What is said of the case as a whole; why others do not answer belongs to the person in breach."""
    if penalty.to == OFFENDER:
        return reasons
    return tuple(one for one in reasons if not one.rule.startswith("joint_liability"))
