"""Configurations from where they lie: a folder on disk, or a release in the database.

A release was checked before it was stored, so it is only decoded again; what was decoded is kept in the
instance folder under its hash, and the next start reads no YAML.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from app.release import Release, compile_release, content_hash
from app.reports.template_checks import template_faults
from app.rules.soundness import Configuration, Files, Known, judge_files, judge_folder
from app.source import ConfigError, Diagnostic, collector_paused, parse_files
from app.spec.checklists import Checklist
from app.spec.decode import decode
from app.spec.portal import Portal
from app.spec.sealed import seal
from app.storage import Database, Session, find_release, live_if_any, release_files
from app.workflow import run_all_examples

log = logging.getLogger(__name__)

KEPT = 12
"""Decoded configurations kept in the instance folder."""
_DECODERS = ("source", "spec")


def read_folder(root: Path) -> Configuration:
    """The configuration below `root`, read and checked."""
    return judge_folder(root, template_faults, run_all_examples)


def read_files(files: Files, found: tuple[Diagnostic, ...] = (), known: Known | None = None) -> Configuration:
    """A configuration that lies in no folder, read and checked; `found`: faults of reading the files;
    `known`: keeps what unchanged files hold and what was found about it."""
    return judge_files(files, template_faults, found, known, run_all_examples)


def stored_release(database: Database, number: int) -> Release:
    """A release from the database, compiled as it was stored. KeyError when there is none of that number;
    ConfigError when this version of the program does not understand it."""
    with database.reading() as session:
        return release_within(session, database.instance, number)


def release_within(session: Session, instance: Path, number: int) -> Release:
    """The same, read in the caller's session; instance: the folder where what was decoded is kept."""
    known = find_release(session, number)
    if known is None:
        raise KeyError(number)
    portal = _kept(instance, known.hash)
    if portal is None:
        with collector_paused():
            portal, diagnostics = decode(parse_files(release_files(session, number)))
        if portal is None:
            raise ConfigError(diagnostics)
        keep_decoded(session, instance, portal)
    return compile_release(portal, number)


def _kept(instance: Path, digest: str) -> Portal | None:
    """What was decoded of a configuration before; None when nothing is kept, or not by this program."""
    try:
        sealed = _place(instance, digest).read_bytes()
    except OSError:
        return None
    seal, data = sealed[:32], sealed[32:]
    if hashlib.sha256(data).digest() != seal:
        return None
    # Only we write into the instance folder: it holds the key that signs every session too.
    with collector_paused():
        portal = pickle.loads(data)
    return portal if isinstance(portal, Portal) and content_hash(portal.files) == digest else None


def keep_decoded(session: Session, instance: Path, portal: Portal) -> None:
    """Keep what was decoded in the instance folder, so that whoever serves it next reads no YAML.

    Checklists are the bulk of it: each is kept closed, and taken over from the live release where it stands
    in the same files there.
    """
    place = _place(instance, content_hash(portal.files))
    live = live_if_any(session)
    before = _kept(instance, live.hash) if live is not None else None
    known = before.checklists if before is not None else {}
    with collector_paused():
        checklists = seal(portal.checklists, portal.sources(Checklist), known)
        data = pickle.dumps(replace(portal, checklists=checklists), pickle.HIGHEST_PROTOCOL)
    try:
        place.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as stream:
            stream.write(hashlib.sha256(data).digest() + data)
        Path(stream.name).replace(place)
        for old in sorted(place.parent.glob("*.portal"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the decoded configuration cannot be kept in %s: %s", place.parent, error)


def _place(instance: Path, digest: str) -> Path:
    return instance / "cache" / f"{digest[:32]}-{_program()}.portal"


@cache
def _program() -> str:
    """Names the code that decodes: what another version decoded is of no use."""
    home = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(sys.version.encode())
    for package in _DECODERS:
        for file in sorted((home / package).iterdir()):
            if file.suffix in (".py", ".yaml"):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
