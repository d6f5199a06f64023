"""Indicators: a figure over the records of a period, held against its target, with the reasons.

`compile_indicator` makes one ready, `app.rules.indicator_rows` measures rows in hand, and `judge_measured`
judges what was measured, whoever read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from app.checks.environments import bare_environment, record_types, rows_environment
from app.expressions import NUMBER, Environment, Period, Type, parse
from app.expressions.exact import share as exact_share
from app.expressions.exact import written
from app.expressions.tree import Called, Tree, parts_of
from app.rules.conditions import Compiler, Condition
from app.rules.reasons import Reason, Word, because
from app.rules.values import Plain, figure, plain
from app.source import N_, ConfigError, Phrase, Span, fault
from app.spec.figures import Figure, parse_figure
from app.spec.portal import Portal
from app.spec.records import RecordType
from app.spec.reports import Indicator
from app.spec.small import Problem

AGGREGATES = frozenset({"count", "sum", "avg", "median", "min", "max", "share"})
PERCENT = "%"
Group = tuple[Plain, ...]
"""The values of the fields under `by`, in that order; a link by its id."""


@dataclass(frozen=True, slots=True)
class CompiledIndicator:
    """An indicator made ready.

    record: full name of the record type, empty for a `manual` figure of none; types: its fields; where,
    share: conditions of one row; value: the figure over rows in hand; parts: the sums and counts it is made
    of, by their words; target: None = left open.
    """

    spec: Indicator
    record: str
    types: Mapping[str, Type]
    environment: Environment
    zone: str
    where: Condition | None
    share: Condition | None
    value: Condition | None
    parts: Mapping[str, Condition]
    target: Figure | None

    def __repr__(self) -> str:
        return f"CompiledIndicator({self.spec.full_name})"

    @property
    def by(self) -> tuple[str, ...]:
        return self.spec.by

    @property
    def unit(self) -> str:
        """What the figure is measured in."""
        if self.spec.share is not None:
            return PERCENT
        return self.spec.unit or (self.target.unit if self.target is not None else "")

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(one for one in (self.where, self.share, self.value) if one is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured, of everything or of one group.

    value: None where there is nothing to count; counted: how many rows; holding: for how many of them `share`
    holds; both are None where they are not known. parts: the sums and counts that `value` is made of.
    """

    value: Decimal | None
    counted: int | None = None
    holding: int | None = None
    group: Group = ()
    parts: Mapping[str, Plain] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: everything, and each group of `by`."""

    whole: Reading
    groups: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """A figure judged. met: None where the target is left open or there is no figure."""

    indicator: CompiledIndicator
    reading: Reading
    met: bool | None
    because: tuple[Reason, ...]
    groups: tuple[IndicatorResult, ...] = ()

    @property
    def value(self) -> Decimal | None:
        return self.reading.value

    @property
    def shown(self) -> str:
        """The figure with its unit, at most four decimals; `~` where there is none."""
        return shown(self.indicator, self.reading.value)

    def told(self) -> dict[str, Plain]:
        """What programs rely on; reasons are told by `Reason.told`."""
        reading = self.reading
        return {
            "group": list(reading.group),
            "value": in_digits(reading.value),
            "met": self.met,
            "counted": reading.counted,
            "holding": reading.holding,
            "groups": [one.told() for one in self.groups],
        }


def in_digits(value: object) -> Plain:
    """A number as results tell it: the exact one in plain digits, without needless zeros."""
    return written(value) if isinstance(value, Decimal) else plain(value)


def shared(counted: int, holding: int, group: Group = ()) -> Reading:
    """The reading of a share: `holding` of `counted` in percent, to 20 places."""
    found = exact_share(holding, counted)
    return Reading(None if found is None else Decimal(found), counted, holding, group)


def compile_indicator(portal: Portal, indicator: Indicator) -> CompiledIndicator:
    """Make an indicator ready. Raises ConfigError with every fault that it still has."""
    record = portal.find(RecordType, indicator.of, indicator.regime)
    if record is None and (indicator.of is not None or not indicator.manual):
        text, kind = N_("no {kind} '{name}' is declared"), Phrase(N_("record type"))
        raise ConfigError(
            [fault("REF001", indicator.span_of("of"), text, kind=kind, name=indicator.of or "")]
        )
    if record is None:
        environment = bare_environment(portal, indicator.regime)
    else:
        environment = rows_environment(portal, record, indicator.regime)
    compiler = Compiler(environment, portal)
    at = indicator.span_of("value")
    compiled = CompiledIndicator(
        spec=indicator,
        record=record.full_name if record is not None else "",
        types=record_types(portal, record) if record is not None else MappingProxyType({}),
        environment=environment,
        zone=portal.settings.timezone,
        where=compiler.condition(indicator.where, indicator.span_of("where")),
        share=compiler.condition(indicator.share, indicator.span_of("share")),
        value=compiler.value(indicator.value, at, NUMBER),
        parts=MappingProxyType(_parts(indicator.value, at, Compiler(environment, portal))),
        target=_target(indicator, compiler),
    )
    ways = sum(one is not None for one in (indicator.share, indicator.value))
    if ways != (0 if indicator.manual else 1):
        text = N_("the indicator '{name}' needs 'share' or 'value', or 'manual: true'")
        compiler.faults.append(fault("RPT004", indicator.span, text, name=indicator.full_name))
    if compiler.faults:
        raise ConfigError(compiler.faults)
    return compiled


def _target(indicator: Indicator, compiler: Compiler) -> Figure | None:
    if indicator.target is None:
        return None
    read = parse_figure(indicator.target)
    if isinstance(read, Problem):
        compiler.faults.append(read.at("FIG001", indicator.span_of("target")))
        return None
    return read


def _parts(text: str | None, span: Span, compiler: Compiler) -> dict[str, Condition]:
    """The innermost sums and counts of `value`, by their words, where it is more than one of them."""
    tree = parse(text, span)[0] if text is not None else None
    found = {one.text: compiler.value(one.text, span) for one in _calls(tree)} if tree is not None else {}
    return {words: one for words, one in found.items() if one is not None and words != text}


def _calls(tree: Tree) -> Iterator[Called]:
    within = [found for part in parts_of(tree) for found in _calls(part)]
    if not within and isinstance(tree, Called) and tree.name in AGGREGATES:
        within = [tree]
    yield from within


def judge_measured(
    indicator: CompiledIndicator, measured: Measured, period: Period | None = None
) -> IndicatorResult:
    """Hold what was measured against the target, everything and each group."""
    groups = tuple(_judged(indicator, reading, period) for reading in measured.groups)
    return _judged(indicator, measured.whole, period, groups)


def _judged(
    indicator: CompiledIndicator,
    reading: Reading,
    period: Period | None,
    groups: tuple[IndicatorResult, ...] = (),
) -> IndicatorResult:
    target, value = indicator.target, reading.value
    met = None if target is None or value is None else target.holds(value)
    counted = _counted_reason(indicator, reading, period)
    why = _figure_reason(indicator, reading, (counted,) if counted is not None else ())
    return IndicatorResult(indicator, reading, met, (_target_reason(indicator, reading, met, why),), groups)


def _target_reason(indicator: CompiledIndicator, reading: Reading, met: bool | None, why: Reason) -> Reason:
    spec, target = indicator.spec, indicator.target
    if target is None:
        text = N_("the target is left open: the figure is neither met nor missed")
    elif met is None:
        text = N_("there is no figure to hold against the target {target}")
    else:
        text = N_("{figure} meets the target {target}") if met else N_("{figure} misses the target {target}")
    words = {"figure": shown(indicator, reading.value), "target": spec.target or ""}
    inputs: dict[str, Plain] = {"value": in_digits(reading.value), "target": spec.target}
    place = spec.span_of("target") if spec.wrote("target") else spec.span
    return because("target", place, text, inputs, (why,), **words)


def _figure_reason(indicator: CompiledIndicator, reading: Reading, children: tuple[Reason, ...]) -> Reason:
    spec, inputs = indicator.spec, dict(reading.parts)
    if reading.counted is not None:
        inputs["counted"] = reading.counted
    if spec.manual:
        text = N_("{figure} was entered by hand")
        if reading.value is None:
            text = N_("no figure was entered")
        return because(
            "manual", spec.span_of("manual"), text, inputs, children, figure=shown(indicator, reading.value)
        )
    rule = "share" if spec.share is not None else "value"
    if reading.holding is not None:
        inputs["holding"] = reading.holding
    text = N_("{figure}: '{condition}' holds for {holding} of {counted}") if rule == "share" else ""
    if rule == "value":
        text = N_("{figure}: '{condition}' over {counted}")
    if reading.value is None:
        text = N_("there is nothing to count, so there is no figure")
        if reading.counted:
            text = N_("'{condition}' over {counted} gives no figure: there is nothing to divide by")
    return because(
        rule,
        spec.span_of(rule),
        text,
        inputs,
        children,
        figure=shown(indicator, reading.value),
        condition=spec.share or spec.value or "",
        holding=reading.holding or 0,
        counted=reading.counted or 0,
    )


def _counted_reason(indicator: CompiledIndicator, reading: Reading, period: Period | None) -> Reason | None:
    """Which rows counted: those that `where` takes, in the period."""
    where = indicator.where
    if where is None or reading.counted is None:
        return None
    inputs: dict[str, Plain] = {"counted": reading.counted}
    text = N_("{counted} counted where '{condition}'")
    words: dict[str, Word] = {"counted": reading.counted, "condition": where.source}
    if period is not None:
        text = N_("{counted} counted where '{condition}', from {first} to {last}")
        first, last = period.first.isoformat(), period.last.isoformat()
        inputs |= {"first": first, "last": last}
        words |= {"first": first, "last": last}
    return Reason("where", where.span.file, where.span.line, text, words, inputs)


def shown(indicator: CompiledIndicator, value: Decimal | None) -> str:
    """A figure with the indicator's unit, at most four decimals; `~` for none."""
    if value is None:
        return "~"
    return " ".join(part for part in (figure(Fraction(value)), indicator.unit) if part)
