"""Stored penalties judged once more, by the schedules of a draft.

Each matter (a record, a schedule, a person in breach) is judged once, with those who answer jointly; of two
schedules that exclude each other the heavier one is charged, as the draft weighs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.actions.penalty_charges import due_of, general_for
from app.actions.penalty_judged import CHARGED, JUDGED, Judged, judged_in, judged_of, main_figure
from app.actions.penalty_reasons import reasons_of
from app.actions.replay_cases import Fitting
from app.actions.replay_tallies import NOTHING, Move, PenaltyTally
from app.actions.replaying import Replaying
from app.rules import (
    Case,
    CaseError,
    CompiledSchedule,
    Penalty,
    PenaltyAssessment,
    Reason,
    assess,
    excludes,
    heavier,
)
from app.source import N_
from app.storage.penalties import PenaltyRow
from app.storage.replaying import penalties_by_record, reasons_stored

UNCHARGED = ("exempt", "not_charged")


@dataclass(slots=True)
class Matter:
    """The penalties of one matter, the direct one first, with what the draft makes of it; judged: how that
    one was judged; lost: why it is not charged beside another."""

    rows: tuple[PenaltyRow, ...]
    judged: Judged
    schedule: CompiledSchedule
    found: PenaltyAssessment
    lost: Reason | None = None


def replay_penalties(replaying: Replaying) -> PenaltyTally:
    """Judge every penalty for a fault since that moment by the draft. What was taken back is left out."""
    tally, fitting = PenaltyTally(), Fitting(replaying)
    live = replaying.live
    for rows in penalties_by_record(live.session, live.models, replaying.since):
        matters = [found for group in _grouped(rows) if (found := _judged(replaying, fitting, group))]
        _weigh(replaying, matters)
        for matter in matters:
            for move in _moves(matter):
                tally.add(move)
        replaying.judged(len(rows))
    return tally


def with_reasons(replaying: Replaying, moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves with the reasons that are stored with their penalties."""
    live = replaying.live
    ids = [one.penalty_id for one in moves if one.penalty_id is not None]
    stored = reasons_stored(live.session, live.models, ids)
    return tuple(
        replace(one, because_before=reasons_of(stored.get(one.penalty_id or 0, ()))) for one in moves
    )


def _grouped(rows: Sequence[PenaltyRow]) -> Iterator[tuple[PenaltyRow, ...]]:
    """The rows of one record by matter, oldest matter first."""
    found: dict[tuple[str | None, int | None], list[PenaltyRow]] = {}
    for row in rows:
        offender = judged_of(row).offender_id if row.origin == "joint" or not row.person_id else row.person_id
        found.setdefault((row.schedule, offender), []).append(row)
    yield from (tuple(group) for group in found.values())


def _judged(replaying: Replaying, fitting: Fitting, rows: tuple[PenaltyRow, ...]) -> Matter | None:
    """What the draft makes of a matter; None (and noted) where it has no answer."""
    rows = tuple(sorted(rows, key=lambda row: row.origin != "direct"))
    first = rows[0]
    say = replaying.live.say
    name = first.schedule or ""
    if first.state == "withdrawn":
        return None
    if not first.facts or "at" not in first.facts or JUDGED not in first.facts:
        replaying.cannot("penalty", name, first.id, say(N_("no schedule judged it")))
        return None
    schedule = fitting.schedule(name)
    if schedule is None:
        replaying.cannot("penalty", name, first.id, say(N_("the draft has no such penalty schedule")))
        return None
    judged = judged_in(first.facts[JUDGED])
    case = fitting.fit(schedule, first, Case.from_json(dict(first.facts)), judged)
    if case is None:
        return None
    try:
        return Matter(rows, judged, schedule, _assessed(schedule, case, _decided(first, judged)))
    except CaseError as error:
        why = "; ".join(one.message(replaying.live.translate) for one in error.mistakes)
        replaying.cannot("penalty", name, first.id, why)
        return None


def _assessed(schedule: CompiledSchedule, case: Case, decided: Decimal | None) -> PenaltyAssessment:
    """The result, with the amount that was decided where the draft leaves it open too."""
    found = assess(schedule, case if case.amount is None else replace(case, amount=None))
    amount = decided if decided is not None else case.amount
    main, spec = found.offender, schedule.levels[found.level].spec
    ranged = spec.min is not None or spec.max is not None
    if amount is None or main is None or not (main.amount_asked or ranged):
        return found
    return assess(schedule, replace(case, amount=amount))


def _decided(row: PenaltyRow, judged: Judged) -> Decimal | None:
    """What the decider set, where it was for him to say."""
    return row.amount_due if judged.open and row.state in CHARGED else None


def _weigh(replaying: Replaying, matters: Sequence[Matter]) -> None:
    """Of two matters of one person that exclude each other the lighter one is not charged."""
    portal = replaying.draft.release.portal
    for index, one in enumerate(matters):
        for other in matters[index + 1 :]:
            same = one.judged.offender_id == other.judged.offender_id
            rivals = same and excludes(portal, one.schedule.spec, other.schedule.spec)
            if not rivals or None in (one.found.offender, other.found.offender) or one.lost or other.lost:
                continue
            result = heavier(portal, (one.schedule, one.found), (other.schedule, other.found))
            if result.charged is not None:
                (other if result.charged is one.found else one).lost = result.because


def _moves(matter: Matter) -> Iterator[Move]:
    """Every penalty of a matter under both releases; what follows anew comes last."""
    found = matter.found.penalties
    left: dict[tuple[str, str], Penalty] = {
        (one.origin, one.person.id): one for one in found if one.person is not None
    }
    unit = next((row.unit_id for row in matter.rows if row.origin == "direct"), None)
    for row in matter.rows:
        own = left.pop((row.origin or "direct", str(row.person_id)), None)
        if row.state != "withdrawn":
            yield _move(matter, row, row.person_id, row.unit_id, own)
    if matter.lost is None:
        for one in left.values():
            yield _move(matter, matter.rows[0], _number(one), unit, one, new=True)


def _move(
    matter: Matter,
    row: PenaltyRow,
    person: int | None,
    unit: int | None,
    own: Penalty | None,
    new: bool = False,
) -> Move:
    judged = matter.judged if row is matter.rows[0] else judged_of(row)
    charged_before = not new and row.state not in UNCHARGED
    charged = own is not None and matter.lost is None
    before = _before(row, judged) if charged_before else NOTHING
    after = due_of(own) if charged and own is not None else NOTHING
    same = charged_before is charged and before == after
    return Move(
        penalty_id=None if new else row.id,
        number="" if new else row.number or f"#{row.id}",
        record_type=row.record_type or "",
        record_id=row.record_id or 0,
        person_id=person,
        unit_id=unit,
        schedule=matter.found.schedule,
        level_before=judged.level,
        level_after=matter.found.level,
        before=before,
        after=after,
        charged_before=charged_before,
        charged_after=charged,
        in_points=matter.schedule.spec.kind == "points",
        because_after=() if same else _reasons(matter, own),
        reward=matter.schedule.spec.kind == "reward",
    )


def _reasons(matter: Matter, own: Penalty | None) -> tuple[Reason, ...]:
    """The draft's reasons for one penalty, or for there being none."""
    exempt = matter.found.exempt
    return (
        *(own.because if own is not None else ()),
        *(exempt.because if exempt is not None else ()),
        *(general_for(own, matter.found.because) if own is not None else matter.found.because),
        *((matter.lost,) if matter.lost is not None else ()),
    )


def _before(row: PenaltyRow, judged: Judged) -> Decimal | None:
    """What the rules of its release came to, without late payment; what the decider set where it was open."""
    decided = _decided(row, judged)
    if decided is not None or judged.penalty is None:
        return decided
    return main_figure(judged.penalty) if judged.penalty.amount_asked else due_of(judged.penalty)


def _number(penalty: Penalty) -> int | None:
    found = penalty.person.id if penalty.person is not None else ""
    return int(found) if found.isdecimal() else None
