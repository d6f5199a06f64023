"""Duties behind a browser: the coverage list, what I owe, and surprise checks that the unit cannot find."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.storage import Database
from tests.support.clients import Site, open_site
from tests.support.duties import RECORDS, run_on_site

PORTAL = """
    portal: {title: 试验, languages: [zh_Hans, en], timezone: Asia/Shanghai, regimes: [r], calendar: all}
    calendars: {all: {always: true}}
    roles:
      hr:
        can:
          unit: [read]
          r.check: [create, read, update, export, print, finish]
          r.log: [read]
          duty_run: [read, export]
          task: [read]
          audit_entry: [read]
      unit_head:
        can:
          unit: [read]
          r.check: [create, read subtree, update subtree, export subtree]
          r.log: [create, read subtree, update subtree]
          duty_run: [read subtree, export subtree]
          task: [read]
          audit_entry: [read, export]
      employee:
        can:
          unit: [read]
          r.check: [read, export]
          duty_run: [read, export]
          task: [read]
          audit_entry: [read]
"""
DUTIES = """
    duties:
      surprise:
        title: 突击检查
        source: 条例 二
        at_least: 1
        per: week
        for_each: unit
        where: code in ['shop', 'other']
        unpredictable: true
        create: check
        with: {kind: surprise, note: "'geheim'"}
        hidden_from: unit
        assign: role.hr
      logs:
        title: 每日记录
        every: day
        for_each: unit
        where: code == 'shop'
        create: log
        assign: unit.head
"""
FILES: Mapping[str, str] = {
    "config/portal.yaml": PORTAL,
    "config/regimes/r/records.yaml": RECORDS.replace("role.inspector", "role.hr"),
    "config/regimes/r/duties.yaml": DUTIES,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Sixteen days of turns; surprise checks of each shop, drawn for some day of the week before this."""
    opened = open_site(module_database, tmp_path_factory.mktemp("duties"), FILES)
    now = datetime.now(UTC)
    with module_database.writing() as session:
        unit = opened.models.tables["unit"]
        session.execute(unit.update().values(created_at=now - timedelta(days=30)))
    for back in range(15, -1, -1):
        assert run_on_site(opened, now - timedelta(days=back), seed=str(back)).failed == []
    return opened


def check_of(site: Site, unit: str) -> int:
    """The newest surprise check of a unit."""
    table = site.models.tables["r.check"]
    found = site.scalar(
        table.select()
        .with_only_columns(table.c.id)
        .where(table.c.unit_id == site.units[unit])
        .order_by(table.c.id.desc())
        .limit(1)
    )
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("who", ["head", "cook"])
def test_the_unit_finds_no_trace_of_a_surprise(site: Site, who: str) -> None:
    """Lists, pages, search, API, filters, history, export, the coverage list: nothing, anywhere."""
    visitor, key = site.visitor(who), check_of(site, "shop")
    number = site.scalar(
        site.models.tables["r.check"]
        .select()
        .with_only_columns(site.models.tables["r.check"].c.number)
        .where(site.models.tables["r.check"].c.id == key)
    )
    for path in (
        "/",
        "/coverage/",
        "/coverage/?by=day",
        "/r/r.check/list/",
        "/r/r.check/list/?q=geheim",
        "/r/r.check/list/?f.kind=surprise",
        "/r/task/list/?all=1",
        "/r/duty_run/list/",
        "/r/duty_run/list/?q=突击",
        "/r/audit_entry/list/",
    ):
        page = visitor.text(path)
        assert str(number) not in page, path
        assert "shop 20" not in page or "突击检查 shop" not in page, path
        assert f"/r/r.check/show/{key}" not in page, path
    for path in (f"/r/r.check/show/{key}", f"/r/r.check/edit/{key}", f"/api/v1/r.check/{key}"):
        assert visitor.get(path).status_code in (403, 404), path
    listed = visitor.get("/api/v1/r.check/").get_json()
    assert key not in listed["ids"]
    tasks = visitor.get("/api/v1/task/").get_json()
    assert all("突击检查 shop" not in row["title"] for row in tasks["result"])
    sheet = visitor.get("/r/r.check/export")
    if sheet.status_code == 200:
        rows = load_workbook(io.BytesIO(sheet.data)).active.values
        assert number not in [cell for row in rows for cell in row]


def test_others_see_it(site: Site) -> None:
    """The house, and the people of the other shop, who in turn do not see their own."""
    shop, other = check_of(site, "shop"), check_of(site, "other")
    for who, seen, hidden in (
        ("hr", [shop, other], []),
        ("rival", [shop], [other]),
        ("root", [shop, other], []),
    ):
        ids = site.visitor(who).get("/api/v1/r.check/").get_json()["ids"]
        assert set(seen) <= set(ids) and not set(hidden) & set(ids), who
        for key in seen:
            assert site.visitor(who).get(f"/r/r.check/show/{key}").status_code == 200


def test_the_coverage_list_counts_for_its_reader(site: Site) -> None:
    """Open and missed, by duty and shop; the shop's own people see only what is no secret."""
    page = site.visitor("hr").text("/coverage/?by=year")
    assert "突击检查" in page and "每日记录" in page and "条例 二" in page
    own = site.visitor("head").text("/coverage/?by=year")
    assert "每日记录" in own and "突击检查" not in own
    assert site.visitor("guest").get("/coverage/").status_code == 403
    assert site.visitor().get("/coverage/").status_code == 302


def test_the_coverage_list_is_a_spreadsheet_too(site: Site) -> None:
    """One row for each duty and unit, with the same figures; an audit entry is left."""
    answer = site.visitor("hr").get("/coverage/export?by=year")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = [list(row) for row in sheet.values]
    assert {(row[1], row[2]) for row in rows[1:]} == {
        ("突击检查", "shop"),
        ("突击检查", "other"),
        ("每日记录", "shop"),
    }
    logs = next(row for row in rows if row[1] == "每日记录")
    turns = site.models.tables["duty_run"]
    year = site.app.extensions["portal"].zone
    first = datetime.now(year).date().replace(month=1, day=1)
    counted = sa.select(sa.func.count()).where(turns.c.duty == "r.logs", turns.c.starts_on >= first)
    assert logs[3] == "shop" and logs[6] == 1 and logs[6] + logs[7] == site.scalar(counted)
    assert site.visitor("head").get("/coverage/export?by=year").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "by=decade",
        "day=2026-02-31",
        "day=9999-12-31",
        "day=0001-01-01&by=week",
        "unit=x",
        "unit=99999999999",
        "duty=%00",
    ],
)
def test_a_strange_address_is_no_fault(site: Site, query: str) -> None:
    """Nonsense means the present month and everything."""
    assert site.visitor("hr").get(f"/coverage/?{query}").status_code == 200


def test_a_unit_that_the_reader_may_not_read_is_not_named(site: Site) -> None:
    """The filter shows the unit's title only where the unit itself may be read."""
    page = site.visitor("hr").text(f"/coverage/?unit={site.units['other']}")
    assert "selected>other<" in page and "每日记录" not in page


def test_the_start_page_says_what_i_owe(site: Site) -> None:
    """The head's logs, those of the days before marked as overdue, each leading to its record."""
    page = site.visitor("head").text("/?_l_=en")
    assert "My duties" in page and "每日记录 shop" in page and "overdue" in page
    assert "/r/r.log/show/" in page
    assert "My duties" not in site.visitor("guest").text("/?_l_=en")


def test_the_menu_leads_to_the_coverage_list(site: Site) -> None:
    """For those who may read turns of duties."""
    assert "/coverage/" in site.visitor("head").text("/")
    assert "/coverage/" not in site.visitor("guest").text("/")


def test_when_it_is_done_the_unit_sees_it(site: Site) -> None:
    """The check, its turn and its figures, from that moment on."""
    key = check_of(site, "shop")
    assert site.visitor("hr").post(f"/r/r.check/move/finish/{key}").status_code in (302, 303)
    assert site.visitor("cook").get(f"/r/r.check/show/{key}").status_code == 200
    assert "突击检查" in site.visitor("head").text("/coverage/?by=year")
