"""Files of a revision as somebody edits them: shown with a mark of what was seen, saved, renamed, removed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.actions.checked import known_files
from app.actions.configurations import read_files
from app.actions.context import Context
from app.actions.revisions import Overtaken, read_revision, write_revision
from app.rules.soundness import Configuration
from app.source import N_, Refusal
from app.source.files import MAX_FILE_BYTES


class EditRefused(Refusal):
    """An edit that cannot be made; `text` is a template over `params`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file as an editor shows it, with line ends as `\\n`. seen: names the content; empty for no file;
    readable: whether it is text at all."""

    text: str
    seen: str
    readable: bool = True


def text_of(data: bytes | None) -> Text:
    """What an editor is given of a file."""
    if data is None:
        return Text("", "")
    seen = hashlib.sha256(data).hexdigest()
    try:
        return Text(data.decode("utf-8").replace("\r\n", "\n"), seen)
    except UnicodeDecodeError:
        return Text(data.decode("utf-8", "replace"), seen, readable=False)


def as_bytes(text: str, before: bytes | None) -> bytes:
    """What an editor sends back, with the line ends that the file had."""
    plain = text.replace("\r\n", "\n")
    if before is not None and b"\r\n" in before:
        plain = plain.replace("\n", "\r\n")
    return plain.encode("utf-8", "replace")


def save_text(context: Context, revision: int, path: str, text: str, seen: str) -> str:
    """Write a file; the mark of what is stored now.

    Raises Overtaken, EditRefused, AccessDenied, RecordGone.
    """
    found = read_revision(context, revision, "update")
    before = found.files.get(path)
    if text_of(before).seen != seen:
        raise Overtaken(path, before)
    if not text_of(before).readable:
        raise EditRefused(N_("'{path}' is not UTF-8 text"), path=path)
    data = as_bytes(text, before)
    if len(data) > MAX_FILE_BYTES:
        raise EditRefused(N_("the file is larger than {limit} MB"), limit=MAX_FILE_BYTES // 1_000_000)
    if data != before:
        write_revision(context, revision, {path: data}, found.files)
    return text_of(data).seen


def add_file(context: Context, revision: int, path: str) -> None:
    """A new, empty file. Raises EditRefused where there is one already, Overtaken, AccessDenied."""
    files = read_revision(context, revision, "update").files
    if path in files:
        raise EditRefused(N_("there is a file '{path}' already"), path=path)
    write_revision(context, revision, {path: b"# \n"}, files)


def rename_file(context: Context, revision: int, path: str, to: str) -> None:
    """Move a file. Raises EditRefused where it is not there or the new name is taken, Overtaken,
    AccessDenied."""
    files = read_revision(context, revision, "update").files
    if path not in files:
        raise EditRefused(N_("there is no file '{path}'"), path=path)
    if to in files:
        raise EditRefused(N_("there is a file '{path}' already"), path=to)
    write_revision(context, revision, {to: files[path], path: None}, files)


def remove_file(context: Context, revision: int, path: str) -> None:
    """Take a file out of the configuration. Raises EditRefused, Overtaken, AccessDenied."""
    files = read_revision(context, revision, "update").files
    if path not in files:
        raise EditRefused(N_("there is no file '{path}'"), path=path)
    write_revision(context, revision, {path: None}, files)


def try_text(context: Context, revision: int, path: str, text: str) -> Configuration:
    """What would be wrong with the configuration if a file read like this; nothing is written or kept."""
    found = read_revision(context, revision)
    files = {**found.files, path: as_bytes(text, found.files.get(path))}
    return read_files(dict(sorted(files.items())), (), known_files(context))
