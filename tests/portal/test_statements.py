"""A page costs at most eight statements, however many record types are declared."""

from __future__ import annotations

import pytest

from app.storage import Database, open_database
from tests.support.clients import Site, open_site

MOST = 8
ROLES = """
roles:
  employee:
    can:
      unit: [read]
      person: [read]
"""
WORKFLOW = """
workflows:
  flow:
    start: open
    states: {open: {}, done: {final: true}}
    transitions: {go: {from: open, to: done, by: [who]}}
records:
"""
RECORD = """
  kind_%(number)s:
    workflow: flow
    fields:
      title: {type: text, title: 标题 %(number)s, required: true}
      unit: {type: unit}
      who: {type: person, owner: true}
      kind: {type: choice, options: {a: A, b: B}}
      due: {type: date}
      amount: {type: money}
      photos: {type: photos}
      notes: {type: lines, fields: {what: {type: text}, who: {type: person}}}
      next: {type: link, to: kind_%(other)s}
"""


def many(count: int) -> dict[str, str]:
    """A configuration with `count` record types that link to each other, each with a workflow."""
    numbers = range(count)
    grants = "".join(f"      r.kind_{number}: [create, read, update own, go]\n" for number in numbers)
    records = "".join(RECORD % {"number": number, "other": (number + 1) % count} for number in numbers)
    return {"config/roles.yaml": ROLES + grants, "config/regimes/r/records.yaml": WORKFLOW + records}


@pytest.fixture(scope="module", params=[5, 200], ids=["5 types", "200 types"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A portal with few and one with many record types, each with some records."""
    folder = tmp_path_factory.mktemp("large")
    database: Database = open_database("", folder / "instance")
    site = open_site(database, folder, many(request.param))
    for number in range(3):
        for _ in range(30):
            site.insert(
                f"r.kind_{number}",
                creator="cook",
                title="one",
                unit=site.units["shop"],
                who=site.people["cook"],
                kind="a",
                state="open",
                notes=[{"what": "x", "who": site.people["hr"]}],
            )
    site.visitor("root").text("/")
    site.visitor("cook").text("/")
    return site


PAGES = (
    "/",
    "/r/r.kind_0/list/",
    "/r/r.kind_0/list/?f.kind=a&f.unit=2&q=one&sort=title&page=2",
    "/r/r.kind_0/show/1",
    "/r/r.kind_0/show/1?tab=history",
    "/r/r.kind_0/show/1?tab=related",
    "/r/r.kind_0/add",
    "/r/r.kind_0/edit/1",
    "/r/r.kind_0/delete/1",
    "/r/r.kind_0/pick/unit?q=s",
    "/profile/",
    "/accounts/",
    "/accounts/roles",
    "/swagger/v1",
    "/console/",
    "/console/tables/r__kind_0/",
    "/api/v1/r.kind_0/",
    "/api/v1/r.kind_0/1",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["root", "cook"])
def test_a_page_costs_at_most_eight_statements(large: Site, who: str, path: str) -> None:
    """Menu, permissions, rows, labels, counts: all of it, on every page."""
    visitor = large.visitor(who)
    with large.statements() as seen:
        status = visitor.get(path).status_code
    assert status in (200, 403)
    assert len(seen) <= MOST, "\n".join(seen)


def test_a_static_file_costs_none(large: Site) -> None:
    """Nobody is looked up for a style sheet."""
    with large.statements() as seen:
        large.visitor("cook").get("/static/portal.css", buffered=True)
        large.visitor("cook").get("/static/expressions.js", buffered=True)
    assert seen == []
