"""A service level made ready: conditions compiled in the record's environment, durations and moments read.

Done once for each service level of a release; `clocks.judge_clock` then judges one record after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time as TimeOfDay
from typing import Literal

from app.checks.environments import record_environment
from app.expressions import Environment, Lookup
from app.rules.conditions import Compiler, Condition, lookups_of, phrase
from app.rules.schedules import NO, YES
from app.source import N_, ConfigError, Diagnostic, Phrase, Span, fault
from app.spec.clock_moments import Moment, counts_working_time, read_moment
from app.spec.durations import Duration, parse_clock, parse_duration
from app.spec.portal import Portal
from app.spec.portal_settings import Calendar, ChoiceList
from app.spec.records import STANDARD_FIELDS, FieldSpec, RecordType
from app.spec.service_levels import EscalationStep, ServiceLevel, StateMark, Target
from app.spec.small import Problem
from app.spec.workflows import Workflow

StepKind = Literal["warn", "escalate"]
PathParts = tuple[str, ...]
_UNSET = Duration("unset")


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a record: what a date or datetime `field` holds, or when it came into `state` (the first
    time, or with `last` the last time). `label` is the words for either."""

    field: str
    state: str
    last: bool
    label: Phrase
    at: Span


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One row of `within`: `time`, `at_most` and `cut_off` read, `when` and `beyond` compiled."""

    name: str
    spec: Target
    time: Duration
    at_most: Duration | None
    when: Condition | None
    beyond: Condition | None
    at: Span
    cut_off: TimeOfDay | None = None


@dataclass(frozen=True, slots=True)
class StepRule:
    """One warning or escalation; `index` counts within its list, `spec` is the escalation's own."""

    kind: StepKind
    index: int
    text: str
    moment: Moment
    office_hours: bool
    spec: EscalationStep | None
    at: Span

    @property
    def key(self) -> str:
        """The step by name: `warn[0]`, `escalate[2]`."""
        return f"{self.kind}[{self.index}]"


@dataclass(frozen=True, slots=True, repr=False)
class CompiledLevel:
    """A service level ready to judge.

    record: full name of the record type; calendar: full name of the calendar that counts, None = around the
    clock; finals: the record's final states; labels, options: words for fields and what they hold; `paths`
    and `lookups` are what the values of a `Version` must hold.
    """

    spec: ServiceLevel
    record: str
    environment: Environment
    zone: str
    calendar: str | None
    always: bool
    start: Mark
    ends: tuple[Mark, ...]
    before: Mark | None
    when: Condition | None
    pause: Condition | None
    done: Condition | None
    targets: tuple[TargetRule, ...]
    steps: tuple[StepRule, ...]
    states: Mapping[str, Phrase]
    finals: frozenset[str]
    first_state: str
    labels: Mapping[str, Phrase]
    options: Mapping[str, Mapping[str, Phrase]]

    def __repr__(self) -> str:
        return f"CompiledLevel({self.spec.full_name})"

    @property
    def name(self) -> str:
        return self.spec.full_name

    @property
    def conditions(self) -> tuple[Condition, ...]:
        rows = [one for row in self.targets for one in (row.when, row.beyond)]
        return tuple(one for one in (self.when, self.pause, self.done, *rows) if one is not None)

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        return lookups_of(self.conditions)

    @property
    def paths(self) -> frozenset[PathParts]:
        """Every dotted path that conditions, marks and agreed dates read."""
        marks = (self.start, *self.ends, *((self.before,) if self.before else ()))
        read = {tuple(path.split(".")) for one in self.conditions for path in one.reads}
        read |= {(mark.field,) for mark in marks if mark.field}
        read |= {
            (time.name,) for row in self.targets for time in (row.time, row.at_most) if time and time.name
        }
        return frozenset(read | ({("state",)} if self.states else set()))


def compile_service_level(portal: Portal, level: ServiceLevel) -> CompiledLevel:
    """Make a service level ready. Raises ConfigError with every fault that it still has."""
    record = portal.find(RecordType, level.of, level.regime)
    if record is None:
        text = N_("no {kind} '{name}' is declared")
        kind = Phrase(N_("record type"))
        raise ConfigError([fault("REF001", level.span_of("of"), text, kind=kind, name=level.of)])
    compiler = Compiler(record_environment(portal, record), portal)
    workflow = portal.find(Workflow, record.workflow, record.regime)
    states = workflow.states if workflow is not None else {}
    labels = {name: Phrase(field.title or name) for name, field in (STANDARD_FIELDS | record.fields).items()}
    titles = {name: Phrase(state.title or name) for name, state in states.items()}
    marks = _Marks(labels, titles)
    targets = tuple(_target(index, one, compiler) for index, one in enumerate(level.within))
    steps = tuple(_steps(level, compiler.faults))
    calendar = _calendar(portal, level)
    compiled = CompiledLevel(
        spec=level,
        record=record.full_name,
        environment=compiler.environment,
        zone=portal.settings.timezone,
        calendar=calendar.full_name if calendar else None,
        always=calendar is None or calendar.always,
        start=marks.of(level.from_, level.span_of("from")),
        ends=tuple(marks.of(end, _end_at(level, index)) for index, end in enumerate(level.to or ())),
        before=marks.of(level.before, level.span_of("before")) if level.before else None,
        when=compiler.condition(level.when, level.span_of("when")),
        pause=compiler.condition(level.pause, level.span_of("pause")),
        done=compiler.condition(level.done, level.span_of("done")),
        targets=targets,
        steps=steps,
        states=titles,
        finals=frozenset(name for name, state in states.items() if state.final),
        first_state=workflow.start if workflow is not None else "",
        labels=labels,
        options={"state": titles, **_options(portal, record)},
    )
    if compiler.faults:
        raise ConfigError(compiler.faults)
    return compiled


def compile_service_levels(portal: Portal) -> Mapping[str, CompiledLevel]:
    """Every served service level whose record type is served too, by full name."""
    served = portal.served(RecordType)
    return {
        name: compile_service_level(portal, level)
        for name, level in portal.served(ServiceLevel).items()
        if portal.find(RecordType, level.of, level.regime) in served.values()
    }


def calendar_for(level: CompiledLevel, units: Sequence[str | None] = ()) -> str | None:
    """The full name of the calendar that counts, or None for around the clock.

    `units` are the calendars named by the record's unit and its ancestors, nearest first: the first that
    names one takes the place of the level's own, unless that one never stops (`always`) or there is none.
    """
    if level.always:
        return level.calendar
    return next((name for name in units if name), level.calendar)


@dataclass(frozen=True, slots=True)
class _Marks:
    labels: Mapping[str, Phrase]
    states: Mapping[str, Phrase]

    def of(self, written: str | StateMark, at: Span) -> Mark:
        if isinstance(written, StateMark):
            label = self.states.get(written.state, Phrase(written.state))
            return Mark("", written.state, written.last, label, at)
        return Mark(written, "", False, self.labels.get(written, Phrase(written)), at)


def _end_at(level: ServiceLevel, index: int) -> Span:
    several = isinstance(level.written_at("to"), (list, tuple))
    return level.span_at("to", index) if several else level.span_of("to")


def _target(index: int, spec: Target, compiler: Compiler) -> TargetRule:
    return TargetRule(
        name=f"within[{index}]",
        spec=spec,
        time=_duration(spec.time, spec.span_of("time"), compiler.faults),
        at_most=_duration(spec.at_most, spec.span_of("at_most"), compiler.faults) if spec.at_most else None,
        when=compiler.condition(spec.when, spec.span_of("when")),
        beyond=compiler.condition(spec.beyond, spec.span_of("beyond")),
        at=spec.span_of("time"),
        cut_off=_clock(spec, compiler.faults),
    )


def _clock(spec: Target, faults: list[Diagnostic]) -> TimeOfDay | None:
    found = parse_clock(spec.cut_off) if spec.cut_off is not None else None
    if found is None and spec.cut_off is not None:
        text = N_("'{written}' is no time of day")
        faults.append(fault("DUR001", spec.span_of("cut_off"), text, written=spec.cut_off))
    return found


def _duration(text: str | None, at: Span, faults: list[Diagnostic]) -> Duration:
    read = parse_duration(text)
    if isinstance(read, Problem):
        faults.append(read.at("DUR001", at))
        return _UNSET
    return read


def _steps(level: ServiceLevel, faults: list[Diagnostic]) -> Iterator[StepRule]:
    for index, word in enumerate(level.warn):
        at = level.span_at("warn", index)
        yield StepRule("warn", index, word, _moment(word, at, faults), False, None, at)
    for index, step in enumerate(level.escalate):
        moment = _moment(step.at, step.span_of("at"), faults)
        yield StepRule("escalate", index, step.at, moment, step.office_hours, step, step.span)


def _moment(word: str, at: Span, faults: list[Diagnostic]) -> Moment:
    read = read_moment(word)
    if isinstance(read, Problem):
        faults.append(read.at("SLA002", at))
        return Moment()
    return read


def _calendar(portal: Portal, level: ServiceLevel) -> Calendar | None:
    """The level's own calendar; the portal's where it has none and something in it counts working time."""
    if level.calendar is not None:
        return portal.find(Calendar, level.calendar, level.regime)
    if counts_working_time(level):
        return portal.find(Calendar, portal.settings.calendar, "")
    return None


def _options(portal: Portal, record: RecordType) -> Mapping[str, Mapping[str, Phrase]]:
    """The words of each value that a field can have, by field."""
    found = {name: _words(portal, record, spec) for name, spec in record.fields.items()}
    return {name: words for name, words in found.items() if words}


def _words(portal: Portal, record: RecordType, spec: FieldSpec) -> Mapping[str, Phrase]:
    if spec.type == "boolean":
        return {"True": YES, "False": NO}
    if isinstance(spec.options, dict):
        return {key: phrase(title, key) for key, title in spec.options.items()}
    choices = portal.find(ChoiceList, spec.options, record.regime) if isinstance(spec.options, str) else None
    return {key: phrase(one.title, key) for key, one in choices.options.items()} if choices else {}
