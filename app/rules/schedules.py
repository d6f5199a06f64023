"""A penalty schedule made ready: conditions compiled, shares and durations read, places at hand.

Done once for each schedule of a release; `penalties.assess` then judges one case after another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from app.checks.environments import level_type, penalty_environment
from app.expressions import BOOLEAN, NUMBER, ChoiceType, Environment, LinkType, Lookup, Type
from app.rules.calendars import WorkingCalendar
from app.rules.conditions import Compiler, Condition, lookups_of, phrase
from app.rules.elapsed import needs_calendar
from app.rules.facts import FactType
from app.rules.working_days import general_calendar
from app.source import N_, ConfigError, Diagnostic, Phrase, Span, fault
from app.spec.durations import Duration, parse_duration
from app.spec.penalties import Bounds, JointLiability, Level, PenaltyKind, PenaltySchedule, Repeat
from app.spec.portal import Portal
from app.spec.portal_settings import ChoiceList, Role
from app.spec.small import Problem

OFFENDER = "offender"
YES, NO = Phrase(N_("yes")), Phrase(N_("no"))
_PATHS: Mapping[str, str] = MappingProxyType(
    {
        "offender": N_("the person in breach"),
        "offender.superior": N_("the direct superior of the person in breach"),
        "offender.superior.superior": N_("the skip-level superior of the person in breach"),
        "offender.unit.head": N_("the head of the person's unit"),
        "unit.head": N_("the head of the unit"),
    }
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_RAISE = re.compile(r"(\d+)\s+levels?")


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One step of the tariff. `open` says that its amount is left to the decider."""

    name: str
    index: int
    spec: Level
    label: Phrase
    amount: Decimal | None
    open: bool
    amount_at: Span
    when: Condition | None


@dataclass(frozen=True, slots=True)
class DeciderRule:
    """One row of `decided_by`; `labels` are the words for `who`."""

    name: str
    who: tuple[str, ...]
    labels: tuple[Phrase, ...]
    when: Condition | None
    at: Span


@dataclass(frozen=True, slots=True)
class JointRule:
    """One row of `joint_liability`; `label` is the words for its person, `share` a fraction of one, None
    where the decider says what is paid."""

    name: str
    spec: JointLiability
    label: Phrase
    share: Fraction | None
    when: Condition | None
    at: Span
    share_at: Span


@dataclass(frozen=True, slots=True)
class ExemptRule:
    """One row of `exempt`; `label` is the words for `instead`."""

    name: str
    instead: str | None
    label: Phrase
    note: str
    when: Condition
    at: Span


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """The rule for repeated faults, its window read; `levels_up` 0 raises nothing; `calendar` counts working
    time where the window is in it."""

    spec: Repeat
    within: Duration
    levels_up: int
    at: Span
    calendar: WorkingCalendar | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CompiledSchedule:
    """A schedule ready to judge. `person_paths` are the people whom the caller looks up for a case,
    `link_types` the further dotted paths that conditions read, `lookups` what must be loaded before."""

    spec: PenaltySchedule
    environment: Environment
    currency: str
    zone: str
    facts: Mapping[str, FactType]
    levels: Mapping[str, LevelRule]
    rank: ChoiceType
    decided_by: tuple[DeciderRule, ...]
    joint: tuple[JointRule, ...]
    exempt: tuple[ExemptRule, ...]
    repeat: RepeatRule | None
    formula: Condition | None
    lookups: tuple[Lookup, ...] = ()
    link_types: Mapping[str, FactType] = field(default_factory=dict)
    labels: Mapping[str, Phrase] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Phrase]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"CompiledSchedule({self.spec.full_name})"

    @property
    def kind(self) -> PenaltyKind:
        return self.spec.kind

    @property
    def bounds(self) -> Bounds:
        return self.spec.bounds

    @property
    def ladder(self) -> tuple[LevelRule, ...]:
        """The levels in rising order."""
        return tuple(self.levels.values())

    def sanction_label(self, name: str) -> Phrase:
        """The words for a sanction."""
        return phrase(self.spec.sanctions.get(name, ""), name)

    @property
    def person_paths(self) -> tuple[str, ...]:
        """The offender and everybody whom joint liability may reach, each path once."""
        return tuple(dict.fromkeys((OFFENDER, *(rule.spec.person for rule in self.joint))))


def compile_schedule(portal: Portal, schedule: PenaltySchedule) -> CompiledSchedule:
    """Make a schedule ready. Raises ConfigError with every fault that it still has."""
    compiler = Compiler(penalty_environment(portal, schedule), portal)
    environment = compiler.environment
    levels = {
        name: _level(name, index, level, portal.level_title(schedule, name), schedule.kind, compiler)
        for index, (name, level) in enumerate(schedule.levels.items())
    }
    deciders = tuple(
        DeciderRule(
            f"decided_by[{index}]",
            one.who,
            tuple(party_label(portal, schedule.regime, who) for who in one.who),
            compiler.condition(one.when, one.span_of("when")),
            one.span,
        )
        for index, one in enumerate(schedule.decided_by)
    )
    joint = tuple(
        _joint(index, one, party_label(portal, schedule.regime, one.person), compiler)
        for index, one in enumerate(schedule.joint_liability)
    )
    exempt = tuple(_exemptions(schedule, compiler))
    priced = Compiler(penalty_environment(portal, schedule, amounts=True), portal)
    formula = priced.value(schedule.formula, schedule.span_of("formula"), NUMBER)
    compiler.faults += priced.faults
    repeat = _repeat(portal, schedule.repeat, compiler.faults) if schedule.repeat else None
    if compiler.faults:
        raise ConfigError(compiler.faults)
    conditions = [rule.when for rules in (levels.values(), deciders, joint, exempt) for rule in rules]
    return CompiledSchedule(
        spec=schedule,
        environment=environment,
        currency=portal.settings.currency,
        zone=portal.settings.timezone,
        facts=_fact_types(schedule, environment),
        levels=MappingProxyType(levels),
        rank=level_type(portal, schedule),
        decided_by=deciders,
        joint=joint,
        exempt=exempt,
        repeat=repeat,
        formula=formula,
        lookups=lookups_of([*conditions, formula]),
        link_types=_link_types([*conditions, formula], schedule, environment),
        labels=_labels(schedule),
        options=_options(portal, schedule, environment),
    )


def party_label(portal: Portal, regime: str, who: str) -> Phrase:
    """The words for a role (`role.hr`) or a path to a person (`offender.superior`)."""
    if who.startswith("role."):
        role = portal.find(Role, who.removeprefix("role."), regime)
        return phrase(role.title if role else "", who)
    return Phrase(_PATHS.get(who, who))


def _level(
    name: str, index: int, level: Level, title: str, kind: PenaltyKind, compiler: Compiler
) -> LevelRule:
    return LevelRule(
        name=name,
        index=index,
        spec=level,
        label=Phrase(title),
        amount=level.amount,
        open=_is_open(level, kind),
        amount_at=level.span_of("amount"),
        when=compiler.condition(level.when, level.span_of("when")),
    )


def _is_open(level: Level, kind: PenaltyKind) -> bool:
    """Whether the decider sets what is charged: the regulation leaves it open (`~`), or the level writes
    nothing that would follow."""
    if level.amount is not None or (kind == "points" and level.points is not None):
        return False
    written = level.wrote("amount") or (kind == "points" and level.wrote("points"))
    return written or (level.points is None and not level.sanctions)


def _joint(index: int, one: JointLiability, label: Phrase, compiler: Compiler) -> JointRule:
    share = read_share(one.share) if one.share is not None else None
    if share is None and one.share is not None:
        hint = N_("write a number and %, such as 100 %")
        text = N_("'{written}' is not a share")
        compiler.faults.append(fault("PEN004", one.span_of("share"), text, hint, written=one.share))
    return JointRule(
        name=f"joint_liability[{index}]",
        spec=one,
        label=label,
        share=share,
        when=compiler.condition(one.when, one.span_of("when")),
        at=one.span,
        share_at=one.span_of("share"),
    )


def read_share(text: str) -> Fraction | None:
    """`50 %` as a fraction of one; None when it is no percentage."""
    found = _PERCENT.fullmatch(text.strip())
    return Fraction(found[1]) / 100 if found else None


def _exemptions(schedule: PenaltySchedule, compiler: Compiler) -> Iterator[ExemptRule]:
    for index, one in enumerate(schedule.exempt):
        when = compiler.condition(one.when, one.span_of("when"))
        label = schedule.sanctions.get(one.instead or "", one.instead or "")
        if when is not None:
            yield ExemptRule(f"exempt[{index}]", one.instead, Phrase(label), one.note, when, one.span)


def _repeat(portal: Portal, spec: Repeat, faults: list[Diagnostic]) -> RepeatRule | None:
    within = parse_duration(spec.within)
    if isinstance(within, Problem):
        faults.append(within.at("DUR001", spec.span_of("within")))
        return None
    up = _RAISE.fullmatch(spec.raise_.strip()) if spec.raise_ else None
    if spec.raise_ and up is None:
        text, hint = N_("'{written}' does not say by how many levels"), N_("write '1 level' or '2 levels'")
        faults.append(fault("PEN005", spec.span_of("raise"), text, hint, written=spec.raise_))
    calendar = general_calendar(portal) if needs_calendar(within) else None
    return RepeatRule(spec, within, int(up[1]) if up else 0, spec.span, calendar)


def _fact_types(schedule: PenaltySchedule, environment: Environment) -> Mapping[str, FactType]:
    return MappingProxyType(
        {
            name: FactType(name, environment.names[name], fact.type == "integer", fact.required)
            for name, fact in schedule.facts.items()
        }
    )


def _link_types(
    conditions: list[Condition | None], schedule: PenaltySchedule, environment: Environment
) -> Mapping[str, FactType]:
    """The paths that conditions read beyond facts and level, with their types."""
    own = {*schedule.facts, "level", "amount", "points", "now", "today"}
    paths = {path for condition in conditions if condition for path in condition.reads}
    return {path: FactType(path, path_type(environment, path)) for path in sorted(paths - own)}


def path_type(environment: Environment, path: str) -> Type:
    """The type of a dotted path that a checked expression reads."""
    first, *rest = path.split(".")
    found = environment.names[first]
    for part in rest:
        fields = environment.schema.fields(found.record) if isinstance(found, LinkType) else None
        if fields is None or part not in fields:
            raise KeyError(path)
        found = fields[part]
    return found


def _labels(schedule: PenaltySchedule) -> Mapping[str, Phrase]:
    labels = {name: phrase(fact.title, name) for name, fact in schedule.facts.items()}
    return {**labels, "level": Phrase(N_("level")), OFFENDER: Phrase(_PATHS[OFFENDER])}


def _options(
    portal: Portal, schedule: PenaltySchedule, environment: Environment
) -> Mapping[str, Mapping[str, Phrase]]:
    """The words of each value that a fact can have, by fact; of `level` too."""
    words: dict[str, Mapping[str, Phrase]] = {}
    for name, fact in schedule.facts.items():
        kind = environment.names[name]
        choices = portal.find(ChoiceList, fact.options, schedule.regime)
        if isinstance(kind, ChoiceType) and choices is not None:
            words[name] = {key: phrase(one.title, key) for key, one in choices.options.items()}
        elif kind == BOOLEAN:
            words[name] = {"True": YES, "False": NO}
    words["level"] = {name: Phrase(portal.level_title(schedule, name)) for name in schedule.levels}
    return words
