"""Forms that react: what the page shows while one types is what the server does when it is saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.storage import open_database
from tests.support.browser import DESK, Visitor, visitor
from tests.support.clients import PASSWORD, Site, open_site
from tests.support.served import listening

pytestmark = pytest.mark.browser

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验门户, languages: [en], timezone: Asia/Shanghai, currency: CNY, regimes: [r]}
        choices:
          kind: {options: {meal: 用餐, room: 客房, other: 其他}}
          fault: {options: {cold: 冷, late: 迟, dirty: 脏}}
        roles: {hr: {can: {unit: [read], person: [read], r.case: [create, read, update]}}}
    """,
    "config/regimes/r/records.yaml": """
        records:
          case:
            title: 事项
            fields:
              kind: {type: choice, title: 类别, options: kind}
              table: {type: text, title: 桌号, show: kind == 'meal', required: kind == 'meal'}
              guest: {type: text, title: 客人, show: table == '8'}
              fault:
                type: choice
                title: 问题
                options: fault
                options_when: [{when: kind == 'room', options: [dirty]}, {options: [cold, late, dirty]}]
              tags:
                type: choices
                title: 标签
                options: fault
                options_when: [{when: kind == 'room', options: [dirty]}, {options: [cold, late, dirty]}]
              found_on: {type: date, title: 发现日期}
              due: {type: date, title: 期限, default: found_on + days(3)}
              closed: {type: boolean, title: 已结}
              result: {type: text, title: 结果, read_only: closed}
              price: {type: money, title: 单价}
              count: {type: integer, title: 数量}
              total: {type: formula, gives: decimal, places: 2, title: 合计, formula: price * count / 3}
              double: {type: formula, gives: decimal, places: 1, title: 两倍, formula: total * 2}
              parts:
                type: lines
                title: 明细
                fields:
                  what: {type: text, title: 名称}
                  cost: {type: money, title: 费用}
                  why: {type: text, title: 理由, show: cost > 100, required: cost > 100}
                  share: {type: formula, places: 1, title: 占比, formula: "share(cost, this.price)"}
              sum: {type: formula, gives: money, title: 总额, formula: "sum(parts, cost)"}
              reason: {type: text, title: 超额理由, show: sum > 500}
              kept: {type: text, title: 原值, show: old.count > 2}
            form:
              - {group: 基本, fields: [kind, table, guest, fault, tags, found_on, due, closed, result]}
              - {group: 金额, fields: [price, count, total, double, parts, sum, reason]}
              - {group: 其他, fields: [kept], show: kind != 'other'}
    """,
}
CASE = "/r/r.case"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal of one record type, in which everything reacts."""
    root = tmp_path_factory.mktemp("reacting")
    database = open_database("", root / "instance")
    yield open_site(database, root, FILES)
    database.dispose()


@pytest.fixture
def hr(browser: Browser, site: Site) -> Iterator[Visitor]:
    """A window in which hr is signed in."""
    with listening(site.app) as address, visitor(browser, address, **DESK) as window:
        yield window.sign_in("hr", PASSWORD)
        assert window.complaints == []


def box(page: Page, name: str) -> Locator:
    """A field with its label; of a line's columns the first."""
    return page.locator(f"[data-field='{name}']").first


def saved(site: Site, key: int) -> dict[str, object]:
    return site.visitor("hr").get(f"/api/v1/r.case/{key}").get_json()["result"]


def test_show_and_required(hr: Visitor, site: Site) -> None:
    """A field comes and goes with another, is marked as needed, and gives up its value when it goes."""
    page = hr.go(f"{CASE}/add")
    expect(box(page, "table")).to_be_hidden()
    page.select_option("[name=kind]", "meal")
    expect(box(page, "table")).to_be_visible()
    expect(box(page, "table").locator("[data-required-mark]")).to_be_visible()
    page.fill("[name=table]", "8")
    expect(box(page, "guest")).to_be_visible()
    page.fill("[name=guest]", "张")
    page.select_option("[name=kind]", "room")
    expect(box(page, "table")).to_be_hidden()
    expect(box(page, "guest")).to_be_hidden()
    hr.save()
    record = saved(site, hr.record())
    assert (record["kind"], record["table"], record["guest"]) == ("room", None, None)


def test_options_when(hr: Visitor, site: Site) -> None:
    """Options that do not fit are taken off the list, and off what was chosen."""
    page = hr.go(f"{CASE}/add")
    page.select_option("[name=fault]", "late")
    page.check("[name=tags][value=cold]")
    page.check("[name=tags][value=dirty]")
    page.select_option("[name=kind]", "room")
    expect(page.locator("[name=fault]")).to_have_value("")
    offered = page.locator("[name=fault] option:not([disabled])").evaluate_all(
        "all => all.map((o) => o.value)"
    )
    assert offered == ["", "dirty"]
    expect(page.locator("[name=tags][value=cold]")).to_be_hidden()
    hr.save()
    record = saved(site, hr.record())
    assert (record["fault"], record["tags"]) == (None, ["dirty"])


def test_default_follows_what_it_hangs_on(hr: Visitor, site: Site) -> None:
    """Until somebody writes another value, or takes it away on purpose."""
    page = hr.go(f"{CASE}/add")
    page.fill("[name=found_on]", "2026-03-02")
    expect(page.locator("[name=due]")).to_have_value("2026-03-05")
    page.fill("[name=found_on]", "2026-03-30")
    expect(page.locator("[name=due]")).to_have_value("2026-04-02")
    hr.save()
    assert saved(site, hr.record())["due"] == "2026-04-02"
    for typed, kept in (("2026-05-01", "2026-05-01"), ("", None)):
        page = hr.go(f"{CASE}/add")
        page.fill("[name=found_on]", "2026-03-02")
        page.fill("[name=due]", typed)
        page.fill("[name=found_on]", "2026-03-03")
        expect(page.locator("[name=due]")).to_have_value(typed)
        hr.save()
        assert saved(site, hr.record())["due"] == kept


def test_default_without_scripts(site: Site) -> None:
    """A plain form sends the field empty: the server fills it in all the same."""
    answer = site.visitor("hr").post(f"{CASE}/add", {"found_on": "2026-03-02", "due": ""})
    assert answer.status_code == 302
    key = int(answer.headers["Location"].rpartition("/")[2])
    assert saved(site, key)["due"] == "2026-03-05"


def test_read_only(hr: Visitor, site: Site) -> None:
    """What was typed before the lock is kept; behind it the control is kept off, and the server keeps what is
    stored, also where the lock is lifted in the same form."""
    page = hr.go(f"{CASE}/add")
    page.fill("[name=result]", "before")
    assert page.locator("[name=result]").is_editable()
    page.check("[name=closed]")
    assert not page.locator("[name=result]").is_editable()
    hr.save()
    key = hr.record()
    assert (saved(site, key)["closed"], saved(site, key)["result"]) == (True, "before")
    page = hr.go(f"{CASE}/edit/{key}")
    page.uncheck("[name=closed]")
    assert not page.locator("[name=result]").is_editable()
    page.locator("[name=result]").evaluate("field => { field.value = 'after'; }")
    hr.save()
    hr.record()
    assert (saved(site, key)["closed"], saved(site, key)["result"]) == (False, "before")


def test_formulas(hr: Visitor, site: Site) -> None:
    """Each is worked out from the others, rounded as it is kept, lines and their own formulas included."""
    page = hr.go(f"{CASE}/add")
    page.fill("[name=price]", "1,000.00")
    page.fill("[name=count]", "2")
    expect(page.locator("[data-formula=total]")).to_have_text("666.67")
    expect(page.locator("[data-formula=double]")).to_have_text("1333.3")
    for index, cost in enumerate(("99.5", "450")):
        page.click("[data-line-add]")
        page.fill(f"[name=parts-{index}-what]", "碗")
        page.fill(f"[name=parts-{index}-cost]", cost)
    expect(page.locator("[data-formula=sum]")).to_have_text("CN¥549.50")
    first, second = (page.locator("[data-line]").nth(index) for index in (0, 1))
    expect(first.locator("[data-formula=share]")).to_have_text("10")
    expect(second.locator("[data-formula=share]")).to_have_text("45")
    expect(first.locator("[data-field=why]")).to_be_hidden()
    expect(second.locator("[data-field=why]")).to_be_visible()
    expect(box(page, "reason")).to_be_visible()
    page.fill("[name=parts-1-why]", "贵")
    page.locator("[data-line]").nth(0).locator("[data-line-remove]").click()
    expect(page.locator("[data-formula=sum]")).to_have_text("CN¥450.00")
    expect(box(page, "reason")).to_be_hidden()
    hr.save()
    record = saved(site, hr.record())
    assert (record["total"], record["double"], record["sum"]) == ("666.67", "1333.3", "450.00")


def test_groups_and_the_record_before(hr: Visitor, site: Site) -> None:
    """A group comes and goes as a whole; `old` is what is stored, whatever is typed now."""
    made = site.insert("r.case", creator="hr", kind="meal", count=5)
    page = hr.go(f"{CASE}/edit/{made}")
    page.fill("[name=count]", "1")
    expect(box(page, "kept")).to_be_visible()
    page.fill("[name=kept]", "yes")
    page.select_option("[name=kind]", "other")
    expect(box(page, "kept")).to_be_hidden()
    page.select_option("[name=kind]", "meal")
    page.fill("[name=table]", "1")
    hr.save()
    hr.record()
    assert (saved(site, made)["kept"], saved(site, made)["count"]) == ("yes", 1)
