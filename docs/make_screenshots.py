"""Take the pictures of the documentation: `python -m docs.make_screenshots` (needs Chromium and pdftoppm).

Everything is shown by a portal that is started for it: the shipped one with a part of its demo story, and the
small one that the README's first block of YAML makes.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from app.demo.pictures import draw_picture
from app.demo.stage import Stage, set_stage
from app.demo.story import play
from app.storage.account_rows import create_account
from tests.support.browser import DESK, PATIENCE, PHONE, Visitor, launch, visitor
from tests.support.served import INSPECTION, PERSONAL, ROOT, Portal, serving

PICTURES = ROOT / "docs" / "screenshots"
AMOUNT = "restaurant_supervision.penalty_schedules.staff_conduct.levels.minor_fault.amount"
PENALTIES = "config/regimes/restaurant_supervision/penalties.yaml"
REPLACE = """([mark, old, now]) => {
  const session = window.ace.edit(document.querySelector("[data-ace]")).session;
  for (let row = 0; row < session.getLength(); row++) {
    const line = session.getLine(row), whole = {start: {row, column: 0}, end: {row, column: line.length}};
    if (line.includes(mark)) session.replace(whole, line.replaceAll(old, now));
  }
}"""
RAISED = {"1280": ("20", "30"), "390": ("30", "40")}
"""The amount before and after: the second visit finds the revision of the first one."""
VISITS = 150
COLOURS = 128
SIZES = {"1280": DESK, "390": {**PHONE, "device_scale_factor": 2}}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = launch(playwright, language="zh_CN")
        _shipped(browser, Path(folder) / "shipped")
        _small(browser, Path(folder) / "small")
        browser.close()


def keep(data: bytes, name: str) -> None:
    """Store a picture with few colours."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    path = PICTURES / f"{name}.png"
    few.save(path, optimize=True)
    print(path.relative_to(ROOT), path.stat().st_size // 1024, "KB")


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement?.blur()")
    keep(page.screenshot(animations="disabled"), name)


def _shipped(browser: Browser, instance: Path) -> None:
    """The screens of the shipped portal on a desk and on a phone, and a page of a print."""
    with serving(ROOT, instance) as (address, release, database):
        stage = set_stage(release, database, (datetime.now(UTC) - timedelta(days=182)).date())
        play(stage, VISITS, datetime.now(UTC), lambda done, total: print(f"{done}/{total}", end="\r"))
        failed = _failed(stage)
        serious = (stage.ids_of("penalty", origin="joint") or stage.ids_of("penalty"))[-1]
        for size, options in SIZES.items():
            with visitor(browser, address, **options) as one:
                one.sign_in("hr")
                take(one.page, f"home-{size}")
                take(one.go(f"/r/{INSPECTION}/list/"), f"list-{size}")
                take(one.go(f"/r/{INSPECTION}/show/{failed}?tab=results"), f"record-{size}")
                take(one.go(f"/r/penalty/show/{serious}?tab=reasons"), f"penalty-{size}")
                _form(one, size)
                _running(one, stage, Portal(address, stage), size)
                _clocks(one, stage, size)
                _studio(one, size)
                if size == "1280":
                    keep(_printed(one, f"/r/{INSPECTION}/show/{failed}", 1), "print")
                    keep(_printed(one, f"/r/penalty/show/{serious}", 2), "penalty-print")


def _failed(stage: Stage) -> int:
    """The newest inspection of personal hygiene that was not passed."""
    return stage.ids_of(INSPECTION, checklist_checklist=PERSONAL, checklist_passed=False)[-1]


def _form(one: Visitor, size: str) -> None:
    one.go(f"/r/{INSPECTION}/add")
    one.page.select_option("[name=kind]", "surprise")
    one.pick("unit", "朝阳路店")
    one.page.select_option("[name=trigger]", index=1)
    one.page.fill("[name=ground]", "顾客来电反映餐具有水渍，需到店核实。")
    one.page.evaluate("scrollTo(0, 0)")
    take(one.page, f"form-{size}")


def _running(one: Visitor, stage: Stage, portal: Portal, size: str) -> None:
    """A checklist half way: some passed, one failed with a remark and a photo."""
    key = portal.inspection("R03")
    page = one.go(f"/run/{INSPECTION}/{key}/checklist/{PERSONAL}")
    for item in ("morning_wash", "bathing", "hands_before_work", "hands_after_toilet"):
        page.locator(f"label[for='a-{item}-pass']").click()
    page.locator("label[for='a-nails-fail']").click()
    one.item("nails").locator("textarea").fill("两名厨师指甲过长，当场修剪。")
    drawn = draw_picture(stage.rnd, "大学城店 现场")
    picture = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": drawn}
    one.item("nails").locator("[type=file]").set_input_files(picture)
    page.wait_for_selector("[data-item=nails] [name^=photo_id]", state="attached", timeout=PATIENCE)
    page.wait_for_selector("[data-run-saved]:text-matches('[0-9]:[0-9]')", timeout=PATIENCE)
    page.locator("[data-item=nails]").evaluate("item => scrollTo(0, item.offsetTop - 190)")
    take(page, f"running-{size}")


def _clocks(one: Visitor, stage: Stage, size: str) -> None:
    """What is due, how one time limit came about, and what became of the recurring duties."""
    take(one.go("/r/deadline/list/?f.open=yes&f.due_at.from=2000-01-01"), f"clocks-{size}")
    running = stage.ids_of("deadline", open=True, status="running", record_type="penalty")
    shown = (running or stage.ids_of("deadline", open=True))[-1]
    take(one.go(f"/r/deadline/show/{shown}"), f"clock-{size}")
    take(one.go("/coverage/"), f"coverage-{size}")


def _studio(one: Visitor, size: str) -> None:
    """A fine is raised in the table of amounts; what the plan says, and what last quarter would have cost."""
    page = one.go("/studio/")
    page.locator("button[name=table][value=amounts]").click()
    page.wait_for_selector(".tuning-table")
    revision = re.findall(r"/studio/(\d+)/", page.url)[0]
    before, after = RAISED[size]
    page.fill(f"[name='v:{AMOUNT}']", after)
    page.locator(f"[name='v:{AMOUNT}']").evaluate("field => scrollTo(0, field.offsetTop - 200)")
    take(page, f"tuning-{size}")
    page.locator(".tuning-foot [type=submit]").click()
    page.wait_for_load_state("networkidle")
    page = one.go(f"/studio/{revision}/edit?path={PENALTIES}&line=83")
    page.wait_for_selector("form[data-editor][data-ready]", state="attached")
    page.wait_for_selector("[data-faults-list] .is-fault", state="attached")
    take(page, f"editor-{size}")
    page.evaluate(REPLACE, ["{level: minor_fault,", f"amount: {before}}}", f"amount: {after}}}"])
    page.locator(".studio-status [type=submit]").click()
    page.wait_for_selector("[data-status]:text-matches('保存|Saved')")
    take(one.go(f"/studio/{revision}/"), f"plan-{size}")
    page = one.go(f"/studio/{revision}/replay")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_selector(".studio-sum", timeout=10 * PATIENCE)
    take(page, f"replay-{size}")


def _printed(one: Visitor, address: str, number: int) -> bytes:
    """A page of a record's first print, as a picture."""
    page = one.go(address)
    action = page.locator("form[action*='/print/']").first.get_attribute("action")
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = page.request.post(f"{one.address}{action}", form={"csrf_token": token or ""})
    command = ["pdftoppm", "-r", "90", "-png", "-f", f"{number}", "-l", f"{number}", "-"]
    return subprocess.run(command, input=answer.body(), check=True, capture_output=True).stdout


def _small(browser: Browser, folder: Path) -> None:
    """The portal of the README's first YAML block, with a page filled in."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    if block is None:
        raise SystemExit("README.md has no block of YAML")
    root = folder / "root"
    (root / "config").mkdir(parents=True)
    (root / "config" / "portal.yaml").write_text(block[1], encoding="utf-8")
    subprocess.run([sys.executable, "run.py", "--root", str(root), "check"], check=True, cwd=ROOT)
    with serving(root, folder / "instance") as (address, release, database):
        stage = set_stage(release, database, (datetime.now(UTC) - timedelta(days=9)).date(), people=False)
        at = datetime.now(UTC)
        for title in ("人民路店", "滨河店"):
            stage.make(None, at, "unit", {"title": title})
        with database.writing() as session:
            create_account(session, stage.models, "admin", "ducha-demo", "林晓", ["administrator"])
        with visitor(browser, address, viewport={"width": 1120, "height": 900}) as one:
            one.sign_in("admin")
            _fill_small(one)
            take(one.page, "readme-example")


def _fill_small(one: Visitor) -> None:
    one.go("/r/visit/add")
    one.pick("shop", "滨河店")
    one.page.locator("label[for='cleanliness-2']").click()
    one.page.fill("[name=problems]", "备餐台有水渍，抹布未分色。")
    one.page.locator("[data-line-add]").click()
    one.page.locator("[data-line] input[type=text]").first.fill("班前检查备餐台并签字")
    one.page.locator("[data-line] input[type=date]").first.fill("2026-12-01")
    one.page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    main()
