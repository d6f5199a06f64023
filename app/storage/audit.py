"""The audit trail: who did what, from what to what. Entries are only ever added, and each one seals all
before it: its hash covers its content and the hash of the entry before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.access import mask_value
from app.release import RecordModel
from app.storage.mapping import Models
from app.storage.stamping import Stamp
from app.storage.values import as_json

FIRST_HASH = "0" * 64
_LOCK = 0x64756368
"""Key of the PostgreSQL lock that lets one transaction at a time append."""
_SEALED = (
    "at", "person_id", "action", "record_type", "record_id", "record_label", "detail", "before", "after",
    "release_id",
)  # fmt: skip
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record.

    action: an option of the kernel's `audit_action`; a transition's name goes into `detail`. before, after:
    values by field as `Record.values` has them, None where there is no before or after.
    """

    action: str
    record_type: str
    record_id: int | None
    record_label: str = ""
    detail: str = ""
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How many entries were read, and the id of the first that does not fit (None: the trail is whole)."""

    entries: int
    broken_at: int | None = None


def append_audit(session: orm.Session, models: Models, stamp: Stamp, change: Change) -> int:
    """Add an entry in the caller's transaction and return its id.

    Only the fields that differ are kept, and of masked ones only what their mask lets through.
    """
    entry = _entry(models, stamp, change, _last_hash(session, models))
    table = models.tables["audit_entry"]
    result = session.execute(sa.insert(table).values(entry).returning(table.c.id))
    return int(result.scalar_one())


def append_audits(session: orm.Session, models: Models, stamp: Stamp, changes: Sequence[Change]) -> None:
    """`append_audit` for several changes, in their order."""
    previous, entries = _last_hash(session, models), []
    for change in changes:
        entries.append(_entry(models, stamp, change, previous))
        previous = entries[-1]["hash"]
    if entries:
        session.execute(sa.insert(models.tables["audit_entry"]), entries)


def _last_hash(session: orm.Session, models: Models) -> str:
    """What the next entry seals; nobody else appends until the transaction ends."""
    table = models.tables["audit_entry"]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = session.execute(sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)).scalar()
    return last or FIRST_HASH


def _entry(models: Models, stamp: Stamp, change: Change, previous: str) -> dict[str, Any]:
    before, after = _differences(models.release.records.get(change.record_type), change)
    entry: dict[str, Any] = {
        "at": stamp.at.astimezone(UTC),
        "person_id": stamp.person_id,
        "action": change.action,
        "record_type": change.record_type,
        "record_id": change.record_id,
        "record_label": change.record_label[:200],
        "detail": change.detail[:200],
        "before": before,
        "after": after,
        "release_id": stamp.release_id or None,
    }
    return entry | {
        "previous_hash": previous,
        "hash": seal(previous, entry),
        "created_by_id": stamp.person_id,
        "created_at": stamp.at,
        "changed_by_id": stamp.person_id,
        "changed_at": stamp.at,
    }


def seal(previous: str, entry: Mapping[str, object]) -> str:
    """SHA-256 (hex) over the hash before and the entry's content as JSON with sorted keys."""
    content = {name: as_json(entry[name]) for name in _SEALED}
    text = json.dumps([previous, content], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify_audit(session: orm.Session, models: Models) -> ChainReport:
    """Read the whole trail, oldest first, and compute every hash again."""
    table = models.tables["audit_entry"]
    columns = [table.c[name] for name in ("id", "previous_hash", "hash", *_SEALED)]
    previous, last, count = FIRST_HASH, 0, 0
    while True:
        page = sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(_AT_ONCE)
        rows = session.execute(page).mappings().all()
        if not rows:
            return ChainReport(count)
        for row in rows:
            count += 1
            if row["previous_hash"] != previous or row["hash"] != seal(previous, dict(row)):
                return ChainReport(count, row["id"])
            previous, last = row["hash"], row["id"]


def _differences(
    record: RecordModel | None, change: Change
) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    before, after = change.before or {}, change.after or {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        None if change.before is None else {name: _kept(record, name, before.get(name)) for name in names},
        None if change.after is None else {name: _kept(record, name, after.get(name)) for name in names},
    )


def _kept(record: RecordModel | None, name: str, value: object) -> object:
    """The value as JSON; of a masked field only the part that its mask lets through."""
    field = record.columns.get(name) if record else None
    if field is not None and field.spec.mask is not None and value is not None:
        return mask_value(field.spec.mask, str(value))
    return as_json(value)


def history_of(
    session: orm.Session, models: Models, record_type: str, record_id: int, limit: int = 100
) -> list[Mapping[str, Any]]:
    """The newest entries about one record: at, person_id, person (name), action, detail, before, after."""
    table, person = models.tables["audit_entry"], models.tables["person"]
    statement = (
        sa.select(
            table.c.id,
            table.c.at,
            table.c.person_id,
            person.c.name.label("person"),
            table.c.action,
            table.c.detail,
            table.c.before,
            table.c.after,
        )
        .select_from(table.outerjoin(person, person.c.id == table.c.person_id))
        .where(table.c.record_type == record_type, table.c.record_id == record_id)
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in session.execute(statement).mappings()]
