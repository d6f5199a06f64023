"""One event under two schedules: only the heavier penalty is charged, by amount, then by rank."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.rules.outcomes import PenaltyAssessment
from app.rules.reasons import Reason, Word, because
from app.rules.schedules import CompiledSchedule
from app.rules.values import Plain, figure, money
from app.source import N_, Phrase, Span
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.portal_settings import ChoiceList

Judged = tuple[CompiledSchedule, PenaltyAssessment]


@dataclass(frozen=True, slots=True)
class Heavier:
    """Which of two assessments of one event is charged. Both are None while it cannot be told: an amount is
    still open and no list ranks the two levels. `not_charged` carries the reason."""

    charged: PenaltyAssessment | None
    not_charged: PenaltyAssessment | None
    because: Reason


def excludes(portal: Portal, one: PenaltySchedule, other: PenaltySchedule) -> bool:
    """Whether one of two schedules says that they are not charged together for the same event."""
    return _names(portal, one, other) or _names(portal, other, one)


def heavier(portal: Portal, one: Judged, other: Judged) -> Heavier:
    """Compare two assessments of one event, of which only one may be charged.

    An exemption weighs nothing. Amounts are compared where both are set and in one measure; where they are
    not, or are equal, the levels are compared on the ordered list that ranks both. Equal in both: the first.
    """
    weights = (_weight(*one), _weight(*other))
    side, text, place = _by_amount(weights), N_("{loser} is not charged: {heavy} is more than {light}"), None
    ranked = ""
    if side is None:
        ranks = _rank_list(portal, one, other)
        side = _by_rank(ranks, one, other)
        if ranks is not None:
            place, ranked = ranks.span_of("options"), ranks.label
        if side is not None:
            text = N_("{loser} is not charged: by amount neither is heavier; {ranks} ranks it lower")
        elif None not in weights and weights[0] == weights[1]:
            side, text = 0, N_("{loser} is not charged: both weigh the same, and the other came first")
    place = place or _not_with_at(portal, one[0].spec, other[0].spec)
    if side is None:
        text = N_("which is heavier cannot be told yet: an amount is open and no list ranks the levels")
        return Heavier(None, None, because("not_with", place, text, _inputs(one, other)))
    winner, loser = (one, other) if side == 0 else (other, one)
    heavy, light = weights if side == 0 else weights[::-1]
    why = because(
        "not_with",
        place,
        text,
        _inputs(one, other),
        loser=Phrase(loser[0].spec.label),
        heavy=_shown(winner[0], heavy),
        light=_shown(loser[0], light),
        ranks=Phrase(ranked),
    )
    return Heavier(winner[1], loser[1].noting(why), why)


def _weight(schedule: CompiledSchedule, found: PenaltyAssessment) -> tuple[str, Decimal] | None:
    """The measure and the figure that the offender is charged; None while it is open or has no figure."""
    penalty = found.offender
    measure = "points" if schedule.kind == "points" else schedule.currency
    if penalty is None:
        return measure, Decimal(0)
    value = penalty.points if schedule.kind == "points" else penalty.amount
    return (measure, value) if value is not None else None


def _by_amount(
    weights: tuple[tuple[str, Decimal] | None, tuple[str, Decimal] | None],
) -> Literal[0, 1] | None:
    one, other = weights
    if one is None or other is None:
        return None
    comparable = one[0] == other[0] or 0 in (one[1], other[1])
    if not comparable or one[1] == other[1]:
        return None
    return 0 if one[1] > other[1] else 1


def _by_rank(ranks: ChoiceList | None, one: Judged, other: Judged) -> Literal[0, 1] | None:
    if ranks is None:
        return None
    if (one[1].exempt is None) != (other[1].exempt is None):
        return 0 if one[1].exempt is None else 1
    order = tuple(ranks.options)
    first, second = order.index(one[1].level), order.index(other[1].level)
    if first == second:
        return None
    return 0 if first > second else 1


def _rank_list(portal: Portal, one: Judged, other: Judged) -> ChoiceList | None:
    """The ordered list that ranks both levels: the `rank` of both, or else the only one that names both."""
    levels = {one[1].level, other[1].level}
    own = [portal.find(ChoiceList, spec.rank, spec.regime) for spec in (one[0].spec, other[0].spec)]
    if own[0] is not None and own[0] is own[1] and levels <= set(own[0].options):
        return own[0]
    found = [ranks for ranks in portal.choices.values() if ranks.ordered and levels <= set(ranks.options)]
    return found[0] if len(found) == 1 else None


def _names(portal: Portal, one: PenaltySchedule, other: PenaltySchedule) -> bool:
    # By name: a record may be judged by another release than the one in service.
    named = (portal.find(PenaltySchedule, name, one.regime) for name in one.not_with)
    return any(found is not None and found.full_name == other.full_name for found in named)


def _not_with_at(portal: Portal, one: PenaltySchedule, other: PenaltySchedule) -> Span:
    spec = one if _names(portal, one, other) else other
    return spec.span_of("not_with")


def _shown(schedule: CompiledSchedule, weight: tuple[str, Decimal] | None) -> Word:
    if weight is None:
        return Phrase(N_("an amount still open"))
    return figure(weight[1]) if schedule.kind == "points" else f"{money(weight[1])} {schedule.currency}"


def _inputs(one: Judged, other: Judged) -> dict[str, Plain]:
    inputs: dict[str, Plain] = {}
    for schedule, found in (one, other):
        weight = _weight(schedule, found)
        inputs[found.schedule] = None if weight is None else format(weight[1], "f")
        inputs[f"{found.schedule}.level"] = found.level
    return inputs
