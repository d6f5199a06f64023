"""`roles`: what is granted and hidden exists."""

from __future__ import annotations

from collections.abc import Iterator

from app.checks.context import Checking, Found, missing_field, unknown_word
from app.checks.records import offered
from app.source import N_, Span, fault, warning
from app.spec.portal_settings import Role
from app.spec.records import RecordType
from app.spec.workflows import Workflow

VERBS = ("create", "read", "update", "delete", "print", "export", "import")


def grants_name_record_types(checking: Checking) -> Found:
    """REF001, REF002: the record types of `can`, `hide` and `read_only` are declared."""
    for role in checking.each(Role):
        for key in ("can", "hide", "read_only"):
            for name in getattr(role, key):
                yield from checking.refer(RecordType, name, role.regime, role.key_at(key, name))


def _granted(checking: Checking) -> Iterator[tuple[Role, str, RecordType]]:
    for role in checking.each(Role):
        for name in role.can:
            record = checking.find(RecordType, name, role.regime)
            if record is not None:
                yield role, name, record


def grants_name_verbs(checking: Checking) -> Found:
    """REF005: what is granted is a verb or a transition of the record type's workflow."""
    for role, name, record in _granted(checking):
        workflow = checking.find(Workflow, record.workflow, record.regime)
        known = {*VERBS, *(workflow.transitions if workflow else ())}
        for index, grant in enumerate(role.can[name]):
            if grant.verb not in known and (workflow is not None or record.workflow is None):
                text = N_("'{name}' is neither a verb nor a transition of '{owner}'")
                span = role.span_at("can", name, index)
                yield unknown_word("REF005", span, text, grant.verb, known, owner=record.full_name)


def grants_are_written_once(checking: Checking) -> Found:
    """ROL001: a verb is granted once with the same rows."""
    for role, name, _ in _granted(checking):
        seen: set[tuple[str, str, str | None]] = set()
        for index, grant in enumerate(role.can[name]):
            key = (grant.verb, grant.rows, grant.where)
            if key in seen:
                text = N_("'{verb}' is granted twice")
                yield fault("ROL001", role.span_at("can", name, index), text, verb=grant.verb)
            seen.add(key)


def grants_have_rows(checking: Checking) -> Found:
    """ROL002: rows of a unit can only be told where the record type has a unit."""
    for role, name, record in _granted(checking):
        placed = record.full_name == "unit" or any(spec.type == "unit" for spec in record.fields.values())
        for index, grant in enumerate(role.can[name]):
            if grant.rows in ("unit", "subtree") and not placed:
                text = N_("'{owner}' has no field of type unit, so '{rows}' chooses no rows")
                span = role.span_at("can", name, index)
                yield fault("ROL002", span, text, owner=record.full_name, rows=grant.rows)


def grant_conditions_hold(checking: Checking) -> Found:
    """The faults of `where` in grants."""
    for role, name, record in _granted(checking):
        env = checking.environment(record)
        for index, grant in enumerate(role.can[name]):
            if grant.where is None:
                continue
            span = role.span_at("can", name, index)
            if grant.wrote("where"):
                span = grant.span_of("where")
            else:
                span = _end_of(span, role.written_at("can", name, index), grant.where)
            yield from checking.query(grant.where, span, env)


def _end_of(span: Span, written: object, part: str) -> Span:
    """The place of `part`, with which the one-line text `written` at `span` ends; all of it otherwise."""
    if not isinstance(written, str) or span.line != span.end_line or not written.endswith(part):
        return span
    quote = 1 if span.end_column - span.column == len(written) + 2 else 0
    return span.inside(quote + len(written) - len(part), len(part))


def hidden_fields_exist(checking: Checking) -> Found:
    """REF003: the fields of `hide` and `read_only` belong to their record type."""
    for role in checking.each(Role):
        for key in ("hide", "read_only"):
            for name, fields in getattr(role, key).items():
                record = checking.find(RecordType, name, role.regime)
                if record is None:
                    continue
                known = offered(record)
                for index, field in enumerate(fields):
                    if field not in known:
                        yield missing_field(role.span_at(key, name, index), field, known, record.full_name)


def somebody_may_read(checking: Checking) -> Found:
    """ROL003 (warning): a declared record type that no role may read is seen by administrators only."""
    read = {
        record.full_name
        for role in checking.portal.roles.values()
        for name, grants in role.can.items()
        for record in checking.portal.candidates(RecordType, name, role.regime)
        if any(grant.verb == "read" for grant in grants)
    }
    for full, record in checking.portal.records.items():
        if checking.portal.roles and full not in read and not record.is_kernel:
            yield warning("ROL003", record.span, N_("no role may read '{name}'"), name=full)
