"""Revisions of the configuration: written in the browser, checked, approved by a second person, applied.

A revision holds only the files that it changes; everything else is as in the release that it is based on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.access import AccessDenied, Decision
from app.actions.checked import checked
from app.actions.configurations import keep_decoded
from app.actions.context import Context, transaction
from app.actions.draft import Draft as RecordDraft
from app.actions.publish_release import Draft, ReleaseRefused, publish_within, refuse_loss, take_turn
from app.actions.records import load_for
from app.actions.release_plan import ReleasePlan, plan_within
from app.actions.storing import Saved, audit, store_new
from app.release import compile_release
from app.release.tuning import tuned
from app.rules.soundness import Configuration
from app.source import N_, Refusal
from app.storage import Record, live_release, release_files, update_record
from app.storage.revisions import (
    add_editor,
    changed_files,
    editors,
    forget_files,
    hold_revision,
    write_files,
)
from app.workflow import TransitionRefused

REVISION = "revision"
EDITING = "editing"
FOLDERS = ("config/", "checklists/", "report_templates/")
ENDINGS = (".yaml", ".yml", ".html")
LONGEST_PATH = 200


class BadPath(AccessDenied):
    """A name that no file of a configuration can have."""


class Overtaken(Refusal):
    """Somebody else saved meanwhile: `theirs` is the file as it is now, None when it is gone."""

    def __init__(self, path: str, theirs: bytes | None) -> None:
        self.theirs = theirs
        super().__init__(N_("somebody else changed '{path}' meanwhile"), path=path)


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision as it stands: its record, the files it changes (None = taken out), all files with them, and
    those of the release that it is based on."""

    record: Record
    base: int
    changed: Mapping[str, bytes | None]
    files: Mapping[str, bytes]
    before: Mapping[str, bytes]

    @property
    def editable(self) -> bool:
        return self.record.values.get("state") == EDITING


def open_revision(context: Context, draft: RecordDraft) -> Saved:
    """Store a new revision, based on the release in service. For `create_within`."""
    live = live_release(context.session, context.now)
    draft.values["base"] = live.number if live is not None else None
    saved = store_new(context, draft)
    _note_editor(context, saved.id)
    return saved


def read_revision(context: Context, revision: int, verb: str = "read") -> Revised:
    """A revision that the actor may `verb`. Raises AccessDenied, RecordGone."""
    stored, _facts = load_for(context, REVISION, revision, verb)
    number = stored.values.get("base")
    base = number if isinstance(number, int) else 0
    changed = changed_files(context.session, revision)
    before = release_files(context.session, base) if base else {}
    files = dict(before)
    for path, data in changed.items():
        if data is None:
            files.pop(path, None)
        else:
            files[path] = data
    return Revised(stored, base, changed, dict(sorted(files.items())), before)


def write_revision(
    context: Context,
    revision: int,
    files: Mapping[str, bytes | None],
    seen: Mapping[str, bytes] | None = None,
) -> None:
    """Set files of a revision (None takes one out); a file that is as in the base again is no change.

    seen: the files from which the new contents were made; None where nobody looked at any. Raises Overtaken
    when one of them is another by now, AccessDenied when the revision is closed for changes or a path is none
    of a configuration's.
    """
    with transaction(context):
        found = _to_write(context, revision)
        for path in files:
            _require_path(path)
            if seen is not None and seen.get(path) != found.files.get(path):
                raise Overtaken(path, found.files.get(path))
        same = [path for path, data in files.items() if found.before.get(path) == data]
        write_files(
            context.session,
            revision,
            {path: data for path, data in files.items() if path not in same},
            context.now,
        )
        forget_files(context.session, revision, same)
        _note_editor(context, revision)
        for path in sorted(files):
            audit(context, "update", REVISION, revision, found.record.label, detail=path)


def tune_revision(context: Context, revision: int, changes: Mapping[str, str | None]) -> int:
    """Write values of the tuning tables (path -> text, None = unset) into the revision's files; how many
    files changed. Raises AccessDenied, Overtaken, UnknownRow, CannotSplice."""
    found = read_revision(context, revision, "update")
    portal = checked(context, found.files).decoded.portal
    files = tuned(found.files, portal, changes)
    differing = {path: data for path, data in files.items() if found.files.get(path) != data}
    if differing:
        write_revision(context, revision, differing, found.files)
    return len(differing)


def rebase_revision(context: Context, revision: int) -> tuple[str, ...]:
    """Base a revision on the release in service; the files that were changed on both sides, which keep the
    revision's content and want a look."""
    with transaction(context):
        found = _to_write(context, revision)
        live = live_release(context.session, context.now)
        if live is None or live.number == found.base:
            return ()
        old, new = (release_files(context.session, number) for number in (found.base, live.number))
        both = tuple(path for path in found.changed if old.get(path) != new.get(path))
        same = [path for path, data in found.changed.items() if new.get(path) == data]
        forget_files(context.session, revision, same)
        values = {"base": live.number}
        update_record(context.session, context.models, REVISION, revision, values, context.stamp, None)
        before, after = {"base": found.base}, {"base": live.number}
        audit(context, "update", REVISION, revision, found.record.label, before=before, after=after)
        return tuple(path for path in both if path not in same)


def check_revision(context: Context, revision: int) -> Configuration:
    """What is wrong with a revision's configuration, examples included."""
    return checked(context, read_revision(context, revision).files)


def plan_revision(context: Context, revision: int) -> tuple[Configuration, ReleasePlan | None]:
    """What is wrong with a revision, and what applying it would do; no plan while it has faults."""
    revised = read_revision(context, revision)
    found = checked(context, revised.files)
    if found.portal is None:
        return found, None
    draft, mode = compile_release(found.portal), str(revised.record.values.get("open_records") or "")
    return found, plan_within(context.session, context.instance, draft, context.now, context, mode)


def revision_guard(context: Context, stored: Record, event: str) -> None:
    """What the workflow itself cannot judge. Raises TransitionRefused."""
    if event in ("submit", "approve", "apply"):
        found = check_revision(context, stored.id)
        faults = found.faults
        if faults:
            text = N_("the configuration has {count} faults; the first: {place}: {fault}")
            said = faults[0].message(context.translate)
            raise TransitionRefused(text, {"count": len(faults), "place": str(faults[0].span), "fault": said})
        if not changed_files(context.session, stored.id):
            raise TransitionRefused(N_("the revision changes nothing yet"))
    if event == "approve" and _wrote(context, stored.id):
        raise TransitionRefused(N_("whoever wrote in a revision cannot approve it; a second person has to"))


def follow_revision(context: Context, stored: Record, event: str) -> None:
    """What follows from a transition of a revision: applying it publishes. Raises TransitionRefused."""
    if event != "apply":
        return
    found = read_revision(context, stored.id)
    portal = checked(context, found.files).portal
    if portal is None:
        raise TransitionRefused(N_("the configuration has faults"))
    draft = Draft(
        files=found.files,
        portal=portal,
        base=found.base,
        origin="studio",
        reason=str(stored.values.get("reason") or ""),
        title=str(stored.values.get("title") or ""),
        allow_loss=str(stored.values.get("may_lose") or "").split(),
        starts_at=_start(context, stored),
        approver=_person(stored.values.get("approver")),
        open_records=str(stored.values.get("open_records") or ""),
    )
    try:
        release = compile_release(portal)
        session, instance, now = context.session, context.instance, context.now
        take_turn(session)
        plan = plan_within(session, instance, release, now, context, draft.open_records)
        refuse_loss(plan, draft, now)
        keep_decoded(session, instance, portal)
        done = publish_within(session, instance, draft, plan, context.actor, now)
    except ReleaseRefused as refused:
        raise TransitionRefused(refused.text, refused.params) from refused
    values = {"applied_as": done.number}
    update_record(context.session, context.models, REVISION, stored.id, values, context.stamp, None)


def _start(context: Context, stored: Record) -> datetime | None:
    """The beginning of the day on which a revision is to start; None = at once."""
    day = stored.values.get("starts_on")
    if not isinstance(day, date) or day <= context.today:
        return None
    return datetime.combine(day, time.min, context.zone).astimezone(UTC)


def _person(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _to_write(context: Context, revision: int) -> Revised:
    hold_revision(context.session, context.models, revision)
    found = read_revision(context, revision, "update")
    if not found.editable:
        raise AccessDenied(Decision(False, N_("the revision is closed for changes in its present state")))
    return found


def _require_path(path: str) -> None:
    parts = path.split("/")
    named = path.startswith(FOLDERS) and path.endswith(ENDINGS) and len(path) <= LONGEST_PATH
    if not named or any(part in ("", ".", "..") or part.startswith(".") for part in parts) or "\\" in path:
        raise BadPath(Decision(False, N_("'{path}' cannot be a file of the configuration"), {"path": path}))


def _note_editor(context: Context, revision: int) -> None:
    if context.actor.account_id is not None:
        add_editor(context.session, revision, context.actor.account_id)


def _wrote(context: Context, revision: int) -> bool:
    return context.actor.account_id in editors(context.session, revision)
