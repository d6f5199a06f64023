"""Accounts made without the web application: the first administrator, demo accounts, the shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import orm
from werkzeug.security import generate_password_hash

from app.storage.mapping import Models


def create_account(
    session: orm.Session,
    models: Models,
    username: str,
    password: str,
    name: str,
    roles: Sequence[str],
    person_id: int | None = None,
) -> int:
    """Add an account that may sign in at once, in `roles` (full names), as the person `person_id`; its id."""
    users, links = models.system["ab_user"], models.system["ab_user_role"]
    moment = datetime.now(UTC).replace(tzinfo=None)  # the library keeps naive times here
    values = {
        "first_name": name,
        "last_name": "",
        "username": username,
        "password": generate_password_hash(password),
        "active": True,
        "email": f"{username}@accounts.invalid",
        "created_on": moment,
        "changed_on": moment,
        "login_count": 0,
        "fail_login_count": 0,
    }
    account = int(session.execute(sa.insert(users).values(values).returning(users.c.id)).scalar_one())
    for role in roles:
        session.execute(sa.insert(links).values(user_id=account, role_id=role_id(session, models, role)))
    if person_id is not None:
        person = models.tables["person"]
        session.execute(sa.update(person).where(person.c.id == person_id).values(user_id=account))
    return account


def role_id(session: orm.Session, models: Models, name: str) -> int:
    """The id of a role's row, made when it is not there yet."""
    table = models.system["ab_role"]
    found = session.scalar(sa.select(table.c.id).where(table.c.name == name))
    if found is not None:
        return int(found)
    return int(session.execute(sa.insert(table).values(name=name).returning(table.c.id)).scalar_one())


def has_accounts(session: orm.Session, models: Models) -> bool:
    """Whether anybody can sign in at all."""
    return session.scalar(sa.select(models.system["ab_user"].c.id).limit(1)) is not None
