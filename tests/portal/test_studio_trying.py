"""Trying a draft in the studio: checklists, times, forms and examples, judged without being stored."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from app.access import SYSTEM
from app.actions.configurations import stored_release
from app.actions.publish_release import Draft, publish_release
from app.storage import Database
from app.web.factory import create_app
from tests.support.clients import Site, open_site
from tests.support.portals import NOW

LISTS = "checklists/r/walk.yaml"
RECORDS = "config/regimes/r/records.yaml"
LEVELS = "config/regimes/r/levels.yaml"
EVERYTHING = "[create, read, update, submit, send_back, approve, apply, drop]"
FILES: Mapping[str, str] = {
    "config/portal.yaml": "portal: {title: Test, languages: [en], regimes: [r], timezone: Asia/Shanghai}\n",
    RECORDS: """
        choices: {kind: {options: {planned: Planned, surprise: Surprise}}}
        records:
          visit:
            title: Visit
            fields:
              kind: {type: choice, options: kind, required: true}
              who: {type: person}
              reason: {type: text, show: kind == 'surprise', required: kind == 'surprise'}
              guests: {type: integer, min: 1, max: 9}
              double: {type: formula, gives: integer, formula: guests * 2}
              received: {type: datetime}
              closed: {type: datetime}
              check: {type: checklist, options: [walk], finding: fault}
          fault:
            title: Fault
            fields:
              visit: {type: link, to: visit}
              title: {type: text}
    """,
    LISTS: """
        title: Walk round
        of: visit
        scoring: {full: 100, grades: [{title: Good, from: 80}, {title: Poor}], pass: 80}
        sections:
          - id: hall
            title: Hall
            items:
              - {id: floor, title: Floor is dry, points: 60, on_fail: {finding: true}}
              - {id: door, title: Door is shut, points: 40, when: kind == 'surprise'}
        examples:
          - name: a wet floor
            given: {floor: fail, kind: surprise}
            expect: {score: 40, grade: Poor}
    """,
    LEVELS: """
        service_levels:
          answer:
            title: Answer
            of: visit
            from: received
            to: closed
            within: [{when: kind == 'surprise', time: 2 hours}, {time: 1 day}]
    """,
    "config/roles.yaml": f"""
        roles:
          hr: {{can: {{r.visit: [create, read], revision: {EVERYTHING}, release: [read]}}}}
          unit_head: {{can: {{r.visit: [read], revision: [read], release: [read]}}}}
          employee: {{can: {{r.visit: [read]}}}}
    """,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A portal with a revision (1) of one administrator's in which nothing is changed yet."""
    root = tmp_path_factory.mktemp("trying")
    opened = open_site(module_database, root, FILES)
    files = {path.relative_to(root / "root").as_posix(): path.read_bytes()
             for path in (root / "root").rglob("*.yaml")}  # fmt: skip
    draft = Draft(files, opened.release.portal, 0, reason="first")
    number = publish_release(module_database, draft, SYSTEM, NOW).number
    opened.release = stored_release(module_database, number)
    opened.app = create_app(opened.release, module_database, opened.app.extensions["portal"].settings)
    opened.visitor("root").post("/studio/new", {"title": "trying"})
    return opened


@pytest.fixture(scope="module")
def changed(site: Site) -> int:
    """The id of a revision that changes points, a time, a field, and breaks an example."""
    visitor = site.visitor("root")
    answer = visitor.post("/studio/new", {"title": "changes"})
    pk = int(answer.headers["Location"].split("/")[2])
    changes = {
        LISTS: ("points: 60", "points: 10"),
        LEVELS: ("time: 2 hours", "time: 3 hours"),
        RECORDS: ("guests * 2", "guests * 3"),
    }
    for path, (old, new) in changes.items():
        page = visitor.text(f"/studio/{pk}/edit?path={path}")
        seen = page.partition('name="seen" value="')[2][:64]
        sent = {"path": path, "text": FILES[path].replace(old, new), "seen": seen}
        assert visitor.post(f"/studio/{pk}/edit", sent).status_code == 302
    return pk


def counted(site: Site) -> list[object]:
    tables = ("r_visit", "r_fault", "penalty", "deadline", "attachment")
    names = [name for name in site.models.tables if name.replace(".", "_") in tables]
    found = []
    for name in names:
        statement: sa.Select[Any] = sa.select(sa.func.count()).select_from(site.models.tables[name])
        found.append(site.scalar(statement))
    return found


def test_a_checklist_is_scored_and_nothing_is_stored(site: Site, changed: int) -> None:
    """Score, grade and finding by the draft beside those of the release in service; the item's line."""
    visitor, before = site.visitor("root"), counted(site)
    where = f"/studio/{changed}/try/checklist?name=r.walk"
    page = visitor.text(where)
    assert "data-run-trial" in page and "item:door" in page and f"/studio/{changed}/edit?path=" in page
    sent = {"fact.kind": "surprise", "answer.floor": "fail", "answer.door": "pass"}
    page = html.unescape(visitor.post(where, sent).get_data(as_text=True))
    draft, live = page.partition("By the release in service")[::2]
    assert "<strong>90</strong>" in draft and "Good" in draft
    assert "<strong>40</strong>" in live and "Poor" in live
    assert draft.count("try-finding") == 1 and "Floor is dry" in draft
    assert counted(site) == before


def test_a_checklist_condition_follows_the_facts(site: Site, changed: int) -> None:
    """An item that is not asked takes no part."""
    where = f"/studio/{changed}/try/checklist?name=r.walk"
    sent = {"fact.kind": "planned", "answer.floor": "pass"}
    page = site.visitor("root").post(where, sent).get_data(as_text=True)
    assert "<strong>100</strong>" in page and "Not answered yet" not in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"answer.floor": "sideways"}, "sideways"),
        ({"fact.kind": "nonsense", "answer.floor": "pass"}, "nonsense"),
        ({"fact.nobody": "1", "photo.floor": "many", "answer.nothing": "x"}, "Not answered yet"),
    ],
    ids=["answer", "fact", "names"],
)
def test_nonsense_in_a_checklist_is_named(site: Site, changed: int, sent: dict[str, str], said: str) -> None:
    """What cannot be read is said on the page."""
    answer = site.visitor("root").post(f"/studio/{changed}/try/checklist?name=r.walk", sent)
    assert answer.status_code == 200 and said in answer.get_data(as_text=True)


def test_a_due_time_is_proved(site: Site, changed: int) -> None:
    """The target that the facts pick, moved on by a pause, by both configurations."""
    where = f"/studio/{changed}/try/level?name=r.answer&asked=1&f.kind=surprise&f.received=2026-03-02T10:00"
    page = site.visitor("root").text(where + "&begin=2026-03-02T10:30&end=2026-03-02T11:00")
    draft, live = page.partition("By the release in service")[::2]
    assert "2026-03-02 13:30" in draft and "2026-03-02 12:30" in live


@pytest.mark.parametrize(
    "query",
    ["f.received=yesterday", "f.received=9999-12-31T23:59", "f.received=0001-01-01", "f.kind=x&f.who=%00",
     "f.received=2026-03-02T10:00&begin=2026-03-03&end=2026-03-02", "begin=a&end=b", "f.now=2026-13-45",
     "f.extended=99999999 days&f.received=2026-03-02", "f.nothing=1", "f.received=2026-03-02T10:00&begin=x"],
)  # fmt: skip
def test_nonsense_in_times_is_no_crash(site: Site, changed: int, query: str) -> None:
    """Whatever stands in the address, the page answers."""
    page = site.visitor("root").text(f"/studio/{changed}/try/level?name=r.answer&asked=1&{query}")
    assert "By this revision" in page


def test_a_form_reacts_and_is_judged(site: Site, changed: int) -> None:
    """Refused with the reasons at their fields, then taken with the draft's formula; nothing is stored."""
    visitor, before = site.visitor("root"), counted(site)
    where = f"/studio/{changed}/try/record?name=r.visit"
    page = visitor.text(where)
    assert "react(" in page and f"/studio/{changed}/try/pick/r.visit/who" in page
    answer = visitor.post(where, {"kind": "surprise", "guests": "12"})
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422 and 'href="#reason"' in page and 'href="#guests"' in page
    answer = visitor.post(where, {"kind": "planned", "guests": "4", "who": str(site.people["cook"])})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "This would be stored" in page and "<dd>12</dd>" in page
    assert counted(site) == before
    found = visitor.get(f"/studio/{changed}/try/pick/r.visit/who?q=").get_json()
    assert len(found["results"]) > 2
    assert visitor.get(f"/studio/{changed}/try/pick/r.visit/nothing").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [{"kind": "\x00", "guests": "NaN"}, {"who": "999999"}, {"who": "x"}, {"received": "9999-99-99"},
     {"_then": "find:who", "who.search": "%"}, {"_then": "line:nothing"}, {"_then": "remove:"}],
)  # fmt: skip
def test_nonsense_in_a_form_is_no_crash(site: Site, changed: int, sent: dict[str, str]) -> None:
    """Whatever is sent, the page comes back."""
    answer = site.visitor("root").post(f"/studio/{changed}/try/record?name=r.visit", sent)
    assert answer.status_code in (200, 422)


def test_examples_show_what_comes_out(site: Site, changed: int) -> None:
    """The broken one first, with both values and its line; a draft may be tried in spite of it."""
    page = html.unescape(site.visitor("root").text(f"/studio/{changed}/try/examples"))
    assert "a wet floor" in page and "score 90" in page and "score: 40" in page
    assert f"/studio/{changed}/edit?path={LISTS.replace('/', '%2F')}&line=" in page
    assert "as expected" in site.visitor("root").text("/studio/1/try/examples?name=r.walk")


def test_formulas_of_a_draft_show_nothing_closed(site: Site) -> None:
    """Who may not read people cannot make a formula tell about them."""
    visitor = site.visitor("hr")
    pk = int(visitor.post("/studio/new", {"title": "peep"}).headers["Location"].split("/")[2])
    page = visitor.text(f"/studio/{pk}/edit?path={RECORDS}")
    seen = page.partition('name="seen" value="')[2][:64]
    text = FILES[RECORDS].replace("gives: integer, formula: guests * 2", "gives: text, formula: who.name")
    visitor.post(f"/studio/{pk}/edit", {"path": RECORDS, "text": text, "seen": seen})
    where = f"/studio/{pk}/try/record?name=r.visit"
    page = visitor.post(where, {"kind": "planned", "who": str(site.people["cook"])}).get_data(as_text=True)
    assert "person.name" in page and "may not see" in page and "This would be stored" not in page


PAGES = ("try", "try/checklist", "try/level", "try/record", "try/examples")


@pytest.mark.parametrize("page", PAGES)
def test_doors_of_trying(site: Site, page: str) -> None:
    """Who may read revisions may try; others are refused; unknown names are not there."""
    assert site.visitor("head").get(f"/studio/1/{page}").status_code == 200
    assert site.visitor("cook").get(f"/studio/1/{page}").status_code == 403
    word = "schedule" if page == "try" else "name"
    assert site.visitor("root").get(f"/studio/1/{page}?{word}=r.nothing").status_code == 404


def test_items_and_scores_lead_to_their_lines(site: Site) -> None:
    """On the run page and on what came of it: for those who may open the studio, and for nobody else."""
    visit = site.insert("r.visit", "cook", kind="planned")
    root, where = site.visitor("root"), f"/run/r.visit/{visit}/check/r.walk"
    line = FILES[LISTS][: FILES[LISTS].index("id: floor")].count("\n") + 1
    place = f"path={LISTS.replace('/', '%2F')}&amp;line={line}"
    assert place in root.text(where)
    sent = {"answer.floor": "fail", "remark.floor": "wet", "version": "1", "then": "submit"}
    assert root.post(where, sent).status_code == 302
    page = site.visitor("head").text(f"/r/r.visit/show/{visit}?tab=results")
    assert f"{place}&amp;release=1" in page and page.count("/studio/source?") > 1
    page = site.visitor("cook").text(f"/r/r.visit/show/{visit}?tab=results")
    assert "Floor is dry" in page and "/studio/source" not in page
