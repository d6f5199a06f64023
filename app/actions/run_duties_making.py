"""One turn of a duty for one target: its record, its tasks, what is kept from whom. In one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.access import Actor
from app.actions.context import Context, transaction
from app.actions.duty_facts import (
    Target,
    charged,
    duty_scope,
    hidden_places,
    unit_of_target,
    values_for,
)
from app.actions.facts import Scope
from app.actions.notices import notify
from app.actions.preparing import prepare_trusted
from app.actions.storing import Saved, store_new
from app.release.duty_model import DutyModel
from app.rules.duty_turns import LATE, Turn
from app.rules.said_times import said_moment
from app.source import N_
from app.spec.service_levels import MessageTemplate
from app.storage import read_record
from app.storage.duties import DUTY_RUN, known_runs
from app.storage.veils import draw_veil, lift_veil
from app.workflow import Notify


@dataclass(frozen=True, slots=True)
class Making:
    """What is to be made. since: from when on it could be made (the duty, the target must be there); part_of:
    the period's own row."""

    duty: DutyModel
    target: Target
    turn: Turn
    since: datetime
    part_of: int | None = None
    needed: int = 1

    @property
    def key(self) -> str:
        return turn_key(self.duty, self.target.key, self.turn.name)

    def is_late(self, now: datetime) -> bool:
        """Whether the portal was not at work when it began."""
        return now - max(self.turn.at, self.since) > LATE


def turn_key(duty: DutyModel, target_key: str, name: str) -> str:
    """What no two turns have in common."""
    return f"{duty.name}|{target_key}|{name}"


def make_turn(context: Context, making: Making) -> bool:
    """Make the turn unless it is there; False when somebody was faster. Raises what storing raises."""
    with transaction(context):
        if known_runs(context.session, context.models, [making.key]):
            return False
        make_within(context, making)
    return True


def make_within(context: Context, making: Making, creates: bool = True) -> int:
    """The same inside the caller's transaction: id of the turn's row. creates: with its record and tasks."""
    duty, target, turn = making.duty, making.target, making.turn
    scope = duty_scope(context, duty, target, turn.at)
    people = charged(context, duty, scope)
    made = _record(context, making, scope, people) if creates and duty.creates is not None else None
    run = _run(context, making, made, people)
    if creates or not duty.drawn:
        _tasks(context, making, run, made, people)
    units, persons = hidden_places(duty, scope)
    if units or persons:
        draw_veil(context.session, DUTY_RUN, run, units, persons, people)
        if made is not None:
            lift_veil(context.session, made.record_type, made.id)
            draw_veil(context.session, made.record_type, made.id, units, persons, people)
    return run


def _record(context: Context, making: Making, scope: Scope, people: tuple[int, ...]) -> Saved:
    """The record, with the defaults that it has at its time for the one who is charged with it."""
    record = context.record(making.duty.creates or "")
    one = people[0] if len(people) == 1 else None
    then = replace(context, actor=Actor(kind="system", person_id=one), now=making.turn.at)
    draft = prepare_trusted(then, record, values_for(making.duty, making.target, scope))
    draft.values |= {"created_by": None, "created_at": context.now}
    return store_new(context, draft)


def _run(context: Context, making: Making, made: Saved | None, people: tuple[int, ...]) -> int:
    duty, target, turn = making.duty, making.target, making.turn
    values: dict[str, object] = {
        "title": duty.label[:200],
        "duty": duty.name,
        "period": turn.period.name,
        "starts_on": turn.period.start,
        "ends_on": turn.period.end,
        "target": target.label[:200],
        "target_type": duty.target,
        "target_id": target.id or None,
        "unit": unit_of_target(target),
        "assignee": people[0] if len(people) == 1 else None,
        "occurs_at": turn.at,
        "due_at": turn.due_at,
        "needed": making.needed,
        "made": 0,
        "late": making.is_late(context.now),
        "record_type": made.record_type if made else None,
        "record_id": made.id if made else None,
        "part_of": making.part_of,
        "key": making.key,
    }
    draft = prepare_trusted(context, context.record(DUTY_RUN), _filled(values))
    return store_new(context, draft).id


def _tasks(context: Context, making: Making, run: int, made: Saved | None, people: tuple[int, ...]) -> None:
    """A task for everybody who is charged; the first who does it does it for all."""
    title = f"{making.duty.label} {making.target.label}".strip()
    values = {
        "title": title[:200],
        "role": (making.duty.role or "").rpartition(".")[2] or None,
        "record_type": made.record_type if made else DUTY_RUN,
        "record_id": made.id if made else run,
        "due_at": making.turn.due_at,
        "duty_run": run,
    }
    for person in people:
        draft = prepare_trusted(context, context.record("task"), _filled({**values, "assignee": person}))
        store_new(context, draft)
    _tell(context, making, run, made, people, title)


def _tell(
    context: Context, making: Making, run: int, made: Saved | None, people: tuple[int, ...], title: str
) -> None:
    """Everybody who is charged has a message that the turn has begun, in the transaction that makes it."""
    place = (made.record_type, made.id) if made is not None else (DUTY_RUN, run)
    stored = read_record(context.session, context.models, *place)
    if stored is None or not people:
        return
    due = making.turn.due_at
    note = ""
    if due is not None:
        end = said_moment(due, context.release.portal.settings.timezone, end=True)
        note = context.say(N_("to be done by {end}"), end=end)
    message = context.release.portal.find(MessageTemplate, making.duty.spec.message, making.duty.spec.regime)
    notice = Notify(people, frozenset(), message.full_name if message is not None else None)
    notify(context, context.record(place[0]), stored, notice, title, note)


def _filled(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
