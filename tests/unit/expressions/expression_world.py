"""A small world for the tests of expressions: its types, its tables, its values in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from app.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    PERIOD,
    TEXT,
    TIME,
    ChoicesType,
    ChoiceType,
    Environment,
    Expression,
    LinesType,
    LinksType,
    LinkType,
    Period,
    Type,
    compile_expression,
)
from app.expressions.sql import ElapsedTime, ScaledNumber
from app.source.diagnostics import Diagnostic, Span

LEVEL = ChoiceType("fault_level", ("minor_fault", "fault", "serious_fault", "major_fault"), True)
KIND = ChoiceType("kind", ("a", "b", "c"))
TAGS = ChoicesType(KIND)
STEP: Mapping[str, Type] = {
    "what": TEXT,
    "cost": NUMBER,
    "by": DATE,
    "at": DATETIME,
    "spent": DURATION,
    "ok": BOOLEAN,
    "grade": LEVEL,
    "who": LinkType("person"),
}
PERSON: Mapping[str, Type] = {
    "id": NUMBER,
    "name": TEXT,
    "age": NUMBER,
    "rate": NUMBER,
    "active": BOOLEAN,
    "since": DATE,
    "level": LEVEL,
    "superior": LinkType("person"),
}
PENALTY: Mapping[str, Type] = {
    "id": NUMBER,
    "offender": LinkType("person"),
    "amount": NUMBER,
    "level": LEVEL,
    "given": DATE,
    "paid": BOOLEAN,
    "wait": DURATION,
}
CASE: Mapping[str, Type] = {
    "id": NUMBER,
    "amount": NUMBER,
    "qty": NUMBER,
    "rate": NUMBER,
    "flag": BOOLEAN,
    "other": BOOLEAN,
    "title": TEXT,
    "note": TEXT,
    "level": LEVEL,
    "limit": LEVEL,
    "kind": KIND,
    "due": DATE,
    "done": DATE,
    "seen": DATETIME,
    "closed": DATETIME,
    "opens": TIME,
    "took": DURATION,
    "who": LinkType("person"),
    "boss": LinkType("person"),
    "tags": TAGS,
    "helpers": LinksType("person"),
    "steps": LinesType(STEP, "case.steps"),
}
RECORDS = {"case": CASE, "person": PERSON, "penalty": PENALTY, "common.penalty": PENALTY}
ZONE = "Asia/Shanghai"
GLOBALS: Mapping[str, Type] = {"me": LinkType("person"), "now": DATETIME, "today": DATE, "period": PERIOD}
NOW = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
VALUES: Mapping[str, object] = {
    "me": {"id": 2, "name": "Li", "roles": ["hr", "inspector"]},
    "now": NOW,
    "today": date(2026, 3, 31),
    "period": Period(
        date(2026, 3, 1),
        date(2026, 3, 31),
        datetime(2026, 2, 28, 16, tzinfo=UTC),
        datetime(2026, 3, 31, 16, tzinfo=UTC),
    ),
}


class World:
    """The schema of these record types."""

    def fields(self, record: str) -> Mapping[str, Type] | None:
        return RECORDS.get(record)

    def resolve_record(self, name: str) -> str | None:
        return name if name in RECORDS else None


ENVIRONMENT = Environment(
    {**CASE, **GLOBALS},
    World(),
    this="case",
    old=True,
    roles=frozenset({"hr", "inspector", "cook"}),
    zone=ZONE,
)


def place(text: str) -> Span:
    """A plain one-line scalar in line 7, from column 11 on."""
    return Span("rules.yaml", 7, 11, 7, 11 + len(text))


def compiled(
    text: str, want: Type | None = None, env: Environment = ENVIRONMENT
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    return compile_expression(text, place(text), env, want)


def sound(
    text: str, want: Type | None = None, env: Environment = ENVIRONMENT, *, allow_warnings: bool = False
) -> Expression:
    """The expression, which must have no fault (and no warning, unless they are allowed)."""
    expression, faults = compiled(text, want, env)
    assert allow_warnings or not faults, [
        (found.code, found.span.column, found.message(), found.hint_text()) for found in faults
    ]
    assert expression is not None
    return expression


class UtcDateTime(TypeDecorator[datetime]):
    """What a storage does with moments: UTC, without an offset in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return (
            None
            if value is None
            else value.replace(tzinfo=UTC)
            if value.tzinfo is None
            else value.astimezone(UTC)
        )


METADATA = sa.MetaData()
_STORED: Mapping[Type, type[sa.types.TypeEngine[Any]]] = {
    TEXT: sa.String,
    BOOLEAN: sa.Boolean,
    DATE: sa.Date,
    DATETIME: UtcDateTime,
    TIME: sa.Time,
    DURATION: ElapsedTime,
}


def _table(name: str, fields: Mapping[str, Type], *more: sa.Column[Any], **numbers: int) -> sa.Table:
    columns = [sa.Column("id", sa.Integer, primary_key=True), *more]
    for field_name, kind in fields.items():
        if kind == NUMBER and field_name != "id":
            places = numbers.get(field_name)
            stored = sa.Integer() if places is None else ScaledNumber(places)
            columns.append(sa.Column(field_name, stored))
        elif isinstance(kind, LinkType):
            columns.append(sa.Column(f"{field_name}_id", sa.Integer))
        elif isinstance(kind, ChoiceType | ChoicesType):
            columns.append(sa.Column(field_name, sa.String))
        elif kind in _STORED:
            columns.append(sa.Column(field_name, _STORED[kind]()))
    return sa.Table(name, METADATA, *columns)


TABLES = {
    "case": _table("case_record", CASE, amount=2, rate=3),
    "person": _table("person_record", PERSON, rate=4),
    "penalty": _table("penalty_record", PENALTY, amount=2),
    "steps": _table("case_steps", STEP, sa.Column("case_id", sa.Integer), cost=2),
}
HELPERS = sa.Table(
    "case_helpers", METADATA, sa.Column("case_id", sa.Integer), sa.Column("person_id", sa.Integer)
)


@dataclass
class TableBinder:
    """The columns of a row of `table`, link paths as correlated subqueries."""

    table: sa.FromClause
    fields: Mapping[str, Type]
    values: Mapping[str, object] = field(default_factory=lambda: VALUES)

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        name, *rest = path
        kind = self.fields[name]
        own: sa.ColumnElement[Any] = self.table.c[f"{name}_id" if isinstance(kind, LinkType) else name]
        if not rest:
            return own
        assert isinstance(kind, LinkType)
        linked = TABLES[kind.record].alias()
        inner = TableBinder(linked, RECORDS[kind.record], self.values).column(tuple(rest))
        return sa.select(inner).where(linked.c.id == own).correlate_except(linked).scalar_subquery()

    def holds_option(self, path: tuple[str, ...], option: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return self.column(path).contains(sa.literal("|") + option + "|")

    def rows(self, path: tuple[str, ...]) -> TableRows:
        if path == ("steps",):
            lines = TABLES["steps"].alias()
            return TableRows(TableBinder(lines, STEP, self.values), lines, lines.c.case_id == self.table.c.id)
        assert path == ("helpers",)
        people, helpers = TABLES["person"].alias(), HELPERS.alias()
        joined = people.join(helpers, helpers.c.person_id == people.c.id)
        return TableRows(
            TableBinder(people, PERSON, self.values), joined, helpers.c.case_id == self.table.c.id
        )

    def records(self, record: str) -> TableRows:
        table = TABLES[record.removeprefix("common.")].alias()
        return TableRows(TableBinder(table, RECORDS[record], self.values), table, sa.true())


@dataclass
class TableRows:
    binder: TableBinder
    source: sa.FromClause
    condition: sa.ColumnElement[bool]

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return (
            sa.select(*columns).select_from(self.source).where(self.condition).correlate_except(self.source)
        )


CASES = TableBinder(TABLES["case"], CASE)


def stored_row(fields: Mapping[str, Type], row: Mapping[str, Any]) -> dict[str, Any]:
    """A record of a scope as the values of its table's row."""
    stored: dict[str, Any] = {}
    for name, value in row.items():
        kind = fields[name]
        if isinstance(kind, LinkType):
            stored[f"{name}_id"] = None if value is None else value["id"]
        elif isinstance(kind, ChoicesType):
            stored[name] = f"|{'|'.join(value)}|" if value else None
        elif not isinstance(kind, LinesType | LinksType):
            stored[name] = value
    return stored


def save(connection: sa.Connection, case: Mapping[str, Any], penalties: list[dict[str, Any]]) -> None:
    """Empties the tables and writes one case with all that hangs on it."""
    for table in (*TABLES.values(), HELPERS):
        connection.execute(table.delete())
    people = {person["id"]: person for person in _people(case, *penalties, *case.get("steps", ()))}
    _insert(connection, TABLES["person"], [stored_row(PERSON, person) for person in people.values()])
    _insert(connection, TABLES["case"], [stored_row(CASE, case)])
    steps = [{**stored_row(STEP, step), "case_id": case["id"]} for step in case.get("steps", ())]
    _insert(connection, TABLES["steps"], steps)
    _insert(connection, TABLES["penalty"], [stored_row(PENALTY, row) for row in penalties])
    helpers = [{"case_id": case["id"], "person_id": person["id"]} for person in case.get("helpers", ())]
    _insert(connection, HELPERS, helpers)


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _people(*records: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for record in records:
        linked = [record.get("who"), record.get("boss"), record.get("superior"), record.get("offender")]
        for person in [*linked, *record.get("helpers", ())]:
            if person is not None:
                found += [person, *_people(person)]
    return found
