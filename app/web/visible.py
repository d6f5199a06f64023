"""What a reader may see of a record: read, then cut down. Everything that shows records goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import abort

from app.access import Actor, decide, hidden_fields, logs_reading, mask_value, masked_fields, row_scope
from app.access.masks import Mask
from app.actions import load_for
from app.actions.context import transaction
from app.actions.hiding import show_conditions
from app.actions.storing import audit
from app.actions.visible import sight_of
from app.release import RecordModel
from app.storage import Record, labels_of
from app.storage.labels import LabelPart
from app.web.context import Served, action_context, actor, session

ASKED = ("read", "update", "delete", "print", "export")
"""Verbs that a record's page wants to know about."""


@dataclass(frozen=True, slots=True)
class Visible:
    """A record as its reader sees it: hidden fields are gone, masked ones are stars.

    facts: the whole record as expressions see it, for asking what may be done, never for showing; verbs: what
    the reader may do with this very record, of those in `ASKED`; masks: the fields shown in part.
    """

    record: Record
    hidden: frozenset[str]
    masks: Mapping[str, Mask]
    facts: Mapping[str, Any]
    verbs: frozenset[str]

    @classmethod
    def of(cls, here: Served, stored: Record, facts: Mapping[str, Any]) -> Visible:
        """Cut `stored` down to what the actor may see. The row itself was allowed before."""
        asker, kind = actor(), stored.record_type
        hidden = hidden_fields(here.policy, asker, kind)
        masks = masked_fields(here.policy, asker, kind, facts)
        verbs = frozenset(verb for verb in ASKED if decide(here.policy, asker, verb, kind, facts).allowed)
        return cls(_cut(here, asker, stored, hidden, masks), hidden, masks, facts, verbs)

    def open_values(self) -> dict[str, Any]:
        """The values that a script in the page may read: nothing hidden, nothing in part."""
        return {name: value for name, value in self.record.values.items() if name not in self.masks}


def read_visible(
    here: Served, record: RecordModel, pk: int, verb: str = "read", open: bool = False
) -> Visible:
    """The record with this id, if the actor may read it and do `verb` with it; 403 where it may be read but
    not that. `open` notes in the audit trail that a confidential record was looked at. Raises RecordGone.

    The facts hold what the record's workflow asks too.
    """
    machine = here.machine(record.name)
    asker, context = actor(), action_context()
    asked = [row_scope(here.policy, asker, one, record.name) for one in ASKED]
    expressions = [condition for scope in asked for condition in scope.conditions]
    expressions += [one for shown in show_conditions(record).values() for one in shown]
    paths = machine.paths if machine else ()
    stored, facts = load_for(
        context,
        record.name,
        pk,
        paths=paths,
        expressions=[*expressions, *(machine.expressions if machine else ())],
    )
    seen = Visible.of(here, stored, facts)
    if verb not in seen.verbs:
        abort(403)
    if open and logs_reading(here.policy, record.name):
        with transaction(context):
            audit(context, "read", record.name, pk, stored.label)
    return seen


def _cut(
    here: Served, asker: Actor, stored: Record, hidden: frozenset[str], masks: Mapping[str, Mask]
) -> Record:
    record = here.record(stored.record_type)
    values = {name: value for name, value in stored.values.items() if name not in hidden}
    for name, kind in masks.items():
        value = values.get(name)
        if isinstance(value, str):
            values[name] = mask_value(kind, value)
    labels = {
        name: _link_words(here, asker, record, name, words, values.get(name))
        for name, words in stored.labels.items()
        if name not in hidden
    }
    return replace(
        stored,
        values=values,
        labels=labels,
        line_labels={name: lines for name, lines in stored.line_labels.items() if name not in hidden},
        attachments={name: files for name, files in stored.attachments.items() if name not in hidden},
        label=open_label(
            here, asker, stored.record_type, stored.told, stored.id, stored.values.get("number")
        ),
    )


def _link_words(here: Served, asker: Actor, record: RecordModel, name: str, words: Any, value: object) -> Any:
    target = record.columns[name].target or ""
    if label_is_open(here, asker, target):
        return words
    return tuple(f"#{one}" for one in value) if isinstance(value, tuple) else f"#{value}"


def open_label(
    here: Served, asker: Actor, record_type: str, words: str, key: int, number: object = None
) -> str:
    """A record's label, unless it would tell what the reader may not see: then its number, or else its id."""
    if label_is_open(here, asker, record_type):
        return words
    hidden = hidden_fields(here.policy, asker, record_type)
    return str(number) if number and "number" not in hidden else f"#{key}"


def told_label(here: Served, record_type: str, key: int) -> str:
    """What a record that was just written is called, as far as its writer may know."""
    words = labels_of(session(), here.models, record_type, [key], sight_of(action_context()))
    return open_label(here, actor(), record_type, words.get(key, f"#{key}"), key)


def label_is_open(here: Served, asker: Actor, record_type: str) -> bool:
    """Whether nothing that a record type's label is made of is hidden from the reader or shown in part."""
    if asker.unlimited or record_type not in here.models.labels:
        return True
    key = ("open label", record_type, asker.roles, asker.kind)
    return here.remember(key, lambda: _find_open(here, asker, record_type))


def _find_open(here: Served, asker: Actor, record_type: str) -> bool:
    for part in here.models.labels[record_type]:
        if not isinstance(part, LabelPart):
            continue
        at: str | None = record_type
        for name in part.path:
            if at is None or at not in here.release.records:
                break
            closed = hidden_fields(here.policy, asker, at) | masked_fields(here.policy, asker, at).keys()
            if name in closed:
                return False
            found = here.record(at).columns.get(name)
            at = found.target if found else None
    return True
