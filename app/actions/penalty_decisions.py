"""Who decides on a penalty. The schedule named the deciders when the penalty was raised; roles grant no more
than that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from app.access import Decision
from app.actions.context import Context
from app.actions.holders import Past, Place, Time, person_at
from app.actions.penalty_charges import PENALTY
from app.actions.penalty_judged import CHARGED, assessment_of, case_of, judged_of
from app.actions.penalty_rivals import Rivals, Weighed, group_of, rivals_of, weigh
from app.rules import CompiledSchedule, compile_schedule
from app.rules.schedules import party_label
from app.source import N_
from app.storage import Record, RecordGone
from app.storage.penalties import PenaltyRow, penalties_raised, penalty_row
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
    if is_own(context, row) or (judged.open and pays_a_share(context, row)):
        return Decision(False, OWN)
    if actor.unlimited:
        return Decision(True, N_("the administrator may do everything"))
    holders = holders_of(row)
    if not holders:
        return Decision(True, N_("no row says who decides"))
    words = {"who": spoken(context, row, holders)}
    if any(is_held(context, row, holder) for holder in holders):
        return Decision(True, N_("decided by {who}"), words)
    return Decision(False, N_("this penalty is decided by {who}"), words)


def decided_as(context: Context, row: PenaltyRow) -> str:
    """As whom the actor decides on a penalty: the holder that is the actor, of those that the schedule names;
    the first of them for an administrator, who decides in their stead."""
    holders = holders_of(row)
    return next((one for one in holders if is_held(context, row, one)), holders[0] if holders else "")


def holders_of(row: PenaltyRow) -> tuple[str, ...]:
    """Who decides, as the schedule named them when the penalty was raised."""
    return tuple(one.strip() for one in (row.may_decide or "").split(",") if one.strip())


def is_held(context: Context, row: PenaltyRow, party: str) -> bool:
    """Whether the actor is who `party` means in the matter of this penalty: has the role or is the person."""
    parties = parse_parties(context.release.portal, regime_of(row), (party,))
    if parties.roles & context.actor.roles:
        return True
    me = context.actor.person_id
    return me is not None and any(person_of(context, row, path) == me for path in parties.paths)


def spoken(context: Context, row: PenaltyRow, parties: Iterable[str]) -> str:
    """Roles and paths in words."""
    portal, regime = context.release.portal, regime_of(row)
    labels = (context.translate(str(party_label(portal, regime, one))) for one in parties)
    return context.translate(N_(" or ")).join(labels)


def regime_of(row: PenaltyRow) -> str:
    """The regime whose schedule judged the penalty."""
    return (row.schedule or "").rpartition(".")[0]


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


def person_of(context: Context, row: PenaltyRow, path: tuple[str, ...]) -> int | None:
    """The person that a path leads to: around the offender on that day, at the head of a unit now."""
    judged = judged_of(row)
    time = Time(row.occurred_at or context.now, context.now)
    if path[0] == "offender" and judged.offender_id is not None:
        return person_at(Past(context), Place("person", judged.offender_id), path[1:], time)
    if path[0] == "unit" and judged.unit_id is not None:
        return person_at(Past(context), Place("unit", judged.unit_id), path[1:], time)
    case = case_of(row)
    fact = case.facts.get(path[0]) if case is not None else None
    if isinstance(fact, str) and fact.isdecimal():
        schedule = _schedule(context, row)
        kind = schedule.spec.facts.get(path[0]) if schedule is not None else None
        if kind is not None and kind.type in ("person", "unit"):
            return person_at(Past(context), Place(kind.type, int(fact)), path[1:], time)
    return None


def pays_a_share(context: Context, row: PenaltyRow) -> bool:
    """Whether the actor pays anything in the same matter."""
    group = group_of(raised_with(context, row), row.schedule or "", judged_of(row).offender_id)
    return any(one.person_id == context.actor.person_id and one.state != "withdrawn" for one in group)
