"""Checklists that were run: the answers one by one, the whole result, and drafts not submitted yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models
from app.storage.records import AttachmentInfo


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Which checklist field of which record."""

    record_type: str
    record_id: int
    field: str

    def of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(
            table.c.record_type == self.record_type,
            table.c.record_id == self.record_id,
            table.c.field == self.field,
        )

    def columns(self) -> dict[str, object]:
        return {"record_type": self.record_type, "record_id": self.record_id, "field": self.field}


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answered item. `answer` is its kind (pass_fail, number …), `passed` None where none is judged."""

    section: str
    item: str
    answer: str
    value: str | None
    number: Decimal | None
    remark: str | None
    not_applicable: bool
    passed: bool | None
    points: Decimal | None
    lost: Decimal | None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A submitted checklist: full name, release, the result's JSON, the answers in order.

    reasons: why it came out so; inputs: what it was judged by. Both None for one from before they were kept.
    """

    checklist: str
    release_id: int | None
    result: Mapping[str, Any]
    answers: tuple[StoredAnswer, ...]
    reasons: Mapping[str, Any] | None = None
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """Answers kept for one person; payload as the page sent it."""

    payload: Mapping[str, Any]
    saved_at: datetime


def store_run(session: orm.Session, models: Models, place: RunPlace, run: StoredRun) -> None:
    """Keep a submitted checklist; a run that stood there before is replaced."""
    drop_run(session, models, place)
    rows = [
        place.columns()
        | {
            "checklist": run.checklist,
            "section": one.section,
            "item": one.item,
            "answer": one.answer,
            "value": one.value,
            "number": one.number,
            "remark": one.remark,
            "not_applicable": one.not_applicable,
            "passed": one.passed,
            "points": one.points,
            "lost": one.lost,
        }
        for one in run.answers
    ]
    if rows:
        session.execute(sa.insert(models.system["answer"]), rows)
    session.execute(
        sa.insert(models.system["checklist_run"]).values(
            **place.columns(),
            checklist=run.checklist,
            release_id=run.release_id,
            result=dict(run.result),
            reasons=run.reasons,
            inputs=run.inputs,
        )
    )


def drop_run(session: orm.Session, models: Models, place: RunPlace) -> None:
    """Forget a submitted checklist, its answers included."""
    for name in ("answer", "checklist_run"):
        table = models.system[name]
        session.execute(sa.delete(table).where(place.of(table)))


def load_run(session: orm.Session, models: Models, place: RunPlace) -> StoredRun | None:
    """What was submitted, or None."""
    runs, answers = models.system["checklist_run"], models.system["answer"]
    found = session.execute(sa.select(runs).where(place.of(runs))).first()
    if found is None:
        return None
    rows = session.execute(sa.select(answers).where(place.of(answers)).order_by(answers.c.id))
    return StoredRun(
        checklist=found.checklist,
        release_id=found.release_id,
        result=found.result or {},
        reasons=found.reasons,
        inputs=found.inputs,
        answers=tuple(
            StoredAnswer(
                section=row.section,
                item=row.item,
                answer=row.answer,
                value=row.value,
                number=row.number,
                remark=row.remark,
                not_applicable=row.not_applicable,
                passed=row.passed,
                points=row.points,
                lost=row.lost,
            )
            for row in rows
        ),
    )


def store_draft(
    session: orm.Session,
    models: Models,
    place: RunPlace,
    person_id: int,
    payload: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep a person's unfinished answers; the draft before is replaced."""
    table = models.system["draft"]
    drop_draft(session, models, place, person_id)
    session.execute(
        sa.insert(table).values(**place.columns(), person_id=person_id, payload=dict(payload), saved_at=at)
    )


def load_draft(session: orm.Session, models: Models, place: RunPlace, person_id: int) -> StoredDraft | None:
    """A person's unfinished answers, or None."""
    table = models.system["draft"]
    chosen = sa.select(table.c.payload, table.c.saved_at).where(
        place.of(table), table.c.person_id == person_id
    )
    found = session.execute(chosen).first()
    return StoredDraft(found.payload or {}, found.saved_at) if found else None


def drop_draft(session: orm.Session, models: Models, place: RunPlace, person_id: int | None = None) -> None:
    """Forget one person's draft, or everybody's (None)."""
    table = models.system["draft"]
    here = place.of(table)
    if person_id is not None:
        here = sa.and_(here, table.c.person_id == person_id)
    session.execute(sa.delete(table).where(here))


def drafts_of(session: orm.Session, models: Models, person_id: int) -> tuple[RunPlace, ...]:
    """Where a person has unfinished answers, newest first."""
    table = models.system["draft"]
    rows = session.execute(
        sa.select(table).where(table.c.person_id == person_id).order_by(table.c.saved_at.desc())
    )
    return tuple(RunPlace(row.record_type, row.record_id, row.field) for row in rows)


def run_attachments(
    session: orm.Session, models: Models, place: RunPlace, loose: Sequence[int] = ()
) -> dict[str, tuple[AttachmentInfo, ...]]:
    """The evidence attached to the items of a run, by item; and, under "", the uploads `loose` that belong to
    no record yet (those of a draft)."""
    table = models.tables["attachment"]
    here = sa.and_(place.of(table), table.c.item.is_not(None))
    if loose:
        here = sa.or_(here, sa.and_(table.c.id.in_(loose), table.c.record_id.is_(None)))
    rows = session.execute(sa.select(table).where(here).order_by(table.c.id))
    found: dict[str, tuple[AttachmentInfo, ...]] = {}
    for row in rows:
        info = AttachmentInfo(
            row.id, row.file_name, row.media_type, row.size, row.path, row.thumbnail, row.item
        )
        found[row.item or ""] = (*found.get(row.item or "", ()), info)
    return found


def take_attachments(
    session: orm.Session,
    models: Models,
    place: RunPlace,
    by_item: Mapping[str, Sequence[int]],
    person_id: int | None,
) -> dict[str, tuple[int, ...]]:
    """Give the run the uploads named for its items: those it has, and those of `person_id` that belong to no
    record yet. What is no longer named is let go of. Answers with what was really taken, by item."""
    table = models.tables["attachment"]
    here = place.of(table)
    wanted = {ident for ids in by_item.values() for ident in ids}
    session.execute(
        sa.update(table)
        .where(here, table.c.item.is_not(None), table.c.id.not_in(wanted))
        .values(record_type=None, record_id=None)
    )
    mine = sa.and_(table.c.record_id.is_(None), table.c.created_by_id == person_id)
    have = set(session.scalars(sa.select(table.c.id).where(table.c.id.in_(wanted), sa.or_(here, mine))))
    taken: dict[str, tuple[int, ...]] = {}
    for item, ids in by_item.items():
        taken[item] = tuple(ident for ident in dict.fromkeys(ids) if ident in have)
        if taken[item]:
            session.execute(
                sa.update(table).where(table.c.id.in_(taken[item])).values(**place.columns(), item=item)
            )
    return taken


def copy_attachments(
    session: orm.Session, models: Models, ids: Sequence[int], person_id: int | None
) -> tuple[int, ...]:
    """Copies of attachments that belong to no record yet, in the order of `ids`; the files are shared."""
    table = models.tables["attachment"]
    rows = {
        row.id: dict(row._mapping) for row in session.execute(sa.select(table).where(table.c.id.in_(ids)))
    }
    copies = []
    for ident in ids:
        if ident not in rows:
            continue
        fresh = {
            "record_type": None,
            "record_id": None,
            "field": None,
            "item": None,
            "created_by_id": person_id,
        }
        values = {key: value for key, value in rows[ident].items() if key != "id"} | fresh
        copies.append(
            int(session.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one())
        )
    return tuple(copies)
