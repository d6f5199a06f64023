"""What a role may not see is absent on every outlet."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from tests.support.clients import Site

SECRETS = ("open sesame", "机密")
OUTLETS = (
    "/r/r.visit/list/",
    "/r/r.visit/list/?q=sesame",
    "/r/r.visit/list/?f.secret=open",
    "/r/r.visit/show/1",
    "/r/r.visit/show/1?tab=history",
    "/r/r.visit/show/1?tab=related",
    "/r/r.visit/edit/1",
    "/r/r.visit/add",
    "/r/r.visit/add?secret=open+sesame&title=x",
    "/r/r.visit/move/finish/1",
    "/api/v1/r.visit/",
    "/api/v1/r.visit/1",
    "/api/v1/r.visit/_info",
    "/api/v1/_openapi",
    "/swagger/v1",
    "/",
)


@pytest.fixture(scope="module", autouse=True)
def changed_secret(site: Site) -> None:
    """The secret is in the history too."""
    site.visitor("hr").json("PUT", "/api/v1/r.visit/1", {"secret": "open sesame 2"})


@pytest.mark.parametrize("path", OUTLETS)
@pytest.mark.parametrize("who", ["cook", "head"])
def test_hidden_values_and_labels_are_nowhere(site: Site, who: str, path: str) -> None:
    """Neither the value nor the name of a hidden field is on any page or in any answer."""
    answer = site.visitor(who).get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 or "/move/" in path
    body = text.replace("q=sesame", "").replace('value="sesame"', "").replace("secret=open+sesame", "")
    for secret in SECRETS:
        assert secret not in body
    if path.startswith("/api"):
        assert "secret" not in body


def test_who_may_see_it_does(site: Site) -> None:
    """The same outlets show it to the personnel department."""
    hr = site.visitor("hr")
    for path in (
        "/r/r.visit/list/",
        "/r/r.visit/show/1",
        "/r/r.visit/show/1?tab=history",
        "/r/r.visit/edit/1",
    ):
        assert "open sesame" in hr.text(path), path
    assert hr.get("/api/v1/r.visit/1").get_json()["result"]["secret"] == "open sesame 2"


def test_searching_by_a_hidden_value_finds_nothing(site: Site) -> None:
    """Counting rows would be reading."""
    assert "visit of cook" not in site.visitor("cook").text("/r/r.visit/list/?q=sesame")
    assert "visit of cook" in site.visitor("hr").text("/r/r.visit/list/?q=sesame")
    found = site.visitor("cook").get("/api/v1/r.visit/?q=(search:sesame)").get_json()
    assert found["count"] == 0


def test_a_hidden_field_cannot_be_written(site: Site) -> None:
    """What is posted for it is left out of account."""
    cook = site.visitor("cook")
    assert (
        cook.json("PUT", "/api/v1/r.visit/1", {"secret": "cooked", "title": "visit of cook"}).status_code
        == 200
    )
    assert site.visitor("hr").get("/api/v1/r.visit/1").get_json()["result"]["secret"] == "open sesame 2"


def test_a_read_only_field_is_shown_and_not_written(site: Site) -> None:
    """The employee sees the level but does not set it."""
    cook = site.visitor("cook")
    assert 'name="level"' not in cook.text("/r/r.visit/edit/1")
    cook.json("PUT", "/api/v1/r.visit/1", {"level": "high"})
    assert cook.get("/api/v1/r.visit/1").get_json()["result"]["level"] is None


def test_masked_values_are_stars_where_they_cannot_be_changed(site: Site) -> None:
    """A list shows phone numbers in part to all who may not change every row."""
    for who in ("cook", "head"):
        page = site.visitor(who).text("/r/r.visit/list/")
        assert "139****5678" in page and "13912345678" not in page
        found = site.visitor(who).get("/api/v1/r.visit/").get_json()["result"]
        assert {one["contact"] for one in found if one["contact"]} == {"139****5678"}
    assert "13912345678" in site.visitor("hr").text("/r/r.visit/list/")
    assert "13912345678" in site.visitor("cook").text("/r/r.visit/show/1")


def test_an_export_has_only_what_may_be_seen(site: Site) -> None:
    """The spreadsheet of the personnel department has the secret; nobody else exports at all."""
    assert site.visitor("cook").get("/r/r.visit/export").status_code == 403
    assert site.visitor("head").get("/r/r.visit/export").status_code == 403
    answer = site.visitor("hr").get("/r/r.visit/export")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["编号", "标题", "单位", "检查人", "等级", "期限", "机密", "电话", "状态"]
    assert "open sesame 2" in rows[-1]
