"""The whole URL map, walked as nobody and as each kind of person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from tests.support.clients import Site

OPEN = frozenset({"/login/", "/health", "/static/expressions.js", "/lang/en", "/logout/"})
"""What anybody may fetch; static files aside."""
VALUES = {
    "pk": "1",
    "field": "unit",
    "name": "finish",
    "report": "r.visit",
    "version": "v1",
    "locale": "en",
    "provider": "x",
    "record_type": "r.visit",
    "record_id": "1",
    "checklist": "none",
}
WHO = ("", "root", "hr", "head", "cook", "guest")


def get_paths(site: Site) -> Iterator[tuple[Rule, str]]:
    """Every rule that answers GET, with an address for it."""
    with site.app.test_request_context():
        urls = site.app.url_map.bind("localhost")
        for rule in site.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint.endswith("static"):
                continue
            values = {name: VALUES.get(name, "1") for name in rule.arguments}
            yield rule, urls.build(rule.endpoint, values, method="GET")


@pytest.mark.parametrize("who", WHO, ids=lambda name: name or "nobody")
def test_every_page_answers_properly(site: Site, who: str) -> None:
    """No address gives a fault of ours, whoever asks."""
    visitor = site.visitor(who)
    wrong = {}
    for _rule, path in get_paths(site):
        if path == "/logout/":
            continue
        status = visitor.get(path).status_code
        if status not in (200, 302, 400, 401, 403, 404):
            wrong[path] = status
    assert wrong == {}


def test_nothing_is_open_to_strangers(site: Site) -> None:
    """Nobody is shown anything but the way to sign in."""
    stranger = site.app.test_client()
    open_paths = set()
    for _rule, path in get_paths(site):
        answer = stranger.get(path)
        if answer.status_code == 200:
            open_paths.add(path)
        elif answer.status_code == 302 and not path.startswith("/lang/"):
            where = answer.headers["Location"]
            assert where.startswith("/login/") or path == "/logout/", (path, where)
    assert open_paths <= OPEN


def test_no_rule_is_stock(site: Site) -> None:
    """Pages of the libraries that the portal does not want are not there at all."""
    rules = {rule.rule for rule in site.app.url_map.iter_rules()}
    unwanted = (
        "/users/",
        "/roles/",
        "/permissions/",
        "/register/",
        "/resetpassword",
        "/api/v1/menu/",
        "/back",
    )
    assert not [rule for rule in rules if rule.startswith(unwanted)]
    assert not [rule for rule in rules if "/action/" in rule and not rule.startswith("/console/")]
    assert not [
        rule for rule in rules if rule.startswith("/r/") and ("action_post" in rule or "download" in rule)
    ]


@pytest.mark.parametrize("who", ["hr", "head", "cook", "guest"])
def test_the_console_is_for_administrators(site: Site, who: str) -> None:
    """Every page below /console refuses everybody else, the start page included."""
    visitor = site.visitor(who)
    paths = [path for _rule, path in get_paths(site) if path.startswith("/console/")]
    assert len(paths) > 20
    assert {visitor.get(path).status_code for path in paths} == {403}


def test_the_console_shows_its_pages_to_administrators(site: Site) -> None:
    """Its start page, a table, a row, a form and the files."""
    visitor = site.visitor("root")
    assert "r__visit" in visitor.text("/console/")
    assert "visit of cook" in visitor.text("/console/tables/r__visit/")
    assert "visit of cook" in visitor.text("/console/tables/r__visit/details/?id=1")
    assert "visit of cook" in visitor.text("/console/tables/r__visit/edit/?id=1")
    assert visitor.get("/console/files/").status_code == 200
    assert visitor.get("/console/releases/").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("root", 200), ("hr", 403), ("head", 403), ("cook", 403), ("guest", 403)]
)
def test_types_that_nobody_was_granted_are_for_administrators(site: Site, who: str, status: int) -> None:
    """A record type that no role names is closed, on the pages as in the API."""
    visitor = site.visitor(who)
    assert visitor.get("/r/r.vault/list/").status_code == status
    assert visitor.get("/r/r.vault/show/1").status_code == status
    assert visitor.get("/api/v1/r.vault/").status_code == status
    assert ("保险柜" in visitor.text("/")) == (status == 200)
