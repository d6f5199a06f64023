"""The service levels of a release, compiled, with the calendars that count for them.

A clock is judged by the text of the release under which it began: another time written into a later release
holds for clocks that begin from then on. Calendars are those of today, since holidays come as they come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.actions.configurations import release_within
from app.actions.context import Context
from app.actions.pinned import changes_of_rules, rules_of
from app.release import RecordModel, Release
from app.rules.calendars import WorkingCalendar, compile_calendars
from app.rules.service_levels import CompiledLevel, calendar_for, compile_service_levels
from app.source import ConfigError
from app.spec.penalties import PenaltySchedule
from app.spec.service_levels import ServiceLevel
from app.storage.deadlines import unit_calendars
from app.workflow import CompiledEffect, Machine, Parties, compile_effects, compile_workflow, parse_parties

PENALTY = "penalty"
_ALWAYS_READ = frozenset({"id", "me", "now", "today", "old", "this"})
_UNJUDGED = {"examples", "title", "help", "note", "source", "was"}
"""Keys of a service level that decide nothing."""


@dataclass(frozen=True, slots=True)
class Level:
    """A service level made ready. release: where its text stands; digest names that text; moves: transitions
    that it makes when it is missed, in the order written; schedules: those whose payment it times."""

    compiled: CompiledLevel
    release: Release
    digest: str
    moves: tuple[str, ...] = ()
    schedules: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.compiled.spec.full_name

    @property
    def record(self) -> RecordModel:
        return self.release.records[self.compiled.record]


def levels_of(context: Context, record_type: str) -> tuple[Level, ...]:
    """The service levels of a record type in the present release, in the order written."""
    return tuple(one for one in all_levels(context).values() if one.compiled.record == record_type)


def levels_for(context: Context, record_type: str, number: int | None) -> tuple[Level, ...]:
    """The service levels that hold for a record of that type which names release `number`."""
    release = rules_of(context, record_type, number)
    if release is context.release:
        return levels_of(context, record_type)
    past = context.keep(
        ("service levels", release.number), lambda: _past_levels(context, release.number)
    ).values()
    return tuple(one for one in past if one.compiled.record == record_type and _readable(context, one))


def had_levels(context: Context, record_type: str) -> bool:
    """Whether a record of that type may have clocks: by the present release or by one before."""
    changed = any(one.record_type == record_type for one in changes_of_rules(context))
    return changed or bool(levels_of(context, record_type))


def _readable(context: Context, level: Level) -> bool:
    """Whether the fields that a past service level reads are there still."""
    known = context.record(level.compiled.record).columns
    return all(path[0] in known or path[0] in _ALWAYS_READ for path in level.compiled.paths if path)


def all_levels(context: Context) -> Mapping[str, Level]:
    """Every served service level of the present release, by full name."""
    return context.keep("service levels", lambda: _levels(context.release))


def level_of_row(context: Context, name: str, digest: str | None, release: int | None) -> Level | None:
    """The service level by which a stored clock is judged: today's where its text is still the same, else the
    one of the release under which the clock began. None where neither is to be had."""
    present = all_levels(context).get(name)
    if present is not None and (digest in (None, present.digest) or not release):
        return present
    if not release:
        return None
    past = context.keep(("service levels", release), lambda: _past_levels(context, release))
    return past.get(name, present)


def calendars(context: Context) -> Mapping[str, WorkingCalendar]:
    """The calendars of the present release."""
    return context.keep("calendars", lambda: compile_calendars(context.release.portal))


def calendar_of(context: Context, level: Level, unit_id: int | None) -> WorkingCalendar | None:
    """The calendar that counts for records of a unit; None = around the clock."""
    compiled = level.compiled
    units: tuple[str | None, ...] = ()
    if not compiled.always and unit_id is not None:
        units = unit_calendars(context.session, context.models, unit_id)
    known = calendars(context)
    name = calendar_for(compiled, [one for one in units if one in known])
    return known.get(name) if name is not None else None


def effects_of(context: Context, level: Level, step: int) -> tuple[CompiledEffect, ...]:
    """The effects of an escalation, compiled."""
    spec = level.compiled.spec
    key = ("escalation", level.name, level.digest, step)
    return context.keep(
        key, lambda: compile_effects(level.release, level.record, spec.regime, spec.escalate[step].do)
    )


def told_by(level: Level, step: int) -> Parties:
    """Whom an escalation tells."""
    spec = level.compiled.spec
    return parse_parties(level.release.portal, spec.regime, spec.escalate[step].notify)


def digest_of(level: ServiceLevel) -> str:
    """SHA-256 (hex) over what a service level says, its examples and remarks left out."""
    return hashlib.sha256(level.model_dump_json(exclude=_UNJUDGED).encode()).hexdigest()


def _past_levels(context: Context, number: int) -> Mapping[str, Level]:
    try:
        return _levels(release_within(context.session, context.instance, number))
    except (KeyError, ConfigError):
        return {}


def _levels(release: Release) -> Mapping[str, Level]:
    payments = _payments(release)
    found: dict[str, Level] = {}
    for name, one in compile_service_levels(release.portal).items():
        machine = compile_workflow(release, release.records[one.record])
        moves = _moves(release, one, machine)
        found[name] = Level(one, release, digest_of(one.spec), moves, payments.get(name, frozenset()))
    return found


def _moves(release: Release, level: CompiledLevel, machine: Machine | None) -> tuple[str, ...]:
    """The transitions with `at: missed(...)` that name the level."""
    if machine is None:
        return ()
    named = (
        (name, move.missed_clock) for name, move in machine.moves.items() if move.missed_clock is not None
    )
    regime = machine.workflow.regime
    return tuple(
        name for name, clock in named if release.portal.find(ServiceLevel, clock, regime) is level.spec
    )


def _payments(release: Release) -> Mapping[str, frozenset[str]]:
    """Service level -> the penalty schedules whose time to pay it counts and which go on when it is
    missed."""
    found: dict[str, set[str]] = {}
    for name, schedule in release.portal.section(PenaltySchedule).items():
        payment = schedule.payment
        clock = payment.clock if payment is not None else None
        level = release.portal.find(ServiceLevel, clock, schedule.regime)
        if level is not None and payment is not None and payment.late:
            found.setdefault(level.full_name, set()).add(name)
    return {name: frozenset(schedules) for name, schedules in found.items()}
