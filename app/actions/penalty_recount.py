"""Later penalties counted an earlier one as a repeated fault; what becomes of them when it falls."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.actions.context import Context
from app.actions.penalty_anew import JudgedAnew, judge_anew, still_counted
from app.actions.penalty_case import earlier_faults
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import Judging, append_change, change_penalty
from app.actions.penalty_decisions import raised_with, stored_penalty
from app.actions.penalty_judged import case_of, judged_of
from app.actions.penalty_notices import tell_deciders
from app.actions.penalty_rivals import group_of
from app.actions.penalty_weighing import weigh_again
from app.actions.penalty_words import noted, said
from app.actions.pinned import ReleaseGone, schedule_of
from app.rules import Case
from app.source import N_
from app.storage.penalties import STANDING, PenaltyRow, later_penalties, proposed_after
from app.workflow import TransitionRefused


def recount(context: Context, fallen: PenaltyRow) -> None:
    """Judge again what counted a penalty that was withdrawn or corrected just now.

    Proposals change at once. Of what was decided nothing changes: that it would come out otherwise is noted
    with it, for whoever decides on an appeal.
    """
    schedules = [
        name for name, spec in context.release.portal.penalty_schedules.items() if spec.repeat is not None
    ]
    if not schedules or fallen.occurred_at is None:
        return
    for later in later_penalties(context.session, context.models, fallen.occurred_at, schedules):
        case = case_of(later)
        if case is not None and str(fallen.id) in {one.id for one in case.earlier}:
            _look_again(context, later, fallen, case)


def count_in(context: Context, penalty_id: int) -> None:
    """A fault was entered after later ones: what is only proposed for those is judged again, as it would have
    been had they been entered in order. What was decided meanwhile stays."""
    new = stored_penalty(context, penalty_id)
    if new.origin != "direct" or new.state not in STANDING or new.occurred_at is None:
        return
    rules = {
        name: spec.repeat
        for name, spec in context.release.portal.penalty_schedules.items()
        if spec.repeat is not None
    }
    if not rules:
        return
    alone = new.person_id if all("person" in one.same for one in rules.values()) else None
    for later in proposed_after(context.session, context.models, new.occurred_at, rules, alone):
        case, offender = case_of(later), judged_of(later).offender_id
        if case is not None and offender is not None:
            _counted_in(context, later, offender, case)


def _counted_in(context: Context, later: PenaltyRow, offender: int, case: Case) -> None:
    record = (later.record_type or "", later.record_id or 0)
    try:
        schedule = schedule_of(context, later)
        if schedule is None:
            return
        earlier = earlier_faults(context, schedule, record, offender, case.at)
        if {one.id for one in earlier} == {one.id for one in case.earlier}:
            return
        group = group_of(raised_with(context, later), later.schedule or "", offender)
        anew = judge_anew(context, schedule, group, replace(case, earlier=earlier))
    except (ReleaseGone, TransitionRefused):
        # What cannot be judged any more stays as it was proposed.
        return
    _propose(context, anew)


def _look_again(context: Context, later: PenaltyRow, fallen: PenaltyRow, case: Case) -> None:
    group = group_of(raised_with(context, later), later.schedule or "", judged_of(later).offender_id)
    try:
        schedule = schedule_of(context, later)
        if schedule is None:
            return
        anew = judge_anew(context, schedule, group, replace(case, earlier=still_counted(context, case)))
    except (ReleaseGone, TransitionRefused):
        # What cannot be judged any more stays as it was decided.
        return
    if later.state == "proposed":
        _propose(context, anew)
    else:
        _note(context, later, fallen, anew)


def _propose(context: Context, anew: JudgedAnew) -> None:
    for one in anew.found:
        if one.row.state == "proposed":
            judging = Judging(one.facts, one.row.release_id)
            change_penalty(context, one.row, one.values, one.reasons, judging)
    for row in anew.gone:
        if row.state == "proposed":
            let_off = {"state": "exempt", "amount_due": Decimal(0), "amount_asked": False}
            append_change(context, row.id, let_off, Note("exempt"))
    for one in anew.found:
        weigh_again(context, one.row.id)


def _note(context: Context, later: PenaltyRow, fallen: PenaltyRow, anew: JudgedAnew) -> None:
    mine = next((one for one in anew.found if one.row.id == later.id), None)
    due = mine.values["amount_due"] if mine is not None else Decimal(0)
    if mine is not None and mine.values["level"] == later.level and due == later.base_amount:
        return
    number = fallen.number or f"#{fallen.id}"
    text = N_("{number}, which was counted here, does not count any more; without it this comes to {amount}")
    amount = said(later, due) if isinstance(due, Decimal) else N_("an amount still open")
    why = noted(later, "repeat", text, number=number, amount=amount)
    append_change(context, later.id, {}, Note("noted", detail={"of": fallen.id}), [why])
    tell_deciders(context, later, why.sentence(context.translate))
