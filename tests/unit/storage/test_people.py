"""Accounts, units and posts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.storage import (
    Database,
    Models,
    insert_record,
    load_actor,
    people_with_role,
    posting_on,
    postings_on,
    subtree_ids,
    unit_heads,
    update_record,
)
from tests.support.portals import install, release_from, stamp


@pytest.fixture
def models(database: Database, tmp_path: Path) -> Models:
    """root(1) > shop(2) > team(3); boss(1) heads root, head(2) heads shop, cook(3) works there."""
    models = install(database, release_from(tmp_path, {}))
    with database.writing() as session:

        def add(record_type: str, **values: object) -> int:
            return insert_record(session, models, record_type, values, stamp())

        add("unit", title="root")
        add("unit", title="shop", parent=1)
        add("unit", title="team", parent=2)
        add("unit", title="elsewhere")
        add("post", title="cook")
        add("person", name="boss", unit=1)
        add("person", name="head", unit=2, superior=1)
        add("person", name="cook", unit=3, superior=2, post=1)
        update_record(session, models, "unit", 1, {"head": 1}, stamp(), None)
        update_record(session, models, "unit", 2, {"head": 2}, stamp(), None)
        _account(session, models, 7, "head", person=2, roles=("common.inspector",), groups=("staff",))
        _account(session, models, 8, "cook", person=3, roles=(), groups=("staff",))
        _account(session, models, 9, "nobody", person=None, roles=("administrator",), groups=())
        _account(session, models, 10, "gone", person=1, roles=("common.inspector",), groups=(), active=False)
    return models


def _account(
    session: sa.orm.Session,
    models: Models,
    ident: int,
    name: str,
    person: int | None,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    active: bool = True,
) -> None:
    tables = models.system

    def ensure(table: str, value: str) -> int:
        found = session.scalar(sa.select(tables[table].c.id).where(tables[table].c.name == value))
        if found is None:
            made = session.execute(tables[table].insert().values(name=value))
            found = made.inserted_primary_key[0]  # type: ignore[attr-defined]
        return int(found)

    row = {"id": ident, "first_name": name.title(), "last_name": "X", "username": name, "active": active,
           "email": f"{name}@example.org"}  # fmt: skip
    session.execute(tables["ab_user"].insert().values(row))
    for role in roles:
        session.execute(
            tables["ab_user_role"].insert().values(user_id=ident, role_id=ensure("ab_role", role))
        )
    for group in groups:
        number = ensure("ab_group", group)
        session.execute(tables["ab_user_group"].insert().values(user_id=ident, group_id=number))
        pair = {"group_id": number, "role_id": ensure("ab_role", "employee")}
        there = sa.select(tables["ab_group_role"].c.id).where(tables["ab_group_role"].c.group_id == number)
        if session.scalar(there) is None:
            session.execute(tables["ab_group_role"].insert().values(pair))
    if person is not None:
        table = models.tables["person"]
        session.execute(table.update().where(table.c.id == person).values(user_id=ident))


def test_an_actor_comes_in_two_statements(database: Database, models: Models) -> None:
    """Person, roles from the account and its groups, own unit, headed units and all below."""
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with database.reading() as session:
        head = load_actor(session, models, 7)
    assert head is not None and len(said) == 2
    assert (head.person_id, head.account_id, head.name, head.unit_id) == (2, 7, "head", 2)
    assert head.roles == {"common.inspector", "employee"}
    assert (head.subtree, head.headed) == ({2, 3}, {2})


def test_accounts_without_a_person_or_switched_off(database: Database, models: Models) -> None:
    """Somebody without a person entry has roles but no place; who is switched off is nobody."""
    with database.reading() as session:
        nobody, gone, unknown = (load_actor(session, models, ident) for ident in (9, 10, 11))
        cook = load_actor(session, models, 8)
    assert nobody is not None and nobody.unlimited
    assert (nobody.person_id, nobody.subtree, nobody.name) == (None, frozenset(), "Nobody X")
    assert gone is None and unknown is None
    assert cook is not None and (cook.roles, cook.subtree, cook.headed) == ({"employee"}, {3}, frozenset())


def test_people_are_found_by_role(database: Database, models: Models) -> None:
    """Directly or by group, only with an active account."""
    with database.reading() as session:
        assert people_with_role(session, models, "common.inspector") == (2,)
        assert people_with_role(session, models, "employee") == (2, 3)
        assert people_with_role(session, models, "missing") == ()


def test_units_have_subtrees_and_heads(database: Database, models: Models) -> None:
    """A subtree includes its root; units without a head are left out."""
    with database.reading() as session:
        assert subtree_ids(session, models, (2,)) == {2, 3}
        assert subtree_ids(session, models, (1, 4)) == {1, 2, 3, 4}
        assert subtree_ids(session, models, ()) == frozenset()
        assert unit_heads(session, models, (1, 2, 3)) == {1: 1, 2: 2}


@pytest.mark.parametrize(
    ("day", "unit", "superior", "recorded"),
    [
        (date(2025, 12, 31), 3, 2, False),
        (date(2026, 1, 1), 4, 1, True),
        (date(2026, 1, 31), 4, 1, True),
        (date(2026, 2, 1), 2, None, True),
        (date(2026, 2, 10), 1, 1, True),
    ],
    ids=["before", "first_day", "last_day", "open", "latest_wins"],
)
def test_a_day_has_its_own_superior(
    database: Database, models: Models, day: date, unit: int, superior: int | None, recorded: bool
) -> None:
    """The posting line that covers the day answers; without one, the present fields."""
    lines = [
        {"from_date": date(2026, 1, 1), "to_date": date(2026, 1, 31), "unit": 4, "superior": 1},
        {"from_date": date(2026, 2, 1), "unit": 2},
        {"from_date": date(2026, 2, 10), "unit": 1, "superior": 1},
    ]
    with database.writing() as session:
        update_record(session, models, "person", 3, {"postings": lines}, stamp(), None)
        found = posting_on(session, models, 3, day)
        everybody = postings_on(session, models, (1, 2, 3, 99), day)
    assert found is not None
    assert (found.unit_id, found.superior_id, found.recorded) == (unit, superior, recorded)
    assert set(everybody) == {1, 2, 3} and everybody[3] == found
