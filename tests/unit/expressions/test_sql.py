"""The SQL reader: natively where an index can serve, exactly everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from expression_readers import EMPTY
from expression_world import CASE, CASES, PENALTY, TABLES, VALUES, TableBinder, World, save, sound
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

from app.expressions import DATE, DURATION, NUMBER, PERIOD, Environment, NotReadable
from app.expressions.sql import ElapsedTime, ScaledNumber, lookup_to_sql, to_sql

LI: dict[str, Any] = {"id": 2, "name": "Li", "superior": None}
WU: dict[str, Any] = {"id": 9, "name": "Wu", "superior": None}
PENALTIES: list[dict[str, Any]] = [
    {
        "id": 1,
        "offender": LI,
        "amount": Decimal("20.00"),
        "level": "fault",
        "given": None,
        "paid": True,
        "wait": None,
    },
    {
        "id": 2,
        "offender": LI,
        "amount": Decimal("50.10"),
        "level": "fault",
        "given": None,
        "paid": False,
        "wait": None,
    },
    {
        "id": 3,
        "offender": WU,
        "amount": Decimal("1.00"),
        "level": None,
        "given": None,
        "paid": True,
        "wait": None,
    },
]


def in_sqlite(text: str) -> str:
    dialect = sqlite_dialect.dialect()
    return str(to_sql(sound(text), CASES).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("amount >= 12.5", "case_record.amount >= 1250"),
        ("12.5 <= amount", "case_record.amount >= 1250"),
        ("qty == 3", "case_record.qty = 3"),
        ("level >= 'serious_fault'", "case_record.level IN ('serious_fault', 'major_fault')"),
        ("kind == 'a'", "case_record.kind = 'a'"),
        ("kind in ['a', 'b']", "case_record.kind IN ('a', 'b')"),
        ("due < today", "case_record.due < '2026-03-31'"),
        ("due < today - days(3)", "case_record.due < '2026-03-28'"),
        ("seen > now - hours(9.5)", "case_record.seen > '2026-03-31 00:00:00.000000'"),
        (
            "seen in period",
            "case_record.seen BETWEEN '2026-02-28 16:00:00.000000' AND '2026-03-31 15:59:59.999999'",
        ),
        ("who == me", "case_record.who_id = 2"),
        ("took > hours(1)", "case_record.took > 3600000000"),
        ("title == None", "case_record.title IS NULL"),
        ("flag and not title", "case_record.flag = 1 AND case_record.title IS NULL"),
        ("has_role('hr') and qty > 1", "1 AND case_record.qty > 1"),
        ("seen <= closed", "case_record.seen <= case_record.closed"),
    ],
    ids=str,
)
def test_bare_columns_compare_natively(text: str, sql: str) -> None:
    """A column against a value is written so that the column's index serves."""
    assert in_sqlite(text).replace("1 AND ", "") == sql.replace("1 AND ", "")


def test_an_index_is_used(sqlite: sa.Connection) -> None:
    """The database looks the value up instead of reading every row."""
    with sqlite.begin_nested() as savepoint:
        sqlite.execute(sa.text("CREATE INDEX by_amount ON case_record (amount)"))
        query = sa.select(TABLES["case"].c.id).where(to_sql(sound("amount > 12.5"), CASES))
        plan = sqlite.exec_driver_sql(
            "EXPLAIN QUERY PLAN " + str(query.compile(sqlite, compile_kwargs={"literal_binds": True}))
        )
        assert "by_amount" in str(plan.all())
        savepoint.rollback()


def test_a_value_finer_than_its_column_is_not_rounded(sqlite: sa.Connection) -> None:
    """12.50 is not more than 12.504, though both are 12.50 in the column's places."""
    save(sqlite, {**EMPTY, "amount": Decimal("12.50")}, [])
    found = sqlite.execute(sa.select(to_sql(sound("amount < 12.504"), CASES)).select_from(TABLES["case"]))
    assert found.scalar_one() is True


def test_where_keeps_only_what_is_true(sqlite: sa.Connection) -> None:
    """A row for which the condition is empty is left out, and left out of its contrary too."""
    save(sqlite, EMPTY, [])
    for text in ("amount > 1", "not (amount > 1)"):
        query = sa.select(sa.func.count()).select_from(TABLES["case"]).where(to_sql(sound(text), CASES))
        assert sqlite.execute(query).scalar_one() == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("count(penalty, offender == this.who)", 2),
        ("sum(penalty, amount, offender == this.who)", Decimal("70.10")),
        ("max(penalty, amount)", Decimal("50.10")),
        ("median(penalty, amount)", Decimal("20")),
        ("max(penalty, level)", "fault"),
        ("share(penalty, paid, offender == this.who)", Decimal("50")),
        ("count(penalty, offender.name == this.who.name)", 2),
    ],
    ids=str,
)
def test_lookups_as_queries(sqlite: sa.Connection, text: str, wanted: object) -> None:
    """A look-up is loaded by one query made of the record's values."""
    save(sqlite, {**EMPTY, "who": LI, "boss": WU}, PENALTIES)
    (lookup,) = sound(text).lookups
    binder = TableBinder(TABLES["penalty"], PENALTY, {**VALUES, "who": LI})
    assert sqlite.execute(sa.select(lookup_to_sql(lookup, binder))).scalar_one() == wanted


def test_measures_group(sqlite: sa.Connection) -> None:
    """A report's measures are aggregates of the query that groups the rows."""
    save(sqlite, {**EMPTY, "who": LI, "boss": WU}, PENALTIES)
    env = Environment({}, World(), rows="penalty")
    table = TABLES["penalty"]
    binder = TableBinder(table, PENALTY, {})
    texts = (
        "sum(amount)",
        "sum(amount, paid)",
        "count(not paid)",
        "share(paid)",
        "avg(amount / 3)",
        "max(level)",
    )
    measures = [to_sql(sound(text, env=env), binder) for text in texts]
    query = sa.select(*measures).group_by(table.c.offender_id).order_by(table.c.offender_id)
    first, second = sqlite.execute(query).all()
    assert tuple(first) == (
        Decimal("70.10"),
        Decimal("20.00"),
        1,
        Decimal("50"),
        Decimal("11.68333333333333333334"),
        "fault",
    )
    assert second[0] == Decimal("1.00")


@pytest.mark.parametrize(
    "text",
    ["old.amount > 1", "due + working_days(1) < today", "length(tags) > 1"],
    ids=["old", "days", "options"],
)
def test_what_the_database_cannot_say(text: str) -> None:
    """What only Python knows is refused by name, not guessed."""
    with pytest.raises(NotReadable):
        to_sql(sound(text), CASES)


def test_statements_of_one_shape_are_compiled_once() -> None:
    """Different expressions never share a compiled statement; equal ones with other values do."""
    keys = [
        to_sql(sound(text), CASES)._generate_cache_key()
        for text in ("qty / 3 > 1", "qty / 4 > 2", "qty * 3 > 1")
    ]
    assert all(keys)
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]


def test_postgresql_text_has_no_function_of_ours() -> None:
    """PostgreSQL computes by itself; only SQLite needs help."""
    text = (
        "round(amount / 3, 2) + median(steps, cost) > 1"
        " and seen + months(1) < now and due + hours(qty) in period"
    )
    statement = str(to_sql(sound(text), CASES).compile(dialect=postgresql_dialect.dialect()))
    assert "expr_" not in statement


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ScaledNumber(2), Decimal("-12.50")),
        (ScaledNumber(0), Decimal("7")),
        (ElapsedTime(), timedelta(days=-1, microseconds=3)),
    ],
    ids=["two places", "no place", "duration"],
)
def test_columns_keep_their_values(sqlite: sa.Connection, kind: Any, value: object) -> None:
    """What is stored is read back, digit by digit, and so is nothing."""
    bound = [sa.type_coerce(sa.bindparam(None, found, kind), kind) for found in (value, None)]
    assert tuple(sqlite.execute(sa.select(*bound)).one()) == (value, None)


def test_a_scaled_column_takes_no_finer_value(sqlite: sa.Connection) -> None:
    """Rounding money is a decision, not something that a column does."""
    with pytest.raises(sa.exc.StatementError, match="more than 2 decimal places"):
        sqlite.execute(sa.select(sa.bindparam(None, Decimal("1.005"), ScaledNumber(2))))


def test_fixed_parts_are_computed_beforehand() -> None:
    """A function of the registry may stand in a filter as long as it reads no column."""
    assert in_sqlite("due > max(today, today + days(2))") == ("case_record.due > '2026-04-02'")


def test_moments_without_zone_are_utc(sqlite: sa.Connection) -> None:
    """SQLite keeps no offset; what it gives back is UTC."""
    save(sqlite, {**EMPTY, "seen": datetime(2026, 1, 31, 20, tzinfo=UTC)}, [])
    query = sa.select(to_sql(sound("seen + days(1)"), CASES), to_sql(sound("seen"), CASES)).select_from(
        TABLES["case"]
    )
    assert tuple(sqlite.execute(query).one()) == (
        datetime(2026, 2, 1, 20, tzinfo=UTC),
        datetime(2026, 1, 31, 20, tzinfo=UTC),
    )


def test_columns_that_others_made(sqlite: sa.Connection) -> None:
    """A plain NUMERIC is read by its digits, an INTERVAL as the time that it stands for."""
    other = sa.Table(
        "made_elsewhere", sa.MetaData(), sa.Column("amount", sa.Numeric), sa.Column("took", sa.Interval)
    )
    fields = {"amount": NUMBER, "took": DURATION}
    env = Environment(fields, World())
    with sqlite.begin_nested() as savepoint:
        other.create(sqlite)
        sqlite.exec_driver_sql("INSERT INTO made_elsewhere VALUES (0.1, '1970-01-01 02:00:00.000000')")
        binder = TableBinder(other, fields, {})
        texts = ("amount + 0.2 == 0.3", "amount == 0.1", "amount in [0.1, 7]", "took == hours(2)")
        found = sqlite.execute(sa.select(*(to_sql(sound(text, env=env), binder) for text in texts))).one()
        assert tuple(found) == (True, True, True, True)
        savepoint.rollback()


def test_a_period_in_a_column_is_refused() -> None:
    """Only a period whose days are known can be asked about."""
    env = Environment({"due": DATE, "done": PERIOD}, World())
    with pytest.raises(NotReadable):
        to_sql(sound("due in done", env=env), TableBinder(TABLES["case"], {"due": DATE, "done": DATE}, {}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("flag", None),
        ("has_role('hr')", None),
        ("who == me", None),
        ("due in period", None),
        ("1 + 1 == 2", True),
    ],
)
def test_nobody_and_no_period(sqlite: sa.Connection, text: str, wanted: bool | None) -> None:
    """Values that are empty make their comparisons empty, also when they are bound."""
    save(sqlite, {**EMPTY, "who": LI, "due": None}, [])
    nothing = dict.fromkeys(VALUES)
    binder = TableBinder(TABLES["case"], CASE, nothing)
    query = sa.select(to_sql(sound(text), binder)).select_from(TABLES["case"])
    assert sqlite.execute(query).scalar_one() is wanted
