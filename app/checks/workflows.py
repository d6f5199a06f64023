"""Workflows: states that can be reached and left, transitions that somebody may make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.effects import effects_hold
from app.checks.known_values import within
from app.checks.records import offered
from app.expressions import example
from app.source import N_, Diagnostic, fault, warning
from app.spec.portal_settings import Grant
from app.spec.records import RecordType
from app.spec.service_levels import ServiceLevel
from app.spec.workflows import Transition, Workflow

_EVENT = re.compile(r"missed\(\s*(?P<clock>[a-z][a-z0-9_.]*)\s*\)")


def users_of(checking: Checking, workflow: Workflow) -> tuple[RecordType, ...]:
    """The record types that follow a workflow."""
    records = checking.portal.records.values()
    return tuple(one for one in records if checking.find(Workflow, one.workflow, one.regime) is workflow)


def states_are_declared(checking: Checking) -> Found:
    """REF010: `start`, `from` and `to` are states."""
    for workflow in checking.each(Workflow):
        if workflow.start not in workflow.states:
            yield _no_state(workflow, workflow.start, ("start",))
        for name, transition in workflow.transitions.items():
            for index, state in enumerate(transition.from_):
                if state not in workflow.states:
                    yield _no_state(workflow, state, ("transitions", name, "from", index))
            if transition.to not in workflow.states:
                yield _no_state(workflow, transition.to, ("transitions", name, "to"))


def _no_state(workflow: Workflow, name: str, path: tuple[str | int, ...]) -> Diagnostic:
    text = N_("the workflow '{owner}' has no state '{name}'")
    span = workflow.span_at(*path)
    return unknown_word("REF010", span, text, name, workflow.states, owner=workflow.full_name)


def states_can_be_reached(checking: Checking) -> Found:
    """WFL001: every state can be reached from the start; the engine itself moves records to built-in ones."""
    for workflow in checking.each(Workflow):
        ends = {workflow.start, *(move.to for move in workflow.transitions.values())}
        if not ends <= workflow.states.keys():
            continue
        reached, todo = set[str](), [workflow.start]
        while todo:
            here = todo.pop()
            if here not in reached:
                reached.add(here)
                todo += [move.to for move in workflow.transitions.values() if here in move.from_]
        for state in workflow.states:
            built_in = workflow.key_at("states", state).file.startswith("<kernel>")
            if state not in reached and not built_in:
                text = N_("the state '{name}' cannot be reached from '{start}'")
                hint = N_("let a transition lead to it, or take it away")
                span = workflow.key_at("states", state)
                yield fault("WFL001", span, text, hint, name=state, start=workflow.start)


def states_can_be_left(checking: Checking) -> Found:
    """WFL002: a state without a way out is marked as final, and a final one has no way out."""
    for workflow in checking.each(Workflow):
        left = {state for move in workflow.transitions.values() for state in move.from_}
        for name, state in workflow.states.items():
            span = workflow.key_at("states", name)
            if name not in left and not state.final:
                text = N_("no transition leads out of the state '{name}'")
                hint = N_("write 'final: true' if the work ends there")
                yield fault("WFL002", span, text, hint, name=name)


def only_one_transition_matches(checking: Checking) -> Found:
    """WFL003: no two transitions are set off from one state by the same event in one case."""
    for workflow in checking.each(Workflow):
        told: set[str] = set()
        moves = [(name, move) for name, move in workflow.transitions.items() if move.at is not None]
        for (other, first), (name, move) in combinations(moves, 2):
            states = [state for state in move.from_ if state in first.from_]
            if name in told or first.at != move.at or not states:
                continue
            case = _both_match(checking, workflow, first, move, states)
            if case is not None:
                told.add(name)
                text = N_("'{name}' and '{other}' would both be made from '{state}' at {event}")
                hint = N_("give each its own 'when', of which one can be true")
                if case:
                    hint = N_("give each its own 'when', of which one can be true; both are where {case}")
                params = {"name": name, "other": other, "state": states[0], "event": move.at, "case": case}
                yield fault("WFL003", move.span_of("at"), text, hint, **params)


def _both_match(
    checking: Checking, workflow: Workflow, first: Transition, second: Transition, states: list[str]
) -> str | None:
    """A case in which two transitions match at once; empty for any case, None where none is certain."""
    if first.when is None or first.when == second.when:
        return ""
    for record in users_of(checking, workflow) if second.when is not None else ():
        env, values = checking.environment(record), within(checking.values(record), "state", states)
        trees = [checking.tree(one.when, one.span_of("when"), env) for one in (first, second)]
        conditions = [tree for tree in trees if tree is not None]
        if len(conditions) == 2 and (case := example(conditions, (), values)) is not None:
            return case
    return None


def _grants_of(checking: Checking, records: tuple[RecordType, ...]) -> Iterator[Grant]:
    for role in checking.portal.roles.values():
        for name, grants in role.can.items():
            granted = checking.find(RecordType, name, role.regime)
            if any(one is granted for one in records):
                yield from grants


def somebody_may_make_it(checking: Checking) -> Found:
    """WFL004 (warning): a transition that neither persons, roles, grants nor a clock can make."""
    moved = _moved_by_effects(checking)
    for workflow in checking.each(Workflow):
        records = users_of(checking, workflow)
        granted = {grant.verb for grant in _grants_of(checking, records)}
        for name, move in workflow.transitions.items():
            free = move.by or move.at is not None or name in granted or name in moved
            if not free and records and not workflow.span.file.startswith("<kernel>"):
                text = N_("nobody but the administrator may make the transition '{name}'")
                hint = N_("write 'by', or grant it to a role")
                yield warning("WFL004", workflow.key_at("transitions", name), text, hint, name=name)


def _moved_by_effects(checking: Checking) -> set[str]:
    """Transitions that other records' transitions make."""
    effects = (
        effect
        for workflow in checking.portal.workflows.values()
        for move in workflow.transitions.values()
        for effect in move.do
    )
    return {effect.move.transition for effect in effects if effect.move is not None}


def workflows_are_followed(checking: Checking) -> Found:
    """WFL005 (warning): a workflow that no record type follows."""
    for workflow in checking.each(Workflow):
        if not users_of(checking, workflow):
            text = N_("no record type follows the workflow '{name}'")
            yield warning("WFL005", workflow.span, text, name=workflow.full_name)


def transitions_hold(checking: Checking) -> Found:
    """REF003, REF006 and the faults of expressions: what transitions name, for each record type."""
    for workflow in checking.each(Workflow):
        for record in users_of(checking, workflow):
            env = checking.environment(record)
            for name, move in workflow.transitions.items():
                values = within(checking.values(record), "state", move.from_)
                yield from checking.condition(move.when, move.span_of("when"), env, values)
                yield from _fields(workflow, name, move, record)
                for key in ("by", "not_by"):
                    for index, word in enumerate(getattr(move, key)):
                        span = move.span_at(key, index)
                        yield from checking.party(word, span, env, workflow.regime)
                yield from effects_hold(checking, move.do, env, record, workflow.regime)


def clocks_of_transitions_are_declared(checking: Checking) -> Found:
    """SLA002, REF001: `at` names the event of a service level."""
    for workflow in checking.each(Workflow):
        for move in workflow.transitions.values():
            if move.at is None:
                continue
            span = move.span_of("at")
            event = _EVENT.fullmatch(move.at.strip())
            if event is None:
                hint = N_("write 'missed(service_level)'")
                yield fault("SLA002", span, N_("'{written}' is no moment of a clock"), hint, written=move.at)
            else:
                yield from checking.refer(ServiceLevel, event["clock"], workflow.regime, span)


def _fields(workflow: Workflow, name: str, move: Transition, record: RecordType) -> Found:
    known = offered(record)
    for key in ("require", "ask"):
        for index, field in enumerate(getattr(move, key)):
            if field not in known:
                span = workflow.span_at("transitions", name, key, index)
                yield missing_field(span, field, known, record.full_name)
