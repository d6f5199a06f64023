"""What follows from a transition, done in its own transaction and in the order written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.actions.appeals import contest
from app.actions.context import Context
from app.actions.facts import Scope
from app.actions.fund_entries import enter_by_hand
from app.actions.fund_rules import FUND_ENTRY
from app.actions.notices import notify, recipients
from app.actions.penalties import PenaltyRequest, raise_penalties
from app.actions.penalty_chain import Note
from app.actions.penalty_settling import withdraw_penalty
from app.actions.preparing import prepare_trusted
from app.actions.storing import Saved, store_new
from app.release import RecordModel
from app.rules.elapsed import due_after
from app.rules.working_days import general_calendar
from app.spec.durations import Duration, parse_duration
from app.storage import Record, enqueue
from app.storage.penalties import penalties_raised, penalty_row
from app.workflow import (
    Assess,
    Contest,
    CreateRecord,
    MakeTask,
    MoveLinked,
    Notify,
    Outcome,
    Print,
    Revoke,
    SetFields,
)

_UNSETTLED = ("proposed", "decided", "notified")
"""States in which a penalty can still be withdrawn."""


class Mover(Protocol):
    """Makes a transition of another record with the workflow's own authority."""

    def __call__(self, context: Context, record_type: str, record_id: int, event: str) -> Saved: ...


@dataclass(frozen=True, slots=True)
class RanOut:
    """A time that ran out: when (None where nothing did), and a sentence about it for every message."""

    at: datetime | None = None
    note: str = ""


NOTHING_RAN_OUT = RanOut()


@dataclass(frozen=True, slots=True)
class Occasion:
    """What sets effects off (a transition, a step of a clock), by its `title`: of which record (as stored
    now), seen through which facts.

    moves_linked carries out `move`; it is handed in because it leads back here.
    """

    context: Context
    record: RecordModel
    stored: Record
    title: str
    facts: Scope
    moves_linked: Mover
    ran_out: RanOut = NOTHING_RAN_OUT


def carry_out(occasion: Occasion, outcome: Outcome) -> None:
    """Do one effect. Raises what the other actions raise: then nothing of the transition has happened."""
    match outcome:
        case CreateRecord():
            _create(occasion, outcome)
        case Assess():
            _assess(occasion, outcome)
        case Revoke(schedule=schedule):
            _revoke(occasion, schedule)
        case Notify():
            note = occasion.ran_out.note
            notify(occasion.context, occasion.record, occasion.stored, outcome, occasion.title, note)
        case Print(report=report):
            _print(occasion, report)
        case MakeTask():
            _task(occasion, outcome)
        case MoveLinked(record_type=record_type, record_id=record_id, transition=transition):
            occasion.moves_linked(occasion.context, record_type, record_id, transition)
        case Contest():
            contest(occasion.context, occasion.stored, outcome)
        case SetFields():
            pass  # written with the record itself, in one change


def _create(occasion: Occasion, outcome: CreateRecord) -> None:
    context = occasion.context
    draft = prepare_trusted(context, context.record(outcome.record_type), outcome.values)
    if outcome.record_type == FUND_ENTRY:
        enter_by_hand(context, draft)
    else:
        store_new(context, draft)


def _assess(occasion: Occasion, outcome: Assess) -> None:
    stored = occasion.stored
    request = PenaltyRequest(
        schedule=outcome.schedule,
        record_type=stored.record_type,
        record_id=stored.id,
        level=outcome.level,
        offender_id=outcome.offender,
        facts=outcome.facts,
        joint=outcome.joint,
        event=f"{stored.label} {occasion.title}"[:200],
        occurred_at=occasion.ran_out.at,
    )
    raise_penalties(occasion.context, request)


def _revoke(occasion: Occasion, schedule: str) -> None:
    """Withdraw what the record led to under the schedule, as far as it is not settled yet."""
    context, stored = occasion.context, occasion.stored
    words = f"{stored.label} {occasion.title}"
    raised = penalties_raised(context.session, context.models, stored.record_type, stored.id)
    for one in raised:
        row = penalty_row(context.session, context.models, one.id)
        if row is not None and row.schedule == schedule and row.state in _UNSETTLED:
            withdraw_penalty(context, row, words, Note("withdrawn", words))


def _print(occasion: Occasion, report: str) -> None:
    """The worker renders it after the commit; the version makes each print of its own once."""
    stored, actor = occasion.stored, occasion.context.actor
    payload = {
        "report": report,
        "record_type": stored.record_type,
        "record_id": stored.id,
        "person": actor.person_id,
        "release": occasion.context.release.number,
    }
    key = f"print:{report}:{stored.record_type}:{stored.id}:{stored.version}"
    enqueue(occasion.context.session, key, "print", payload, occasion.context.now)


def _task(occasion: Occasion, outcome: MakeTask) -> None:
    context, stored = occasion.context, occasion.stored
    due = _due(occasion, outcome.due)
    values = {
        "title": outcome.title,
        "record_type": stored.record_type,
        "record_id": stored.id,
        "due_at": due,
    }
    for person in recipients(context, outcome.people, ()):
        _store_task(context, {**values, "assignee": person})
    for role in sorted(outcome.roles):
        for person in recipients(context, (), (role,)):
            _store_task(context, {**values, "assignee": person, "role": role})


def _store_task(context: Context, values: dict[str, object]) -> None:
    store_new(context, prepare_trusted(context, context.record("task"), values))


def _due(occasion: Occasion, written: str | None) -> datetime | None:
    """When a task is due; None where nothing is written, or it needs a calendar and the portal names none."""
    duration = parse_duration(written)
    if not isinstance(duration, Duration):
        return None
    context = occasion.context
    portal = context.release.portal
    calendar = context.keep("general calendar", lambda: general_calendar(portal))
    return due_after(duration, context.now, portal.settings.timezone, occasion.facts, calendar)
