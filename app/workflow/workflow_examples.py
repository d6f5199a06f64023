"""Examples of workflows: make the transition without a database, compare the state or the refusal.

`run_all_examples` runs these after those of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from app.access import SYSTEM, Actor, Policy, compile_policy, link_id
from app.checks import ExampleReport, FailedExample
from app.checks.environments import record_types
from app.checks.workflow_examples import follower, roles_written
from app.expressions.core import FACTS
from app.release import RecordModel, Release, compile_release
from app.rules.clock_given import read_moment_words
from app.rules.examples import run_examples
from app.rules.indicator_given import RowReader, row_reader
from app.rules.penalty_examples import NOON
from app.rules.working_days import counting
from app.source import N_, ConfigError, Diagnostic, warning
from app.spec.portal import Portal
from app.spec.portal_settings import Role
from app.spec.watching import Watch
from app.spec.workflows import WORKFLOW_WORDS, Workflow, WorkflowExample
from app.workflow.effects import Facts
from app.workflow.machine import Machine, compile_workflow
from app.workflow.refusals import TransitionRefused
from app.workflow.step import advance, available, permitted

NOTHING = "[]"


def run_all_examples(portal: Portal, watch: Watch | None = None) -> ExampleReport:
    """Run every example of a portal: those of the rules, and those of workflows, switched on or not."""
    run = watch or Watch(portal)
    reports = [run_examples(portal, run)]
    for full, workflow in run.plain.workflows.items():
        if workflow.examples:
            reports.append(run.ask(("workflows", full), partial(_run, run, full)))
    return ExampleReport(
        passed=sum(report.passed for report in reports),
        failed=tuple(failed for report in reports for failed in report.failed),
        unreached=tuple(found for report in reports for found in report.unreached),
    )


@dataclass(frozen=True, slots=True)
class _World:
    """All regimes of a portal, ready to act in."""

    release: Release
    policy: Policy


def _run(run: Watch, full: str) -> ExampleReport:
    world = run.within("workflow examples", lambda: _world(run.portal))
    return run_workflow(world.release, world.policy, run.portal.workflows[full]) if world else ExampleReport()


def _world(portal: Portal) -> _World | None:
    """None for a portal that still has faults: `check` names those."""
    settings = portal.settings.model_copy(update={"regimes": tuple(portal.regimes)})
    try:
        release = compile_release(replace(portal, settings=settings))
        return _World(release, compile_policy(release))
    except ConfigError:
        return None


def run_workflow(release: Release, policy: Policy, workflow: Workflow) -> ExampleReport:
    """Run the examples of one workflow."""
    records = [one for one in release.records.values() if one.workflow is workflow]
    try:
        stages = {one.name: _Stage.of(release, policy, one) for one in records}
    except ConfigError:
        return ExampleReport()
    known = [stage.reader.environment.names for stage in stages.values()]
    passed, failed, reached = 0, list[FailedExample](), set[str]()
    for example in workflow.examples:
        record = follower((one.spec for one in records), known, example)
        if record is None:
            continue
        differences = tuple(stages[record.full_name].differences(example, reached))
        failed += differences
        passed += not differences
    return ExampleReport(passed, tuple(failed), tuple(_unreached(workflow, reached)))


@dataclass(frozen=True, slots=True)
class _Case:
    """What an example gives: the record with whatever conditions read, and who acts."""

    facts: Facts
    actor: Actor


@dataclass(frozen=True, slots=True)
class _Stage:
    """One record type with its workflow, on which examples are played."""

    release: Release
    policy: Policy
    machine: Machine
    reader: RowReader

    @classmethod
    def of(cls, release: Release, policy: Policy, record: RecordModel) -> _Stage:
        """Raises ConfigError with the faults of expressions that check let pass."""
        reader = row_reader(release.portal, record.spec, record_types(release.portal, record.spec))
        return cls(release, policy, cast(Machine, compile_workflow(release, record)), reader)

    def differences(self, example: WorkflowExample, reached: set[str]) -> Iterator[FailedExample]:
        """One failure for each word that is not understood, or for each key that comes out otherwise.

        reached: gets the transitions whose condition was asked.
        """
        mistakes: list[FailedExample] = []
        case = self._case(example, mistakes)
        if mistakes:
            yield from mistakes
            return
        move = example.given.get("move")
        told = _Told.of(self, str(move), case) if move is not None else _Told()
        reached |= {str(move)} if told.asked else set()
        for key, written in example.expect.items():
            if key == "moves":
                wanted, got = _listed(written), _listed(self._moves(case))
            else:
                wanted, got = told.compared(key, written)
            if wanted != got:
                place = example.span_at("expect", key)
                yield FailedExample(place, example.name, f"{key} {wanted}", f"{key} {got}")

    def _moves(self, case: _Case) -> list[str]:
        options = available(self.machine, self.policy, case.facts, case.actor)
        return [option.name for option in options if option.ready]

    def _case(self, example: WorkflowExample, mistakes: list[FailedExample]) -> _Case:
        portal, wanted = self.release.portal, ", ".join(example.expect)
        now = NOON
        if example.given.get("now") is not None:
            try:
                now = read_moment_words(str(example.given["now"]), self.reader.zone)
            except ValueError:
                place = example.span_at("given", "now")
                mistakes.append(FailedExample(place, example.name, wanted, f"now {example.given['now']}"))
        names = {name.removeprefix("this."): name for name in example.given if name not in WORKFLOW_WORDS}
        cells = {short: example.given[name] for short, name in names.items()}
        rows, misread = self.reader.rows([cells], now)
        for one in misread:
            place = example.span_at("given", names[str(one.path[1])], *one.path[2:])
            mistakes.append(FailedExample(place, example.name, wanted, one.mistake.message()))
        record = cast(dict[str, object], _numbered(rows[0], {}))
        me = record.pop("me", None)
        actor = self._actor(example, me if isinstance(me, Mapping) else None, record)
        facts = {**record, **self._around(now, me, actor), **counting(portal)}
        facts.setdefault("state", self.machine.workflow.start)
        return _Case(facts, actor)

    def _around(self, now: datetime, me: object, actor: Actor) -> Facts:
        """The moment, the person who acts; counts of other records are not known."""
        short = {role.rpartition(".")[2] for role in actor.roles}
        person = {"id": None, **(me if isinstance(me, Mapping) else {}), "roles": actor.roles | short}
        lookups = (lookup for one in self.machine.expressions for lookup in one.lookups)
        return {
            "now": now,
            "today": now.astimezone(ZoneInfo(self.reader.zone)).date(),
            "me": None if actor is SYSTEM else person,
            FACTS: {lookup.key: None for lookup in lookups},
        }

    def _actor(self, example: WorkflowExample, me: Mapping[str, object] | None, record: Facts) -> Actor:
        """Whoever has these roles; the portal itself where nobody is named."""
        written = roles_written(example.given.get("as"))
        if not written and me is None:
            return SYSTEM
        portal, regime = self.release.portal, self.machine.workflow.regime
        found = {name: portal.find(Role, name, regime) for name in written}
        roles = frozenset(role.full_name if role is not None else name for name, role in found.items())
        person = link_id(me)
        unit = link_id(me.get("unit")) if me is not None else None
        headed = frozenset(_headed(record, person)) if person is not None else frozenset[int]()
        own = {unit} if unit is not None else set[int]()
        return Actor(person_id=person, roles=roles, unit_id=unit, subtree=headed | own, headed=headed)


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of a transition. after: the state; asked: whether its condition was asked at all."""

    after: str = ""
    refusal: TransitionRefused | None = None
    asked: bool = False

    @classmethod
    def of(cls, stage: _Stage, move: str, case: _Case) -> _Told:
        try:
            permitted(stage.machine, stage.policy, move, case.facts, case.actor)
        except TransitionRefused as refusal:
            return cls(refusal=refusal)
        try:
            step = advance(stage.machine, stage.policy, move, case.facts, case.actor)
        except TransitionRefused as refusal:
            return cls(refusal=refusal, asked=not refusal.missing)
        return cls(step.after, asked=True)

    def compared(self, key: str, written: object) -> tuple[str, str]:
        """What is expected under `key`, and what came of it, in the same words."""
        said = self.refusal.message() if self.refusal is not None else ""
        if key == "missing":
            return _listed(written), _listed(self.refusal.missing if self.refusal is not None else ())
        if key == "state":
            return str(written), self.after or f"({said})"
        wanted = {"true": "true", "yes": "true", "false": "false", "no": "false"}.get(
            str(written).lower(), str(written)
        )
        if wanted in ("true", "false"):
            got = "false" if self.refusal is None else "true"
            return wanted, got if got == wanted or not said else f"{got} ({said})"
        return wanted, said or f"false ({self.after})"


def _numbered(value: object, ids: dict[str, int]) -> object:
    """The same with a number for each name of a person, unit or other record: one name is one record."""
    if isinstance(value, Mapping):
        return {
            key: ids.setdefault(part, len(ids) + 1)
            if key == "id" and isinstance(part, str)
            else _numbered(part, ids)
            for key, part in value.items()
        }
    return tuple(_numbered(one, ids) for one in value) if isinstance(value, tuple) else value


def _headed(record: Facts, person: int) -> Iterator[int]:
    """The units of the record that the person heads, as far as the example says so."""
    for value in record.values():
        if isinstance(value, Mapping) and link_id(value.get("head")) == person:
            unit = link_id(value)
            if unit is not None:
                yield unit


def _listed(written: object) -> str:
    several = written if isinstance(written, (list, tuple)) else () if written is None else (written,)
    return ", ".join(sorted(str(one) for one in several)) or NOTHING


def _unreached(workflow: Workflow, reached: set[str]) -> Iterator[Diagnostic]:
    """EXM003: a warning for each condition of a transition that no example asks."""
    text = N_("no example of '{schedule}' reaches {rule}")
    hint = N_("add an example in which it decides")
    for name, move in workflow.transitions.items():
        if move.when is not None and name not in reached:
            rule = f"transitions.{name}.when"
            yield warning("EXM003", move.span_of("when"), text, hint, schedule=workflow.full_name, rule=rule)
