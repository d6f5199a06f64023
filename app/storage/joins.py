"""Following links in SQL: one LEFT JOIN for each link that a path goes through, shared between paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.release import FieldModel
from app.storage.mapping import Models

PathParts = tuple[str, ...]

MOST_JOINS = 40
"""Joins in one statement; SQLite takes 64 tables."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table on the way: what its columns are called as fields, and the record type (None for lines)."""

    table: sa.FromClause
    fields: Mapping[str, FieldModel]
    record_type: str | None


class Joins:
    """Columns reached from one table; `source` is the table with everything joined to it so far.

    Every join follows a foreign key to an id, so rows never multiply.
    """

    def __init__(self, models: Models, root: Place) -> None:
        self.models = models
        self.source: sa.FromClause = root.table
        self.places: dict[PathParts, Place] = {(): root}

    @classmethod
    def of_record(cls, models: Models, record_type: str, table: sa.FromClause | None = None) -> Joins:
        """Joins that begin at a record type's own table (or an alias of it)."""
        start = models.tables[record_type] if table is None else table
        return cls(models, Place(start, models.record(record_type).columns, record_type))

    @property
    def count(self) -> int:
        return len(self.places) - 1

    def field(self, path: PathParts) -> FieldModel | None:
        """The field that `path` names, without joining anything; None when there is none."""
        fields: Mapping[str, FieldModel] = self.places[()].fields
        found: FieldModel | None = None
        for index, part in enumerate(path):
            found = fields.get(part)
            if found is None:
                return None
            if index < len(path) - 1:
                target = self.models.release.records.get(found.target or "")
                if target is None or found.kind.storage != "link":
                    return None
                fields = target.columns
        return found

    def column(self, path: PathParts) -> sa.ColumnElement[Any]:
        """The column that `path` leads to: a link gives its id. KeyError when the path names no column."""
        *before, last = path
        prefix = tuple(before)
        if last == "id" and prefix:
            return self.column(prefix)
        place = self.place(prefix)
        found = place.fields[last]
        name = f"{last}_checklist" if found.type == "checklist" else found.column
        if name is None:
            raise KeyError(".".join(path))
        return place.table.c[name]

    def place(self, prefix: PathParts) -> Place:
        """The table that the links of `prefix` lead to, joined on first use."""
        if prefix not in self.places:
            before = self.place(prefix[:-1])
            found = before.fields[prefix[-1]]
            if found.kind.storage != "link" or found.target is None:
                raise KeyError(".".join(prefix))
            target = self.models.tables[found.target].alias()
            key = before.table.c[f"{found.name}_id"]
            self.source = self.source.outerjoin(target, target.c.id == key)
            record = self.models.record(found.target)
            self.places[prefix] = Place(target, record.columns, record.name)
        return self.places[prefix]
