"""The history of a penalty as a chain: entries are only ever added, each seals the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.storage.mapping import Models
from app.storage.penalty_tables import CHAIN
from app.storage.values import as_json

FIRST_HASH = "0" * 64
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One change of a penalty.

    seq: 1 for the first; person_id: who made it, None for the portal itself; party: as whom (`unit.head`,
    `role.hr`); kind: what happened; state to refunded_amount and sanctions: how the penalty stands after it.
    decided_amount: what is due without late payment; words: what the person said; reasons: the steps that
    this change brought; facts: the case and the result, where it was judged; detail: what else belongs to
    the kind (`appeal`, `step`, `refund`, `entry`); marks: of all reasons and facts, to tell what is new.
    """

    penalty_id: int
    seq: int
    at: datetime
    person_id: int | None
    party: str | None
    kind: str
    state: str
    level: str | None
    base_amount: Decimal | None
    decided_amount: Decimal | None
    old_amount: Decimal | None
    new_amount: Decimal | None
    paid_amount: Decimal | None
    refunded_amount: Decimal | None
    sanctions: str | None
    words: str | None
    reasons: Sequence[Any]
    facts: Mapping[str, Any] | None
    detail: Mapping[str, Any]
    marks: Mapping[str, Any]
    release_id: int | None
    previous_hash: str = ""
    hash: str = ""


_NAMES = tuple(one.name for one in fields(ChainEntry))
_SEALED = tuple(name for name in _NAMES if name not in ("previous_hash", "hash"))


def append_entry(session: orm.Session, models: Models, entry: ChainEntry) -> ChainEntry:
    """Add an entry in the caller's transaction, sealed; its `seq` and hashes are worked out here.

    Two writers cannot take the same place: the second one's transaction fails.
    """
    last = last_entry(session, models, entry.penalty_id)
    sealed = replace(
        entry,
        seq=1 if last is None else last.seq + 1,
        at=entry.at.astimezone(UTC),
        previous_hash=FIRST_HASH if last is None else last.hash,
    )
    sealed = replace(sealed, hash=seal(sealed))
    session.execute(sa.insert(models.system[CHAIN]).values({name: getattr(sealed, name) for name in _NAMES}))
    return sealed


def last_entry(session: orm.Session, models: Models, penalty_id: int) -> ChainEntry | None:
    """The newest entry of a penalty; None for one that has none yet."""
    table = models.system[CHAIN]
    newest = _chosen(table).where(table.c.penalty_id == penalty_id).order_by(table.c.seq.desc()).limit(1)
    row = session.execute(newest).first()
    return ChainEntry(*row) if row else None


def chain_of(session: orm.Session, models: Models, penalty_id: int) -> tuple[ChainEntry, ...]:
    """All entries of a penalty, oldest first."""
    return chains_of(session, models, [penalty_id]).get(penalty_id, ())


def chains_of(
    session: orm.Session, models: Models, penalties: Iterable[int]
) -> dict[int, tuple[ChainEntry, ...]]:
    """The same of several penalties, in one statement."""
    table, found = models.system[CHAIN], dict[int, list[ChainEntry]]()
    wanted = _chosen(table).where(table.c.penalty_id.in_(list(penalties)))
    for row in session.execute(wanted.order_by(table.c.penalty_id, table.c.seq)):
        found.setdefault(row.penalty_id, []).append(ChainEntry(*row))
    return {key: tuple(rows) for key, rows in found.items()}


def seal(entry: ChainEntry) -> str:
    """SHA-256 (hex) over the hash before and the entry's content as JSON with sorted keys."""
    content = {name: _plain(getattr(entry, name)) for name in _SEALED}
    text = json.dumps(
        [entry.previous_hash, content], sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def broken_at(entries: Sequence[ChainEntry]) -> int | None:
    """The place of the first entry that does not fit; None for a whole chain."""
    previous = FIRST_HASH
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place or entry.previous_hash != previous or entry.hash != seal(entry):
            return entry.seq
        previous = entry.hash
    return None


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.quantize(_CENT):f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return as_json(value)


def _chosen(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in _NAMES))
