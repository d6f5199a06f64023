"""What each role gains and loses from one release to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.access.policy import Policy, TypeAccess
from app.source import Span


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """One grant more or less. action: a verb with its rows (`read own`), or `see <field>`, `write <field>`
    for a field that is hidden or read-only no longer (or from now on)."""

    role: str
    record_type: str
    action: str
    change: Literal["gained", "lost"]
    span: Span

    def as_json(self) -> dict[str, object]:
        """`{"role", "type", "action", "change"}`."""
        return {"role": self.role, "type": self.record_type, "action": self.action, "change": self.change}


_Grants = dict[tuple[str, str, str], Span]


def compare_policies(before: Policy | None, after: Policy) -> tuple[PermissionChange, ...]:
    """Every grant gained or lost, by role, type and action; nothing where there was no policy before."""
    if before is None:
        return ()
    old, new = _grants(before), _grants(after)
    gained = (PermissionChange(*key, "gained", new[key]) for key in new.keys() - old.keys())
    lost = (PermissionChange(*key, "lost", old[key]) for key in old.keys() - new.keys())
    closed_before, closed_after = _closed(before), _closed(after)
    opened = (
        PermissionChange(*key, "gained", span)
        for key, span in closed_before.items()
        if key not in closed_after and key[1] in after.types
    )
    shut = (
        PermissionChange(*key, "lost", span)
        for key, span in closed_after.items()
        if key not in closed_before and key[1] in before.types
    )
    found = (*gained, *lost, *opened, *shut)
    return tuple(sorted(found, key=lambda one: (one.role, one.record_type, one.action, one.change)))


def _grants(policy: Policy) -> _Grants:
    return {
        (rule.role, name, rule.text or f"{rule.verb} {rule.rows}"): rule.span
        for name, access in policy.types.items()
        for rules in access.rules.values()
        for rule in rules
    }


def _closed(policy: Policy) -> _Grants:
    return {key: span for name, access in policy.types.items() for key, span in _closed_fields(name, access)}


def _closed_fields(name: str, access: TypeAccess) -> Iterator[tuple[tuple[str, str, str], Span]]:
    kinds: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = (
        ("see", access.hide),
        ("write", access.read_only),
    )
    for verb, fields_by_role in kinds:
        for role, fields in fields_by_role.items():
            for field in fields:
                yield (role, name, f"{verb} {field}"), access.record.spec.span
