"""Service levels as clocks: whether they can stop, by what they count, and what their examples name."""

from __future__ import annotations

from collections.abc import Iterator

from app.checks.context import Checking, Found, unknown_word
from app.checks.environments import record_types
from app.expressions import compile_expression
from app.source import N_, fault, warning
from app.spec.clock_moments import Moment, counts_working_time, read_moment
from app.spec.durations import parse_clock
from app.spec.portal_settings import Calendar
from app.spec.records import RecordType
from app.spec.service_levels import CLOCK_RESULTS, CLOCK_WORDS, ServiceLevel, StateMark
from app.spec.workflows import Workflow

_MOMENTS = frozenset({"now", "today"})


def clocks_can_stop(checking: Checking) -> Found:
    """SLA005: a clock that goes on for ever, and marks that mean nothing where they stand."""
    for level, record in _levels(checking):
        workflow = checking.find(Workflow, record.workflow, record.regime)
        finals = [name for name, state in workflow.states.items() if state.final] if workflow else []
        if not level.to and not finals:
            text = N_("the clock '{name}' never stops, for '{owner}' comes to no final state")
            hint = N_("write 'to:' with a date or datetime field, or with a state")
            yield fault("SLA005", level.span, text, hint, name=level.full_name, owner=level.of)
        for end in level.to or ():
            if isinstance(end, StateMark) and end.last:
                yield fault(
                    "SLA005", end.span_of("last"), N_("'last' says when a clock starts, not when it stops")
                )
        for target in level.within:
            if target.beyond is not None and target.at_most is None:
                text = N_("'beyond' allows more than 'at_most', and none is written")
                yield fault("SLA005", target.span_of("beyond"), text)
            if target.cut_off is not None and parse_clock(target.cut_off) is None:
                text = N_("'{written}' is no time of day")
                yield fault(
                    "DUR001", target.span_of("cut_off"), text, N_("write 22:00"), written=target.cut_off
                )
            elif target.cut_off is not None and level.before is not None:
                text = N_("'cut_off' moves a start, and this clock counts back from an event")
                yield fault("SLA005", target.span_of("cut_off"), text)


def clocks_count_by_a_calendar(checking: Checking) -> Found:
    """SLA006 (warning): working time, but neither the service level nor the portal names a calendar."""
    settings = checking.portal.settings
    for level, _ in _levels(checking):
        known = checking.find(Calendar, settings.calendar, "") is not None
        if level.calendar is None and not known and counts_working_time(level):
            text = N_("'{name}' counts working time, but no calendar is named: all time is working time")
            hint = N_("write 'calendar:' here, or in the portal for all that name none")
            yield warning("SLA006", level.span, text, hint, name=level.full_name)


def clocks_can_be_replayed(checking: Checking) -> Found:
    """SLA007 (warning): a pause that comes and goes without a change of the record, a share of no time."""
    for level, record in _levels(checking):
        if level.pause is not None:
            compiled, _ = compile_expression(
                level.pause, level.span_of("pause"), checking.environment(record)
            )
            for name in sorted(_MOMENTS & {path[0] for path in compiled.paths} if compiled else ()):
                text = N_(
                    "a pause begins and ends with a change of the record, but '{name}' changes by itself"
                )
                yield warning("SLA007", level.span_of("pause"), text, name=name)
        if level.before is None or level.before != level.from_:
            continue
        words = [(word, level.span_at("warn", index)) for index, word in enumerate(level.warn)]
        words += [(step.at, step.span_of("at")) for step in level.escalate]
        for word, span in words:
            read = read_moment(word)
            if isinstance(read, Moment) and read.share is not None:
                text = N_("'{written}' never comes: the clock starts with the event that it counts back from")
                yield warning("SLA007", span, text, N_("write 'missed - 2 hours'"), written=word)


def examples_of_clocks_name_known_things(checking: Checking) -> Found:
    """EXM001: what an example of a service level gives and expects exists."""
    for level, record in _levels(checking):
        types = record_types(checking.portal, record)
        known = {*types, *CLOCK_WORDS}
        for index, example in enumerate(level.examples):
            for name in example.given:
                if name.split(".")[0] not in known:
                    span = level.key_at("examples", index, "given", name)
                    text = N_("'{owner}' has no field '{name}'")
                    yield unknown_word("EXM001", span, text, name, known, owner=record.full_name)
            for name in example.expect:
                if name not in CLOCK_RESULTS:
                    span = level.key_at("examples", index, "expect", name)
                    text = N_("an example of a service level cannot expect '{name}'")
                    yield unknown_word("EXM001", span, text, name, CLOCK_RESULTS)


def _levels(checking: Checking) -> Iterator[tuple[ServiceLevel, RecordType]]:
    """The service levels whose record type is known."""
    for level in checking.each(ServiceLevel):
        record = checking.find(RecordType, level.of, level.regime)
        if record is not None:
            yield level, record
