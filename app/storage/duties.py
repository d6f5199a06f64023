"""What is kept of duties: how far each was run, what was drawn, its turns, and what was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.access import SYSTEM
from app.expressions import Expression
from app.storage.binding import condition_where
from app.storage.mapping import Models
from app.storage.scopes import moment_values
from app.storage.system_tables import TABLES

DUTY_RUN = "duty_run"


@dataclass(frozen=True, slots=True)
class Progress:
    """Since when a duty is known here, up to which moment its turns were looked for, by which release."""

    since: datetime
    upto: datetime
    release: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Days drawn at random: from which, with which seed, by which method, when."""

    key: str
    duty: str
    drawn_at: datetime
    method: str
    seed: str
    eligible: tuple[date, ...]
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A turn that something may settle: its id, its duty, the target's id, and how often is needed."""

    id: int
    duty: str
    target_id: int | None
    starts_on: date
    ends_on: date
    needed: int
    made: int
    done_at: datetime | None
    part_of: int | None
    key: str


def progress_of(session: orm.Session) -> dict[str, Progress]:
    """By duty (full name)."""
    table = TABLES["duty_progress"]
    return {
        row.duty: Progress(row.since, row.upto, row.release_id) for row in session.execute(sa.select(table))
    }


def keep_progress(session: orm.Session, duty: str, progress: Progress) -> None:
    """Note how far a duty was run. The first `since` stays, `upto` never goes back."""
    table = TABLES["duty_progress"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(table).values(
        duty=duty, since=progress.since, upto=progress.upto, release_id=progress.release
    )
    changed = {"upto": row.excluded.upto, "release_id": row.excluded.release_id}
    later = table.c.upto < row.excluded.upto
    session.execute(row.on_conflict_do_update(index_elements=[table.c.duty], set_=changed, where=later))


def known_runs(session: orm.Session, models: Models, keys: Collection[str]) -> dict[str, OpenRun]:
    """The turns that are stored under `keys`."""
    table, wanted = models.tables[DUTY_RUN], sorted(keys)
    found: dict[str, OpenRun] = {}
    for start in range(0, len(wanted), 500):
        some = table.c.key.in_(wanted[start : start + 500])
        found |= {run.key: run for run in _runs(session, table, some)}
    return found


def keep_draw(session: orm.Session, draw: Draw) -> None:
    """Keep what was drawn, with all that is needed to draw it again."""
    table = TABLES["duty_draw"]
    session.execute(
        sa.insert(table).values(
            key=draw.key,
            duty=draw.duty,
            drawn_at=draw.drawn_at,
            method=draw.method,
            seed=draw.seed,
            eligible=[day.isoformat() for day in draw.eligible],
            days=[day.isoformat() for day in draw.days],
        )
    )


def draws_of(session: orm.Session, keys: Sequence[str]) -> dict[str, Draw]:
    """The draws with these keys."""
    table = TABLES["duty_draw"]
    found: dict[str, Draw] = {}
    for start in range(0, len(keys), 500):
        rows = session.execute(sa.select(table).where(table.c.key.in_(keys[start : start + 500])))
        for row in rows:
            found[row.key] = Draw(
                row.key, row.duty, row.drawn_at, row.method, row.seed, _days(row.eligible), _days(row.days)
            )
    return found


def _days(written: Sequence[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in written)


def targets_of(
    session: orm.Session, models: Models, record_type: str, where: Expression | None, now: datetime
) -> dict[int, datetime]:
    """The records that a duty is for now, with the moment since which each exists."""
    table = models.tables[record_type]
    chosen = sa.select(table.c.id, table.c.created_at).order_by(table.c.id)
    if where is not None:
        chosen = chosen.where(condition_where(models, record_type, where, SYSTEM, moment_values(models, now)))
    first = datetime.min.replace(tzinfo=UTC)
    return {row.id: row.created_at or first for row in session.execute(chosen)}


def runs_of_record(session: orm.Session, models: Models, record_type: str, record_id: int) -> list[OpenRun]:
    """The turns that this record was made for."""
    table = models.tables[DUTY_RUN]
    return _runs(session, table, table.c.record_type == record_type, table.c.record_id == record_id)


def run_with_id(session: orm.Session, models: Models, run_id: int) -> OpenRun | None:
    """One turn."""
    table = models.tables[DUTY_RUN]
    return next(iter(_runs(session, table, table.c.id == run_id)), None)


def counted_runs(
    session: orm.Session, models: Models, duty: str, target_id: int | None, first: date, last: date
) -> list[OpenRun]:
    """The periods of a counted duty, for one target, that have a day from `first` to `last`."""
    table = models.tables[DUTY_RUN]
    same = table.c.target_id.is_(None) if target_id is None else table.c.target_id == target_id
    inside = (table.c.starts_on <= last, table.c.ends_on >= first)
    return _runs(session, table, table.c.duty == duty, table.c.part_of_id.is_(None), same, *inside)


def overlooked_runs(
    session: orm.Session, models: Models, duty: str, record_type: str, done: Expression, now: datetime
) -> list[OpenRun]:
    """Turns that are not noted as done though the record that was made for them is."""
    table, made = models.tables[DUTY_RUN], models.tables[record_type]
    is_done = condition_where(models, record_type, done, SYSTEM, moment_values(models, now))
    records = sa.select(made.c.id).where(is_done)
    waiting = (table.c.duty == duty, table.c.done_at.is_(None), table.c.record_type == record_type)
    return _runs(session, table, *waiting, table.c.record_id.in_(records))


def open_periods(session: orm.Session, models: Models, duty: str, today: date) -> list[OpenRun]:
    """The periods of a counted duty that are under way or not done."""
    table = models.tables[DUTY_RUN]
    wanted = sa.or_(table.c.done_at.is_(None), table.c.ends_on >= today)
    return _runs(session, table, table.c.duty == duty, table.c.part_of_id.is_(None), wanted)


def _runs(session: orm.Session, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[OpenRun]:
    names = (
        "id",
        "duty",
        "target_id",
        "starts_on",
        "ends_on",
        "needed",
        "made",
        "done_at",
        "part_of_id",
        "key",
    )
    chosen = sa.select(*(table.c[name] for name in names)).where(*where).order_by(table.c.id)
    return [OpenRun(*row) for row in session.execute(chosen)]


def open_tasks(session: orm.Session, models: Models, run_id: int) -> tuple[int, ...]:
    """Ids of the tasks of a turn that are not done."""
    table = models.tables["task"]
    chosen = sa.select(table.c.id).where(table.c.duty_run_id == run_id, table.c.state == "open")
    return tuple(session.scalars(chosen.order_by(table.c.id)))


def count_made(
    session: orm.Session,
    models: Models,
    record_type: str,
    columns: Mapping[str, object],
    between: tuple[str, object, object],
    done: Expression | None,
    now: datetime,
) -> int:
    """How many records hold these values (by column), have a `(column, from, before)` in that stretch, and
    are done."""
    table = models.tables[record_type]
    name, first, end = between
    where: list[sa.ColumnElement[bool]] = [table.c[name] >= first, table.c[name] < end]
    where += [table.c[column] == value for column, value in columns.items()]
    if done is not None:
        where.append(condition_where(models, record_type, done, SYSTEM, moment_values(models, now)))
    counted: Any = session.scalar(sa.select(sa.func.count()).select_from(table).where(*where))
    return int(counted or 0)


def parts_done(session: orm.Session, models: Models, run_id: int) -> int:
    """How many turns of a period are done."""
    table = models.tables[DUTY_RUN]
    done = (table.c.part_of_id == run_id, table.c.done_at.is_not(None))
    return int(session.scalar(sa.select(sa.func.count()).select_from(table).where(*done)) or 0)
