"""Which rows of a record type somebody may act on, and whether one record is among them.

The SQL of the same scope is in `app.storage.scopes`; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.access.actor import Actor
from app.access.policy import Policy, Rule
from app.expressions import Expression, holds
from app.release import RecordModel
from app.spec.portal_settings import Rows as Kind

Facts = Mapping[str, object]
"""A record as expressions see it: field name -> value; a link is a mapping with `id`, or None."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows: of a kind, and (where written) only those for which a condition is true.

    own: created by me, or an owner field names me (a person owns the own entry); unit: the record's unit is
    mine; subtree: it is mine, one that I head, or one below those.
    """

    kind: Kind
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class RowScope:
    """Every row, or the union of `parts`; without parts, no row at all.

    veiled: without those that are kept from the actor for a time (a surprise check of the own unit). about:
    only those that are about a record (`record_type`, `record_id`) within the scope of its type; what is
    about a type that is not listed is left out.
    """

    everything: bool = False
    parts: tuple[Rows, ...] = ()
    veiled: bool = False
    about: tuple[tuple[str, RowScope], ...] | None = None

    @property
    def nothing(self) -> bool:
        return not self.everything and not self.parts

    @property
    def unlimited(self) -> bool:
        """Whether nothing narrows it at all."""
        return self.everything and not self.veiled and self.about is None

    @property
    def conditions(self) -> tuple[Expression, ...]:
        return tuple(part.where for part in self.parts if part.where is not None)


EVERYTHING = RowScope(everything=True)
NOTHING = RowScope()
VEILED = "~veiled"
"""Among the facts of a record: whether it is kept from the actor for a time."""
FOLLOWING = frozenset({"deadline"})
"""Built-in types whose records are seen by those who may read what they are about."""
KEPT = FOLLOWING | {"attachment", "audit_entry", "document", "duty_run", "release"}
"""Built-in types that the portal alone writes: proofs are worth nothing that somebody may write by hand."""
ABOUT = "~about"
"""Among the facts of such a record: whether the actor may read what it is about."""


def scope_of(rules: tuple[Rule, ...]) -> RowScope:
    """The union of what the rules grant."""
    parts = tuple(Rows(rule.rows, rule.where) for rule in rules)
    if any(part.kind == "all" and part.where is None for part in parts):
        return EVERYTHING
    return RowScope(parts=parts)


def row_scope(policy: Policy, actor: Actor, verb: str, record_type: str) -> RowScope:
    """The rows of `record_type` (full name) on which `actor` may do `verb`."""
    access = policy.types.get(record_type)
    if access is None:
        return NOTHING
    if actor.unlimited:
        return EVERYTHING
    if actor.kind == "anonymous":
        return EVERYTHING if _is_public(access.record, verb) else NOTHING
    scope = scope_of(access.of(actor.roles, verb))
    if record_type in FOLLOWING:
        read = tuple((name, row_scope(policy, actor, "read", name)) for name in sorted(policy.clocked))
        scope = replace(scope, about=tuple((name, one) for name, one in read if not one.nothing))
    return replace(scope, veiled=True) if record_type in policy.veiled else scope


def in_scope(scope: RowScope, record: RecordModel, actor: Actor, facts: Facts) -> bool:
    """Whether the record that `facts` describes is one of the scope's rows.

    `facts` must hold `id`, `created_by`, the owner fields, the unit field, the paths that the scope's
    conditions read (`Expression.paths`), VEILED where the scope is, ABOUT where it has `about`.
    """
    if (scope.veiled and facts.get(VEILED)) or (scope.about is not None and not facts.get(ABOUT)):
        return False
    return scope.everything or any(_is_among(part, record, actor, facts) for part in scope.parts)


def _is_among(part: Rows, record: RecordModel, actor: Actor, facts: Facts) -> bool:
    if part.where is not None and not holds(part.where, facts):
        return False
    match part.kind:
        case "all":
            return True
        case "own":
            return _is_own(record, actor, facts)
        case "unit":
            unit = unit_of(record, facts)
            return unit is not None and unit == actor.unit_id
    return unit_of(record, facts) in actor.subtree


def owner_fields(record: RecordModel) -> tuple[str, ...]:
    """The fields whose person owns a record; a person's entry is owned by itself."""
    return ("created_by", *record.owners, *(("id",) if record.name == "person" else ()))


def unit_of(record: RecordModel, facts: Facts) -> int | None:
    """Id of the unit that a record belongs to, or None."""
    return link_id(facts.get(record.unit_field)) if record.unit_field else None


def link_id(value: object) -> int | None:
    """The id behind a link's value among the facts."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, int) else None


def _is_own(record: RecordModel, actor: Actor, facts: Facts) -> bool:
    if actor.person_id is None:
        return False
    return any(link_id(facts.get(name)) == actor.person_id for name in owner_fields(record))


def _is_public(record: RecordModel, verb: str) -> bool:
    return verb == "create" and record.spec.public is not None and record.spec.public.create
