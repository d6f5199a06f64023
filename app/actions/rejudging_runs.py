"""Checklists scored again from their stored answers, and everything that one record led to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.actions.context import Context
from app.actions.pinned import ReleaseGone, release_of
from app.actions.rejudging import Difference, NotRejudged, Rejudged, rejudge_penalty
from app.rules import Answer, CompiledChecklist, compile_checklist, score
from app.rules.frozen import thaw
from app.source import N_
from app.spec.checklists import Checklist
from app.storage import RecordGone, read_record
from app.storage.checklist_runs import RunPlace, StoredRun, load_run
from app.storage.penalties import penalties_raised

PENALTY = "penalty"
_WHOLE = {"score": N_("score"), "base": N_("base"), "grade": N_("grade"), "passed": N_("passed")}
_OF_ITEM = {"state": N_("state"), "points": N_("points"), "lost": N_("points lost")}
_OF_FINDING = {"class": N_("class"), "level": N_("level"), "penalty": N_("penalty")}


def rejudge(context: Context, record_type: str, record_id: int) -> tuple[Rejudged, ...]:
    """Judge again what is stored of a record: a penalty; else its checklists, and every penalty it led to.

    Raises RecordGone, and NotRejudged where there is nothing, or something of it cannot be judged again.
    """
    if record_type == PENALTY:
        return (rejudge_penalty(context, record_id),)
    record = context.record(record_type)
    stored = read_record(context.session, context.models, record_type, record_id)
    if stored is None:
        raise RecordGone(record_type, record_id)
    places = (RunPlace(record_type, record_id, one.name) for one in record.of_type("checklist"))
    runs = [(place, load_run(context.session, context.models, place)) for place in places]
    found = [_rejudge_run(context, place, run) for place, run in runs if run is not None]
    raised = penalties_raised(context.session, context.models, record_type, record_id)
    found += [rejudge_penalty(context, row.id) for row in raised if row.facts is not None]
    if not found:
        raise NotRejudged(N_("{label}: nothing of it was judged"), label=stored.label)
    return tuple(found)


def rejudge_run(context: Context, place: RunPlace) -> Rejudged:
    """Score one submitted checklist again. Raises NotRejudged."""
    run = load_run(context.session, context.models, place)
    if run is None:
        raise NotRejudged(N_("no checklist was submitted there"))
    return _rejudge_run(context, place, run)


def _rejudge_run(context: Context, place: RunPlace, run: StoredRun) -> Rejudged:
    label = f"{place.record_type} {place.record_id} {run.checklist}"
    if not run.inputs:
        raise NotRejudged(N_("{label}: what it was judged by was not kept in those days"), label=label)
    checklist = _checklist(context, run, label)
    answers = {item: Answer.from_json(one) for item, one in run.inputs["answers"].items()}
    now = datetime.fromisoformat(run.inputs["now"])
    again = score(checklist, answers, thaw(run.inputs), now).told()
    differences = tuple(_differences(label, run.result, again))
    steps = 1 + len(run.answers)
    return Rejudged(place.record_type, place.record_id, label, run.release_id or 0, steps, differences)


def _checklist(context: Context, run: StoredRun, label: str) -> CompiledChecklist:
    try:
        release = release_of(context, run.release_id)
    except ReleaseGone as error:
        text = N_("{label}: release {release} is not stored in this database")
        raise NotRejudged(text, label=label, release=error.number) from error
    spec = release.portal.section(Checklist).get(run.checklist)
    if spec is None:
        raise NotRejudged(N_("{label}: that release has no such checklist"), label=label)
    key = ("pinned checklist", release.number, run.checklist)
    return context.keep(key, lambda: compile_checklist(release.portal, spec))


def _differences(label: str, stored: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[Difference]:
    yield from _compared(label, stored, again, _WHOLE)
    for name, key, words in (("items", "id", _OF_ITEM), ("findings", "item", _OF_FINDING)):
        before = {one[key]: one for one in stored.get(name) or ()}
        after = {one[key]: one for one in again.get(name) or ()}
        for one in dict.fromkeys((*before, *after)):
            if one not in before or one not in after:
                there = (N_("there"), N_("not there"))
                kept, found = there if one in before else there[::-1]
                yield Difference(
                    f"{label}/{one}", N_("item") if name == "items" else N_("finding"), kept, found
                )
            else:
                yield from _compared(f"{label}/{one}", before[one], after[one], words)


def _compared(
    place: str, stored: Mapping[str, Any], again: Mapping[str, Any], words: Mapping[str, str]
) -> Iterator[Difference]:
    for name, what in words.items():
        if stored.get(name) != again.get(name):
            yield Difference(place, what, _said(stored.get(name)), _said(again.get(name)))


def _said(value: object) -> str:
    return "-" if value is None else str(value)
