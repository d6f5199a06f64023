"""Clocks on pages: what is left, the proof, the list, the start page, more time, the console, the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.storage import Database
from app.storage.outbox import enqueue, give_up
from tests.support.clients import Site, open_site
from tests.support.clocks import CASE, CONFIG

FILES = {
    **CONFIG,
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can: {r.case: [create, read, update, answer], deadline: [read], unit: [read], person: [read]}
          unit_head: {title: 店长, can: {r.case: [read subtree], deadline: [read], unit: [read]}}
          employee: {title: 员工, can: {r.case: [read own], deadline: [read]}}
        """,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two cases: one of the shop that began three hours ago, one of another unit that is long missed."""
    opened = open_site(module_database, tmp_path_factory.mktemp("clocks"), FILES)
    root = opened.visitor("root")
    for unit, handler, hours in (("shop", "cook", 3), ("other", "rival", 40)):
        received = datetime.now(UTC) - timedelta(hours=hours)
        entries = {
            "title": f"case of {handler}",
            "received_at": received.isoformat(),
            "handler": opened.people[handler],
            "unit": opened.units[unit],
        }
        assert root.json("POST", f"/api/v1/{CASE}/", entries).status_code == 201
    return opened


def test_the_record_shows_what_is_left_and_the_proof(site: Site) -> None:
    """In words with a colour; behind the tab, what counted and why."""
    page = site.visitor("cook").text(f"/r/{CASE}/show/1")
    assert "答复时限" in page and "tag tag-" in page
    proof = site.visitor("cook").text(f"/r/{CASE}/show/1?tab=clocks")
    assert "10 小时" in proof and "all.yaml" in proof and "<table" in proof
    assert "/studio/source" not in proof
    assert "/studio/source?path=" in site.visitor("root").text(f"/r/{CASE}/show/1?tab=clocks")


@pytest.mark.parametrize(("name", "seen"), [("hr", {1, 2}), ("head", {1}), ("cook", {1}), ("rival", {2})])
def test_the_list_shows_the_clocks_of_readable_records(site: Site, name: str, seen: set[int]) -> None:
    """With what is left beside the due time; those of others are not there, on any door."""
    visitor = site.visitor(name)
    page = visitor.text("/r/deadline/list/?all=1")
    assert {number for number, who in ((1, "cook"), (2, "rival")) if f"case of {who}" in page} == seen
    listed = visitor.json("GET", "/api/v1/deadline/").get_json()
    assert set(listed["ids"]) == seen and listed["count"] == len(seen)
    for number in (1, 2):
        expected = 200 if number in seen else 404
        shown = visitor.get(f"/r/deadline/show/{number}")
        assert shown.status_code == (302 if number in seen else 404)
        assert shown.location in (None, f"/r/{CASE}/show/{number}?tab=clocks")
        assert visitor.get(f"/api/v1/{CASE}/{number}/deadlines").status_code == expected
        assert visitor.get(f"/clocks/extend/{number}").status_code == expected


def test_the_start_page_shows_my_nearest_deadlines(site: Site) -> None:
    """Of what is mine, and of units that I head."""
    for name in ("cook", "head"):
        assert "答复时限" in site.visitor(name).text("/")
    assert "答复时限" not in site.visitor("guest").text("/")


def test_the_api_tells_the_proof_in_the_documented_form(site: Site) -> None:
    """The keys that programs rely on."""
    (told,) = site.visitor("hr").json("GET", f"/api/v1/{CASE}/1/deadlines").get_json()["result"]
    assert {
        "service_level",
        "start",
        "due",
        "target",
        "calendar",
        "counted",
        "left_out",
        "because",
    } <= told.keys()
    assert (told["service_level"], told["target"], told["calendar"]) == ("r.answer_in_time", "10 hours", None)
    assert sum(part["seconds"] for part in told["counted"]) == 36_000


def test_more_time_is_given_by_whom_the_level_names_with_a_reason(site: Site) -> None:
    """Others are refused; without a reason nothing happens; afterwards it is due later and says why."""
    before = site.visitor("hr").json("GET", "/api/v1/deadline/1").get_json()["result"]["due_at"]
    assert site.visitor("cook").post("/clocks/extend/1", {"reason": "x", "more": "1 day"}).status_code == 403
    assert site.visitor("hr").post("/clocks/extend/1", {"reason": " ", "more": "2 hours"}).status_code == 422
    assert site.visitor("hr").post("/clocks/extend/1", {"reason": "x", "more": "soon"}).status_code == 422
    past = {"reason": "x", "until": "2020-01-01T08:00"}
    assert site.visitor("hr").post("/clocks/extend/1", past).status_code == 422
    answer = site.visitor("hr").post("/clocks/extend/1", {"reason": "等零件", "more": "2 hours"})
    assert answer.status_code == 302
    after = site.visitor("hr").json("GET", "/api/v1/deadline/1").get_json()["result"]["due_at"]
    moved = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    assert moved == timedelta(hours=2)
    assert "等零件" in site.visitor("cook").text(f"/r/{CASE}/show/1?tab=clocks")
    assert "等零件" in site.visitor("hr").text(f"/r/{CASE}/show/1?tab=history")


def test_clocks_are_not_written_by_hand_through_any_door(site: Site) -> None:
    """The administrator neither."""
    root = site.visitor("root")
    assert root.json("PUT", "/api/v1/deadline/1", {"due_at": "2030-01-01T00:00:00Z"}).status_code == 403
    assert root.json("POST", "/api/v1/deadline/", {"service_level": "x"}).status_code == 403
    assert root.json("DELETE", "/api/v1/deadline/1").status_code == 403
    assert root.get("/r/deadline/edit/1").status_code == root.get("/r/deadline/add").status_code == 403


def test_the_console_shows_the_queue_and_takes_failures_up_again(site: Site) -> None:
    """Administrators see what waits, what failed and why; one button tries it again."""
    now = datetime.now(UTC)
    with site.database.writing() as session:
        enqueue(session, "deliver:1:email", "deliver", {"message": 1, "person": 1, "channel": "email"}, now)
        row = session.execute(site.models.system["outbox"].select()).all()[-1]
        give_up(session, row.id, "no route to host", now)
    root = site.visitor("root")
    page = root.text("/console/queue/")
    assert "no route to host" in page and "deliver:1:email" in page
    assert root.post("/console/queue/again", {"id": str(row.id)}).status_code == 302
    assert "no route to host" not in root.text("/console/queue/").split("deliver:1:email")[0]
    with site.database.reading() as session:
        again = session.execute(site.models.system["outbox"].select()).all()[-1]
    assert (again.failed_at, again.attempts) == (None, 0)
    assert "答复时限" in root.text("/console/clocks/")
    assert root.post("/console/queue/run", {"name": "clocks"}).status_code == 302
    for name in ("hr", "cook"):
        assert site.visitor(name).get("/console/queue/").status_code == 403
        assert site.visitor(name).post("/console/queue/again", {"id": "1"}).status_code == 403
