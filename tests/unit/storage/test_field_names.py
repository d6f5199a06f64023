# ruff: noqa: E501  (a table of words reads best in full lines)
"""Fields may be called whatever people call them: words of SQL, names that run together in an index."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from app.storage import Database, insert_record, read_record, update_record
from app.storage.names import index_name
from tests.support.portals import install, release_from, stamp

WORDS = (
    "abort action add after all alter always analyze as asc attach autoincrement before begin between by cascade"
    " case cast check collate column commit conflict constraint create cross current current_date current_time"
    " current_timestamp database default deferrable deferred delete desc detach distinct do drop each end escape"
    " except exclude exclusive exists explain fail filter first following for foreign from full generated glob"
    " group groups having ignore immediate index indexed initially inner insert instead intersect into isnull join"
    " key last left like limit match materialized natural no nothing notnull null nulls of offset on order others"
    " outer over partition plan pragma preceding primary query raise range recursive references regexp reindex"
    " release rename replace restrict returning right rollback row rows savepoint select set table temp temporary"
    " then ties to transaction trigger unbounded union unique update using vacuum values view virtual when where"
    " window with without user offset_ lateral analyse session_user array both leading trailing symmetric variadic collation concurrently tablesample system_user"
).split()
"""Keywords of SQLite and PostgreSQL, without those that expressions keep for themselves."""
NAMES = [word for word in WORDS if word not in ("release", "null")]
RECORDS = (
    "records:\n  thing:\n    title: 物\n    number: 'N-{seq:03d}'\n    list: {search: [nothing, select], filters: [nothing], order: group}\n"
    "    fields:\n"
    + "".join(f"      {name}: {{type: text, title: {name}x, index: true}}\n" for name in NAMES)
    + "      lines:\n        type: lines\n        fields:\n"
    + "".join(f"          {name}: {{type: text, title: {name}x}}\n" for name in NAMES)
)
TWINS = """
records:
  a: {title: a, fields: {b_c: {type: text, index: true}, search: {type: text, index: true}}, list: {search: [b_c]}}
  a_b: {title: ab, fields: {c: {type: text, index: true}}}
"""


def test_words_of_sql_are_names_like_others(database: Database, tmp_path: Path) -> None:
    """A record whose fields and lines are all called so is stored, changed, filtered and sorted by them."""
    release = release_from(tmp_path, {"config/regimes/r/r.yaml": RECORDS})
    models = install(database, release)
    values = {name: f"{name} 1" for name in NAMES}
    with database.writing() as session:
        ident = insert_record(session, models, "r.thing", {**values, "lines": (values,)}, stamp())
        changed = {name: f"{name} 2" for name in NAMES}
        update_record(session, models, "r.thing", ident, changed, stamp(), None)
        stored = read_record(session, models, "r.thing", ident)
        assert stored is not None
        assert {name: stored.values[name] for name in NAMES} == changed
        (line,) = stored.values["lines"]  # type: ignore[misc]
        assert {name: line[name] for name in NAMES} == values
        table = models.tables["r.thing"]
        for name in NAMES:
            found = sa.select(table.c.id).where(table.c[name] == f"{name} 2").order_by(table.c[name])
            assert session.scalars(found).all() == [ident], name


def test_names_that_run_together_have_indexes_of_their_own(database: Database, tmp_path: Path) -> None:
    """`a.b_c` and `a_b.c`, and a field that is called like the index of the search."""
    release = release_from(tmp_path, {"config/regimes/r/r.yaml": TWINS})
    models = install(database, release)
    indexes = {one["name"] for one in sa.inspect(database.engine).get_indexes("r__a")}
    assert {index_name("r__a", "b_c"), index_name("r__a", "search")} <= indexes
    assert index_name("r__a", "b_c") != index_name("r__a_b", "c")
    models.dispose()
