"""Service levels and duties: clocks that can be started, stopped and counted; work that recurs."""

from __future__ import annotations

import re

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.effects import effects_hold, parties
from app.checks.environments import bare_environment, record_types
from app.expressions import ANY, DATE, DATETIME, Environment, Type
from app.source import N_, Span, fault, warning
from app.spec.durations import parse_duration
from app.spec.portal_settings import Calendar
from app.spec.records import RecordType
from app.spec.service_levels import Duty, ServiceLevel, StateMark
from app.spec.small import Problem
from app.spec.workflows import Workflow

_SHARE = re.compile(r"[1-9]\d{0,2}(\.\d{1,2})?\s*%")
_MISSED = re.compile(r"missed(?:\s*\+\s*(?P<later>.+))?")
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
_EVERY = re.compile(
    rf"(\d{{1,3}}\s+)?(days?|weeks?(\s+on\s+{_DAY}(\s*,\s*{_DAY})*)?"
    r"|(months?|quarters?)(\s+on\s+([1-9]|[12]\d|3[01]|last))?|years?(\s+on\s+\d{2}-\d{2})?)"
)
_PER = ("day", "week", "month", "quarter", "year")


def clocks_hold(checking: Checking) -> Found:
    """REF001, REF003, REF010, DUR001, DUR002: what a service level names exists, its times can be read."""
    for level in checking.portal.service_levels.values():
        yield from checking.refer(RecordType, level.of, level.regime, level.span_of("of"))
        yield from checking.refer(Calendar, level.calendar, level.regime, level.span_of("calendar"))
        record = checking.find(RecordType, level.of, level.regime)
        if record is None:
            continue
        env = checking.environment(record)
        for key in ("when", "pause"):
            yield from checking.condition(getattr(level, key), level.span_of(key), env)
        types = record_types(checking.portal, record)
        yield from _ends(checking, level, record, types)
        for target in level.within:
            yield from checking.condition(target.when, target.span_of("when"), env)
            yield from checking.duration(target.time, target.span_of("time"), types)
            yield from checking.duration(target.at_most, target.span_of("at_most"))
        yield from _warnings(checking, level, env, record)


def _ends(checking: Checking, level: ServiceLevel, record: RecordType, types: dict[str, Type]) -> Found:
    workflow = checking.find(Workflow, record.workflow, record.regime)
    states = workflow.states if workflow is not None else {}
    for key, end in (("from", level.from_), ("to", level.to), ("before", level.before)):
        span = level.span_of(key)
        if isinstance(end, StateMark):
            if end.state not in states:
                text = N_("'{owner}' has no state '{name}'")
                yield unknown_word("REF010", end.span_of("state"), text, end.state, states, owner=level.of)
        elif end is not None and end not in types:
            yield missing_field(span, end, types, record.full_name)
        elif end is not None and types[end] not in (DATE, DATETIME, ANY):
            text = N_("'{name}' is neither a date nor a datetime")
            yield fault("SLA001", span, text, name=end)


def _warnings(checking: Checking, level: ServiceLevel, env: Environment, record: RecordType) -> Found:
    for index, word in enumerate(level.warn):
        yield from _moment(word, level.span_at("warn", index))
    for step in level.escalate:
        yield from _moment(step.at, step.span_of("at"))
        yield from parties(checking, step, "notify", step.notify, env, level.regime)
        yield from effects_hold(checking, step.do, env, record, level.regime)
    yield from parties(checking, level, "extend_by", level.extend_by, env, level.regime)
    if level.day_ends not in (None, "midnight", "close_of_business"):
        text = N_("'{name}' is not a way in which a day ends")
        known = ("midnight", "close_of_business")
        yield unknown_word("SLA001", level.span_of("day_ends"), text, str(level.day_ends), known)


def _moment(word: str, span: Span) -> Found:
    """SLA002: `80 %`, `missed`, `missed + 4 hours`."""
    found = _MISSED.fullmatch(word.strip())
    later = parse_duration(found["later"]) if found and found["later"] else None
    sound = found and not isinstance(later, Problem) and (later is None or later.kind == "length")
    if not sound and not _SHARE.fullmatch(word.strip()):
        hint = N_("write '80 %', 'missed' or 'missed + 4 hours'")
        yield fault("SLA002", span, N_("'{written}' is no moment of a clock"), hint, written=word)


def targets_are_reached(checking: Checking) -> Found:
    """SLA003: a target that stands behind one without `when` is never taken."""
    for level in checking.portal.service_levels.values():
        for index, target in enumerate(level.within):
            if target.when is None and index < len(level.within) - 1:
                text = N_("the targets after this one are never taken, because it has no 'when'")
                yield fault("SLA003", level.span_at("within", index), text, N_("write it last"))
                break


def times_are_set(checking: Checking) -> Found:
    """UNS001 (warning): times that the regulation leaves open; no clock runs for them."""
    for level in checking.portal.service_levels.values():
        for target in level.within:
            if target.time is None:
                text = N_("a time of '{name}' is left open by the regulation")
                yield warning("UNS001", target.span_of("time"), text, name=level.full_name)
    for duty in checking.portal.duties.values():
        if duty.wrote("every") and duty.every is None:
            text = N_("how often '{name}' is due is left open by the regulation")
            yield warning("UNS001", duty.span_of("every"), text, name=duty.full_name)


def duties_hold(checking: Checking) -> Found:
    """REF001, SLA004, DUR001 and the faults of expressions: what duties create, for whom and how often."""
    for duty in checking.portal.duties.values():
        regime = duty.regime
        yield from checking.refer(RecordType, duty.for_each, regime, duty.span_of("for_each"))
        yield from checking.refer(RecordType, duty.create, regime, duty.span_of("create"))
        yield from checking.refer(Calendar, duty.calendar, regime, duty.span_of("calendar"))
        if duty.every is not None and not _EVERY.fullmatch(" ".join(duty.every.split())):
            hint = N_("write 'day', 'week on mon', 'month on 5', 'quarter', 'year on 03-01' or '2 weeks'")
            text = N_("'{written}' does not say how often")
            yield fault("SLA004", duty.span_of("every"), text, hint, written=duty.every)
        if duty.per is not None and duty.per not in _PER:
            text = N_("'{name}' is not a period")
            yield unknown_word("SLA004", duty.span_of("per"), text, duty.per, _PER)
        if duty.due is not None:
            yield from checking.duration(duty.due, duty.span_of("due"))
        each = checking.find(RecordType, duty.for_each, regime)
        env = checking.environment(each) if each else bare_environment(checking.portal, regime)
        yield from checking.condition(duty.where, duty.span_of("where"), env)
        yield from _created(checking, duty, env, each)


def _created(checking: Checking, duty: Duty, env: Environment, each: RecordType | None) -> Found:
    target = checking.find(RecordType, duty.create, duty.regime)
    if target is not None:
        types = record_types(checking.portal, target)
        for name, text in duty.with_.items():
            if name not in target.fields:
                yield missing_field(duty.key_at("with", name), name, target.fields, target.full_name)
            else:
                yield from checking.value(text, duty.span_at("with", name), env, types.get(name))[1]
    if duty.assign is not None and (duty.assign.startswith("role.") or each is not None):
        word = duty.assign
        if each is not None and each.full_name in ("unit", "person") and word.startswith(f"{each.name}."):
            word = f"this.{word.partition('.')[2]}"
        yield from checking.party(word, duty.span_of("assign"), env, duty.regime)
