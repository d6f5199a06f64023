"""How pages behave: two editors, questions before harm, languages, dark, keyboard, no scripts, offline."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.demo.stage import PASSWORD
from tests.browser.conftest import Open
from tests.support.browser import DESK, PHONE
from tests.support.served import INSPECTION, PERSONAL, Portal

pytestmark = pytest.mark.browser


def test_the_second_editor_loses_nothing(open_as: Open, portal: Portal) -> None:
    """Who saves second is told who was first, sees both values, and may then save the own ones."""
    key = portal.inspection()
    first, second = open_as("hr"), open_as("admin")
    for one in (first, second):
        one.go(f"/r/{INSPECTION}/edit/{key}")
    first.page.fill("[name=record_text]", "先保存的记录")
    first.save()
    first.record()
    second.page.fill("[name=record_text]", "后保存的记录")
    second.save()
    warning = second.page.locator(".alert-warning")
    expect(warning).to_contain_text(portal.stage.person("hr_lead").name)
    expect(second.page.locator("[name=record_text]")).to_have_value("后保存的记录")
    expect(second.page.locator("[data-field=record_text]")).to_contain_text("先保存的记录")
    second.save()
    second.record()
    expect(second.page.get_by_text("后保存的记录")).to_be_visible()


def test_harm_is_asked_about_first(open_as: Open, portal: Portal) -> None:
    """Whoever says no keeps the record as it was, whoever says yes is rid of it, alone and among several."""
    kept, gone = portal.inspection(), portal.inspection()
    hr = open_as("hr")
    page = hr.go(f"/r/{INSPECTION}/show/{gone}")
    page.locator(f"a[href$='/delete/{gone}']").click()
    page.locator("main form a.btn").click()
    assert hr.record() == gone
    page.locator(f"a[href$='/delete/{gone}']").click()
    page.locator("main form button.btn-danger").click()
    expect(page).to_have_url(re.compile("/list/"))
    assert page.request.get(f"{portal.address}/r/{INSPECTION}/show/{gone}").status == 404

    page.locator(f"[data-select-row][value='{kept}']").check()
    page.locator("[data-bulk] button[value=delete]").click()
    page.locator("main form a.btn").click()
    expect(page).to_have_url(re.compile("/list/"))

    hr.go(f"/r/{INSPECTION}/show/{kept}")
    dialog = page.locator("dialog[data-confirm-dialog]")
    hr.move("cancel")
    expect(dialog).to_contain_text("取消后不能恢复")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    hr.move("cancel")
    dialog.locator("[data-confirm-yes]").click()
    expect(page.locator(".page-head .tag")).to_have_text("已取消")


def test_the_console_asks_first(open_as: Open, portal: Portal) -> None:
    """In the raw tables too a record goes only after a yes, alone or with others."""
    admin = open_as("admin")
    page = admin.go("/console/tables/restaurant_supervision__inspection/")
    for press in (_delete_row, _delete_chosen):
        key = portal.inspection()
        for answer, found in ((False, 1), (True, 0)):
            page.reload()
            page.once("dialog", lambda asked, yes=answer: asked.accept() if yes else asked.dismiss())
            press(page, key)
            expect(page.locator(f"input[name=rowid][value='{key}']")).to_have_count(found)
    assert admin.complaints == []


def _delete_row(page: Page, key: int) -> None:
    page.locator(f"tr:has(input[name=rowid][value='{key}']) form[data-console-confirm] button").click()


def _delete_chosen(page: Page, key: int) -> None:
    page.locator(f"input[name=rowid][value='{key}']").check()
    page.locator("a.dropdown-toggle[role=button]").last.click()
    page.locator("[data-console-action=delete]").click()


def test_english_and_back(open_as: Open) -> None:
    """The switch of languages turns the page that is open, and stays."""
    hr = open_as("hr")
    page = hr.go(f"/r/{INSPECTION}/add")
    save = page.locator(".form-actions [type=submit]")
    expect(save).to_have_text("保存")
    for code, word in (("en", "Save"), ("zh_Hans", "保存")):
        page.locator(".topbar [data-bs-toggle=dropdown]").first.click()
        page.locator(f".topbar a[href*='/lang/{code}']").click()
        expect(page).to_have_url(re.compile(f"/r/{INSPECTION}/add"))
        expect(save).to_have_text(word)
    assert hr.complaints == []


def test_dark_stays_dark(open_as: Open) -> None:
    """The button turns the portal dark; it is dark on the next page too, and can be turned back."""
    hr = open_as("hr")
    page = hr.go("/")
    root = page.locator("html")
    bright = _ground(page)
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.locator("[data-theme-toggle]").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    hr.go(f"/r/{INSPECTION}/list/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    assert _ground(page) < 60 < 200 < bright
    page.locator("[data-theme-toggle]").click()
    expect(root).to_have_attribute("data-bs-theme", "light")


def _ground(page: Page) -> int:
    """How bright the page's ground is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) // 3


def test_keyboard_alone(open_as: Open, portal: Portal) -> None:
    """Signing in, finding the form and creating an inspection take no pointer."""
    visit = open_as()
    page, keys = visit.go("/login/"), visit.page.keyboard
    expect(page.locator("[name=username]")).to_be_focused()
    keys.type("hr")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.locator("nav.sidebar")).to_be_attached()
    page.wait_for_load_state()
    keys.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")
    _tab_to(page, f"a[href$='/r/{INSPECTION}/add']")
    keys.press("Enter")
    expect(page.locator("[data-record-form]")).to_be_visible()
    page.wait_for_load_state()
    _tab_to(page, "[data-field=unit] [role=combobox]")
    keys.type("老街")
    expect(page.locator("[data-field=unit] [role=option]").filter(has_text="老街店")).to_be_visible()
    keys.press("ArrowDown")
    while "老街店" not in (page.locator("[role=option][aria-selected=true]").first.text_content() or ""):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("[data-field=unit] select")).to_have_value(str(portal.stage.unit("R05").id))
    _tab_to(page, ".form-actions [type=submit]")
    keys.press("Enter")
    assert visit.record() > 0


def _tab_to(page: Page, selector: str) -> None:
    """Press the tab key until the element has the focus, as somebody without a mouse does."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement?.matches(wanted) ?? false", selector):
            return
    pytest.fail(f"the tab key does not lead to {selector}")


def test_without_scripts(open_as: Open, portal: Portal) -> None:
    """A record is created and a checklist answered by plain forms."""
    hr = open_as("hr", **DESK, java_script_enabled=False)
    page = hr.go(f"/r/{INSPECTION}/add")
    page.fill("[name='unit.search']", "高新")
    page.click("button[value='find:unit']")
    page.select_option("[name=unit]", label="高新店")
    hr.save()
    key = hr.record()
    page = hr.go(f"/run/{INSPECTION}/{key}/checklist/{PERSONAL}")
    for item in page.locator("[data-item]").all():
        failed = item.get_attribute("data-item") == "scent"
        item.locator("label.run-fail" if failed else "label.run-pass").click()
    page.locator("[data-run-submit]").click()
    hr.record_page(INSPECTION, key, "results")
    expect(page.locator(".score-ring")).to_have_text(re.compile("^96"))


def test_a_lost_connection_loses_no_answer(open_as: Open, portal: Portal) -> None:
    """Submitting without a network keeps every answer on the device; they go out later."""
    key = portal.inspection(finder="inspector1")
    hr = open_as("inspector", **PHONE)
    page = hr.go(f"/run/{INSPECTION}/{key}/checklist/{PERSONAL}")
    hr.answer("bathing", "pass")
    expect(page.locator("[data-run-saved]")).to_contain_text(re.compile(r"\d\d?:\d\d"))
    hr.context.set_offline(True)
    for item in page.locator("[data-item]").evaluate_all("all => all.map(one => one.dataset.item)"):
        hr.answer(item, "pass")
    page.locator("[data-run-submit]").click()
    kept = page.locator("[data-run]").get_attribute("data-word-local")
    expect(page.locator("[data-run-saved]")).to_have_text(kept or "-")
    hr.context.set_offline(False)

    hr.context.route(re.compile(f"/{PERSONAL}$"), lambda route: route.abort())
    page.locator("[data-run-submit]").click()
    page.wait_for_url("chrome-error://**")
    hr.context.unroute_all()
    hr.go(f"/run/{INSPECTION}/{key}/checklist/{PERSONAL}")
    expect(page.locator("[data-item][data-done]")).to_have_count(page.locator("[data-item]").count())
    page.locator("[data-run-submit]").click()
    hr.record_page(INSPECTION, key, "results")
    expect(page.locator(".score-ring")).to_have_text(re.compile("^100"))
