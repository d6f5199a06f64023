"""The whole line in a browser: an inspection on a phone, its findings, a fine with its reasons, the print."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.support.browser import PHONE, Visitor, photo
from tests.support.needs import skip_or_fail
from tests.support.served import FINDING, INSPECTION, Portal

pytestmark = pytest.mark.browser

FAILED = {"uniform": "领口有明显污渍", "nails": "指甲未修剪", "hands_before_work": "上岗前未洗手"}
"""Items that are failed, with the remark written to each; they cost 10, 8 and 12 points of 100."""


def test_inspection_to_fine_on_a_phone(open_as: Open, portal: Portal, tmp_path: Path) -> None:
    """A supervisor inspects with a phone, sees score and findings, fines one and prints the report."""
    hr = open_as("hr", **PHONE)
    inspection = _create_inspection(hr, portal)
    _run_checklist(hr, inspection)
    _see_the_result(hr, inspection)
    finding = _open_finding(hr, inspection)
    _charge(hr, finding)
    _print_report(hr, inspection, tmp_path)
    assert hr.complaints == []


def _create_inspection(hr: Visitor, portal: Portal) -> int:
    hr.go("/")
    hr.page.locator(f"a[href$='/r/{INSPECTION}/add']").first.click()
    expect(hr.page.locator("[name=found_at]")).to_have_value(re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d$"))
    hr.pick("unit", "滨江店")
    hr.pick("offender", portal.stage.person("R01-3").name)
    expect(hr.page.locator("[data-field=ground]")).to_be_hidden()
    hr.page.select_option("[name=kind]", "surprise")
    expect(hr.page.locator("[data-field=ground]")).to_be_visible()
    hr.page.select_option("[name=kind]", "routine")
    hr.save()
    return hr.record()


def _run_checklist(hr: Visitor, inspection: int) -> None:
    """Answer the list; the tab is closed in the middle and the answers are there again."""
    page = hr.go(f"/run/{INSPECTION}/{inspection}/checklist")
    page.locator("a[href*='personal_hygiene']").click()
    expect(hr.item("uniform")).to_be_visible()
    for item in ("morning_wash", "bathing"):
        hr.answer(item, "pass")
    hr.answer("uniform", "fail")
    expect(page.locator("[data-run-figure]")).to_have_text(re.compile("^90"))
    expect(hr.item("uniform").locator("[data-need]")).not_to_be_empty()
    hr.item("uniform").locator("textarea").fill(FAILED["uniform"])
    hr.item("uniform").locator("[type=file]").set_input_files(photo(120))
    expect(hr.item("uniform").locator("[name^=photo_id]")).to_be_attached()
    expect(hr.item("uniform").locator("[data-need]")).to_be_empty()
    address = page.url
    page.close()

    hr.page = page = hr.context.new_page()
    hr.watch()
    page.goto(address)
    expect(page.locator("#a-uniform-fail")).to_be_checked()
    expect(hr.item("uniform").locator("textarea")).to_have_value(FAILED["uniform"])
    expect(hr.item("uniform").locator(".thumb img")).to_have_count(1)
    for item, shade in (("nails", 60), ("hands_before_work", 200)):
        hr.answer(item, "fail")
        hr.item(item).locator("textarea").fill(FAILED[item])
        hr.item(item).locator("[type=file]").set_input_files(photo(shade))
        expect(hr.item(item).locator("[name^=photo_id]")).to_be_attached()
    for item in page.locator("[data-item]:not([data-done])").evaluate_all(
        "all => all.map(e => e.dataset.item)"
    ):
        hr.answer(item, "pass")
    expect(page.locator("[data-run-figure]")).to_have_text(re.compile("^70"))
    expect(page.locator("[data-run-grade]")).to_have_text("不合格")
    page.locator("[data-run-submit]").click()


def _see_the_result(hr: Visitor, inspection: int) -> None:
    """Score, grade, and each failed item with its remark, its photo and its finding."""
    page = hr.record_page(INSPECTION, inspection, "results")
    expect(page.locator(".score-ring")).to_have_text(re.compile("^70"))
    expect(page.get_by_text("不合格").first).to_be_visible()
    for remark in FAILED.values():
        row = page.locator("tr").filter(has_text=remark)
        expect(row.locator("img")).to_have_count(1)
    expect(page.locator(f"a[href*='/r/{FINDING}/show/']")).to_have_count(3)


def _open_finding(hr: Visitor, inspection: int) -> int:
    """The finding of the failed uniform carries its level, remark and photo."""
    page = hr.go(f"/r/{FINDING}/list/?sort=-number")
    row = page.locator("tbody tr").filter(has_text="制服当日更换")
    row.locator("td.main a").first.click()
    finding = hr.record()
    expect(page.get_by_text(FAILED["uniform"])).to_be_visible()
    expect(page.locator(".thumb img").first).to_be_visible()
    expect(page.locator(f"dd a[href$='/r/{INSPECTION}/show/{inspection}']")).to_be_visible()
    expect(page.get_by_text("轻微过失").first).to_be_visible()
    return finding


def _charge(hr: Visitor, finding: int) -> None:
    """Charge the finding; the penalty is proposed with its reasons, decided and handed over."""
    page = hr.page
    hr.move("charge")
    hr.save()
    expect(page).to_have_url(re.compile(f"/show/{finding}"))
    page.locator(".nav-tabs a[href*='tab=related']").click()
    page.locator("a[href*='/r/penalty/show/']").first.click()
    penalty = hr.record()
    expect(page.get_by_text("¥20.00").first).to_be_visible()

    page.locator(".nav-tabs a[href*='tab=reasons']").click()
    expect(page.locator(".amount")).to_have_text("¥20.00")
    places = page.locator(".reason-place").all_inner_texts()
    where = [place for place in places if re.fullmatch(r"config/regimes/.*/penalties\.yaml:\d+", place)]
    assert where, places
    lines = Path(where[0].rpartition(":")[0]).read_text(encoding="utf-8").splitlines()
    assert any("minor_fault" in lines[int(place.rpartition(":")[2]) - 1] for place in where)

    hr.go(f"/r/penalty/show/{penalty}")
    hr.move("decide")
    page.fill("[name=basis]", "现场检查，本人无异议。")
    hr.save()
    hr.move("notify")
    page.fill("[name=notified_at]", f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}")
    hr.save()
    expect(page).to_have_url(re.compile(f"/r/penalty/show/{penalty}"))
    expect(page.locator(".page-title .tag, .page-head .tag").first).to_have_text("已送达")


def _print_report(hr: Visitor, inspection: int, folder: Path) -> None:
    """The printed report is a PDF whose Chinese text can be found, in a font that it carries along."""
    page = hr.go(f"/r/{INSPECTION}/show/{inspection}")
    printed: list[bytes] = []

    def pass_on(route: Route) -> None:
        answer = route.fetch()
        printed.append(answer.body())
        route.fulfill(response=answer)

    hr.context.route("**/print/**", pass_on)
    with hr.context.expect_page() as opened:
        page.locator("form[action*='/print/'] button").first.click()
    expect(opened.value).to_have_url(re.compile("/print/"))
    path = folder / "report.pdf"
    path.write_bytes(printed[0])
    if not (shutil.which("pdftotext") and shutil.which("pdffonts")):
        skip_or_fail("no poppler-utils")
    text = _told("pdftotext", "-layout", str(path), "-")
    for words in ("个人卫生检查表", "制服当日更换", FAILED["uniform"], "滨江店"):
        assert words in text.replace("\n", ""), text
    assert "Content-Type" not in text
    fonts = [line.split() for line in _told("pdffonts", str(path)).splitlines()[2:]]
    chinese = [line for line in fonts if "Noto" in line[0]]
    assert chinese and all(line[-5] == "yes" for line in chinese), fonts


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_employee_sees_only_own_fine(open_as: Open, portal: Portal) -> None:
    """An employee finds the own fine in the list; another's is nowhere: page, API, list."""
    own = portal.penalties(portal.finding("R01-3"))[0]
    other = portal.penalties(portal.finding("R01-4"))[0]
    staff = open_as("staff")
    page = staff.go("/r/penalty/list/")
    expect(page.locator(f"a[href$='/r/penalty/show/{own}']")).to_have_count(1)
    expect(page.locator(f"a[href$='/r/penalty/show/{other}']")).to_have_count(0)
    expect(page.get_by_text(portal.stage.person("R01-4").name)).to_have_count(0)
    assert page.request.get(f"{portal.address}/r/penalty/show/{own}").status == 200
    for path in (f"/r/penalty/show/{other}", f"/r/penalty/edit/{other}", f"/api/v1/penalty/{other}"):
        assert page.request.get(portal.address + path).status in (403, 404), path
    rows = page.request.get(f"{portal.address}/api/v1/penalty/").json()
    assert other not in rows["ids"] and own in rows["ids"]


def test_unit_head_cannot_decide_a_serious_fault(open_as: Open, portal: Portal) -> None:
    """The head sees a serious case of the own restaurant but cannot decide it, not even by its address."""
    small = portal.penalties(portal.finding("R01-5", found_by="own_check"))[0]
    serious = portal.penalties(portal.finding("R01-6", "serious_fault", found_by="own_check"))[0]
    head = open_as("head")
    page = head.go(f"/r/penalty/show/{small}")
    expect(page.locator(f"[href*='/move/decide/{small}']")).to_have_count(1)
    head.go(f"/r/penalty/show/{serious}")
    expect(page.locator("dl.meta").first).to_be_visible()
    expect(page.locator("[href*='/move/decide/']")).to_have_count(0)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    sent = {"csrf_token": token, "amount_due": "1", "basis": "-", "_confirmed": "1"}
    page.request.post(f"{portal.address}/r/penalty/move/decide/{serious}", form=sent)
    head.go(f"/r/penalty/show/{serious}")
    expect(page.locator(".page-head .tag").first).to_have_text("待决定")
