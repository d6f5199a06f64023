"""Conditions in SQL and in Python agree; facts are loaded in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.access import Actor, RowScope, in_scope, row_scope
from app.access import compile_policy as policy_of
from app.access.rows import Rows
from app.checks.environments import record_environment
from app.expressions import BOOLEAN, Expression, Type, compile_expression, compile_python, holds
from app.source import Span
from app.storage import (
    Database,
    Models,
    condition_where,
    ids_in_scope,
    insert_record,
    linked_values,
    load_facts,
    lookup_values,
    moment_values,
    scope_where,
)
from tests.support.portals import NOW, empty, install, release_from, stamp

CASES = """
choices:
  level: {ordered: true, options: {low: Low, high: High, worst: Worst}}
roles:
  clerk: {can: {case: [read own]}}
  head: {can: {case: [read subtree]}}
  peer: {can: {case: [read unit]}}
  picky: {can: {case: ["read where level >= 'high' and who.unit == me.unit"]}}
  odd: {can: {case: ["read where has_role('odd') and any(steps, cost > 5)"]}}
records:
  case:
    title: Case
    fields:
      title: {type: text}
      level: {type: choice, options: level}
      amount: {type: money}
      day: {type: date}
      at: {type: datetime}
      tags: {type: choices, options: {a: A, b: B}}
      unit: {type: unit}
      who: {type: person, owner: true}
      before: {type: link, to: case}
      friends: {type: links, to: person}
      photo: {type: photo}
      photos: {type: photos}
      place: {type: location}
      steps: {type: lines, fields: {what: {type: text}, cost: {type: money}, who: {type: person}}}
"""


@pytest.fixture(scope="module")
def installed(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Models:
    root = tmp_path_factory.mktemp("case")
    return install(module_database, release_from(root, {"config/regimes/r/case.yaml": CASES}))


@pytest.fixture
def database(module_database: Database, installed: Models) -> Iterator[Database]:
    """The module's database, emptied after each test."""
    yield module_database
    empty(module_database, installed)


@pytest.fixture
def models(database: Database, installed: Models) -> Models:
    """Two units one below the other, three people, five cases."""
    add = _adder(database, installed)
    add("unit", title="top")
    add("unit", title="sub", parent=1)
    add("person", name="boss", unit=1)
    add("person", name="ann", unit=2, superior=1)
    add("person", name="bob", unit=2, superior=1)
    for photo in range(2):
        add("attachment", file_name=f"{photo}.jpg", size=5)
    add(
        "r.case",
        title="one",
        level="low",
        amount=Decimal("10.00"),
        unit=1,
        who=2,
        tags=["a"],
        day=TODAY,
        at=NOW,
        photo=1,
        place={"lat": 1, "lon": 2},
        steps=[{"what": "x", "cost": Decimal("5.01"), "who": 3}],
    )
    add("r.case", title="two", level="worst", amount=Decimal("0.10"), unit=2, who=3, before=1, friends=[3, 1])
    add(
        "r.case",
        title="three",
        level="high",
        amount=Decimal("0.20"),
        unit=2,
        who=1,
        before=2,
        day=TODAY - timedelta(days=40),
        at=NOW - timedelta(hours=1),
        tags=["b", "a"],
    )
    add("r.case", title="four", steps=[{"what": "y"}, {"what": "z", "cost": Decimal("1")}])
    add("r.case", level="high", unit=1, who=2, photos=[2])
    return installed


TODAY = date(2026, 3, 2)
BOB = Actor(person_id=3, account_id=None, name="bob", roles=frozenset({"r.odd"}), unit_id=2,
            subtree=frozenset({2}))  # fmt: skip


def _adder(database: Database, models: Models):  # type: ignore[no-untyped-def]
    def add(record_type: str, **values: object) -> int:
        with database.writing() as session:
            return insert_record(session, models, record_type, values, stamp(None))

    return add


def _expression(models: Models, text: str, want: Type | None = BOOLEAN) -> Expression:
    record = models.record("r.case")
    environment = record_environment(models.release.portal, record.spec)
    expression, faults = compile_expression(text, Span("test"), environment, want)
    assert expression is not None, [fault.message() for fault in faults]
    return expression


CONDITIONS = [
    "level >= 'high'",
    "not level == 'low'",
    "amount + 0.1 == 0.3",
    "amount * 3 > 0.3",
    "amount != 0.1",
    "who == me",
    "who.unit == me.unit",
    "who.superior.name == 'boss'",
    "me.superior.name == 'boss' and title",
    "before.before.who.name == 'ann'",
    "before.level in ['low', 'high']",
    "day > today - days(30)",
    "at >= now",
    "'a' in tags",
    "not tags",
    "me in friends",
    "any(steps, cost > 5)",
    "all(steps, who)",
    "any(steps, who.superior == this.who)",
    "count(steps) == 2",
    "sum(steps, cost) > 5",
    "photo",
    "photo.file_name == '0.jpg'",
    "length(photos) == 1",
    "any(friends, unit.title == 'top')",
    "has_role('odd') and who",
    "has_role('clerk')",
    "count(case, unit == this.unit) > 1",
    "sum(case, amount, who == this.who) > 1",
    "created_by",
    "contains(title, 'wo')",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_sql_and_python_judge_alike(database: Database, models: Models, text: str) -> None:
    """A condition picks the same records as a WHERE clause and over facts loaded beforehand."""
    expression = _expression(models, text)
    values = moment_values(models, NOW)
    table = models.tables["r.case"]
    with database.reading() as session:
        where = condition_where(models, "r.case", expression, BOB, values)
        by_sql = set(session.scalars(sa.select(table.c.id).where(where)))
        paths = {path for path in expression.paths if path[0] not in ("me", "now", "today")}
        me_paths = {path[1:] for path in expression.paths if path[0] == "me" and len(path) > 1}
        me = {**linked_values(session, models, "person", (3,), me_paths)[3], "roles": {"odd", "r.odd"}}
        by_python = set()
        for ident in range(1, 6):
            facts = load_facts(session, models, "r.case", ident, paths)
            assert facts is not None
            scope = lookup_values(session, models, {**facts, **values, "me": me}, expression.lookups)
            if holds(expression, scope):
                by_python.add(ident)
    assert by_sql == by_python


def test_the_conditions_above_are_not_all_the_same(database: Database, models: Models) -> None:
    """Most of them hold for some records and not for others, so that agreeing means something."""
    table, values = models.tables["r.case"], moment_values(models, NOW)
    telling = 0
    with database.reading() as session:
        for text in CONDITIONS:
            where = condition_where(models, "r.case", _expression(models, text), BOB, values)
            telling += 0 < len(session.scalars(sa.select(table.c.id).where(where)).all()) < 5
    assert telling >= len(CONDITIONS) - 5


ACTORS = [
    Actor(person_id=2, roles=frozenset({"r.clerk"}), unit_id=2, subtree=frozenset({2})),
    Actor(person_id=1, roles=frozenset({"r.head"}), unit_id=1, subtree=frozenset({1, 2})),
    Actor(person_id=3, roles=frozenset({"r.peer"}), unit_id=2, subtree=frozenset({2})),
    Actor(person_id=3, roles=frozenset({"r.picky", "r.clerk"}), unit_id=2, subtree=frozenset({2})),
    Actor(person_id=2, roles=frozenset({"r.odd"}), unit_id=2, subtree=frozenset({2})),
    Actor(person_id=None, roles=frozenset({"r.clerk", "r.peer", "r.head"})),
    Actor(person_id=2, roles=frozenset({"administrator"})),
    Actor(person_id=2),
]


@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: "+".join(sorted(actor.roles)) or "nobody")
def test_row_scopes_are_the_same_rows_in_sql(database: Database, models: Models, actor: Actor) -> None:
    """What `in_scope` lets pass one by one is what the WHERE clause picks."""
    record = models.record("r.case")
    scope = row_scope(policy_of(models.release), actor, "read", "r.case")
    values = moment_values(models, NOW)
    paths = {("created_by",), ("who",), ("unit",)}
    paths |= {path for one in scope.conditions for path in one.paths if path[0] != "me"}
    with database.reading() as session:
        table = models.tables["r.case"]
        where = scope_where(models, "r.case", scope, actor, NOW)
        by_sql = set(session.scalars(sa.select(table.c.id).where(where)))
        among = ids_in_scope(session, models, "r.case", range(1, 9), actor, scope, values)
        short = {role.rpartition(".")[2] for role in actor.roles}
        me = {"id": actor.person_id, "unit": actor.unit_id, "roles": short} if actor.person_id else None
        by_python = {
            ident
            for ident in range(1, 6)
            if in_scope(
                scope,
                record,
                actor,
                {**(load_facts(session, models, "r.case", ident, paths) or {}), **values, "me": me},
            )
        }
    assert by_sql == among == by_python


def test_a_person_owns_the_own_entry(database: Database, models: Models) -> None:
    """`own` on persons is oneself, `unit` on units is one's own unit."""
    ann = Actor(person_id=2, unit_id=2, subtree=frozenset({2}))
    with database.reading() as session:
        for record_type, kind, wanted in (("person", "own", {2}), ("unit", "subtree", {2})):
            scope = RowScope(parts=(Rows(kind),))  # type: ignore[arg-type]
            where = scope_where(models, record_type, scope, ann, NOW)
            table = models.tables[record_type]
            assert set(session.scalars(sa.select(table.c.id).where(where))) == wanted


def test_facts_follow_links_lines_and_files(database: Database, models: Models) -> None:
    """Paths become nested mappings; what is not there is None or an empty list."""
    paths = {
        ("title",), ("who",), ("who", "superior", "name"), ("before", "before", "title"), ("place",),
        ("steps", "what"), ("steps", "who", "name"), ("friends", "name"), ("photo", "file_name"), ("photos",),
        ("before", "steps", "what"), ("nothing",), ("title", "nothing"), ("unit", "id"), ("before", "who"),
    }  # fmt: skip
    with database.reading() as session:
        one, two = (load_facts(session, models, "r.case", ident, paths) for ident in (1, 2))
        assert load_facts(session, models, "r.case", 99, paths) is None
    assert one == {
        "id": 1,
        "title": "one",
        "who": {"id": 2, "superior": {"id": 1, "name": "boss"}},
        "before": None,
        "place": "1.0,2.0",
        "steps": [{"id": 1, "what": "x", "who": {"id": 3, "name": "bob"}}],
        "friends": [],
        "photo": {"id": 1, "file_name": "0.jpg"},
        "photos": [],
        "unit": 1,
    }
    assert two is not None
    assert two["before"] == {"id": 1, "who": 2, "before": None, "steps": [{"id": 1, "what": "x"}]}
    assert two["friends"] == [{"id": 3, "name": "bob"}, {"id": 1, "name": "boss"}]


def test_many_facts_cost_one_statement_along_links(database: Database, models: Models) -> None:
    """Links of any depth and any number of records are one statement; each kind of lines is one more."""
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    paths = {
        ("who", "superior", "unit", "title"),
        ("before", "before", "unit", "parent", "title"),
        ("unit", "head"),
    }
    with database.reading() as session:
        found = linked_values(session, models, "r.case", range(1, 6), paths)
        assert len(said) == 1 and set(found) == {1, 2, 3, 4, 5}
        linked_values(session, models, "r.case", range(1, 6), {*paths, ("steps", "who", "name")})
    assert len(said) == 3


def test_lookups_are_one_statement(database: Database, models: Models) -> None:
    """Counts and sums over record types are asked together."""
    texts = ("count(case)", "sum(case, amount, who == this.who)", "max(case, amount)", "min(case, day)")
    expressions = [_expression(models, text, None) for text in texts]
    lookups = [lookup for one in expressions for lookup in one.lookups]
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with database.reading() as session:
        scope = lookup_values(session, models, {"who": 3, "me": None, "now": NOW, "today": TODAY}, lookups)
    assert len(said) == 1
    assert [compile_python(one)(scope) for one in expressions] == [
        5,
        Decimal("0.10"),
        Decimal("10.00"),
        TODAY - timedelta(days=40),
    ]
