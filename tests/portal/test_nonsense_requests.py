"""Nonsense sent to every address, by everybody: always an answer of the portal's own, never a fault."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.web.context import EXTENSION
from tests.support.clients import Site
from tests.support.nonsense import Ask, reading, writing

KNOWN = {
    "pk": 6,
    "field": "unit",
    "name": "finish",
    "version": "v1",
    "locale": "en",
    "record_type": "r.visit",
    "export_type": "csv",
    "report": "r.visit",
}
SHARED = ("/r/", "/api/v1/", "/console/tables/")
"""Where every record type has addresses of its own, all served by the same code."""
TYPES = ("r.everything", "r__everything", "deadline")
"""The record types for which those are tried with everything: one has each kind of field."""
FINE = (200, 201, 302, 400, 401, 403, 404, 405, 409, 413, 415, 422)


@pytest.fixture(scope="module", autouse=True)
def rows(site: Site) -> None:
    """Records to ask for; the account that the requests are about is nobody's who asks."""
    for _number in range(6):
        site.insert("r.visit", creator="cook", title="nonsense", unit=site.units["shop"], state="open")
        site.insert("r.everything", creator="cook", text="nonsense")


def tried(rule: Rule) -> bool:
    """Whether every parameter of an address is tried."""
    return not rule.rule.startswith(SHARED) or any(name in rule.rule for name in TYPES)


DEEP = "root"
"""Who may do so much that every parameter is worth trying; the others meet closed doors."""


def send(site: Site, who: str, ask: Ask) -> TestResponse:
    visitor = site.visitor(who)
    if who and not visitor.token:
        visitor.fetch_token("/profile/password")
    headers = {"X-CSRFToken": visitor.token}
    if ask.form is not None:
        return visitor.client.open(ask.path, method=ask.method, data=ask.form, headers=headers)
    if ask.method == "GET":
        return visitor.client.get(ask.path, query_string=dict(ask.query))
    return visitor.client.open(ask.path, method=ask.method, json=ask.json, headers=headers)


def faults(site: Site, who: str, asks: list[Ask]) -> dict[str, int]:
    """The requests that were not answered as they should be, with their status."""
    assert len(asks) > 300
    answers = ((ask, send(site, who, ask)) for ask in asks)
    return {str(ask): answer.status_code for ask, answer in answers if answer.status_code not in FINE}


@pytest.mark.parametrize("who", ["root", "hr", "cook", ""], ids=lambda name: name or "nobody")
def test_reading_with_nonsense(site: Site, who: str) -> None:
    """Parameters and parts of addresses of the wrong kind, size and script."""
    here = site.app.extensions[EXTENSION]
    asks = list(reading(site.app, here, KNOWN, tried, who == DEEP))
    assert faults(site, who, asks) == {}


@pytest.mark.parametrize("who", ["root", "hr", "cook", ""], ids=lambda name: name or "nobody")
def test_writing_nonsense(site: Site, who: str) -> None:
    """Forms and JSON of the wrong shape, with values of the wrong kind, size and script."""
    here = site.app.extensions[EXTENSION]
    asks = list(writing(site.app, here, KNOWN, tried, who == DEEP))
    assert faults(site, who, asks) == {}


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"title": ' * 70 + "1" + "}" * 70, '{"a":', "\xff", "9" * 5000, '{"title": "\\ud800"}'],
    ids=["brackets", "deep", "cut off", "no text", "long number", "half a character"],
)
def test_json_that_cannot_be_read_is_said_so(site: Site, body: str) -> None:
    """400 with a sentence, whatever is wrong with it."""
    visitor = site.visitor("root")
    headers = {"X-CSRFToken": visitor.token, "Content-Type": "application/json"}
    for method, path in (("POST", "/api/v1/r.visit/"), ("PUT", "/api/v1/r.visit/1")):
        answer = visitor.client.open(path, method=method, data=body.encode("latin-1"), headers=headers)
        assert answer.status_code == 400, answer.get_data(as_text=True)
        assert answer.get_json()["message"]
    asked = visitor.client.get("/api/v1/r.visit/", query_string={"q": body[:4000]})
    assert asked.status_code == 400
