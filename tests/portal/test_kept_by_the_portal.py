"""What proves something is written by the portal alone: not by hand, through no door, by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.clients import Site

KEPT = ("attachment", "audit_entry", "document", "duty_run", "release")
ROW: Mapping[str, Mapping[str, Any]] = {
    "attachment": {"file_name": "a.txt", "media_type": "text/plain", "size": 1},
    "audit_entry": {"action": "update", "record_id": 1},
    "document": {"title": "notice"},
    "duty_run": {"title": "done"},
    "release": {"title": "forged", "hash": "x" * 64, "applied_at": "2026-01-01T00:00:00+00:00"},
}


def count(site: Site, name: str) -> object:
    counted: sa.Select[Any] = sa.select(sa.func.count()).select_from(site.models.tables[name])
    return site.scalar(counted)


@pytest.mark.parametrize("name", KEPT)
def test_nobody_makes_one_by_hand(site: Site, name: str) -> None:
    """Neither by API nor by form nor in the console, not even an administrator: a release that somebody
    made up would be served."""
    root, before = site.visitor("root"), count(site, name)
    refused = root.json("POST", f"/api/v1/{name}/", ROW[name])
    assert refused.status_code == 403
    assert refused.get_json()["message"] == "你无权这样做"
    assert root.get(f"/r/{name}/add").status_code == 403
    assert root.post(f"/r/{name}/add", ROW[name]).status_code == 403
    root.post(f"/console/tables/{name}/new/", ROW[name])
    assert count(site, name) == before


@pytest.mark.parametrize("name", ["attachment", "audit_entry", "document", "duty_run"])
def test_nobody_changes_or_deletes_one_by_hand(site: Site, name: str) -> None:
    """What is there stays as it is."""
    values = {key: value for key, value in ROW[name].items() if key != "applied_at"}
    key, root = site.insert(name, creator="cook", **values), site.visitor("root")
    field = "detail" if name == "audit_entry" else next(iter(ROW[name]))
    assert root.json("PUT", f"/api/v1/{name}/{key}", {field: "changed"}).status_code == 403
    assert root.post(f"/r/{name}/edit/{key}", {field: "changed"}).status_code == 403
    assert root.json("DELETE", f"/api/v1/{name}/{key}").status_code == 403
    assert root.post(f"/r/{name}/delete/{key}").status_code == 403
    root.post(f"/console/tables/{name}/delete/", {"id": str(key)})
    table = site.models.tables[name]
    row = root.get(f"/api/v1/{name}/{key}").get_json()["result"]
    assert row[field] != "changed"
    assert site.scalar(sa.select(table.c.id).where(table.c.id == key)) == key


def test_reading_them_stays_granted(site: Site) -> None:
    """The personnel department reads the trail."""
    assert site.visitor("hr").get("/r/audit_entry/list/").status_code == 200


@pytest.mark.parametrize(("state", "status"), [("editing", 200), ("submitted", 403), ("approved", 403)])
def test_what_a_second_person_judges_stays_as_it_was_submitted(site: Site, state: str, status: int) -> None:
    """A revision that waits for approval, or has it, is not given another day or leave to lose data."""
    key = site.insert("revision", creator="root", title="fines", state=state, number=f"PZ-{state}")
    answer = site.visitor("root").json("PUT", f"/api/v1/revision/{key}", {"may_lose": "r.visit"})
    assert answer.status_code == status, answer.get_data(as_text=True)
    stored = site.visitor("root").get(f"/api/v1/revision/{key}").get_json()["result"]
    assert (stored["may_lose"] == "r.visit") is (status == 200)
