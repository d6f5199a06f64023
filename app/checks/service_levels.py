"""Service levels: clocks that can be started, stopped and counted."""

from __future__ import annotations

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.effects import effects_hold, parties
from app.checks.environments import record_types
from app.expressions import ANY, DATE, DATETIME, Environment, Type
from app.source import N_, Span, fault, warning
from app.spec.clock_moments import read_moment
from app.spec.portal_settings import Calendar
from app.spec.records import RecordType
from app.spec.service_levels import Duty, ServiceLevel, StateMark
from app.spec.small import Problem
from app.spec.workflows import Workflow


def clocks_hold(checking: Checking) -> Found:
    """REF001, REF003, REF010, DUR001, DUR002: what a service level names exists, its times can be read."""
    for level in checking.each(ServiceLevel):
        yield from checking.refer(RecordType, level.of, level.regime, level.span_of("of"))
        yield from checking.refer(Calendar, level.calendar, level.regime, level.span_of("calendar"))
        record = checking.find(RecordType, level.of, level.regime)
        if record is None:
            continue
        env = checking.environment(record)
        for key in ("when", "pause", "done"):
            yield from checking.condition(getattr(level, key), level.span_of(key), env)
        types = record_types(checking.portal, record)
        yield from _ends(checking, level, record, types)
        for target in level.within:
            for key in ("when", "beyond"):
                yield from checking.condition(getattr(target, key), target.span_of(key), env)
            yield from checking.duration(target.time, target.span_of("time"), types)
            yield from checking.duration(target.at_most, target.span_of("at_most"))
        yield from _warnings(checking, level, env, record)


def _ends(checking: Checking, level: ServiceLevel, record: RecordType, types: dict[str, Type]) -> Found:
    workflow = checking.find(Workflow, record.workflow, record.regime)
    states = workflow.states if workflow is not None else {}
    ends = level.to or ()
    several = isinstance(level.written_at("to"), (list, tuple))
    places = [(level.span_at("to", index) if several else level.span_of("to")) for index in range(len(ends))]
    named = [(level.span_of("from"), level.from_), (level.span_of("before"), level.before)]
    for span, end in [*named, *zip(places, ends, strict=True)]:
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
    """SLA002: `80 %`, `missed`, `missed + 4 hours`, `missed - 2 hours`."""
    read = read_moment(word)
    if isinstance(read, Problem):
        yield read.at("SLA002", span)


def targets_are_reached(checking: Checking) -> Found:
    """SLA003: a target that stands behind one without `when` is never taken."""
    for level in checking.each(ServiceLevel):
        for index, target in enumerate(level.within):
            if target.when is None and index < len(level.within) - 1:
                text = N_("the targets after this one are never taken, because it has no 'when'")
                yield fault("SLA003", level.span_at("within", index), text, N_("write it last"))
                break


def times_are_set(checking: Checking) -> Found:
    """UNS001 (warning): times that the regulation leaves open; no clock runs for them."""
    for level in checking.each(ServiceLevel):
        for target in level.within:
            if target.time is None:
                text = N_("a time of '{name}' is left open by the regulation")
                yield warning("UNS001", target.span_of("time"), text, name=level.full_name)
    for duty in checking.each(Duty):
        if duty.wrote("every") and duty.every is None:
            text = N_("how often '{name}' is due is left open by the regulation")
            yield warning("UNS001", duty.span_of("every"), text, name=duty.full_name)
