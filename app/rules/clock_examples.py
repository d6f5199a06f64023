"""Examples of service levels: judge each, compare what was expected, name the targets that none reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.checks import ExampleReport, FailedExample
from app.rules.calendars import WorkingCalendar
from app.rules.clock_given import clock_in_words, read_moment_words
from app.rules.clocks import Clock, judge_clock
from app.rules.mistakes import CaseError
from app.rules.said_times import said_moment
from app.rules.service_levels import CompiledLevel, calendar_for, compile_service_level
from app.source import N_, ConfigError, Diagnostic, warning
from app.spec.portal import Portal
from app.spec.service_levels import ServiceLevel, ServiceLevelExample

NOTHING = "~"


def run_level(portal: Portal, level: ServiceLevel, calendars: Mapping[str, WorkingCalendar]) -> ExampleReport:
    """Run the examples of one service level; `calendars` are the portal's by full name."""
    try:
        compiled = compile_service_level(portal, level)
    except ConfigError:
        return ExampleReport()
    passed, failed, reached = 0, list[FailedExample](), set[str]()
    for example in level.examples:
        try:
            clock = judge_in_words(compiled, example.given, calendars)
        except CaseError as error:
            said = "; ".join(one.message() for one in error.mistakes)
            expected = "; ".join(f"{key} {_written(value)}" for key, value in example.expect.items())
            failed.append(FailedExample(example.span_of("given"), example.name, expected, said))
            continue
        if clock.target is not None:
            reached.add(clock.target.name)
        differences = tuple(_differences(compiled, example, clock))
        failed += differences
        passed += not differences
    return ExampleReport(passed, tuple(failed), tuple(_unreached(compiled, reached)))


def judge_in_words(
    level: CompiledLevel, given: Mapping[str, str | None], calendars: Mapping[str, WorkingCalendar]
) -> Clock:
    """The clock of a record in words. Raises CaseError with every word that is not understood."""
    case = clock_in_words(level, given)
    calendar = calendars.get(calendar_for(level) or "")
    return judge_clock(level, case.versions, case.now, calendar, case.extensions, case.pauses)


def _differences(level: CompiledLevel, example: ServiceLevelExample, clock: Clock) -> Iterator[FailedExample]:
    """One failure for each key of the example that comes out otherwise."""
    for key, value in example.expect.items():
        expected, got = _comparable(level, key, value), _got(clock, key)
        if expected != got:
            place = example.span_at("expect", key)
            if key == "due" and clock.due_at is None:
                got = f"{got} ({clock.state})"
            yield FailedExample(place, example.name, expected, got)


def _comparable(level: CompiledLevel, key: str, value: str | None) -> str:
    """What is expected, in the form in which results are written."""
    if value is None or key != "due":
        return _written(value)
    try:
        return said_moment(read_moment_words(value, level.zone), level.zone, end=True)
    except ValueError:
        return value


def _got(clock: Clock, key: str) -> str:
    if key == "due":
        return said_moment(clock.due_at, clock.level.zone, end=True) if clock.due_at else NOTHING
    if key == "target":
        return _written(clock.target.spec.time if clock.target is not None else None)
    if key == "missed":
        return "true" if clock.missed else "false"
    return clock.state


def _written(value: str | None) -> str:
    return NOTHING if value is None else value


def _unreached(level: CompiledLevel, reached: set[str]) -> Iterator[Diagnostic]:
    """EXM003: a warning for each target that no example reaches."""
    text = N_("no example of '{schedule}' reaches {rule}")
    hint = N_("add an example in which it decides")
    for row in level.targets:
        if row.name not in reached:
            yield warning("EXM003", row.spec.span, text, hint, schedule=level.name, rule=row.name)
