"""A stored matter judged once more by another case: what each of its penalties comes to then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.actions.context import Context
from app.actions.penalty_charges import besides_of, due_of, general_for
from app.actions.penalty_judged import JUDGED, judged_of, main_figure
from app.rules import Case, CaseError, CompiledSchedule, EarlierPenalty, Penalty, PenaltyAssessment, assess
from app.rules.values import Plain
from app.source import N_
from app.storage.penalties import STANDING, PenaltyRow, penalty_row
from app.workflow import TransitionRefused


@dataclass(frozen=True, slots=True)
class Anew:
    """What a stored penalty comes to. values: by field; facts, reasons: as they would be stored."""

    row: PenaltyRow
    values: Mapping[str, object]
    facts: Mapping[str, Plain]
    reasons: Sequence[Plain]


@dataclass(frozen=True, slots=True)
class JudgedAnew:
    """The result, and what it means for the penalties of the matter that follow from it still; those that do
    not are `gone`."""

    assessment: PenaltyAssessment
    found: tuple[Anew, ...]
    gone: tuple[PenaltyRow, ...]


def judge_anew(
    context: Context,
    schedule: CompiledSchedule,
    group: Sequence[PenaltyRow],
    case: Case,
    amount: Decimal | None = None,
) -> JudgedAnew:
    """Judge the matter of `group` (the penalties of one person in breach and of those who answer jointly).

    amount: what the decider sets where the level leaves it open. Nothing is written. Raises TransitionRefused
    with the words of the rules when the case cannot be judged so.
    """
    bare = assessed(context, schedule, case)
    assessment = bare if amount is None else assessed(context, schedule, replace(case, amount=amount))
    found, gone = [], []
    for row in group:
        penalty, base = _own(assessment, row), _own(bare, row)
        if penalty is None or base is None:
            gone.append(row)
        else:
            found.append(_anew(context, schedule, row, case, bare, base, penalty))
    return JudgedAnew(assessment, tuple(found), tuple(gone))


def assessed(context: Context, schedule: CompiledSchedule, case: Case) -> PenaltyAssessment:
    """The result; raises TransitionRefused in place of CaseError."""
    try:
        return assess(schedule, case)
    except CaseError as error:
        words = {
            "schedule": context.translate(schedule.spec.label),
            "mistakes": "; ".join(one.message(context.translate) for one in error.mistakes),
        }
        text = N_("no penalty can be worked out by '{schedule}': {mistakes}")
        raise TransitionRefused(text, words) from error


def still_counted(context: Context, case: Case) -> tuple[EarlierPenalty, ...]:
    """The earlier penalties of a case as they stand now: without those taken back since, at the levels that
    they were corrected to."""
    kept = []
    for earlier in case.earlier:
        row = (
            penalty_row(context.session, context.models, int(earlier.id)) if earlier.id.isdecimal() else None
        )
        if row is None:
            kept.append(earlier)
        elif row.state in STANDING:
            kept.append(replace(earlier, level=str(judged_of(row).found_level or "")))
    return tuple(kept)


def _own(assessment: PenaltyAssessment, row: PenaltyRow) -> Penalty | None:
    """The penalty of the same person, as the person in breach or jointly."""
    for one in assessment.penalties:
        if one.origin == row.origin and one.person is not None and one.person.id == str(row.person_id):
            return one
    return None


def _anew(
    context: Context,
    schedule: CompiledSchedule,
    row: PenaltyRow,
    case: Case,
    bare: PenaltyAssessment,
    base: Penalty,
    penalty: Penalty,
) -> Anew:
    spec = schedule.levels[bare.level].spec
    judged = replace(
        judged_of(row),
        level=bare.level,
        found_level=bare.found_level,
        penalty=base,
        ranged=spec.min is not None or spec.max is not None,
        step=schedule.bounds.step,
        rounding=schedule.bounds.rounding,
    )
    values = {
        "level": bare.level,
        "base_amount": main_figure(base),
        "amount_due": due_of(penalty),
        "amount_asked": base.amount_asked,
        "sanctions": besides_of(context, schedule, base) or None,
    }
    reasons = [*penalty.because, *general_for(penalty, bare.because)]
    facts = {**case.to_json(), JUDGED: judged.to_json()}
    return Anew(row, values, facts, [one.to_json() for one in reasons])
