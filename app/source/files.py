"""Which files make up a configuration, and in which folder each belongs."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.source.diagnostics import N_, Diagnostic, Span, fault

MAX_FILE_BYTES = 8_000_000
FOLDERS = ("config", "checklists", "report_templates")
YAML_ENDINGS = (".yaml", ".yml")


@dataclass(slots=True)
class Collected:
    """Path (relative, forward slashes) -> bytes of every file that may belong to the configuration."""

    files: dict[str, bytes] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def content_hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Path -> SHA-256 of the content, in hex."""
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def collect_files(root: Path) -> Collected:
    """Read the files below `root` that make up a configuration, in the order of their names.

    Hidden files are left alone. A link that leads out of `root`, a file over the size limit or one that
    cannot be read is a fault; the others are still read.
    """
    out = Collected()
    home = root.resolve()
    if not (root / "config").is_dir():
        out.diagnostics.append(
            fault(
                "SRC018",
                Span("config"),
                N_("there is no folder 'config' here"),
                N_("give the folder that holds config/ with --root"),
            )
        )
    for folder in FOLDERS:
        start = root / folder
        if start.is_dir():
            for path in _walk(start, home, {start.resolve()}, out, root):
                _read(path, out, _shown(path, root))
    return out


def _shown(path: Path, root: Path) -> str:
    """A path as messages show it; bytes that are not text in a file name are replaced."""
    return path.relative_to(root).as_posix().encode("utf-8", "replace").decode("utf-8")


def _walk(folder: Path, home: Path, seen: set[Path], out: Collected, root: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        out.diagnostics.append(_unreadable(_shown(folder, root), error))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not _stays_inside(entry, home):
            out.diagnostics.append(
                fault(
                    "SRC015",
                    Span(_shown(entry, root)),
                    N_("this link leads out of the configuration, or nowhere"),
                    N_("put the file itself here"),
                )
            )
        elif entry.is_dir():
            real = entry.resolve()
            if real not in seen:
                seen.add(real)
                yield from _walk(entry, home, seen, out, root)
        elif entry.suffix.lower() in (*YAML_ENDINGS, ".html"):
            yield entry


def _stays_inside(entry: Path, home: Path) -> bool:
    try:
        return entry.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):
        return False


def _read(path: Path, out: Collected, shown: str) -> None:
    try:
        # Not blocking: a pipe that carries the name of a YAML file must not hold up the reader.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        out.diagnostics.append(_unreadable(shown, error))
        return
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            out.diagnostics.append(fault("SRC020", Span(shown), N_("this is not an ordinary file")))
            return
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        out.diagnostics.append(
            fault(
                "SRC012",
                Span(shown),
                N_("the file is larger than {limit} MB"),
                N_("cut it into several files; how a section is cut is free"),
                limit=MAX_FILE_BYTES // 1_000_000,
            )
        )
        return
    out.files[shown] = data


def _unreadable(shown: str, error: OSError) -> Diagnostic:
    return fault("SRC020", Span(shown), N_("cannot be read: {reason}"), reason=error.strerror or "?")
