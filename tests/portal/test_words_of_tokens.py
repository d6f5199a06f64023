"""Tokens are refused in the caller's language, and redirections name no host that the caller made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.storage import Database
from tests.support.clients import PASSWORD, Site, open_site

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r]}
        roles:
          hr: {can: {r.slip: [read]}}
          unit_head: {can: {r.slip: [read]}}
          employee: {can: {r.slip: [read]}}
    """,
    "config/regimes/r/records.yaml": "records: {slip: {title: 单, fields: {word: {type: text, title: 词}}}}",
}
LOGIN = "/api/v1/security/login"


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return open_site(database, tmp_path, FILES)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"username": "hr", "password": "wrong", "provider": "db"}, 401, id="wrong"),
        pytest.param({"username": "hr"}, 400, id="not all"),
        pytest.param({"username": ["hr"], "password": {}, "provider": "db"}, 400, id="wrong kinds"),
        pytest.param([1], 400, id="a list"),
        pytest.param({"username": "hr", "password": PASSWORD, "provider": "moon"}, 400, id="provider"),
    ],
)
def test_asking_for_a_token(site: Site, body: object, status: int) -> None:
    """What is refused is refused in Chinese."""
    answer = site.visitor().client.post(LOGIN, json=body, headers={"Accept-Language": "zh"})
    assert answer.status_code == status
    _is_chinese(answer.get_json())


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_a_token_that_is_none(site: Site, token: str) -> None:
    """The same for a token that is sent along."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh"}
    for path in ("/api/v1/r.slip/", "/api/v1/security/refresh"):
        answer = site.app.test_client().open(
            path, method="POST" if "refresh" in path else "GET", headers=headers
        )
        assert answer.status_code == 401
        _is_chinese(answer.get_json())


def _is_chinese(said: dict[str, object]) -> None:
    words = str(said["message"])
    assert any("一" <= sign <= "龥" for sign in words) and not any(
        word in words for word in ("token", "JSON is")
    )


@pytest.mark.parametrize("path", ["/r/r.slip/list", "/profile", "/studio", "//evil.example/login"])
def test_a_redirection_names_no_host(site: Site, path: str) -> None:
    """Whatever Host says, one is sent to a path of this portal."""
    answer = site.visitor("hr").client.open(path, headers={"Host": "evil.example"})
    place = answer.headers.get("Location", "/")
    assert place.startswith("/") and not place.startswith(("//", "/\\"))
    if path == "/r/r.slip/list":
        assert (answer.status_code, place) == (308, "/r/r.slip/list/")
