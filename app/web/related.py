"""Records that point at this one: of types that the reader may read, within the reader's rows.

They point by a link field, or as the portal's own records do, by the kind and number of what they are about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.access import hidden_fields, row_scope
from app.actions.visible import sight_of
from app.storage import Record, labels_of, scope_where
from app.storage.tables import Inbound
from app.web.addresses import record_address
from app.web.context import Served, action_context, actor, now, session
from app.web.display import Cell
from app.web.languages import label
from app.web.visible import label_is_open

SHOWN, COUNTED, AT_ONCE, MOST_TYPES = 8, 100, 200, 4
ABOUT = ("penalty", "deadline", "task", "document")
"""Built-in types whose records are about one of any type: `record_type` and `record_id` say which."""


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
    places = [one for one in _places(here, stored.record_type) if _open(here, one)]
    found: dict[int, list[int]] = {}
    for start in range(0, len(places), AT_ONCE):
        parts = [
            _rows(here, one, index, stored)
            for index, one in enumerate(places[start : start + AT_ONCE], start)
        ]
        for index, key in session().execute(sa.union_all(*parts)):
            found.setdefault(index, []).append(key)
    named = list(found)[:MOST_TYPES]
    return tuple(
        _related(here, places[index], keys, stored.id, index in named) for index, keys in found.items()
    )


def has_related(here: Served, record_type: str) -> bool:
    """Whether other records can point at records of this type."""
    return record_type not in ABOUT or bool(here.models.inbound.get(record_type))


def _places(here: Served, record_type: str) -> list[Inbound]:
    """Where other records name records of this type."""
    about = [
        Inbound(name, here.record(name).columns["record_id"], here.models.tables[name], "record_id", "id")
        for name in ABOUT
        if name != record_type
    ]
    return [*about, *here.models.inbound.get(record_type, ())]


def _open(here: Served, one: Inbound) -> bool:
    """Whether the reader may see the field that points here."""
    if one.record == "audit_entry" or one.field.name in ("created_by", "changed_by"):
        return False
    asker = actor()
    if row_scope(here.policy, asker, "read", one.record).nothing:
        return False
    hidden = hidden_fields(here.policy, asker, one.record)
    outer = next((name for (kind, name), table in here.models.lines.items() if table is one.table), "")
    named = {"record_type", "record_id"} if one.field.name == "record_id" else {one.field.name}
    return not named & hidden and outer not in hidden


def _rows(here: Served, one: Inbound, index: int, stored: Record) -> sa.Select[Any]:
    record = here.models.tables[one.record]
    scope = scope_where(
        here.models, one.record, row_scope(here.policy, actor(), "read", one.record), actor(), now()
    )
    owners = sa.select(one.table.c[one.owner]).where(one.table.c[one.column] == stored.id)
    if one.record in ABOUT and one.field.name == "record_id":
        owners = owners.where(one.table.c.record_type == stored.record_type)
    rows = sa.select(record.c.id).where(record.c.id.in_(owners), scope).order_by(record.c.id.desc())
    some = rows.limit(COUNTED).subquery()
    return sa.select(sa.literal(index), some.c.id)


def _related(here: Served, one: Inbound, keys: list[int], target: int, named: bool) -> RelatedType:
    record = here.record(one.record)
    newest = sorted(keys, reverse=True)[:SHOWN]
    words: dict[int, str] = {}
    if named and label_is_open(here, actor(), one.record):
        words = labels_of(session(), here.models, one.record, newest, sight_of(action_context()))
    rows = tuple(
        RelatedRecord(words.get(key, f"#{key}"), record_address(one.record, "show", key)) for key in newest
    )
    filtered = one.owner == "id" and one.field.name in record.filters
    more = record_address(one.record, "list", **{f"f.{one.field.name}": target}) if filtered else ""
    by = "" if one.field.name == "record_id" else f" · {label(one.field.label)}"
    return RelatedType(
        label=f"{label(record.label)}{by}",
        count=f"{len(keys)}" + ("+" if len(keys) >= COUNTED else ""),
        rows=rows,
        more_href=more if len(keys) > SHOWN else "",
    )
