"""Values of the tuning tables as people send them, by form or spreadsheet: what changes, what cannot, and
whether the configuration is still sound with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.actions.checked import checked
from app.actions.context import Context
from app.actions.revisions import Overtaken, Revised, read_revision, write_revision
from app.release.tuning import TuningRow, tuned, tuning_rows
from app.source import Diagnostic

EXAMPLES = frozenset({"EXM002"})
"""Codes of faults that do not stand in the way of a value: an example tells what the figure was before."""

ATTEMPTS = 5
"""How often values are set into the files as they are then, while others save theirs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One value that somebody sent: what they saw when they began, and what it shall be (None = unset); cell:
    where it stands in a spreadsheet."""

    path: str
    seen: str | None
    value: str | None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What became of the values.

    changed: path -> new value; unknown: paths that the table does not have; overtaken: paths whose value
    somebody else changed since, left as it is now; now: what those are; faults: by path, what the check says
    of the new values, and under an empty path what it says elsewhere; with faults nothing was written.
    examples: the regulation's own examples that say something else; the values are written, and these want a
    look.
    """

    changed: Mapping[str, str | None] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    faults: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    examples: tuple[Diagnostic, ...] = ()
    now: Mapping[str, str | None] = field(default_factory=dict)


def rows_of(context: Context, found: Revised, table: str) -> tuple[TuningRow, ...]:
    """The rows of a table in a revision, of what can be read of it. KeyError for an unknown table."""
    return tuning_rows(checked(context, found.files).decoded.portal, table)


def tune(context: Context, revision: int, table: str, sent: Sequence[Sent], whole: bool = False) -> Tuned:
    """Write the values that differ into the revision: all or, where the check finds a new fault, none.

    whole: nothing is written either where one path is unknown or its value was changed since. Whoever saves
    another value of the same file meanwhile loses nothing. Raises AccessDenied, RecordGone, CannotSplice,
    Overtaken where others do not cease to save, KeyError for an unknown table.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _tune(context, revision, table, sent, whole)
        except Overtaken:
            continue
    return _tune(context, revision, table, sent, whole)


def _tune(context: Context, revision: int, table: str, sent: Sequence[Sent], whole: bool) -> Tuned:
    found = read_revision(context, revision, "update")
    before = checked(context, found.files)
    rows = {row.path: row for row in tuning_rows(before.decoded.portal, table)}
    unknown = tuple(one.path for one in sent if one.path not in rows)
    wished = [one for one in sent if one.path in rows and _same(one.value) != _same(one.seen)]
    wished = [one for one in wished if _same(one.value) != _same(rows[one.path].value)]
    overtaken = tuple(one.path for one in wished if _same(rows[one.path].value) != _same(one.seen))
    changed = {one.path: _same(one.value) for one in wished if one.path not in overtaken}
    now = {path: _same(rows[path].value) for path in overtaken}
    if whole and (unknown or overtaken):
        return Tuned({}, unknown, overtaken, now=now)
    if not changed:
        return Tuned(changed, unknown, overtaken, now=now)
    files = tuned(found.files, before.decoded.portal, changed)
    after = checked(context, files)
    known = {(one.code, one.span.file, one.message()) for one in before.faults}
    new = [one for one in after.faults if (one.code, one.span.file, one.message()) not in known]
    if any(one.code not in EXAMPLES for one in new):
        return Tuned(changed, unknown, overtaken, _by_path(new, [rows[path] for path in changed]), now=now)
    differing = {path: data for path, data in files.items() if found.files.get(path) != data}
    write_revision(context, revision, differing, found.files)
    return Tuned(changed, unknown, overtaken, examples=tuple(new), now=now)


def _same(value: str | None) -> str | None:
    """Blanks around a value say nothing, and an empty one is unset."""
    return (value or "").strip() or None


def _by_path(faults: Sequence[Diagnostic], rows: Sequence[TuningRow]) -> dict[str, tuple[Diagnostic, ...]]:
    """Faults at the rows whose value stands there; all others, and those of several rows in one line, under
    an empty path as well as they can be told apart."""
    found: dict[str, list[Diagnostic]] = {}
    for one in faults:
        here = [row.path for row in rows if (row.span.file, row.span.line) == (one.span.file, one.span.line)]
        exact = [path for path in here if path.endswith(_last_word(one))]
        for path in exact or here or [""]:
            found.setdefault(path, []).append(one)
    return {path: tuple(ones) for path, ones in found.items()}


def _last_word(fault: Diagnostic) -> str:
    """The key that a fault is about, where its parameters name one."""
    name = fault.params.get("key") or fault.params.get("name") or ""
    return f".{name}" if name else "\0"
