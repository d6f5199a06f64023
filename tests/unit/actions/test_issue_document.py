"""Prints: who may make them, what is kept of them, and what happens when they fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.access import SYSTEM, AccessDenied
from app.actions import issue_document
from app.actions.issue_document import issue_document as issue
from app.actions.issue_document import print_from_outbox
from app.actions.kept_documents import DocumentDamaged, open_document
from app.actions.offered_reports import UnknownReport, find_report, reports_for
from app.reports import ReportFailed, ReportTemplateFault
from app.storage import Database, RecordGone, claim, enqueue, history_of
from tests.support.offices import Office, office_from
from tests.support.portals import NOW
from tests.support.prints import CONFIG, VISIT, documents, text_of, visit


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with visits, on both databases."""
    return office_from(database, tmp_path, CONFIG)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def test_a_print_is_numbered_kept_and_audited(office: Office) -> None:
    """The PDF carries its number and who printed it; a row, a file and an audit entry stay."""
    made = visit(office)
    context = office.as_("hr", "hr")
    first, second = issue(context, "r.sheet", made), issue(context, "r.sheet", made)
    assert [first.number, second.number] == ["WS-202603-0001", "WS-202603-0002"]
    assert first.pages == 1 and first.missing_characters == ""
    assert first.file_name == "检查单 JC-001 WS-202603-0001.pdf"
    row = documents(office)[0]
    assert (row.id, row.number, row.report, row.title) == (
        first.document_id,
        first.number,
        "r.sheet",
        "检查单",
    )
    assert (row.record_type, row.record_id, row.pages, row.sha256) == (VISIT, made, 1, first.sha256)
    assert (office.database.instance / row.path).read_bytes() == first.data
    assert row.path.startswith(f"documents/{first.sha256[:2]}/")
    with office.database.reading() as session:
        entries = history_of(session, office.models, VISIT, made)
    assert [(one["action"], one["detail"], one["person"]) for one in entries] == [
        ("print", "WS-202603-0002 检查单", "人事"),
        ("print", "WS-202603-0001 检查单", "人事"),
    ]
    words = text_of(first)
    assert words.count("WS-202603-0001") == 2  # in the page and at its foot
    assert "printedby人事at2026-03-0217:30" in words
    assert "检查条例（trial）" in words and "Page1of1" in words


def test_who_may_print(local: Office) -> None:
    """Reading is not printing; what may not be read is not there."""
    made = visit(local)
    with pytest.raises(AccessDenied):
        issue(local.as_("cook", "reader"), "r.sheet", made)
    with pytest.raises(RecordGone):
        issue(local.as_("cook"), "r.sheet", made)
    with pytest.raises(RecordGone):
        issue(local.as_("hr", "hr"), "r.sheet", made + 1)
    assert documents(local) == []


def test_a_preview_leaves_nothing(local: Office) -> None:
    """A preview says that it is one, has no number and keeps nothing."""
    made = visit(local)
    preview = issue(local.as_("hr", "hr"), "r.sheet", made, store=False)
    assert (preview.document_id, preview.number) == (None, "")
    assert "preview,notissued" in text_of(preview)
    assert documents(local) == [] and not (local.database.instance / "documents").exists()


@pytest.mark.parametrize(
    ("report", "error"),
    [("r.broken", ReportTemplateFault), ("r.unprintable", ReportFailed)],
    ids=["template", "layout"],
)
def test_a_print_that_fails_leaves_nothing(local: Office, report: str, error: type[Exception]) -> None:
    """No row, no file, no audit entry; the number goes to the next print that succeeds."""
    made = visit(local)
    context = local.as_("hr", "hr")
    with pytest.raises(error):
        issue(context, report, made)
    assert documents(local) == [] and not (local.database.instance / "documents").exists()
    with local.database.reading() as session:
        assert history_of(session, local.models, VISIT, made) == []
    assert issue(context, "r.sheet", made).number == "WS-202603-0001"


def test_somebody_else_prints_meanwhile(local: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number in the PDF is the one of its row, even when another print took the expected one."""
    made = visit(local)
    render = issue_document._render
    rendered: list[str] = []

    def slow(context: Any, report: Any, stored: Any, number: str) -> Any:
        rendered.append(number)
        if len(rendered) == 1:
            other = replace(context, session=sa.orm.Session(local.database.engine))
            issue(other, "r.sheet", made)
            other.session.close()
        return render(context, report, stored, number)

    monkeypatch.setattr(issue_document, "_render", slow)
    issued = issue(local.as_("hr", "hr"), "r.sheet", made)
    assert issued.number == "WS-202603-0002" and issued.number in text_of(issued)
    assert [row.number for row in documents(local)] == ["WS-202603-0001", "WS-202603-0002"]


@pytest.mark.parametrize(
    ("record_type", "names"),
    [
        (VISIT, ["r.broken", "r.sheet", "r.unprintable"]),
        ("r.plain", ["r.plain"]),
        ("unit", ["s.sheet"]),
        ("penalty", ["s.notice"]),
        ("r.nothing", []),
    ],
)
def test_reports_for(local: Office, record_type: str, names: list[str]) -> None:
    """The declared reports of one record, else the type's own form."""
    assert sorted(one.full_name for one in reports_for(local.release, record_type)) == names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("r.shet", "there is no report 'r.shet' (did you mean 'r.sheet'?)"),
        ("sheet", "'sheet' may mean several, write it in full: r.sheet, s.sheet"),
        ("r.visit", "there is no report 'r.visit' (known names: r.broken, r.sheet, r.unprintable)"),
        (
            "monthly",
            "the report 'r.monthly' is made of a period",
        ),
    ],
)
def test_reports_that_cannot_be_printed(local: Office, name: str, said: str) -> None:
    """An unknown name comes with the near one; a report of a period says that it is not served yet."""
    with pytest.raises(UnknownReport) as caught:
        issue(local.as_("hr", "hr"), name, visit(local))
    assert caught.value.message().startswith(said)
    assert find_report(local.release, "notice").full_name == "s.notice"


def test_the_outbox_prints_once(local: Office) -> None:
    """A row of the outbox is printed by the portal itself, and done in the same transaction."""
    made = visit(local)
    payload = {"report": "r.sheet", "record_type": VISIT, "record_id": made, "person": None, "release": 1}
    with local.database.writing() as session:
        enqueue(session, "print:1", "print", payload, NOW)
    with local.database.writing() as session:
        [item] = claim(session, NOW)
    context = replace(local.as_("cook"), now=NOW + timedelta(minutes=1))
    issued = print_from_outbox(context, item.payload, item.id)
    assert "printedat2026-03-0217:31" in text_of(issued) and "隐情" in text_of(issued)
    with local.database.writing() as session:
        assert claim(session, NOW + timedelta(hours=1)) == ()
    with pytest.raises(UnknownReport):
        print_from_outbox(context, {"report": None})


def test_who_may_open_a_kept_print(local: Office) -> None:
    """Who printed it, and who has no field hidden; a changed file is refused."""
    made = visit(local)
    hr, head = local.as_("hr", "hr"), local.as_("head", "head")
    issued = issue(hr, "r.sheet", made)
    kept = issued.document_id or 0
    opened = open_document(hr, kept)
    assert (opened.data, opened.file_name) == (issued.data, f"检查单 {issued.number}.pdf")
    with pytest.raises(AccessDenied, match="print the record yourself"):
        open_document(head, kept)
    own = issue(head, "r.sheet", made)
    assert open_document(head, own.document_id or 0).data == own.data
    with pytest.raises(RecordGone):
        open_document(local.as_("cook", "reader"), kept)
    place = local.database.instance / documents(local)[0].path
    place.write_bytes(b"%PDF-other")
    with pytest.raises(DocumentDamaged):
        open_document(local.context(SYSTEM), kept)
