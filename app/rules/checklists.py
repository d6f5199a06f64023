"""A checklist made ready: conditions compiled, limits read, what a failed item becomes settled.

Done once for each checklist of a release; `scoring.score` then scores one set of answers after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.checks.environments import checklist_environment, record_types
from app.expressions import Environment, Lookup, Type
from app.rules.calendars import WorkingCalendar
from app.rules.conditions import Compiler, Condition, lookups_of, phrase
from app.rules.elapsed import needs_calendar
from app.rules.values import figure
from app.rules.working_days import general_calendar
from app.source import ConfigError, Phrase, Span
from app.spec.checklists import (
    Checklist,
    ChecklistItem,
    ChecklistSection,
    Clause,
    Grade,
    OnFail,
    ScaleStep,
    Scoring,
    Standard,
)
from app.spec.durations import Duration, parse_duration
from app.spec.figures import Figure, parse_figure
from app.spec.portal import Portal
from app.spec.portal_settings import ChoiceList
from app.spec.records import FieldSpec, RecordType
from app.spec.small import Problem

JUDGED = frozenset({"pass_fail", "yes_no", "choice", "count", "score"})
"""Kinds of answers that say by themselves whether an item passes; a number does so only with a limit."""
_PERCENT_METHODS = frozenset({"pass_rate", "weighted"})


@dataclass(frozen=True, slots=True)
class FailRule:
    """What a failed item becomes: the item's own `on_fail` over its section's over the checklist's."""

    spec: OnFail
    at: Span
    rectify: Duration | None
    when: Condition | None
    values: Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class ItemRule:
    """One item, ready to judge.

    worth: its points, or 1 where the method counts items; None where it cannot count. best: the highest value
    of a `score` item. shares: option -> part of the points, 0 to 1; fails: options that fail.
    """

    spec: ChecklistItem
    section: str
    label: Phrase
    path: str
    worth: Decimal | None
    best: Decimal | None
    limit: Figure | None
    limit_at: Span
    when: Condition | None
    fail: FailRule | None
    options: Mapping[str, Phrase]
    shares: Mapping[str, Decimal]
    fails: frozenset[str]
    clause: Clause | None

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def judged(self) -> bool:
        """Whether an answer can fail."""
        return self.spec.answer in JUDGED or (self.spec.answer == "number" and self.limit is not None)

    @property
    def counts(self) -> bool:
        """Whether an answer takes part in the score."""
        return self.worth is not None and (self.judged or self.spec.points is not None)


@dataclass(frozen=True, slots=True)
class SectionRule:
    spec: ChecklistSection
    when: Condition | None


@dataclass(frozen=True, slots=True, repr=False)
class CompiledChecklist:
    """A checklist ready to score. `full` is the best score (None: the points of what was counted); `grades`
    are ordered from the best; `paths` and `lookups` are what the conditions read; `late` are the items that
    are asked by the score of the others; calendar: the portal's, where a time to put right needs one."""

    spec: Checklist
    environment: Environment
    zone: str
    scoring: Scoring
    full: Decimal | None
    sections: Mapping[str, SectionRule]
    items: Mapping[str, ItemRule]
    grades: tuple[Grade, ...]
    paths: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    conditional: bool = False
    late: frozenset[str] = frozenset()
    calendar: WorkingCalendar | None = None

    def __repr__(self) -> str:
        return f"CompiledChecklist({self.spec.full_name})"

    @property
    def total(self) -> Decimal:
        """The points of all items together."""
        return sum((item.spec.points or Decimal(0) for item in self.items.values()), Decimal(0))


def compile_checklist(portal: Portal, checklist: Checklist) -> CompiledChecklist:
    """Make a checklist ready. Raises ConfigError with every fault that it still has."""
    compiler = Compiler(checklist_environment(portal, checklist), portal)
    sections = {
        section.id: SectionRule(section, compiler.condition(section.when, section.span_of("when")))
        for section in checklist.sections
    }
    maker = _Items(portal, checklist, compiler)
    items = {item.id: maker.item(section, item) for section, item in checklist.items()}
    if compiler.faults:
        raise ConfigError(compiler.faults)
    scoring = checklist.scoring
    asked = [rule.when for rules in (sections.values(), items.values()) for rule in rules]
    fails = [rule.fail for rule in items.values() if rule.fail is not None]
    conditions = [
        *asked,
        *(rule.when for rule in fails),
        *(one for rule in fails for one in rule.values.values()),
    ]
    full = scoring.full
    if full is None and scoring.method in _PERCENT_METHODS:
        full = Decimal(100)
    return CompiledChecklist(
        spec=checklist,
        environment=compiler.environment,
        zone=portal.settings.timezone,
        scoring=scoring,
        full=full,
        sections=sections,
        items=items,
        grades=tuple(sorted(scoring.grades, key=_from, reverse=True)),
        paths=tuple(sorted(_read_by(conditions) | _agreed(fails))),
        lookups=lookups_of(conditions),
        conditional=any(one is not None and one.reads_answers for one in asked),
        late=frozenset(
            item.id
            for item in items.values()
            if any(one is not None and one.reads_score for one in (item.when, sections[item.section].when))
        ),
        calendar=general_calendar(portal) if any(_in_working_time(rule) for rule in fails) else None,
    )


def _read_by(conditions: Iterable[Condition | None]) -> set[str]:
    return {path for one in conditions if one for path in one.reads if path[0] != "$"}


def _agreed(fails: Iterable[FailRule]) -> set[str]:
    """The date fields by which something is to be put right."""
    return {one.rectify.name for one in fails if one.rectify is not None and one.rectify.kind == "field"}


def _in_working_time(rule: FailRule) -> bool:
    return rule.rectify is not None and needs_calendar(rule.rectify)


def _from(grade: Grade) -> Decimal:
    return grade.from_ if grade.from_ is not None else Decimal("-Infinity")


class _Items:
    """Compiles the items of one checklist."""

    def __init__(self, portal: Portal, checklist: Checklist, compiler: Compiler) -> None:
        self.portal, self.checklist, self.compiler = portal, checklist, compiler
        self.finding_types = finding_types(portal, checklist)

    def item(self, section: ChecklistSection, item: ChecklistItem) -> ItemRule:
        steps = self._steps(item)
        clause = self._clause(item)
        limit, limit_at = self._limit(item, clause)
        best = self._best(item)
        return ItemRule(
            spec=item,
            section=section.id,
            label=phrase(item.title, item.id),
            path=f"sections.{section.id}.items.{item.id}",
            worth=self._worth(item, best),
            best=best,
            limit=limit,
            limit_at=limit_at,
            when=self.compiler.condition(item.when, item.span_of("when")),
            fail=self._fail(section, item),
            options={name: phrase(step.title, name) for name, step in steps.items()},
            shares=_shares(item, steps),
            fails=_failing(item, steps),
            clause=clause,
        )

    def _best(self, item: ChecklistItem) -> Decimal | None:
        """The highest value of a scored item: its `max`, its points, or the list's full mark."""
        if item.answer != "score":
            return None
        average = self.checklist.scoring.method == "average"
        return next(
            (
                value
                for value in (item.max, item.points, self.checklist.scoring.full if average else None)
                if value is not None and value > 0
            ),
            None,
        )

    def _worth(self, item: ChecklistItem, best: Decimal | None) -> Decimal | None:
        method = self.checklist.scoring.method
        if item.answer == "score" and best is None:
            return None
        if method == "pass_rate":
            return Decimal(1)
        if item.points is not None:
            return item.points
        if method == "average":
            return best or Decimal(1)
        return Decimal(1) if method == "weighted" else Decimal(0)

    def _steps(self, item: ChecklistItem) -> Mapping[str, ScaleStep]:
        if isinstance(item.options, dict):
            return item.options
        found = self.portal.find(ChoiceList, item.options, self.checklist.regime)
        return (
            {name: ScaleStep(title=one.title or name) for name, one in found.options.items()} if found else {}
        )

    def _clause(self, item: ChecklistItem) -> Clause | None:
        """The clause of the standards library that the item names, as `standard.clause`."""
        name, _, clause = (item.standard or "").rpartition(".")
        standard = self.portal.find(Standard, name, self.checklist.regime)
        return standard.clauses.get(clause) if standard is not None else None

    def _limit(self, item: ChecklistItem, clause: Clause | None) -> tuple[Figure | None, Span]:
        """The item's own limit; a number or count without one takes the figure of its clause."""
        text, place = item.limit, item.span_of("limit")
        if isinstance(item.fails_below, Decimal):
            return _at_least(item.fails_below), item.span_of("fails_below")
        if text is None and clause is not None and item.answer in ("number", "count"):
            text, place = clause.figure, clause.span_of("figure")
        if text is None:
            return None, place
        read = parse_figure(text)
        if isinstance(read, Problem):
            self.compiler.faults.append(read.at("FIG001", place))
            return None, place
        return read, place

    def _fail(self, section: ChecklistSection, item: ChecklistItem) -> FailRule | None:
        layers = [
            layer for layer in (self.checklist.on_fail, section.on_fail, item.on_fail) if layer is not None
        ]
        if not layers:
            return None
        by_key = {key: one for one in layers for key in one.model_fields_set}
        merged = OnFail().model_copy(update={key: getattr(one, key) for key, one in by_key.items()})
        rectify = parse_duration(merged.rectify) if merged.rectify else None
        if isinstance(rectify, Problem):
            self.compiler.faults.append(rectify.at("DUR001", by_key["rectify"].span_of("rectify")))
            rectify = None
        when = self.compiler.condition(merged.when, by_key["when"].span_of("when")) if merged.when else None
        return FailRule(merged, layers[-1].span, rectify, when, self._values(layers))

    def _values(self, layers: list[OnFail]) -> Mapping[str, Condition]:
        """The further fields of the finding; an inner layer replaces single fields of an outer one."""
        values: dict[str, Condition] = {}
        for layer in layers:
            for name, text in layer.with_.items():
                want = self.finding_types.get(name)
                value = self.compiler.written(text, layer.span_at("with", name), want)
                if value is not None:
                    values[name] = value
        return values


def finding_types(portal: Portal, checklist: Checklist) -> dict[str, Type]:
    """The fields, with their types, of the record types that failed items of this checklist become."""
    types: dict[str, Type] = {}
    for record in portal.records.values():
        for spec in record.fields.values():
            if spec.type != "checklist" or not _runs(portal, record, spec, checklist):
                continue
            finding = portal.find(RecordType, spec.finding or "finding", record.regime)
            if finding is not None:
                types = {**record_types(portal, finding), **types}
    return types


def _runs(portal: Portal, record: RecordType, spec: FieldSpec, checklist: Checklist) -> bool:
    """Whether a checklist field may run this list; one that names none runs all of its regime's."""
    written = spec.options if isinstance(spec.options, tuple) else (spec.options, spec.to)
    named = [name for name in written if isinstance(name, str)]
    if not named:
        return record.regime == checklist.regime
    return any(portal.find(Checklist, name, record.regime) is checklist for name in named)


def _at_least(bound: Decimal) -> Figure:
    return Figure("ge", bound, None, text=f">= {figure(bound)}")


def _shares(item: ChecklistItem, steps: Mapping[str, ScaleStep]) -> dict[str, Decimal]:
    """What each option earns: its `share`, or else all unless it fails."""
    failing = _failing(item, steps)
    return {
        name: step.share if step.share is not None else Decimal(0 if name in failing else 1)
        for name, step in steps.items()
    }


def _failing(item: ChecklistItem, steps: Mapping[str, ScaleStep]) -> frozenset[str]:
    """Options marked `fails`, and those below `fails_below`: with a smaller share where all have one, else
    by their order, which is from the best in an item and rises in a choice list."""
    failing = {name for name, step in steps.items() if step.fails}
    if isinstance(item.fails_below, str) and item.fails_below in steps:
        order = list(steps)[:: -1 if isinstance(item.options, dict) else 1]
        below: Mapping[str, Decimal | int] = {name: index for index, name in enumerate(order)}
        if all(step.share is not None for step in steps.values()):
            below = {name: step.share or Decimal(0) for name, step in steps.items()}
        failing |= {name for name in order if below[name] < below[item.fails_below]}
    return frozenset(failing)
