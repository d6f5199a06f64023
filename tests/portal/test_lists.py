"""Lists: filters by type, search, sorting, pages, counts, exports, the state in the address."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from pypdf import PdfReader

from app.storage import insert_record
from tests.support.clients import Site
from tests.support.portals import stamp

LIST = "/r/r.visit/list/"
COUNT = 60


@pytest.fixture(scope="module", autouse=True)
def rows(site: Site) -> None:
    """Sixty visits more."""
    with site.database.writing() as session:
        for number in range(COUNT):
            values = {
                "title": f"row {number:03d}",
                "unit": site.units["shop" if number % 2 else "other"],
                "visitor": site.people["hr"],
                "level": "high" if number % 3 else "low",
                "due": date(2026, 1, 1 + number % 28),
                "urgent": number % 5 == 0,
                "state": "open" if number % 4 else "done",
                "number": f"X-{number:03d}",
            }
            insert_record(session, site.models, "r.visit", values, stamp(site.people["hr"]))


def titles(page: str) -> list[str]:
    """The titles of the rows, in order."""
    return re.findall(r'data-label="标题">\s*(?:<[^>]+>)?([^<]+?)\s*<', page)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("f.level=low", 20),
        ("f.level=low&f.level=high", 60),
        ("f.state=done", 15),
        ("f.due.from=2026-01-27&f.due.to=2026-01-28", 4),
        ("f.due.from=2026-01-28", 2),
        ("q=row+00", 10),
        ("q=row+001+nothing", 0),
        ("f.level=low&f.state=done&q=row", 5),
    ],
)
def test_filters_and_search_count_right(site: Site, query: str, count: int) -> None:
    """What the foot of the list says is what the API counts."""
    page = site.visitor("hr").text(f"{LIST}?{query}")
    if count == 0:
        assert "没有" in page or "Nothing found" in page
    else:
        assert re.search(rf"\b{count}\b", page.split('class="list-foot"')[1])


def test_a_unit_filter_takes_in_the_units_below(site: Site) -> None:
    """The company stands for its shops; the chosen unit is named."""
    page = site.visitor("hr").text(f"{LIST}?f.unit={site.units['company']}")
    assert re.search(r"\b62\b", page.split('class="list-foot"')[1])
    assert f'<option value="{site.units["company"]}" selected>company</option>' in page


def test_pages_lead_to_each_other_and_keep_the_state(site: Site) -> None:
    """First, previous, next and last carry filters, search and order along; the number is shown."""
    hr = site.visitor("hr")
    first = hr.text(f"{LIST}?q=row&sort=title")
    assert titles(first)[0] == "row 000" and "1 / 3" in first and 'rel="prev"' not in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = hr.text(unescape(following[1]))
    assert titles(second)[0] == "row 025" and "2 / 3" in second
    assert "q=row" in following[1] and "sort=title" in following[1]
    last = hr.text(f"{LIST}?q=row&sort=title&page=3")
    assert titles(last)[-1] == "row 059" and 'rel="next"' not in last
    assert titles(hr.text(f"{LIST}?q=row&sort=title&page=99")) == titles(last)


def test_every_page_by_places_is_every_page_by_number(site: Site) -> None:
    """Following `after` shows the same rows as counting them."""
    hr = site.visitor("hr")
    api = hr.get("/api/v1/r.visit/?q=(page_size:200,order_column:title)").get_json()
    by_number = []
    for number in (1, 2, 3):
        by_number += titles(hr.text(f"{LIST}?sort=title&page={number}"))
    assert by_number == [one["title"] for one in api["result"]]


@pytest.mark.parametrize(
    ("sort", "first"), [("title", "row 000"), ("-title", "visit of rival"), ("due", None)]
)
def test_sorting(site: Site, sort: str, first: str | None) -> None:
    """Rising and falling; the head says which and offers the other way."""
    page = site.visitor("hr").text(f"{LIST}?sort={sort}")
    if first is not None:
        assert titles(page)[0] == first
    assert 'aria-sort="' in page


def test_what_cannot_be_read_is_said(site: Site) -> None:
    """A date that is none is named above the list, which is shown without it."""
    page = site.visitor("hr").text(f"{LIST}?f.due.from=soon")
    assert "alert-warning" in page and 'value="soon"' in page and titles(page)


def test_an_empty_list_invites(site: Site) -> None:
    """Nothing at all: a button to make the first; nothing found: a way to clear the filters."""
    empty = site.visitor("hr").text("/r/r.everything/list/")
    assert "empty-state" in empty and "/r/r.everything/add" in empty
    nothing = site.visitor("hr").text(f"{LIST}?q=zzzz")
    assert "empty-state" in nothing and f'href="{LIST}"' in nothing


def test_an_export_holds_what_the_list_shows(site: Site) -> None:
    """All pages of the filtered list, in its order, with numbers and dates as such, nothing that computes."""
    hr = site.visitor("hr")
    site.insert("r.visit", creator="hr", title="=1+1", unit=site.units["shop"], level="low", number="X-999")
    answer = hr.get("/r/r.visit/export?f.level=low&sort=title")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(cells) == 21 and cells[0][1] == "'=1+1" and cells[1][1] == "row 000"
    assert cells[1][5].date() == date(2026, 1, 1)  # type: ignore[union-attr]
    trail = site.models.tables["audit_entry"]
    entry = sa.select(trail.c.detail).where(trail.c.action == "export").order_by(trail.c.id.desc()).limit(1)
    assert site.scalar(entry) == "21"


def test_chosen_rows_are_exported_and_printed(site: Site) -> None:
    """Only the chosen ones, as far as they may be."""
    hr = site.visitor("hr")
    found = hr.get("/api/v1/r.visit/?q=(filters:!((col:number,opr:ct,value:X-00)),page_size:3)").get_json()
    ids = [str(one) for one in found["ids"]]
    sheet = load_workbook(io.BytesIO(hr.post("/r/r.visit/bulk", {"action": "export", "id": ids}).data)).active
    assert sheet is not None and sheet.max_row == 4
    answer = hr.post("/r/r.visit/bulk", {"action": "print", "id": ids[:2]})
    assert answer.mimetype == "application/pdf" and len(PdfReader(io.BytesIO(answer.data)).pages) >= 2
    documents = site.models.tables["document"]
    count = sa.select(sa.func.count()).where(documents.c.record_id.in_([int(one) for one in ids[:2]]))
    assert site.scalar(count) == 2
    assert hr.post("/r/r.visit/bulk", {"action": "nonsense", "id": ids}).status_code == 400
    assert hr.post("/r/r.visit/bulk", {"action": "print"}).status_code == 302


def test_one_record_is_printed_by_post(site: Site) -> None:
    """The page's button makes a PDF and a numbered document that can be opened again."""
    hr = site.visitor("hr")
    answer = hr.post("/r/r.visit/print/r.visit/1")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    assert hr.get("/r/r.visit/print/r.visit/1").status_code == 405
    assert hr.post("/r/r.visit/print/r.nothing/1").status_code == 404
    assert site.visitor("cook").post("/r/r.visit/print/r.visit/1").status_code == 403
    documents = site.models.tables["document"]
    key = site.scalar(sa.select(sa.func.max(documents.c.id)))
    root = site.visitor("root")
    assert root.get(f"/files/document/{key}").data == answer.data
    assert f"/files/document/{key}" in root.text(f"/r/document/show/{key}")
    assert site.visitor("cook").get(f"/files/document/{key}").status_code == 404


def test_what_waits_for_me(site: Site) -> None:
    """The start page counts the records whose next step is mine; the list behind the figure shows them."""
    cook = site.visitor("cook")
    assert "waiting=1" in cook.text("/")
    assert titles(cook.text(f"{LIST}?waiting=1")) == ["visit of cook"]
    assert titles(site.visitor("head").text(f"{LIST}?waiting=1")) == []


def test_the_languages_switch(site: Site) -> None:
    """The frame speaks the language that was chosen, for this browser only."""
    visitor = site.visitor("rival")
    assert "退出" in visitor.text("/") or "Sign out" not in visitor.text("/")
    answer = visitor.get("/lang/en", headers={"Referer": "http://localhost/r/r.visit/list/"})
    assert answer.headers["Location"] == "/r/r.visit/list/"
    assert "Sign out" in visitor.text("/") and 'lang="en"' in visitor.text("/")
    assert visitor.get("/lang/xx").status_code == 404
    answer = visitor.get("/lang/zh_Hans", headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/"
    assert 'lang="zh-Hans"' in visitor.text("/")


def test_a_list_begins_with_what_its_preset_says(site: Site) -> None:
    """The address says so, everything is one click away, and a choice of one's own stands."""
    page = site.visitor("hr")
    first = page.get("/r/task/list/")
    assert (first.status_code, first.location) == (302, "/r/task/list/?f.state=open")
    shown = page.get(first.location)
    assert shown.status_code == 200 and "/r/task/list/?all=1" in shown.text
    for query in ("?all=1", "?f.state=&q=", "?f.state=done"):
        assert page.get(f"/r/task/list/{query}").status_code == 200
