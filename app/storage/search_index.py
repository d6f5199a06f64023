"""Substring indexes: trigrams in a GIN index on PostgreSQL, in an FTS5 table with triggers on SQLite.

FTS5's trigrams need three characters, but many Chinese words have two. So every text is indexed with a
mark at its end: then each pair of characters is the beginning of some trigram, and a search for two
characters looks up, in the index's own list of terms, the trigrams that begin with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.storage.tables import IndexSpec

if TYPE_CHECKING:
    from alembic.operations import Operations

END_MARK = "\x1f"
TRIGRAM = 3


def create_search_index(operations: Operations, spec: IndexSpec) -> None:
    """Create the index and fill it with what the table holds."""
    connection = operations.get_bind()
    if connection.dialect.name == "postgresql":
        columns = ", ".join(f'"{name}" gin_trgm_ops' for name in spec.columns)
        operations.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        operations.execute(f'CREATE INDEX "{spec.name}" ON "{spec.table}" USING gin ({columns})')
        return
    for statement in _sqlite_statements(spec):
        connection.exec_driver_sql(statement)


def drop_search_index(operations: Operations, spec: IndexSpec) -> None:
    """Drop the index with all that belongs to it."""
    connection = operations.get_bind()
    if connection.dialect.name == "postgresql":
        operations.execute(f'DROP INDEX "{spec.name}"')
        return
    for event in ("in", "up", "de"):
        connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{spec.name}_{event}"')
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{spec.name}_terms"')
    connection.exec_driver_sql(f'DROP TABLE "{spec.name}"')


def _sqlite_statements(spec: IndexSpec) -> list[str]:
    name, table = spec.name, spec.table
    columns = ", ".join(f'"{column}"' for column in spec.columns)

    def texts(row: str) -> str:
        return ", ".join(
            f"coalesce({row}\"{column}\", '') || char({ord(END_MARK)})" for column in spec.columns
        )

    add = f'INSERT INTO "{name}" (rowid, {columns}) VALUES (new.id, {texts("new.")});'
    remove = (
        f"""INSERT INTO "{name}" ("{name}", rowid, {columns}) VALUES ('delete', old.id, {texts("old.")});"""
    )
    return [
        f"""CREATE VIRTUAL TABLE "{name}" USING fts5({columns}, content='', tokenize='trigram')""",
        f"""CREATE VIRTUAL TABLE "{name}_terms" USING fts5vocab("{name}", 'row')""",
        f'INSERT INTO "{name}" (rowid, {columns}) SELECT id, {texts("")} FROM "{table}"',
        f'CREATE TRIGGER "{name}_in" AFTER INSERT ON "{table}" BEGIN {add} END',
        f'CREATE TRIGGER "{name}_up" AFTER UPDATE OF {columns} ON "{table}" BEGIN {remove} {add} END',
        f'CREATE TRIGGER "{name}_de" AFTER DELETE ON "{table}" BEGIN {remove} END',
    ]


def matching_ids(spec: IndexSpec, columns: tuple[str, ...], words: tuple[str, ...]) -> sa.Select[tuple[int]]:
    """SQLite: the ids of rows where each word (two characters or more) occurs in one of `columns`."""
    index = sa.table(spec.name, sa.column("rowid", sa.Integer), sa.column(spec.name, sa.Text))
    only = " ".join(f'"{column}"' for column in columns)
    wanted: sa.ColumnElement[str] = sa.literal(f"{{{only}}} : (")
    for number, word in enumerate(words):
        wanted = wanted + (" AND " if number else "") + _wanted(spec, word)
    return sa.select(index.c.rowid).where(index.c[spec.name].op("MATCH")(wanted + ")"))


def _wanted(spec: IndexSpec, word: str) -> sa.ColumnElement[str]:
    """The word in FTS5's query language; a pair of characters as any trigram that begins with them."""
    if len(word) >= TRIGRAM:
        return sa.literal(_quoted(word))
    terms = sa.table(f"{spec.name}_terms", sa.column("term", sa.Text))
    begin = word.lower()
    term = sa.literal('"') + sa.func.replace(terms.c.term, '"', '""', type_=sa.Text()) + '"'
    among = sa.select(sa.func.group_concat(term, " OR ", type_=sa.Text())).where(
        terms.c.term >= begin, terms.c.term < begin + "\U0010ffff"
    )
    return "(" + sa.func.coalesce(among.scalar_subquery(), '""', type_=sa.Text()) + ")"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
