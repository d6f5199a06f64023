"""A list as a page: rows, columns, filters, pages, and what may be done with several rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from app.access import Actor, decide, mask_value, masked_fields, row_scope
from app.access.masks import Mask
from app.actions.offered_data_reports import offered_to
from app.actions.visible import sight_of
from app.release import FieldModel, RecordModel
from app.source import PortalError
from app.spec.reports import Report
from app.storage import ListPage, Record, labels_of, list_records, read_records, scope_where
from app.storage.writing import APPEND_ONLY
from app.web.addresses import record_address
from app.web.asked import asked_ids
from app.web.context import Served, action_context, actor, now, served, session, style
from app.web.display import Cell, Style, show_value
from app.web.faults import said
from app.web.languages import label
from app.web.list_extras import extra_cells, extra_columns
from app.web.list_query import Asked, Control, read_asked, sortable
from app.web.markup import Column, Row, list_rows
from app.web.paging import Pages, address, page_number
from app.web.visible import label_is_open, open_label
from app.web.waiting import waiting_ids

DEEP = 1000
"""Rows from which on pages follow places instead of counting rows."""
LINKED = frozenset({"person", "unit", "link", "links"})


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A button for the chosen rows."""

    name: str
    label: str
    icon: str
    tone: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything that the list's template needs."""

    title: str
    help: str
    icon: str
    columns: tuple[Column, ...]
    body: Markup
    filters: list[Control]
    searchable: bool
    words: str
    sort: str
    narrowed: bool
    opened: bool
    problems: list[str]
    pages: Pages
    count_text: str
    bulk: tuple[BulkAction, ...]
    reports: tuple[tuple[str, str], ...]
    add_href: str
    export_href: str
    bulk_href: str
    clear_href: str
    here: str


def list_page(record: RecordModel) -> ListView:
    """The list that the address asks for, within the rows that the actor may read."""
    here = served()
    asked = read_asked(here, record, request.args, f"{request.script_root}/r/{record.name}/pick/")
    size, number = record.spec.list.page_size, page_number()
    beside = asked.query.after is not None or asked.query.before is not None
    asked.query = replace(asked.query, offset=0 if beside else (number - 1) * size)
    found = fetch(here, record, asked, "read")
    pages = Pages.of_total(number, size, found.total, found.more)
    if not found.rows and number > pages.number and not beside:
        asked.query = replace(asked.query, offset=pages.offset)
        found = fetch(here, record, asked, "read")
    _name_chosen(here, record, asked.controls, found.rows)
    may = {verb: _may(here, verb, record) for verb in ("create", "delete", "export", "print")}
    may["delete"] = may["delete"] and record.name not in APPEND_ONLY
    columns = (*(_column(record, asked, name) for name in asked.columns), *extra_columns(record))
    extra = extra_cells(here, record, found.rows)
    reports = offered_to(here.release, here.policy, actor(), "selection", record.name)
    bulk, painter = (*_bulk_actions(may), *report_actions(reports)), Painter.of(here, record, asked)
    return ListView(
        title=label(record.label),
        help=label(record.spec.help),
        icon=record.spec.icon,
        columns=columns,
        body=list_rows(
            columns,
            (list_row(painter, one, extra.get(one.id, ())) for one in found.rows),
            _("Select"),
            bool(bulk),
        ),
        filters=asked.controls,
        searchable=bool(record.search),
        words=asked.query.search,
        sort=asked.sort,
        narrowed=asked.narrowed or "waiting" in request.args or "asked" in request.args,
        opened=asked.narrowed and not _as_preset(record),
        problems=asked.problems,
        pages=_follow(pages, found, number, size),
        count_text=_("%(n)s+ entries", n=found.total) if found.more else _("%(n)s entries", n=found.total),
        bulk=bulk,
        reports=report_links(reports),
        add_href=record_address(record.name, "add") if may["create"] else "",
        export_href=_export_href(record) if may["export"] else "",
        bulk_href=record_address(record.name, "bulk"),
        clear_href=record_address(record.name, "list", all="1" if record.spec.list.preset else ""),
        here=address(),
    )


def preset_address(record: RecordModel) -> str:
    """Where a list leads that nobody has narrowed yet, so that what it shows stands in its address; empty
    where it shows everything."""
    preset = _preset(record)
    return record_address(record.name, "list", None, **preset) if preset and not request.args else ""


def _preset(record: RecordModel) -> dict[str, list[str]]:
    return {f"f.{name}": list(options) for name, options in record.spec.list.preset.items()}


def _as_preset(record: RecordModel) -> bool:
    """Whether the list is narrowed to its preset and nothing else: the filters need not be looked at."""
    return _preset(record) == request.args.to_dict(flat=False)


def fetch(here: Served, record: RecordModel, asked: Asked, *verbs: str) -> ListPage:
    """The page of `asked` within the rows on which the actor may do all of `verbs`. A query that storage
    refuses gives an empty page and a problem in words."""
    query = replace(asked.query, columns=() if asked.masked else asked.columns)
    scope = scope_of(here, record, verbs)
    today = now().astimezone(here.zone).date()
    try:
        found = list_records(session(), here.models, query, today, scope, sight_of(action_context()))
    except PortalError as error:
        asked.problems.append(said(error))
        return ListPage((), 0)
    if not asked.masked:
        return found
    ids = [row.id for row in found.rows]
    wanted, sight = frozenset(asked.columns), sight_of(action_context())
    rows = read_records(session(), here.models, record.name, ids, fields=wanted, sight=sight)
    return replace(found, rows=rows)


def scope_of(here: Served, record: RecordModel, verbs: Sequence[str]) -> sa.ColumnElement[bool]:
    """The rows on which the actor may do all of `verbs`; with `waiting=1` only those that wait for the
    actor, with `asked=1` those whose release the actor is asked about."""
    asker, moment = actor(), now()
    clauses = [
        scope_where(here.models, record.name, row_scope(here.policy, asker, verb, record.name), asker, moment)
        for verb in dict.fromkeys(verbs)
    ]
    if request.args.get("waiting"):
        clauses.append(here.models.tables[record.name].c.id.in_(waiting_ids(here, asker, record.name)))
    if request.args.get("asked"):
        clauses.append(here.models.tables[record.name].c.id.in_(asked_ids(here, asker, record.name)))
    return clauses[0] if len(clauses) == 1 else sa.and_(*clauses)


@dataclass(frozen=True, slots=True)
class Painter:
    """What every row of one list needs. hides: the label tells what the reader may not see."""

    here: Served
    asker: Actor
    record: RecordModel
    columns: tuple[FieldModel, ...]
    masks: Mapping[str, Mask]
    hides: bool
    how: Style
    root: str

    @classmethod
    def of(cls, here: Served, record: RecordModel, asked: Asked) -> Painter:
        asker = actor()
        return cls(
            here=here,
            asker=asker,
            record=record,
            columns=tuple(record.columns[name] for name in asked.columns),
            masks=masked_fields(here.policy, asker, record.name) if asked.masked else {},
            hides=not label_is_open(here, asker, record.name),
            how=style(),
            root=record_address(record.name, "show"),
        )


def list_row(by: Painter, one: Record, extra: tuple[Cell, ...] = ()) -> Row:
    """A record as the list shows it: hidden columns are not there, masked ones are stars; `extra` are the
    cells of further columns."""
    title = one.told
    if by.hides:
        title = open_label(by.here, by.asker, by.record.name, title, one.id, one.values.get("number"))
    cells = (*(_cell(by, column, one) for column in by.columns), *extra)
    return Row(one.id, title, f"{by.root}/{one.id}", cells)


def _cell(by: Painter, column: FieldModel, one: Record) -> Cell:
    name = column.name
    value: Any = one.values.get(name)
    if name in by.masks and isinstance(value, str):
        value = mask_value(by.masks[name], value)
    if column.type in LINKED:
        return Cell(link_words(by.here, by.asker, column, one))
    if column.type == "lines":
        return Cell(_("%(n)s lines", n=len(value)) if value else "", "number")
    if column.kind.storage == "attachments":
        files = one.attachments.get(name, ())
        return Cell(_("%(n)s files", n=len(files)) if files else "", "number")
    cell = show_value(column, value, by.how)
    return Cell(cell.text, "badge", cell.tone or "neutral") if name == "state" and cell.text else cell


def link_words(here: Served, asker: Actor, column: FieldModel, one: Record) -> str:
    """The words for what a link field leads to, bare numbers where they tell what the reader may not see."""
    value, words = one.values.get(column.name), one.labels.get(column.name) or ""
    if not words or not label_is_open(here, asker, column.target or ""):
        return "" if value in (None, ()) else _numbers(value)
    return words if isinstance(words, str) else _(", ").join(words)


def _numbers(value: Any) -> str:
    return ", ".join(f"#{key}" for key in value) if isinstance(value, (tuple, list)) else f"#{value}"


def _column(record: RecordModel, asked: Asked, name: str) -> Column:
    column = record.columns[name]
    kind = "number" if column.kind.number else ""
    if not sortable(record, name, asked.query.hidden):
        return Column(name, label(column.label), kind, None)
    current = asked.sort or record.order
    sorted_by = {name: "up", f"-{name}": "down"}.get(current, "")
    turned = f"-{name}" if sorted_by == "up" else name
    href = address(sort=turned, page=None, after=None, before=None)
    return Column(name, label(column.label), kind, href, sorted_by)


def _follow(pages: Pages, found: ListPage, number: int, size: int) -> Pages:
    """Deep in a list the neighbouring pages are reached by the place of the last or first row."""
    changes: dict[str, str] = {}
    if number * size >= DEEP and pages.next and found.last is not None:
        changes["next"] = address(page=number + 1, after=found.last.encode(), before=None)
    if number * size > DEEP and pages.previous and found.first is not None:
        changes["previous"] = address(page=number - 1, before=found.first.encode(), after=None)
    for name in ("first", "last", "next", "previous"):
        target = getattr(pages, name)
        if name not in changes and target and ("after" in request.args or "before" in request.args):
            page = {"first": None, "last": pages.count, "next": number + 1, "previous": number - 1}[name]
            changes[name] = address(page=page, after=None, before=None)
    return replace(pages, **changes)  # type: ignore[arg-type]


def _bulk_actions(may: dict[str, bool]) -> tuple[BulkAction, ...]:
    found = []
    if may["export"]:
        found.append(BulkAction("export", _("Export"), "download"))
    if may["print"]:
        found.append(BulkAction("print", _("Print"), "printer"))
    if may["delete"]:
        found.append(BulkAction("delete", _("Delete"), "trash", "danger"))
    return tuple(found)


def report_actions(reports: Sequence[Report]) -> tuple[BulkAction, ...]:
    """Reports over the chosen rows."""
    icon = "file-earmark-bar-graph"
    return tuple(BulkAction(f"report:{one.full_name}", label(one.label), icon) for one in reports)


def report_links(reports: Sequence[Report]) -> tuple[tuple[str, str], ...]:
    """The same over all that the list shows now: label and address."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("page", "after", "before")
    ]
    asked = urlencode({"filter": urlencode(kept), "show": 1})
    root = request.script_root
    return tuple((label(one.label), f"{root}/reports/{one.full_name}?{asked}") for one in reports)


def _may(here: Served, verb: str, record: RecordModel) -> bool:
    return decide(here.policy, actor(), verb, record.name).allowed


def _export_href(record: RecordModel) -> str:
    kept = {name: values for name, values in request.args.lists() if name not in ("page", "after", "before")}
    return record_address(record.name, "export", None, **kept)


def _name_chosen(
    here: Served, record: RecordModel, controls: Iterable[Control], rows: Sequence[Record]
) -> None:
    """The words for chosen links: from the rows where they stand anyway, else looked up."""
    for control in controls:
        if control.kind != "link" or not control.value:
            continue
        key, target = int(control.value), record.columns[control.name].target or ""
        control.text = next(
            (str(row.labels[control.name]) for row in rows if row.values.get(control.name) == key
             and isinstance(row.labels.get(control.name), str)),
            "",
        )  # fmt: skip
        if not control.text:
            control.text = _look_up(here, target, key)
        if not label_is_open(here, actor(), target):
            control.text = f"#{key}"


def _look_up(here: Served, target: str, key: int) -> str:
    """The words for a record that the actor may read; a bare number for any other."""
    if target not in here.models.tables:
        return f"#{key}"
    scope = scope_where(here.models, target, row_scope(here.policy, actor(), "read", target), actor(), now())
    table = here.models.tables[target]
    if session().scalar(sa.select(table.c.id).where(table.c.id == key, scope)) is None:
        return f"#{key}"
    sight = sight_of(action_context())
    return labels_of(session(), here.models, target, [key], sight).get(key, f"#{key}")
