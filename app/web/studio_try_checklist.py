"""A checklist of a draft answered on trial: its form with the live score, what the server makes of it,
and the findings that would be made. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from app.actions.checklists import EVIDENCE_WORDS
from app.release import FieldModel, Release
from app.rules import ChecklistResult, CompiledChecklist, compile_checklist, score
from app.rules.answers import NOT_APPLICABLE, Answer
from app.rules.checklist_examples import checklist_facts
from app.rules.mistakes import Mistake
from app.rules.results import FindingDraft
from app.rules.said_times import said_moment
from app.rules.values import figure, plain
from app.spec.checklists import Checklist
from app.spec.penalties import PenaltySchedule
from app.web.checklist_spec import browser_conditions
from app.web.display import option_title
from app.web.languages import label
from app.web.reasons import Step, steps_of
from app.web.run_page import Given, RunSection, browser_facts, clause_words, run_sections, run_spec
from app.web.studio_links import why_addresses
from app.web.studio_try_fields import FactField, fact_field, path_words, typed_paths

FACT, MOST_COUNTED = "fact.", 99
COUNTED = ("photo", "file", "signature")


@dataclass(frozen=True, slots=True)
class TrialFinding:
    """A finding that would be made: title, what it says besides, and where the item stands."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrialScore:
    """What the answers come to under one configuration. lacking: what is still missing, in words."""

    mistakes: tuple[str, ...] = ()
    score: str = ""
    grade: str = ""
    passed: bool | None = None
    lacking: tuple[str, ...] = ()
    findings: tuple[TrialFinding, ...] = ()
    reasons: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialPage:
    """What `checklist/items.html` shows of a checklist that is only tried out."""

    title: str
    count: int
    sections: tuple[RunSection, ...]
    facts: tuple[FactField, ...]
    spec: Mapping[str, object]
    conditions: str
    counted: Mapping[str, tuple[tuple[str, str], ...]]
    counts: Mapping[str, str]
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trial: bool = True


def trial_page(
    release: Release, checklist: Checklist, sent: Mapping[str, str], revision: int, errors: Mapping[str, str]
) -> TrialPage:
    """The form. sent: what was filled in, by the name of the control; errors: item -> message."""
    compiled = compile_checklist(release.portal, checklist)
    known, _wrong = checklist_facts(compiled, _facts_of(sent))
    facts = browser_facts(compiled, known)
    return TrialPage(
        title=label(checklist.label),
        count=len(compiled.items),
        sections=run_sections(
            compiled, release.portal, _given(compiled, sent), why_addresses(revision=revision)
        ),
        facts=tuple(_fact_fields(release, compiled, sent)),
        spec=run_spec(compiled, facts, None),
        conditions=browser_conditions(compiled, frozenset(facts)),
        counted={item: tuple(_counted(compiled, item)) for item in compiled.items},
        counts={name: text for name, text in sent.items() if name.partition(".")[0] in COUNTED},
        errors={item: (message,) for item, message in errors.items()},
    )


def trial_score(
    release: Release, name: str, sent: Mapping[str, str], now: datetime
) -> tuple[TrialScore, dict[str, str]]:
    """What a configuration makes of the answers, and what is wrong with single items."""
    portal = release.portal
    checklist = portal.checklists.get(name)
    if checklist is None:
        return TrialScore((_("This checklist is not in the release in service."),)), {}
    compiled = compile_checklist(portal, checklist)
    facts, wrong = checklist_facts(compiled, _facts_of(sent, compiled))
    result = score(compiled, _answers(compiled, sent), facts, now)
    errors = {one.where: one.message(_) for one in result.mistakes if one.where in compiled.items}
    return _score(release, compiled, result, wrong), errors


def _score(
    release: Release, compiled: CompiledChecklist, result: ChecklistResult, wrong: tuple[Mistake, ...]
) -> TrialScore:
    titles = {name: label(item.spec.title) or name for name, item in compiled.items.items()}
    lacking = [_("Not answered yet: %(item)s", item=titles[item]) for item in result.missing]
    lacking += [
        _("%(item)s still needs %(kind)s.", item=titles[item], kind=_(EVIDENCE_WORDS.get(kind, kind)))
        for item, kind in result.lacking
    ]
    return TrialScore(
        mistakes=tuple(one.message(_) for one in (*wrong, *result.mistakes)),
        score="" if result.score is None else figure(result.score),
        grade=label(result.grade or ""),
        passed=result.passed,
        lacking=tuple(lacking),
        findings=tuple(_finding(release, compiled, one) for one in result.findings),
        reasons=steps_of(tuple(result.reasons())),
    )


def _finding(release: Release, compiled: CompiledChecklist, one: FindingDraft) -> TrialFinding:
    """The finding in words: options by their titles, schedule and standard by theirs."""
    regime, zone = compiled.spec.regime, compiled.zone
    columns = _finding_columns(release, compiled.spec.full_name)
    schedule = release.portal.find(PenaltySchedule, one.penalty, regime)

    def option(name: str, key: object) -> str:
        column = columns.get(name)
        return option_title(column, str(key)) if column is not None and key else str(plain(key) or "")

    rows = [
        (_("Class"), option("class", one.class_)),
        (_("Level"), option("level", one.level)),
        (_("Penalty schedule"), label(schedule.label) if schedule is not None else one.penalty or ""),
        (_("To be put right by"), said_moment(one.rectify_by, zone) if one.rectify_by else one.rectify or ""),
        (_("Evidence"), ", ".join(str(_(EVIDENCE_WORDS.get(kind, kind))) for kind in one.evidence)),
        (_("Standard"), clause_words(release.portal, regime, compiled.items[one.item])),
        *((_column_words(columns, name), option(name, value)) for name, value in one.values.items()),
    ]
    title = label(str(one.title)) or one.item
    return TrialFinding(title, tuple((name, text) for name, text in rows if text))


def _finding_columns(release: Release, checklist: str) -> Mapping[str, FieldModel]:
    """The fields of what failed items of that checklist become, where it is run."""
    fields = (one for record in release.records.values() for one in record.of_type("checklist"))
    kind = next((one.finding for one in fields if checklist in one.checklists and one.finding), None)
    record = release.records.get(kind or "")
    return record.columns if record is not None else {}


def _column_words(columns: Mapping[str, FieldModel], name: str) -> str:
    return label(columns[name].label) if name in columns else name


def _fact_fields(
    release: Release, compiled: CompiledChecklist, sent: Mapping[str, str]
) -> Iterator[FactField]:
    record = _record_type(release, compiled.spec)
    for path, kind in typed_paths(compiled.environment, compiled.paths).items():
        if path.partition(".")[0] in compiled.items:
            continue
        words, spec = path_words(release.portal, record, path)
        yield fact_field(release.portal, FACT + path, kind, words, sent.get(FACT + path, ""), spec)


def _record_type(release: Release, checklist: Checklist) -> str:
    """The record type that the checklist is run for: the one it names, or the first that runs it."""
    named = release.record(checklist.of, checklist.regime) if checklist.of else None
    if named is not None:
        return named.name
    runs = (
        record.name
        for record in release.records.values()
        if any(checklist.full_name in one.checklists for one in record.of_type("checklist"))
    )
    return next(runs, "")


def _facts_of(sent: Mapping[str, str], compiled: CompiledChecklist | None = None) -> dict[str, str]:
    """The facts that were told; of a configuration that does not ask for all of them, those it does."""
    found = {name.removeprefix(FACT): text for name, text in sent.items() if name.startswith(FACT) and text}
    if compiled is None:
        return found
    asked = typed_paths(compiled.environment, compiled.paths)
    return {name: text for name, text in found.items() if name in asked}


def _counted(compiled: CompiledChecklist, item: str) -> Iterator[tuple[str, str]]:
    """The evidence of an item that is counted, with its words."""
    rule = compiled.items[item]
    wanted = {*rule.spec.evidence, *(rule.fail.spec.evidence if rule.fail is not None else ())}
    if rule.spec.answer == "photo":
        wanted.add("photo")
    words = {"photo": _("Photos"), "file": _("Files"), "signature": _("Signatures")}
    yield from ((kind, words[kind]) for kind in COUNTED if kind in wanted)


def _given(compiled: CompiledChecklist, sent: Mapping[str, str]) -> dict[str, Given]:
    return {
        item: Given(
            answer=sent.get(f"answer.{item}", ""),
            not_applicable=bool(sent.get(f"na.{item}")),
            remark=sent.get(f"remark.{item}", ""),
        )
        for item in compiled.items
    }


def _answers(compiled: CompiledChecklist, sent: Mapping[str, str]) -> dict[str, Answer]:
    found = {}
    for item in compiled.items:
        value = sent.get(f"answer.{item}", "")
        found[item] = Answer(
            value=None if value in NOT_APPLICABLE or not value else value,
            not_applicable=value in NOT_APPLICABLE or bool(sent.get(f"na.{item}")),
            remark=sent.get(f"remark.{item}", ""),
            photos=_count(sent.get(f"photo.{item}", "")),
            files=_count(sent.get(f"file.{item}", "")),
            signatures=_count(sent.get(f"signature.{item}", "")),
        )
    return found


def _count(text: str) -> int:
    return min(int(text), MOST_COUNTED) if text.isdecimal() and len(text) < 6 else 0
