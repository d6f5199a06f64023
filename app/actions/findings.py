"""A failed item becomes a finding: a record whose fields are filled by their names.

From `on_fail` come class, level, penalty (the schedule's full name), rectify_by and what `with:` sets; from
the item: item, item_title, section_title, standard, checklist; from the answer: remark, value, photos; from
the inspected record: every field of the same name, and itself in each link that leads to its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.actions.context import Context
from app.actions.preparing import prepare_trusted
from app.actions.storing import store_new
from app.release import FieldModel, RecordModel, Release
from app.rules import Answer, ChecklistResult, CompiledChecklist, FindingDraft
from app.spec.checklists import Standard
from app.spec.penalties import PenaltySchedule
from app.storage import Record
from app.storage.checklist_runs import copy_attachments
from app.workflow import is_empty

_INHERITED_NOT = frozenset({"number", "state", "id", "created_by", "created_at", "changed_by", "changed_at"})


@dataclass(frozen=True, slots=True)
class Source:
    """What was inspected by which list: the record, its field, and the release that judges it. Its findings
    name that release too, so that what follows from them is judged by the same rules."""

    record: RecordModel
    field: FieldModel
    stored: Record
    checklist: CompiledChecklist
    release: Release


def make_findings(
    context: Context,
    source: Source,
    result: ChecklistResult,
    given: Mapping[str, Answer],
    photos: Mapping[str, tuple[int, ...]],
) -> tuple[int, ...]:
    """Store a finding for each failed item that says so; their ids in the order of the items."""
    target = context.release.records.get(source.field.finding or "")
    if target is None:
        return ()
    ids = []
    for draft in result.findings:
        values = _inherited(source.record, target, source.stored)
        values |= _of_item(source.release, source.checklist, draft, given.get(draft.item))
        values |= _of_rule(source.release, source.checklist, draft)
        values = {
            name: value for name, value in values.items() if name in target.fields and not is_empty(value)
        }
        values |= _photos(context, target, photos.get(draft.item, ()))
        fitted = {name: _fitted(target.fields[name], value, context.zone) for name, value in values.items()}
        prepared = prepare_trusted(context, target, fitted)
        ids.append(store_new(context, prepared, release=source.release.number).id)
    return tuple(ids)


def _inherited(source: RecordModel, target: RecordModel, stored: Record) -> dict[str, object]:
    """Fields of the same name and kind, and the link back to the inspected record."""
    values: dict[str, object] = {}
    for name, found in target.fields.items():
        own = source.columns.get(name)
        if found.type == "link" and found.target == source.name:
            values[name] = stored.id
        elif own is not None and name not in _INHERITED_NOT and _alike(own, found):
            values[name] = stored.values.get(name)
    return values


def _alike(own: FieldModel, other: FieldModel) -> bool:
    """Whether a value of one field may stand in the other; lines and files belong to their record."""
    if own.kind.storage not in ("column", "link"):
        return False
    return own.type == other.type and own.target == other.target


def _of_item(
    release: Release, checklist: CompiledChecklist, draft: FindingDraft, given: Answer | None
) -> dict[str, object]:
    rule = checklist.items[draft.item]
    section = checklist.sections[draft.section].spec
    value = given.value if given is not None else None
    return {
        "item": draft.item,
        "item_title": rule.spec.title or draft.item,
        "section_title": section.title or section.id,
        "standard": _clause_words(release, checklist, draft),
        "checklist": checklist.spec.title or checklist.spec.full_name,
        "remark": draft.remark,
        "value": None if value is None else str(value),
    }


def _clause_words(release: Release, checklist: CompiledChecklist, draft: FindingDraft) -> str | None:
    """The clause as people cite it: the standard, the clause's number, its words."""
    if draft.standard is None:
        return None
    name, _, clause_name = draft.standard.rpartition(".")
    standard = release.portal.find(Standard, name, checklist.spec.regime)
    clause = standard.clauses.get(clause_name) if standard is not None else None
    if standard is None or clause is None:
        return draft.standard
    edition = f"({standard.edition})" if standard.edition else ""
    return " ".join(part for part in (standard.label, edition, clause.clause, clause.title) if part)


def _of_rule(release: Release, checklist: CompiledChecklist, draft: FindingDraft) -> dict[str, object]:
    schedule = release.portal.find(PenaltySchedule, draft.penalty, checklist.spec.regime)
    return {
        "class": draft.class_,
        "level": draft.level,
        "penalty": schedule.full_name if schedule is not None else None,
        "rectify_by": draft.rectify_by,
        "critical": draft.critical,
        **draft.values,
    }


def _photos(context: Context, target: RecordModel, ids: tuple[int, ...]) -> dict[str, object]:
    """Copies of the item's photos for the finding's photo field, as many as it takes."""
    field = target.fields.get("photos") or target.fields.get("photo")
    if field is None or not ids:
        return {}
    most = 1 if field.type == "photo" else int(field.spec.max or len(ids))
    copies = copy_attachments(context.session, context.models, ids[:most], context.actor.person_id)
    return {field.name: copies[0] if field.type == "photo" else copies}


def _fitted(field: FieldModel, value: object, zone: ZoneInfo) -> object:
    """The value in the field's own shape: a moment as a day, a long text cut to what the column takes."""
    if field.type == "date" and isinstance(value, datetime):
        return value.astimezone(zone).date()
    if field.type == "text" and isinstance(value, str) and field.spec.max and str(field.spec.max).isdigit():
        return value[: int(field.spec.max)]
    return value
