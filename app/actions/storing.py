"""A finished draft into the database, with its number and its audit entry. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.actions.checking import complain_of_size
from app.actions.clock_links import note_change
from app.actions.clocks import sync_clocks, sync_many
from app.actions.context import Context
from app.actions.draft import Draft, Values
from app.actions.errors import InvalidRecord
from app.actions.numbering import next_in_series
from app.actions.penalty_chain import PENALTY, Note, note_penalty
from app.actions.settle_duties import settle_written
from app.release import RecordModel
from app.storage import (
    BadValue,
    BrokenLink,
    Change,
    ForeignAttachment,
    NotUnique,
    Record,
    UnknownLine,
    append_audit,
    append_audits,
    insert_record,
    labels_of,
    update_record,
)
from app.storage.past import WRITTEN
from app.workflow import is_empty


@dataclass(frozen=True, slots=True)
class Saved:
    """What was stored: the record's id, its version and the words it goes by."""

    record_type: str
    id: int
    version: int
    label: str


@dataclass(frozen=True, slots=True)
class Besides:
    """What goes with a change of a built-in record: columns that are no fields, a note for the chain."""

    columns: Mapping[str, object] | None = None
    note: Note | None = None


def store_new(
    context: Context, draft: Draft, extra: Mapping[str, object] | None = None, release: int | None = None
) -> Saved:
    """Insert the draft's record with its number. `extra`: columns of built-in types that are no fields;
    release: the one that judges the record, None = the present one."""
    record = draft.record
    _refuse_oversized(draft)
    values = {name: value for name, value in draft.values.items() if not is_empty(value)}
    number = next_in_series(context, record, draft.scope)
    if number is not None:
        values["number"] = number
    with in_words(context, record):
        stamp = context.stamp if release is None else replace(context.stamp, release_id=release)
        record_id = insert_record(context.session, context.models, record.name, values, stamp, extra)
    label = label_of(context, record.name, record_id)
    audit(context, "create", record.name, record_id, label, before=None, after=values)
    settle_written(context, record.name, record_id, new=True)
    return Saved(record.name, record_id, 1, label)


def store_changes(
    context: Context,
    draft: Draft,
    stored: Record,
    version: int | None,
    action: str = "update",
    detail: str = "",
    more: Mapping[str, object] | None = None,
    besides: Besides | None = None,
) -> Saved:
    """Write what the draft changes, and `more` fields that the portal sets itself (`state`).

    version: the one that the editor read, None for the one in `stored`: what was worked out from it must not
    be written over something newer. Raises StaleRecord, InvalidRecord.
    """
    _refuse_oversized(draft)
    changes: Values = {**draft.changes, **(more or {})}
    if not changes and action == "update":
        return Saved(stored.record_type, stored.id, stored.version, stored.label)
    with in_words(context, draft.record):
        written = update_record(
            context.session,
            context.models,
            stored.record_type,
            stored.id,
            changes,
            context.stamp,
            stored.version if version is None else version,
            besides.columns if besides is not None else None,
        )
    label = label_of(context, stored.record_type, stored.id)
    before = {name: stored.values.get(name) for name in changes}
    note = besides.note if besides is not None else None
    audit(context, action, stored.record_type, stored.id, label, before, changes, detail, note)
    settle_written(context, stored.record_type, stored.id, new=False)
    return Saved(stored.record_type, stored.id, written, label)


def _refuse_oversized(draft: Draft) -> None:
    """Values that the portal itself set may make a computed one too large, which no form has checked."""
    complain_of_size(draft)
    draft.complaints.raise_any()


def audit(
    context: Context,
    action: str,
    record_type: str,
    record_id: int | None,
    label: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    detail: str = "",
    note: Note | None = None,
) -> None:
    """One entry in the audit trail, in the current transaction; a change brings the record's clocks along.

    note: what the chain of a penalty is told besides.
    """
    change = Change(action, record_type, record_id, label, detail, before, after)
    append_audit(context.session, context.models, context.stamp, change)
    if record_id is not None and action in WRITTEN:
        if record_type == PENALTY:
            note_penalty(context, record_id, note)
        sync_clocks(context, record_type, record_id)
        if action != "create":
            note_change(context, record_type, record_id, before or {}, after or {})


def audit_released(
    context: Context, record_type: str, releases: Mapping[int, tuple[int, int]], why: str
) -> None:
    """Entries for records of one type that went from one release to another (id -> old, new), with their
    clocks; for a penalty the caller notes in its chain what that comes to."""
    ids = sorted(releases)
    labels = labels_of(context.session, context.models, record_type, ids)
    changes = [
        Change(
            "update", record_type, one, labels.get(one, f"#{one}"), f"#{old} → #{new} {why}".strip(),
            {"release_id": old}, {"release_id": new},
        )
        for one, (old, new) in sorted(releases.items())
    ]  # fmt: skip
    append_audits(context.session, context.models, context.stamp, changes)
    sync_many(context, record_type, ids)


def label_of(context: Context, record_type: str, record_id: int) -> str:
    """The words that a record goes by."""
    return labels_of(context.session, context.models, record_type, [record_id]).get(
        record_id, f"#{record_id}"
    )


@contextmanager
def in_words(context: Context, record: RecordModel) -> Iterator[None]:
    """What the storage refuses, as InvalidRecord at the field that it is about."""
    try:
        yield
    except NotUnique as error:
        raise InvalidRecord({error.field: (error.message(context.translate),)}) from error
    except (BadValue, UnknownLine, ForeignAttachment) as error:
        raise InvalidRecord({error.field.name: (error.message(context.translate),)}) from error
    except BrokenLink as error:
        raise InvalidRecord({"": (error.message(context.translate),)}) from error
