"""What a database holds now: tables, columns, indexes, in two or three statements whatever their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.storage.tables import IndexSpec

_SQLITE_COLUMNS = """
SELECT m.name, m.sql, c.name AS column_name, c.type
FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
WHERE m.type = 'table' ORDER BY m.name, c.cid
"""
_SQLITE_INDEXES = """
SELECT i.name, m.name AS table_name, i."unique", i.partial, c.name AS column_name
FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS i JOIN pragma_index_info(i.name) AS c
WHERE m.type = 'table' AND i.origin = 'c' ORDER BY i.name, c.seqno
"""
_SQLITE_TRIGGERS = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL_COLUMNS = """
SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute AS a JOIN pg_class AS t ON t.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY t.relname, a.attnum
"""
_POSTGRESQL_INDEXES = """
SELECT i.relname, t.relname, x.indisunique, m.amname = 'gin', x.indpred IS NOT NULL,
  ARRAY(SELECT a.attname FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY k.place)::text[]
FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
JOIN pg_am AS m ON m.oid = i.relam JOIN pg_namespace AS n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND NOT x.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.oid AND c.contype IN ('u', 'p'))
"""
_TRIGRAMS = """
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') OR EXISTS (
  SELECT FROM pg_available_extension_versions AS v WHERE v.name = 'pg_trgm' AND (
    current_setting('is_superuser') = 'on'
    OR v.trusted AND has_database_privilege(current_database(), 'CREATE')))
"""


_SQLITE_LINKS = """
SELECT m.name, k."from", k."table" FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS k
WHERE m.type = 'table'
"""
_POSTGRESQL_LINKS = """
SELECT t.relname, a.attname, r.relname FROM pg_constraint AS c
JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_class AS r ON r.oid = c.confrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
WHERE n.nspname = current_schema() AND c.contype = 'f'
"""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The schema of a database.

    tables: table -> column -> type as the database writes it (lower case); indexes by name; retired: (table,
    column) of what is kept but no longer served, column empty for a whole table; searchable: whether it can
    have substring indexes.
    """

    dialect: str
    tables: Mapping[str, Mapping[str, str]]
    indexes: Mapping[str, IndexSpec] = field(default_factory=dict)
    retired: frozenset[tuple[str, str]] = frozenset()
    searchable: bool = True


def inspect_schema(connection: sa.Connection) -> SchemaState:
    """Read the schema that the connection sees first (PostgreSQL: `current_schema()`)."""
    state = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    if "retired" not in state.tables:
        return state
    retired = frozenset((row[0], row[1]) for row in connection.execute(sa.text(
        "SELECT table_name, column_name FROM retired")))  # fmt: skip
    return SchemaState(state.dialect, state.tables, state.indexes, retired, state.searchable)


def link_targets(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """(table, column) -> the table to which the column's values lead."""
    text = _SQLITE_LINKS if connection.dialect.name == "sqlite" else _POSTGRESQL_LINKS
    return {(table, column): target for table, column, target in connection.execute(sa.text(text))}


def type_name(kind: sa.types.TypeEngine[object], dialect: sa.Dialect) -> str:
    """A column type as `SchemaState.tables` writes it."""
    return _plain(kind.compile(dialect=dialect))


def _plain(name: str) -> str:
    """One spelling for each type: lower case, no blanks after commas, PostgreSQL's long names."""
    words = name.lower().replace(", ", ",")
    return words.replace("varchar", "character varying") if words.startswith("varchar") else words


def _sqlite(connection: sa.Connection) -> SchemaState:
    tables: dict[str, dict[str, str]] = {}
    searches: dict[str, list[str]] = {}
    for name, sql, column, kind in connection.execute(sa.text(_SQLITE_COLUMNS)):
        if "USING fts5(" in (sql or ""):
            searches.setdefault(name, []).append(column)
        else:
            tables.setdefault(name, {})[column] = _plain(kind)
    shadows = tuple(f"{search}_" for search in searches)
    tables = {name: columns for name, columns in tables.items() if not name.startswith(("sqlite_", *shadows))}
    indexes: dict[str, IndexSpec] = {}
    for name, table, unique, partial, column in connection.execute(sa.text(_SQLITE_INDEXES)):
        before = indexes.get(name)
        columns = (*(before.columns if before else ()), column)
        indexes[name] = IndexSpec(name, table, columns, bool(unique), filled=bool(partial))
    of_trigger = {row[0]: row[1] for row in connection.execute(sa.text(_SQLITE_TRIGGERS))}
    for name, columns_of in searches.items():
        indexes[name] = IndexSpec(name, of_trigger.get(f"{name}_in", ""), tuple(columns_of), search=True)
    return SchemaState("sqlite", tables, indexes)


def _postgresql(connection: sa.Connection) -> SchemaState:
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(sa.text(_POSTGRESQL_COLUMNS)):
        tables.setdefault(table, {})[column] = _plain(kind)
    indexes = {
        name: IndexSpec(name, table, tuple(columns), unique, search, partial)
        for name, table, unique, search, partial, columns in connection.execute(sa.text(_POSTGRESQL_INDEXES))
    }
    trigrams = bool(connection.scalar(sa.text(_TRIGRAMS)))
    return SchemaState("postgresql", tables, indexes, searchable=trigrams)
