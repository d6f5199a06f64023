"""A checklist is submitted: scored by the server, kept answer by answer, its failed items made findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.actions.context import Context, transaction
from app.actions.errors import InvalidRecord
from app.actions.facts import PathParts, Scope
from app.actions.findings import Source, make_findings
from app.actions.pinned import rules_of
from app.actions.records import load_for
from app.actions.storing import audit
from app.release import FieldModel, RecordModel, Release
from app.rules import Answer, ChecklistResult, CompiledChecklist, compile_checklist, score
from app.rules.frozen import freeze
from app.rules.results import ItemResult
from app.rules.values import Plain
from app.source import N_, Refusal
from app.spec.checklists import Checklist
from app.storage import Record, linked_values, lookup_values, posting_on, update_record
from app.storage.checklist_runs import (
    RunPlace,
    StoredAnswer,
    StoredRun,
    drop_draft,
    load_run,
    store_run,
    take_attachments,
)
from app.storage.open_records import release_of_record
from app.workflow import is_locked


class ChecklistRefused(Refusal):
    """The checklist cannot be run here, or not any more."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as it was given; photos are attachment ids (uploads of the actor, or of this run)."""

    value: object = None
    not_applicable: bool = False
    remark: str = ""
    photos: tuple[int, ...] = ()

    def rule_answer(self, photos: Sequence[int]) -> Answer:
        return Answer(self.value, self.not_applicable, self.remark, photos=len(photos))


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A checklist that may be answered: the record, its field, the compiled list, the facts it reads, and the
    release by which the record is judged."""

    record: RecordModel
    field: FieldModel
    stored: Record
    checklist: CompiledChecklist
    facts: Mapping[str, object]
    release: Release


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of it: the result and the ids of the findings, in the order of the items."""

    result: ChecklistResult
    findings: tuple[int, ...]


def open_run(context: Context, place: RunPlace, checklist: str) -> OpenRun:
    """Check that the actor may answer `checklist` (a full name) at `place` now.

    Raises AccessDenied, RecordGone, ChecklistRefused.
    """
    record = context.record(place.record_type)
    field = record.fields.get(place.field)
    if field is None or field.type != "checklist":
        raise ChecklistRefused(
            N_("'{type}' has no checklist field '{field}'"), type=record.label, field=place.field
        )
    number = release_of_record(context.session, context.models, record.name, place.record_id)
    release = rules_of(context, record.name, number)
    if checklist not in lists_of(release, record.name, field):
        raise ChecklistRefused(N_("this checklist is not run in '{field}'"), field=field.label)
    compiled = compile_checklist(release.portal, release.portal.checklists[checklist])
    paths = frozenset(tuple(path.split(".")) for path in compiled.paths)
    stored, scope = load_for(context, record.name, place.record_id, "update", paths=paths)
    if is_locked(context.machine(record.name), scope):
        raise ChecklistRefused(N_("the record is closed for changes in its present state"))
    if load_run(context.session, context.models, place) is not None:
        raise ChecklistRefused(N_("this checklist was submitted already; its findings are on record"))
    facts = with_person(context, record, stored, scope, paths)
    facts = lookup_values(context.session, context.models, facts, compiled.lookups)
    return OpenRun(record, field, stored, compiled, facts, release)


def offered_lists(context: Context, place: RunPlace) -> Mapping[str, Checklist]:
    """The checklists that a field of a record is answered by, by full name: those of the release that judges
    the record. Empty where there is no such field."""
    record = context.release.records.get(place.record_type)
    field = record.fields.get(place.field) if record is not None else None
    if record is None or field is None or field.type != "checklist":
        return {}
    number = release_of_record(context.session, context.models, record.name, place.record_id)
    release = rules_of(context, record.name, number)
    return {name: release.portal.checklists[name] for name in lists_of(release, record.name, field)}


def lists_of(release: Release, record_type: str, field: FieldModel) -> tuple[str, ...]:
    """The checklists of a field that `release` has; those of the present one where it has no such field."""
    record = release.records.get(record_type)
    found = record.fields.get(field.name) if record is not None else None
    names = found.checklists if found is not None else field.checklists
    return tuple(name for name in names if name in release.portal.checklists)


def with_person(
    context: Context, record: RecordModel, stored: Record, scope: Scope, paths: frozenset[PathParts]
) -> Scope:
    """The facts with `person`, who is inspected, and `post`, what that person does at the time."""
    ident = next(
        (found for name in ("person", "offender", *record.owners) if (found := stored.values.get(name))), None
    )
    missing = {"person", "post"} - set(record.columns)
    if not isinstance(ident, int) or not missing:
        return {**dict.fromkeys(missing), **scope}
    posting = posting_on(context.session, context.models, ident, context.today)
    known = {"person": ("person", ident), "post": ("post", posting.post_id if posting else None)}
    more: Scope = {}
    for name in missing:
        target, key = known[name]
        below = frozenset(path[1:] for path in paths if path[0] == name and len(path) > 1)
        ids = (key,) if key is not None else ()
        linked = linked_values(context.session, context.models, target, ids, below)
        more[name] = None if key is None else {**linked.get(key, {}), "id": key}
    return {**scope, **more}


def submit_checklist(
    context: Context,
    place: RunPlace,
    checklist: str,
    answers: Mapping[str, GivenAnswer],
    version: int | None = None,
) -> Submitted:
    """Score the answers, keep them, and make a finding of each failed item that says so.

    version: of the record as the actor saw it. Raises what `open_run` raises, StaleRecord, and InvalidRecord
    with the messages by item when something is missing, unreadable or lacks its evidence: nothing is kept.
    """
    with transaction(context):
        run = open_run(context, place, checklist)
        by_item = {item: given.photos for item, given in answers.items() if item in run.checklist.items}
        photos = take_attachments(context.session, context.models, place, by_item, context.actor.person_id)
        given = {item: one.rule_answer(photos.get(item, ())) for item, one in answers.items()}
        result = score(run.checklist, given, run.facts, context.now)
        _refuse_incomplete(context, run, result)
        _keep(context, place, run, result, given)
        _mark_record(context, place, run, result, version)
        source = Source(run.record, run.field, run.stored, run.checklist, run.release)
        findings = make_findings(context, source, result, given, photos)
        drop_draft(context.session, context.models, place)
    return Submitted(result, findings)


def _refuse_incomplete(context: Context, run: OpenRun, result: ChecklistResult) -> None:
    if result.acceptable:
        return
    errors: dict[str, tuple[str, ...]] = {}

    def add(item: str, message: str) -> None:
        errors[item] = (*errors.get(item, ()), message)

    for one in result.mistakes:
        add(one.where, one.message(context.translate))
    titles = {item.id: context.translate(item.spec.title or item.id) for item in run.checklist.items.values()}
    unreadable = {one.where for one in result.mistakes}
    for item in result.missing:
        if item not in unreadable:
            add(item, context.say(N_("'{item}' is not answered yet"), item=titles[item]))
    for item, kind in result.lacking:
        add(
            item,
            context.say(
                N_("'{item}' needs evidence: {kind}"), item=titles[item], kind=evidence_word(context, kind)
            ),
        )
    raise InvalidRecord(errors)


EVIDENCE_WORDS = {
    "photo": N_("a photo"),
    "remark": N_("a remark"),
    "file": N_("a file"),
    "signature": N_("a signature"),
}


def evidence_word(context: Context, kind: str) -> str:
    return context.translate(EVIDENCE_WORDS.get(kind, kind))


def _keep(
    context: Context, place: RunPlace, run: OpenRun, result: ChecklistResult, given: Mapping[str, Answer]
) -> None:
    rows = tuple(_stored(item, run, given.get(item.id)) for item in result.asked)
    told, checklist = result.told(), run.checklist
    inputs: dict[str, Plain] = {
        "now": context.now.isoformat(),
        "answers": {item: one.to_json() for item, one in given.items()},
        **freeze(run.facts, checklist.paths, (one.key for one in checklist.lookups)),
    }
    release = run.release.number or None
    stored = StoredRun(result.checklist, release, told, rows, result.reasons_json(), inputs)
    store_run(context.session, context.models, place, stored)


def _stored(item: ItemResult, run: OpenRun, given: Answer | None) -> StoredAnswer:
    number = item.value if isinstance(item.value, Decimal) else None
    judged = {"passed": True, "failed": False}
    return StoredAnswer(
        section=item.section,
        item=item.id,
        answer=run.checklist.items[item.id].spec.answer,
        value=item.answer,
        number=number,
        remark=(given.remark.strip() or None) if given else None,
        not_applicable=item.state == "not_applicable",
        passed=judged.get(item.state),
        points=item.points,
        lost=item.lost,
    )


def _mark_record(
    context: Context, place: RunPlace, run: OpenRun, result: ChecklistResult, version: int | None
) -> None:
    """The record shows which list was run and what came of it."""
    name = place.field
    after = {
        f"{name}_checklist": result.checklist,
        f"{name}_score": result.score,
        f"{name}_grade": result.grade,
        f"{name}_passed": result.passed,
    }
    session, models = context.session, context.models
    update_record(session, models, run.record.name, place.record_id, after, context.stamp, version)
    before = {key: run.stored.values.get(key) for key in after}
    audit(context, "update", run.record.name, place.record_id, run.stored.label, before, after, name)
