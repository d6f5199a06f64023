"""What the words of a duty mean: whom it is for, which field of the created record says so, what done means.

`check` and the release use the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.checks.environments import bare_environment, record_environment, record_types
from app.expressions import Environment, LinkType
from app.spec.portal import Portal
from app.spec.records import RecordType
from app.spec.service_levels import Duty
from app.spec.workflows import Workflow

THIS = "this"


@dataclass(frozen=True, slots=True)
class DutyWords:
    """The record types that a duty names. alias: the word for the one it is done for (`unit`, `person` …),
    empty where a field of that type has the same name."""

    each: RecordType | None
    create: RecordType | None
    alias: str = ""

    def path(self, word: str) -> tuple[str, ...]:
        """`unit.head` as a path from the record that the duty is for; `unit` itself is the empty path."""
        parts = tuple(word.split("."))
        return parts[1:] if parts[0] in (THIS, self.alias) else parts


def duty_words(portal: Portal, duty: Duty) -> DutyWords:
    """Look up `for_each` and `create`."""
    each = portal.find(RecordType, duty.for_each, duty.regime)
    create = portal.find(RecordType, duty.create, duty.regime)
    alias = each.name if each is not None and each.name not in record_types(portal, each) else ""
    return DutyWords(each, create, alias)


def duty_environment(portal: Portal, duty: Duty, words: DutyWords) -> Environment:
    """Where `with`, `assign` and `hidden_from` are read: the fields of the record that the duty is for, that
    record itself by the name of its type, and the moment of the turn as `now` and `today`."""
    if words.each is None:
        return bare_environment(portal, duty.regime)
    own = record_environment(portal, words.each)
    if not words.alias:
        return own
    return replace(own, names={**own.names, words.alias: LinkType(words.each.full_name)})


def field_for_target(portal: Portal, duty: Duty, words: DutyWords) -> str | None:
    """The field of the created record that says for whom it is: the one that `with` fills with the record
    itself; else the one named like its type; the owner; the first unit; the only one of that type."""
    if words.each is None or words.create is None:
        return None
    itself = {THIS, f"{THIS}.id", words.alias, f"{words.alias}.id"} - {"", ".id"}
    for name, text in duty.with_.items():
        if text.strip() in itself:
            return name
    wanted = LinkType(words.each.full_name)
    types = record_types(portal, words.create)
    fields = words.create.fields
    found = [name for name in fields if types[name] == wanted and fields[name].formula is None]
    free = [name for name in found if name not in duty.with_]
    if words.each.name in free:
        return words.each.name
    owners = [name for name in free if fields[name].owner]
    if owners or words.each.full_name == "unit":
        return next(iter([*owners, *free]), None)
    return free[0] if len(free) == 1 else None


def done_text(portal: Portal, create: RecordType) -> str:
    """What done means where the duty does not say: a final state, or, without a workflow, that a person has
    written the record and nothing that it demands is missing."""
    workflow = portal.find(Workflow, create.workflow, create.regime)
    if workflow is not None:
        final = [name for name, state in workflow.states.items() if state.final]
        return f"state in {final!r}"
    demanded = [
        name for name, spec in create.fields.items() if spec.required is True and not _elsewhere(spec.type)
    ]
    return " and ".join(f"{name} != None" for name in ("changed_by", *demanded))


def _elsewhere(kind: str) -> bool:
    """Kept in other tables than the record's own."""
    return kind in ("lines", "links", "files", "photos", "file", "photo", "signature", "checklist", "choices")
