"""Clocks as people see them: what is left, in words and colour, and the proof of each due time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask_babel import gettext as _

from app.access import may_see_type
from app.actions import Context
from app.actions.clock_levels import Level, calendar_of, level_of_row
from app.actions.clocks import Judged, judge_all
from app.actions.extend_deadline import may_extend
from app.rules.clock_proofs import clock_proof, clock_told, counted_from
from app.rules.clock_words import ClockTone, left_of, left_words
from app.rules.clocks import Clock, ClockState
from app.rules.reasons import in_words
from app.rules.said_times import said_duration, said_length, said_moment
from app.rules.values import Plain
from app.spec.durations import Duration, parse_duration
from app.storage import Record
from app.storage.deadlines import DEADLINE, DeadlineRow, deadline_row, deadlines_of
from app.web.addresses import record_address
from app.web.context import Served, action_context, actor, style
from app.web.context import session as database_session
from app.web.display import Cell, show_moment
from app.web.languages import label
from app.web.reasons import Step, steps_of
from app.web.studio_links import why_address

TONES: Mapping[ClockTone, str] = MappingProxyType(
    {"ok": "success", "warning": "warning", "danger": "danger", "neutral": "neutral"}
)
EXTEND = "/clocks/extend/"


@dataclass(frozen=True, slots=True)
class ClockCard:
    """One clock of a record in a line: its name, what is left as a badge, when it is due."""

    title: str
    left: Cell
    due: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in the proof; `why` it is left out, empty where it counts."""

    begin: str
    end: str
    length: str
    why: str


@dataclass(frozen=True, slots=True)
class ClockProof:
    """One clock with everything that its due time rests on. release: the one whose text judges it; why: leads
    to that text, empty for those who may not see it."""

    card: ClockCard
    target: str
    calendar: str
    begin: str
    ended: str
    served: str
    stretches: tuple[Stretch, ...]
    because: tuple[Step, ...]
    extensions: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    extend_href: str
    release: int | None = None
    why: str = ""


def shows_clocks(here: Served, record_type: str) -> bool:
    """Whether records of a type have clocks that the reader may see."""
    return record_type in here.policy.clocked and may_see_type(here.policy, actor(), DEADLINE)


def clock_cards(here: Served, record: Record) -> tuple[ClockCard, ...]:
    """The clocks of a record that the reader may read: one statement, and one more where a calendar
    counts."""
    if not shows_clocks(here, record.record_type):
        return ()
    context = action_context()
    rows = deadlines_of(context.session, context.models, record.record_type, record.id)
    shown = (row for row in rows if row.status not in ("no_target", "cancelled"))
    return tuple(_card(context, row, level) for row in shown if (level := _level(context, row)) is not None)


def clock_address(here: Served, deadline_id: int) -> str:
    """Where a stored clock is shown with its proof: among those of its record; empty for a type that is not
    declared any more. Whoever may read the clock may read the record."""
    row = deadline_row(database_session(), here.models, deadline_id)
    if row is None or row.record_type not in here.release.records:
        return ""
    return record_address(row.record_type, "show", row.record_id, tab="clocks")


def left_cells(rows: Mapping[int, DeadlineRow]) -> dict[int, Cell]:
    """What is left of stored clocks, by id, for a list."""
    context = action_context()
    levels = {key: _level(context, row) for key, row in rows.items()}
    return {
        key: _left(context, row, level) for key, row in rows.items() if (level := levels[key]) is not None
    }


def clock_proofs(here: Served, stored: Record) -> tuple[ClockProof, ...]:
    """The clocks of a record with their proofs, computed now."""
    if not shows_clocks(here, stored.record_type):
        return ()
    context = action_context()
    judged = [one for one in judge_all(context, stored) if one.row is not None or one.clock.started_at]
    return tuple(_proof(context, one) for one in judged)


def told_clocks(here: Served, stored: Record) -> list[dict[str, Plain]]:
    """The clocks of a record as programs read them: see `clock_told`."""
    if not shows_clocks(here, stored.record_type):
        return []
    context = action_context()
    judged = (one for one in judge_all(context, stored) if one.row is not None or one.clock.started_at)
    return [clock_told(one.clock, _) for one in judged]


def _level(context: Context, row: DeadlineRow) -> Level | None:
    return level_of_row(context, row.service_level, row.level_digest, row.release_id)


def card_of(context: Context, row: DeadlineRow) -> ClockCard | None:
    """One stored clock in a line; None where its service level is not known any more."""
    level = _level(context, row)
    return _card(context, row, level) if level is not None else None


def _card(context: Context, row: DeadlineRow, level: Level) -> ClockCard:
    due = said_moment(row.due_at, level.compiled.zone, end=True) if row.due_at is not None else ""
    title = label(level.compiled.spec.label)
    return ClockCard(title, _left(context, row, level), due, bool(row.provisional))


def _left(context: Context, row: DeadlineRow, level: Level) -> Cell:
    """What is left, without replaying the record's history. What stands still is told as of the moment at
    which it was written down: its due time moves on with every moment."""
    key = ("calendar of unit", level.name, level.digest, row.unit_id)
    calendar = context.keep(key, lambda: calendar_of(context, level, row.unit_id))
    time = parse_duration(row.target)
    paused = row.status == "paused" and row.changed_at is not None
    left = left_of(
        _state(row),
        row.due_at,
        row.changed_at if paused and row.changed_at is not None else context.now,
        time if isinstance(time, Duration) else None,
        calendar,
        level.compiled.zone,
        row.stopped_at,
        bool(row.warned),
    )
    return Cell(left.said(_), "badge", TONES[left.tone])


def _state(row: DeadlineRow) -> ClockState:
    found: ClockState = row.status  # type: ignore[assignment]
    return found


def _proof(context: Context, one: Judged) -> ClockProof:
    clock, spec, zone = one.clock, one.level.compiled.spec, one.level.compiled.zone
    left = left_words(clock)
    due = said_moment(clock.due_at, zone, end=True) if clock.due_at is not None else ""
    card = ClockCard(label(spec.label), Cell(left.said(_), "badge", TONES[left.tone]), due, clock.provisional)
    calendar = clock.counting.calendar if clock.counting is not None else None
    known = context.release.portal.calendars.get(calendar.name) if calendar is not None else None
    begun = counted_from(clock)
    row = one.row
    extends = (
        row is not None and clock.open and clock.due_at is not None and may_extend(context, one.level, row)
    )
    return ClockProof(
        card=card,
        target=in_words(said_duration(clock.time), _) if clock.time is not None else "",
        calendar=label(known.label) if known is not None else _("around the clock"),
        begin=said_moment(begun, zone) if begun is not None else "",
        ended=said_moment(clock.stopped_at, zone) if clock.stopped_at is not None else "",
        served=in_words(said_length(clock.served_seconds, working=clock.working), _),
        stretches=stretches_of(clock),
        because=steps_of(clock.because),
        extensions=tuple(
            _(
                "%(name)s at %(at)s: %(reason)s",
                name=given.by,
                at=said_moment(given.at, zone),
                reason=given.reason,
            )
            for given in clock.extensions
        ),
        steps=tuple(
            (step.text, show_moment(step.at, style())) for step in clock.steps if step.at is not None
        ),
        extend_href=f"{EXTEND}{row.id}" if extends and row is not None else "",
        release=one.level.release.number,
        why=why_address(spec.span.file, spec.span.line, one.level.release.number),
    )


def stretches_of(clock: Clock) -> tuple[Stretch, ...]:
    """What counted and what was left out between start and due time, in order."""
    zone, shown = clock.level.zone, clock_proof(clock)
    pieces = [(span.start, span.end, span.seconds, "") for span in shown.counted]
    pieces += [(span.start, span.end, 0, in_words(span.why, _)) for span in shown.left_out]
    return tuple(
        Stretch(
            said_moment(start, zone),
            said_moment(end, zone, end=True),
            in_words(said_length(seconds), _) if seconds else "",
            why,
        )
        for start, end, seconds, why in sorted(pieces)
    )


def record_of_clock(row: DeadlineRow) -> str:
    """The page of the record that a clock is about."""
    return record_address(row.record_type, "show", row.record_id, tab="clocks")
