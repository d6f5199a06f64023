"""Reading columns of a table together with the labels of what they link to, in few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import FieldModel
from app.storage.joins import MOST_JOINS, Joins, PathParts, Place
from app.storage.labels import LabelPart, LabelParts, under, write_label
from app.storage.mapping import Models

Values = dict[PathParts, object]


class Sight(Protocol):
    """Which linked records a reader may see (`app.storage.sight`); `words` stand for the name of another."""

    @property
    def words(self) -> str: ...

    def sees(
        self, record_type: str | None, key: sa.ColumnElement[int], asked: PathParts = ()
    ) -> sa.ColumnElement[bool] | None:
        """Whether what a link leads to by its `key` may be seen; None where everything of the type may.
        asked: the path from there to what is read of it; none when it is only named."""
        ...

    def own(self, record_type: str | None, table: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """Whether a row of `table` may be seen; None where every one may."""
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """One row: values by path, and the labels of the link fields that were asked for, by field name; `seen`:
    whether the reader may see the row itself; `unseen`: the links to what the reader may not see."""

    id: int
    values: Values
    labels: dict[str, str]
    seen: bool = True
    unseen: frozenset[PathParts] = frozenset()


def seen_only(joins: Joins, path: PathParts, sight: Sight | None) -> sa.ColumnElement[Any]:
    """The column at the end of a path; empty where a link on the way is not for the reader to follow."""
    column = joins.column(path)
    if sight is None:
        return column
    followed = ((joins.field(path[:n]), joins.column(path[:n]), path[n:]) for n in range(1, len(path)))
    told = (sight.sees(one.target, key, asked) for one, key, asked in followed if one is not None)
    seen = [clause for clause in told if clause is not None]
    return sa.case((sa.and_(*seen), column), else_=sa.null()) if seen else column


def link_labels(models: Models, fields: Iterable[FieldModel]) -> dict[str, LabelParts]:
    """For each link field of a served type: the label of what it leads to, seen from the record."""
    return {
        found.name: under((found.name,), models.labels[found.target])
        for found in fields
        if found.kind.storage == "link" and found.target is not None and found.target in models.labels
    }


def paths_in(labels: Iterable[LabelParts]) -> list[PathParts]:
    """Every path that the labels read."""
    return [part.path for parts in labels for part in parts if isinstance(part, LabelPart)]


def select_rows(
    session: orm.Session,
    models: Models,
    root: Place,
    paths: Sequence[PathParts],
    labelled: Iterable[FieldModel],
    ids: Sequence[int],
    key: str = "id",
    sight: Sight | None = None,
    own: sa.ColumnElement[bool] | None = None,
) -> list[Selected]:
    """The rows of `root` whose column `key` is among `ids`: the values at `paths`, and the labels of the link
    fields `labelled`. One statement, or a second one for every MOST_JOINS links that are followed.

    sight: of whom; what a link leads to has the words of `sight` for a name where that reader may not see it.
    own: whether the reader may see the row itself, for `Selected.seen`.
    """
    asked = tuple(labelled)
    prepared = _prepared(models, root, tuple(paths), asked, key)
    found: dict[int, Values] = {}
    unseen: dict[int, set[PathParts]] = {}
    for number, one in enumerate(prepared.statements):
        limits = _limits(sight, one.keys)
        if own is not None and number == 0:
            limits[()] = own
        for row in session.execute(_adding(one.statement, limits), {"ids": ids}):
            found.setdefault(row[0], {}).update(zip(one.read, row[1:], strict=False))
            told = zip(limits, row[1 + len(one.read) :], strict=True)
            unseen.setdefault(row[0], set()).update(prefix for prefix, seen in told if not seen)
    hidden = sight.words if sight is not None else ""
    return [
        Selected(
            ident,
            values,
            {
                name: _label(models, parts, values, name, unseen[ident], hidden)
                for name, parts in prepared.labels.items()
            },
            () not in unseen[ident],
            frozenset(unseen[ident]),
        )
        for ident, values in found.items()
    ]


def _limits(sight: Sight | None, keys: Mapping[PathParts, Key]) -> dict[PathParts, sa.ColumnElement[bool]]:
    """For each link that may lead to what is not to be seen, and each path that reads more of it than its
    name: whether a row's may."""
    limits: dict[PathParts, sa.ColumnElement[bool]] = {}
    if sight is None:
        return limits
    for prefix, one in keys.items():
        clause = sight.sees(one.target, one.column)
        if clause is not None:
            limits[prefix] = clause
            continue
        for path in one.read:
            further = sight.sees(one.target, one.column, path[len(prefix) :])
            if further is not None:
                limits[path] = further if path not in limits else sa.and_(limits[path], further)
    return limits


def _adding(statement: sa.Select[Any], more: Mapping[PathParts, sa.ColumnElement[bool]]) -> sa.Select[Any]:
    columns = (clause.label(f"seen_{number}") for number, clause in enumerate(more.values()))
    return statement.add_columns(*columns) if more else statement


@dataclass(frozen=True, slots=True)
class Key:
    """The id that a link holds, the record type that it leads to, and the paths that are read through it."""

    target: str | None
    column: sa.ColumnElement[int]
    read: tuple[PathParts, ...] = ()


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement over `ids` with the paths that it reads, and the links that labels in it follow."""

    statement: sa.Select[Any]
    read: tuple[PathParts, ...]
    keys: Mapping[PathParts, Key]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statements, and the labels to write from what they read."""

    statements: tuple[_Statement, ...]
    labels: Mapping[str, LabelParts]


def _prepared(
    models: Models, root: Place, paths: tuple[PathParts, ...], labelled: tuple[FieldModel, ...], key: str
) -> _Prepared:
    """The statements for a table and set of paths, kept with the models."""
    kept = (root.table, key, paths, tuple(found.name for found in labelled))

    def make() -> _Prepared:
        labels = link_labels(models, labelled)
        wanted = dict.fromkeys([*paths, *paths_in(labels.values()), *((name,) for name in labels)])
        return _Prepared(tuple(_statements(models, root, sorted(wanted), key, labels)), labels)

    return models.prepared(kept, make)


def _statements(
    models: Models, root: Place, paths: Sequence[PathParts], key: str, labelled: Collection[str]
) -> Iterator[_Statement]:
    ids = root.table.c[key].in_(sa.bindparam("ids", expanding=True))
    joins, read = Joins(models, root), list[PathParts]()
    columns: list[sa.ColumnElement[Any]] = [root.table.c.id]
    keys: dict[PathParts, Key] = {}
    for path in paths:
        if joins.count >= MOST_JOINS and path[:-1] not in joins.places:
            yield _Statement(sa.select(*columns).select_from(joins.source).where(ids), tuple(read), keys)
            joins, columns, read, keys = Joins(models, root), [root.table.c.id], [], {}
        columns.append(joins.column(path))
        read.append(path)
        for prefix, one in _followed(joins, path, labelled):
            before = keys[prefix].read if prefix in keys else ()
            keys[prefix] = replace(one, read=(*before, *one.read))
    yield _Statement(sa.select(*columns).select_from(joins.source).where(ids), tuple(read), keys)


def _followed(joins: Joins, path: PathParts, labelled: Collection[str]) -> Iterator[tuple[PathParts, Key]]:
    """The links that lead to a path, and the path itself where it is a link whose label is written."""
    prefixes = [path[:length] for length in range(1, len(path))]
    if len(path) == 1 and path[0] in labelled:
        prefixes.append(path)
    for prefix in prefixes:
        found = joins.field(prefix)
        read = (path,) if len(path) > len(prefix) else ()
        yield prefix, Key(found.target if found is not None else None, joins.column(prefix), read)


def _label(
    models: Models,
    parts: LabelParts,
    values: Mapping[PathParts, object],
    name: str,
    unseen: Collection[PathParts],
    instead: str,
) -> str:
    ident = values.get((name,))
    if not isinstance(ident, int):
        return ""
    return instead if (name,) in unseen else write_label(parts, values, models.zone, ident, unseen, instead)
