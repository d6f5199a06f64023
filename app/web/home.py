"""The start page: what waits for me, what I may begin, what I worked on last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _

from app.access import Actor, decide, may_see_type, row_scope
from app.storage import scope_where
from app.storage.deadlines import DEADLINE, deadlines_by_id
from app.web.addresses import record_address
from app.web.asked import asked_counts
from app.web.clock_cards import left_cells, record_of_clock
from app.web.context import Served, actor, now, served, session, style
from app.web.display import Cell, show_moment
from app.web.gate import needs
from app.web.languages import label
from app.web.menu import ordered_types
from app.web.waiting import waiting_counts

QUICK, NEWEST, HISTORY = 4, 8, 200
WRITTEN = ("create", "update", "transition")
RUNNING = ("running", "paused", "missed")
FOLLOWING = ("task", "duty_run")
"""Types whose records change along with others, without anybody working on them."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A button that begins a new record."""

    label: str
    href: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that leads to a list."""

    label: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a section."""

    label: str
    href: str
    note: str = ""
    state: Cell = field(default_factory=Cell)


@dataclass(frozen=True, slots=True)
class Section:
    """A short list with a way to the whole one."""

    title: str
    rows: tuple[Item, ...]
    more_href: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the start page."""

    greeting: str
    quick: tuple[Shortcut, ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]


class PortalIndexView(BaseView):
    """`/`."""

    route_base = ""
    class_permission_name = "Home"
    default_view = "index"

    @expose("/")
    @needs("open")
    def index(self) -> ResponseReturnValue:
        return render_template("records/home.html", home=build_home(served(), actor()))


def build_home(here: Served, asker: Actor) -> Home:
    """At most six statements, however many record types there are."""
    sections = (
        *_work(here, asker),
        _deadlines(here, asker),
        _messages(here, asker),
        _drafts(here, asker),
        _recent(here, asker),
    )
    return Home(
        greeting=_("Hello, %(name)s", name=asker.name) if asker.name else _("Start page"),
        quick=_shortcuts(here, asker),
        tiles=_tiles(here, asker),
        sections=tuple(section for section in sections if section.rows),
    )


def _shortcuts(here: Served, asker: Actor) -> tuple[Shortcut, ...]:
    """New records of the regimes' own types, those first that run a checklist."""
    own = [record for record in ordered_types(here) if not record.spec.is_kernel]
    own.sort(key=lambda record: not record.of_type("checklist"))
    allowed = (record for record in own if decide(here.policy, asker, "create", record.name).allowed)
    found = [
        Shortcut(
            _("New: %(type)s", type=label(record.label)), record_address(record.name, "add"), record.spec.icon
        )
        for record, _position in zip(allowed, range(QUICK), strict=False)
    ]
    return tuple(found)


def _tiles(here: Served, asker: Actor) -> tuple[Tile, ...]:
    counts, asked = waiting_counts(here, asker), asked_counts(here, asker)
    choices = tuple(
        Tile(
            label=_("%(type)s: which release goes on?", type=label(record.label)),
            count=_at_most(asked[record.name]),
            href=record_address(record.name, "list", asked=1),
        )
        for record in ordered_types(here)
        if record.name in asked
    )
    return choices + tuple(
        Tile(
            label=_("%(type)s waiting for me", type=label(record.label)),
            count=_at_most(counts[record.name]),
            href=record_address(record.name, "list", waiting=1),
        )
        for record in ordered_types(here)
        if record.name in counts and record.name != "task"
    )


def _at_most(count: int) -> str:
    return f"{count}" + ("+" if count >= 1000 else "")


def _work(here: Served, asker: Actor) -> tuple[Section, Section]:
    """My duties and my other tasks that are not done, those first that are due first."""
    duties, tasks = Section(_("My duties"), ()), Section(_("My tasks"), ())
    if asker.person_id is None or not may_see_type(here.policy, asker, "task"):
        return duties, tasks
    task = here.models.tables["task"]
    names = ("id", "title", "due_at", "record_type", "record_id", "duty_run_id")
    mine = (
        sa.select(*(task.c[name] for name in names))
        .where(task.c.assignee_id == asker.person_id, task.c.state == "open", _readable(here, asker, "task"))
        .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.id)
        .limit(HISTORY)
    )
    rows = session().execute(mine).all()
    more = record_address("task", "list", None, **{"f.state": "open", "f.assignee": asker.person_id})
    owed = [row for row in rows if row.duty_run_id is not None][:NEWEST]
    other = [row for row in rows if row.duty_run_id is None][:NEWEST]
    return (
        replace(duties, rows=tuple(_owed(here, asker, row) for row in owed), more_href=more),
        replace(tasks, rows=tuple(_task(row) for row in other), more_href=more),
    )


def _deadlines(here: Served, asker: Actor) -> Section:
    """The open clocks of what is mine or of units that I head, those first that are due first."""
    title = _("My nearest deadlines")
    if asker.person_id is None or not here.policy.clocked or not may_see_type(here.policy, asker, DEADLINE):
        return Section(title, ())
    clock = here.models.tables[DEADLINE]
    mine = sa.or_(clock.c.person_id == asker.person_id, clock.c.unit_id.in_(sorted(asker.headed)))
    nearest = (
        sa.select(clock.c.id)
        .where(mine, clock.c.due_at.is_not(None), clock.c.stopped_at.is_(None), clock.c.status.in_(RUNNING))
        .where(_readable(here, asker, DEADLINE))
        .order_by(clock.c.due_at, clock.c.id)
        .limit(NEWEST)
    )
    rows = deadlines_by_id(session(), here.models, session().scalars(nearest).all())
    left = left_cells(rows)
    found = sorted(rows.values(), key=lambda row: (row.due_at is None, row.due_at, row.id))
    names = here.release.names
    items = tuple(
        Item(
            label(names.get(row.service_level, row.service_level)),
            record_of_clock(row),
            _moment(row.due_at),
            left.get(row.id, Cell()),
        )
        for row in found
    )
    return Section(title, items, record_address(DEADLINE, "list"))


def _owed(here: Served, asker: Actor, row: Any) -> Item:
    address = _owed_address(here, asker, row)
    return Item(row.title or f"#{row.id}", address, _moment(row.due_at), _overdue(row.due_at))


def _task(row: Any) -> Item:
    return Item(row.title or f"#{row.id}", record_address("task", "show", row.id), _moment(row.due_at))


def _owed_address(here: Served, asker: Actor, row: Any) -> str:
    """Straight to the record that has to be filled in, where there is one that I may see."""
    if row.record_type in here.release.records and may_see_type(here.policy, asker, row.record_type):
        return record_address(row.record_type, "show", row.record_id)
    return record_address("task", "show", row.id)


def _overdue(due_at: datetime | None) -> Cell:
    if due_at is None or due_at >= now():
        return Cell()
    return Cell(_("overdue"), kind="badge", tone="danger")


def _messages(here: Served, asker: Actor) -> Section:
    title = _("Unread messages")
    if asker.person_id is None or not may_see_type(here.policy, asker, "message"):
        return Section(title, ())
    message = here.models.tables["message"]
    unread = (
        sa.select(message.c.id, message.c.subject, message.c.sent_at)
        .where(message.c.person_id == asker.person_id, message.c.read_at.is_(None))
        .where(_readable(here, asker, "message"))
        .order_by(message.c.id.desc())
        .limit(NEWEST)
    )
    rows = [
        Item(row.subject or f"#{row.id}", record_address("message", "show", row.id), _moment(row.sent_at))
        for row in session().execute(unread)
    ]
    return Section(title, tuple(rows), record_address("message", "list"))


def _drafts(here: Served, asker: Actor) -> Section:
    title = _("My drafts")
    if asker.person_id is None:
        return Section(title, ())
    draft = here.models.system["draft"]
    mine = (
        sa.select(draft.c.record_type, draft.c.record_id, draft.c.field, draft.c.saved_at)
        .where(draft.c.person_id == asker.person_id)
        .order_by(draft.c.saved_at.desc())
        .limit(NEWEST)
    )
    rows = [
        Item(
            f"{label(here.record(row.record_type).label)} #{row.record_id}",
            url_for(
                "ChecklistRunView.choose",
                record_type=row.record_type,
                record_id=row.record_id,
                field=row.field,
            ),
            _moment(row.saved_at),
        )
        for row in session().execute(mine)
        if row.record_type in here.release.records
    ]
    return Section(title, tuple(rows))


def _recent(here: Served, asker: Actor) -> Section:
    """Records that I wrote last, each once, as far as I may still read their type."""
    title = _("Recently worked on")
    if asker.person_id is None:
        return Section(title, ())
    entry = here.models.tables["audit_entry"]
    mine = (
        sa.select(entry.c.record_type, entry.c.record_id, entry.c.record_label, entry.c.at)
        .where(
            entry.c.person_id == asker.person_id,
            entry.c.action.in_(WRITTEN),
            entry.c.record_id.is_not(None),
            entry.c.record_type.not_in(FOLLOWING),
        )
        .order_by(entry.c.id.desc())
        .limit(HISTORY)
    )
    seen: dict[tuple[str, int], Item] = {}
    for row in session().execute(mine):
        key = (row.record_type, row.record_id)
        if key not in seen and len(seen) < NEWEST and may_see_type(here.policy, asker, row.record_type):
            words = f"{label(here.record(row.record_type).label)} {row.record_label or ''}".strip()
            seen[key] = Item(words, record_address(row.record_type, "show", row.record_id), _moment(row.at))
    return Section(title, tuple(seen.values()))


def _readable(here: Served, asker: Actor, record_type: str) -> sa.ColumnElement[bool]:
    """The rows that I may read, without those that are kept from me for a time."""
    scope = row_scope(here.policy, asker, "read", record_type)
    return scope_where(here.models, record_type, scope, asker, now())


def _moment(value: Any) -> str:
    return show_moment(value, style()) if value else ""
