"""What a duty's formulas read of the record that it is for, and what follows for this one target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.actions.context import Context
from app.actions.facts import Scope, record_scope
from app.expressions import evaluate
from app.release import RecordModel
from app.release.duty_model import DutyModel
from app.rules.calendars import WorkingCalendar, compile_calendars
from app.rules.duty_turns import Times
from app.storage import Record, people_with_role, read_record
from app.storage.duty_lists import calendars_of_units, units_of
from app.workflow.effects import plain
from app.workflow.parties import person_at

NO_TARGET = 0


@dataclass(frozen=True, slots=True)
class Target:
    """The record that a duty is done for. Without `for_each` there is one with no record: id 0, no words."""

    id: int
    label: str = ""
    record: RecordModel | None = None
    stored: Record | None = None

    @property
    def key(self) -> str:
        return f"{self.record.name}:{self.id}" if self.record is not None else ""


def calendars_of(context: Context) -> Mapping[str, WorkingCalendar]:
    """The calendars of the release, ready to count, made once."""
    return context.keep("calendars", lambda: compile_calendars(context.release.portal))


def times_of(context: Context, duty: DutyModel, calendar: str | None = None) -> Times:
    """How the duty's days are counted: by its own calendar, or by `calendar` in its place."""
    found = calendars_of(context).get(calendar or duty.calendar or "")
    return Times(context.release.portal.settings.timezone, found)


def by_calendar(
    context: Context, duty: DutyModel, targets: Collection[int]
) -> list[tuple[Times, tuple[int, ...]]]:
    """The targets in groups that count by the same calendar. A unit with a calendar of its own, or below one
    that has, counts by that instead of the duty's, unless the duty's never stops."""
    known = calendars_of(context)
    own = known.get(duty.calendar or "")
    if duty.target is None or own is None or own.always:
        return [(times_of(context, duty), tuple(targets))]
    calendars = calendars_of_units(context.session, context.models)
    groups: dict[str | None, list[int]] = {}
    units = units_of(context.session, context.models, duty.target, targets) if calendars else {}
    for target in targets:
        name = calendars.get(units.get(target) or 0)
        groups.setdefault(name if name in known else None, []).append(target)
    return [(times_of(context, duty, name), tuple(some)) for name, some in groups.items()]


def load_target(context: Context, duty: DutyModel, target_id: int) -> Target | None:
    """The target with that id; None when it is gone."""
    record = context.release.records.get(duty.target or "")
    if record is None:
        return Target(NO_TARGET)
    stored = read_record(context.session, context.models, record.name, target_id)
    return Target(target_id, stored.label, record, stored) if stored is not None else None


def duty_scope(context: Context, duty: DutyModel, target: Target, at: datetime) -> Scope:
    """What `with`, `assign` and `hidden_from` read; `now` and `today` are the turn's own moment."""
    moment: Scope = {"now": at, "today": at.astimezone(context.zone).date(), "me": None}
    if target.record is None or target.stored is None:
        return moment
    scope = record_scope(context, target.record, target.stored.values, duty.paths)
    scope |= {**moment, "id": target.id}
    if duty.alias:
        scope[duty.alias] = dict(scope)
    return scope


def values_for(duty: DutyModel, target: Target, scope: Scope) -> dict[str, object]:
    """The values of the record to be made."""
    values = {name: plain(evaluate(formula, scope)) for name, formula in duty.values.items()}
    if duty.link is not None and target.record is not None:
        values[duty.link] = target.id
    return values


def fixed_columns(context: Context, duty: DutyModel, target: Target, scope: Scope) -> dict[str, object]:
    """What a record made by hand must hold to count for this target, by column."""
    record = context.record(duty.creates or "")
    wanted = {name: plain(evaluate(formula, scope)) for name, formula in duty.fixed.items()}
    if duty.link is not None and target.record is not None:
        wanted[duty.link] = target.id
    columns: dict[str, Any] = {}
    for name, value in wanted.items():
        column = record.columns[name].column
        if column is not None and value is not None:
            columns[column] = value
    return columns


def charged(context: Context, duty: DutyModel, scope: Scope) -> tuple[int, ...]:
    """Ids of the persons who have to do it."""
    if duty.role is not None:
        return people_with_role(context.session, context.models, duty.role)
    if duty.path is None:
        return ()
    found = person_at(scope, duty.path)
    return (found,) if found is not None else ()


def hidden_places(duty: DutyModel, scope: Scope) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids of the units and of the persons that must not see it coming."""
    units: list[int] = []
    people: list[int] = []
    for one in duty.hidden:
        found = person_at(scope, one.path)
        if found is not None:
            (units if one.kind == "unit" else people).append(found)
    return tuple(units), tuple(people)


def unit_of_target(target: Target) -> int | None:
    """The unit that a turn belongs to: the target itself, or the one that it names."""
    if target.record is None or target.stored is None:
        return None
    if target.record.name == "unit":
        return target.id
    value = target.stored.values.get(target.record.unit_field or "")
    return value if isinstance(value, int) else None
