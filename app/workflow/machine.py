"""Workflow -> Machine: names resolved, guards and effects compiled, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.expressions import Expression
from app.release import RecordModel, Release
from app.spec.penalties import PenaltySchedule
from app.spec.reports import Report
from app.spec.service_levels import MessageTemplate
from app.spec.workflows import APPEAL_RESULTS, Effect, State, Transition, Workflow
from app.workflow.effects import CompiledEffect
from app.workflow.formulas import Formulas
from app.workflow.parties import Parties, PathParts, parse_parties


@dataclass(frozen=True, slots=True)
class Move:
    """One transition, compiled; `name` is its verb."""

    name: str
    spec: Transition
    by: Parties
    not_by: Parties
    guard: Expression | None
    effects: tuple[CompiledEffect, ...]

    @property
    def title(self) -> str:
        return self.spec.title or self.name

    @property
    def missed_clock(self) -> str | None:
        """The service level, as written, that makes it when it is missed."""
        return self.spec.missed_clock


@dataclass(frozen=True, slots=True)
class Machine:
    """The workflow of one record type."""

    record: RecordModel
    workflow: Workflow
    moves: Mapping[str, Move]

    def state(self, name: object) -> State | None:
        """The declaration of a state; None for an unknown or empty one."""
        return self.workflow.states.get(name) if isinstance(name, str) else None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression that may be evaluated when a transition is made: load their look-ups first."""
        return tuple(found for move in self.moves.values() for found in _expressions(move))

    @property
    def contests(self) -> bool:
        """Whether its records are appeals: a transition acts on the penalty that they contest."""
        return any(effect.spec.appeal is not None for move in self.moves.values() for effect in move.effects)

    @property
    def paths(self) -> frozenset[PathParts]:
        """Every dotted path that guards, parties and effects read: load these facts first."""
        found = {path for expression in self.expressions for path in expression.paths}
        for move in self.moves.values():
            found |= {*move.by.paths, *move.not_by.paths, *((name,) for name in move.spec.require)}
            found |= read_by(move.effects)[0]
        return frozenset(found)


def compile_workflow(release: Release, record: RecordModel) -> Machine | None:
    """The machine of a record type, or None when it has no workflow.

    Raises ConfigError with the faults of expressions that check let pass.
    """
    workflow = record.workflow
    if workflow is None:
        return None
    compiler = _Compiler(release, record, workflow.regime)
    moves = {name: compiler.move(name, spec) for name, spec in workflow.transitions.items()}
    compiler.formulas.raise_faults()
    return Machine(record, workflow, moves)


def compile_effects(
    release: Release, record: RecordModel, regime: str, effects: Iterable[Effect]
) -> tuple[CompiledEffect, ...]:
    """Effects that are written elsewhere than in a workflow, in `regime`, over records of one type.

    Raises ConfigError with the faults of expressions that check let pass.
    """
    compiler = _Compiler(release, record, regime)
    found = tuple(compiler.effect(one) for one in effects)
    compiler.formulas.raise_faults()
    return found


def read_by(effects: Iterable[CompiledEffect]) -> tuple[frozenset[PathParts], tuple[Expression, ...]]:
    """The dotted paths and the expressions that effects read: load these facts before they are worked out."""
    expressions = tuple(found for effect in effects for found in _of_effect(effect))
    paths = {path for expression in expressions for path in expression.paths}
    for effect in effects:
        paths |= {*effect.parties.paths, *((effect.path,) if effect.path else ())}
    return frozenset(paths), expressions


class _Compiler:
    """Compiles the transitions of one workflow for one record type."""

    def __init__(self, release: Release, record: RecordModel, regime: str) -> None:
        self.release, self.record, self.regime = release, record, regime
        self.formulas = Formulas(release, record)

    def move(self, name: str, spec: Transition) -> Move:
        portal = self.release.portal
        return Move(
            name=name,
            spec=spec,
            by=parse_parties(portal, self.regime, spec.by),
            not_by=parse_parties(portal, self.regime, spec.not_by),
            guard=self.formulas.condition(spec.when, spec.span_of("when")),
            effects=tuple(self.effect(effect) for effect in spec.do),
        )

    def effect(self, spec: Effect) -> CompiledEffect:
        when = self.formulas.condition(spec.when, spec.span_of("when"))
        message = self.release.portal.find(MessageTemplate, spec.message, self.regime)
        told = (*(spec.notify or ()), *(spec.task.to if spec.task else ()))
        found = CompiledEffect(
            spec=spec,
            when=when,
            parties=parse_parties(self.release.portal, self.regime, told),
            message=message.full_name if message else None,
        )
        acting = (self._creating, self._assessing, self._moving, self._appealing)
        for build in (self._setting, *acting, self._naming):
            found = build(spec, found)
        return found

    def _setting(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        if spec.set is None:
            return found
        values = self.formulas.values(spec.set, spec.span_of("set"), self.record)
        return replace(found, values=values)

    def _creating(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        if spec.create is None:
            return found
        target = self.release.record(spec.create.record, self.regime)
        values = self.formulas.values(spec.create.with_, spec.create.span_of("with"), target)
        return replace(found, target=target.name if target else None, values=values)

    def _assessing(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        if spec.assess is None:
            return found
        effect = spec.assess
        schedule = self.release.portal.find(PenaltySchedule, effect.schedule, self.regime)
        values = self.formulas.facts(schedule, effect.with_, effect.span_of("with"))
        return replace(
            found,
            target=schedule.full_name if schedule else None,
            values=values,
            level=self.formulas.level(schedule, effect.level, effect.span_of("level")),
            path=tuple(effect.offender.split(".")),
        )

    def _moving(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        if spec.move is None:
            return found
        path = tuple(spec.move.record.split("."))
        return replace(found, path=path, path_type=_type_at(self.release, self.record, path))

    def _appealing(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        if spec.appeal is None:
            return found
        effect = spec.appeal
        values = {
            "result": self.formulas.word(effect.result, effect.span_of("result"), APPEAL_RESULTS),
            "level": self.formulas.given(effect.level, effect.span_of("level")),
            "amount": self.formulas.given(effect.amount, effect.span_of("amount")),
            "reason": self.formulas.given(effect.reason, effect.span_of("reason")),
        }
        named = {name: formula for name, formula in values.items() if formula is not None}
        return replace(found, values=named, path=tuple(effect.penalty.split(".")))

    def _naming(self, spec: Effect, found: CompiledEffect) -> CompiledEffect:
        portal = self.release.portal
        if spec.print is not None:
            report = portal.find(Report, spec.print, self.regime)
            return replace(found, target=report.full_name if report else None)
        if spec.revoke is not None:
            schedule = portal.find(PenaltySchedule, spec.revoke, self.regime)
            return replace(found, target=schedule.full_name if schedule else None)
        return found


def _type_at(release: Release, record: RecordModel, path: PathParts) -> str | None:
    """Full name of the record type at the end of a path of links."""
    name: str | None = record.name
    for part in path:
        model = release.records.get(name) if name else None
        field = model.columns.get(part) if model else None
        name = field.target if field else None
    return name


def _expressions(move: Move) -> Iterator[Expression]:
    if move.guard is not None:
        yield move.guard
    for effect in move.effects:
        yield from _of_effect(effect)


def _of_effect(effect: CompiledEffect) -> Iterator[Expression]:
    found = (effect.when, effect.level, *effect.values.values())
    yield from (expression for expression in found if expression is not None)
