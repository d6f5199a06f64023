"""Penalties are raised from a record: judged by a schedule, and stored as one record for each person.

record + schedule + people of that day -> Case -> assess -> penalty records, each with its reasons
"""

from __future__ import annotations

from app.actions.context import Context
from app.actions.penalty_case import PenaltyRequest, build_case
from app.actions.penalty_charges import charges_of, set_aside, store_charges, take_up
from app.actions.penalty_decisions import may_decide, may_move
from app.actions.penalty_guard import decision_guard
from app.actions.penalty_judged import OPEN, inputs_of
from app.actions.penalty_reasons import ShownReason, reasons_of, why
from app.actions.penalty_recount import count_in
from app.actions.penalty_rivals import group_of, rivals_of, weigh
from app.actions.penalty_steps import follow_up, prepare_step
from app.actions.pinned import rules_of
from app.release import Release
from app.rules import Case, CaseError, CompiledSchedule, PenaltyAssessment, assess, compile_schedule
from app.rules.in_force import in_force
from app.source import N_
from app.storage import Record, RecordGone, read_record
from app.storage.penalties import PenaltyRow, hold_record, penalties_raised
from app.workflow import TransitionRefused

__all__ = [
    "PenaltyRequest",
    "ShownReason",
    "decision_guard",
    "follow_up",
    "may_decide",
    "may_move",
    "prepare_step",
    "raise_penalties",
    "reasons_of",
    "why",
]


def raise_penalties(context: Context, request: PenaltyRequest) -> tuple[int, ...]:
    """Judge a record by a schedule and store what follows; ids of the penalties, the offender's first.

    Works inside the caller's transaction. One matter (record, schedule, offender) has its penalties once:
    raised again they are judged again while nobody has decided and the inputs changed; after a decision (or a
    withdrawal) they stay as they are. A fault of a day on which the regulation is not in force raises
    nothing. Raises TransitionRefused with words for the user when the case cannot be judged, RecordGone.
    """
    hold_record(context.session, context.models, request.record_type, request.record_id)
    source = read_record(context.session, context.models, request.record_type, request.record_id)
    if source is None:
        raise RecordGone(request.record_type, request.record_id)
    release, schedule = _schedule(context, request.schedule, source)
    raised = penalties_raised(context.session, context.models, source.record_type, source.id)
    mine = group_of(raised, request.schedule, request.offender_id)
    if any(row.state not in OPEN for row in mine):
        return _in_order(mine)
    case = build_case(context, schedule, request, source)
    outside = not in_force(release.portal, schedule.spec.regime, case.at)
    if outside or (mine and _as_before(case, mine)):
        return _in_order(mine)
    assessment = _assess(context, schedule, case)
    rivals = rivals_of(context, schedule, request.offender_id, raised)
    weighed = weigh(context, schedule, assessment, mine, rivals)
    charges = charges_of(context, schedule, request, source, case, assessment, weighed.lost, weighed.notes)
    ids = store_charges(context, charges, mine, release.number)
    for rival, reason in weighed.beaten:
        set_aside(context, rival.rows, reason)
    for rival in weighed.freed:
        take_up(context, rival.rows)
    if ids and not mine:
        count_in(context, ids[0])
    return ids


def _schedule(context: Context, name: str, source: Record) -> tuple[Release, CompiledSchedule]:
    """The schedule by which a record is judged, and the release that has it."""
    release = rules_of(context, source.record_type, source.release_id)
    if name not in release.portal.penalty_schedules:
        release = context.release
    spec = release.portal.penalty_schedules.get(name)
    if spec is None:
        raise TransitionRefused(N_("there is no penalty schedule '{name}'"), {"name": name})
    return release, compile_schedule(release.portal, spec)


def _assess(context: Context, schedule: CompiledSchedule, case: Case) -> PenaltyAssessment:
    try:
        return assess(schedule, case)
    except CaseError as error:
        words = {
            "schedule": schedule.spec.label,
            "mistakes": "; ".join(one.message(context.translate) for one in error.mistakes),
        }
        text = N_("no penalty can be worked out by '{schedule}': {mistakes}")
        raise TransitionRefused(text, words) from error


def _as_before(case: Case, mine: tuple[PenaltyRow, ...]) -> bool:
    """Whether everything that the matter is judged by is the same; what was set aside is weighed anew."""
    now = inputs_of(case.to_json())
    return all(inputs_of(row.facts) == now and row.state != "not_charged" for row in mine)


def _in_order(rows: tuple[PenaltyRow, ...]) -> tuple[int, ...]:
    """Ids, that of the person in breach first."""
    return tuple(row.id for row in sorted(rows, key=lambda row: (row.origin != "direct", row.id)))
