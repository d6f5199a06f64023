"""Records that point at this one: of types that the reader may read, within the reader's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.access import hidden_fields, row_scope
from app.storage import Record, labels_of, scope_where
from app.storage.tables import Inbound
from app.web.addresses import record_address
from app.web.context import Served, actor, now, session
from app.web.display import Cell
from app.web.languages import label
from app.web.visible import label_is_open

SHOWN, COUNTED, AT_ONCE, MOST_TYPES = 8, 100, 200, 4


@dataclass(frozen=True, slots=True)
class RelatedRecord:
    """One record that points here."""

    label: str
    href: str
    state: Cell = field(default_factory=Cell)


@dataclass(frozen=True, slots=True)
class RelatedType:
    """The records of one type that point here by one field; `count` ends in a plus where it was stopped."""

    label: str
    count: str
    rows: tuple[RelatedRecord, ...]
    more_href: str = ""


def read_related(here: Served, stored: Record) -> tuple[RelatedType, ...]:
    """One statement finds them all, one more for each of the first types names them; the rest show
    numbers."""
    places = [one for one in here.models.inbound.get(stored.record_type, ()) if _open(here, one)]
    found: dict[int, list[int]] = {}
    for start in range(0, len(places), AT_ONCE):
        parts = [
            _rows(here, one, index, stored.id)
            for index, one in enumerate(places[start : start + AT_ONCE], start)
        ]
        for index, key in session().execute(sa.union_all(*parts)):
            found.setdefault(index, []).append(key)
    named = list(found)[:MOST_TYPES]
    return tuple(
        _related(here, places[index], keys, stored.id, index in named) for index, keys in found.items()
    )


def _open(here: Served, one: Inbound) -> bool:
    """Whether the reader may see the field that points here."""
    if one.record == "audit_entry" or one.field.name in ("created_by", "changed_by"):
        return False
    asker = actor()
    if row_scope(here.policy, asker, "read", one.record).nothing:
        return False
    hidden = hidden_fields(here.policy, asker, one.record)
    outer = next((name for (kind, name), table in here.models.lines.items() if table is one.table), "")
    return one.field.name not in hidden and outer not in hidden


def _rows(here: Served, one: Inbound, index: int, key: int) -> sa.Select[Any]:
    record = here.models.tables[one.record]
    scope = scope_where(
        here.models, one.record, row_scope(here.policy, actor(), "read", one.record), actor(), now()
    )
    owners = sa.select(one.table.c[one.owner]).where(one.table.c[one.column] == key)
    rows = sa.select(record.c.id).where(record.c.id.in_(owners), scope).order_by(record.c.id.desc())
    some = rows.limit(COUNTED).subquery()
    return sa.select(sa.literal(index), some.c.id)


def _related(here: Served, one: Inbound, keys: list[int], target: int, named: bool) -> RelatedType:
    record = here.record(one.record)
    newest = sorted(keys, reverse=True)[:SHOWN]
    words: dict[int, str] = {}
    if named and label_is_open(here, actor(), one.record):
        words = labels_of(session(), here.models, one.record, newest)
    rows = tuple(
        RelatedRecord(words.get(key, f"#{key}"), record_address(one.record, "show", key)) for key in newest
    )
    filtered = one.owner == "id" and one.field.name in record.filters
    more = record_address(one.record, "list", **{f"f.{one.field.name}": target}) if filtered else ""
    return RelatedType(
        label=f"{label(record.label)} · {label(one.field.label)}",
        count=f"{len(keys)}" + ("+" if len(keys) >= COUNTED else ""),
        rows=rows,
        more_href=more if len(keys) > SHOWN else "",
    )
