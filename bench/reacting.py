"""A checklist of 1,000 items, 200 of them asked on a condition: how fast the page reacts to an answer.

python -m bench.reacting        (needs Chromium: playwright install chromium)
"""

from __future__ import annotations

import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from app.access import SYSTEM, compile_policy
from app.actions import Context, create_record
from app.source import untranslated
from app.storage import build_models
from app.storage.account_rows import create_account
from bench.results import table, write_section
from tests.support.browser import launch, visitor
from tests.support.served import serving

ITEMS, CONDITIONS, ANSWERS = 1_000, 200, 300
PASSWORD = "bench-password"
PORTAL = """
portal: {title: Bench, languages: [en], timezone: UTC, regimes: [made]}
"""
RECORDS = """
regime: {title: Made}
records:
  visit:
    fields:
      kind: {type: choice, options: {routine: Routine, surprise: Surprise}}
      list: {type: checklist, options: [long]}
"""
MEASURE = """
async (ids) => {
  const form = document.querySelector("[data-run-key]");
  const spent = [], painted = [];
  for (const [index, id] of ids.entries()) {
    const choices = form.querySelectorAll(`[name="answer.${id}"]`);
    const field = choices.length > 1 ? choices[index % 3 ? 0 : 1] : choices[0];
    if (field.type === "radio") field.checked = true;
    else field.value = String(index % 20);
    const begun = performance.now();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const handled = performance.now();
    form.getBoundingClientRect();
    spent.push(handled - begun);
    painted.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 0));
  }
  return [spent, painted];
}
"""


def made_checklist(root: Path) -> None:
    """Every fifth item hangs on the answer to the one before it; every tenth of these on the score, too."""
    texts = ["title: Long", "of: visit", "scoring: {method: deduct, full: 100, pass: 60}", "sections:"]
    for number in range(ITEMS):
        if number % 20 == 0:
            texts += [f"  - id: s{number}", f"    title: Section {number}", "    items:"]
        asked = f"answer('i{number - 1}') == 'fail' and kind != 'surprise'"
        if number % 50 == 4:
            asked = f"answer('i{number - 1}') == 'fail' or score() < 90"
        when = f', when: "{asked}"' if number % (ITEMS // CONDITIONS) == 4 else ""
        kind = ', answer: number, limit: "0..8"' if number % 5 == 1 else ""
        texts.append(
            f"      - {{id: i{number}, title: What is looked at here {number}, points: 1{kind}{when}}}"
        )
    for path, text in {
        "config/portal.yaml": PORTAL,
        "config/regimes/made/records.yaml": RECORDS,
        "checklists/made/long.yaml": "\n".join(texts) + "\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def measure(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds in the handler, and with the layout after it, for each answer."""
    made_checklist(folder / "root")
    with serving(folder / "root", folder / "instance") as (address, release, database):
        models = build_models(release)
        with database.writing() as session:
            create_account(session, models, "bench", PASSWORD, "Bench", ["administrator"])
        now = datetime.now(UTC)
        policy = compile_policy(release)
        with database.session() as session:
            context = Context(release, policy, models, session, SYSTEM, now, untranslated, database.instance)
            visit = create_record(context, "made.visit", {"kind": "routine"}).id
        with sync_playwright() as playwright:
            browser = launch(playwright)
            with visitor(browser, address, viewport={"width": 390, "height": 844}) as window:
                page = window.sign_in("bench", PASSWORD).go(f"/run/made.visit/{visit}/list/made.long")
                ids = [f"i{number}" for number in range(0, ITEMS, ITEMS // ANSWERS)]
                found: Any = page.evaluate(MEASURE, ids)
                if window.complaints:
                    raise SystemExit("\n".join(window.complaints))
            browser.close()
    return found[0], found[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        handled, shown = measure(Path(folder))

    def row(title: str, times: list[float]) -> tuple[str, ...]:
        p95 = sorted(times)[int(len(times) * 0.95)]
        figures = (statistics.median(times), p95, max(times))
        return (title, *(f"{one:.1f} ms" for one in figures), "50 ms")

    rows = [row("the answer is worked in", handled), row("and the page laid out", shown)]
    notes = (
        f"{ITEMS:,} items, {CONDITIONS} of them asked on a condition over other answers, 20 of these on "
        f"the score; {len(handled)} answers one after the other in Chromium at 390 x 844. Each works out "
        "what is asked, the score and what is missing, and keeps the answers on the device."
    )
    body = table(("until", "median", "95 %", "longest", "goal"), rows) + "\n\n" + notes
    write_section("A long checklist reacts", "python -m bench.reacting", body)
    print(body)


if __name__ == "__main__":
    main()
