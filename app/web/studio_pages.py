"""What the studio's start page and the page of one revision show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import request

from app.access import decide, row_scope
from app.actions.revisions import EDITING, REVISION, Revised, plan_revision, read_revision
from app.release.tuning import TABLES
from app.source import Diagnostic
from app.storage import Record, read_records, scope_where
from app.storage.revisions import editors, revision_ids
from app.web.context import account_id, action_context, actor, served, session, style
from app.web.differences import FileDifference, file_differences
from app.web.display import Cell, show_moment, show_value
from app.web.languages import label
from app.web.record_page import MoveButton, Refused, read_moves
from app.web.studio_drafted import judges
from app.web.studio_links import studio_address
from app.web.studio_plan import Fault, PlanPage, fault_rows, plan_page
from app.web.visible import read_visible

OPEN = (EDITING, "submitted", "approved")
MOST_OPEN = 100


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision in a list."""

    id: int
    label: str
    href: str
    state: Cell
    author: str
    base: int
    changed: str
    mine: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that a revision changes: its differences, faults and warnings in it, and what may be done."""

    difference: FileDifference
    faults: int
    warnings: int
    edit_href: str


@dataclass(slots=True)
class RevisionPage:
    """The page of one revision; `plan` is None while the configuration has faults; tries: it can be tried."""

    id: int
    label: str
    state: Cell | None
    version: int
    reason: str
    base: int
    live: int
    editable: bool
    record_href: str
    moves: tuple[MoveButton, ...]
    refused: tuple[Refused, ...]
    files: tuple[ChangedFile, ...]
    grave: tuple[Fault, ...]
    light: tuple[Fault, ...]
    plan: PlanPage | None
    tables: tuple[tuple[str, str], ...] = ()
    view: str = "beside"
    applied_as: int = 0
    may_agree: bool = False
    tries: bool = False


def open_revisions() -> tuple[RevisionRow, ...]:
    """The revisions that are not done and that the actor may read; own ones first, newest first."""
    here, asker, context = served(), actor(), action_context()
    scope = row_scope(here.policy, asker, "read", REVISION)
    where = scope_where(here.models, REVISION, scope, asker, context.now)
    ids = revision_ids(session(), here.models, OPEN, MOST_OPEN)
    rows = [_row(one) for one in read_records(session(), here.models, REVISION, ids, where=where)]
    return tuple(sorted(rows, key=lambda one: (not one.mine, not one.waits)))


def own_open_revision() -> int | None:
    """The newest revision of the actor's that is being edited, or None."""
    return next((one.id for one in open_revisions() if one.mine and one.state.kind == EDITING), None)


def _row(stored: Record) -> RevisionRow:
    here, asker, values = served(), actor(), stored.values
    wrote = account_id() in editors(session(), stored.id)
    mine = wrote or (asker.person_id is not None and values.get("created_by") == asker.person_id)
    state = str(values.get("state"))
    shown = show_value(here.record(REVISION).columns["state"], state, style())
    waits = state == "submitted" and not mine and decide(here.policy, asker, "approve", REVISION).allowed
    when = values.get("changed_at")
    base = values.get("base")
    return RevisionRow(
        stored.id,
        stored.label,
        studio_address(stored.id),
        Cell(shown.text, state, shown.tone or "neutral"),
        str(stored.labels.get("created_by") or ""),
        base if isinstance(base, int) else 0,
        show_moment(when, style()) if isinstance(when, datetime) else "",
        mine,
        waits,
    )


def revision_page(revision: int) -> RevisionPage:
    """The page of a revision that the actor may read. Raises RecordGone."""
    here, context = served(), action_context()
    record = here.record(REVISION)
    seen = read_visible(here, record, revision)
    found = read_revision(context, revision)
    moves, refused = read_moves(here, record, seen)
    done = found.record.values.get("state") in ("applied", "dropped")
    configuration, plan = plan_revision(context, revision)
    said = () if done else fault_rows(configuration.diagnostics, revision)
    values = seen.record.values
    allowed = str(values.get("may_lose") or "").split()
    state = show_value(record.columns["state"], values.get("state"), style())
    applied = values.get("applied_as")
    may_write = "update" in seen.verbs
    return RevisionPage(
        id=revision,
        label=seen.record.label,
        state=Cell(state.text, "badge", state.tone or "neutral"),
        version=found.record.version,
        reason=str(values.get("reason") or ""),
        base=found.base,
        live=here.release.number,
        editable=found.editable and may_write,
        record_href=f"{request.script_root}/r/{REVISION}/show/{revision}",
        moves=moves,
        refused=refused,
        files=_files(found, configuration.diagnostics, revision),
        grave=tuple(one for one in said if one.grave),
        light=tuple(one for one in said if not one.grave),
        plan=None if done or plan is None else plan_page(plan, revision, allowed),
        tables=tuple(
            (label(title), studio_address(revision, f"tuning/{name}"))
            for name, (title, _rows) in TABLES.items()
        ),
        view="below" if request.args.get("view") == "below" else "beside",
        applied_as=applied if isinstance(applied, int) else 0,
        may_agree=may_write and not done,
        tries=not done and judges(configuration),
    )


def _files(found: Revised, diagnostics: tuple[Diagnostic, ...], revision: int) -> tuple[ChangedFile, ...]:
    grave: Counter[str] = Counter()
    light: Counter[str] = Counter()
    for one in diagnostics:
        counted = grave if one.severity == "error" else light
        counted[one.span.file] += 1
    return tuple(
        ChangedFile(
            one,
            grave[one.path],
            light[one.path],
            studio_address(revision, "edit", path=one.path) if one.status != "gone" else "",
        )
        for one in file_differences(found.before, found.files)
    )
