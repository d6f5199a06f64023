"""Records that a print shows beside its own: findings, penalties, and whom a penalty is shared with."""

from __future__ import annotations

from collections.abc import Sequence

from app.access import hidden_fields
from app.actions.context import Context
from app.actions.report_values import Reader
from app.actions.stored_reasons import reasons_of
from app.actions.visible import visible_records
from app.release import RecordModel
from app.storage import Record


def printed_findings(context: Context, record: RecordModel, stored: Record) -> list[Record]:
    """The findings that point at the record, and those that it points at itself, oldest first.

    Which types are findings, the checklist fields say (`finding:`). A link that the reader may not see leads
    nowhere.
    """
    models = context.release.records
    kinds = {one.finding for model in models.values() for one in model.of_type("checklist") if one.finding}
    found: dict[tuple[str, int], Record] = {}
    for name in sorted(kinds & models.keys() - {record.name}):
        there = hidden_fields(context.policy, context.actor, name)
        for link in models[name].of_type("link"):
            if link.target == record.name and link.name not in there:
                for one in visible_records(context, name, {link.name: stored.id}):
                    found[name, one.id] = one
        ids = _linked_ids(context, record, stored, name)
        for one in visible_records(context, name, {"id": ids}) if ids else ():
            found[name, one.id] = one
    return list(found.values())


def _linked_ids(context: Context, record: RecordModel, stored: Record, target: str) -> list[int]:
    hidden = hidden_fields(context.policy, context.actor, record.name)
    ids: list[int] = []
    for link in record.of_type("link", "links"):
        value = stored.values.get(link.name)
        if link.target == target and link.name not in hidden:
            ids += [value] if isinstance(value, int) else value if isinstance(value, tuple) else ()
    return ids


def printed_penalties(context: Context, raised_by: Sequence[Record]) -> list[Record]:
    """The penalties that these records led to; one look-up for each record type."""
    if {"record_type", "record_id"} & hidden_fields(context.policy, context.actor, "penalty"):
        return []
    ids: dict[str, list[int]] = {}
    for one in raised_by:
        ids.setdefault(one.record_type, []).append(one.id)
    return [
        found
        for record_type, of_type in ids.items()
        for found in visible_records(context, "penalty", {"record_type": record_type, "record_id": of_type})
    ]


def printed_partners(context: Context, stored: Record) -> list[Record]:
    """Whom a penalty is shared with: the one it hangs on, and those that hang on it."""
    if stored.record_type != "penalty":
        return []
    if "joint_with" in hidden_fields(context.policy, context.actor, "penalty"):
        return []
    direct = stored.values.get("joint_with")
    above = visible_records(context, "penalty", {"id": direct}) if direct is not None else []
    return above + visible_records(context, "penalty", {"joint_with": stored.id})


def in_words(context: Context, records: Sequence[Record]) -> list[dict[str, object]]:
    """Each record's fields in words, with `raw`; a penalty has its `reasons` too."""
    readers: dict[str, Reader] = {}
    for name in dict.fromkeys(one.record_type for one in records):
        same = [one for one in records if one.record_type == name]
        readers[name] = Reader.of(context, context.record(name), same)
    reasons = reasons_of(context, [one.id for one in records if one.record_type == "penalty"])
    return [
        {
            **readers[one.record_type].words(one),
            "raw": readers[one.record_type].raw(one),
            "type": readers[one.record_type].say(readers[one.record_type].record.label),
            "reasons": reasons.get(one.id, []),
        }
        for one in records
    ]
