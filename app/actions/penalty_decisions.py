"""Who decides on a penalty, and what follows from the decision. The schedule named the deciders when the
penalty was raised; roles grant no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import cast

from app.access import Decision
from app.actions.context import Context
from app.actions.holders import Place, Time, person_at
from app.actions.penalty_charges import PENALTY, change_penalty, set_aside
from app.actions.penalty_judged import CHARGED, Judged, assessment_of, case_of, judged_of
from app.actions.penalty_rivals import Rivals, Weighed, group_of, rivals_of, weigh
from app.rules import CompiledSchedule, Reason, compile_schedule
from app.rules.schedules import party_label
from app.rules.values import Plain, money
from app.source import N_
from app.storage import Record, RecordGone
from app.storage.penalties import PenaltyRow, note_reasons, penalties_raised, penalty_row
from app.workflow import parse_parties

DECIDE, WITHDRAW = "decide", "withdraw"
OWN = N_("nobody decides on a penalty of his own")


def may_move(context: Context, penalty: Record, event: str) -> Decision:
    """Whether a transition of a penalty is open to the actor, whatever the roles grant besides."""
    if event == DECIDE:
        return may_decide(context, penalty)
    if event == WITHDRAW and is_own(context, stored_penalty(context, penalty.id)):
        return Decision(False, OWN)
    return Decision(True, N_("nothing but the roles decides on this"))


def may_decide(context: Context, penalty: Record) -> Decision:
    """Whether the actor is among those who decide on this penalty.

    That are the stored holders: roles, `unit.head` (who heads the offender's unit now), paths from the
    offender on the day of the fault; administrators too. Nobody decides on a penalty of his own, or sets an
    amount of which he pays a share. Raises RecordGone.
    """
    return decision_on(context, stored_penalty(context, penalty.id))


def decision_on(context: Context, row: PenaltyRow) -> Decision:
    """The same of a penalty that is at hand."""
    actor, judged = context.actor, judged_of(row)
    if is_own(context, row) or (judged.open and _pays_a_share(context, row, judged)):
        return Decision(False, OWN)
    if actor.unlimited:
        return Decision(True, N_("the administrator may do everything"))
    holders = tuple(one.strip() for one in (row.may_decide or "").split(",") if one.strip())
    if not holders:
        return Decision(True, N_("no row says who decides"))
    portal, regime = context.release.portal, (row.schedule or "").rpartition(".")[0]
    parties = parse_parties(portal, regime, holders)
    labels = (context.translate(str(party_label(portal, regime, one))) for one in holders)
    words = {"who": context.translate(N_(" or ")).join(labels)}
    if parties.roles & actor.roles:
        return Decision(True, N_("decided by {who}"), words)
    me = actor.person_id
    if me is not None and any(_holder(context, row, judged, path) == me for path in parties.paths):
        return Decision(True, N_("decided by {who}"), words)
    return Decision(False, N_("this penalty is decided by {who}"), words)


def is_own(context: Context, row: PenaltyRow) -> bool:
    """Whether the actor pays the penalty, or is the person in breach from whose fault it follows."""
    person = context.actor.person_id
    return person is not None and person in (row.person_id, judged_of(row).offender_id)


def stored_penalty(context: Context, penalty_id: int) -> PenaltyRow:
    """The penalty as it is stored now. Raises RecordGone."""
    found = penalty_row(context.session, context.models, penalty_id)
    if found is None:
        raise RecordGone(PENALTY, penalty_id)
    return found


def follow_up(context: Context, penalty_id: int, transition: str) -> None:
    """What a decision leads to, in the same transaction: an amount that was set is among the reasons, those
    who answer jointly owe their share of it, and what is lighter for the same event is set aside."""
    if transition != DECIDE:
        return
    row = stored_penalty(context, penalty_id)
    if row.origin != "direct":
        return
    judged = judged_of(row)
    if judged.open and row.amount_due is not None:
        note = _noted(row, ".amount", N_("{amount}, set by the decider"), amount=row.amount_due)
        note_reasons(context.session, context.models, row.id, [*(row.reasons or ()), note])
        _share_out(context, row, judged, row.amount_due)
    weighed = weighed_against_rivals(context, row)
    for rival, reason in weighed.beaten:
        set_aside(context, rival.rows, reason)


def rivals_for(context: Context, row: PenaltyRow) -> tuple[Rivals, ...]:
    """What the same event led to under schedules that are not charged beside this one."""
    schedule = _schedule(context, row)
    if schedule is None:
        return ()
    return rivals_of(context, schedule, judged_of(row).offender_id, raised_with(context, row))


def weighed_against_rivals(context: Context, row: PenaltyRow, amount: Decimal | None = None) -> Weighed:
    """How the penalty of a person in breach weighs against its rivals, charged as it is or with `amount`."""
    schedule = _schedule(context, row)
    if schedule is None:
        return Weighed()
    if amount is not None:
        row = replace(row, amount_due=amount, state=CHARGED[0])
    rivals = rivals_for(context, row)
    return weigh(context, schedule, assessment_of(row), (row,), rivals)


def raised_with(context: Context, row: PenaltyRow) -> tuple[PenaltyRow, ...]:
    """Every penalty that the same record led to."""
    if row.record_type is None or row.record_id is None:
        return (row,)
    return penalties_raised(context.session, context.models, row.record_type, row.record_id)


def _schedule(context: Context, row: PenaltyRow) -> CompiledSchedule | None:
    """The schedule as the present release has it; None where it has none of that name any more."""
    spec = context.release.portal.penalty_schedules.get(row.schedule or "")
    return compile_schedule(context.release.portal, spec) if spec is not None else None


def _holder(context: Context, row: PenaltyRow, judged: Judged, path: tuple[str, ...]) -> int | None:
    """The person that a path leads to: around the offender on that day, at the head of a unit now."""
    time = Time(row.occurred_at or context.now, context.now)
    if path[0] == "offender" and judged.offender_id is not None:
        return person_at(context, Place("person", judged.offender_id), path[1:], time)
    if path[0] == "unit" and judged.unit_id is not None:
        return person_at(context, Place("unit", judged.unit_id), path[1:], time)
    case = case_of(row)
    fact = case.facts.get(path[0]) if case is not None else None
    if isinstance(fact, str) and fact.isdecimal():
        schedule = _schedule(context, row)
        kind = schedule.spec.facts.get(path[0]) if schedule is not None else None
        if kind is not None and kind.type in ("person", "unit"):
            return person_at(context, Place(kind.type, int(fact)), path[1:], time)
    return None


def _pays_a_share(context: Context, row: PenaltyRow, judged: Judged) -> bool:
    group = group_of(raised_with(context, row), row.schedule or "", judged.offender_id)
    return any(one.person_id == context.actor.person_id and one.state != "withdrawn" for one in group)


def _share_out(context: Context, row: PenaltyRow, judged: Judged, amount: Decimal) -> None:
    """Those who answer jointly owe their share of an amount that was open until now."""
    for one in group_of(raised_with(context, row), row.schedule or "", judged.offender_id):
        if one.origin == "joint" and one.state == "proposed":
            owed = judged_of(one).share_of(amount)
            text = N_("{amount}: the share of the {base} that was decided")
            note = _noted(one, ".share", text, amount=owed, base=amount)
            change_penalty(context, one, {"amount_due": owed}, [*(one.reasons or ()), note])


def _noted(row: PenaltyRow, rule: str, text: str, **amounts: Decimal) -> Plain:
    """A further reason, at the place of the stored reason of that rule."""
    stored = [Reason.from_json(cast(Mapping[str, Plain], one)) for one in row.reasons or ()]
    found = next((one for one in stored if one.rule.endswith(rule)), stored[0] if stored else None)
    penalty = judged_of(row).penalty
    unit = penalty.currency if penalty is not None and penalty.kind != "points" else ""
    params = {name: f"{money(value)} {unit}".strip() for name, value in amounts.items()}
    inputs: dict[str, Plain] = {name: format(value, "f") for name, value in amounts.items()}
    place = (found.rule, found.file, found.line) if found is not None else ("decision", "", 0)
    return Reason(*place, text, params, inputs).to_json()
