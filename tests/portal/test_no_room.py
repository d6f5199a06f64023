"""A database that takes nothing more, and a disk without room: a message, and nothing half saved."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from tests.support.clients import Site


@contextmanager
def refusing(site: Site) -> Iterator[None]:
    """The database answers every new row as a full or locked one does."""

    def refuse(_c: object, _k: object, text: str, _p: object, _x: object, _m: object) -> None:
        if text.startswith("INSERT"):
            raise OperationalError(text, {}, Exception("database or disk is full"))

    sa.event.listen(site.database.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(site.database.engine, "before_cursor_execute", refuse)


def count(site: Site) -> object:
    counted: sa.Select[Any] = sa.select(sa.func.count()).select_from(site.models.tables["r.visit"])
    return site.scalar(counted)


def test_a_database_that_takes_nothing_is_said_so(site: Site) -> None:
    """On the page and in the API, in words, with 503; afterwards all is as before."""
    hr, before = site.visitor("hr"), count(site)
    values = {"title": "full", "unit": str(site.units["shop"])}
    hr.fetch_token("/profile/password")
    with refusing(site):
        page = hr.post("/r/r.visit/add", values)
        answer = hr.json("POST", "/api/v1/r.visit/", values)
    assert page.status_code == answer.status_code == 503
    assert "Traceback" not in page.get_data(as_text=True) and "INSERT" not in page.get_data(as_text=True)
    assert answer.get_json()["message"]
    assert count(site) == before
    assert hr.post("/r/r.visit/add", values).status_code == 302


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EROFS, 503), (errno.EIO, 500)])
def test_a_disk_without_room_is_said_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    """A file that cannot be kept loses the entry, with words; another fault has a number."""

    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr("app.actions.attach_file.attach", refuse)
    values = {"text": "with a file", "file": (io.BytesIO(b"content"), "a.txt")}
    answer = site.visitor("hr").post("/r/r.everything/add", values, content_type="multipart/form-data")
    assert answer.status_code == status
    assert "Traceback" not in answer.get_data(as_text=True)


def test_a_statement_that_makes_no_sense_is_a_fault_of_ours(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite and PostgreSQL alike: 500 and a number, never "try again"."""

    def broken(*_args: object, **_more: object) -> None:
        with site.database.engine.connect() as connection:
            connection.execute(sa.text("SELECT nothing FROM nowhere"))

    monkeypatch.setattr("app.actions.attach_file.attach", broken)
    values = {"text": "with a file", "file": (io.BytesIO(b"content"), "a.txt")}
    answer = site.visitor("hr").post("/r/r.everything/add", values, content_type="multipart/form-data")
    assert answer.status_code == 500
