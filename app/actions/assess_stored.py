"""Many records judged at once, without writing anything: what a tariff makes of everything that is stored.

The case of each record is gathered as for a single one; records are read by the thousand, people once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.actions.context import Context
from app.actions.holders import Past
from app.actions.penalty_case import OCCURRED, PenaltyRequest, build_case
from app.rules import Case, CaseError, CompiledSchedule, PenaltyAssessment, assess, compile_schedule
from app.storage import Record, read_records

AT_ONCE = 1_000

RequestOf = Callable[[Record], PenaltyRequest | None]
"""What a record is judged by; None for one that is not to be judged."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One record, its case, and what came out: the assessment, or why there is none."""

    request: PenaltyRequest
    case: Case
    assessment: PenaltyAssessment | None
    error: CaseError | None = None


def assess_stored(
    context: Context, record_type: str, ids: Sequence[int], request_of: RequestOf, fields: Sequence[str] = ()
) -> Iterator[Assessed]:
    """Judge the records with these ids, in their order. `fields` are those that `request_of` reads.

    Nothing is decided: whoever may not read the records has no business here, and must be kept out before.
    """
    schedules: dict[str, CompiledSchedule] = {}
    wanted = _fields(context, record_type, fields)
    past, rest = Past(context), iter(ids)
    while chunk := tuple(islice(rest, AT_ONCE)):
        records = read_records(context.session, context.models, record_type, chunk, fields=wanted)
        requests = [(request, one) for one in records if (request := request_of(one)) is not None]
        past.warm([request.offender_id for request, _ in requests])
        for request, record in requests:
            schedule = schedules.get(request.schedule)
            if schedule is None:
                schedule = _compiled(context, request.schedule)
                schedules[request.schedule] = schedule
            yield _assessed(context, schedule, request, record, past)


def _compiled(context: Context, name: str) -> CompiledSchedule:
    """The schedule of that full name, made ready once for the release. KeyError when there is none."""
    portal = context.release.portal
    return context.keep(("schedule", name), lambda: compile_schedule(portal, portal.penalty_schedules[name]))


def _assessed(
    context: Context, schedule: CompiledSchedule, request: PenaltyRequest, record: Record, past: Past
) -> Assessed:
    case = build_case(context, schedule, request, record, past)
    try:
        return Assessed(request, case, assess(schedule, case))
    except CaseError as error:
        return Assessed(request, case, None, error)


def _fields(context: Context, record_type: str, more: Sequence[str]) -> frozenset[str]:
    """What the cases of these records may read: facts of any schedule, and what says when, where and what."""
    record = context.record(record_type)
    facts = {name for one in context.release.portal.penalty_schedules.values() for name in one.facts}
    known = {*facts, *OCCURRED, *more, "item", "class"}
    return frozenset((known & record.columns.keys()) | ({record.unit_field} if record.unit_field else set()))
