"""What every answer carries: headers, nonces, error pages; nothing from another host."""

from __future__ import annotations

import re

import pytest

from tests.support.clients import Site, Visitor

PAGES = (
    "/",
    "/r/r.visit/list/",
    "/r/r.visit/add",
    "/r/r.visit/show/1",
    "/accounts/",
    "/console/",
    "/swagger/v1",
)


@pytest.mark.parametrize("path", PAGES)
def test_scripts_are_ours_or_carry_the_nonce(site: Site, path: str) -> None:
    """No inline handler, no script without the page's nonce or address of ours, nothing from elsewhere."""
    answer = site.visitor("root").get(path)
    page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy)
    assert nonce
    for tag in re.findall(r"<script[^>]*>", page):
        assert f'nonce="{nonce[1]}"' in tag or re.search(r'src="/static/|src="/console/static/', tag), tag
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_nonces_are_not_used_twice(site: Site) -> None:
    """Each answer has its own."""
    root = site.visitor("root")
    policies = {root.get("/profile/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.parametrize(
    "path", ["/", "/login/", "/api/v1/r.visit/", "/nowhere", "/static/portal.css", "/health"]
)
def test_the_headers_are_on_every_answer(site: Site, path: str) -> None:
    """Also on errors, redirects and static files."""
    headers = site.visitor("cook").get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_session_cookies_are_kept_from_scripts_and_other_sites(site: Site) -> None:
    """HttpOnly and SameSite=Lax always, Secure over https."""
    client = site.app.test_client()
    for base, secure in (("http://localhost", False), ("https://localhost", True)):
        cookie = client.get("/login/", base_url=base).headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert ("Secure" in cookie) == secure
    assert "Strict-Transport-Security" in client.get("/login/", base_url="https://localhost").headers


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/r/r.visit/show/99999", 404), ("/r/r.vault/list/", 403)]
)
def test_errors_are_pages_of_ours(site: Site, path: str, status: int) -> None:
    """In our look, without any trace of the program."""
    answer = site.visitor("cook").get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status and "portal.css" in page and "Traceback" not in page


def test_the_api_says_errors_in_json(site: Site) -> None:
    """Also those that no view of ours made."""
    for path in ("/api/v1/nothing/", "/api/v1/r.visit/99999"):
        answer = site.visitor("cook").get(path)
        assert answer.status_code == 404 and set(answer.get_json()) == {"message"}
    assert site.visitor("cook").client.patch("/api/v1/r.visit/1").get_json()


def test_a_fault_of_ours_has_a_number(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The user sees a number, the log has it beside the trace, and nothing else gets out."""

    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(site.app.view_functions, "PortalIndexView.index", broken)
    answer = site.visitor("cook").get("/")
    page = answer.get_data(as_text=True)
    number = re.search(r"<code>([0-9a-f]{8})</code>", page)
    assert answer.status_code == 500 and number
    assert "secret detail" not in page and "Traceback" not in page
    assert number[1] in caplog.text and "secret detail" in caplog.text


def test_nobody_learns_anything_from_the_health_page(site: Site) -> None:
    """Alive, and which release: no more."""
    assert Visitor(site.app.test_client()).get("/health").get_json() == {"status": "ok", "release": 0}


def test_the_menu_shows_what_may_be_read(site: Site) -> None:
    """Groups and entries follow the roles; the open page is marked."""
    page = site.visitor("cook").text("/r/r.visit/list/")
    assert re.search(r'href="/r/r.visit/list/" aria-current="page"', page)
    assert "/r/r.vault/" not in page and "/accounts/" not in page
    assert "/accounts/" in site.visitor("root").text("/")
