"""Rows in words, as examples give them: every cell as a value of its field's type, formulas worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.checks.environments import record_environment
from app.expressions import (
    DATE,
    DATETIME,
    DURATION,
    ChoicesType,
    Environment,
    LinesType,
    LinksType,
    LinkType,
    Type,
)
from app.expressions.core import FACTS
from app.rules.clock_given import read_moment_words
from app.rules.conditions import Compiler, Condition, nested
from app.rules.facts import FactType, read_value
from app.rules.mistakes import Mistake, mistake, unknown
from app.rules.schedules import path_type
from app.source import N_
from app.spec.durations import Duration, parse_duration
from app.spec.portal import Portal
from app.spec.records import RecordType

Cells = dict[str, object]
_MONTH = re.compile(r"\d{4}-\d{2}")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_TIME_HINT = N_("write it like 2026-01-31, or 2026-01-31 18:00 with a time")


@dataclass(frozen=True, slots=True)
class Misread:
    """A cell that cannot be read: the keys and indexes that lead to it, and why."""

    path: tuple[str | int, ...]
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of one record type. formulas: its computed fields, each after those that it reads."""

    record: str
    types: Mapping[str, Type]
    environment: Environment
    zone: str
    formulas: tuple[tuple[str, Condition], ...] = ()

    def rows(
        self, written: Sequence[Mapping[str, object]], now: datetime
    ) -> tuple[list[Cells], tuple[Misread, ...]]:
        """The rows with their formulas, judged at `now`; and every cell that cannot be read."""
        misread: list[Misread] = []
        read = [self._row(row, (index,), misread) for index, row in enumerate(written)]
        return [self._computed(row, now) for row in read], tuple(misread)

    def _row(self, row: Mapping[str, object], at: tuple[str | int, ...], misread: list[Misread]) -> Cells:
        cells: Cells = {}
        for name, written in row.items():
            try:
                kind = path_type(self.environment, name)
            except KeyError:
                text = N_("'{owner}' has no field '{name}'")
                misread.append(Misread((*at, name), unknown(name, text, self.types, owner=self.record)))
                continue
            cells[name] = self._value(name, kind, written, (*at, name), misread)
        return nested(cells, {})

    def _value(
        self, name: str, kind: Type, written: object, at: tuple[str | int, ...], misread: list[Misread]
    ) -> object:
        """A cell; lines are rows of their own."""
        if not isinstance(kind, LinesType):
            value = read_cell(FactType(name, kind), written, self.zone)
            if isinstance(value, Mistake):
                misread.append(Misread(at, value))
                return None
            return value
        lines = []
        for index, line in enumerate(_listed(written)):
            cells: Cells = {}
            if not isinstance(line, Mapping):
                text, hint = N_("'{name}' holds lines"), N_("write them like [{{field: value}}]")
                misread.append(Misread(at, mistake(name, text, hint)))
                continue
            for key, cell in line.items():
                place = (*at, index, key)
                if key in kind.fields:
                    cells[key] = self._value(key, kind.fields[key], cell, place, misread)
                else:
                    text = N_("'{owner}' has no field '{name}'")
                    misread.append(Misread(place, unknown(key, text, kind.fields, owner=kind.name)))
            lines.append(cells)
        return tuple(lines)

    def _computed(self, row: Cells, now: datetime) -> Cells:
        """The row with the formulas that it does not give itself."""
        scope = {**row, "now": now, "today": now.astimezone(ZoneInfo(self.zone)).date(), "me": None}
        for name, formula in self.formulas:
            if name not in row:
                facts = {FACTS: {lookup.key: None for lookup in formula.lookups}}
                row[name] = scope[name] = formula.test({**scope, **facts})
        return row


def row_reader(portal: Portal, record: RecordType, types: Mapping[str, Type]) -> RowReader:
    """What reads rows of `record`. Formulas that have faults are left out: `check` names those."""
    environment = record_environment(portal, record)
    compiler = Compiler(environment, portal)
    formulas: dict[str, Condition] = {}
    for name, spec in record.fields.items():
        compiled = compiler.value(spec.formula, spec.span_of("formula"))
        if compiled is not None:
            formulas[name] = compiled
    return RowReader(
        record.full_name, types, environment, portal.settings.timezone, tuple(_in_order(formulas))
    )


def _in_order(formulas: dict[str, Condition]) -> Iterator[tuple[str, Condition]]:
    """Each after those that it reads; a circle is cut where it is found."""
    waiting = dict(formulas)
    while waiting:
        ready = [name for name, one in waiting.items() if not (_roots(one) - {name}) & waiting.keys()]
        for name in ready or list(waiting)[:1]:
            yield name, waiting.pop(name)


def _roots(formula: Condition) -> set[str]:
    return {path.partition(".")[0] for path in formula.reads}


def read_cell(fact: FactType, written: object, zone: str) -> object | Mistake:
    """One cell as the value of its type: links as mappings with `id`, several as tuples; None for empty."""
    kind = fact.type
    if isinstance(kind, ChoicesType):
        read = [read_value(FactType(fact.name, kind.choice), one, zone) for one in _listed(written)]
        return next((one for one in read if isinstance(one, Mistake)), tuple(read))
    if isinstance(kind, LinksType):
        return tuple({"id": str(one)} for one in _listed(written))
    if isinstance(written, (list, tuple, Mapping)):
        return mistake(fact.name, N_("'{name}' holds one value"), N_("write one value, not a list"))
    if written is None or written == "":
        return None
    if isinstance(kind, LinkType):
        return {"id": str(written)}
    return _moment(fact, str(written), zone)


def _moment(fact: FactType, written: str, zone: str) -> object | Mistake:
    """Times as people write them; everything else as facts are read."""
    if fact.type == DATETIME:
        try:
            return read_moment_words(written, zone)
        except ValueError:
            return mistake(fact.name, N_("'{value}' is no value for {name}"), _TIME_HINT, value=written)
    if fact.type == DURATION:
        length = parse_duration(written)
        if isinstance(length, Duration) and length.unit in _UNITS and length.kind == "length":
            return timedelta(microseconds=int(length.amount * _UNITS[length.unit] * 1_000_000))
        return mistake(
            fact.name, N_("'{value}' is no value for {name}"), N_("write it like 90 minutes"), value=written
        )
    month = fact.type == DATE and _MONTH.fullmatch(written)
    return read_value(fact, f"{written}-01" if month else written, zone)


def _listed(written: object) -> Sequence[object]:
    if written is None:
        return ()
    return written if isinstance(written, (list, tuple)) else (written,)


def end_of(day: date, zone: str) -> datetime:
    """The end of a day as UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
