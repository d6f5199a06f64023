"""What a revision of the configuration changes: files under their content's hash, and who wrote them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from app.storage.mapping import Models
from app.storage.releases import LARGEST_FILE, add_contents
from app.storage.system_tables import TABLES


def keep_contents(session: orm.Session, contents: Collection[bytes]) -> dict[bytes, str]:
    """Store contents that are not stored yet; content -> SHA-256 in hex."""
    hashes = {data: hashlib.sha256(data).hexdigest() for data in contents}
    add_contents(session, {key: data for data, key in hashes.items()})
    return hashes


def hold_revision(session: orm.Session, models: Models, revision: int) -> None:
    """Whoever else writes in this revision waits until our transaction ends. (On SQLite they wait anyhow.)"""
    table = models.tables["revision"]
    session.execute(sa.select(table.c.id).where(table.c.id == revision).with_for_update())


def write_files(session: orm.Session, revision: int, files: Mapping[str, bytes | None], at: datetime) -> None:
    """Set files of a revision; None takes a file out of the configuration."""
    hashes = keep_contents(session, [data for data in files.values() if data is not None])
    table = TABLES["revision_file"]
    for path, data in files.items():
        session.execute(sa.delete(table).where(table.c.revision_id == revision, table.c.path == path))
        row = {"revision_id": revision, "path": path, "sha256": None if data is None else hashes[data]}
        session.execute(sa.insert(table).values(**row, saved_at=at))


def forget_files(session: orm.Session, revision: int, paths: Collection[str]) -> None:
    """Take changes back: these files are as they were in the release again."""
    table = TABLES["revision_file"]
    session.execute(sa.delete(table).where(table.c.revision_id == revision, table.c.path.in_(paths)))


def changed_files(session: orm.Session, revision: int) -> dict[str, bytes | None]:
    """Path -> content of what a revision changes, None for a file that it takes out."""
    changed, content = TABLES["revision_file"], TABLES["file_content"]
    rows = session.execute(
        sa.select(changed.c.path, content.c.data)
        .outerjoin(content, content.c.sha256 == changed.c.sha256)
        .where(changed.c.revision_id == revision)
        .order_by(changed.c.path)
    )
    return {
        path: None if data is None else zlib.decompressobj().decompress(data, LARGEST_FILE)
        for path, data in rows
    }


def add_editor(session: orm.Session, revision: int, account: int) -> None:
    """Note that an account wrote in a revision."""
    table = TABLES["revision_editor"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(table).values(revision_id=revision, account_id=account).on_conflict_do_nothing())


def editors(session: orm.Session, revision: int) -> frozenset[int]:
    """The accounts that wrote in a revision."""
    table = TABLES["revision_editor"]
    return frozenset(session.scalars(sa.select(table.c.account_id).where(table.c.revision_id == revision)))


def revision_ids(session: orm.Session, models: Models, states: Collection[str], limit: int) -> list[int]:
    """The newest revisions in one of these states."""
    table = models.tables["revision"]
    chosen = sa.select(table.c.id).where(table.c.state.in_(states)).order_by(table.c.id.desc()).limit(limit)
    return list(session.scalars(chosen))
