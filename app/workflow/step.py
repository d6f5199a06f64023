"""State + event -> Step. Pure: what may be done now, and what doing it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.access import Actor, Decision, Policy, decide
from app.expressions import holds
from app.source import N_
from app.workflow.effects import Facts, Outcome, SetFields, Values, work_out
from app.workflow.machine import Machine, Move
from app.workflow.parties import includes, person_at
from app.workflow.refusals import TransitionRefused

_WRITERS = (("created_by",), ("changed_by",))
"""What the portal itself writes down of whoever acts; empty where the account belongs to nobody."""
OnceSet = Callable[[Values], Facts]
"""What is known of a record once these fields have these values."""


@dataclass(frozen=True, slots=True)
class Option:
    """A transition that the actor may make from here; `refusal` says what still stands in its way."""

    move: Move
    refusal: TransitionRefused | None = None

    @property
    def name(self) -> str:
        return self.move.name

    @property
    def ready(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Step:
    """A transition worked out: the record goes from `before` to `after`, and `outcomes` follow in order."""

    move: Move
    before: str
    after: str
    outcomes: tuple[Outcome, ...]


def available(machine: Machine, policy: Policy, facts: Facts, actor: Actor) -> tuple[Option, ...]:
    """The transitions that `actor` may make from the record's state, in the order written.

    Each is the actor's by right; one whose guard does not hold yet is listed with its refusal. Fields that
    the transition asks for itself (`ask`) do not count as missing. `facts` holds what `machine.paths` names.
    """
    options = []
    for move in machine.moves.values():
        if facts.get("state") not in move.spec.from_ or _no_right(machine, policy, move, facts, actor):
            continue
        options.append(Option(move, _not_now(machine, move, facts, frozenset(move.spec.ask))))
    return tuple(options)


def advance(
    machine: Machine,
    policy: Policy,
    event: str,
    facts: Facts,
    actor: Actor,
    before: Facts | None = None,
    once_set: OnceSet | None = None,
) -> Step:
    """Work out the transition `event`.

    facts: the record with the fields that the transition asked for; before: the record as it is stored, by
    which rights are judged (so that nobody writes himself into them), left out when nothing was asked;
    once_set: what effects read that come after a `set`, left out where nothing is looked up anew.
    Raises TransitionRefused with words for the user; nothing has happened then.
    """
    stored = facts if before is None else before
    move = permitted(machine, policy, event, stored, actor)
    refusal = _not_now(machine, move, facts)
    if refusal is not None:
        raise refusal
    outcomes: list[Outcome] = []
    for effect in move.effects:
        outcome = work_out(effect, facts)
        if isinstance(outcome, SetFields) and once_set is not None:
            facts = once_set(outcome.values)
        if outcome is not None:
            outcomes.append(outcome)
    return Step(move, str(stored.get("state")), move.spec.to, tuple(outcomes))


def permitted(machine: Machine, policy: Policy, event: str, facts: Facts, actor: Actor) -> Move:
    """The transition `event`, which leads on from the record's state and is the actor's to make.

    Raises TransitionRefused when it is not; what the record itself lacks is not looked at yet.
    """
    move = machine.moves.get(event)
    if move is None:
        raise TransitionRefused(N_("there is no transition '{name}'"), {"name": event})
    state = facts.get("state")
    if state not in move.spec.from_:
        words = {"transition": move.title, "state": _title(machine, state)}
        raise TransitionRefused(N_("'{transition}' is not possible in the state '{state}'"), words)
    refusal = _no_right(machine, policy, move, facts, actor)
    if refusal is not None:
        raise refusal
    return move


def may_make(machine: Machine, policy: Policy, move: Move, facts: Facts, actor: Actor) -> Decision:
    """Whether the transition is the actor's to make: `by` names the actor, or a role grants it."""
    if includes(move.by, actor, facts):
        span = move.spec.span_of("by")
        text = N_("the transition names you in 'by' ({place})")
        return Decision(True, text, {"place": str(span)}, span)
    return decide(policy, actor, move.name, machine.record.name, facts)


def is_locked(machine: Machine | None, facts: Facts) -> bool:
    """Whether the record's state forbids edits."""
    state = machine.state(facts.get("state")) if machine else None
    return state is not None and state.locked


def _no_right(
    machine: Machine, policy: Policy, move: Move, facts: Facts, actor: Actor
) -> TransitionRefused | None:
    """Why the transition is not the actor's to make, or None when it is."""
    if move.spec.approve is not None:
        return TransitionRefused(N_("this portal does not serve transitions that several people approve yet"))
    if actor.kind == "system":
        return None
    if move.spec.at is not None and not move.by:
        return TransitionRefused(
            N_("'{transition}' is made by the clock, not by hand"), {"transition": move.title}
        )
    if _is_kept_out(move, facts, actor):
        text = N_("'{transition}' must be made by somebody else: duties are kept apart")
        return TransitionRefused(text, {"transition": move.title})
    decision = may_make(machine, policy, move, facts, actor)
    if decision.allowed:
        return None
    return TransitionRefused(decision.text, decision.params)


def _is_kept_out(move: Move, facts: Facts, actor: Actor) -> bool:
    """Whether `not_by` means the actor. Where a record was made by an account that belongs to nobody, each
    account that belongs to nobody may be the one that is meant."""
    if includes(move.not_by, actor, facts):
        return True
    nobody = actor.account_id is not None and actor.person_id is None
    return nobody and any(person_at(facts, path) is None for path in move.not_by.paths if path in _WRITERS)


def _not_now(
    machine: Machine, move: Move, facts: Facts, asked: frozenset[str] = frozenset()
) -> TransitionRefused | None:
    """What stands in the way by the record's own content, or None."""
    missing = tuple(name for name in move.spec.require if name not in asked and is_empty(facts.get(name)))
    if missing:
        columns = machine.record.columns
        labels = (columns[name].label if name in columns else name for name in missing)
        return TransitionRefused(N_("fill in first: {fields}"), {"fields": ", ".join(labels)}, missing)
    if move.guard is None or holds(move.guard, facts):
        return None
    if move.spec.refuse:
        return TransitionRefused(move.spec.refuse)
    text = N_("the condition of '{transition}' is not met: {condition}")
    return TransitionRefused(text, {"transition": move.title, "condition": move.guard.source})


def is_empty(value: object) -> bool:
    """Whether a field counts as not filled in; `False` and 0 are values."""
    return value is None or (isinstance(value, (str, list, tuple, frozenset, Mapping)) and len(value) == 0)


def _title(machine: Machine, state: object) -> str:
    found = machine.state(state)
    return found.title if found and found.title else str(state)
