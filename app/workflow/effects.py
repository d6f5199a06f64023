"""What a transition sets off: compiled once, worked out as plain values when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.access import link_id
from app.expressions import Expression, evaluate, holds
from app.source import N_
from app.spec.workflows import Effect
from app.workflow.parties import NOBODY, Parties, PathParts, people, person_at
from app.workflow.refusals import TransitionRefused

Facts = Mapping[str, object]
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CompiledEffect:
    """One effect of a transition. `values` holds what it sets, by field or fact name.

    target: full name of the record type, schedule, report or message that the effect names; path: the
    offender of `assess`, or the linked record of `move`; target_type: record type at the end of `path`.
    """

    spec: Effect
    when: Expression | None = None
    target: str | None = None
    values: Mapping[str, Expression] = field(default_factory=dict)
    level: Expression | None = None
    parties: Parties = NOBODY
    message: str | None = None
    path: PathParts = ()
    path_type: str | None = None


@dataclass(frozen=True, slots=True)
class SetFields:
    """Fields of the record itself get these values."""

    values: Values


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """A record of type `record_type` (full name) is made with these values."""

    record_type: str
    values: Values


@dataclass(frozen=True, slots=True)
class Assess:
    """Penalties are raised by `schedule` (full name) for the person `offender`."""

    schedule: str
    level: str | None
    offender: int
    joint: bool
    facts: Values


@dataclass(frozen=True, slots=True)
class Revoke:
    """Open penalties that this record led to under `schedule` are withdrawn."""

    schedule: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Persons and the members of roles are told, in the words of a message template if one is named."""

    people: tuple[int, ...]
    roles: frozenset[str]
    message: str | None


@dataclass(frozen=True, slots=True)
class Print:
    """A report is rendered for the record."""

    report: str


@dataclass(frozen=True, slots=True)
class MakeTask:
    """A work item for each person and role; `due` is a duration or a field's name, as written."""

    title: str
    people: tuple[int, ...]
    roles: frozenset[str]
    due: str | None


@dataclass(frozen=True, slots=True)
class MoveLinked:
    """A linked record makes a transition of its own."""

    record_type: str
    record_id: int
    transition: str


@dataclass(frozen=True, slots=True)
class Contest:
    """An appeal acts on the penalty that it contests. result: of `APPEAL_RESULTS`; level, amount: of a
    correction; instance: which one answers, None for the next; message: in what words those who hear it are
    told that it was brought, None = they are not."""

    penalty: int
    result: str
    level: str | None
    amount: Decimal | None
    reason: str
    instance: int | None
    message: str | None = None


Outcome = SetFields | CreateRecord | Assess | Revoke | Notify | Print | MakeTask | MoveLinked | Contest


def work_out(effect: CompiledEffect, facts: Facts) -> Outcome | None:
    """The effect with its formulas evaluated; None when its `when` does not hold or it has no object.

    Raises TransitionRefused for an effect that this portal does not serve yet.
    """
    if effect.when is not None and not holds(effect.when, facts):
        return None
    spec, target = effect.spec, effect.target
    values = {name: plain(evaluate(formula, facts)) for name, formula in effect.values.items()}
    if spec.set is not None:
        return SetFields(values)
    if spec.create is not None and target is not None:
        return CreateRecord(target, values)
    if spec.revoke is not None and target is not None:
        return Revoke(target)
    if spec.print is not None and target is not None:
        return Print(target)
    if spec.notify is not None:
        return Notify(people(effect.parties, facts), effect.parties.roles, effect.message)
    if spec.task is not None:
        return MakeTask(spec.task.title, people(effect.parties, facts), effect.parties.roles, spec.task.due)
    return _on_a_path(effect, facts, values)


def _on_a_path(effect: CompiledEffect, facts: Facts, values: Values) -> Outcome | None:
    """Effects on what a path leads to; an empty link means there is nothing to act on."""
    spec = effect.spec
    if spec.assess is not None and effect.target is not None:
        offender = person_at(facts, effect.path)
        if offender is None:
            return None
        level = evaluate(effect.level, facts) if effect.level is not None else None
        return Assess(effect.target, _text(level), offender, spec.assess.joint, values)
    if spec.move is not None and effect.path_type is not None:
        found = person_at(facts, effect.path)
        return MoveLinked(effect.path_type, found, spec.move.transition) if found is not None else None
    if spec.appeal is not None:
        penalty, result = person_at(facts, effect.path), values.get("result")
        if penalty is None or result is None:
            return None
        return Contest(
            penalty=penalty,
            result=str(result),
            level=_text(values.get("level")),
            amount=_amount(values.get("amount")),
            reason=_text(values.get("reason")) or "",
            instance=spec.appeal.instance,
            message=effect.message,
        )
    raise TransitionRefused(
        N_("this portal does not serve an effect of this transition yet ({place})"), {"place": str(spec.span)}
    )


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def _amount(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else None


def plain(value: object) -> object:
    """A value fit to be stored: a link becomes its id, several links a tuple of ids."""
    if isinstance(value, Mapping) and "id" in value:
        return link_id(value)
    if isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
        return tuple(plain(item) for item in value)
    return value
