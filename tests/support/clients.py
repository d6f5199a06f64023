"""A portal in a browser: an application over a small organisation, accounts, and clients that sign in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from app.release import Release
from app.storage import Database, Models, insert_record
from app.storage.account_rows import role_id
from app.web.factory import create_app
from app.web.settings import WebSettings
from tests.support.portals import install, release_from, stamp

PASSWORD = "correct horse battery"
HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
"""Cheap to check: tests sign in often."""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Site:
    """An application in service. `people` and `units` are ids by key; accounts go by the same keys."""

    app: Flask
    release: Release
    database: Database
    models: Models
    units: dict[str, int]
    people: dict[str, int]
    clients: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, name: str = "") -> Visitor:
        """A browser, signed in as `name`; nobody when empty. Each account signs in once."""
        if name not in self.clients:
            self.clients[name] = Visitor(self.app.test_client())
            if name:
                answer = self.clients[name].sign_in(name)
                assert answer.status_code == 302, answer.get_data(as_text=True)
        return self.clients[name]

    def insert(self, record_type: str, creator: str = "", **values: object) -> int:
        """A record that is simply there."""
        with self.database.writing() as session:
            who = stamp(self.people[creator] if creator else None)
            return insert_record(session, self.models, record_type, values, who)

    def scalar(self, statement: sa.Select[tuple[object]]) -> object:
        with self.database.reading() as session:
            return session.scalar(statement)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements that the database is given inside the block."""
        seen: list[str] = []

        def note(_c: object, _k: object, text: str, _p: object, _x: object, _m: object) -> None:
            seen.append(text)

        sa.event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            sa.event.remove(self.database.engine, "before_cursor_execute", note)


class Visitor:
    """A browser that carries its form token along."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
        self.fetch_token("/login/")
        return self.post("/login/", {"username": name, "password": password, **more})

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def text(self, path: str) -> str:
        """The page at `path`, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.get_data(as_text=True)

    def post(self, path: str, data: Mapping[str, object] | None = None, **more: object) -> TestResponse:
        """Send a form with its token."""
        if not self.token:
            self.fetch_token("/profile/password")
        sent = {"csrf_token": self.token, **(data or {})}
        return self.client.post(path, data=sent, **more)  # type: ignore[arg-type]

    def json(self, method: str, path: str, body: object = None) -> TestResponse:
        """Send JSON with the session's cookie and the form token in a header."""
        if not self.token:
            self.fetch_token("/profile/password")
        return self.client.open(path, method=method, json=body, headers={"X-CSRFToken": self.token})

    def fetch_token(self, path: str) -> None:
        """Take the form token from a page."""
        found = TOKEN.search(self.get(path).get_data(as_text=True))
        assert found, path
        self.token = found[1]


PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "root": ("company", ("administrator",)),
    "hr": ("company", ("hr",)),
    "head": ("shop", ("unit_head",)),
    "cook": ("shop", ("employee",)),
    "rival": ("other", ("employee",)),
    "guest": ("other", ()),
}
"""Account -> unit and roles. `shop` and `other` lie below `company`; `head` is the head of `shop`."""


def open_site(database: Database, root: Path, files: Mapping[str, str], **settings: object) -> Site:
    """Install a configuration, hire people with accounts and open the portal."""
    release = release_from(root, files)
    install(database, release).dispose()
    given = WebSettings(database.instance, root / "root", "k" * 40, login_rate="1000 per minute")
    app = create_app(release, database, replace(given, **settings))  # type: ignore[arg-type]
    return staffed(app, release, database)


def staffed(app: Flask, release: Release, database: Database) -> Site:
    """A portal that is open already, with the people hired and their accounts."""
    models: Models = app.extensions["portal"].models
    site = Site(app, release, database, models, {}, {})
    _hire(site)
    return site


def _hire(site: Site) -> None:
    for key, parent in (("company", None), ("shop", "company"), ("other", "company")):
        values = {"title": key, "code": key, "parent": site.units.get(parent or "")}
        site.units[key] = site.insert("unit", **values)
    for name, (unit, roles) in PEOPLE.items():
        account = _account(site, name, roles)
        with site.database.writing() as session:
            values = {"name": f"{name}-person", "unit": site.units[unit], "phone": "13800001234"}
            extra = {"user_id": account}
            site.people[name] = insert_record(session, site.models, "person", values, stamp(), extra)
    unit_table = site.models.tables["unit"]
    with site.database.writing() as session:
        head = unit_table.update().where(unit_table.c.id == site.units["shop"])
        session.execute(head.values(head_id=site.people["head"]))


def _account(site: Site, name: str, roles: tuple[str, ...]) -> int:
    users, links = site.models.system["ab_user"], site.models.system["ab_user_role"]
    row = {
        "first_name": name,
        "last_name": "",
        "username": name,
        "password": HASH,
        "active": True,
        "email": f"{name}@example.org",
    }
    with site.database.writing() as session:
        account = int(session.execute(sa.insert(users).values(row).returning(users.c.id)).scalar_one())
        for role in roles:
            session.execute(
                sa.insert(links).values(user_id=account, role_id=role_id(session, site.models, role))
            )
    return account
