"""A submitted checklist on paper: section by section, each item with its answer, remark and loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from app.actions.context import Context
from app.reports import Cell, Column, Grid, Row, Section, number_text
from app.source import N_
from app.spec.checklists import Checklist, ChecklistItem
from app.spec.portal_settings import ChoiceList
from app.storage import AttachmentInfo
from app.storage.checklist_runs import StoredAnswer, StoredRun

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "pass": N_("Passed"),
        "fail": N_("Failed"),
        "yes": N_("Yes"),
        "no": N_("No"),
        "na": N_("Not applicable"),
    }
)


@dataclass(frozen=True, slots=True)
class AnsweredList:
    """A checklist that was run, with the evidence of its items; `scored`: the reader may see points."""

    run: StoredRun
    evidence: Mapping[str, Sequence[AttachmentInfo]] = field(default_factory=dict)
    scored: bool = True


def answer_rows(context: Context, answered: AnsweredList) -> list[dict[str, object]]:
    """Each answer in words: section, item, title, answer, remark, lost (texts); failed, critical (whether);
    photos (how many)."""
    checklist = context.release.portal.checklists.get(answered.run.checklist)
    items = {item.id: (section, item) for section, item in checklist.items()} if checklist else {}
    rows: list[dict[str, object]] = []
    for one in answered.run.answers:
        section, item = items.get(one.item, (None, None))
        rows.append(
            {
                "section": _say(context, (section.title or section.id) if section else one.section),
                "item": one.item,
                "title": _say(context, item.title or item.id) if item else one.item,
                "answer": _answer(context, checklist, item, one),
                "remark": one.remark or "",
                "lost": number_text(one.lost) if one.lost and answered.scored else "",
                "failed": one.passed is False,
                "critical": bool(item and item.critical),
                "photos": len(answered.evidence.get(one.item, ())),
            }
        )
    return rows


def answers_grid(context: Context, answered: AnsweredList | None) -> Grid:
    """The same as a long table for the print; failed items are marked, each section names its loss.

    None is a list that was not run, or that the reader may not see.
    """
    columns = [
        Column(context.say(N_("Item")), 44),
        Column(context.say(N_("Answer")), 14, "center"),
        Column(context.say(N_("Remark")), 32),
    ]
    if answered is not None and answered.scored:
        columns.append(Column(context.say(N_("Points lost")), 10, "right"))
    return Grid(
        columns,
        list(_lines(context, answered, len(columns))) if answered is not None else (),
        empty=context.say(N_("nothing was answered")),
        continued=context.say(N_("(continued)")),
    )


def item_title(context: Context, run: StoredRun, item: str) -> str:
    """What an item asks; its name where the list no longer has it."""
    checklist = context.release.portal.checklists.get(run.checklist)
    for _section, one in checklist.items() if checklist else ():
        if one.id == item:
            return _say(context, one.title or one.id)
    return item


def _lines(context: Context, answered: AnsweredList, columns: int) -> Iterator[Row | Section]:
    lost: dict[str, Decimal] = {}
    for one in answered.run.answers:
        lost[one.section] = lost.get(one.section, Decimal(0)) + (one.lost or 0)
    current = None
    for one, row in zip(answered.run.answers, answer_rows(context, answered), strict=True):
        if one.section != current:
            current = one.section
            note = context.say(N_("points lost: {lost}"), lost=number_text(lost[current]))
            yield Section(str(row["section"]), note if answered.scored and lost[current] else "")
        title = context.say(N_("{item} (critical)"), item=row["title"]) if row["critical"] else row["title"]
        cells: list[str | Cell] = [
            str(title),
            Cell(str(row["answer"]), bold=bool(row["failed"])),
            str(row["remark"]),
        ]
        cells.append(str(row["lost"]))
        yield Row(cells[:columns], tone="danger" if row["failed"] else None)


def _answer(
    context: Context, checklist: Checklist | None, item: ChecklistItem | None, one: StoredAnswer
) -> str:
    if one.not_applicable:
        return context.say(_WORDS["na"])
    if one.value is None:
        return ""
    if one.answer in ("pass_fail", "yes_no"):
        return context.say(_WORDS[one.value]) if one.value in _WORDS else one.value
    if item is None or checklist is None:
        return one.value
    if one.answer == "choice":
        return _say(context, _step(context, checklist, item, one.value))
    return f"{one.value} {_say(context, item.unit)}" if item.unit else one.value


def _step(context: Context, checklist: Checklist, item: ChecklistItem, value: str) -> str:
    """The title of the chosen step of a scale."""
    if isinstance(item.options, dict):
        step = item.options.get(value)
        return step.title if step else value
    choices = context.release.portal.find(ChoiceList, item.options, checklist.regime)
    option = choices.options.get(value) if choices else None
    return option.title or value if option else value


def _say(context: Context, words: str) -> str:
    return context.translate(words) if words else ""
