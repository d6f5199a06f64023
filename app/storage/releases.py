"""Releases in the database: every file of a configuration under its content's hash, so that what did not
change costs nothing."""

from __future__ import annotations

import hashlib
import itertools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.release import content_hash
from app.storage.columns import Moment
from app.storage.database import Database
from app.storage.stamping import Stamp
from app.storage.system_tables import TABLES

LARGEST_FILE = 64 * 1024 * 1024
_MOST_UNFIT = 50

_RELEASE = sa.table(
    "release",
    sa.column("id", sa.Integer),
    sa.column("title", sa.Text),
    sa.column("hash", sa.Text),
    sa.column("reason", sa.Text),
    sa.column("applied_at", Moment()),
    sa.column("origin", sa.Text),
    sa.column("base", sa.Integer),
    sa.column("on_disk", sa.Boolean),
    sa.column("created_by_id", sa.Integer),
    sa.column("created_at", Moment()),
    sa.column("changed_by_id", sa.Integer),
    sa.column("changed_at", Moment()),
    sa.column("version", sa.Integer),
)
"""The built-in record type `release`, for the time before any release is compiled."""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release without its files.

    number: its id; applied_at: None for one that was never live, later than now for one whose time has not
    come; origin: disk, studio or rollback; base: the release that it was planned from; on_disk: whether the
    files in the configuration's folder are these (applied from there, or pulled since).
    """

    number: int
    title: str
    hash: str
    reason: str
    applied_at: datetime | None
    author_id: int | None
    created_at: datetime | None
    origin: str = ""
    base: int | None = None
    on_disk: bool = True


def store_release(
    session: orm.Session,
    files: Mapping[str, bytes],
    stamp: Stamp,
    reason: str = "",
    title: str = "",
    origin: str = "disk",
    base: int | None = None,
) -> int:
    """Store a configuration (path -> content) as the next release; its number. It is not live yet."""
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    contents = {hashes[path]: data for path, data in files.items()}
    add_contents(session, contents)
    row = _new_release(content_hash(hashes), stamp, reason, title, origin, base)
    number = int(session.execute(row).scalar_one())
    listed = [{"release_id": number, "path": path, "sha256": key} for path, key in sorted(hashes.items())]
    if listed:
        session.execute(sa.insert(TABLES["release_file"]), listed)
    if not title:
        named = sa.update(_RELEASE).where(_RELEASE.c.id == number).values(title=f"#{number}")
        session.execute(named)
    return number


def add_contents(session: orm.Session, contents: Mapping[str, bytes]) -> None:
    """Store contents (SHA-256 in hex -> content) that are not stored yet. Somebody else may be storing the
    same one just now."""
    table = TABLES["file_content"]
    known = set(session.scalars(sa.select(table.c.sha256).where(table.c.sha256.in_(contents))))
    added = [
        {"sha256": key, "size": len(data), "data": zlib.compress(data, 9)}
        for key, data in sorted(contents.items())
        if key not in known
    ]
    if added:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(table).on_conflict_do_nothing(), added)


def _new_release(
    digest: str, stamp: Stamp, reason: str, title: str, origin: str, base: int | None
) -> sa.Insert:
    row = {
        "title": title or None,
        "hash": digest,
        "reason": reason or None,
        "origin": origin,
        "base": base,
        "on_disk": origin == "disk",
        "created_by_id": stamp.person_id,
        "created_at": stamp.at,
        "changed_by_id": stamp.person_id,
        "changed_at": stamp.at,
        "version": 1,
    }
    return sa.insert(_RELEASE).values(row).returning(_RELEASE.c.id)


def mark_on_disk(session: orm.Session, number: int) -> None:
    """The folder holds this release's files now."""
    session.execute(sa.update(_RELEASE).where(_RELEASE.c.id == number).values(on_disk=True))


def mark_live(session: orm.Session, number: int, at: datetime) -> None:
    """The release serves from now on; the one that was applied last is the live one."""
    session.execute(sa.update(_RELEASE).where(_RELEASE.c.id == number).values(applied_at=at))


def live_release(session: orm.Session, at: datetime | None = None) -> StoredRelease | None:
    """The release that serves, or None in a new database. One cheap statement, for asking often. `at` leaves
    out those whose time has not come; None counts them as live already."""
    if at is None:
        return next(iter(_newest(session, None, 1)), None)
    for limit in (2, _MOST_UNFIT):
        found = _newest(session, at, limit)
        serving = _serving(found)
        if serving is not None or len(found) < limit:
            return serving
    return None


def unfit_releases(session: orm.Session, at: datetime) -> tuple[int, ...]:
    """Releases whose day came after the one that serves, and that cannot serve themselves: they were planned
    from another one."""
    found = _newest(session, at, _MOST_UNFIT)
    serving = _serving(found)
    newer = itertools.takewhile(lambda one: serving is None or one.number != serving.number, found)
    return tuple(one.number for one in newer)


def _newest(session: orm.Session, at: datetime | None, limit: int) -> list[StoredRelease]:
    statement = _stored().where(_RELEASE.c.applied_at.is_not(None))
    if at is not None:
        statement = statement.where(_RELEASE.c.applied_at <= at)
    ordered = statement.order_by(_RELEASE.c.applied_at.desc(), _RELEASE.c.id.desc()).limit(limit)
    return [StoredRelease(*row) for row in session.execute(ordered)]


def _serving(found: Sequence[StoredRelease]) -> StoredRelease | None:
    """The newest that can serve: one that had to wait for its day has to follow the release that it was
    planned from."""
    for place, one in enumerate(found):
        if one.applied_at is None or one.created_at is None or one.applied_at <= one.created_at:
            return one
        before = _serving(found[place + 1 :])
        if not one.base or (before is not None and before.number == one.base):
            return one
    return None


def find_live(database: Database, at: datetime | None = None) -> StoredRelease | None:
    """`live_release` of a database that may have no tables yet."""
    with database.reading() as session:
        return live_if_any(session, at)


def live_if_any(session: orm.Session, at: datetime | None = None) -> StoredRelease | None:
    """`live_release` where the tables may not be there yet."""
    return live_release(session, at) if sa.inspect(session.connection()).has_table("release") else None


def find_release(session: orm.Session, number: int) -> StoredRelease | None:
    """The release of that number, or None."""
    row = session.execute(_stored().where(_RELEASE.c.id == number)).first()
    return StoredRelease(*row) if row else None


def list_releases(session: orm.Session, limit: int = 100) -> tuple[StoredRelease, ...]:
    """The newest releases first."""
    rows = session.execute(_stored().order_by(_RELEASE.c.id.desc()).limit(limit))
    return tuple(StoredRelease(*row) for row in rows)


def served_since(session: orm.Session) -> tuple[StoredRelease, ...]:
    """Every release that was put into service, in that order; those whose day has not come last."""
    served = _stored().where(_RELEASE.c.applied_at.is_not(None))
    rows = session.execute(served.order_by(_RELEASE.c.applied_at, _RELEASE.c.id))
    return tuple(StoredRelease(*row) for row in rows)


def release_files(session: orm.Session, number: int) -> dict[str, bytes]:
    """The files of a release, path -> content, byte for byte as they were stored."""
    listed, content = TABLES["release_file"], TABLES["file_content"]
    rows = session.execute(
        sa.select(listed.c.path, content.c.data)
        .join(content, content.c.sha256 == listed.c.sha256)
        .where(listed.c.release_id == number)
        .order_by(listed.c.path)
    )
    return {path: zlib.decompressobj().decompress(data, LARGEST_FILE) for path, data in rows}


def _stored() -> sa.Select[Any]:
    columns = _RELEASE.c
    return sa.select(
        columns.id,
        sa.func.coalesce(columns.title, ""),
        columns.hash,
        sa.func.coalesce(columns.reason, ""),
        columns.applied_at,
        columns.created_by_id,
        columns.created_at,
        sa.func.coalesce(columns.origin, "disk"),
        columns.base,
        sa.func.coalesce(columns.on_disk, sa.true()),
    )
