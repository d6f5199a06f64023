"""`/reports/`: reports over a period, and over records chosen in a list: asked, shown, printed."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.actions import InvalidRecord
from app.actions.issue_report import MOST_SELECTED, ReportView, issue_report, view_report
from app.actions.offered_data_reports import may_print_report, offered_to
from app.actions.offered_reports import UnknownReport, find_report
from app.actions.report_datasets import charts_of, cut_note
from app.actions.report_parameters import questions_of
from app.actions.visible import sight_of
from app.release import RecordModel
from app.reports import ReportError, chart_svg
from app.reports.datasets import DataTable
from app.spec.reports import Report
from app.storage import list_records
from app.web.addresses import record_address
from app.web.context import action_context, actor, now, served, session
from app.web.gate import needs
from app.web.languages import label
from app.web.list_page import scope_of
from app.web.list_query import read_asked
from app.web.report_form import ReportForm
from app.web.sent_numbers import sent_numbers
from app.web.waiting import waiting_ids

SHOWN = 200
"""Rows of a data set that the page shows; the print has them all."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """One report to choose; `group` is the regulation that it belongs to."""

    label: str
    help: str
    href: str
    group: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A data set on the page."""

    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the report says, as the page shows it."""

    subtitle: str
    charts: tuple[Markup, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records of a selection: their ids, or the list that they were filtered in."""

    ids: tuple[int, ...]
    filter: str
    words: str
    back: str


class ReportsView(BaseView):  # type: ignore[misc,unused-ignore]
    """Who may print a report is asked of what its data come from."""

    route_base = "/reports"
    class_permission_name = "Reports"
    default_view = "index"

    @expose("/")
    @needs("open")
    def index(self) -> ResponseReturnValue:
        here = served()
        offers = [_offer(one) for one in offered_to(here.release, here.policy, actor(), "period")]
        return render_template("records/reports.html", offers=sorted(offers, key=lambda one: one.group))

    @expose("/<string:name>", methods=["GET", "POST"])
    @needs("open")
    def show(self, name: str) -> ResponseReturnValue:
        """A GET asks, and with `show` answers on the page; a POST prints."""
        report = _found(name)
        return report_page(report, sent_numbers(request.values.getlist("id"))[:MOST_SELECTED])


def report_page(report: Report, ids: Sequence[int], fresh: bool = False) -> ResponseReturnValue:
    """The page of one report; for a selection over the records with these ids, or over those of the list that
    the request names. fresh: nothing was asked for yet, whatever the request holds."""
    chosen = _chosen(report, ids) if report.of == "selection" else None
    if chosen is not None and not chosen.ids:
        flash(_("Choose at least one row."), "warning")
        return redirect(chosen.back)
    questions = questions_of(action_context(), report)
    asked = "" if fresh else request.form.get("_do") or ("show" if "show" in request.args else "")
    form = ReportForm(questions, request.values if asked else None)
    shown: Shown | None = None
    if asked or not questions:
        answers = form.answers() if asked else {}
        try:
            if asked in ("print", "preview"):
                return _printed(report, answers, chosen, asked == "print")
            shown = _shown(report, view_report(action_context(), report.full_name, answers, _ids(chosen)))
        except InvalidRecord as error:
            session().rollback()
            form.put_errors(error.errors)
        except ReportError as error:
            session().rollback()
            log.warning("report %s failed: %s", report.full_name, error)
            flash(
                _("The print could not be made: its template has a fault. Tell the administrator."), "danger"
            )
    return render_template(
        "records/report.html",
        report={"title": label(report.label), "help": label(report.help), "of": report.of},
        action=url_for("ReportsView.show", name=report.full_name),
        rows=form.rows,
        chosen=chosen,
        shown=shown,
    )


def _found(name: str) -> Report:
    """A report that the actor may print; for all others it is as if there were none."""
    here = served()
    try:
        report = find_report(here.release, name)
    except UnknownReport:
        abort(404)
    if report.of == "record" or not may_print_report(here.release, here.policy, actor(), report).allowed:
        abort(404)
    return report


def _offer(report: Report) -> Offer:
    regime = served().release.portal.regimes.get(report.regime)
    group = label(regime.label) if regime is not None else ""
    href = url_for("ReportsView.show", name=report.full_name)
    return Offer(label(report.label), label(report.help), href, group)


def _ids(chosen: Chosen | None) -> tuple[int, ...] | None:
    return chosen.ids if chosen is not None else None


def _chosen(report: Report, ids: Sequence[int]) -> Chosen:
    """The records of a selection: named by their ids, or all that the list under `filter` shows."""
    here = served()
    record = here.release.record(report.record or "", report.regime)
    if record is None:
        abort(404)
    written = request.values.get("filter", "")[:2000]
    if ids:
        back = record_address(record.name, "list")
        return Chosen(tuple(ids), "", _("%(n)s chosen records", n=len(ids)), back)
    found, total = _filtered(record, written)
    back = record_address(record.name, "list") + (f"?{written}" if written else "")
    words = _("%(n)s records of the list", n=len(found))
    if total > len(found):
        words = _("the first %(n)s of %(total)s records of the list", n=len(found), total=total)
    if "filter" not in request.values:
        return Chosen((), "", "", back)
    return Chosen(tuple(found), written or "all=1", words, back)


def _filtered(record: RecordModel, written: str) -> tuple[list[int], int]:
    """The ids of the rows that a list with this query shows, within those that may be read and printed."""
    here = served()
    asked = read_asked(here, record, MultiDict(parse_qsl(written)), "")
    scope = scope_of(here, record, ("read", "print"))
    if MultiDict(parse_qsl(written)).get("waiting"):
        scope = sa.and_(
            scope, here.models.tables[record.name].c.id.in_(waiting_ids(here, actor(), record.name))
        )
    today = now().astimezone(here.zone).date()
    ids: list[int] = []
    query = replace(asked.query, columns=(), limit=1000, offset=0, after=None, before=None)
    total = 0
    while len(ids) < MOST_SELECTED:
        page = list_records(session(), here.models, query, today, scope, sight_of(action_context()))
        total = total or page.total
        ids += [row.id for row in page.rows]
        if len(page.rows) < query.limit or page.last is None:
            break
        query = replace(query, after=page.last)
    return ids[:MOST_SELECTED], max(total, len(ids))


def _printed(
    report: Report, answers: dict[str, object], chosen: Chosen | None, store: bool
) -> ResponseReturnValue:
    """The PDF; it is kept under a number unless it is a mere preview."""
    issued = issue_report(action_context(), report.full_name, answers, _ids(chosen), store)
    return send_file(
        io.BytesIO(issued.data), mimetype="application/pdf", download_name=issued.file_name, max_age=0
    )


def _shown(report: Report, view: ReportView) -> Shown:
    context = action_context()
    charts = charts_of(context, report, view.tables)
    return Shown(
        view.answers.told,
        tuple(Markup(chart_svg(one)) for one in charts.values() if one.labels),
        tuple(_table(one) for one in view.tables.values()),
    )


def _table(table: DataTable) -> ShownTable:
    rows = tuple(tuple(row.words[one.name] for one in table.columns) for row in table.rows[:SHOWN])
    note = cut_note(action_context(), table)
    if len(table.rows) > SHOWN:
        note = _("The first %(n)s of %(total)s rows; the print has more.", n=SHOWN, total=table.total)
    has_totals = len(table.rows) > 1 and any(table.totals.values())
    totals = tuple(table.totals.get(one.name, "") for one in table.columns) if has_totals else ()
    return ShownTable(
        table.title, tuple((one.title, one.number) for one in table.columns), rows, totals, note
    )
