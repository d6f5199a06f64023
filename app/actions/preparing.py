"""What was posted -> what will be stored: read, completed, computed and checked, every fault at once.

The rules are those of the form in the browser; here they count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count

from app.access import mask_value, masked_fields, read_only_fields
from app.actions.checking import check_values
from app.actions.coerce import Unreadable, coerce
from app.actions.computing import complete
from app.actions.context import Context
from app.actions.draft import Draft, Values, draft_paths, fresh_scope
from app.actions.errors import Complaint, Complaints
from app.actions.hiding import drop_hidden
from app.expressions import Expression, holds
from app.release import FieldModel, RecordModel
from app.source import N_
from app.storage import Record
from app.workflow import is_empty, plain

IGNORED = frozenset({"version"})
"""Names that forms post beside the fields."""


def prepare(
    context: Context,
    record: RecordModel,
    posted: Mapping[str, object],
    stored: Record | None = None,
    asked: Collection[str] | None = None,
) -> Draft:
    """Work a user's values into a record. Raises InvalidRecord with everything that is wrong.

    posted: field name -> value, typed or as text; names the user may not write are left out of account, names
    that the record type does not have are refused. asked: only these fields take values, even those that a
    form never opens (what a transition asks for).
    """
    draft = _begin(context, record, stored)
    draft.writable = _writable(draft) if asked is None else _asked(draft, asked)
    _read_posted(draft, posted)
    complete(draft)
    drop_hidden(draft)
    check_values(draft)
    draft.complaints.raise_any()
    return draft


def prepare_trusted(
    context: Context, record: RecordModel, values: Mapping[str, object], stored: Record | None = None
) -> Draft:
    """Work values that the portal itself sets (an effect, a failed item) into a record: defaults and formulas
    count, the user's rights and the form's demands do not. Values must be of the fields' types."""
    draft = _begin(context, record, stored)
    for name, value in values.items():
        found = record.fields.get(name)
        if found is not None:
            draft.values[name] = value if found.type == "lines" else plain(value)
        if found is not None and found.type == "location" and isinstance(value, str):
            draft.values[name] = coerce(found, value, context.zone)
    draft.posted = frozenset(values)
    complete(draft)
    return draft


def _begin(context: Context, record: RecordModel, stored: Record | None) -> Draft:
    before = dict(stored.values) if stored is not None else None
    values: Values = dict(before or {})
    if before is None:
        values |= {"created_by": context.actor.person_id, "created_at": context.now}
        if record.workflow is not None:
            values["state"] = record.workflow.start
    draft = Draft(context, record, before, values, Complaints(context.translate))
    draft.paths = draft_paths(context, record, new=stored is None)
    fresh_scope(draft)
    return draft


def _writable(draft: Draft) -> frozenset[str]:
    """The fields whose values the user may set on this record."""
    context, record = draft.context, draft.record
    barred = read_only_fields(context.policy, context.actor, record.name)
    return frozenset(
        name for name, found in record.fields.items() if name not in barred and is_open(found, draft.scope)
    )


def _asked(draft: Draft, asked: Collection[str]) -> frozenset[str]:
    """The fields among `asked` that the user may fill in: all that the own roles do not close."""
    context, record = draft.context, draft.record
    barred = read_only_fields(context.policy, context.actor, record.name)
    kept = (name for name in asked if name in record.fields and name not in barred)
    return frozenset(
        name for name in kept if not record.fields[name].computed and record.fields[name].type != "checklist"
    )


def is_open(found: FieldModel, scope: Mapping[str, object]) -> bool:
    """Whether the field itself takes values from users: not computed, no checklist, not read-only now."""
    if found.computed or found.type == "checklist":
        return False
    locked = found.read_only
    return not (holds(locked, scope) if isinstance(locked, Expression) else locked)


def _read_posted(draft: Draft, posted: Mapping[str, object]) -> None:
    context, record = draft.context, draft.record
    masks = masked_fields(context.policy, context.actor, record.name, draft.scope)
    taken = set()
    for name, raw in posted.items():
        found = record.fields.get(name)
        if found is None:
            if name not in record.columns and name not in IGNORED:
                draft.complaints.add(name, Complaint(N_("there is no field of this name")))
        elif name in draft.writable and not (name in masks and _is_masked(draft, found, raw)):
            draft.values[name] = _read(draft, found, raw)
            taken.add(name)
    draft.posted = frozenset(taken)


def _is_masked(draft: Draft, found: FieldModel, raw: object) -> bool:
    """Whether a form sent back the stars that it was shown: the value stays as it is."""
    kept = draft.values.get(found.name)
    return found.spec.mask is not None and kept is not None and raw == mask_value(found.spec.mask, str(kept))


def _read(draft: Draft, found: FieldModel, raw: object) -> object:
    try:
        value = coerce(found, raw, draft.context.zone)
    except Unreadable as error:
        draft.complaints.add(found.name, Complaint(error.text, error.params))
        return draft.values.get(found.name)
    if found.type != "lines" or not isinstance(value, tuple):
        return value
    kept = draft.values.get(found.name)
    known = {line["id"]: line for line in kept} if isinstance(kept, (list, tuple)) else {}
    return tuple(
        _read_line(draft, found, line, known, place) for line, place in zip(value, count(), strict=False)
    )


def _read_line(
    draft: Draft, found: FieldModel, raw: Mapping[str, object], known: Mapping[object, Values], place: int
) -> Values:
    """One line: columns that take no values from users keep what they had."""
    ident = raw.get("id")
    ident = int(ident) if isinstance(ident, str) and ident.isdecimal() else ident
    line: Values = dict(known.get(ident, {}))
    if not is_empty(ident):
        line["id"] = ident
    for name, column in found.lines.items():
        if name not in raw or not is_open(column, {**draft.scope, **line, "this": draft.scope}):
            continue
        try:
            line[name] = coerce(column, raw[name], draft.context.zone)
        except Unreadable as error:
            draft.complaints.add(f"{found.name}.{place}.{name}", Complaint(error.text, error.params))
    return line
