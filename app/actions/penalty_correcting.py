"""A penalty is corrected: another level or amount, the joint shares that follow, the money that goes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from app.actions.context import Context
from app.actions.penalty_anew import Anew, JudgedAnew, judge_anew, still_counted
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import Judging, append_change, change_penalty
from app.actions.penalty_decisions import stored_penalty
from app.actions.penalty_joint import following, shares_of
from app.actions.penalty_judged import case_of, is_multiple, judged_of
from app.actions.penalty_recount import recount
from app.actions.penalty_settling import settle_payment, withdraw_penalty
from app.actions.penalty_weighing import weigh_again
from app.actions.penalty_words import noted
from app.actions.pinned import ReleaseGone, schedule_of
from app.rules import CompiledSchedule, Reason
from app.rules.values import money
from app.source import N_
from app.storage.penalties import PenaltyRow
from app.workflow import TransitionRefused

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Correction:
    """What takes the place of what was decided: the level that should have been found, what is due, or both
    where the level leaves its amount open."""

    level: str | None
    amount: Decimal | None


def correct_penalty(
    context: Context, row: PenaltyRow, correction: Correction, words: str, note: Note
) -> None:
    """Correct a decided penalty, inside the caller's transaction.

    A level is judged by the schedule of the release under which the penalty was made, with everything that
    follows from it: the amount, joint shares, an exemption. An amount alone leaves the level as it is. What
    is due never rises by a correction; what late payment had added falls away. Raises TransitionRefused with
    words for the user.
    """
    if correction.level is not None and correction.level != judged_of(row).found_level:
        _to_level(context, row, correction.level, correction.amount, words, note)
    elif correction.amount is not None:
        _to_amount(context, row, correction.amount, note)
    else:
        raise TransitionRefused(N_("say which level or which amount the penalty is corrected to"))


def _to_level(
    context: Context, row: PenaltyRow, level: str, amount: Decimal | None, words: str, note: Note
) -> None:
    if row.origin != "direct":
        text = N_("the level is corrected at the penalty of the person in breach; a joint share follows it")
        raise TransitionRefused(text)
    schedule, case = _schedule(context, row), case_of(row)
    if case is None:
        raise TransitionRefused(N_("this penalty was not judged by a schedule; correct its amount"))
    case = replace(case, level=level, earlier=still_counted(context, case))
    shares = tuple(shares_of(context, row))
    anew = judge_anew(context, schedule, (row, *shares), case, amount)
    mine = next((one for one in anew.found if one.row.id == row.id), None)
    if mine is None:
        withdraw_penalty(context, row, words, replace(note, kind="withdrawn"), _let_off(anew))
        return
    due = mine.values["amount_due"]
    if not isinstance(due, Decimal):
        raise TransitionRefused(N_("this level leaves the amount open; say which amount is due"))
    if due != _due(row):
        _less(row, due)
    _write(context, mine, due, note)
    settle_payment(context, row.id)
    for share in shares:
        found = next((one for one in anew.found if one.row.id == share.id), None)
        if found is None:
            _falls(context, share, row)
        else:
            _share_at(context, share, row, _lower(share, found.values["amount_due"]), found)
    weigh_again(context, row.id)
    recount(context, stored_penalty(context, row.id))


def _to_amount(context: Context, row: PenaltyRow, amount: Decimal, note: Note) -> None:
    judged = judged_of(row)
    penalty = judged.penalty
    low = penalty.minimum if penalty is not None and judged.open else None
    if amount <= NOTHING:
        raise TransitionRefused(N_("a correction leaves something due; withdraw the penalty instead"))
    if low is not None and amount < low:
        text = N_("the level allows no less than {low}")
        raise TransitionRefused(text, {"low": money(low)})
    if row.facts is not None and not is_multiple(judged, amount):
        text = N_("the amount {amount} is no multiple of {step}")
        raise TransitionRefused(text, {"amount": money(amount), "step": format(judged.step, "f")})
    _less(row, amount)
    why = noted(row, ".amount", N_("corrected to {amount}; {old} were due"), amount=amount, old=_due(row))
    note = replace(note, decided_amount=amount)
    append_change(context, row.id, {"amount_due": amount}, note, [why])
    settle_payment(context, row.id)
    for share in tuple(shares_of(context, row)):
        if not judged_of(share).share_open:
            _share_at(context, share, row, _lower(share, judged_of(share).share_of(amount)))
    weigh_again(context, row.id)


def _write(context: Context, anew: Anew, due: Decimal, note: Note) -> None:
    """The new judging in place of the old one; the old reasons stay in the chain."""
    row = anew.row
    text = N_("corrected to {amount}; {old} were due")
    why = noted(row, ".amount", text, amount=due, old=_due(row))
    judging = Judging(anew.facts, row.release_id)
    reasons = [*anew.reasons, why.to_json()]
    note = replace(note, decided_amount=due)
    change_penalty(context, row, {**anew.values, "amount_due": due}, reasons, judging, note)


def _share_at(
    context: Context, share: PenaltyRow, main: PenaltyRow, due: Decimal, anew: Anew | None = None
) -> None:
    """A joint penalty follows the corrected one; it never rises by that."""
    number = main.number or f"#{main.id}"
    text = N_("{amount}: the share of {number} as it was corrected; {old} were due")
    why = noted(share, ".share", text, amount=due, old=_due(share), number=number)
    note = Note("corrected", detail=following(context, main), decided_amount=due)
    if anew is None:
        append_change(context, share.id, {"amount_due": due}, note, [why])
    else:
        judging = Judging(anew.facts, share.release_id)
        reasons = [*anew.reasons, why.to_json()]
        change_penalty(context, share, {**anew.values, "amount_due": due}, reasons, judging, note)
    settle_payment(context, share.id)


def _falls(context: Context, share: PenaltyRow, main: PenaltyRow) -> None:
    text = N_("{number} was corrected, and nobody answers jointly for it any more")
    number = main.number or f"#{main.id}"
    words, why = context.say(text, number=number), noted(share, ".share", text, number=number)
    withdraw_penalty(context, share, words, Note("withdrawn", detail={"of": main.id}), (why,))


def _lower(share: PenaltyRow, due: object) -> Decimal:
    """What a joint penalty comes to: its share, or less where it was less already."""
    now = _due(share)
    return min(now, due) if isinstance(due, Decimal) else now


def _less(row: PenaltyRow, due: Decimal) -> None:
    """Nobody comes off worse for contesting a decision."""
    if row.kind == "reward" or due < _due(row):
        return
    words = {"due": money(_due(row)), "amount": money(due)}
    if due == _due(row):
        raise TransitionRefused(N_("{due} are due already; the correction would change nothing"), words)
    raise TransitionRefused(N_("{due} are due; a correction to {amount} would ask for more"), words)


def _due(row: PenaltyRow) -> Decimal:
    return row.amount_due or NOTHING


def _let_off(anew: JudgedAnew) -> tuple[Reason, ...]:
    """Why the case, judged so, is not charged at all."""
    return anew.assessment.exempt.because if anew.assessment.exempt is not None else ()


def _schedule(context: Context, row: PenaltyRow) -> CompiledSchedule:
    try:
        found = schedule_of(context, row)
    except ReleaseGone as error:
        text = N_("release {number}, under which it was judged, is not stored; correct its amount")
        raise TransitionRefused(text, {"number": error.number}) from error
    if found is None:
        raise TransitionRefused(N_("this penalty was not judged by a schedule; correct its amount"))
    return found
