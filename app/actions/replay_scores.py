"""Submitted checklists scored once more by a draft: which grades change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.access import SYSTEM
from app.actions.checklists import with_person
from app.actions.context import Context
from app.actions.facts import Loaded, record_scope
from app.actions.pinned import ReleaseGone, release_of
from app.actions.replaying import Replaying, earlier_record, renamed_fields, successors, unreadable
from app.release import RecordModel, Release
from app.rules import Answer, ChecklistResult, CompiledChecklist, compile_checklist, score
from app.source import N_, ConfigError
from app.spec.checklists import Checklist
from app.storage import lookup_values, read_records
from app.storage.checklist_runs import StoredAnswer
from app.storage.replaying import JudgedRun, judged_runs

Facts = Mapping[str, object]


@dataclass(slots=True)
class ScoreTally:
    """grade_changed: of these, how many records come to another grade or verdict; score_changed: how many to
    another figure; newly_failed, newly_passed: how many cross the bound."""

    grade_changed: int = 0
    score_changed: int = 0
    newly_failed: int = 0
    newly_passed: int = 0

    def as_json(self) -> dict[str, object]:
        return {
            "grade_changed": self.grade_changed,
            "score_changed": self.score_changed,
            "newly_failed": self.newly_failed,
            "newly_passed": self.newly_passed,
        }


def replay_scores(replaying: Replaying) -> ScoreTally:
    """Score every checklist of the records made since that moment by the draft."""
    scorer, release = _Scorer(replaying), replaying.live.release
    for record_type, name in checklist_fields(release):
        scorer.field(release.records[record_type], name)
    return scorer.tally


def checklist_fields(release: Release) -> list[tuple[str, str]]:
    """The checklist fields of every record type: (full name, field)."""
    records = release.records.values()
    return [(record.name, field.name) for record in records for field in record.of_type("checklist")]


class _Scorer:
    """Goes through the runs, some hundreds at a time; each list is compiled once for each release."""

    def __init__(self, replaying: Replaying) -> None:
        self.replaying = replaying
        self.tally = ScoreTally()
        self._specs = successors(replaying.draft.release.portal.section(Checklist))
        self._lists: dict[tuple[str, int | None], CompiledChecklist | None] = {}

    def field(self, record: RecordModel, name: str) -> None:
        live = self.replaying.live
        for runs in judged_runs(live.session, live.models, record.name, name, self.replaying.since):
            facts = dict(self._facts(record, runs))
            for run in runs:
                self._run(record, run, facts.get(run.record_id, {}))
            self.replaying.judged(len(runs))

    def _run(self, record: RecordModel, run: JudgedRun, facts: Facts) -> None:
        checklist = self._draft_list(run.checklist)
        say = self.replaying.live.say
        if checklist is None:
            text = N_("the draft has no such checklist")
            self.replaying.cannot(record.name, run.checklist, run.record_id, say(text))
            return
        lacking = dict.fromkeys(unreadable(self.replaying.live.release, checklist.lookups))
        if lacking:
            text = N_("it counts by {names}, which the database does not hold yet")
            why = say(text, names=", ".join(lacking))
            self.replaying.cannot(record.name, run.checklist, run.record_id, why)
            return
        found = self._score(checklist, run, facts)
        if found.mistakes or found.missing:
            self._note_unscored(record, run, found)
            return
        if not _same(run, found):
            # What a record holds today may differ from what was read that day: then like is set against like.
            then = self._pinned_list(run)
            before = self._score(then, run, facts) if then is not None else None
            self._count(_verdict(before) if before is not None else _stored(run), _verdict(found))

    def _count(self, before: tuple[object, ...], after: tuple[object, ...]) -> None:
        self.tally.score_changed += before[0] != after[0]
        self.tally.grade_changed += before[1:] != after[1:]
        self.tally.newly_failed += after[2] is False and before[2] is not False
        self.tally.newly_passed += after[2] is True and before[2] is False

    def _note_unscored(self, record: RecordModel, run: JudgedRun, found: ChecklistResult) -> None:
        live = self.replaying.live
        if found.mistakes:
            why = found.mistakes[0].message(live.translate)
        else:
            items = ", ".join(found.missing[:5])
            why = live.say(N_("what the draft asks was not answered: {items}"), items=items)
        self.replaying.cannot(record.name, run.checklist, run.record_id, why)

    def _score(self, checklist: CompiledChecklist, run: JudgedRun, facts: Facts) -> ChecklistResult:
        answers = {one.item: _answer(one) for one in run.answers if one.item in checklist.items}
        live = self.replaying.live
        known = lookup_values(live.session, live.models, facts, checklist.lookups)
        return score(checklist, answers, known if checklist.lookups else facts, run.made_at)

    def _draft_list(self, name: str) -> CompiledChecklist | None:
        key = (name, None)
        if key not in self._lists:
            spec = self._specs.get(name)
            portal = self.replaying.draft.release.portal
            self._lists[key] = compile_checklist(portal, spec) if spec is not None else None
        return self._lists[key]

    def _pinned_list(self, run: JudgedRun) -> CompiledChecklist | None:
        key = (run.checklist, run.release_id or 0)
        if key not in self._lists:
            release = _release(self.replaying.live, run.release_id or 0)
            spec = release.portal.section(Checklist).get(run.checklist) if release is not None else None
            found = compile_checklist(release.portal, spec) if release is not None and spec else None
            self._lists[key] = found
        return self._lists[key]

    def _facts(self, record: RecordModel, runs: tuple[JudgedRun, ...]) -> Iterator[tuple[int, Facts]]:
        """What the conditions of the lists read of each record, by id; nothing where none reads anything."""
        lists = [self._draft_list(name) for name in {run.checklist for run in runs}]
        read = [one for one in lists if one is not None and (one.paths or one.lookups)]
        if not read:
            return
        live = replace(self.replaying.live, actor=SYSTEM)
        earlier = earlier_record(self.replaying, record.name) or record
        renamed = renamed_fields(earlier, self.replaying.draft.release.records.get(record.name))
        paths = frozenset(tuple(path.split(".")) for one in read for path in one.paths)
        stored_paths = frozenset((renamed.get(path[0], path[0]), *path[1:]) for path in paths)
        loaded: Loaded = {}
        ids = [run.record_id for run in runs]
        for stored in read_records(live.session, live.models, record.name, ids):
            scope = record_scope(live, record, stored.values, stored_paths, loaded=loaded)
            facts = dict(with_person(live, record, stored, scope, stored_paths))
            yield stored.id, {**facts, **{new: facts.get(old) for new, old in renamed.items()}}


def _release(live: Context, number: int) -> Release | None:
    try:
        return release_of(live, number)
    except (ReleaseGone, ConfigError):
        return None


def _answer(stored: StoredAnswer) -> Answer:
    value = stored.number if stored.number is not None else stored.value
    return Answer(None if stored.not_applicable else value, stored.not_applicable, stored.remark or "")


def _stored(run: JudgedRun) -> tuple[object, ...]:
    return run.score, run.grade, run.passed


def _verdict(found: ChecklistResult) -> tuple[object, ...]:
    return found.score, found.grade, found.passed


def _same(run: JudgedRun, found: ChecklistResult) -> bool:
    return _stored(run) == _verdict(found)
