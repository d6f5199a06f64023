"""The case that a penalty is judged by, gathered from a record: facts, people of that day, earlier faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

from app.access import link_id
from app.actions.context import Context
from app.actions.facts import counting_days
from app.actions.holders import Past, Place, Time, follow, person_at
from app.actions.penalty_judged import judged_of
from app.expressions import LinkType
from app.rules import Case, CompiledSchedule, EarlierPenalty, Person
from app.rules.conditions import FACTS, nested
from app.spec.durations import Duration
from app.storage import Record, lookup_values
from app.storage.penalties import earlier_penalties

OFFENDER, UNIT = "offender", "unit"
OCCURRED = ("occurred_at", "found_at")
"""Fields of a record that say when it happened, the first that is filled in; without one it is now."""
_LONGEST_DAYS: Mapping[str, int] = MappingProxyType(
    {"minute": 1, "hour": 1, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
)

_DAYS_OFF = 12
"""No more days than these, holidays and all, go by for one day's working time."""


@dataclass(frozen=True, slots=True)
class PenaltyRequest:
    """What to judge: `offender_id` in the matter of one record.

    schedule, record_type: full names; level: None where the schedule finds it by its own conditions; facts:
    by name, in place of the record's fields of the same names; joint: False sets off no joint liability;
    event: words for what happened; occurred_at: aware, None = as the record says (`OCCURRED`), or now.
    """

    schedule: str
    record_type: str
    record_id: int
    level: str | None
    offender_id: int
    facts: Mapping[str, object] = field(default_factory=dict)
    joint: bool = True
    event: str = ""
    occurred_at: datetime | None = None


def build_case(
    context: Context,
    schedule: CompiledSchedule,
    request: PenaltyRequest,
    source: Record,
    past: Past | None = None,
) -> Case:
    """Load everything that the schedule asks of the record and of the people around the offender.

    `past` is what was read for other cases of the same transaction.
    """
    at = _moment(context, request, source)
    facts = _facts(schedule, request, source)
    paths = _Paths(past or Past(context), schedule, request.offender_id, facts, at)
    persons = paths.persons()
    links = paths.links()
    unit = _source_unit(context, source) or paths.unit_id
    return Case(
        at=at,
        level=request.level,
        facts=facts,
        persons=persons,
        links=links,
        looked_up=_looked_up(context, schedule, request, facts, links, paths.unit_id),
        earlier=earlier_faults(
            context, schedule, (request.record_type, request.record_id), request.offender_id, at
        ),
        now=context.now,
        joint=request.joint,
        item=_text(source, "item"),
        class_=_text(source, "class"),
        unit="" if unit is None else str(unit),
    )


def unit_then(context: Context, person_id: int, at: datetime) -> int | None:
    """The unit that somebody belonged to on that day."""
    return _unit_then(Past(context), person_id, at)


def _unit_then(past: Past, person_id: int, at: datetime) -> int | None:
    found = follow(past, Place("person", person_id), ("unit",), Time(at, at))
    return found.id if isinstance(found, Place) else None


class _Paths:
    """Follows the dotted paths of a schedule: from the offender, the offender's unit, a fact, who acts."""

    def __init__(
        self,
        past: Past,
        schedule: CompiledSchedule,
        offender_id: int,
        facts: Mapping[str, object],
        at: datetime,
    ) -> None:
        self.past, self.schedule = past, schedule
        self.time = Time(at, at)
        self.unit_id = _unit_then(past, offender_id, at)
        me = past.context.actor.person_id
        self.roots: dict[str, Place | None] = {
            OFFENDER: Place("person", offender_id),
            UNIT: None if self.unit_id is None else Place("unit", self.unit_id),
            "me": None if me is None else Place("person", me),
        }
        for name, fact in schedule.facts.items():
            if isinstance(fact.type, LinkType):
                ident = _id(facts.get(name))
                self.roots[name] = None if ident is None else Place(fact.type.record, ident)

    def persons(self) -> dict[str, Person | None]:
        """Everybody whom the schedule may charge, by path; None where nobody held the place."""
        found = {path: self._person(path) for path in self.schedule.person_paths}
        ids = [ident for ident in found.values() if ident is not None]
        names = self.past.names(ids)
        return {
            path: None if ident is None else Person(str(ident), names.get(ident, ""))
            for path, ident in found.items()
        }

    def links(self) -> dict[str, object]:
        """The further paths that conditions read; a link is its id as text, like a person's."""
        values = {path: self._value(path) for path in self.schedule.link_types if path != OFFENDER}
        return {path: value for path, value in values.items() if value is not None}

    def _person(self, path: str) -> int | None:
        root, *parts = path.split(".")
        return person_at(self.past, self.roots.get(root), tuple(parts), self.time)

    def _value(self, path: str) -> object:
        root, *parts = path.split(".")
        found = follow(self.past, self.roots.get(root), tuple(parts), self.time)
        return str(found.id) if isinstance(found, Place) else found


def _moment(context: Context, request: PenaltyRequest, source: Record) -> datetime:
    """When it happened; of a mere date the noon, so that it is that day everywhere in the portal."""
    said = [request.occurred_at, *(source.values.get(name) for name in OCCURRED)]
    for found in said:
        if isinstance(found, datetime):
            return found.astimezone(UTC)
        if isinstance(found, date):
            return datetime.combine(found, time(12), context.zone).astimezone(UTC)
    return context.now.astimezone(UTC)


def _facts(schedule: CompiledSchedule, request: PenaltyRequest, source: Record) -> dict[str, object]:
    """The record's fields of the facts' names, then what was given; links as text ids, nothing empty."""
    found = {name: source.values.get(name) for name in schedule.facts} | dict(request.facts)
    linked = {name for name, fact in schedule.facts.items() if isinstance(fact.type, LinkType)}
    facts: dict[str, object] = {}
    for name, value in found.items():
        if name in linked:
            ident = link_id(value)
            value = None if ident is None else str(ident)
        if value is not None and value != "":
            facts[name] = value
    return facts


def _looked_up(
    context: Context,
    schedule: CompiledSchedule,
    request: PenaltyRequest,
    facts: Mapping[str, object],
    links: Mapping[str, object],
    unit_id: int | None,
) -> dict[str, object]:
    """Counts and sums over whole record types that the conditions ask for."""
    if not schedule.lookups:
        return {}
    types = {**schedule.link_types, **schedule.facts}
    scope: dict[str, object] = dict(facts)
    outer = {**facts, **links}
    for path, value in outer.items():
        if path in types and isinstance(types[path].type, LinkType):
            outer[path] = {"id": _id(value)}
    outer[OFFENDER] = {"id": request.offender_id}
    outer[UNIT] = None if unit_id is None else {"id": unit_id}
    scope |= {"level": request.level, "now": context.now, "today": context.today, **counting_days(context)}
    scope["me"] = {"id": context.actor.person_id}
    values = lookup_values(context.session, context.models, nested(outer, scope), schedule.lookups)
    found = values[FACTS]
    return {lookup.key: found[lookup.key] for lookup in schedule.lookups}


def earlier_faults(
    context: Context, schedule: CompiledSchedule, record: tuple[str, int], offender_id: int, at: datetime
) -> tuple[EarlierPenalty, ...]:
    """Standing penalties that the schedule's rule for repeated faults may count in the matter of a record
    (type, id) at that moment; a reward is no fault."""
    rule = schedule.repeat
    if rule is None or not rule.within.set:
        return ()
    same = rule.spec.same
    rows = earlier_penalties(
        context.session,
        context.models,
        at - _at_most(rule.within),
        at,
        record,
        offender_id if "person" in same else None,
        schedule.spec.full_name if "schedule" in same else None,
    )
    return tuple(
        EarlierPenalty(
            id=str(row.id),
            at=row.occurred_at or at,
            label=row.number or "",
            person=str(row.person_id or ""),
            level=str(judged_of(row).found_level or ""),
            schedule=row.schedule or "",
            item=str((row.facts or {}).get("item", "")),
            class_=str((row.facts or {}).get("class_", "")),
            unit=str((row.facts or {}).get("unit", "")),
            event=f"{row.record_type}#{row.record_id}" if row.record_id is not None else "",
        )
        for row in rows
        if (row.kind == "reward") == (schedule.kind == "reward")
    )


def _at_most(window: Duration) -> timedelta:
    """How far back the window can reach at all; the rule itself looks closer."""
    days = window.amount * _LONGEST_DAYS[window.unit] if window.kind == "length" else Decimal(31)
    if window.working:
        days = days * _DAYS_OFF + _DAYS_OFF
    return timedelta(days=min(int(days) + 2, 100 * 366))


def _source_unit(context: Context, source: Record) -> int | None:
    """The unit that the record itself names."""
    name = context.record(source.record_type).unit_field
    return link_id(source.values.get(name)) if name else None


def _text(source: Record, name: str) -> str:
    value = source.values.get(name)
    return value if isinstance(value, str) else ""


def _id(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return link_id(value)
