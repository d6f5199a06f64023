"""A label names people and units; what else there is to know of them it tells only those who may see it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.storage import Database
from tests.support.clients import Site, open_site

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r]}
        roles:
          hr: {can: {r.slip: [read, export], r.parcel: [read], person: [read, update], unit: [read]}}
          unit_head: {can: {r.slip: [read, export], r.parcel: [read], person: [read own]}}
          employee: {can: {r.slip: [create, read, export], r.parcel: [read]}}
    """,
    "config/regimes/r/records.yaml": """
        records:
          slip:
            title: 反馈单
            number: "FK-{seq:03d}"
            label: "{number} {offender} {offender.email} {offender.unit.title} {offender.unit.address}"
            fields:
              offender: {type: person, title: 责任人}
              word: {type: text, title: 词, pattern: "(a|aa)+b"}
            list: {columns: [number, offender], search: [word, offender]}
          parcel:
            title: 邮包
            label: "P {slip}"
            fields: {slip: {type: link, to: slip, title: 单}}
            list: {columns: [slip], search: [slip]}
        """,
}
MAIL, ADDRESS = "sesame@opens.example", "SecretLane"
PLACES = (
    "/r/r.slip/list/",
    "/r/r.slip/show/1",
    "/r/r.parcel/list/",
    "/r/r.parcel/show/1",
    "/api/v1/r.slip/1",
    "/api/v1/r.parcel/1",
    "/r/r.parcel/pick/slip?q=",
)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    """A slip about the rival, who works elsewhere, with a mail address; a parcel with it."""
    site = open_site(database, tmp_path, FILES)
    person, unit = site.models.tables["person"], site.models.tables["unit"]
    with site.database.writing() as session:
        rival = site.people["rival"]
        known = {"name": "NamedRival", "email": MAIL}
        session.execute(sa.update(person).where(person.c.id == rival).values(**known))
        session.execute(sa.update(unit).where(unit.c.id == site.units["other"]).values(address=ADDRESS))
    slip = site.insert("r.slip", creator="hr", number="FK-001", offender=site.people["rival"])
    site.insert("r.parcel", creator="hr", slip=slip)
    return site


@pytest.mark.parametrize("path", PLACES)
def test_people_are_named_and_no_more(site: Site, path: str) -> None:
    """Neither who may read no person at all nor who may read only himself is told another one's address."""
    told = site.visitor("hr").text(path)
    assert MAIL in told and ADDRESS in told
    for who in ("cook", "head"):
        text = site.visitor(who).text(path)
        assert "FK-001" in text
        assert MAIL not in text and ADDRESS not in text


def test_the_name_stands(site: Site) -> None:
    """The person and the unit are still named to everybody who may read the record."""
    label = site.visitor("cook").get("/api/v1/r.slip/1").get_json()["result"]["label"]
    assert label.startswith("FK-001 NamedRival （") and label.count("other") == 1


def test_a_pattern_that_goes_back_for_ever_answers(site: Site) -> None:
    """The value is refused by the field's pattern, however many ways through it there are."""
    cook = site.visitor("cook")
    answer = cook.json("POST", "/api/v1/r.slip/", {"word": "a" * 80})
    assert answer.status_code == 422
    assert cook.json("POST", "/api/v1/r.slip/", {"word": "a" * 79 + "b"}).status_code == 201
