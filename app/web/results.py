"""What came of a checklist: score and grade, item by item with remark and photos, and its findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from app.access import hidden_fields, row_scope
from app.actions.stored_reasons import item_places, score_reasons
from app.actions.visible import sight_of
from app.release import FieldModel
from app.source import N_
from app.spec.checklists import Checklist
from app.storage import AttachmentInfo, labels_of, scope_where
from app.storage.checklist_runs import RunPlace, StoredAnswer, StoredRun, load_run, run_attachments
from app.web.addresses import record_address
from app.web.context import Served, action_context, actor, now, session
from app.web.form_fields import KeptFile
from app.web.languages import label
from app.web.reasons import Step, steps_of
from app.web.show_page import kept_file
from app.web.studio_links import why_addresses
from app.web.visible import Visible, label_is_open

WORDS: Mapping[str, tuple[str, str]] = {
    "pass": (N_("Passed"), "success"),
    "fail": (N_("Failed"), "danger"),
    "yes": (N_("Yes"), ""),
    "no": (N_("No"), ""),
    "na": (N_("Not applicable"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One answered item; why: leads to its text in the configuration that judged it."""

    title: str
    answer: str
    tone: str
    lost: str
    remark: str
    photos: tuple[KeptFile, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section with its answered items."""

    title: str
    items: tuple[ItemShown, ...]


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A record that a failed item became."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """One checklist field of a record, run or still to run; release: the one that judged it."""

    title: str
    checklist: str = ""
    score: str = ""
    percent: str = "0"
    grade: str = ""
    tone: str = "neutral"
    passed: bool | None = None
    sections: tuple[SectionShown, ...] = ()
    findings: tuple[FindingShown, ...] = ()
    run_href: str = ""
    run_label: str = ""
    reasons: tuple[Step, ...] = ()
    release: int | None = None


def read_results(here: Served, seen: Visible, may_run: bool) -> tuple[ChecklistResult, ...]:
    """The checklists of a record that the reader may see."""
    record = here.record(seen.record.record_type)
    fields = [one for one in record.of_type("checklist") if one.name not in seen.hidden]
    return tuple(_result(here, seen, one, may_run) for one in fields)


def _result(here: Served, seen: Visible, one: FieldModel, may_run: bool) -> ChecklistResult:
    place = RunPlace(seen.record.record_type, seen.record.id, one.name)
    run = load_run(session(), here.models, place)
    if run is None:
        href = url_for(
            "ChecklistRunView.choose",
            record_type=place.record_type,
            record_id=place.record_id,
            field=place.field,
        )
        return ChecklistResult(label(one.label), run_href=href if may_run else "", run_label=_("Answer"))
    declared = here.release.portal.checklists.get(run.checklist)
    photos = run_attachments(session(), here.models, place)
    values = seen.record.values
    passed = values.get(f"{one.name}_passed")
    return ChecklistResult(
        title=label(one.label),
        checklist=label(declared.label) if declared else run.checklist,
        score=_figure(values.get(f"{one.name}_score")),
        percent=_percent(run, declared),
        grade=label(str(values.get(f"{one.name}_grade") or "")),
        tone="success" if passed else "danger" if passed is False else "neutral",
        passed=passed if isinstance(passed, bool) else None,
        sections=tuple(_sections(run, declared, photos)),
        findings=tuple(_findings(here, seen, one)),
        reasons=() if f"{one.name}_score" in seen.hidden else steps_of(score_reasons(run)),
        release=run.release_id,
    )


def _sections(
    run: StoredRun, declared: Checklist | None, photos: Mapping[str, Sequence[AttachmentInfo]]
) -> Iterable[SectionShown]:
    """The answers under the sections of the declaration; a list that is gone shows its names."""
    titles = {section.id: section.title or section.id for section in declared.sections} if declared else {}
    words = {item.id: item.title or item.id for _section, item in declared.items()} if declared else {}
    scales = {item.id: item.options for _section, item in declared.items()} if declared else {}
    order = list(dict.fromkeys(answer.section for answer in run.answers))
    places, address = item_places(run), why_addresses(run.release_id)
    for name in order:
        items = tuple(
            _item(
                answer,
                label(words.get(answer.item, answer.item)),
                scales.get(answer.item),
                photos,
                address(*places.get(answer.item, ("", 0))),
            )
            for answer in run.answers
            if answer.section == name
        )
        yield SectionShown(label(titles.get(name, name)), items)


def _item(
    answer: StoredAnswer, title: str, scale: Any, photos: Mapping[str, Sequence[AttachmentInfo]], why: str
) -> ItemShown:
    known = WORDS.get("na" if answer.not_applicable else str(answer.value))
    tone = "success" if answer.passed else "danger" if answer.passed is False else ""
    if known is not None:
        words, tone = _(known[0]), tone or known[1]
    elif isinstance(scale, Mapping) and answer.value in scale:
        words = label(scale[answer.value].title)
    else:
        words = answer.value or ""
    return ItemShown(
        title=title,
        answer=words,
        tone="neutral" if answer.not_applicable else tone or "neutral",
        lost=_figure(answer.lost) if answer.lost else "",
        remark=answer.remark or "",
        photos=tuple(kept_file(info) for info in photos.get(answer.item, ())),
        why=why,
    )


def _findings(here: Served, seen: Visible, one: FieldModel) -> Iterable[FindingShown]:
    """The findings that lead back to this record, within the reader's rows."""
    target, asker = one.finding or "", actor()
    record = here.release.records.get(target)
    if record is None or row_scope(here.policy, asker, "read", target).nothing:
        return
    hidden = hidden_fields(here.policy, asker, target)
    kind = seen.record.record_type
    back = [f for f in record.of_type("link") if f.target == kind and f.name not in hidden and f.column]
    if not back:
        return
    table = here.models.tables[target]
    scope = scope_where(here.models, target, row_scope(here.policy, asker, "read", target), asker, now())
    leads = sa.or_(*(table.c[f.column] == seen.record.id for f in back if f.column))
    keys = session().scalars(sa.select(table.c.id).where(leads, scope).order_by(table.c.id)).all()
    words: dict[int, str] = {}
    if label_is_open(here, asker, target):
        words = labels_of(session(), here.models, target, keys, sight_of(action_context()))
    for key in keys:
        yield FindingShown(words.get(key, f"#{key}"), record_address(target, "show", key))


def _percent(run: StoredRun, declared: Checklist | None) -> str:
    """The score as a share of the best one, 0 to 100, for the ring."""
    full = declared.scoring.full if declared else None
    try:
        score, base = (
            Decimal(str(run.result.get("score"))),
            Decimal(str(full or run.result.get("base") or 100)),
        )
        return str(int(max(Decimal(0), min(Decimal(100), score / base * 100)))) if base else "0"
    except (InvalidOperation, ArithmeticError):
        return "0"


def _figure(value: Any) -> str:
    """A figure without needless zeros."""
    if not isinstance(value, Decimal):
        return "" if value is None else str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
