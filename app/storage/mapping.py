"""A release's tables as mapped classes, in a registry of their own that can be thrown away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm

from app.release import RecordModel, Release
from app.storage.counting import CountCache
from app.storage.labels import LabelParts, label_parts
from app.storage.tables import KERNEL_INDEXES, Inbound, IndexSpec, Tables, build_tables

Prepared = TypeVar("Prepared")
MOST_KEPT = 1_000
"""Prepared statements of one release."""


class Row:
    """Base of every mapped record class; columns are attributes, link fields lead to the linked row."""

    id: int

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.id}"


class Account:
    """A release's own view of `ab_user`."""

    id: int
    username: str
    first_name: str
    last_name: str

    def __repr__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Tables and classes of one release.

    tables, classes: by full name of the record type; lines and links: by (record type, field);
    system: every other table by its name (answer, outbox, ab_user, …); account: the class over `ab_user`;
    inbound: record type -> the places that point at its records; labels: record type -> how it is called;
    counts: what lists remember; statements: what is kept by `prepared`.
    """

    release: Release
    metadata: sa.MetaData
    registry: orm.registry
    tables: Mapping[str, sa.Table]
    lines: Mapping[tuple[str, str], sa.Table]
    links: Mapping[tuple[str, str], sa.Table]
    system: Mapping[str, sa.Table]
    indexes: tuple[IndexSpec, ...]
    inbound: Mapping[str, tuple[Inbound, ...]]
    classes: Mapping[str, type[Row]]
    account: type[Account]
    labels: Mapping[str, LabelParts]
    counts: CountCache = field(default_factory=CountCache)
    statements: dict[object, Any] = field(default_factory=dict)

    def record(self, record_type: str) -> RecordModel:
        """The record type of that full name; KeyError when it is not served."""
        return self.release.records[record_type]

    def prepared(self, key: object, make: Callable[[], Prepared]) -> Prepared:
        """What `make` gives, built once: putting a statement together takes longer than running it."""
        found: Prepared | None = self.statements.get(key)
        if found is None:
            if len(self.statements) >= MOST_KEPT:
                self.statements.clear()
            found = self.statements[key] = make()
        return found

    @property
    def zone(self) -> str:
        """The portal's IANA time zone."""
        return self.release.portal.settings.timezone

    def dispose(self, engine: sa.Engine | None = None) -> None:
        """Let go of everything that the process keeps of this release, so that it can be collected.

        The engine's cache of compiled statements holds on to tables and is emptied too.
        """
        self.statements.clear()
        self.registry.dispose()
        self.metadata.clear()
        cache = getattr(engine, "_compiled_cache", None)
        if cache is not None:
            cache.clear()


def build_models(release: Release, mapped: bool = True) -> Models:
    """Tables, classes and relations for every record type that the release serves; `mapped=False` leaves the
    classes out, which takes less than half the time, where only tables are looked at."""
    made = build_tables(release)
    registry = orm.registry(metadata=made.metadata)
    with ExitStack() as on_failure:
        on_failure.callback(registry.dispose)
        models = _map_all(release, made, registry, mapped)
        on_failure.pop_all()
    return models


def _map_all(release: Release, made: Tables, registry: orm.registry, mapped: bool) -> Models:
    account = type("Account", (Account,), {})
    if mapped:
        registry.map_imperatively(account, made.metadata.tables["ab_user"])
    classes: dict[str, type[Row]] = {}
    for name, record in release.records.items() if mapped else ():
        classes[name] = _row_class(made.records[name].name, record, classes, account)
        registry.map_imperatively(classes[name], made.records[name])
    registry.configure(cascade=True)
    kept = {table.name for table in (*made.records.values(), *made.lines.values(), *made.links.values())}
    return Models(
        release=release,
        metadata=made.metadata,
        registry=registry,
        tables=made.records,
        lines=made.lines,
        links=made.links,
        system={name: table for name, table in made.metadata.tables.items() if name not in kept},
        indexes=(*made.indexes, *(one for one in KERNEL_INDEXES if one.table in made.metadata.tables)),
        inbound={name: tuple(found) for name, found in made.inbound.items()},
        classes=classes,
        account=account,
        labels={name: label_parts(release, record) for name, record in release.records.items()},
    )


def _row_class(
    table: str, record: RecordModel, classes: Mapping[str, type[Row]], account: type[Account]
) -> type[Row]:
    """The class of a record type, with an attribute for each link.

    These are plain properties and no relations of the mapper: configuring those is what takes longest when a
    release with hundreds of record types is put up, and nothing is ever written through them.
    """
    attributes: dict[str, object] = {"__module__": __name__}
    for name, found in record.columns.items():
        if found.kind.storage == "link" and found.target is not None:
            attributes[name] = property(_linked_row(f"{name}_id", found.target, classes))
    if record.name == "person":
        attributes["user"] = property(_linked_row("user_id", "", {"": account}))
    return type(table, (Row,), attributes)


def _linked_row(column: str, target: str, classes: Mapping[str, type[Any]]) -> Callable[[Row], object]:
    """What the link leads to: from the session's memory, or else by one statement."""

    def read(row: Row) -> object:
        ident = getattr(row, column)
        session = orm.object_session(row)
        if ident is None or session is None or target not in classes:
            return None
        return session.get(classes[target], ident)

    return read
