"""The page on which a checklist is answered: its sections and items, what was kept before, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.actions.checklists import EVIDENCE_WORDS, OpenRun
from app.expressions import to_browser
from app.rules.checklists import CompiledChecklist, ItemRule
from app.rules.values import figure
from app.spec.checklists import Standard
from app.spec.portal import Portal
from app.storage import AttachmentInfo
from app.storage.checklist_runs import RunPlace
from app.web.addresses import file_address, record_address
from app.web.checklist_spec import browser_conditions, browser_spec
from app.web.context import served
from app.web.languages import label
from app.web.studio_links import PlaceAddress, why_addresses
from app.web.visible import told_label


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo taken before, with its addresses."""

    id: int
    name: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered before; `answer` as the form's control has it."""

    answer: str = ""
    not_applicable: bool = False
    remark: str = ""
    photos: tuple[KeptPhoto, ...] = ()


@dataclass(frozen=True, slots=True)
class RunItem:
    """One item on the page. choices: (value, words, tone, icon) of the big buttons; why: leads to the item's
    text in the configuration, empty for those who may not see it."""

    id: str
    number: str
    title: str
    help: str
    standard: str
    frequency: str
    answer: str
    unit: str
    limit_text: str
    points: str
    critical: bool
    may_skip: bool
    choices: tuple[tuple[str, str, str, str], ...]
    options: tuple[tuple[str, str], ...]
    given: Given
    why: str = ""


@dataclass(frozen=True, slots=True)
class RunSection:
    id: str
    title: str
    help: str
    items: tuple[RunItem, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything that `checklist/run.html` shows."""

    title: str
    subtitle: str
    back_href: str
    submit_href: str
    draft_href: str
    photo_href: str
    key: str
    version: int
    count: int
    sections: tuple[RunSection, ...]
    spec: Mapping[str, object]
    conditions: str
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def run_page(
    run: OpenRun,
    place: RunPlace,
    person_id: int | None,
    given: Mapping[str, Given],
    saved_at: str | None,
    errors: Mapping[str, tuple[str, ...]],
) -> RunPage:
    """The page for an open run. given: item -> what was answered before; errors: item -> messages."""
    compiled = run.checklist
    facts = browser_facts(compiled, run.facts)
    known = frozenset(facts)
    where: dict[str, Any] = {
        "record_type": place.record_type,
        "record_id": place.record_id,
        "field": place.field,
    }
    where["checklist"] = compiled.spec.full_name
    return RunPage(
        title=label(compiled.spec.label),
        subtitle=told_label(served(), place.record_type, place.record_id),
        back_href=record_address(place.record_type, "show", place.record_id),
        submit_href=url_for("ChecklistRunView.run", **where),
        draft_href=url_for("ChecklistRunView.draft", **where),
        photo_href=url_for("ChecklistRunView.photo", **where),
        key=f"{place.record_type}/{place.record_id}/{place.field}/{compiled.spec.full_name}/{person_id}",
        version=run.stored.version,
        count=len(compiled.items),
        sections=run_sections(compiled, run.release.portal, given, why_addresses(run.release.number)),
        spec=run_spec(compiled, facts, saved_at),
        conditions=browser_conditions(compiled, known),
        errors=errors,
    )


def run_spec(
    checklist: CompiledChecklist, facts: Mapping[str, object], saved_at: str | None
) -> dict[str, object]:
    """What the page's script is told: scoring, sections and items, the facts, and its words."""
    words = {kind: _(text) for kind, text in EVIDENCE_WORDS.items()} | {"needed": _("Still needed:")}
    return browser_spec(checklist) | {"facts": facts, "draft_saved_at": saved_at, "words": words}


def browser_facts(checklist: CompiledChecklist, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts that conditions read, in the browser's form; what has none is judged by the server alone."""
    roots = {path.split(".")[0] for path in checklist.paths}
    found: dict[str, object] = {}
    for name in roots - {"me"}:
        try:
            found[name] = to_browser(facts.get(name))
        except TypeError:
            continue
    return found


def run_sections(
    checklist: CompiledChecklist, portal: Portal, given: Mapping[str, Given], why: PlaceAddress
) -> tuple[RunSection, ...]:
    """The sections with their items; portal: that of the checklist; why: address of a place in its text."""
    sections = []
    by_section: dict[str, list[ItemRule]] = {}
    for rule in checklist.items.values():
        by_section.setdefault(rule.section, []).append(rule)
    for place, (name, section) in enumerate(checklist.sections.items(), 1):
        items = tuple(
            _item(
                rule,
                f"{place}.{number}",
                given.get(rule.id, Given()),
                clause_words(portal, checklist.spec.regime, rule),
                why(rule.spec.span.file, rule.spec.span.line),
            )
            for number, rule in enumerate(by_section.get(name, ()), 1)
        )
        title = label(section.spec.title) or name
        sections.append(RunSection(name, title, label(section.spec.help), items))
    return tuple(sections)


def _item(rule: ItemRule, number: str, given: Given, clause: str, why: str) -> RunItem:
    spec = rule.spec
    points = figure(spec.points) if spec.points is not None else ""
    return RunItem(
        id=rule.id,
        number=number,
        title=label(spec.title) or rule.id,
        help=label(spec.help),
        standard=clause,
        frequency=label(spec.frequency or ""),
        answer=spec.answer,
        unit=spec.unit or "",
        limit_text=f"{rule.limit.text} {'' if rule.limit.unit else spec.unit or ''}".strip()
        if rule.limit
        else "",
        points=points,
        critical=spec.critical,
        may_skip=spec.not_applicable,
        choices=_choices(spec.answer, spec.not_applicable),
        options=tuple((name, _words(phrase)) for name, phrase in rule.options.items()),
        given=given,
        why=why,
    )


def _words(phrase: Any) -> str:
    return label(str(getattr(phrase, "text", phrase)))


def _choices(answer: str, may_skip: bool) -> tuple[tuple[str, str, str, str], ...]:
    """The big buttons of a judged item."""
    words = {
        "pass_fail": (("pass", _("Pass"), "pass", "check-lg"), ("fail", _("Fail"), "fail", "x-lg")),
        "yes_no": (("yes", _("Yes"), "plain", "check-lg"), ("no", _("No"), "plain", "x-lg")),
    }.get(answer, ())
    skip = (("not_applicable", _("N/A"), "skip-choice", "dash-lg"),) if words and may_skip else ()
    return (*words, *skip)


def clause_words(portal: Portal, regime: str, rule: ItemRule) -> str:
    """The clause as people cite it."""
    if rule.clause is None:
        return ""
    name = (rule.spec.standard or "").rpartition(".")[0]
    standard = portal.find(Standard, name, regime)
    title = label(standard.label) if standard is not None else ""
    return f"{title} {rule.clause.clause}".strip()


def kept_photos(attached: Mapping[str, Sequence[AttachmentInfo]]) -> dict[str, tuple[KeptPhoto, ...]]:
    """The photos of a run by item."""
    return {
        item: tuple(
            KeptPhoto(info.id, info.file_name, file_address(info.id, info.file_name, "thumb"))
            for info in infos
        )
        for item, infos in attached.items()
    }
