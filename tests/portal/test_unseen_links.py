"""What a visible record links to and the reader may not see is not called by its name: nowhere."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.storage import Database
from tests.support.clients import Site, open_site

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r]}
        roles:
          hr: {can: {r.slip: [create, read, update, export, print], r.matter: [create, read]}}
          unit_head: {can: {r.slip: [read, export, update, print], r.matter: [read own]}}
          employee: {can: {r.slip: [read, export, update, print]}}
    """,
    "config/regimes/r/records.yaml": """
        records:
          matter:
            title: 机密
            label: "{title}"
            fields: {title: {type: text, title: 名称}}
          slip:
            title: 反馈单
            number: "FK-{seq:03d}"
            fields:
              matter: {type: link, to: matter, title: 事由}
              others: {type: links, to: matter, title: 相关}
              who: {type: person, title: 责任人}
              rows: {type: lines, title: 明细, fields: {about: {type: link, to: matter, title: 关于}}}
            list: {columns: [number, matter, others, who]}
        """,
}
SECRET, OWN = "SesameOpens", "MyOwnMatter"
SLIP = "r.slip"


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    """A slip that leads to a matter of the personnel department and to one that the head made."""
    site = open_site(database, tmp_path, FILES)
    secret = site.insert("r.matter", creator="hr", title=SECRET)
    own = site.insert("r.matter", creator="head", title=OWN)
    site.insert(
        SLIP,
        creator="hr",
        number="FK-001",
        matter=secret,
        others=(secret, own),
        who=site.people["cook"],
        rows=({"about": secret}, {"about": own}),
    )
    return site


PLACES = (
    "/r/r.slip/list/",
    "/r/r.slip/show/1",
    "/r/r.slip/edit/1",
    "/api/v1/r.slip/",
    "/api/v1/r.slip/1",
    "/r/r.slip/list/?order=matter",
)


def export(site: Site, who: str) -> str:
    found = site.visitor(who).get("/r/r.slip/export")
    assert found.status_code == 200, found.status_code
    book = load_workbook(BytesIO(found.get_data()))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.rows for cell in row)


@pytest.mark.parametrize("path", PLACES)
def test_the_name_is_not_told(site: Site, path: str) -> None:
    """Neither to whoever may see only the own ones nor to whoever may see none; the rest of it stands."""
    assert SECRET in site.visitor("hr").get(path).get_data(as_text=True)
    for who, sees_own in (("head", True), ("cook", False)):
        answer = site.visitor(who).get(path)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200 and "FK-001" in text
        assert SECRET not in text
        if "list" not in path or "edit" in path:
            assert (OWN in text) is sees_own


@pytest.mark.parametrize(
    ("who", "sees"), [("hr", (True, True)), ("head", (False, True)), ("cook", (False, False))]
)
def test_nor_in_an_export(site: Site, who: str, sees: tuple[bool, bool]) -> None:
    """The same words stand in the cell."""
    text = export(site, who)
    assert (SECRET in text, OWN in text) == sees
    assert ("(no access)" in text or "无权查看" in text) is (who != "hr")


def test_it_costs_no_statement(site: Site) -> None:
    """The list, the record and the API take as many statements for those who see all as for the others."""
    for path in ("/r/r.slip/list/", "/r/r.slip/show/1", "/api/v1/r.slip/1"):
        counted = []
        for who in ("hr", "head", "cook"):
            visitor = site.visitor(who)
            visitor.get(path)
            with site.statements() as statements:
                visitor.get(path)
            counted.append(len(statements))
        assert max(counted) <= 8 + 2, (path, counted)
        assert max(counted[1:]) <= counted[0], (path, counted)


def test_who_takes_part_is_named(site: Site) -> None:
    """The person on a slip has a name for everybody who may read the slip."""
    assert "cook" in site.visitor("head").get("/api/v1/r.slip/1").get_data(as_text=True)


def test_a_record_that_is_not_to_be_seen_has_no_address(site: Site) -> None:
    """The page leads on to what its reader may open, and to nothing that would answer as if it were gone."""
    secret, own = (f'href="/r/r.matter/show/{number}"' for number in (1, 2))
    page = site.visitor("head").text("/r/r.slip/show/1")
    assert own in page and secret not in page
    assert secret in site.visitor("hr").text("/r/r.slip/show/1")
