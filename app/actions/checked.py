"""Configurations that are being worked on, read and checked: what did not change since is not read again."""

from __future__ import annotations

from app.actions.configurations import read_files
from app.actions.context import Context
from app.release import content_hash
from app.rules.soundness import Configuration, Files, Known
from app.source.files import content_hashes
from app.source.recent import Recent

MOST_FILES, MOST_CHECKED = 2_000, 3
"""Files and whole configurations that are kept: many people look at one revision, few write at a time."""


def known_files(context: Context) -> Known:
    """What files hold and what was found about it, kept as long as the release is in service."""
    return context.keep("known files", lambda: Known(MOST_FILES))


def checked(context: Context, files: Files) -> Configuration:
    """`read_files`, with what was read before kept as long as the release is in service."""
    done: Recent[str, Configuration] = context.keep("checked files", lambda: Recent(MOST_CHECKED))
    known = known_files(context)
    return done.get(content_hash(content_hashes(files)), lambda: read_files(files, (), known))
