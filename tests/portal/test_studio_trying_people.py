"""Trying a draft: values that are taken already, and the people around a penalty."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from app.access import SYSTEM
from app.actions.configurations import stored_release
from app.actions.publish_release import Draft, publish_release
from app.storage import Database
from app.web.factory import create_app
from tests.support.clients import Site, open_site
from tests.support.portals import NOW

RECORDS = "config/regimes/r/records.yaml"
EVERYTHING = "[create, read, update, submit, send_back, approve, apply, drop]"
FILES: Mapping[str, str] = {
    "config/portal.yaml": "portal: {title: Test, languages: [en], regimes: [r], timezone: Asia/Shanghai}\n",
    RECORDS: """
        records:
          site:
            title: Site
            fields:
              code: {type: text, title: Code, unique: true}
              area: {type: integer, title: Area, unique: true}
              name: {type: text, title: Name}
    """,
    "config/regimes/r/fines.yaml": """
        choices: {grade: {ordered: true, options: {low: Low, high: High}}}
        penalty_schedules:
          conduct:
            title: Conduct
            kind: fine
            rank: grade
            levels: {low: {amount: 100}, high: {amount: 200}}
            decided_by: [{who: role.hr}]
            joint_liability:
              - {person: offender.superior, share: 50 %}
              - {person: unit.head, share: 10 %, when: "offender.active"}
            repeat: {within: 6 months, same: [person, item], from: 2, multiply: 2}
    """,
    "config/roles.yaml": f"""
        roles:
          hr: {{can: {{r.site: [create, read], revision: {EVERYTHING}, release: [read]}}}}
          unit_head: {{can: {{r.site: [read own], revision: {EVERYTHING}, release: [read]}}}}
          employee: {{can: {{r.site: [read]}}}}
    """,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A portal with a revision (1) in which nothing is changed, and a stored site."""
    root = tmp_path_factory.mktemp("people")
    opened = open_site(module_database, root, FILES)
    files = {path.relative_to(root / "root").as_posix(): path.read_bytes()
             for path in (root / "root").rglob("*.yaml")}  # fmt: skip
    draft = Draft(files, opened.release.portal, 0, reason="first")
    number = publish_release(module_database, draft, SYSTEM, NOW).number
    opened.release = stored_release(module_database, number)
    opened.app = create_app(opened.release, module_database, opened.app.extensions["portal"].settings)
    visitor = opened.visitor("root")
    visitor.post("/studio/new", {"title": "trying"})
    answer = visitor.post("/r/r.site/add", {"code": "A1", "area": "7", "name": "first"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return opened


def tried(site: Site, who: str, revision: int = 1, **sent: str) -> tuple[int, str]:
    """What the page says of a form."""
    answer = site.visitor(who).post(f"/studio/{revision}/try/record?name=r.site", sent)
    return answer.status_code, html.unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize("sent", [{"code": "A1", "area": "9"}, {"code": "B", "area": "7"}])
def test_a_value_that_is_taken_is_refused(site: Site, sent: dict[str, str]) -> None:
    """As the database would refuse it, at its field."""
    status, page = tried(site, "root", **sent)
    assert status == 422 and "another record already has this value" in page
    assert tried(site, "hr", **sent)[0] == 422
    status, page = tried(site, "root", code="B", area="9")
    assert status == 200 and "This would be stored" in page


def test_who_may_not_see_all_is_not_told(site: Site) -> None:
    """Neither that a value is taken nor that it is free; the page says that it was not looked up."""
    for code in ("A1", "B"):
        status, page = tried(site, "head", code=code, area="7" if code == "A1" else "9")
        assert status == 200 and "was not looked up" in page and "Code, Area" in page


def test_a_renamed_field_is_looked_up_where_its_values_are(site: Site) -> None:
    """A draft that calls the field otherwise finds the same values."""
    visitor = site.visitor("root")
    pk = int(visitor.post("/studio/new", {"title": "renamed"}).headers["Location"].split("/")[2])
    page = visitor.text(f"/studio/{pk}/edit?path={RECORDS}")
    seen = page.partition('name="seen" value="')[2][:64]
    text = FILES[RECORDS].replace("code: {type: text,", "sign: {type: text, was: code,")
    assert (
        visitor.post(f"/studio/{pk}/edit", {"path": RECORDS, "text": text, "seen": seen}).status_code == 302
    )
    assert tried(site, "root", pk, sign="A1")[0] == 422
    assert tried(site, "root", pk, sign="A2")[0] == 200


def charged(site: Site, **given: str) -> str:
    """The draft's verdict on a case, without tags."""
    query = urlencode({"schedule": "r.conduct", "level": "low", **given})
    page = html.unescape(site.visitor("root").text(f"/studio/1/try?{query}"))
    part = page.partition("By this revision</h2>")[2].partition("By the release in service")[0]
    assert part, page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", part))


def test_the_people_of_a_case_can_be_told(site: Site) -> None:
    """Who answers jointly, that nobody holds a place, that one person holds two, that it is one alone."""
    page = html.unescape(site.visitor("root").text("/studio/1/try?schedule=r.conduct"))
    for name in ("offender", "offender.superior", "unit.head", "offender.active", "joint", "item"):
        assert f'name="{name}"' in page
    both = charged(site, **{"offender.active": "true"})
    assert "100.00 CNY" in both and "50.00 CNY" in both and "10.00 CNY" in both
    assert "10.00 CNY" not in charged(site, **{"offender.active": "false"}).replace("100.00", "")
    nobody = charged(site, **{"offender.superior": "~", "offender.active": "true"})
    assert " 50.00 CNY" not in nobody and " 10.00 CNY" in nobody
    same = charged(
        site, offender="A", **{"offender.superior": "A", "unit.head": "B", "offender.active": "true"}
    )
    assert "direct superior of the person in breach: 50.00" not in same and " 10.00 CNY" in same
    assert "direct superior of the person in breach: 50.00" in both
    own = charged(site, joint="false", **{"offender.active": "true"})
    assert "100.00 CNY" in own and " 50.00 CNY" not in own
    assert "200.00 CNY" in charged(site, earlier="1", item="floor")
