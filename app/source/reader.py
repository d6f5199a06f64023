"""The files of a configuration -> `Sources`: what each file holds and where it belongs."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from app.source.composer import compose
from app.source.diagnostics import N_, Diagnostic, Span, fault, unknown_name_hint
from app.source.files import collect_files, content_hashes
from app.source.raw import RawMapping
from app.source.recent import Recent
from app.source.syntax import LINE_BREAK

FileKind = Literal["config", "checklist", "report"]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_OWN_FOLDER: Mapping[str, FileKind] = {"checklists": "checklist", "report_templates": "report"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One YAML file that could be read. `regime` is empty for files that all regimes share."""

    path: str
    kind: FileKind
    regime: str
    name: str
    raw: RawMapping


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that was read: YAML files, page templates (path -> text), all texts, hashes, faults.

    `regimes` are the folders below config/regimes, whether their files could be read or not; `broken` are
    the paths of the files that could not.
    """

    files: tuple[SourceFile, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    regimes: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()

    def lines(self, file: str) -> list[str]:
        """The lines of a file as YAML counts them; none when it was not read."""
        text = self.texts.get(file)
        return [] if text is None else LINE_BREAK.split(text.removeprefix("\ufeff"))


Composed = Recent[tuple[str, str], tuple[RawMapping | None, tuple[Diagnostic, ...]]]
"""What files hold, by path and SHA-256 of their content: a file that did not change is not read again."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the garbage collector while hundreds of thousands of lasting objects are made.

    None of them is garbage; walking them over and over costs more than reading the files.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                # Among the old ones at once: enabling alone would have all of them walked by the next turn.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def read_sources(root: Path) -> Sources:
    """Read the configuration below `root`. All faults are in the answer; one broken file hides no other."""
    collected = collect_files(root)
    return parse_files(collected.files, tuple(collected.diagnostics))


def parse_files(
    files: Mapping[str, bytes], diagnostics: tuple[Diagnostic, ...] = (), known: Composed | None = None
) -> Sources:
    """Make `Sources` of path -> bytes (from disk or a release's snapshot). `known` keeps what was read."""
    regimes = frozenset(path.parts[2] for path in map(PurePosixPath, files) if _below_regimes(path))
    read: list[SourceFile] = []
    faults = list(diagnostics)
    templates: dict[str, str] = {}
    texts: dict[str, str] = {}
    broken = {d.span.file for d in diagnostics}
    hashes = content_hashes(files)
    with collector_paused():
        for path, data in files.items():
            home = _belongs(PurePosixPath(path), regimes)
            text = None if isinstance(home, Diagnostic) else _text(data)
            if isinstance(home, Diagnostic):
                faults.append(home)
                broken.add(path)
            elif text is None:
                faults.append(_not_utf8(path, data))
                broken.add(path)
            elif path.lower().endswith(".html"):
                texts[path] = templates[path] = text
            else:
                texts[path] = text
                raw, found = _composed(text, path, hashes[path], known)
                faults.extend(found)
                if raw is None:
                    broken.add(path)
                else:
                    read.append(SourceFile(path, home[0], home[1], PurePosixPath(path).stem, raw))
    return Sources(tuple(read), templates, texts, hashes, regimes, frozenset(broken), tuple(faults))


def parse_text(text: str, path: str, kind: FileKind = "config", regime: str = "") -> Sources:
    """`Sources` of one text, for the built-in declarations and for a file being edited."""
    faults: list[Diagnostic] = []
    raw = _mapping(text, path, faults)
    files = () if raw is None else (SourceFile(path, kind, regime, PurePosixPath(path).stem, raw),)
    return Sources(files, texts={path: text}, diagnostics=tuple(faults))


def _below_regimes(path: PurePosixPath) -> bool:
    return len(path.parts) > 3 and path.parts[:2] == ("config", "regimes")


def _belongs(path: PurePosixPath, regimes: frozenset[str]) -> tuple[FileKind, str] | Diagnostic:
    """The kind and the regime of a file by its folder, or the fault of lying in a wrong one."""
    top, parts = path.parts[0], path.parts
    page = path.suffix.lower() == ".html"
    place = Span(path.as_posix())
    if top == "config" and not page:
        if parts[1] != "regimes":
            return "config", ""
        if len(parts) > 3:
            named = _NAME.fullmatch(parts[2])
            return ("config", parts[2]) if named else _bad_folder(place, parts[2])
        return _wrong(place, N_("put the file into the folder of its regime: config/regimes/<regime>/"))
    if top in _OWN_FOLDER and len(parts) == 3 and (not page or top == "report_templates"):
        if parts[1] in regimes:
            return _OWN_FOLDER[top], parts[1]
        hint, params = unknown_name_hint(parts[1], regimes)
        text = N_("there is no regime '{name}': config/regimes/{name}/ is missing")
        return fault("SRC017", place, text, hint, name=parts[1], **params)
    if top in _OWN_FOLDER:
        hint = N_("files here lie in the folder of their regime: {top}/<regime>/<name>.yaml")
        return _wrong(place, hint, top)
    return _wrong(place, N_("page templates lie in report_templates/<regime>/"))


def _wrong(place: Span, hint: str, top: str = "") -> Diagnostic:
    return fault("SRC016", place, N_("no file of this kind belongs in this folder"), hint, top=top)


def _bad_folder(place: Span, name: str) -> Diagnostic:
    return fault(
        "SRC016",
        place,
        N_("'{name}' is not a name for a regime's folder"),
        N_("use small letters, digits and '_', beginning with a letter, at most 48"),
        name=name,
    )


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _not_utf8(path: str, data: bytes) -> Diagnostic:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8").removeprefix("\ufeff")
    else:
        good = ""
    lines = LINE_BREAK.split(good)
    place = Span(path, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 1)
    return fault("SRC001", place, N_("the file is not UTF-8 text"), N_("save it in the encoding UTF-8"))


def _composed(
    text: str, path: str, digest: str, known: Composed | None
) -> tuple[RawMapping | None, tuple[Diagnostic, ...]]:
    def read() -> tuple[RawMapping | None, tuple[Diagnostic, ...]]:
        found: list[Diagnostic] = []
        return _mapping(text, path, found), tuple(found)

    return read() if known is None else known.get((path, digest), read)


def _mapping(text: str, path: str, faults: list[Diagnostic]) -> RawMapping | None:
    composed = compose(text, path)
    faults.extend(composed.diagnostics)
    if isinstance(composed.raw, RawMapping):
        return composed.raw
    if not composed.diagnostics and composed.raw is None:
        faults.append(
            fault("SRC011", Span(path), N_("the file is empty"), N_("write a section, or remove the file"))
        )
    elif composed.raw is not None:
        faults.append(
            fault(
                "SRC013",
                composed.span,
                N_("the file must be a mapping of keys, not a list or a text"),
                N_("begin with a key such as 'records:'"),
            )
        )
    return None
