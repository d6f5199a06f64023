"""The studio behind a browser: who may open it, and a change's way through its pages."""

from __future__ import annotations

import html
import io
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from app.access import SYSTEM
from app.actions.configurations import stored_release
from app.actions.publish_release import Draft, publish_release
from app.storage import Database, find_live
from app.web.factory import create_app
from tests.support.clients import Site, Visitor, open_site
from tests.support.portals import NOW

FINES = "config/regimes/r/fines.yaml"
AMOUNT = "r.penalty_schedules.conduct.levels.low.amount"
EVERYTHING = "[create, read, update, submit, send_back, approve, apply, drop]"
FILES: Mapping[str, str] = {
    "config/portal.yaml": "portal: {title: Test, languages: [en], regimes: [r]}\n",
    "config/regimes/r/records.yaml": """
        records:
          visit: {title: 检查, fields: {title: {type: text}}}
    """,
    FINES: """
        choices: {grade: {ordered: true, options: {low: 轻, high: 重}}}
        penalty_schedules:
          conduct:
            title: 罚
            kind: fine
            rank: grade
            levels: {low: {amount: 50}, high: {amount: 200}}  # two levels
            decided_by: [{who: role.hr}]
    """,
    "config/roles.yaml": f"""
        roles:
          hr: {{can: {{r.visit: [create, read], penalty: [read], revision: {EVERYTHING}, release: [read]}}}}
          unit_head: {{can: {{r.visit: [read], revision: [read, approve], release: [read]}}}}
          employee: {{can: {{r.visit: [read]}}}}
    """,
}


@pytest.fixture
def site(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A portal whose configuration lies in the database, as release 1."""
    return opened_studio(database, tmp_path_factory.mktemp("studio"))


def opened_studio(database: Database, root: Path, wanted: Mapping[str, str] = FILES) -> Site:
    """A portal whose configuration lies in the database, as release 1."""
    opened = open_site(database, root, wanted)
    files = {path.relative_to(root / "root").as_posix(): path.read_bytes()
             for path in (root / "root").rglob("*.yaml")}  # fmt: skip
    draft = Draft(files, opened.release.portal, 0, reason="first")
    number = publish_release(database, draft, SYSTEM, NOW).number
    opened.release = stored_release(database, number)
    opened.app = create_app(opened.release, database, opened.app.extensions["portal"].settings)
    return opened


def begun(visitor: Visitor, table: str = "amounts") -> int:
    """A new revision, by the shortcut to a tuning table."""
    answer = visitor.post("/studio/new", {"table": table})
    found = re.fullmatch(rf"/studio/(\d+)/tuning/{table}", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return int(found[1])


def raised(visitor: Visitor, revision: int, value: str, seen: str = "50") -> str:
    """Type another amount into the table; where the answer leads."""
    sent = {f"v:{AMOUNT}": value, f"s:{AMOUNT}": seen}
    answer = visitor.post(f"/studio/{revision}/tuning/amounts", sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def test_from_a_table_to_a_release_and_back(site: Site) -> None:
    """Typed, planned, submitted, approved by another, applied, seen in the history, rolled back."""
    author, boss = site.visitor("hr"), site.visitor("root")
    revision = begun(author)
    assert raised(author, revision, "80") == f"/studio/{revision}/#plan"
    page = author.text(f"/studio/{revision}/")
    assert AMOUNT in page and "<del>50</del>" in page and "<ins>80</ins>" in page
    assert "# two levels" in html.unescape(page) and 'class="diff-text diff-new"' in page
    answer = author.post(f"/r/revision/move/submit/{revision}", {"reason": "too low"})
    assert answer.headers["Location"] == f"/studio/{revision}/", answer.get_data(as_text=True)
    assert "waits for me" in boss.text("/studio/") and "waits for me" not in author.text("/studio/")
    assert "second person" in html.unescape(
        author.post(f"/r/revision/move/approve/{revision}", {}, follow_redirects=True).get_data(as_text=True)
    ) or f"/move/approve/{revision}" not in author.text(f"/studio/{revision}/")
    boss.post(f"/r/revision/move/approve/{revision}", {})
    boss.post(f"/r/revision/move/apply/{revision}", {"_confirmed": "1"})
    live = find_live(site.database)
    assert live is not None and (live.number, live.origin) == (2, "studio")
    assert "too low" in author.text("/studio/releases/")
    assert AMOUNT in author.text("/studio/releases/2/")
    plan = author.text("/studio/releases/1/back")
    assert "<del>80</del>" in plan and "<ins>50</ins>" in plan
    stale = author.post("/studio/releases/1/back", {"base": "1", "reason": "x"})
    assert stale.status_code == 200 and "plan again" in stale.get_data(as_text=True)
    chosen = html.unescape(author.text("/studio/releases/1/back?open_records=switch"))
    assert 'name="open_records" value="switch">' in chosen.split("<form")[-1]
    assert author.get("/studio/releases/1/back?open_records=never").status_code == 400
    back = {"base": "2", "reason": "too hard", "open_records": "switch"}
    done = author.post("/studio/releases/1/back", back)
    assert done.status_code == 302, done.get_data(as_text=True)
    live = find_live(site.database)
    assert live is not None and (live.number, live.origin, live.reason) == (3, "rollback", "too hard")
    with site.database.reading() as session:
        kept = session.execute(sa.text("SELECT open_records FROM release WHERE id = 3")).scalar()
    assert kept == "switch"


def test_a_fault_stands_beside_its_row(site: Site) -> None:
    """A value that the check refuses is not saved; it stays in its field, with the reason."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    sent = {f"v:{AMOUNT}": "much", f"s:{AMOUNT}": "50"}
    answer = visitor.post(f"/studio/{revision}/tuning/amounts", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="much"' in page and "is-invalid" in page
    assert "Nothing is changed yet" in visitor.text(f"/studio/{revision}/")


def test_somebody_else_was_faster_in_the_table(site: Site) -> None:
    """A value that changed since the page was made is left as it is, and named."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    raised(visitor, revision, "80")
    assert raised(visitor, revision, "90") == f"/studio/{revision}/tuning/amounts"
    page = visitor.text(f"/studio/{revision}/tuning/amounts")
    assert "Changed by somebody else since" in page and 'value="80"' in page


def uploaded(visitor: Visitor, revision: int, book: Workbook) -> str:
    """The page that answers to a spreadsheet."""
    stream = io.BytesIO()
    book.save(stream)
    sent = {"book": (io.BytesIO(stream.getvalue()), "amounts.xlsx")}
    answer = visitor.post(
        f"/studio/{revision}/tuning/amounts/upload", sent, content_type="multipart/form-data",
        follow_redirects=True,
    )  # fmt: skip
    return html.unescape(answer.get_data(as_text=True))


def test_the_table_travels_as_a_spreadsheet(site: Site) -> None:
    """Out, one value changed, in again; with an unknown row besides nothing is taken over."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    answer = visitor.get(f"/studio/{revision}/tuning/amounts.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    sheet = book.active
    assert sheet is not None
    rows = {row[0].value: row for row in sheet.iter_rows()}
    assert rows[AMOUNT][4].value == "50"
    rows[AMOUNT][4].value = 75
    assert "<ins>75</ins>" in uploaded(visitor, revision, book)
    sheet.append(["r.nowhere.amount", "r", "", "", "1", "2"])
    rows[AMOUNT][4].value = 85
    page = uploaded(visitor, revision, book)
    assert f"amounts!E{sheet.max_row}: this table has no row r.nowhere.amount" in page
    assert f"{rows[AMOUNT][4].coordinate}: {AMOUNT} was changed since" in page
    assert "<ins>75</ins>" in visitor.text(f"/studio/{revision}/")
    sheet.delete_rows(sheet.max_row)
    rows[AMOUNT][4].value, rows[AMOUNT][5].value = "a lot", "75"
    page = uploaded(visitor, revision, book)
    assert f"amounts!{rows[AMOUNT][4].coordinate}: " in page and "Nothing was saved" in page
    bad = {"book": (io.BytesIO(b"no zip"), "x.xlsx")}
    refused = visitor.post(
        f"/studio/{revision}/tuning/amounts/upload", bad, content_type="multipart/form-data",
        follow_redirects=True,
    ).get_data(as_text=True)  # fmt: skip
    assert "not a spreadsheet" in refused


def test_a_file_is_edited_checked_and_discarded(site: Site) -> None:
    """Saved text, faults as JSON while typing, both texts after somebody else's save, back to the release."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    page = visitor.text(f"/studio/{revision}/edit?path={FINES}&line=5")
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert seen and "# two levels" in page
    text = FILES[FINES].replace("amount: 50", "amount: lots")
    found = visitor.post(f"/studio/{revision}/check", {"path": FINES, "text": text}).get_json()
    assert found["diagnostics"] and found["diagnostics"][0]["severity"] == "error"
    good = FILES[FINES].replace("amount: 50", "amount: 60")
    sent = {"path": FINES, "text": good.replace("\n", "\r\n"), "seen": seen[1]}
    assert visitor.post(f"/studio/{revision}/edit", sent).status_code == 302
    again = visitor.post(f"/studio/{revision}/edit", sent)
    assert again.status_code == 409 and "Stored now" in again.get_data(as_text=True)
    assert "<ins>60</ins>" in visitor.text(f"/studio/{revision}/")
    visitor.post(f"/studio/{revision}/discard", {"path": FINES})
    assert "Nothing is changed yet" in visitor.text(f"/studio/{revision}/")


def test_files_come_move_and_go(site: Site) -> None:
    """A new file, another name, out again; no name leads elsewhere."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    where = f"/studio/{revision}/files"
    visitor.post(where, {"step": "add", "to": "config/regimes/r/more.yaml"})
    visitor.post(
        where, {"step": "rename", "path": "config/regimes/r/more.yaml", "to": "config/regimes/r/b.yaml"}
    )
    page = visitor.text(f"/studio/{revision}/")
    assert "config/regimes/r/b.yaml" in page and "more.yaml" not in page
    visitor.post(where, {"step": "remove", "path": "config/regimes/r/b.yaml"})
    assert "Nothing is changed yet" in visitor.text(f"/studio/{revision}/")
    visitor.post(where, {"step": "add", "to": "../../etc/x.yaml"})
    assert "Nothing is changed yet" in visitor.text(f"/studio/{revision}/")


def test_a_case_is_tried_by_the_draft(site: Site) -> None:
    """The same case by both configurations, each with its reasons."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    raised(visitor, revision, "80")
    page = visitor.text(f"/studio/{revision}/try?schedule=r.conduct&level=low")
    assert "80.00" in page and "50.00" in page and "/studio/source?path=" in page
    assert visitor.get(f"/studio/{revision}/try?schedule=r.nothing").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["level=nothing", "level=low&at=yesterday", "level=low&at=0001-01-01", "level=low&at=9999-12-31T23:59",
     "level=low&earlier=-1", "level=low&earlier=x", "level=low&amount=NaN", "level=low&amount=1e99"],
)  # fmt: skip
def test_nonsense_in_a_case_is_no_crash(site: Site, query: str) -> None:
    """Whatever stands in the address, the page answers."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    assert "By this revision" in visitor.text(f"/studio/{revision}/try?schedule=r.conduct&{query}")


def test_stored_records_are_replayed(site: Site) -> None:
    """The report comes by itself; who may not see every penalty is refused."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    raised(visitor, revision, "80")
    answer = visitor.post(f"/studio/{revision}/replay", {"since": "2026-01-01"})
    assert answer.status_code == 302
    for _ in range(200):
        page = visitor.text(answer.headers["Location"])
        if 'http-equiv="refresh"' not in page:
            break
        time.sleep(0.05)
    assert "Penalties by unit" in page, page
    assert "No stored penalty falls into this time." in page
    assert "Penalties by unit" in visitor.text(f"/studio/{revision}/replay"), "found again without its name"
    assert visitor.get(f"/studio/{revision}/replay?of=../../etc/passwd").status_code == 200
    assert site.visitor("head").get(f"/studio/{revision}/replay").status_code == 403


def test_a_running_replay_says_how_far_it_is(site: Site) -> None:
    """Percent and a bar; a replay whose process died is said to have been interrupted."""
    visitor = site.visitor("hr")
    revision = begun(visitor)
    cache = site.database.instance / "cache"
    cache.mkdir(exist_ok=True)
    running = cache / "replay-abc-20260101-202601011200-en.json"
    running.write_text('{"since": "2026-01-01", "count": 45, "of": 120}')
    page = visitor.text(f"/studio/{revision}/replay?of={running.name}")
    assert 'value="37"' in page and "45 of 120" in page and 'http-equiv="refresh"' in page
    os.utime(running, (0, 0))
    page = visitor.text(f"/studio/{revision}/replay?of={running.name}")
    assert "interrupted" in page and 'http-equiv="refresh"' not in page


def test_reasons_open_the_own_revision(site: Site) -> None:
    """A place of the release in service opens in the editor of who works on it, at the line it moved to; an
    earlier release is only shown."""
    visitor = site.visitor("hr")
    assert "is-marked" in visitor.text(f"/studio/source?path={FINES}&line=9")
    revision = begun(visitor)
    where = visitor.get(f"/studio/source?path={FINES}&line=9").headers["Location"]
    assert where.startswith(f"/studio/{revision}/edit?") and where.endswith("line=9")
    page = visitor.text(f"/studio/{revision}/edit?path={FINES}")
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert seen
    sent = {"path": FINES, "text": "# new\n# lines\n" + FILES[FINES], "seen": seen[1]}
    visitor.post(f"/studio/{revision}/edit", sent)
    where = visitor.get(f"/studio/source?path={FINES}&line=9").headers["Location"]
    assert where.endswith("line=11")
    assert "is-marked" in visitor.text(f"/studio/source?path={FINES}&line=9&read=1")


DOORS = (
    ("GET", "/studio/"), ("GET", "/studio/1/"), ("GET", "/studio/1/tuning/amounts"),
    ("GET", "/studio/1/tuning/amounts.xlsx"), ("GET", "/studio/1/edit"), ("GET", "/studio/1/try"),
    ("GET", f"/studio/1/edit?path={FINES}"), ("GET", f"/studio/source?path={FINES}&line=4"),
    ("GET", "/studio/1/names.json"), ("GET", "/studio/schema.json"), ("GET", "/studio/releases/"),
    ("GET", "/studio/releases/1/"), ("POST", "/studio/1/check"),
)  # fmt: skip
WRITING = ("/studio/new", "/studio/1/files", "/studio/1/discard", "/studio/1/rebase", "/studio/1/allow",
           "/studio/1/tuning/amounts/upload")  # fmt: skip


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("root", True, True),
        ("hr", True, True),
        ("head", True, False),
        ("cook", False, False),
        ("guest", False, False),
    ],
)
def test_doors(site: Site, who: str, reads: bool, writes: bool) -> None:
    """Who may read revisions sees the studio, who may change them writes; everybody else is refused."""
    revision = begun(site.visitor("root"))
    assert revision == 1
    visitor = site.visitor(who)
    for method, path in DOORS:
        sent = {"path": FINES, "text": "a: 1"}
        answer = visitor.get(path, follow_redirects=True) if method == "GET" else visitor.post(path, sent)
        assert answer.status_code == (200 if reads else 403), path
    for path in WRITING:
        status = visitor.post(path, {}).status_code
        assert (status != 403) == writes, (path, status)
    back = visitor.get("/studio/releases/1/back").status_code
    assert (back == 403) == (not writes)
    assert ('href="/studio/"' in visitor.text("/")) == reads
    sent = {f"v:{AMOUNT}": "99", f"s:{AMOUNT}": "50"}
    visitor.post("/studio/1/tuning/amounts", sent)
    assert ("<ins>99</ins>" in site.visitor("root").text("/studio/1/")) == writes


def test_strangers_sign_in_first(site: Site) -> None:
    """Nothing of the configuration is open to strangers."""
    begun(site.visitor("root"))
    stranger = site.visitor()
    for _method, path in DOORS[:-1]:
        assert stranger.get(path).headers.get("Location", "").startswith("/login/"), path
