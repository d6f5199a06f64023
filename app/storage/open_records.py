"""Open records and the release whose rules they are judged by.

`release_type` says which release changed the rules of which record types, `release_move` which records went
from one release to another, `release_stay` which ones somebody who was asked left where they were.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import RecordModel
from app.storage.columns import Moment
from app.storage.deadlines import OPEN
from app.storage.mapping import Models
from app.storage.system_tables import TABLES

PENALTY = "penalty"
SCHEDULE = "schedule:"
"""Stands before the full name of a penalty schedule among what a release changes: it touches the penalties
that nobody has decided yet."""
_RELEASE = sa.table("release", sa.column("id", sa.Integer), sa.column("applied_at", Moment()))


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """One open record. release: whose rules it is judged by; state: empty where the type has no workflow."""

    id: int
    release: int
    state: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A release changes the rules of a record type (or a schedule, see `SCHEDULE`). mode: what for open
    records: keep, switch or ask."""

    release: int
    record_type: str
    mode: str


@dataclass(frozen=True, slots=True)
class Move:
    """A record went from release `old` to release `new` when `release` came into service."""

    release: int
    record_type: str
    record_id: int
    old: int
    new: int


def note_touched(
    session: orm.Session, release: int, types: Collection[str], mode: str, done_at: datetime | None
) -> None:
    """A release changes the rules of these record types; done_at: None while its day has not come."""
    rows = [
        {"release_id": release, "record_type": name, "open_records": mode, "done_at": done_at}
        for name in sorted(types)
    ]
    if rows:
        session.execute(sa.insert(TABLES["release_type"]), rows)
    named = sa.table("release", sa.column("id", sa.Integer), sa.column("open_records", sa.Text))
    session.execute(sa.update(named).where(named.c.id == release).values(open_records=mode))


def touched_by(session: orm.Session, upto: int) -> tuple[Touched, ...]:
    """Which releases up to that number changed the rules of which types, the earliest first."""
    table = TABLES["release_type"]
    rows = session.execute(
        sa.select(table.c.release_id, table.c.record_type, table.c.open_records)
        .where(table.c.release_id <= upto)
        .order_by(table.c.release_id, table.c.record_type)
    )
    return tuple(Touched(*row) for row in rows)


def take_waiting(session: orm.Session, release: int, now: datetime) -> tuple[Touched, ...]:
    """What a release has still to be carried over to, now taken: whoever asks next gets nothing."""
    table = TABLES["release_type"]
    taken = (
        sa.update(table)
        .where(table.c.release_id == release, table.c.done_at.is_(None))
        .values(done_at=now)
        .returning(table.c.release_id, table.c.record_type, table.c.open_records)
    )
    return tuple(Touched(*row) for row in session.execute(taken))


def open_where(models: Models, record: RecordModel, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Which records of a type are open.

    With a workflow those in a state that is not final; without one those with a clock that still runs or a
    penalty that nobody has decided yet. A penalty is open until it is decided.
    """
    if record.name == PENALTY:
        return undecided_where(models, table)
    if record.workflow is not None:
        states = [name for name, state in record.workflow.states.items() if not state.final]
        return table.c.state.in_(states)
    clock, penalty = models.tables["deadline"].alias(), models.tables[PENALTY].alias()
    running = sa.exists().where(
        clock.c.record_type == record.name,
        clock.c.record_id == table.c.id,
        clock.c.stopped_at.is_(None),
        clock.c.status.in_(OPEN),
    )
    undecided = sa.exists().where(
        penalty.c.record_type == record.name,
        penalty.c.record_id == table.c.id,
        penalty.c.state == "proposed",
    )
    return sa.or_(running, undecided)


def undecided_where(models: Models, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Which penalties nobody has decided yet: the proposed ones, and those that stand back for one that is
    only proposed."""
    other = models.tables[PENALTY].alias()
    rival = sa.exists().where(
        other.c.record_type == table.c.record_type,
        other.c.record_id == table.c.record_id,
        other.c.schedule != table.c.schedule,
        other.c.state == "proposed",
    )
    return sa.or_(table.c.state == "proposed", sa.and_(table.c.state == "not_charged", rival))


def open_records(
    session: orm.Session, models: Models, record_type: str, ids: Collection[int] | None = None
) -> tuple[OpenRecord, ...]:
    """The open records of a type that name a release; ids: only those among them."""
    table = models.tables[record_type]
    record = models.record(record_type)
    state = table.c.state if "state" in table.c else sa.literal("")
    found = (
        sa.select(table.c.id, table.c.release_id, sa.func.coalesce(state, ""))
        .where(table.c.release_id.is_not(None), open_where(models, record, table))
        .order_by(table.c.id)
    )
    if ids is not None:
        found = found.where(table.c.id.in_(sorted(ids)))
    return tuple(OpenRecord(*row) for row in session.execute(found))


def movable(
    session: orm.Session, models: Models, record_type: str, ids: Collection[int]
) -> tuple[OpenRecord, ...]:
    """Those of these records that may go back to an earlier release: the open ones, and penalties that the
    portal alone let off or set aside."""
    if record_type != PENALTY:
        return open_records(session, models, record_type, ids)
    table = models.tables[PENALTY]
    found = (
        sa.select(table.c.id, table.c.release_id, table.c.state)
        .where(table.c.id.in_(ids), table.c.release_id.is_not(None))
        .where(table.c.state.in_(("proposed", "exempt", "not_charged")))
        .order_by(table.c.id)
    )
    return tuple(OpenRecord(*row) for row in session.execute(found))


def count_open(session: orm.Session, models: Models, record_type: str) -> int:
    """How many open records of a type name a release."""
    table = models.tables[record_type]
    is_open = open_where(models, models.record(record_type), table)
    counted = sa.select(sa.func.count()).select_from(table)
    return session.scalar(counted.where(table.c.release_id.is_not(None), is_open)) or 0


def release_of_record(session: orm.Session, models: Models, record_type: str, record_id: int) -> int | None:
    """The release that a record names; None for none, and where there is no such record."""
    table = models.tables[record_type]
    return session.scalar(sa.select(table.c.release_id).where(table.c.id == record_id))


def put_under(session: orm.Session, models: Models, moves: Sequence[Move]) -> None:
    """Let records of one type name another release, the same for all, and their clocks be judged by that
    one's service levels. What the moves lead back from is kept."""
    first, ids = moves[0], [one.record_id for one in moves]
    table, clock = models.tables[first.record_type], models.tables["deadline"]
    session.execute(sa.update(table).where(table.c.id.in_(ids)).values(release_id=first.new))
    session.execute(
        sa.update(clock)
        .where(clock.c.record_type == first.record_type, clock.c.record_id.in_(ids))
        .values(release_id=first.new, level_digest=None, version=clock.c.version + 1)
    )
    _note_moves(session, moves)


def _note_moves(session: orm.Session, moves: Sequence[Move]) -> None:
    """Keep where records came from; of several moves under one release the first place and the last."""
    table, first = TABLES["release_move"], moves[0]
    again = sa.update(table).where(
        table.c.release_id == first.release,
        table.c.record_type == first.record_type,
        table.c.record_id.in_([one.record_id for one in moves]),
    )
    known = set(session.scalars(again.values(new=first.new).returning(table.c.record_id)))
    rows = [
        {"release_id": one.release, "record_type": one.record_type, "record_id": one.record_id,
         "old": one.old, "new": one.new}
        for one in moves if one.record_id not in known
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(table), rows)


def end_clocks(
    session: orm.Session,
    models: Models,
    record_type: str,
    ids: Collection[int],
    kept: Collection[str],
    now: datetime,
) -> None:
    """End the running clocks of records whose service levels (all but `kept`) their release does not have."""
    clock = models.tables["deadline"]
    gone = sa.update(clock).where(
        clock.c.record_type == record_type,
        clock.c.record_id.in_(sorted(ids)),
        clock.c.stopped_at.is_(None),
        clock.c.service_level.not_in(sorted(kept)),
    )
    ended = {"status": "cancelled", "stopped_at": now, "open": False, "next_step_at": None}
    session.execute(gone.values(ended | {"version": clock.c.version + 1}))


def proposed_by(session: orm.Session, models: Models, schedules: Collection[str]) -> tuple[OpenRecord, ...]:
    """The penalties by these schedules that nobody has decided yet."""
    table = models.tables[PENALTY]
    found = (
        sa.select(table.c.id, table.c.release_id, table.c.state)
        .where(table.c.schedule.in_(sorted(schedules)), undecided_where(models, table))
        .where(table.c.release_id.is_not(None))
        .order_by(table.c.id)
    )
    return tuple(OpenRecord(*row) for row in session.execute(found))


def later_moves(session: orm.Session, number: int) -> tuple[Move, ...]:
    """What went from release to release since release `number` was put into service, the last move first."""
    table = TABLES["release_move"]
    since = sa.select(_RELEASE.c.applied_at).where(_RELEASE.c.id == number).scalar_subquery()
    later = sa.or_(
        _RELEASE.c.applied_at > since, sa.and_(_RELEASE.c.applied_at == since, _RELEASE.c.id > number)
    )
    rows = session.execute(
        sa.select(table.c.release_id, table.c.record_type, table.c.record_id, table.c.old, table.c.new)
        .join(_RELEASE, _RELEASE.c.id == table.c.release_id)
        .where(later)
        .order_by(_RELEASE.c.applied_at.desc(), _RELEASE.c.id.desc(), table.c.record_type, table.c.record_id)
    )
    return tuple(Move(*row) for row in rows)


def note_stay(session: orm.Session, release: int, record_type: str, record_id: int) -> None:
    """Somebody was asked by release `release` and left the record where it was."""
    row = {"release_id": release, "record_type": record_type, "record_id": record_id}
    session.execute(sa.insert(TABLES["release_stay"]).values(row))


def asked_where(
    models: Models, asking: Mapping[str, int], record_type: str, table: sa.FromClause
) -> sa.ColumnElement[bool]:
    """Which records of a type wait for an answer; asking: what changed -> the last release that asked."""
    is_open = open_where(models, models.record(record_type), table)
    parts = []
    for key, release in asking.items():
        if key == record_type:
            parts.append(_unanswered(record_type, release, table))
        elif record_type == PENALTY and key.startswith(SCHEDULE):
            ours = table.c.schedule == key.removeprefix(SCHEDULE)
            parts.append(sa.and_(ours, _unanswered(record_type, release, table)))
    return sa.and_(is_open, sa.or_(*parts)) if parts else sa.false()


def _unanswered(record_type: str, release: int, table: sa.FromClause) -> sa.ColumnElement[bool]:
    stay = TABLES["release_stay"].alias()
    answered = sa.exists().where(
        stay.c.release_id >= release, stay.c.record_type == record_type, stay.c.record_id == table.c.id
    )
    return sa.and_(table.c.release_id < release, ~answered)


def due_releases(session: orm.Session, now: datetime) -> Sequence[int]:
    """The releases of which something waits to be carried over and whose day has come."""
    table = TABLES["release_type"]
    found = (
        sa.select(_RELEASE.c.id)
        .join(table, table.c.release_id == _RELEASE.c.id)
        .where(table.c.done_at.is_(None), _RELEASE.c.applied_at <= now)
        .distinct()
    )
    return session.scalars(found).all()


def release_asked_about(
    session: orm.Session, models: Models, asking: Mapping[str, int], record_type: str, record_id: int
) -> int | None:
    """The release that an open record names about which somebody is asked; None where nobody is."""
    table = models.tables[record_type]
    asked = asked_where(models, asking, record_type, table)
    return session.scalar(sa.select(table.c.release_id).where(table.c.id == record_id, asked))
