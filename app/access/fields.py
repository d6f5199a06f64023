"""Which fields somebody does not see, may not write, or sees only in part."""

from __future__ import annotations

from collections.abc import Mapping

from app.access.actor import Actor
from app.access.masks import Mask
from app.access.policy import Policy, Rule, TypeAccess
from app.access.rows import Facts, in_scope, row_scope

_NO_FIELDS: frozenset[str] = frozenset()


def hidden_fields(policy: Policy, actor: Actor, record_type: str) -> frozenset[str]:
    """Fields of `record_type` that must be absent everywhere for `actor`.

    A field is hidden when every role of the actor that may read the type hides it. Somebody who may not
    read the type at all has nothing to see, so nothing is listed as hidden.
    """
    access = policy.types.get(record_type)
    if access is None or actor.unlimited:
        return _NO_FIELDS
    if actor.kind == "anonymous":
        return _not_public(access)
    return _by_every_role(access.of(actor.roles, "read"), access.hide)


def read_only_fields(policy: Policy, actor: Actor, record_type: str) -> frozenset[str]:
    """Fields that `actor` may not write: hidden ones, and those read-only in every role that lets write."""
    access = policy.types.get(record_type)
    if access is None or actor.unlimited:
        return _NO_FIELDS
    if actor.kind == "anonymous":
        return _not_public(access)
    writing = access.of(actor.roles, "create", "update")
    return hidden_fields(policy, actor, record_type) | _by_every_role(writing, access.read_only)


def masked_fields(
    policy: Policy, actor: Actor, record_type: str, facts: Facts | None = None
) -> dict[str, Mask]:
    """Fields shown in part only, with the kind of mask.

    Whoever may change a value sees it in full: on one record (`facts`) when it may be updated, in lists and
    exports (None) when every row may.
    """
    access = policy.types.get(record_type)
    if access is None:
        return {}
    scope = row_scope(policy, actor, "update", record_type)
    may_write = scope.everything if facts is None else in_scope(scope, access.record, actor, facts)
    return masks_for(policy, actor, record_type, may_write)


def masks_for(policy: Policy, actor: Actor, record_type: str, may_update: bool) -> dict[str, Mask]:
    """The same where it is known already whether `actor` may update the record."""
    access = policy.types.get(record_type)
    if access is None or actor.unlimited:
        return {}
    masks = {
        name: found.spec.mask for name, found in access.record.fields.items() if found.spec.mask is not None
    }
    if not may_update or not masks:
        return masks
    locked = read_only_fields(policy, actor, record_type)
    return {name: kind for name, kind in masks.items() if name in locked}


def logs_reading(policy: Policy, record_type: str) -> bool:
    """Whether opening a record of this type leaves an audit entry of its own."""
    access = policy.types.get(record_type)
    if access is None:
        return False
    spec = access.record.spec
    return spec.confidential or any(found.log_access for found in spec.fields.values())


def _by_every_role(rules: tuple[Rule, ...], written: Mapping[str, frozenset[str]]) -> frozenset[str]:
    roles = {rule.role for rule in rules}
    if not roles:
        return _NO_FIELDS
    return frozenset.intersection(*(written.get(role, _NO_FIELDS) for role in roles))


def _not_public(access: TypeAccess) -> frozenset[str]:
    """On a public intake page only the fields that `public.fields` lists exist (all when none is listed)."""
    public = access.record.spec.public
    listed = public.fields if public else ()
    return frozenset(access.record.columns) - frozenset(listed or access.record.fields)
