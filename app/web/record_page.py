"""The page of one record: what it is, what may be done, and its tabs, each loaded only when it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.actions.offered_reports import reports_of
from app.actions.revisions import REVISION
from app.release import RecordModel
from app.source import N_
from app.storage.fund import FUND_ENTRY
from app.storage.writing import APPEND_ONLY
from app.web.addresses import document_address, file_address, record_address
from app.web.asked import Choice, choice_of
from app.web.clock_cards import ClockCard, ClockProof, clock_cards, clock_proofs, shows_clocks
from app.web.clock_pages import LateChoice, late_choice
from app.web.context import Served, served, style
from app.web.display import Cell
from app.web.fund import correction_address
from app.web.history import HistoryEntry, read_history
from app.web.languages import label
from app.web.penalty_course import Course, read_course
from app.web.reasons import Step, read_reasons
from app.web.record_moves import locked_by_state, open_options
from app.web.related import RelatedType, has_related, read_related
from app.web.results import ChecklistResult, read_results
from app.web.show_page import Group, Presenter, Shown
from app.web.studio_links import studio_address
from app.web.visible import Visible, read_visible


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the page."""

    name: str
    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class MoveButton:
    """A transition that can be made now; with `asks` it has a form of its own."""

    name: str
    label: str
    href: str
    tone: str
    asks: bool
    confirm: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A transition that is the reader's but not possible yet, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Print:
    """A report that can be printed of this record."""

    label: str
    href: str


@dataclass(slots=True)
class RecordPage:
    """Everything that the page's template needs; of the tabs' contents only that of the open one is there."""

    label: str
    type_label: str
    version: int
    state: Cell | None
    list_href: str
    edit_href: str
    delete_href: str
    moves: tuple[MoveButton, ...]
    refused: tuple[Refused, ...]
    prints: tuple[Print, ...]
    file_href: str
    correct_href: str
    studio_href: str
    release: int | None
    tabs: tuple[Tab, ...]
    tab: str
    groups: tuple[Group, ...] = ()
    facts: tuple[Shown, ...] = ()
    checklists: tuple[ChecklistResult, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    related: tuple[RelatedType, ...] = ()
    reasons: tuple[Step, ...] = ()
    amount: str = ""
    course: Course | None = None
    clocks: tuple[ClockCard, ...] = ()
    clocks_href: str = ""
    clock_proofs: tuple[ClockProof, ...] = ()
    late: LateChoice | None = None
    choice: Choice | None = None
    hints: list[str] = field(default_factory=list)


TABS: Mapping[str, str] = MappingProxyType(
    {
        "details": N_("Details"),
        "results": N_("Checklist"),
        "reasons": N_("Why this amount?"),
        "course": N_("How it came about"),
        "clocks": N_("Deadlines"),
        "related": N_("Related"),
        "history": N_("History"),
    }
)


def record_page(record: RecordModel, pk: int) -> RecordPage:
    """The page of a record that the actor may read. Raises RecordGone."""
    here = served()
    seen = read_visible(here, record, pk, open=request.args.get("tab") is None)
    names = _tabs(here, record)
    asked = request.args.get("tab", "details")
    tab = asked if asked in names else "details"
    moves, refused = read_moves(here, record, seen)
    presenter = Presenter(here, seen, style())
    locked = record.name in APPEND_ONLY or locked_by_state(here, record, seen)
    page = RecordPage(
        label=seen.record.label,
        type_label=label(record.label),
        version=seen.record.version,
        state=presenter.state(),
        list_href=record_address(record.name, "list"),
        edit_href=record_address(record.name, "edit", pk) if "update" in seen.verbs and not locked else "",
        delete_href=record_address(record.name, "delete", pk)
        if "delete" in seen.verbs and not locked
        else "",
        moves=moves,
        refused=refused,
        prints=_prints(record, seen),
        file_href=_file_href(seen),
        correct_href=correction_address(seen.record) if record.name == FUND_ENTRY else "",
        release=seen.record.release_id,
        studio_href=studio_address(pk) if record.name == REVISION else "",
        tabs=tuple(Tab(name, _(TABS[name]), _tab_href(record, pk, name), name == tab) for name in names),
        tab=tab,
    )
    page.choice = choice_of(record, seen)
    if "clocks" in names:
        page.clocks = clock_cards(here, seen.record)
        page.clocks_href = _tab_href(record, pk, "clocks")
    FILL[tab](here, presenter, page)
    return page


def _tabs(here: Served, record: RecordModel) -> list[str]:
    """The tabs that a record of this type has."""
    names = ["details"]
    if record.of_type("checklist"):
        names.append("results")
    if record.name == "penalty":
        names += ["reasons", "course"]
    if shows_clocks(here, record.name):
        names.append("clocks")
    if has_related(here, record.name):
        names.append("related")
    return [*names, "history"]


def _tab_href(record: RecordModel, pk: int, name: str) -> str:
    return record_address(record.name, "show", pk, tab="" if name == "details" else name)


def read_moves(
    here: Served, record: RecordModel, seen: Visible
) -> tuple[tuple[MoveButton, ...], tuple[Refused, ...]]:
    """The transitions that are the reader's to make: as buttons, or with what still stands in the way."""
    buttons, refused = [], []
    for option in open_options(here, record, seen):
        title = label(option.move.title)
        if option.refusal is not None:
            refused.append(Refused(title, option.refusal.message(_)))
            continue
        spec = option.move.spec
        href = record_address(record.name, f"move/{option.name}", seen.record.id)
        buttons.append(
            MoveButton(option.name, title, href, spec.tone or "", bool(spec.ask), label(spec.confirm))
        )
    return tuple(buttons), tuple(refused)


def _prints(record: RecordModel, seen: Visible) -> tuple[Print, ...]:
    """The reports that print one record of this type; its form on paper, where none is declared."""
    if "print" not in seen.verbs:
        return ()
    key = seen.record.id
    return tuple(
        Print(label(one.label), record_address(record.name, f"print/{one.full_name}", key))
        for one in reports_of(served().release, seen.record)
    )


def _file_href(seen: Visible) -> str:
    """Where the file of a built-in record is: of an attachment, or of an issued print."""
    stored = seen.record
    if stored.record_type == "attachment":
        return file_address(stored.id, str(stored.values.get("file_name") or "file"))
    return document_address(stored.id) if stored.record_type == "document" else ""


def _details(_here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.groups, page.facts = presenter.groups(), presenter.facts()


def _results(here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.checklists = read_results(here, presenter.seen, "update" in presenter.seen.verbs)


def _reasons(here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.reasons = read_reasons(here, presenter.seen.record.id)
    amount = presenter.record.columns.get("amount_due")
    if amount is not None and "amount_due" not in presenter.seen.hidden:
        page.amount = presenter.shown(amount).cell.text or _("not set")


def _course(here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.course = read_course(here, presenter.seen.record.id)


def _clocks(here: Served, presenter: Presenter, page: RecordPage) -> None:
    stored = presenter.seen.record
    page.clock_proofs = clock_proofs(here, stored)
    page.late = late_choice(stored) if stored.record_type == "penalty" else None


def _related(here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.related = read_related(here, presenter.seen.record)


def _history(here: Served, presenter: Presenter, page: RecordPage) -> None:
    page.history = read_history(here, presenter)


Fill = Callable[[Served, Presenter, RecordPage], Any]
FILL: Mapping[str, Fill] = MappingProxyType(
    {
        "details": _details,
        "results": _results,
        "reasons": _reasons,
        "course": _course,
        "clocks": _clocks,
        "related": _related,
        "history": _history,
    }
)
