"""The files of the release in service, written into the configuration's folder byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.release import content_hash
from app.source import N_, Refusal, collect_files
from app.storage import Database, find_live, list_releases, mark_on_disk, release_files

MOST_KNOWN = 10_000


class PullRefused(Refusal):
    """Nothing to fetch, or what lies in the folder is in no release and would be overwritten."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """The release that the folder holds now, and what was done: (`+`, `~` or `-`, path)."""

    number: int
    lines: tuple[tuple[str, str], ...]


def pull_release(database: Database, root: Path, now: datetime, overwrite: bool = False) -> Pulled:
    """Write what differs and take away what the release does not have. Raises PullRefused when the folder's
    state is kept in no release, unless `overwrite`; files that are no part of a configuration stay."""
    live = find_live(database, now)
    if live is None:
        raise PullRefused(N_("No release is stored yet."))
    with database.reading() as session:
        wanted = release_files(session, live.number)
        known = {one.hash for one in list_releases(session, MOST_KNOWN)}
    present = collect_files(root).files
    if present and not overwrite and _hash(present) not in known:
        text = N_("files in {root} were changed and are in no release; to overwrite them, add: --yes")
        raise PullRefused(text, root=root)
    lines = [*_written(root, wanted, present), *_removed(root, wanted, present)]
    with database.writing() as session:
        mark_on_disk(session, live.number)
    return Pulled(live.number, tuple(lines))


def _hash(files: Mapping[str, bytes]) -> str:
    return content_hash({path: hashlib.sha256(data).hexdigest() for path, data in files.items()})


def _written(root: Path, wanted: Mapping[str, bytes], present: Mapping[str, bytes]) -> list[tuple[str, str]]:
    done = []
    for path, data in wanted.items():
        if present.get(path) != data:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            partly = target.with_name(f".{target.name}.new")
            partly.write_bytes(data)
            partly.replace(target)
            done.append(("~" if path in present else "+", path))
    return done


def _removed(root: Path, wanted: Mapping[str, bytes], present: Mapping[str, bytes]) -> list[tuple[str, str]]:
    gone = sorted(path for path in present if path not in wanted)
    for path in gone:
        (root / path).unlink()
    return [("-", path) for path in gone]
