"""An administrator raises a fine, a second person approves and applies it, it is live, and is rolled back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.actions.context import transaction
from app.actions.penalties import PenaltyRequest, raise_penalties
from tests.support.browser import PHONE, Visitor
from tests.support.served import FINDING, Portal

pytestmark = pytest.mark.browser
Open = Callable[..., Visitor]
SCHEDULE = "restaurant_supervision.penalty_schedules.service_defect"
SHORT = "restaurant_supervision.service_defect"
LEVEL = "serious_quality_accident"
FINES = 37
AMOUNT = f"{SCHEDULE}.levels.serious_quality_accident.amount"
REPLACE = """([old, now]) => {
  const editor = window.ace.edit(document.querySelector("[data-ace]"));
  editor.replaceAll(now, {needle: old});
}"""


def fined(portal: Portal, count: int) -> int:
    """So many serious quality accidents are fined by the schedule in service; the last fine's key."""
    facts = {"spotted_in_time": False, "economic_loss": True, "image_loss": False}
    made: tuple[int, ...] = ()
    for number in range(count):
        offender = f"R0{1 + number % 3}-3"
        finding = portal.finding(offender, LEVEL, **{"class": "defect", **facts})
        context, person = portal.stage.context(None, portal.now()), portal.stage.person(offender).id
        asked = PenaltyRequest(
            SHORT, FINDING, finding, "serious_quality_accident", person, facts, joint=False
        )
        with transaction(context):
            made = raise_penalties(context, asked)
    return made[0]


def rising(visitor: Visitor, revision: int) -> int:
    """How many fines of the last quarter would rise, as the replay says."""
    visitor.go(f"/studio/{revision}/replay")
    visitor.page.locator("main form [type=submit]").click()
    expect(visitor.page.locator(".tiles")).to_be_visible(timeout=60_000)
    return int(visitor.page.locator(".tile-figure").nth(1).inner_text())


def test_a_fine_is_raised_approved_seen_and_taken_back(open_as: Open, portal: Portal) -> None:
    """The whole way through the studio, by two people: raised, its effect on last quarter's fines seen,
    approved, live in the next case and in its reasons, rolled back."""
    last = fined(portal, FINES)
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
    assert rising(author, revision) == FINES
    expect(author.page.locator("details.studio-file")).to_have_count(10)
    author.page.locator("details.studio-file summary").first.click()
    expect(author.page.locator("details.studio-file[open] .studio-pair .reason-text").first).to_be_visible()
    author.go(f"/studio/{revision}/")
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
    case = f"schedule={SHORT}&level={LEVEL}&spotted_in_time=false&economic_loss=true"
    author.page.locator("nav.sidebar a[href='/studio/']").wait_for(state="attached")
    author.go("/studio/")
    author.page.fill("[name=title]", "只试一试")
    author.page.locator("[name=title] ~ button, form:has([name=title]) [type=submit]").first.click()
    trial = re.findall(r"/studio/(\d+)/", author.page.url)[0]
    in_service = author.page.locator(".studio-pair .portal-card").nth(1)
    for _ in range(20):
        author.go(f"/studio/{trial}/try?{case}&image_loss=false")
        if "350.00" in in_service.inner_text():
            break
        author.page.wait_for_timeout(250)
    expect(in_service).to_contain_text("350.00")
    author.go(f"/r/penalty/show/{last}?tab=reasons")
    expect(author.page.locator("a.reason-place").first).to_have_attribute("href", re.compile("release=1"))
    author.page.locator("a.reason-place").first.click()
    expect(author.page.locator("tr.is-marked")).to_contain_text("300")
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
    visitor.go("/studio/source?path=config/portal.yaml&line=3&read=1")
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


def test_a_checklist_is_tried_with_its_live_score(open_as: Open) -> None:
    """The score moves with every answer, conditions show and hide items, and the server says the same."""
    visitor = open_as("hr")
    page = visitor.page
    visitor.go("/studio/")
    page.locator("button[name=table][value=points]").click()
    revision = re.findall(r"/studio/(\d+)/", page.url)[0]
    visitor.go(f"/studio/{revision}/try/checklist?name=restaurant_supervision.personal_hygiene")
    items = page.locator("fieldset[data-item]:not([hidden])")
    for index in range(items.count()):
        items.nth(index).locator("label.run-pass").click()
    expect(page.locator("[data-run-figure]")).to_have_text("100.0")
    items.first.locator("label.run-fail").click()
    expect(page.locator("[data-run-figure]")).not_to_have_text("100.0")
    live = page.locator("[data-run-figure]").inner_text()
    page.locator("[data-run-submit]").click()
    expect(page.locator(".studio-pair .try-score strong").first).to_have_text(live.removesuffix(".0"))
    expect(page.locator(".studio-pair .try-finding").first).to_be_visible()
    assert not visitor.complaints


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
        f"/studio/{revision}/try?schedule={SHORT}&level=blemish",
        f"/studio/{revision}/try/checklist?name=restaurant_supervision.personal_hygiene",
        f"/studio/{revision}/try/level?name=restaurant_supervision.slip_fill",
        f"/studio/{revision}/try/record?name=restaurant_supervision.finding",
        f"/studio/{revision}/try/examples?name={SHORT}",
        f"/studio/{revision}/replay",
        "/studio/releases/",
    ):
        visitor.go(page)
        assert visitor.width() <= 390, page
