"""Filters of a list: a field, what is asked of it, and values; as a WHERE clause over the type's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.release import FieldModel
from app.source import N_, PortalError, Translate, untranslated
from app.spec.field_types import FieldType
from app.storage.binding import HoldsOption, RecordBinder
from app.storage.joins import Place
from app.storage.mapping import Models
from app.storage.people import subtree_select
from app.storage.search import contains
from app.storage.values import BadValue, link_value, prepared

Ask = Literal["is", "not", "between", "contains", "empty", "filled", "below", "during"]
Preset = Literal[
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "this_year",
    "last_year", "last_7_days", "last_30_days", "next_7_days", "next_30_days", "past", "future",
]  # fmt: skip

_RANGES: frozenset[FieldType] = frozenset(
    {"integer", "decimal", "money", "percent", "rating", "date", "datetime", "month", "time", "duration"}
)
_DAYS: frozenset[FieldType] = frozenset({"date", "datetime", "month"})
_LINKS: frozenset[FieldType] = frozenset({"person", "unit", "link", "links"})


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    ask: `is` any of the values; `not` any of them; `between` two values, both included, None for open; a text
    `contains` a part; `empty`; `filled`; a unit is or lies `below` one of the values; a day lies `during` a
    preset. Dates are also asked of datetimes: they stand for the whole day in the portal's time zone.
    """

    field: str
    ask: Ask
    values: tuple[object, ...] = ()


class BadFilter(PortalError):
    """A filter that the field does not have, or a value that is none for it."""

    def __init__(self, found: Filter) -> None:
        self.filter = found
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = translate(N_("'{field}' cannot be filtered like that"))
        return text.format(field=self.filter.field)


def filter_where(models: Models, record_type: str, asked: Filter, today: date) -> sa.ColumnElement[bool]:
    """The filter as a WHERE clause over the record type's table. Raises BadFilter."""
    record, table = models.record(record_type), models.tables[record_type]
    found = record.columns.get(asked.field)
    if found is None:
        raise BadFilter(asked)
    try:
        return _ASKS[asked.ask](_Asked(models, record_type, table, found, asked, today))
    except (BadValue, KeyError, OverflowError, TypeError, ValueError) as error:
        raise BadFilter(asked) from error


def preset_days(preset: Preset, today: date) -> tuple[date | None, date | None]:
    """First and last day of a preset, both included; None for open. Weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    day = timedelta(days=1)
    table: Mapping[Preset, tuple[date | None, date | None]] = {
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "this_week": (monday, monday + 6 * day),
        "last_week": (monday - 7 * day, monday - day),
        "this_month": (first, (first + 31 * day).replace(day=1) - day),
        "last_month": (before.replace(day=1), before),
        "this_quarter": (quarter, (quarter + 93 * day).replace(day=1) - day),
        "this_year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "last_7_days": (today - 6 * day, today),
        "last_30_days": (today - 29 * day, today),
        "next_7_days": (today, today + 6 * day),
        "next_30_days": (today, today + 29 * day),
        "past": (None, today - day),
        "future": (today + day, None),
    }
    return table[preset]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A filter with what it is asked of."""

    models: Models
    record_type: str
    table: sa.Table
    field: FieldModel
    filter: Filter
    today: date

    @property
    def column(self) -> sa.ColumnElement[Any]:
        name = f"{self.field.name}_checklist" if self.field.type == "checklist" else self.field.column
        if name is None:
            raise KeyError(self.field.name)
        return self.table.c[name]

    def rows(self) -> sa.Select[Any]:
        """The lines, links or attachments of the record, as a statement for EXISTS."""
        place = Place(self.table, self.models.record(self.record_type).columns, self.record_type)
        binder = RecordBinder(self.models, place, {})
        return binder.rows((self.field.name,)).select(sa.literal_column("1"))

    def value(self, value: object) -> object:
        """A value in the form of the column. Raises BadValue."""
        if self.field.type in _LINKS:
            return link_value(self.field, value)
        if self.field.type == "choices":
            return value if isinstance(value, str) else None
        return prepared(self.field, value)


def _is(asked: _Asked) -> sa.ColumnElement[bool]:
    kept = [one for one in (asked.value(value) for value in asked.filter.values) if one is not None]
    if asked.field.type == "choices":
        return sa.or_(sa.false(), *(HoldsOption(asked.column, sa.literal(str(one))) for one in kept))
    if asked.field.type == "links":
        links = asked.models.links[asked.record_type, asked.field.name]
        chosen = sa.select(links.c.record_id).where(links.c.target_id.in_(kept))
        return asked.table.c.id.in_(chosen)
    if asked.field.type == "datetime" or (asked.field.column is None and asked.field.type != "checklist"):
        raise ValueError(asked.field.name)
    return asked.column == kept[0] if len(kept) == 1 else asked.column.in_(kept)


def _not(asked: _Asked) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(_is(asked), sa.false()).is_(sa.false())


def _between(asked: _Asked) -> sa.ColumnElement[bool]:
    if asked.field.type not in _RANGES:
        raise ValueError(asked.field.name)
    low, high = asked.filter.values
    if asked.field.type == "datetime":
        return _moments(asked, low, high)
    bounds = [None if one is None else asked.value(one) for one in (low, high)]
    return sa.and_(
        sa.true() if bounds[0] is None else asked.column >= bounds[0],
        sa.true() if bounds[1] is None else asked.column <= bounds[1],
        asked.column.is_not(None),
    )


def _moments(asked: _Asked, low: object, high: object) -> sa.ColumnElement[bool]:
    zone = ZoneInfo(asked.models.zone)
    clauses: list[sa.ColumnElement[bool]] = [asked.column.is_not(None)]
    if low is not None:
        clauses.append(asked.column >= _instant(low, zone))
    if isinstance(high, datetime):
        clauses.append(asked.column <= _instant(high, zone))
    elif isinstance(high, date):
        clauses.append(asked.column < _instant(high + timedelta(days=1), zone))
    elif high is not None:
        raise TypeError(high)
    return sa.and_(*clauses)


def _instant(value: object, zone: ZoneInfo) -> datetime:
    """The moment itself, or the first one of a day."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), zone).astimezone(UTC)
    raise TypeError(value)


def _during(asked: _Asked) -> sa.ColumnElement[bool]:
    if asked.field.type not in _DAYS:
        raise ValueError(asked.field.name)
    (preset,) = asked.filter.values
    first, last = preset_days(preset, asked.today)  # type: ignore[arg-type]  # an unknown one is a KeyError
    found = Filter(asked.filter.field, "between", (first, last))
    return _between(_Asked(asked.models, asked.record_type, asked.table, asked.field, found, asked.today))


def _contains(asked: _Asked) -> sa.ColumnElement[bool]:
    if not asked.field.kind.searchable:
        raise ValueError(asked.field.name)
    clauses = [contains(asked.column, str(value)) for value in asked.filter.values]
    return sa.and_(sa.true(), *clauses)


def _empty(asked: _Asked) -> sa.ColumnElement[bool]:
    if asked.field.kind.storage in ("rows", "attachments"):
        return sa.not_(asked.rows().exists())
    return asked.column.is_(None)


def _filled(asked: _Asked) -> sa.ColumnElement[bool]:
    return sa.not_(_empty(asked))


def _below(asked: _Asked) -> sa.ColumnElement[bool]:
    if asked.field.target != "unit" or asked.field.kind.storage != "link":
        raise ValueError(asked.field.name)
    units = [unit for unit in (link_value(asked.field, value) for value in asked.filter.values) if unit]
    return asked.column.in_(subtree_select(asked.models, units))


_ASKS: Mapping[Ask, Callable[[_Asked], sa.ColumnElement[bool]]] = MappingProxyType(
    {
        "is": _is,
        "not": _not,
        "between": _between,
        "contains": _contains,
        "empty": _empty,
        "filled": _filled,
        "below": _below,
        "during": _during,
    }
)
