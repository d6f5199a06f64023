"""Indicators measured over rows in hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.expressions import Period
from app.expressions.core import FACTS, ROWS
from app.rules.conditions import Condition, Scope
from app.rules.indicators import CompiledIndicator, Group, Measured, Reading, in_digits, shared
from app.rules.values import Plain, plain

Row = Mapping[str, object]


def days_between(first: date, last: date, zone: str) -> Period:
    """The whole days from `first` to `last`, both included, on the clocks of `zone`."""
    midnight = time(tzinfo=ZoneInfo(zone))
    return Period(
        first, last, datetime.combine(first, midnight), datetime.combine(last + timedelta(days=1), midnight)
    )


def measure_rows(
    indicator: CompiledIndicator, rows: Iterable[Row], period: Period | None, now: datetime
) -> Measured:
    """Count the rows that `where` takes, all together and by the groups of `by`.

    rows: records by field name, links as mappings with `id`; a row may bring what was loaded for its look-ups
    under `FACTS`. now: what expressions know as the moment, aware.
    """
    around, where = _Around.of(indicator, period, now), indicator.where
    kept = [row for row in rows if where is None or where.holds(around.scope(row))]
    if not indicator.by:
        return Measured(_reading(indicator, kept, around))
    groups: dict[Group, list[Row]] = {}
    for row in kept:
        groups.setdefault(tuple(_key(row.get(name)) for name in indicator.by), []).append(row)
    return Measured(
        _reading(indicator, kept, around),
        tuple(_reading(indicator, groups[group], around, group) for group in sorted(groups, key=_rank)),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What every row is judged with; `moments` hide fields of the same name."""

    facts: Row
    moments: Row

    @classmethod
    def of(cls, indicator: CompiledIndicator, period: Period | None, now: datetime) -> _Around:
        """A look-up that was not loaded is empty."""
        today = now.astimezone(ZoneInfo(indicator.zone)).date()
        return cls(
            {FACTS: {lookup.key: None for one in indicator.conditions for lookup in one.lookups}},
            {"period": period, "now": now, "today": today, "me": None},
        )

    def scope(self, row: Row) -> dict[str, object]:
        return {**self.facts, **row, **self.moments}


def _reading(
    indicator: CompiledIndicator, rows: Sequence[Row], around: _Around, group: Group = ()
) -> Reading:
    share = indicator.share
    if share is not None:
        return shared(len(rows), sum(share.holds(around.scope(row)) for row in rows), group)
    scope = around.scope({ROWS: rows})
    parts = {words: in_digits(one.test(scope)) for words, one in indicator.parts.items()}
    value = _number(indicator.value, scope)
    return Reading(value, len(rows), None, group, MappingProxyType(parts))


def _number(value: Condition | None, scope: Scope) -> Decimal | None:
    found = value.test(scope) if value is not None else None
    if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
        return None
    return Decimal(found)


def _key(value: object) -> Plain:
    """What a group is known by: a link by its id, several options in order."""
    if isinstance(value, Mapping):
        return plain(value.get("id"))
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(str(_key(one)) for one in value)) or None
    return plain(value)


def _rank(group: Group) -> tuple[tuple[bool, int, str], ...]:
    """Groups in the order of their numbers and words, empty values last."""
    return tuple((part is None, part if isinstance(part, int) else 0, str(part)) for part in group)
