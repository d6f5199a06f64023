"""An administrator raises a fine, a second person approves and applies it, it is live, and is rolled back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Visitor

pytestmark = pytest.mark.browser
Open = Callable[..., Visitor]
SCHEDULE = "restaurant_supervision.penalty_schedules.service_defect"
AMOUNT = f"{SCHEDULE}.levels.serious_quality_accident.amount"
REPLACE = """([old, now]) => {
  const editor = window.ace.edit(document.querySelector("[data-ace]"));
  editor.replaceAll(now, {needle: old});
}"""


def test_a_fine_is_raised_approved_seen_and_taken_back(open_as: Open) -> None:
    """The whole way through the studio, by two people."""
    author, second = open_as("hr"), open_as("hrm")
    author.go("/studio/")
    author.page.locator("button[name=table][value=amounts]").click()
    author.page.fill(f"[name='v:{AMOUNT}']", "350")
    author.page.locator(".tuning-foot [type=submit]").click()
    expect(author.page.locator(".studio-faults .is-fault")).to_have_count(1)
    revision = int(re.findall(r"/studio/(\d+)/", author.page.url)[0])
    author.page.locator(".studio-faults .is-fault a").click()
    expect(author.page.locator("form[data-editor][data-ready]")).to_be_attached()
    author.page.evaluate(REPLACE, ["{to: offender, amount: 300}", "{to: offender, amount: 350}"])
    author.page.locator(".studio-status [type=submit]").click()
    expect(author.page.locator("[data-status]")).to_have_text(re.compile("Saved|已保存"))
    author.go(f"/studio/{revision}/")
    expect(author.page.locator("#plan ins").first).to_have_text("350")
    author.page.locator("a[href*='/move/submit/']").click()
    author.page.fill("[name=reason]", "屡禁不止")
    author.save()
    expect(author.page).to_have_url(re.compile(rf"/studio/{revision}/"))
    expect(author.page.locator("[href*='/move/approve/'], form[action*='/move/approve/']")).to_have_count(0)
    second.go(f"/studio/{revision}/")
    second.move("approve")
    second.save()
    second.page.locator("form[action*='/move/apply/'] button").click()
    second.page.locator("[data-confirm-yes]").click()
    expect(second.page.locator(".alert-success")).to_be_visible()
    second.go("/studio/releases/")
    expect(second.page.locator("tbody tr").first).to_contain_text("屡禁不止")
    second.page.locator("tbody tr").nth(1).locator("a[href$='/back']").click()
    expect(second.page.locator("ins").first).to_have_text("300")
    second.page.fill("[name=reason]", "先试一个月")
    second.page.locator(".form-actions [type=submit]").click()
    expect(second.page.locator("main table").last.locator("tbody tr").first).to_contain_text("先试一个月")


def test_the_editor_marks_faults_and_saves(open_as: Open) -> None:
    """A fault typed is marked in the margin and listed; Ctrl-S keeps the text."""
    visitor = open_as("hr")
    visitor.go("/studio/source?path=config/portal.yaml&line=3")
    expect(visitor.page.locator("tr.is-marked")).to_be_visible()
    visitor.page.locator("form[action$='/studio/new'] button").click()
    expect(visitor.page.locator("form[data-editor][data-ready]")).to_be_attached()
    visitor.page.locator(".ace_text-input").focus()
    visitor.page.keyboard.press("Control+End")
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.insert_text("\nnonsense: 1\n")
    expect(visitor.page.locator(".ace_gutter-cell.ace_error, .ace_error").first).to_be_visible()
    expect(visitor.page.locator("[data-faults-list] .is-fault").first).to_contain_text("nonsense")
    visitor.page.keyboard.press("Control+z")
    visitor.page.keyboard.insert_text("# 结尾\n")
    visitor.page.keyboard.press("Control+s")
    expect(visitor.page.locator("[data-status]")).not_to_be_empty()


def test_the_studio_fits_a_phone(open_as: Open) -> None:
    """No page runs over the edge of a small screen."""
    visitor = open_as("hr", **PHONE)
    visitor.go("/studio/")
    visitor.page.locator("button[name=table][value=times]").click()
    expect(visitor.page.locator(".tuning-table").first).to_be_visible()
    assert visitor.width() <= 390
    revision = re.findall(r"/studio/(\d+)/", visitor.page.url)[0]
    for page in (
        f"/studio/{revision}/",
        f"/studio/{revision}/edit?path=config/portal.yaml",
        "/studio/releases/",
    ):
        visitor.go(page)
        assert visitor.width() <= 390, page
