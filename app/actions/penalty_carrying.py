"""Penalties that nobody has decided yet, judged anew when another release comes to hold for them.

stored case + what the other release asks besides -> assess -> the same records, changed, joined or let off
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from app.actions.context import Context
from app.actions.penalty_anew import assessed
from app.actions.penalty_case import PenaltyRequest
from app.actions.penalty_charges import PENALTY, charges_of, set_aside, store_charges, take_up
from app.actions.penalty_decisions import raised_with
from app.actions.penalty_judged import OPEN, case_of, judged_of
from app.actions.penalty_rivals import group_of, rivals_of, weigh
from app.actions.pinned import ReleaseGone, release_of
from app.actions.replay_cases import Fitting
from app.actions.replaying import Replaying
from app.rules import Case, CompiledSchedule, PenaltyAssessment
from app.source import ConfigError
from app.storage import Record, read_record
from app.storage.penalties import PenaltyRow, penalty_row
from app.workflow import TransitionRefused

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Matter:
    """What one penalty of a person in breach comes to by another release. source: the record that it was
    raised from; event: the words that it goes by; rows: it, and those of the matter that nobody
    decided on."""

    schedule: CompiledSchedule
    case: Case
    assessment: PenaltyAssessment
    source: Record
    event: str
    rows: tuple[PenaltyRow, ...]

    @property
    def direct(self) -> PenaltyRow:
        return self.rows[0]


class Carrying:
    """Judges by releases other than the one that a penalty names."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._fittings: dict[int, Fitting] = {}

    def matter(self, penalty_id: int, old: int, new: int) -> Matter | None:
        """The matter of a penalty of release `old`, judged by release `new`. None, and all stays as it is,
        where somebody has decided, the penalty only follows another, or that release cannot judge it."""
        context = self.context
        row = penalty_row(context.session, context.models, penalty_id)
        case = case_of(row) if row is not None else None
        if row is None or case is None or row.release_id != old or row.origin == "joint":
            return None
        if row.state not in OPEN or row.record_type not in context.release.records or row.record_id is None:
            return None
        judged = judged_of(row)
        source = read_record(context.session, context.models, row.record_type or "", row.record_id)
        event = read_record(context.session, context.models, PENALTY, row.id)
        if source is None or event is None or judged.offender_id is None:
            return None
        try:
            fitting = self._fitting(new)
            schedule = fitting.schedule(row.schedule or "")
            fitted = fitting.fit(schedule, row, case, judged) if schedule is not None else None
            if schedule is None or fitted is None:
                return None
            assessment = assessed(context, schedule, fitted)
        except (ReleaseGone, ConfigError, TransitionRefused) as error:
            log.warning("penalty %s stays under release %s: %s", row.id, old, error)
            return None
        group = group_of(raised_with(context, row), row.schedule or "", judged.offender_id)
        rows = (row, *(one for one in group if one.id != row.id and one.state in OPEN))
        return Matter(schedule, fitted, assessment, source, str(event.values.get("event") or ""), rows)

    def store(self, matter: Matter, release: int) -> None:
        """Write what a matter comes to by release `release`, weighed against what else the event led to."""
        context, direct = self.context, matter.direct
        offender, schedule = judged_of(direct).offender_id, matter.schedule
        raised = raised_with(context, direct)
        mine = group_of(raised, direct.schedule or "", offender)
        decided = {(row.person_id, row.origin) for row in mine if row.state not in OPEN}
        weighed = weigh(context, schedule, matter.assessment, mine,
                        rivals_of(context, schedule, offender, raised))  # fmt: skip
        case = matter.case
        request = PenaltyRequest(
            direct.schedule or "", matter.source.record_type, matter.source.id, case.level, offender or 0,
            case.facts, case.joint, matter.event, case.at,
        )  # fmt: skip
        charges = charges_of(context, schedule, request, matter.source, case, matter.assessment,
                             weighed.lost, weighed.notes)  # fmt: skip
        wanted = [one for one in charges if (one.person_id, one.origin) not in decided]
        store_charges(context, wanted, [row for row in mine if row.state in OPEN], release)
        for rival, reason in weighed.beaten:
            set_aside(context, rival.rows, reason)
        for rival in weighed.freed:
            take_up(context, rival.rows)

    def _fitting(self, number: int) -> Fitting:
        if number not in self._fittings:
            context = self.context
            draft = replace(context, release=release_of(context, number), machines={}, kept={})
            self._fittings[number] = Fitting(Replaying(context, draft, context.now))
        return self._fittings[number]
