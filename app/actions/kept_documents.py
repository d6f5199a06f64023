"""The files of issued documents: kept under their checksum, read back by who may see all they show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.access import AccessDenied, Decision, hidden_fields, masks_for
from app.actions.context import Context
from app.actions.records import load_for
from app.actions.report_datasets import sees_whole_report
from app.source import N_, PortalError, Translate, untranslated
from app.storage.attachments import plain_name, write_whole

FOLDER = "documents"


class DocumentDamaged(PortalError):
    """The kept file is not there, or not what its checksum says."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = translate(N_("the kept print {number} is missing or was changed"))
        return text.format(number=self.number)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A print as it was issued."""

    number: str
    file_name: str
    data: bytes


def keep_pdf(instance: Path, data: bytes, digest: str) -> str:
    """Write a print below the instance folder; the path to it, relative to that folder.

    digest: SHA-256 of the data in hex.
    """
    path = f"{FOLDER}/{digest[:2]}/{digest[2:]}.pdf"
    if not (instance / path).exists():
        write_whole(instance / path, data)
    return path


def open_document(context: Context, document_id: int) -> KeptDocument:
    """A print as it was issued.

    It shows what its printer saw, so it opens only for who printed it, or for who may read the document, may
    print its record, and has no field of that type hidden or masked; a report of many records for who would
    find in it all that anybody finds. Raises RecordGone, AccessDenied,
    DocumentDamaged.
    """
    stored, _ = load_for(context, "document", document_id)
    values, actor = stored.values, context.actor
    record_type, record_id = str(values.get("record_type")), values.get("record_id")
    own = actor.person_id is not None and values.get("created_by") == actor.person_id
    if not own and not actor.unlimited and record_id is None:
        _require_whole(context, str(values.get("report")))
    elif not own and not actor.unlimited:
        load_for(context, record_type, record_id if isinstance(record_id, int) else 0, "print")
        if hidden_fields(context.policy, actor, record_type) or masks_for(
            context.policy, actor, record_type, False
        ):
            text = N_("this print may show fields that you may not see; print the record yourself")
            raise AccessDenied(Decision(False, text))
    number = str(values.get("number") or document_id)
    return KeptDocument(
        number, plain_name(f"{values.get('title')} {number}.pdf"), _read(context, stored.id, number)
    )


def _require_whole(context: Context, name: str) -> None:
    """A print of many records shows the rows and fields of who printed it: it opens for who would find the
    same ones. Raises AccessDenied."""
    report = context.release.portal.reports.get(name)
    if report is None or not sees_whole_report(context, report):
        text = N_("this print may show records that you may not see; print the report yourself")
        raise AccessDenied(Decision(False, text))


def _read(context: Context, document_id: int, number: str) -> bytes:
    table = context.models.tables["document"]
    chosen = table.select().with_only_columns(table.c.path, table.c.sha256).where(table.c.id == document_id)
    path, digest = context.session.execute(chosen).one()
    folder = (context.instance / FOLDER).resolve()
    place = (context.instance / (path or "")).resolve()
    if not place.is_relative_to(folder) or not place.is_file():
        raise DocumentDamaged(number)
    data = place.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise DocumentDamaged(number)
    return data
