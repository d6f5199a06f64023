"""A label that is made of a linked record does not tell what the reader may not see; nor do its order or a
search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.storage import Database
from tests.support.clients import Site, open_site

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r]}
        roles:
          hr: {can: {r.slip: [create, read, update], r.parcel: [read], r.matter: [create, read]}}
          unit_head:
            can:
              r.slip: [create, read, update, "delete", finish]
              r.parcel: [create, read, update]
              r.matter: [create, read own]
          employee: {can: {r.slip: [read], r.parcel: [read]}}
    """,
    "config/regimes/r/records.yaml": """
        workflows:
          slip:
            start: open
            states: {open: {title: 进行中}, done: {title: 已完成, final: true}}
            transitions: {finish: {title: 完成, from: open, to: done, by: [role.unit_head]}}
        records:
          matter:
            title: 机密
            label: "{title}"
            fields: {title: {type: text, title: 名称}}
          slip:
            title: 反馈单
            number: "FK-{seq:03d}"
            label: "{number} {matter.title}/{matter.title} ({other})"
            workflow: slip
            fields:
              matter: {type: link, to: matter, title: 事由}
              other: {type: link, to: matter, title: 另}
              word: {type: text, title: 词}
            list: {columns: [number, matter, word], search: [word, matter], order: matter}
          parcel:
            title: 邮包
            label: "P {slip}"
            fields: {slip: {type: link, to: slip, title: 单}}
            list: {columns: [slip], filters: [slip]}
        """,
}
SECRET, OWN = "SesameOpens", "MyOwnMatter"


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    """Two slips: about a matter of the personnel department, and about the head's own; a parcel with each."""
    site = open_site(database, tmp_path, FILES)
    secret = site.insert("r.matter", creator="hr", title=SECRET)
    own = site.insert("r.matter", creator="head", title=OWN)
    for number, matter in enumerate((secret, own), 1):
        values: dict[str, Any] = {"number": f"FK-00{number}", "matter": matter, "word": f"word{number}"}
        values["state"] = "open"
        site.insert("r.parcel", creator="hr", slip=site.insert("r.slip", creator="hr", **values))
    return site


PLACES = (
    "/r/r.slip/list/",
    "/r/r.slip/show/1",
    "/r/r.slip/show/1?tab=related",
    "/r/r.slip/show/1?tab=history",
    "/r/r.parcel/list/",
    "/r/r.parcel/list/?f.slip=1",
    "/r/r.parcel/show/1",
    "/r/r.parcel/pick/slip?q=",
    "/api/v1/r.slip/",
    "/api/v1/r.slip/1",
    "/api/v1/r.parcel/1",
    "/api/v1/r.parcel/",
)


@pytest.mark.parametrize("path", PLACES)
def test_a_label_names_only_what_its_reader_may_see(site: Site, path: str) -> None:
    """Its own words stand; for what they lead to there are others."""
    if "history" not in path:
        assert SECRET in site.visitor("hr").get(path).get_data(as_text=True)
    for who in ("head", "cook"):
        answer = site.visitor(who).get(path)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert SECRET not in text
        assert "FK-001" in text or "history" in path


def test_what_may_be_seen_is_named(site: Site) -> None:
    """The head reads the name of the own matter in a slip's label, and in a parcel's; a link to nothing is
    empty for everybody."""
    head, cook = site.visitor("head"), site.visitor("cook")
    whole = f"FK-002 {OWN}/{OWN} ()"
    assert head.get("/api/v1/r.slip/2").get_json()["result"]["label"] == whole
    assert head.get("/api/v1/r.parcel/2").get_json()["result"]["label"] == f"P {whole}"
    cut = cook.get("/api/v1/r.parcel/2").get_json()["result"]
    assert cut["label"].startswith("P FK-002 ") and cut["label"].endswith("/ ()") and OWN not in cut["label"]
    assert f"P {cut['slip']['label']}" == cut["label"]


def test_the_audit_trail_keeps_the_whole_label(site: Site) -> None:
    """What a reader is not told is not lost to the record."""
    site.visitor("head").json("PUT", "/api/v1/r.slip/1", {"word": "changed"})
    table = site.models.tables["audit_entry"]
    newest = table.select().with_only_columns(table.c.record_label).order_by(table.c.id.desc()).limit(1)
    assert SECRET in str(site.scalar(newest))


def test_nor_does_the_answer_to_a_change(site: Site) -> None:
    """After saving and after moving on, the page says what was done with which record."""
    head = site.visitor("head")
    assert head.post("/r/r.slip/edit/1", {"word": "new", "matter": "1", "_version": "1"}).status_code == 302
    assert SECRET not in head.text("/r/r.slip/list/")
    assert head.post("/r/r.slip/move/finish/1", {"_version": "2"}).status_code == 302
    assert SECRET not in head.text("/r/r.slip/list/")
    assert head.post("/r/r.slip/bulk", {"action": "delete", "id": ["1"]}).status_code == 200
    page = head.post("/r/r.slip/bulk", {"action": "delete", "id": ["1"]}).get_data(as_text=True)
    assert SECRET not in page and "FK-001" in page


def found(site: Site, who: str, query: str) -> list[int]:
    answer = site.visitor(who).get("/api/v1/r.slip/", query_string={"q": query})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    ids: list[int] = answer.get_json()["ids"]
    return ids


def test_a_search_does_not_find_by_what_is_not_to_be_seen(site: Site) -> None:
    """Neither in the API nor in the list nor in a picker."""
    assert found(site, "hr", "(search:Sesame)") == [1]
    for who in ("head", "cook"):
        assert found(site, who, "(search:Sesame)") == []
        assert "FK-001" not in site.visitor(who).text("/r/r.slip/list/?q=Sesame")
        assert site.visitor(who).get("/r/r.parcel/pick/slip?q=Sesame").get_json()["results"] == []
    assert found(site, "head", "(search:MyOwn)") == [2]
    assert found(site, "head", "(search:word1)") == [1]


@pytest.mark.parametrize("title", ["Aardvark", "Zebra"])
def test_nor_does_the_order_tell_it(site: Site, title: str) -> None:
    """Whatever the unseen matter is called, its slip stands where one about nothing would."""
    table = site.models.tables["r.matter"]
    with site.database.writing() as session:
        session.execute(table.update().where(table.c.id == 1).values(title=title))
    query = "(order_column:matter,order_direction:{})"
    assert found(site, "hr", query.format("asc")) == ([1, 2] if title == "Aardvark" else [2, 1])
    assert found(site, "head", query.format("asc")) == [1, 2]
    assert found(site, "head", query.format("desc")) == [2, 1]
    assert found(site, "cook", query.format("asc")) == [1, 2]
