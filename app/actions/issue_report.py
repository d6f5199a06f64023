"""Print a report over a period, or over chosen records: for whoever may print what its data come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.access import AccessDenied
from app.actions.context import Context, transaction
from app.actions.issue_document import Issued, next_document_number, number_to_come
from app.actions.kept_documents import keep_pdf
from app.actions.offered_data_reports import find_data_report, may_print_report
from app.actions.print_rendering import Print, regime_words, rendered, trial_words
from app.actions.report_datasets import (
    Occasion,
    charts_of,
    data_grids,
    data_of,
    data_values,
    layout_of,
)
from app.actions.report_parameters import Answers, Given, read_answers
from app.actions.storing import audit
from app.reports import Assets, Pdf, format_value
from app.reports.datasets import DataTable
from app.reports.templates import data_layout
from app.spec.portal_settings import Regime
from app.spec.reports import Report
from app.storage import insert_record
from app.storage.attachments import plain_name

MOST_SELECTED = 5_000
"""Records that one report of a selection takes."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report worked out but not printed: its answers and tables."""

    report: Report
    answers: Answers
    tables: Mapping[str, DataTable]


def view_report(context: Context, name: str, given: Given, ids: Sequence[int] | None = None) -> ReportView:
    """The data of a report as the acting person may see them, without printing.

    given: parameter -> value or text; ids: the records chosen for a report of a selection. Raises
    UnknownReport, AccessDenied, InvalidRecord with the faults of parameters.
    """
    report = find_data_report(context, name)
    decision = may_print_report(context.release, context.policy, context.actor, report)
    if not decision.allowed:
        raise AccessDenied(decision)
    answers = read_answers(context, report, given)
    chosen = tuple(dict.fromkeys(ids or ()))[:MOST_SELECTED] if report.of == "selection" else None
    return ReportView(report, answers, data_of(context, Occasion(report, answers, chosen)))


def issue_report(
    context: Context, name: str, given: Given, ids: Sequence[int] | None = None, store: bool = True
) -> Issued:
    """Print a report over a period or a selection, and keep the print as a numbered document.

    store: False gives a preview, marked as such, without number or trace. Raises what `view_report` raises,
    and ReportError when the template or the layout fails: then nothing is kept.
    """
    view = view_report(context, name, given, ids)
    if not store:
        return _issued(context, view, _render(context, view, ""))
    expected = number_to_come(context)
    pdf = _render(context, view, expected)
    with transaction(context):
        number = next_document_number(context)
        if number != expected:
            pdf = _render(context, view, number)
        issued = _issued(context, view, pdf, number)
        document = _keep(context, view, issued)
        detail = f"{number} {issued.title} {view.answers.told}"[:200]
        audit(context, "print", "document", document, number, detail=detail)
    return replace(issued, document_id=document)


def _render(context: Context, view: ReportView, number: str) -> Pdf:
    report = view.report
    regime = context.release.portal.regimes.get(report.regime)
    charts = charts_of(context, report, view.tables)
    values = report_values(context, view, regime, number)
    assets = Assets(grids=data_grids(context, view.tables), charts=charts)
    own = {
        **values,
        "trial": trial_words(context, regime),
        **layout_of(context, report, view.tables, charts),
    }
    with TemporaryDirectory(prefix="print-") as folder:
        return rendered(
            context, Print(report, values, data_layout(), own, assets, regime, Path(folder), number)
        )


def report_values(
    context: Context, view: ReportView, regime: Regime | None, number: str
) -> dict[str, object]:
    """What a template of a report over a period or a selection finds."""
    portal, report, answers = context.release.portal, view.report, view.answers
    organisation = context.translate(portal.settings.organisation) if portal.settings.organisation else ""
    values: dict[str, object] = {
        "title": context.translate(report.label),
        "subtitle": answers.told,
        "parameters": {**answers.words, "raw": answers.values},
        "labels": answers.labels,
        "organisation": organisation,
        "portal": {"title": context.translate(portal.settings.title), "organisation": organisation},
        "regime": regime_words(context, regime),
        "totals_of": {name: dict(table.totals) for name, table in view.tables.items()},
        "counts": {name: table.total for name, table in view.tables.items()},
        "charts": list(report.charts),
        "document": {
            "number": number,
            "report": report.full_name,
            "printed_by": context.actor.name if context.actor.kind == "person" else "",
            "printed_at": format_value("datetime", context.now, timezone=context.zone),
            "release": context.release.number,
        },
        "now": context.now,
    }
    return values | data_values(view.tables, values)


def _issued(context: Context, view: ReportView, pdf: Pdf, number: str = "") -> Issued:
    title = context.translate(view.report.label)
    told = " ".join(view.answers.plain.values())
    name = plain_name(" ".join(part for part in (title, told, number) if part).replace("/", "-"))
    digest = hashlib.sha256(pdf.data).hexdigest()
    return Issued(None, number, title, pdf.data, f"{name}.pdf", pdf.pages, digest, pdf.missing_characters)


def _keep(context: Context, view: ReportView, issued: Issued) -> int:
    values = {
        "number": issued.number,
        "report": view.report.full_name[:100],
        "title": issued.title[:200],
        "parameters": view.answers.told[:_LONGEST],
        "pages": issued.pages,
        "sha256": issued.sha256,
        "printed_at": context.now,
    }
    extra = {"path": keep_pdf(context.instance, issued.data, issued.sha256)}
    return insert_record(context.session, context.models, "document", values, context.stamp, extra)
