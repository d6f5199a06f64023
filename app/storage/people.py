"""Who belongs where: accounts, the unit tree, and what a person's post was on a given day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.access import Actor
from app.storage.mapping import Models


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a person worked on a day. `recorded` says whether a posting line covers it, or the person's
    present fields had to answer."""

    person_id: int
    unit_id: int | None
    post_id: int | None
    superior_id: int | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class Account:
    """An account that may sign in, and who it is; `password` is its hash."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    password: str
    actor: Actor


def load_actor(session: orm.Session, models: Models, account_id: int) -> Actor | None:
    """Who an account is; None when there is no such account or it is switched off. Two statements."""
    found = load_account(session, models, account_id)
    return None if found is None else found.actor


def load_account(session: orm.Session, models: Models, account_id: int) -> Account | None:
    """An account with its roles (from groups too) and units, in two statements; None when there is no
    such account or it is switched off."""
    account = models.prepared(("account",), lambda: _account(models))
    rows = session.execute(account, {"account": account_id}).all()
    if not rows or rows[0].active is False:
        return None
    first = rows[0]
    belongs = {"unit": first.unit_id, "person": first.person_id}
    tree = models.prepared(("units",), lambda: _units(models))
    units = session.execute(tree, belongs).all() if first.person_id else ()
    below = [row for row in units if row.below]
    actor = Actor(
        person_id=first.person_id,
        account_id=account_id,
        name=first.name or f"{first.first_name} {first.last_name}".strip(),
        roles=frozenset(row.role for row in rows if row.role),
        unit_id=first.unit_id,
        subtree=frozenset(row.id for row in below),
        headed=frozenset(row.id for row in below if row.head_id == first.person_id),
        above=frozenset(row.id for row in units if not row.below),
    )
    names = (first.username, first.first_name, first.last_name, first.email)
    return Account(account_id, *names, first.password or "", actor)


def _account(models: Models) -> sa.Select[Any]:
    account_id = sa.bindparam("account", type_=sa.Integer)
    account, role = models.system["ab_user"], models.system["ab_role"]
    direct, grouped = models.system["ab_user_role"], models.system["ab_user_group"]
    of_group, person = models.system["ab_group_role"], models.tables["person"]
    held = sa.union(
        sa.select(direct.c.role_id).where(direct.c.user_id == account_id),
        sa.select(of_group.c.role_id)
        .join(grouped, grouped.c.group_id == of_group.c.group_id)
        .where(grouped.c.user_id == account_id),
    ).subquery()
    source = (
        account.outerjoin(person, person.c.user_id == account.c.id)
        .outerjoin(held, sa.true())
        .outerjoin(role, role.c.id == held.c.role_id)
    )
    return (
        sa.select(
            account.c.active,
            account.c.username,
            account.c.first_name,
            account.c.last_name,
            account.c.email,
            account.c.password,
            person.c.id.label("person_id"),
            person.c.name,
            person.c.unit_id,
            role.c.name.label("role"),
        )
        .select_from(source)
        .where(account.c.id == account_id)
    )


def _units(models: Models) -> sa.Select[Any]:
    """The units of a person and all below them (`below`), and those above."""
    unit = models.tables["unit"]
    own, headed = (sa.bindparam(name, type_=sa.Integer) for name in ("unit", "person"))
    start = sa.select(unit.c.id).where(sa.or_(unit.c.id == own, unit.c.head_id == headed))
    down, up = _below(unit, start), _above(unit, start)
    below = sa.select(unit.c.id, unit.c.head_id, sa.true().label("below")).join(down, down.c.id == unit.c.id)
    above = sa.select(unit.c.id, unit.c.head_id, sa.false().label("below")).join(up, up.c.id == unit.c.id)
    return sa.select(sa.union_all(below, above).subquery())


def _above(unit: sa.Table, start: sa.Select[Any]) -> sa.CTE:
    """The units of `start` and all above."""
    chosen = sa.select(unit.c.id, unit.c.parent_id).where(unit.c.id.in_(start))
    chain = chosen.cte("chain", recursive=True)
    return chain.union(sa.select(unit.c.id, unit.c.parent_id).where(unit.c.id == chain.c.parent_id))


def _below(unit: sa.Table, start: sa.Select[Any]) -> sa.CTE:
    """The units of `start` and all below. UNION leaves out what was there, so a circle comes to an end."""
    tree = start.cte("tree", recursive=True)
    return tree.union(sa.select(unit.c.id).join(tree, unit.c.parent_id == tree.c.id))


def subtree_select(models: Models, unit_ids: Collection[int]) -> sa.Select[Any]:
    """The ids of these units and of all below them, as a statement to use behind IN."""
    unit = models.tables["unit"]
    return sa.select(_below(unit, sa.select(unit.c.id).where(unit.c.id.in_(unit_ids))).c.id)


def subtree_ids(session: orm.Session, models: Models, unit_ids: Collection[int]) -> frozenset[int]:
    """The ids of these units and of all below them."""
    return frozenset(session.scalars(subtree_select(models, unit_ids))) if unit_ids else frozenset()


def unit_heads(session: orm.Session, models: Models, unit_ids: Collection[int]) -> dict[int, int]:
    """Unit id -> person id of its head; units without one are left out."""
    unit = models.tables["unit"]
    chosen = sa.select(unit.c.id, unit.c.head_id).where(unit.c.id.in_(unit_ids), unit.c.head_id.is_not(None))
    return {row.id: row.head_id for row in session.execute(chosen)}


def people_with_role(session: orm.Session, models: Models, role: str) -> tuple[int, ...]:
    """Ids of the persons whose active account has the role, directly or by a group."""
    account, names = models.system["ab_user"], models.system["ab_role"]
    direct, grouped = models.system["ab_user_role"], models.system["ab_user_group"]
    of_group, person = models.system["ab_group_role"], models.tables["person"]
    held = sa.union(
        sa.select(direct.c.user_id).join(names, names.c.id == direct.c.role_id).where(names.c.name == role),
        sa.select(grouped.c.user_id)
        .join(of_group, of_group.c.group_id == grouped.c.group_id)
        .join(names, names.c.id == of_group.c.role_id)
        .where(names.c.name == role),
    ).subquery()
    statement = (
        sa.select(person.c.id)
        .join(account, account.c.id == person.c.user_id)
        .where(account.c.active.is_not(False), account.c.id.in_(sa.select(held.c.user_id)))
        .order_by(person.c.id)
    )
    return tuple(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class PostingHistory:
    """Every posting of a person, by when it began: first day, last day (None = until now), posting; and what
    the person's present fields say."""

    present: Posting
    lines: tuple[tuple[date | None, date | None, Posting], ...] = ()

    def on(self, day: date) -> Posting:
        """Where the person worked on `day`; of several lines that cover it the one that began last counts."""
        found = self.present
        for first, last, posting in self.lines:
            if first is not None and first <= day and (last is None or last >= day):
                found = posting
        return found


def posting_histories(
    session: orm.Session, models: Models, person_ids: Collection[int]
) -> dict[int, PostingHistory]:
    """The postings of these persons, in two statements; unknown persons are left out."""
    lines, person = models.lines["person", "postings"], models.tables["person"]
    columns = (lines.c.record_id, lines.c.unit_id, lines.c.post_id, lines.c.superior_id)
    written = (
        sa.select(lines.c.from_date, lines.c.to_date, *columns)
        .where(lines.c.record_id.in_(person_ids))
        .order_by(lines.c.from_date, lines.c.id)
    )
    by_person: dict[int, list[tuple[date | None, date | None, Posting]]] = {}
    for first, last, person_id, unit, post, superior in session.execute(written):
        posting = Posting(person_id, unit, post, superior, recorded=True)
        by_person.setdefault(person_id, []).append((first, last, posting))
    present = sa.select(person.c.id, person.c.unit_id, person.c.post_id, person.c.superior_id).where(
        person.c.id.in_(person_ids)
    )
    return {
        row[0]: PostingHistory(Posting(*row, recorded=False), tuple(by_person.get(row[0], ())))
        for row in session.execute(present)
    }


def postings_on(
    session: orm.Session, models: Models, person_ids: Collection[int], day: date
) -> dict[int, Posting]:
    """Where each person worked on `day`, in two statements; unknown persons are left out.

    Of several posting lines that cover the day the one that began last counts.
    """
    lines, person = models.lines["person", "postings"], models.tables["person"]
    covering = (
        sa.select(lines.c.record_id, lines.c.unit_id, lines.c.post_id, lines.c.superior_id)
        .where(
            lines.c.record_id.in_(person_ids),
            lines.c.from_date <= day,
            sa.or_(lines.c.to_date.is_(None), lines.c.to_date >= day),
        )
        .order_by(lines.c.from_date, lines.c.id)
    )
    present = sa.select(person.c.id, person.c.unit_id, person.c.post_id, person.c.superior_id).where(
        person.c.id.in_(person_ids)
    )
    found = {row[0]: Posting(*row, recorded=False) for row in session.execute(present)}
    found |= {row[0]: Posting(*row, recorded=True) for row in session.execute(covering)}
    return found


def posting_on(session: orm.Session, models: Models, person_id: int, day: date) -> Posting | None:
    """Where one person worked on `day`; None for an unknown person."""
    return postings_on(session, models, (person_id,), day).get(person_id)
