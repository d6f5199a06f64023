"""Free text search: every word must occur in one of the searched fields, whatever its case.

A link among the searched fields is searched by the texts in the label of what it leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.release import RecordModel
from app.storage.labels import LabelPart
from app.storage.mapping import Models
from app.storage.search_index import TRIGRAM, matching_ids
from app.storage.selecting import Sight
from app.storage.tables import IndexSpec, search_columns

MOST_WORDS = 8
LONGEST_WORD = 100


def words_of(text: str) -> tuple[str, ...]:
    """The words to look for, each once."""
    words = (word[:LONGEST_WORD] for word in text.replace("\0", " ").split())
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def contains(column: sa.ColumnElement[Any], part: str) -> sa.ColumnElement[bool]:
    """Whether a text column contains a part, whatever its case."""
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}%", escape="\\")


def _past_index(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column in a form that no index knows: PostgreSQL would read its whole trigram index for a word of
    two characters, which takes ten times as long as reading the table."""
    return sa.func.coalesce(column, "", type_=sa.Text())


@dataclass(frozen=True, slots=True)
class Search:
    """The same rows in two ways, over the type's own table.

    scan: by looking at each row, the quickest way when what is looked for is frequent, and then together with
    any other condition or order; None where SQLite's LIKE does not know the capital letters. indexed: by the
    substring index, the quickest way when it is rare; None where there is no index. hits: the ids that the
    index gives, to find out which it is; they are the whole answer where the search is `complete`, else some
    words are too short for the index.
    """

    scan: sa.ColumnElement[bool] | None
    indexed: sa.ColumnElement[bool] | None = None
    hits: sa.Select[Any] | None = None
    complete: bool = False


def search_of(
    models: Models,
    record_type: str,
    text: str,
    dialect: str,
    hidden: Collection[str] = (),
    sight: Sight | None = None,
) -> Search:
    """The rows in which every word of `text` occurs.

    hidden: fields that are not searched, because the asker must not see them; sight: of whom, what that
    reader may not see is not searched through a link. Without words every row fits, without a field to search
    none does.
    """
    words, record = words_of(text), models.record(record_type)
    texts = tuple(name for name in search_columns(record) if name not in hidden)
    links = _link_targets(models, record, hidden, sight)
    if not words or not (texts or links):
        return Search(sa.false() if words else sa.true())
    table = models.tables[record_type]
    scan = sa.and_(*(_anywhere(models, table, texts, links, word, None) for word in words))
    if dialect != "sqlite":
        long = [word for word in words if len(word) >= TRIGRAM]
        if not long or links:
            return Search(scan)
        known = (sa.or_(*(contains(table.c[name], word) for name in texts)) for word in long)
        every = sa.select(table.c.id).where(*known)
        rare = every.cte("hits", nesting=True).prefix_with("MATERIALIZED", dialect="postgresql")
        indexed = sa.and_(table.c.id.in_(sa.select(rare.c.id)), scan)
        return Search(scan, indexed, every, len(long) == len(words))
    indexed = sa.and_(*_indexed(models, table, texts, links, words))
    hits = _sqlite_hits(models, table, texts, links, words, indexed)
    plain = all(word.isascii() or word.lower() == word.upper() for word in words)
    if hits is None:
        return Search(scan)
    return Search(scan if plain else None, indexed, hits, all(len(word) > 1 for word in words))


@dataclass(frozen=True, slots=True)
class Linked:
    """A link that is searched: its column, the table that it leads to, the texts there, and which of its rows
    (None = all)."""

    column: str
    table: sa.Table
    texts: tuple[str, ...]
    seen: sa.ColumnElement[bool] | None


Links = tuple[Linked, ...]


def _link_targets(models: Models, record: RecordModel, hidden: Collection[str], sight: Sight | None) -> Links:
    """Searched link fields with the texts in the label of what they lead to: who sees the link sees those."""
    found: list[Linked] = []
    for name in record.search:
        field = record.columns.get(name)
        if field is None or field.kind.storage != "link" or name in hidden:
            continue
        target = models.release.records.get(field.target or "")
        texts = tuple(
            part.path[0]
            for part in (models.labels[target.name] if target else ())
            if isinstance(part, LabelPart) and len(part.path) == 1 and part.field.kind.searchable
        )
        if target is not None and texts:
            table = models.tables[target.name]
            seen = sight.own(target.name, table) if sight is not None else None
            found.append(Linked(f"{name}_id", table, texts, seen))
    return tuple(found)


def _anywhere(
    models: Models, table: sa.Table, texts: tuple[str, ...], links: Links, word: str, index: IndexSpec | None
) -> sa.ColumnElement[bool]:
    """Rows with the word in a text of their own (by the index, where one is given) or of a linked record."""
    clauses = [contains(_past_index(table.c[name]), word) for name in texts]
    if index is not None and texts:
        clauses = [table.c.id.in_(matching_ids(index, texts, (word,)))]
    for link in links:
        inner = sa.or_(*(contains(link.table.c[name], word) for name in link.texts))
        found = sa.select(link.table.c.id).where(inner if link.seen is None else sa.and_(inner, link.seen))
        clauses.append(table.c[link.column].in_(found))
    return sa.or_(*clauses)


def _indexed(
    models: Models, table: sa.Table, texts: tuple[str, ...], links: Links, words: tuple[str, ...]
) -> Iterator[sa.ColumnElement[bool]]:
    index = _index(models, table)
    long = tuple(word for word in words if len(word) > 1)
    if index is not None and texts and not links and long:
        yield table.c.id.in_(matching_ids(index, texts, long))
        words = tuple(word for word in words if len(word) == 1)
    for word in words:
        yield _anywhere(models, table, texts, links, word, index if len(word) > 1 else None)


def _sqlite_hits(
    models: Models,
    table: sa.Table,
    texts: tuple[str, ...],
    links: Links,
    words: tuple[str, ...],
    indexed: sa.ColumnElement[bool],
) -> sa.Select[Any] | None:
    index = _index(models, table)
    long = tuple(word for word in words if len(word) > 1)
    if index is None or not long:
        return None
    if links or not texts:
        return sa.select(table.c.id).where(indexed)
    return matching_ids(index, texts, long)


def _index(models: Models, table: sa.Table) -> IndexSpec | None:
    return next((one for one in models.indexes if one.search and one.table == table.name), None)
