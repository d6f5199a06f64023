"""Reports and funds behind a browser: what is offered to whom, shown, kept and refused."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.storage import Database
from tests.support.clients import Site, Visitor, open_site

FUND = "r.welfare"
FILES: Mapping[str, str] = {
    "config/portal.yaml": """
        portal: {title: 试验门户, languages: [en], timezone: Asia/Shanghai, regimes: [r]}
        choices:
          level: {ordered: true, options: {low: 低, high: 高}}
        roles:
          hr:
            can:
              unit: [read]
              person: [read]
              r.visit: [create, read, print]
              penalty: [read, print, pay, pay_part]
              fund_entry: [create, read, print]
              document: [read]
          unit_head:
            can:
              {unit: [read], person: [read], r.visit: [read subtree, print subtree], fund_entry: [read own]}
          employee:
            can: {r.visit: [create, read own], fund_entry: [create, read]}
            hide: {fund_entry: [amount]}
    """,
    "config/regimes/r/records.yaml": """
        records:
          visit:
            title: 检查
            label: "{title}"
            fields:
              title: {type: text, title: 标题, required: true}
              unit: {type: unit, title: 单位}
              cost: {type: money, title: 费用}
              held_on: {type: date, title: 日期}
            list:
              {columns: [title, unit, cost, held_on], filters: [unit, held_on], search: [title], order: title}
        penalty_schedules:
          conduct:
            title: 违纪
            kind: donation
            levels: {once: {amount: 20}}
            fund: {name: welfare, title: 福利基金, spend_on: [员工茶歇, 公益活动]}
    """,
    "report_templates/r/monthly.yaml": """
        title: 检查月报
        of: period
        parameters:
          month: {type: month, title: 月份, default: last_month}
          only: {type: unit, title: 只看单位, required: false}
        data:
          rows:
            from: visit
            where: held_on in month and (only == None or unit == only)
            columns: [title, unit, cost]
            order: title
        charts: {costs: {kind: bar, data: rows, x: title, y: cost}}
    """,
    "report_templates/r/chosen.yaml": "{title: 选中清单, of: selection, record: visit}\n",
    "report_templates/r/since.yaml": """
        title: 某日以来
        of: selection
        record: visit
        parameters: {since: {type: date, title: 自}}
        data: {rows: {from: visit, where: held_on >= since, columns: [title, held_on]}}
    """,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two visits of the shop's, one of the other's; an opening balance of 100."""
    opened = open_site(module_database, tmp_path_factory.mktemp("funds"), FILES)
    visits = (
        ("alpha", "shop", "12", "2026-02-01"),
        ("beta", "shop", "30", "2026-02-28"),
        ("gamma", "other", "5", "2026-02-03"),
    )
    for title, unit, cost, day in visits:
        answer = opened.visitor("hr").json(
            "POST", "/api/v1/r.visit/",
            {"title": title, "unit": opened.units[unit], "cost": cost, "held_on": day},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
    entered = {"direction": "in", "amount": "100", "entered_on": "2026-01-01"}
    answer = opened.visitor("hr").json("POST", "/api/v1/fund_entry/", entered)
    assert answer.status_code == 201, answer.text
    return opened


def plain(text: str) -> str:
    """A page without its markup."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def documents(site: Site) -> int:
    table = site.models.tables["document"]
    return int(str(site.scalar(sa.select(sa.func.count()).select_from(table))))


def ids(site: Site, *titles: str) -> list[int]:
    table = site.models.tables["r.visit"]
    with site.database.reading() as session:
        return list(
            session.scalars(sa.select(table.c.id).where(table.c.title.in_(titles)).order_by(table.c.id))
        )


def ask(visitor: Visitor, report: str, do: str, **given: object) -> TestResponse:
    return visitor.post(f"/reports/{report}", {"_do": do, **given})


@pytest.mark.parametrize(
    ("who", "offered"), [("hr", True), ("root", True), ("head", True), ("cook", False), ("guest", False)]
)
def test_reports_are_offered_to_who_may_print_them(site: Site, who: str, offered: bool) -> None:
    """In the menu and on their page; to others it is as if there were none."""
    page = site.visitor(who).text("/reports/")
    assert ("检查月报" in page) is offered
    assert ('href="/reports/"' in site.visitor(who).text("/")) is offered
    assert site.visitor(who).get("/reports/r.monthly").status_code == (200 if offered else 404)
    assert site.visitor(who).get("/reports/r.nothing").status_code == 404


def test_a_report_is_asked_shown_and_printed(site: Site) -> None:
    """The page has the typed controls, then the rows and charts; the print is kept, a preview is not."""
    visitor = site.visitor("hr")
    asked = visitor.text("/reports/r.monthly")
    assert 'type="month"' in asked and "/r/unit/pick/parent" in asked
    shown = ask(visitor, "r.monthly", "show", month="2026-02", only="").get_data(as_text=True)
    assert "alpha shop ¥12.00 beta shop ¥30.00 gamma other ¥5.00 In all ¥47.00" in plain(shown)
    assert shown.count("<svg") >= 1 and "¥47.00" in shown
    before = documents(site)
    preview = ask(visitor, "r.monthly", "preview", month="2026-02")
    assert preview.data.startswith(b"%PDF-") and documents(site) == before
    printed = ask(visitor, "r.monthly", "print", month="2026-02")
    assert printed.data.startswith(b"%PDF-") and documents(site) == before + 1
    table = site.models.tables["document"]
    newest = site.scalar(sa.select(sa.func.max(table.c.id)))
    assert visitor.get(f"/files/document/{newest}").data == printed.data
    assert site.visitor("head").get(f"/files/document/{newest}").status_code in (403, 404)


def test_wrong_answers_are_told_at_their_field(site: Site) -> None:
    """Nothing is printed, and what was typed is still there."""
    answer = ask(site.visitor("hr"), "r.monthly", "print", month="Feb", only="999")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "write a month as 2026-01" in plain(page)
    missing = ask(site.visitor("hr"), "r.since", "show", id=ids(site, "alpha"), since="")
    assert "this must be answered" in plain(missing.get_data(as_text=True))


def test_a_role_sees_its_own_rows(site: Site) -> None:
    """On the page as in the print."""
    page = plain(ask(site.visitor("head"), "r.monthly", "show", month="2026-02").get_data(as_text=True))
    assert "alpha" in page and "beta" in page and "gamma" not in page


def test_chosen_rows_of_a_list(site: Site) -> None:
    """The button below the list, then the report over just these rows; rows of others are left out."""
    listed = site.visitor("hr").text("/r/r.visit/list/")
    assert 'value="report:r.chosen"' in listed and 'value="report:r.since"' in listed
    chosen = {"action": "report:r.chosen", "id": [str(one) for one in ids(site, "alpha", "gamma")]}
    page = plain(site.visitor("hr").post("/r/r.visit/bulk", chosen).get_data(as_text=True))
    assert "2 chosen records" in page and "alpha" in page and "gamma" in page and "beta" not in page
    own = plain(site.visitor("head").post("/r/r.visit/bulk", chosen).get_data(as_text=True))
    assert "alpha" in own and "gamma" not in own
    with_question = site.visitor("hr").post("/r/r.visit/bulk", {**chosen, "action": "report:r.since"})
    assert 'type="date"' in with_question.get_data(as_text=True)
    answered = ask(site.visitor("hr"), "r.since", "show", id=chosen["id"], since="2026-02-02")
    assert "gamma" in plain(answered.get_data(as_text=True)) and "alpha" not in plain(
        answered.get_data(as_text=True)
    )
    assert site.visitor("cook").post("/r/r.visit/bulk", chosen).status_code == 403
    assert (
        site.visitor("hr").post("/r/r.visit/bulk", {**chosen, "action": "report:r.monthly"}).status_code
        == 403
    )


def test_all_that_a_list_shows(site: Site) -> None:
    """The filter of the list goes along; nothing chosen and no filter asks for rows."""
    visitor = site.visitor("hr")
    listed = visitor.text(f"/r/r.visit/list/?f.unit={site.units['shop']}&q=alpha")
    found = re.search(r'href="(/reports/r\.chosen\?[^"]+)"', listed)
    assert found
    page = plain(visitor.text(html.unescape(found[1])))
    assert "1 records of the list" in page and "alpha" in page and "beta" not in page
    printed = ask(visitor, "r.chosen", "print", filter=f"f.unit={site.units['shop']}")
    assert printed.data.startswith(b"%PDF-")
    assert visitor.get("/reports/r.chosen").status_code == 302


@pytest.mark.parametrize(("who", "sees"), [("hr", True), ("root", True), ("head", False), ("cook", False)])
def test_an_account_is_for_who_may_see_all_of_it(site: Site, who: str, sees: bool) -> None:
    """Who sees only some entries, or no amounts, sees no balance."""
    answer = site.visitor(who).get(f"/fund/{FUND}")
    assert answer.status_code == (200 if sees else 403)
    assert ("¥100.00" in answer.get_data(as_text=True)) is sees
    assert site.visitor(who).get("/fund/r.nothing").status_code == 403
    first = site.visitor(who).get("/fund/")
    assert first.status_code == 302 and first.location.endswith(FUND if sees else "/list/")
    assert site.visitor("guest").get(f"/fund/{FUND}").status_code == 403


def test_spending_is_chosen_from_the_purposes(site: Site) -> None:
    """The form offers them; the form and the API refuse all else, and more than there is."""
    visitor = site.visitor("hr")
    form = visitor.text(f"/r/fund_entry/add?fund={FUND}&direction=out")
    assert '<option value="员工茶歇"' in form and '<option value="公益活动"' in form
    entry = {
        "fund": FUND,
        "direction": "out",
        "amount": "30",
        "purpose": "员工茶歇",
        "entered_on": "2026-02-01",
    }
    refused = visitor.json("POST", "/api/v1/fund_entry/", {**entry, "purpose": "买酒"})
    assert refused.status_code == 422 and "purpose" in refused.json["errors"]
    refused = visitor.json("POST", "/api/v1/fund_entry/", {**entry, "amount": "100.5"})
    assert refused.status_code == 422 and "amount" in refused.json["errors"]
    answer = visitor.post("/r/fund_entry/add", {**entry, "amount": "500"})
    assert answer.status_code == 422 and "the fund holds 100.00" in plain(answer.get_data(as_text=True))
    assert visitor.post("/r/fund_entry/add", entry).status_code == 302
    assert "¥70.00" in visitor.text(f"/fund/{FUND}")


@pytest.mark.parametrize(
    "door", ["page", "delete page", "bulk", "api", "api delete", "console", "console delete"]
)
def test_entries_are_never_changed(site: Site, door: str) -> None:
    """Not even by an administrator, at whatever door."""
    visitor, table = site.visitor("root"), site.models.tables["fund_entry"]
    key = site.scalar(sa.select(sa.func.min(table.c.id)))
    before = site.scalar(sa.select(table.c.version).where(table.c.id == key))
    changed = {"remark": "anders", "fund": FUND, "direction": "in", "amount": "1", "_version": "1"}
    if door == "page":
        visitor.post(f"/r/fund_entry/edit/{key}", changed)
    elif door == "delete page":
        visitor.post(f"/r/fund_entry/delete/{key}", {"_version": "1"})
    elif door == "bulk":
        visitor.post("/r/fund_entry/bulk", {"action": "delete", "id": str(key), "_confirmed": "1"})
    elif door == "api":
        assert visitor.json("PUT", f"/api/v1/fund_entry/{key}", {"remark": "anders"}).status_code == 422
    elif door == "api delete":
        assert visitor.json("DELETE", f"/api/v1/fund_entry/{key}").status_code == 422
    elif door == "console":
        visitor.post(f"/console/tables/fund_entry/edit/?id={key}", changed)
    else:
        visitor.post("/console/tables/fund_entry/delete/", {"id": str(key)})
    assert site.scalar(sa.select(table.c.amount).where(table.c.id == key)) == 100
    assert site.scalar(sa.select(table.c.version).where(table.c.id == key)) == before
    assert f"/r/fund_entry/edit/{key}" not in visitor.text(f"/r/fund_entry/show/{key}")


def test_a_correction_is_offered_and_filled_in(site: Site) -> None:
    """To who keeps the account, until the entry is corrected."""
    visitor = site.visitor("hr")
    spent = {
        "fund": FUND,
        "direction": "out",
        "amount": "3",
        "purpose": "公益活动",
        "entered_on": "2026-02-01",
    }
    key = visitor.json("POST", "/api/v1/fund_entry/", spent).json["id"]
    page = visitor.text(f"/r/fund_entry/show/{key}")
    found = re.search(r'href="(/r/fund_entry/add\?[^"]+)"', page)
    assert found
    filled = html.unescape(found[1])
    assert f"corrects={key}" in filled and "direction=in" in filled and "amount=3.00" in filled
    undo = {"fund": FUND, "direction": "in", "amount": "3", "corrects": str(key), "remark": "x"}
    assert visitor.post("/r/fund_entry/add", {**undo, "entered_on": "2026-02-02"}).status_code == 302
    assert "corrects=" not in visitor.text(f"/r/fund_entry/show/{key}")
