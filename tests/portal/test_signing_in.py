"""Signing in and out, tokens, redirects, limits, accounts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.storage import Database
from app.web.redirects import safe_path
from app.web.settings import secret_key
from tests.portal.conftest import FILES
from tests.support.clients import PASSWORD, Site, Visitor, open_site


def fresh(site: Site) -> Visitor:
    """A browser that nobody has used yet."""
    return Visitor(site.app.test_client())


def test_a_wrong_password_says_little(site: Site) -> None:
    """The same words for an unknown name and a wrong password; the name stays typed."""
    pages = []
    for name in ("cook", "nobody-here"):
        answer = fresh(site).sign_in(name, "wrong")
        assert answer.status_code == 401
        page = answer.get_data(as_text=True)
        alert = re.search(r'<div class="alert alert-danger.*?</div>', page, re.DOTALL)
        assert alert and f'value="{name}"' in page
        pages.append(alert[0])
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("/r/r.visit/list/?q=1", "/r/r.visit/list/?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/ok\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_back_only_to_our_own_pages(site: Site, target: str, where: str) -> None:
    """`next` is followed when it is a path of this portal."""
    answer = fresh(site).sign_in("cook", PASSWORD, next=target)
    assert answer.status_code == 302 and answer.headers["Location"] == where


@pytest.mark.parametrize("target", ["/a/b?c=d#e", "/中文"])
def test_paths_are_safe(target: str) -> None:
    """Ordinary paths pass."""
    assert safe_path(target) == target


def test_a_stranger_is_sent_to_sign_in_and_back(site: Site) -> None:
    """The page that was asked for is remembered."""
    answer = fresh(site).get("/r/r.visit/list/?q=x")
    assert answer.headers["Location"] == "/login/?next=/r/r.visit/list/?q%3Dx"


def test_signing_out_takes_a_post(site: Site) -> None:
    """A link cannot sign anybody out; the session is gone afterwards, the language stays."""
    visitor = fresh(site)
    visitor.sign_in("cook")
    visitor.get("/lang/en")
    assert visitor.get("/logout/").status_code == 200
    assert visitor.get("/profile/").status_code == 200
    visitor.token = ""
    assert visitor.post("/logout/").status_code == 302
    assert visitor.get("/profile/").status_code == 302
    assert "User name" in visitor.text("/login/")


def test_attempts_are_limited(sqlite_database: Database, tmp_path: Path) -> None:
    """Beyond the rate every attempt is refused with a page and 429, on the form and in the API."""
    site = open_site(sqlite_database, tmp_path, FILES, login_rate="3 per minute")
    visitor = fresh(site)
    visitor.fetch_token("/login/")
    statuses = [visitor.post("/login/", {"username": "x", "password": "y"}).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    body = {"username": "x", "password": "y", "provider": "db"}
    api = [site.app.test_client().post("/api/v1/security/login", json=body).status_code for _ in range(5)]
    assert api[-1] == 429


def token_of(site: Site, name: str) -> str:
    answer = site.app.test_client().post(
        "/api/v1/security/login", json={"username": name, "password": PASSWORD, "provider": "db"}
    )
    assert answer.status_code == 200
    return str(answer.get_json()["access_token"])


def test_the_api_works_with_a_token_alone(site: Site) -> None:
    """A bearer token reads and writes without cookie or form token, with its owner's rights."""
    client = site.app.test_client()
    headers = {"Authorization": f"Bearer {token_of(site, 'cook')}"}
    found = client.get("/api/v1/r.visit/", headers=headers).get_json()
    assert [one["title"] for one in found["result"]] == ["visit of cook"]
    changed = client.put("/api/v1/r.visit/1", json={"due": "2026-07-01"}, headers=headers)
    assert changed.status_code == 200
    assert client.get("/api/v1/r.vault/", headers=headers).status_code == 403
    assert client.get("/api/v1/r.visit/").status_code == 401


@pytest.mark.parametrize("token", ["", "junk", "a.b.c"])
def test_a_bad_token_is_refused(site: Site, token: str) -> None:
    """Neither a fault of ours nor a way around the form token."""
    headers = {"Authorization": f"Bearer {token}"}
    client = site.visitor("root").client
    answer = site.app.test_client().get("/api/v1/r.visit/", headers=headers)
    assert answer.status_code in (401, 422)
    assert client.post("/r/r.visit/delete/1", headers={"Authorization": "Basic x"}).status_code == 400


def test_a_new_password_ends_other_sessions(site: Site) -> None:
    """Who changes the password stays signed in; the other browser does not."""
    here, there = fresh(site), fresh(site)
    here.sign_in("guest")
    there.sign_in("guest")
    here.token = ""
    entries = {"current": PASSWORD, "password": "another long one", "again": "another long one"}
    assert here.post("/profile/password", entries).status_code == 302
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    assert fresh(site).sign_in("guest", PASSWORD).status_code == 401


@pytest.mark.parametrize(
    "entries",
    [
        {"current": "wrong", "password": "long enough now", "again": "long enough now"},
        {"current": PASSWORD, "password": "short", "again": "short"},
        {"current": PASSWORD, "password": "long enough now", "again": "something else"},
        {"current": PASSWORD, "password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"},
        {"current": PASSWORD, "password": "my-cook-password", "again": "my-cook-password"},
    ],
)
def test_a_poor_password_is_refused(site: Site, entries: dict[str, str]) -> None:
    """Too short, too simple, mistyped, or by somebody who does not know the old one."""
    page = site.visitor("cook").post("/profile/password", entries)
    assert page.status_code == 200 and "error-summary" in page.get_data(as_text=True)
    assert fresh(site).sign_in("cook").status_code == 302


def test_an_administrator_makes_and_switches_off_accounts(site: Site) -> None:
    """A new account signs in with its roles as its person; switched off, its session ends; all is audited."""
    root = site.visitor("root")
    person = site.insert("person", name="new-person", unit=site.units["shop"])
    entries = {
        "username": "newcomer", "email": "new@example.org", "first_name": "N", "last_name": "C",
        "active": "1", "roles": ["employee"], "person": str(person),
        "password": "long enough now", "again": "long enough now",
    }  # fmt: skip
    assert root.post("/accounts/add", entries).status_code == 302
    found = root.get("/accounts/people?q=new").get_json()["results"]
    assert found == [{"id": person, "text": "new-person"}]
    assert "newcomer" in root.text("/accounts/?q=newcomer") and "new-person" in root.text("/accounts/")
    visitor = fresh(site)
    assert visitor.sign_in("newcomer", "long enough now").status_code == 302
    assert "new-person" in visitor.text("/profile/")
    users = site.models.system["ab_user"]
    key = site.scalar(sa.select(users.c.id).where(users.c.username == "newcomer"))
    del entries["active"]
    assert root.post(f"/accounts/edit/{key}", entries).status_code == 302
    assert visitor.get("/profile/").status_code == 302
    assert fresh(site).sign_in("newcomer", "long enough now").status_code == 401
    trail = site.models.tables["audit_entry"]
    count = sa.select(sa.func.count()).where(trail.c.record_type == "account", trail.c.record_id == key)
    assert site.scalar(count) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "cook"}, "username"),
        ({"username": "COOK"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "cook@example.org"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": ["no_such_role"]}, "roles"),
        ({"password": "short", "again": "short"}, "password"),
    ],
)
def test_a_faulty_account_is_explained(site: Site, change: dict[str, object], field: str) -> None:
    """Taken names, missing roles, poor passwords: at their field, nothing made."""
    entries: dict[str, object] = {
        "username": "someone", "email": "s@example.org", "roles": ["employee"],
        "password": "long enough now", "again": "long enough now",
    }  # fmt: skip
    page = site.visitor("root").post("/accounts/add", entries | change)
    assert page.status_code == 422 and "invalid-feedback" in page.get_data(as_text=True), field
    users = site.models.system["ab_user"]
    assert site.scalar(sa.select(users.c.id).where(users.c.username == "someone")) is None


def test_administrators_cannot_lock_themselves_out(site: Site) -> None:
    """One's own administration cannot be taken away."""
    users = site.models.system["ab_user"]
    key = site.scalar(sa.select(users.c.id).where(users.c.username == "root"))
    entries = {"username": "root", "email": "root@example.org", "roles": ["employee"], "active": "1"}
    assert site.visitor("root").post(f"/accounts/edit/{key}", entries).status_code == 422
    assert site.visitor("root").get("/accounts/").status_code == 200


def test_a_login_is_audited(site: Site) -> None:
    """Signing in leaves an entry."""
    trail = site.models.tables["audit_entry"]
    count = sa.select(sa.func.count()).where(
        trail.c.action == "login", trail.c.person_id == site.people["cook"]
    )
    before = site.scalar(count)
    fresh(site).sign_in("cook")
    assert site.scalar(count) == int(str(before)) + 1


def test_the_secret_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    """The same key on every start, in a file that only its owner reads."""
    key = secret_key(tmp_path)
    assert len(key) > 40 and secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
