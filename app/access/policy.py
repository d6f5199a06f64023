"""Roles -> Policy: for each record type and verb, which roles may, on which rows, and where it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.checks.environments import record_environment
from app.expressions import Expression, compile_expression
from app.expressions.types import BOOLEAN
from app.release import RecordModel, Release
from app.source import ConfigError, Diagnostic, Span
from app.spec.portal_settings import Grant, Role, Rows
from app.spec.records import checklist_columns
from app.spec.service_levels import ServiceLevel


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of `can:` for one record type. `where`, when written, is the rows' own condition."""

    role: str
    verb: str
    rows: Rows
    span: Span
    where: Expression | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class TypeAccess:
    """What is written about one record type.

    rules: verb -> the lines that grant it; hide, read_only: role -> fields, each with those it brings along.
    """

    record: RecordModel
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    hide: Mapping[str, frozenset[str]] = field(default_factory=dict)
    read_only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, roles: frozenset[str], *verbs: str) -> tuple[Rule, ...]:
        """The lines that grant one of `verbs` to one of `roles`, in the order written."""
        return tuple(rule for verb in verbs for rule in self.rules.get(verb, ()) if rule.role in roles)


@dataclass(frozen=True, slots=True)
class Policy:
    """The compiled permissions of one release; `types` is keyed by full name, `role_titles` too.

    veiled: the record types of which some rows may be kept from some people for a time; clocked: those that
    service levels measure.
    """

    types: Mapping[str, TypeAccess]
    role_titles: Mapping[str, str]
    veiled: frozenset[str] = frozenset()
    clocked: frozenset[str] = frozenset()


def compile_policy(release: Release) -> Policy:
    """Compile every served role. Raises ConfigError when a row condition has a fault that check let pass."""
    roles = release.portal.served(Role)
    faults: list[Diagnostic] = []
    found: dict[str, list[Rule]] = {name: [] for name in release.records}
    hide: dict[str, dict[str, frozenset[str]]] = {name: {} for name in release.records}
    read_only: dict[str, dict[str, frozenset[str]]] = {name: {} for name in release.records}
    for role in roles.values():
        for record, rule in _rules(release, role, faults):
            found[record.name].append(rule)
        _collect_fields(release, role, role.hide, hide)
        _collect_fields(release, role, role.read_only, read_only)
    if faults:
        raise ConfigError(faults)
    types = {
        name: TypeAccess(record, _by_verb(found[name]), hide[name], read_only[name])
        for name, record in release.records.items()
    }
    titles = {name: role.label for name, role in roles.items()}
    return Policy(types, titles, _veiled(release), _clocked(release))


def _clocked(release: Release) -> frozenset[str]:
    levels = release.portal.served(ServiceLevel).values()
    measured = (release.record(level.of, level.regime) for level in levels)
    return frozenset(record.name for record in measured if record is not None)


def _veiled(release: Release) -> frozenset[str]:
    """What a duty that is `hidden_from` somebody creates, and whatever refers to a record by type and id."""
    hiding = [duty for duty in release.duties.values() if duty.hidden]
    if not hiding:
        return frozenset()
    created = {duty.creates for duty in hiding if duty.creates is not None}
    return frozenset(created | {name for name, one in release.records.items() if refers_to_records(one)})


def refers_to_records(record: RecordModel) -> bool:
    """Whether a record of this type names another one by `record_type` and `record_id`."""
    return record.spec.is_kernel and {"record_type", "record_id"} <= record.fields.keys()


def _rules(release: Release, role: Role, faults: list[Diagnostic]) -> Iterator[tuple[RecordModel, Rule]]:
    for written, grants in role.can.items():
        record = release.record(written, role.regime)
        if record is None:
            continue  # the type belongs to a regime that is switched off
        for position, grant in enumerate(grants):
            span = role.grant_span(written, position)
            where = _condition(release, record, grant, span, faults)
            yield record, Rule(role.full_name, grant.verb, grant.rows, span, where, grant.in_words)


def _condition(
    release: Release, record: RecordModel, grant: Grant, span: Span, faults: list[Diagnostic]
) -> Expression | None:
    if grant.where is None:
        return None
    environment = record_environment(release.portal, record.spec)
    expression, found = compile_expression(grant.where, span, environment, BOOLEAN)
    faults += [fault for fault in found if fault.severity == "error"]
    return expression


def _collect_fields(
    release: Release,
    role: Role,
    written: Mapping[str, tuple[str, ...]],
    into: dict[str, dict[str, frozenset[str]]],
) -> None:
    for name, fields in written.items():
        record = release.record(name, role.regime)
        if record is not None:
            into[record.name][role.full_name] = frozenset(_with_companions(record, fields))


def _with_companions(record: RecordModel, fields: tuple[str, ...]) -> Iterator[str]:
    """A checklist field takes the columns of its result along: the score is as secret as the answers."""
    for name in fields:
        yield name
        found = record.fields.get(name)
        if found is not None and found.type == "checklist":
            yield from checklist_columns(name)


def _by_verb(rules: list[Rule]) -> dict[str, tuple[Rule, ...]]:
    return {verb: tuple(rule for rule in rules if rule.verb == verb) for verb in {r.verb for r in rules}}
