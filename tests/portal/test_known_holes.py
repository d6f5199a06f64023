"""Holes that stock Flask-AppBuilder leaves open, one named case for each."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support.clients import Site

COOKS, RIVALS = 1, 2
"""The two visits of the fixture."""


def count(site: Site) -> object:
    return site.scalar(sa.select(sa.func.count()).select_from(site.models.tables["r.visit"]))


def title_of(site: Site, key: int) -> object:
    table = site.models.tables["r.visit"]
    return site.scalar(sa.select(table.c.title).where(table.c.id == key))


def test_bulk_actions_stay_within_the_rows(site: Site) -> None:
    """An action on chosen rows leaves out the rows that its user may not see."""
    answer = site.visitor("head").post("/r/r.visit/bulk", {"action": "export", "id": [COOKS, RIVALS]})
    assert answer.status_code == 403
    before = count(site)
    answer = site.visitor("cook").post(
        "/r/r.visit/bulk", {"action": "delete", "id": [RIVALS], "_confirmed": "1"}
    )
    assert answer.status_code == 403
    assert count(site) == before


def test_bulk_delete_names_and_deletes_only_what_may_be_deleted(site: Site) -> None:
    """The question lists the rows; rows that cannot be deleted stay and say why."""
    visitor = site.visitor("hr")
    mine = site.insert("r.visit", creator="hr", title="to go", unit=site.units["shop"], state="open")
    page = visitor.post("/r/r.visit/bulk", {"action": "delete", "id": [mine, 999999]})
    assert (
        page.status_code == 200
        and "999999" not in page.get_data(as_text=True).split("<ul>")[1].split("</ul>")[0]
    )
    before = count(site)
    visitor.post("/r/r.visit/bulk", {"action": "delete", "id": [mine, 999999], "_confirmed": "1"})
    assert count(site) == int(str(before)) - 1


@pytest.mark.parametrize(
    "path", [f"/r/r.visit/show/{RIVALS}", f"/r/r.visit/edit/{RIVALS}", f"/api/v1/r.visit/{RIVALS}"]
)
def test_other_peoples_rows_are_not_there(site: Site, path: str) -> None:
    """A row outside the own rows answers as if it did not exist."""
    assert site.visitor("cook").get(path).status_code == 404


def test_other_peoples_rows_cannot_be_written(site: Site) -> None:
    """Neither by form nor by API, neither changed nor deleted nor moved on."""
    cook, before = site.visitor("cook"), title_of(site, RIVALS)
    assert cook.post(f"/r/r.visit/edit/{RIVALS}", {"title": "mine now"}).status_code == 404
    assert cook.json("PUT", f"/api/v1/r.visit/{RIVALS}", {"title": "mine now"}).status_code == 404
    assert cook.json("DELETE", f"/api/v1/r.visit/{RIVALS}").status_code == 403
    assert cook.post(f"/r/r.visit/move/finish/{RIVALS}", {"result": "x"}).status_code == 404
    assert title_of(site, RIVALS) == before


def test_related_rows_need_their_own_right(site: Site) -> None:
    """The vault points at a visit; who may not read vaults does not learn of it there."""
    assert "gold" in site.visitor("root").text("/r/r.visit/show/1?tab=related")
    page = site.visitor("hr").text("/r/r.visit/show/1?tab=related")
    assert "gold" not in page and "保险柜" not in page


def test_nobody_gives_a_row_away(site: Site) -> None:
    """A unit head may write the own subtree; the record after the change must still lie in it."""
    head, other = site.visitor("head"), site.units["other"]
    answer = head.json("PUT", f"/api/v1/r.visit/{COOKS}", {"unit": other})
    assert answer.status_code in (403, 422)
    table = site.models.tables["r.visit"]
    assert site.scalar(sa.select(table.c.unit_id).where(table.c.id == COOKS)) == site.units["shop"]


def test_a_link_to_an_unseen_record_is_refused(site: Site) -> None:
    """The cook may not link to the rival's visit, whatever the form offered."""
    answer = site.visitor("cook").json("PUT", f"/api/v1/r.visit/{COOKS}", {"earlier": RIVALS})
    assert answer.status_code == 422 and "earlier" in answer.get_json()["errors"]


def test_pickers_offer_only_what_may_be_seen(site: Site) -> None:
    """The search behind a link field knows the asker's rows."""
    texts = [
        one["text"]
        for one in site.visitor("cook").get("/r/r.visit/pick/earlier?q=visit").get_json()["results"]
    ]
    assert texts and all("cook" in text for text in texts)
    people = site.visitor("cook").get("/r/r.visit/pick/visitor?q=").get_json()["results"]
    assert [one["text"] for one in people] == ["cook-person"]


@pytest.mark.parametrize("path", ["/r/r.visit/delete/1", "/console/tables/r__visit/delete/?id=1"])
def test_a_get_deletes_nothing(site: Site, path: str) -> None:
    """Following a link never deletes."""
    before = count(site)
    assert site.visitor("root").get(path).status_code in (200, 302, 405)
    assert count(site) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/r/r.visit/add"),
        ("POST", "/r/r.visit/edit/1"),
        ("POST", "/r/r.visit/delete/1"),
        ("POST", "/r/r.visit/bulk"),
        ("POST", "/r/r.visit/move/finish/1"),
        ("POST", "/console/tables/r__visit/delete/"),
        ("POST", "/accounts/add"),
        ("POST", "/profile/password"),
        ("POST", "/logout/"),
        ("POST", "/api/v1/r.visit/"),
        ("PUT", "/api/v1/r.visit/1"),
        ("DELETE", "/api/v1/r.visit/1"),
    ],
)
def test_a_change_needs_the_form_token(site: Site, method: str, path: str) -> None:
    """With a session cookie alone nothing is changed, in the API as on the pages."""
    answer = site.visitor("root").client.open(path, method=method, data={"id": "1"})
    assert answer.status_code == 400
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    [
        "page=abc", "page=-1", "page=99999999999999999999", "page=0", "sort=nonsense", "sort=secret",
        "sort=-", "f.unit=abc", "f.unit=99999999999999", "f.level=nope", "f.due.from=31.31.31",
        "f.due.to=2026-13-01",
        "after=junk", "before=%00", "q=%25%5F%27%22", "f.state=%00", "waiting=1", "psize=100000",
        "after=WyJqIiwgIntcImFcIjoxfSIsIDFd",
    ],
)  # fmt: skip
def test_bad_list_arguments_are_no_fault_of_ours(site: Site, query: str) -> None:
    """Whatever stands in the address, a list answers with a page."""
    assert site.visitor("cook").get(f"/r/r.visit/list/?{query}").status_code == 200


@pytest.mark.parametrize(
    "q",
    [
        "(", "!!", "x", "(page:abc)", "(page:-5)", "(page_size:100000)",
        "(filters:!((col:nope,opr:eq,value:1)))",
        "(filters:!((col:title,opr:zz,value:1)))", "(filters:!((col:due,opr:gt,value:zzz)))",
        "(order_column:secret)", "(order_column:nope)", "(columns:x)", '{"filters": 3}', "(filters:!(1))",
        "(filters:!((col:unit,opr:eq,value:!(1,2))))", "(search:!t)", "[" * 500, "(page:!t)",
        "(filters:!((col:notes,opr:eq,value:1)))", "(filters:!((col:urgent,opr:gt,value:1)))",
    ],
)  # fmt: skip
def test_bad_api_arguments_are_no_fault_of_ours(site: Site, q: str) -> None:
    """Arguments that cannot be read are said so (400), the others are cut to size (200)."""
    answer = site.visitor("cook").get("/api/v1/r.visit/", query_string={"q": q})
    assert answer.status_code in (200, 400), answer.get_data(as_text=True)
    if answer.status_code == 200:
        assert len(answer.get_json()["result"]) <= 200


def test_lists_cannot_be_sorted_by_what_is_hidden(site: Site) -> None:
    """The order would tell: a hidden field, a masked one, a link whose words the reader may not see."""
    page = site.visitor("cook").text("/r/r.visit/list/?sort=contact")
    assert "sort=contact" not in page.replace("list/?sort=contact", "")
    answer = site.visitor("cook").get("/api/v1/r.visit/?q=(order_column:contact)")
    assert answer.status_code == 400


def test_filters_of_one_request_do_not_reach_another(site: Site) -> None:
    """A list keeps nothing between requests."""
    root = site.visitor("root")
    assert "visit of rival" not in root.text("/r/r.visit/list/?q=cook")
    assert "visit of rival" in root.text("/r/r.visit/list/")


def test_the_api_refuses_what_is_no_object(site: Site) -> None:
    """A body that is no JSON object is named."""
    visitor = site.visitor("root")
    for body in ([1], "text", 5, None):
        assert visitor.json("POST", "/api/v1/r.visit/", body).status_code == 400
    assert visitor.json("PUT", "/api/v1/r.visit/1", {"version": "x"}).status_code == 400
    assert visitor.json("POST", "/api/v1/r.visit/", {"nope": 1}).status_code == 422
