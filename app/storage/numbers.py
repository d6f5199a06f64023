"""Running numbers (`{seq}`): one row for each series, taken within the record's own transaction."""

from __future__ import annotations

from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.storage.system_tables import TABLES


def next_number(session: orm.Session, key: str) -> int:
    """The next number of the series `key`, beginning with 1.

    Who asks next waits until this transaction has ended; when it is rolled back the number is free again,
    so a series has no gaps.
    """
    table = TABLES["number_series"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    taken = insert(table).values(key=key, last=1)
    statement = taken.on_conflict_do_update(
        index_elements=[table.c.key], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    return int(session.execute(statement).scalar_one())
