"""Print a record: rendered, kept under its number with its checksum, and written into the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.access import SYSTEM
from app.actions.context import Context, transaction
from app.actions.kept_documents import keep_pdf
from app.actions.numbering import next_in_series
from app.actions.offered_reports import UnknownReport, find_report, record_of
from app.actions.print_rendering import Print, rendered, trial_words
from app.actions.records import load_for
from app.actions.report_data import report_data
from app.actions.storing import audit
from app.reports import Pdf, default_layout
from app.source import N_
from app.spec.reports import Report
from app.storage import Record, insert_record, mark_done
from app.storage.attachments import plain_name


@dataclass(frozen=True, slots=True)
class Issued:
    """A finished print. document_id and number are those of its `document` record (None and empty for a print
    that is not kept); data: the PDF; missing_characters: what the print fonts lack, each once."""

    document_id: int | None
    number: str
    title: str
    data: bytes
    file_name: str
    pages: int
    sha256: str
    missing_characters: str = ""


def issue_document(
    context: Context,
    report_name: str,
    record_id: int,
    store: bool = True,
    outbox_item: int | None = None,
) -> Issued:
    """Print one record with a report and keep the print as a numbered document.

    report_name: see `find_report`. store: False gives a preview, marked as such, without number or trace.
    outbox_item: the row that asked for the print, done in the same transaction, so that a worker prints once.
    Raises UnknownReport, AccessDenied without the right to print the record, RecordGone, and ReportError when
    the template or the layout fails: then nothing is kept.
    """
    report = find_report(context.release, report_name)
    record = record_of(context.release, report)
    stored, _ = load_for(context, record.name, record_id, "print")
    if not store:
        return _issued(context, report, stored, _render(context, report, stored, ""))
    expected = number_to_come(context)
    pdf = _render(context, report, stored, expected)
    with transaction(context):
        number = next_document_number(context)
        if number != expected:
            # Somebody printed meanwhile. Rendering goes on without the lock as a rule; here it must not be
            # overtaken a second time.
            pdf = _render(context, report, stored, number)
        issued = _issued(context, report, stored, pdf, number)
        document = _keep(context, report, stored, issued)
        audit(context, "print", record.name, record_id, stored.label, detail=f"{number} {issued.title}")
        if outbox_item is not None:
            mark_done(context.session, outbox_item, context.now)
    return replace(issued, document_id=document)


def print_from_outbox(
    context: Context, payload: Mapping[str, object], outbox_item: int | None = None
) -> Issued:
    """Carry out the `print` of a workflow: the portal itself prints, whoever made the transition.

    payload: `report`, `record_id` (and what else the effect noted). Raises what `issue_document` raises.
    """
    name, record_id = payload.get("report"), payload.get("record_id")
    if not isinstance(name, str) or not isinstance(record_id, int):
        raise UnknownReport(N_("the order to print names no report and no record"))
    return issue_document(replace(context, actor=SYSTEM), name, record_id, outbox_item=outbox_item)


def report_values(context: Context, report_name: str, record_id: int) -> Mapping[str, object]:
    """What a template of the report would find, for looking at. Raises what `issue_document` raises."""
    report = find_report(context.release, report_name)
    record = record_of(context.release, report)
    stored, _ = load_for(context, record.name, record_id, "print")
    with TemporaryDirectory(prefix="print-") as folder:
        return report_data(context, report, stored, Path(folder)).values


def number_to_come(context: Context) -> str:
    """The number that the next document gets unless somebody else prints first; it is not taken."""
    with transaction(context):
        number = next_document_number(context)
        context.session.rollback()
    return number


def next_document_number(context: Context) -> str:
    """The number of the next document, taken within the caller's transaction."""
    return next_in_series(context, context.record("document"), {"now": context.now}) or ""


def _render(context: Context, report: Report, stored: Record, number: str) -> Pdf:
    """The print of a record as the acting person may see it. Raises ReportError."""
    with TemporaryDirectory(prefix="print-") as folder:
        media = Path(folder)
        data = report_data(context, report, stored, media, number)
        # The default layout calls its tables `lines`, and says in words what a regulation on trial is.
        own = {
            **data.values,
            "lines": data.values["tables"],
            "trial": trial_words(context, data.regime),
            **data.layout,
        }
        layout = default_layout()
        return rendered(
            context, Print(report, data.values, layout, own, data.assets, data.regime, media, number)
        )


def _issued(context: Context, report: Report, stored: Record, pdf: Pdf, number: str = "") -> Issued:
    title = context.translate(report.label) if report.label else report.name
    own = stored.values.get("number") or f"{stored.id}"
    name = plain_name(" ".join(part for part in (title, str(own), number) if part).replace("/", "-"))
    digest = hashlib.sha256(pdf.data).hexdigest()
    return Issued(None, number, title, pdf.data, f"{name}.pdf", pdf.pages, digest, pdf.missing_characters)


def _keep(context: Context, report: Report, stored: Record, issued: Issued) -> int:
    values = {
        "number": issued.number,
        "report": report.full_name[:100],
        "title": issued.title[:200],
        "record_type": stored.record_type,
        "record_id": stored.id,
        "pages": issued.pages,
        "sha256": issued.sha256,
        "printed_at": context.now,
    }
    extra = {"path": keep_pdf(context.instance, issued.data, issued.sha256)}
    return insert_record(context.session, context.models, "document", values, context.stamp, extra)
