"""More time for one record, given for a reason by those whom the service level names in `extend_by`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.access import AccessDenied, Decision
from app.actions.clock_levels import Level, level_of_row
from app.actions.clocks import clock_now
from app.actions.context import Context, transaction
from app.actions.records import load_for
from app.actions.storing import audit
from app.rules.clocks import Clock
from app.source import N_, Refusal
from app.spec.durations import Duration, parse_duration
from app.storage import Record, RecordGone
from app.storage.deadlines import DEADLINE, DeadlineRow, deadline_row, update_deadline
from app.workflow import Parties, includes, parse_parties


class ExtensionRefused(Refusal):
    """Nothing was extended; the words say why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: until a moment, or so much longer (`2 working days`), and why."""

    reason: str
    until: datetime | None = None
    more: str = ""


def extend_deadline(context: Context, deadline_id: int, asked: Asked) -> None:
    """Give one clock more time, noted with who, when and why, in the record's history too.

    Raises RecordGone (also for rows that the actor may not see), AccessDenied, ExtensionRefused.
    """
    with transaction(context):
        row, stored, level = _opened(context, deadline_id)
        if not may_extend(context, level, row):
            raise AccessDenied(Decision(False, N_("this time is extended by others")))
        judged = clock_now(context, stored, row.service_level)
        clock = judged.clock if judged is not None else None
        if clock is None or clock.stopped_at is not None or clock.due_at is None:
            raise ExtensionRefused(N_("only a clock that runs towards a due time can be extended"))
        given = {"by": context.actor.name, "at": context.now.isoformat(), **_read(asked, clock)}
        known = row.extensions if isinstance(row.extensions, list) else []
        values = {"extensions": [*known, given]}
        update_deadline(context.session, context.models, row.id, values, context.now)
        title = context.translate(level.compiled.spec.label)
        words = context.say(N_("more time for '{clock}': {reason}"), clock=title, reason=given["reason"])
        audit(context, "update", row.record_type, row.record_id, stored.label, {}, {}, words)


def may_extend(context: Context, level: Level, row: DeadlineRow) -> bool:
    """Whether the actor is among those who may give the clock more time."""
    named = _named(level)
    if context.actor.unlimited:
        return True
    if not named or context.actor.kind != "person":
        return False
    try:
        _, facts = load_for(context, row.record_type, row.record_id, paths=named.paths)
    except RecordGone:
        return False
    return includes(named, context.actor, facts)


def _named(level: Level) -> Parties:
    spec = level.compiled.spec
    return parse_parties(level.release.portal, spec.regime, spec.extend_by)


def _opened(context: Context, deadline_id: int) -> tuple[DeadlineRow, Record, Level]:
    load_for(context, DEADLINE, deadline_id)
    row = deadline_row(context.session, context.models, deadline_id, lock=True)
    level = level_of_row(context, row.service_level, row.level_digest, row.release_id) if row else None
    if row is None or level is None:
        raise RecordGone(DEADLINE, deadline_id)
    stored, _ = load_for(context, row.record_type, row.record_id)
    return row, stored, level


def _read(asked: Asked, clock: Clock) -> dict[str, str]:
    """The extension as it is kept. Raises ExtensionRefused."""
    reason = asked.reason.strip()
    if not reason:
        raise ExtensionRefused(N_("a reason is needed"))
    if asked.until is not None:
        if clock.due_at is not None and asked.until <= clock.due_at:
            raise ExtensionRefused(N_("this is no later than it is due already"))
        return {"reason": reason, "until": asked.until.isoformat()}
    more = parse_duration(asked.more.strip() or None)
    if not isinstance(more, Duration) or more.kind != "length":
        raise ExtensionRefused(N_("write how much longer, such as '2 working days', or until when"))
    if more.working and (clock.counting is None or clock.counting.calendar is None):
        raise ExtensionRefused(N_("no calendar counts this time: write days or hours, or until when"))
    return {"reason": reason, "more": more.text}
