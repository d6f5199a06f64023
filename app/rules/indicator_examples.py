"""Examples of indicators: measure the rows of each, compare the figure, name what none of them decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from app.checks import ExampleReport, FailedExample
from app.expressions import Period
from app.rules.clock_given import read_moment_words
from app.rules.indicator_given import RowReader, end_of, row_reader
from app.rules.indicator_rows import days_between, measure_rows
from app.rules.indicators import (
    CompiledIndicator,
    IndicatorResult,
    Measured,
    Reading,
    compile_indicator,
    judge_measured,
)
from app.rules.penalty_examples import NOON
from app.rules.values import figure, rounded_fraction
from app.source import N_, ConfigError, Diagnostic, Span, warning
from app.spec.indicator_examples import IndicatorExample, IndicatorFigure
from app.spec.period_names import read_period_name
from app.spec.portal import Portal
from app.spec.reports import Indicator
from app.spec.small import Problem

OPEN = "~"
LEAST_PLACES, MOST_PLACES = 2, 4
"""A figure is compared to as many decimals as are written, at least two, and shown with at most four more."""
_KEYS = ("value", "met", "counted", "holding")


def run_indicator(portal: Portal, indicator: Indicator) -> ExampleReport:
    """Run the examples of one indicator."""
    try:
        compiled = compile_indicator(portal, indicator)
    except ConfigError:
        return ExampleReport()
    record = portal.records.get(compiled.record)
    run = _Run(compiled, row_reader(portal, record, compiled.types) if record is not None else None)
    passed, failed = 0, list[FailedExample]()
    for example in indicator.examples:
        differences = tuple(run.differences(example))
        failed += differences
        passed += not differences
    return ExampleReport(passed, tuple(failed), tuple(run.unreached()))


@dataclass(slots=True)
class _Run:
    """The examples of one indicator. reached: the keys of it that one of them decided."""

    indicator: CompiledIndicator
    reader: RowReader | None
    reached: set[str] = field(default_factory=set)

    def differences(self, example: IndicatorExample) -> Iterator[FailedExample]:
        """One failure for each word that is not understood, or for each key that comes out otherwise."""
        period = self._period(example)
        now = self._now(example, period)
        if isinstance(now, FailedExample):
            yield now
            return
        if self.reader is None or self.indicator.spec.manual:
            measured = Measured(Reading(example.given.value))
        else:
            rows, misread = self.reader.rows(example.given.rows, now)
            for one in misread:
                place = example.given.span_at("rows", *one.path)
                yield FailedExample(place, example.name, _all_expected(example), one.mistake.message())
            if misread:
                return
            measured = measure_rows(self.indicator, rows, period, now)
        result = judge_measured(self.indicator, measured, period)
        self._note(result, len(example.given.rows))
        yield from _compared(example, result)

    def _period(self, example: IndicatorExample) -> Period | None:
        read = read_period_name(example.given.period) if example.given.period is not None else None
        if read is None or isinstance(read, Problem):
            return None
        return days_between(*read, self.indicator.zone)

    def _now(self, example: IndicatorExample, period: Period | None) -> datetime | FailedExample:
        """The moment that expressions know: as written, else the end of the period."""
        written = example.given.now
        if written is None:
            return end_of(period.last, self.indicator.zone) if period is not None else NOON
        try:
            return read_moment_words(written, self.indicator.zone).astimezone(UTC)
        except ValueError:
            place = example.given.span_of("now")
            return FailedExample(place, example.name, _all_expected(example), f"now {written}")

    def _note(self, result: IndicatorResult, given: int) -> None:
        if result.reading.counted is not None and result.reading.counted < given:
            self.reached.add("where")
        if result.value is not None:
            self.reached |= {"share", "value", "target"}

    def unreached(self) -> Iterator[Diagnostic]:
        """EXM003: a warning for `where` that leaves out no row, for a figure and a target that nothing is
        measured for."""
        spec = self.indicator.spec
        text = N_("no example of '{schedule}' reaches {rule}")
        hint = N_("add an example in which it decides")
        for rule in ("where", "share", "value", "target"):
            if getattr(spec, rule) is not None and rule not in self.reached:
                yield warning("EXM003", spec.span_of(rule), text, hint, schedule=spec.full_name, rule=rule)


def _compared(example: IndicatorExample, result: IndicatorResult) -> Iterator[FailedExample]:
    """One failure for each written key that comes out otherwise."""
    yield from _figures(example.name, "", example.expect, result)
    groups = {group_name(one): one for one in result.groups}
    for name, expected in example.expect.groups.items():
        found = groups.get(name)
        if found is None:
            place = example.expect.key_at("groups", name)
            yield FailedExample(place, example.name, f"groups {name}", f"groups {', '.join(groups) or OPEN}")
        else:
            yield from _figures(example.name, f"{name} ", expected, found)


def _figures(
    name: str, group: str, expected: IndicatorFigure, found: IndicatorResult
) -> Iterator[FailedExample]:
    for key in _KEYS:
        if not expected.wrote(key):
            continue
        wanted, got = _wanted(expected, key), _got(found, key, expected.value)
        if wanted != got:
            place: Span = expected.span_of(key)
            yield FailedExample(place, name, f"{group}{key} {wanted}", f"{group}{key} {got}")


def _wanted(expected: IndicatorFigure, key: str) -> str:
    value = getattr(expected, key)
    if isinstance(value, bool):
        return "true" if value else "false"
    return OPEN if value is None else figure(value)


def _got(found: IndicatorResult, key: str, expected: Decimal | None) -> str:
    """What came out; a figure that is the expected one to its last decimal reads the same."""
    if key == "met":
        return OPEN if found.met is None else str(found.met).lower()
    if key != "value":
        count = getattr(found.reading, key)
        return OPEN if count is None else str(count)
    if found.value is None:
        return OPEN
    exact = Fraction(found.value)
    if expected is not None and rounded_fraction(exact, _places(expected)) == expected:
        return figure(expected)
    return figure(rounded_fraction(exact, max(_places(expected or Decimal(0)), MOST_PLACES)))


def _places(written: Decimal) -> int:
    exponent = written.as_tuple().exponent
    return max(LEAST_PLACES, -exponent if isinstance(exponent, int) else 0)


def group_name(result: IndicatorResult) -> str:
    """A group in the words of examples: `kitchen`, or `kitchen, fine` where there are several fields."""
    return ", ".join(_word(part) for part in result.reading.group)


def _word(part: object) -> str:
    if part is None:
        return OPEN
    return str(part).lower() if isinstance(part, bool) else str(part)


def _all_expected(example: IndicatorExample) -> str:
    expect = example.expect
    return ", ".join(f"{key} {_wanted(expect, key)}" for key in _KEYS if expect.wrote(key)) or "groups"
