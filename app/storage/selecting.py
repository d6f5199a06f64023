"""Reading columns of a table together with the labels of what they link to, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

    def clauses(self, links: Iterable[FieldModel], table: sa.FromClause) -> dict[str, sa.ColumnElement[bool]]:
        """For each link field that may lead to what is not to be seen: whether a row's may."""
        ...

    def own(self, record_type: str | None, table: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """Whether a row of `table` may be seen; None where every one may."""
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """One row: values by path, and the labels of the link fields that were asked for, by field name; `seen`:
    whether the reader may see the row itself."""

    id: int
    values: Values
    labels: dict[str, str]
    seen: bool = True


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
    links = [one for one in asked if one.name in prepared.labels]
    limits = sight.clauses(links, root.table) if sight is not None else {}
    if own is not None:
        limits[""] = own
    found: dict[int, Values] = {}
    unseen: dict[int, set[str]] = {}
    for number, (statement, read) in enumerate(prepared.statements):
        more = limits if number == 0 else {}
        for row in session.execute(_adding(statement, more), {"ids": ids}):
            found.setdefault(row[0], {}).update(zip(read, row[1:], strict=False))
            told = zip(more, row[1 + len(read) :], strict=True)
            unseen.setdefault(row[0], set()).update(name for name, seen in told if not seen)
    labels, hidden = prepared.labels, sight.words if sight is not None else ""
    return [
        Selected(
            ident,
            values,
            {
                name: _label(models, labels[name], values, name, hidden if name in unseen[ident] else "")
                for name in labels
            },
            "" not in unseen[ident],
        )
        for ident, values in found.items()
    ]


def _adding(statement: sa.Select[Any], more: Mapping[str, sa.ColumnElement[bool]]) -> sa.Select[Any]:
    columns = (clause.label(f"seen_{number}") for number, clause in enumerate(more.values()))
    return statement.add_columns(*columns) if more else statement


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Statements over `ids` with the paths that each one reads, and the labels to write from them."""

    statements: tuple[tuple[sa.Select[Any], tuple[PathParts, ...]], ...]
    labels: Mapping[str, LabelParts]


def _prepared(
    models: Models, root: Place, paths: tuple[PathParts, ...], labelled: tuple[FieldModel, ...], key: str
) -> _Prepared:
    """The statements for a table and set of paths, kept with the models."""
    kept = (root.table, key, paths, tuple(found.name for found in labelled))

    def make() -> _Prepared:
        labels = link_labels(models, labelled)
        wanted = dict.fromkeys([*paths, *paths_in(labels.values()), *((name,) for name in labels)])
        return _Prepared(tuple(_statements(models, root, sorted(wanted), key)), labels)

    return models.prepared(kept, make)


def _statements(
    models: Models, root: Place, paths: Sequence[PathParts], key: str
) -> Iterator[tuple[sa.Select[Any], tuple[PathParts, ...]]]:
    ids = root.table.c[key].in_(sa.bindparam("ids", expanding=True))
    joins, read = Joins(models, root), list[PathParts]()
    columns: list[sa.ColumnElement[Any]] = [root.table.c.id]
    for path in paths:
        if joins.count >= MOST_JOINS and path[:-1] not in joins.places:
            yield sa.select(*columns).select_from(joins.source).where(ids), tuple(read)
            joins, columns, read = Joins(models, root), [root.table.c.id], []
        columns.append(joins.column(path))
        read.append(path)
    yield sa.select(*columns).select_from(joins.source).where(ids), tuple(read)


def _label(
    models: Models, parts: LabelParts, values: Mapping[PathParts, object], name: str, instead: str
) -> str:
    ident = values.get((name,))
    if instead and isinstance(ident, int):
        return instead
    return write_label(parts, values, models.zone, ident) if isinstance(ident, int) else ""
