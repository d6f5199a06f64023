"""What would happen if a configuration were applied: as data and in words, before anything is done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.access import SYSTEM, compile_policy
from app.access.comparing import PermissionChange, compare_policies
from app.actions.configurations import release_within
from app.actions.context import Context
from app.actions.misfits import Misfit, misfits
from app.actions.moving_clocks import MovingClocks, moving_clocks
from app.actions.open_records import SWITCH, OpenWork, met_by, returning, touched_by
from app.actions.replaying import Replaying
from app.actions.unfit_rows import (
    Unfit,
    operation_json,
    operation_words,
    rows_words,
    unfit_rows,
)
from app.release import RecordModel, Release
from app.release.comparing import Change, compare_portals
from app.source import N_, ConfigError, Translate, collector_paused, untranslated
from app.storage import (
    Database,
    MigrationPlan,
    Session,
    StoredRelease,
    build_models,
    live_if_any,
    plan_for,
)
from app.storage.affected import count_by_state, count_running_clocks, count_with_role
from app.storage.open_records import SCHEDULE

log = logging.getLogger(__name__)
UNREAD = N_("This program cannot read the release in service: rules and open work are not compared with it.")


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom and what a release meets.

    open_records: record type -> state -> how many records stand there, of the types whose rules change;
    stranded: the same for states that will exist no longer; running_clocks: open clocks whose target or
    calendar changes; people: role -> how many accounts have it, of the roles that lose something; clocks: of
    those that run, how many will be due at another time, and how many will have missed it; carried: what
    becomes of the open records whose rules change; returning: records that a rollback brings back to the
    release that they came from; misfits: stored values that do not suit the draft.
    """

    open_records: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stranded: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    running_clocks: int = 0
    people: Mapping[str, int] = field(default_factory=dict)
    clocks: MovingClocks = field(default_factory=MovingClocks)
    carried: tuple[OpenWork, ...] = ()
    returning: int = 0
    misfits: tuple[Misfit, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "open_records": {name: dict(states) for name, states in self.open_records.items()},
            "stranded": {name: dict(states) for name, states in self.stranded.items()},
            "running_clocks": self.running_clocks,
            "people": dict(self.people),
            "clocks": self.clocks.as_json(),
            "returning": self.returning,
            "misfits": [one.as_json() for one in self.misfits],
            "open_records_by_mode": {one.record_type: one.as_json() for one in self.carried},
        }


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """Everything that leads from the live release to a draft.

    base: number of the release that it starts from (0 = none is live); hash: of the draft's content; same:
    the draft is what is live, and the database fits it; touched: the record types and schedules whose rules
    change (`open_records.touched_by`); unread: this program does not understand the release in service, so
    that rules and open work are not compared with it; unfit: the first rows that a change of a table does not
    suit.
    """

    base: int
    hash: str
    same: bool
    migration: MigrationPlan
    changes: tuple[Change, ...] = ()
    permissions: tuple[PermissionChange, ...] = ()
    affected: Affected = field(default_factory=Affected)
    touched: tuple[str, ...] = ()
    unread: bool = False
    unfit: Unfit = field(default_factory=dict)

    @property
    def lossy(self) -> tuple[str, ...]:
        """What has to be allowed by name before the plan may be carried out."""
        states = (f"{name}.{state}" for name, found in self.affected.stranded.items() for state in found)
        # Values that are not unique have to be corrected: no permission helps.
        unsafe = (one.name for one in self.migration.unsafe if one.op != "add_index")
        options = (one.name for one in self.affected.misfits if one.kind == "option")
        return (*unsafe, *states, *options)

    @property
    def empty(self) -> bool:
        return self.same and not self.migration.operations

    def as_json(self) -> dict[str, object]:
        """The `plan` object of language.md part 6."""
        return {
            "from": self.base,
            "to": self.hash,
            "operations": [operation_json(one, self.unfit) for one in self.migration.operations],
            "changes": [one.as_json() for one in self.changes],
            "permissions": [one.as_json() for one in self.permissions],
            "affected": self.affected.as_json(),
        }

    def lines(self, translate: Translate = untranslated) -> Iterator[str]:
        """The plan in words."""
        if self.empty:
            yield translate(N_("Nothing changes: this configuration is in service."))
            return
        start = N_("From release {base}:") if self.base else N_("The first release:")
        yield translate(start).format(base=self.base)
        if self.unread:
            yield translate(UNREAD)
        for title, lines in self._parts(translate):
            if lines:
                yield f"{translate(title)}"
                yield from (f"  {line}" for line in lines)
        if not self.changes and not self.migration.operations and not self.unread:
            yield translate(N_("Only comments, examples or layout differ."))

    def _parts(self, translate: Translate) -> Iterator[tuple[str, list[str]]]:
        risks = {"safe": N_("safe"), "lossy": N_("lossy"), "question": N_("needs an answer")}
        yield (
            N_("Tables"),
            [
                f"{translate(risks[one.risk])}: {operation_words(one, self.unfit, translate)}"
                for one in self.migration.operations
            ],
        )
        yield N_("Rules"), [_change(one, translate) for one in self.changes]
        signs = {"gained": N_("gains"), "lost": N_("loses")}
        yield (
            N_("Permissions"),
            [
                f"{one.role} {translate(signs[one.change])} {one.record_type}: {one.action}"
                for one in self.permissions
            ],
        )
        yield N_("Open work"), [*open_work(self.affected, translate)]


def _change(one: Change, translate: Translate) -> str:
    place = f"({one.span.file}:{one.span.line})"
    if one.old is None:
        return f"{one.path}: {translate(N_('new'))} {one.new} {place}"
    if one.new is None:
        return f"{one.path}: {one.old} {translate(N_('removed'))} {place}"
    return f"{one.path} {one.old} → {one.new} {place}"


def open_work(
    affected: Affected,
    translate: Translate = untranslated,
    title: Callable[[str], str] = str,
    naming: bool = True,
) -> Iterator[str]:
    """What the records, clocks and people that a plan meets come to, line by line; title: what a record type
    is called; naming: with stored values that do not suit, and the records that hold them."""
    for name, states in affected.stranded.items():
        for state, count in states.items():
            text = N_("{count} records of {type} stand in the state {state}, which would exist no longer")
            yield translate(text).format(count=count, type=title(name), state=state)
    for one in affected.misfits if naming else ():
        words = one.words(translate, title(one.record_type))
        yield f"{words}: {rows_words(one.rows)}" if one.rows else words
    for name, states in affected.open_records.items():
        counted = ", ".join(f"{state} {count}" for state, count in states.items())
        yield translate(N_("records of {type}: {counted}")).format(type=title(name), counted=counted)
    for work in affected.carried:
        yield from _carried(work, translate, title)
    if affected.returning:
        text = N_("{count} open records go back to the release that they came from")
        yield translate(text).format(count=affected.returning)
    if affected.running_clocks:
        text = N_("{count} running clocks belong to service levels or calendars that change")
        yield translate(text).format(count=affected.running_clocks)
    if affected.clocks.moved or affected.clocks.newly_missed:
        yield _moving(affected.clocks, translate)
    for role, count in affected.people.items():
        yield translate(N_("{count} accounts with the role {role} lose access")).format(
            count=count, role=role
        )


def _moving(clocks: MovingClocks, translate: Translate) -> str:
    text = N_("{count} running clocks will be due at another time; {missed} will have missed it")
    if clocks.estimated:
        text = N_(
            "about {count} running clocks will be due at another time, and about {missed} will have missed"
            " it (an estimate from {counted} of {of} clocks)"
        )
    return translate(text).format(
        count=clocks.moved, missed=clocks.newly_missed, counted=clocks.counted, of=clocks.of
    )


_CARRIED = {
    "keep": N_("{count} open records of {type} keep the rules that they were made under"),
    "switch": N_("{count} open records of {type} go over to the new rules at once"),
    "ask": N_("{count} open records of {type} keep their rules until somebody who may edit them decides"),
}
_STUCK = N_(
    "{count} open records of {type} cannot go over: their state exists no longer; they keep their rules"
)


def _carried(one: OpenWork, translate: Translate, title: Callable[[str], str]) -> Iterator[str]:
    stuck = one.stuck if one.mode != "keep" else 0
    if one.count > stuck:
        yield translate(_CARRIED[one.mode]).format(count=one.count - stuck, type=title(one.record_type))
    if stuck:
        yield translate(_STUCK).format(count=stuck, type=title(one.record_type))


def plan_release(
    database: Database,
    draft: Release,
    now: datetime,
    open_records: str = "",
    restores: int | None = None,
) -> ReleasePlan:
    """The plan from what is live in `database` to `draft`, with the rows that each step meets counted.

    open_records: keep, switch or ask; empty = as the draft's `portal.releases` says. restores: the number of
    the earlier release that the draft brings back.
    """
    with database.reading() as session:
        return plan_within(session, database.instance, draft, now, None, open_records, restores)


def plan_within(
    session: Session,
    instance: Path,
    draft: Release,
    now: datetime,
    known: Context | None = None,
    open_records: str = "",
    restores: int | None = None,
) -> ReleasePlan:
    """`plan_release` inside the caller's session; known: surroundings of the release in service, where there
    are some, so that nothing is read and mapped twice."""
    mode = open_records or draft.portal.settings.releases.open_records
    live = live_if_any(session, now)
    if live is None or known is None or known.release.number != live.number:
        known = None
    with collector_paused():
        before = known.release if known else _served(session, instance, live)
        models = build_models(draft, mapped=False)
        try:
            migration = plan_for(session.connection(), models)
            changes = compare_portals(before.portal if before else None, draft.portal)
            permissions = compare_policies(compile_policy(before) if before else None, compile_policy(draft))
            affected = Affected()
            touched: tuple[str, ...] = ()
            unfit: Unfit = {}
            if before is not None:
                touched = touched_by(before, draft, changes)
                with _surroundings(session, instance, before, now, known) as here:
                    going = touched if mode == SWITCH else ()
                    affected = _affected(here, draft, changes, permissions, going)
                    unfit = unfit_rows(here, migration)
                    back = frozenset(returning(here, restores)) if restores is not None else frozenset()
                    carried = met_by(here, touched, mode, affected.stranded, back)
                    affected = replace(affected, carried=tuple(carried), returning=len(back))
        finally:
            models.dispose()
    return ReleasePlan(
        base=live.number if live else 0,
        hash=draft.hash,
        same=live is not None and live.hash == draft.hash,
        migration=migration,
        changes=changes,
        permissions=permissions,
        affected=affected,
        touched=touched,
        unread=live is not None and before is None,
        unfit=unfit,
    )


def _served(session: Session, instance: Path, live: StoredRelease | None) -> Release | None:
    """The release in service; None where there is none, or this program does not understand it any more: what
    takes its place has to come in all the same."""
    if live is None:
        return None
    try:
        return release_within(session, instance, live.number)
    except ConfigError as error:
        log.warning("release %s cannot be read by this program: %s", live.number, error)
        return None


@contextmanager
def _surroundings(
    session: Session, instance: Path, before: Release, now: datetime, known: Context | None
) -> Iterator[Context]:
    """The release in service as the portal itself reads by it."""
    if known is not None:
        yield replace(known, session=session, actor=SYSTEM, now=now)
        return
    models = build_models(before, mapped=False)
    try:
        policy = compile_policy(before)
        yield Context(before, policy, models, session, SYSTEM, now, untranslated, instance)
    finally:
        models.dispose()


def _affected(
    live: Context,
    draft: Release,
    changes: Iterable[Change],
    permissions: Iterable[PermissionChange],
    going: Iterable[str],
) -> Affected:
    """going: what of `touched_by` goes over to the draft's rules at once."""
    session, old, before = live.session, live.models, live.release
    declared = {one.declaration for one in changes}
    touched = [name for name, record in draft.records.items() if _rules_of(draft, record) & declared]
    counts = {name: count_by_state(session, old, name) for name in before.records}
    replaying = Replaying(live, replace(live, release=draft, machines={}, kept={}), live.now)
    return Affected(
        open_records={
            name: found for name in touched if (found := _open(draft.records[name], counts.get(name, {})))
        },
        stranded={
            name: found
            for name, record in draft.records.items()
            if (found := _stranded(record, counts.get(name, {})))
        },
        running_clocks=count_running_clocks(session, old, _changed_levels(before, draft, declared)),
        people={
            role: count
            for role in sorted({one.role for one in permissions if one.change == "lost"})
            if (count := count_with_role(session, old, role))
        },
        misfits=tuple(misfits(live, draft)),
        clocks=moving_clocks(replaying, [name for name in going if not name.startswith(SCHEDULE)]),
    )


def _rules_of(release: Release, record: RecordModel) -> set[str]:
    """Full names of what a record type is judged by."""
    found = {record.name, *(name for one in record.fields.values() for name in one.checklists)}
    if record.workflow is not None:
        found.add(record.workflow.full_name)
    for level in release.portal.service_levels.values():
        target = release.record(level.of, level.regime)
        if target is not None and target.name == record.name:
            found.add(level.full_name)
    return found


def _open(record: RecordModel, counted: Mapping[str, int]) -> dict[str, int]:
    states = record.workflow.states if record.workflow is not None else {}
    return {name: count for name, count in counted.items() if name in states and not states[name].final}


def _stranded(record: RecordModel, counted: Mapping[str, int]) -> dict[str, int]:
    if record.workflow is None:
        return {}
    kept = {*record.workflow.states, *(one.was for one in record.workflow.states.values() if one.was)}
    return {state: count for state, count in counted.items() if state not in kept}


def _changed_levels(before: Release, draft: Release, declared: set[str]) -> set[str]:
    """Service levels whose target, calendar or holidays change, and those that are gone."""
    levels = before.portal.service_levels
    return {
        name
        for name, level in levels.items()
        if name in declared
        or name not in draft.portal.service_levels
        or (level.calendar and any(one.rpartition(".")[2] == level.calendar for one in declared))
    }
