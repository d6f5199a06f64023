"""Applying a configuration: tables, moved values, the release and its audit entry in one transaction.

Both databases change their schema inside a transaction (SQLite too, which is why no copy of the file is
swapped under the feet of other processes): whatever stops this leaves the old release whole, or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from app.access import Actor, compile_policy
from app.actions.configurations import keep_decoded, release_within
from app.actions.context import Context
from app.actions.former_names import with_later_names
from app.actions.open_records import ASK, SWITCH, Key, bring_back, carry_over
from app.actions.publish_progress import noted
from app.actions.release_plan import ReleasePlan, plan_release
from app.actions.replaying import Progress
from app.release import Release, compile_release
from app.rules.soundness import Files
from app.source import N_, Refusal, untranslated
from app.spec.portal import ADMINISTRATOR, Portal
from app.storage import (
    Change,
    Database,
    Session,
    Stamp,
    StoredRelease,
    append_audit,
    apply_on,
    build_models,
    find_release,
    live_if_any,
    mark_live,
    plan_for,
    release_files,
    store_release,
)
from app.storage.account_rows import role_id
from app.storage.open_records import note_stay, note_touched
from app.storage.publishing import claim_publishing, hold_publishing, note_approver, written_or_said

Origin = Literal["disk", "studio", "rollback"]
Checkpoint = Callable[[str], None]


class ReleaseRefused(Refusal):
    """A release that may not be applied as it is; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be applied.

    base: the release that the plan was made from; a release that went live since is not overwritten unseen.
    allow_loss: what may be lost, by the names in `ReleasePlan.lossy`. starts_at: when it goes live; None = at
    once. approver: a person's id. over: number of a release made elsewhere that may be overwritten though the
    folder has not seen it. open_records: keep, switch or ask; empty = as `portal.releases` says. restores:
    the earlier release that this brings back.
    """

    files: Files
    portal: Portal
    base: int
    origin: Origin = "disk"
    reason: str = ""
    title: str = ""
    allow_loss: Collection[str] = ()
    starts_at: datetime | None = None
    approver: int | None = None
    over: int | None = None
    open_records: str = ""
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The release as it was applied, and how many changes the tables took."""

    number: int
    steps: int


def publish_release(
    database: Database,
    draft: Draft,
    author: Actor,
    now: datetime,
    checkpoint: Checkpoint = lambda _step: None,
    progress: Progress = lambda _done, _of: None,
) -> Published:
    """Apply `draft`: all of it or nothing. Raises ReleaseRefused (stale, lossy, not seen by the folder),
    PlanRefused, NotWritten.

    checkpoint: told the name of each step as it is reached; progress: how many open records have gone over,
    and of how many.
    """
    with database.reading() as session:
        release = _target(session, database.instance, draft, compile_release(draft.portal))
    plan = plan_release(database, release, now, draft.open_records)
    refuse_loss(plan, draft, now)
    with database.reading() as session:
        keep_decoded(session, database.instance, draft.portal)
    with written_or_said(), database.writing() as session:
        published = publish_within(session, database.instance, draft, plan, author, now, checkpoint, progress)
    checkpoint("committed")
    return published


def publish_within(
    session: Session,
    instance: Path,
    draft: Draft,
    plan: ReleasePlan,
    author: Actor,
    now: datetime,
    checkpoint: Checkpoint = lambda _step: None,
    progress: Progress = lambda _done, _of: None,
) -> Published:
    """`publish_release` inside the caller's write transaction, by a plan that was made and agreed to before;
    instance: the folder where what was decoded is kept. Raises ReleaseRefused when it is stale, PlanRefused
    when the data came to forbid it since."""
    release = compile_release(draft.portal)
    models = build_models(_target(session, instance, draft, release), mapped=False)
    try:
        hold_publishing(session)
        _refuse_unseen(live_if_any(session), draft, now)
        if plan.base != draft.base:
            raise ReleaseRefused(_STALE, live=plan.base, base=draft.base)
        checkpoint("held")
        migration = plan_for(session.connection(), models)
        apply_on(session.connection(), models, migration, now, draft.allow_loss)
        checkpoint("migrated")
        stamp = Stamp(author.person_id, now)
        number = store_release(
            session, draft.files, stamp, draft.reason, draft.title, draft.origin, draft.base or None
        )
        note_approver(session, number, draft.approver)
        checkpoint("stored")
        for role in sorted({ADMINISTRATOR, *draft.portal.roles}):
            role_id(session, models, role)
        mark_live(session, number, draft.starts_at or now)
        change = Change("publish", "release", number, draft.title or f"#{number}", draft.reason)
        append_audit(session, models, Stamp(author.person_id, now, number), change)
        checkpoint("marked")
        live = replace(release, number=number)
        policy = compile_policy(live)
        here = Context(live, policy, models, session, author, now, untranslated, instance)
        with noted(instance, progress) as tell:
            _carry(here, draft, plan.touched, tell)
        checkpoint("carried")
        return Published(number, len(migration.operations))
    finally:
        models.dispose()


def _target(session: Session, instance: Path, draft: Draft, release: Release) -> Release:
    """The draft's release as its tables are planned: going back, with the names that things have now."""
    if draft.restores is None:
        return release
    return with_later_names(session, instance, release, draft.restores)


def _carry(context: Context, draft: Draft, touched: Collection[str], progress: Progress) -> None:
    """What the release means for open records, unless its day has yet to come; then the job does it."""
    mode = draft.open_records or draft.portal.settings.releases.open_records
    number, session = context.release.number, context.session
    waits = draft.starts_at is not None and draft.starts_at > context.now
    note_touched(session, number, touched, mode, None if waits else context.now)
    if waits:
        return
    back: Collection[Key] = ()
    if draft.restores is not None:
        back = bring_back(context, draft.restores, draft.reason, progress)
    if mode == SWITCH:
        carry_over(context, touched, draft.reason, back, progress)
    elif mode == ASK:
        for record_type, record_id in sorted(back):
            # It goes by the rules that the release brings back: there is nothing to ask about.
            note_stay(session, number, record_type, record_id)


def refuse_loss(plan: ReleasePlan, draft: Draft, now: datetime) -> None:
    """Raises ReleaseRefused where the plan loses what `draft` does not allow to be lost."""
    missing = [name for name in plan.lossy if name not in draft.allow_loss]
    if missing:
        text = N_("data would be lost: {names}; allow each by name")
        raise ReleaseRefused(text, names=", ".join(missing))
    waits = draft.starts_at is not None and draft.starts_at > now
    touched = [one.name for one in plan.migration.operations if one.op in _NOT_AHEAD]
    if waits and touched:
        text = N_("{names} would change under the release still in service; apply this on the day itself")
        raise ReleaseRefused(text, names=", ".join(touched))


def take_turn(session: Session) -> None:
    """Before a plan is made in the transaction that carries it out. Raises ReleaseRefused while somebody else
    applies a release."""
    if not claim_publishing(session):
        raise ReleaseRefused(_BUSY)


_BUSY = N_("somebody else is applying a release at this moment; look at it when it is done, and plan again")
_STALE = N_("release {live} was applied meanwhile; this plan starts from release {base}: plan again")
_NOT_AHEAD = frozenset(
    {"rename_table", "rename_column", "change_type", "retarget_link", "rename_option", "move_rows"}
)
"""Changes that the release still in service would trip over."""


def _refuse_unseen(live: StoredRelease | None, draft: Draft, now: datetime) -> None:
    number = live.number if live is not None else 0
    if live is not None and live.applied_at is not None and live.applied_at > now:
        text = N_(
            "release {live} is to start on {day}; withdraw it first: python run.py releases --withdraw {live}"
        )
        raise ReleaseRefused(text, live=number, day=live.applied_at.date().isoformat())
    if number != draft.base:
        raise ReleaseRefused(_STALE, live=number, base=draft.base)
    if live is not None and draft.origin == "disk" and not live.on_disk and draft.over != number:
        text = N_("release {live} was not made from this folder; fetch it first with: python run.py pull")
        raise ReleaseRefused(text, live=number)


def restored(
    database: Database,
    number: int,
    now: datetime,
    allow_loss: Collection[str] = (),
    open_records: str = "",
) -> tuple[Draft, Release]:
    """The draft that brings an earlier release back, as a new one. Raises ReleaseRefused where there is none,
    ConfigError when this program does not understand it any more."""
    with database.reading() as session:
        draft, release = restored_within(session, database.instance, number, now)
    return replace(draft, allow_loss=allow_loss, open_records=open_records), release


def restored_within(session: Session, instance: Path, number: int, now: datetime) -> tuple[Draft, Release]:
    """`restored` inside the caller's session."""
    live = live_if_any(session, now)
    known = find_release(session, number) if live is not None else None
    if known is None or known.applied_at is None:
        raise ReleaseRefused(N_("there is no release {number} that was in service"), number=number)
    files = release_files(session, number)
    release = with_later_names(session, instance, release_within(session, instance, number), number)
    draft = Draft(
        files=files,
        portal=release.portal,
        base=live.number if live is not None else 0,
        origin="rollback",
        title=f"#{number} ↺",
        restores=number,
    )
    return draft, release
