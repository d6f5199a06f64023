"""Somebody at a browser: signs in, fills in forms as people do, notes whatever the browser complains of."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, expect

from app.demo.stage import PASSWORD

PATIENCE = 40_000
"""Milliseconds that a page may take on a busy machine."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


def launch(playwright: Playwright, language: str = "") -> Browser:
    """Playwright's own Chromium, or the machine's where that is not installed. `language`: in which the
    browser's own parts, such as date fields, are written."""
    own = Path(playwright.chromium.executable_path)
    found = own if own.exists() else Path(shutil.which("chromium") or "chromium")
    spoken = {"env": {**os.environ, "LANGUAGE": language}, "args": [*FLAGS, f"--lang={language}"]}
    return playwright.chromium.launch(executable_path=found, **(spoken if language else {"args": FLAGS}))


@dataclass
class Visitor:
    """One browser window. `complaints`: what its console and its requests said went wrong."""

    address: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to note complaints."""
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {said.text}")

    def go(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, name: str, password: str = PASSWORD) -> Visitor:
        """Sign in by the form, as anybody does."""
        self.go("/login/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.page.click("form[action$='/login/'] [type=submit]")
        expect(self.page.locator("nav.sidebar")).to_be_attached()
        return self

    def pick(self, name: str, words: str) -> None:
        """Choose in a search box: type, then tap what is offered."""
        box = self.page.locator(f"[data-field='{name}'] .pick")
        box.get_by_role("combobox").click()
        box.get_by_role("combobox").fill(words)
        box.get_by_role("option").filter(has_text=words).first.click()
        expect(box.locator("select")).not_to_have_value("")

    def move(self, name: str) -> None:
        """Press the button of a transition on a record's page."""
        self.page.locator(f"a[href*='/move/{name}/'], form[action*='/move/{name}/'] button").click()

    def save(self) -> None:
        """Send the form of a record."""
        self.page.locator(".form-actions [type=submit]").click()

    def record(self) -> int:
        """The key of the record whose page is open."""
        expect(self.page.locator("dl.meta").first).to_be_visible()
        return int(self.page.url.partition("/show/")[2].partition("?")[0])

    def record_page(self, record_type: str, key: int, tab: str = "") -> Page:
        """Wait for a record's page after something was sent, and open one of its tabs."""
        expect(self.page).to_have_url(re.compile(f"/r/{record_type}/show/{key}"))
        return self.go(f"/r/{record_type}/show/{key}" + (f"?tab={tab}" if tab else ""))

    def item(self, name: str) -> Locator:
        """One item of a running checklist."""
        return self.page.locator(f"[data-item='{name}']")

    def answer(self, name: str, value: str) -> None:
        """Tap an answer of a running checklist."""
        self.page.locator(f"label[for='a-{name}-{value}']").tap()

    def width(self) -> int:
        """How wide the open page is, in pixels, with what runs over its edge."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


@contextmanager
def visitor(browser: Browser, address: str, **options: Any) -> Iterator[Visitor]:
    """A window of its own, with cookies of its own, closed at the end."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(PATIENCE)
    found = Visitor(address, context, context.new_page())
    found.watch()
    try:
        yield found
    finally:
        context.close()


def photo(shade: int = 120) -> dict[str, Any]:
    """A small JPEG as a file chooser hands it over."""
    data = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 60)).save(data, "JPEG")
    return {"name": f"photo-{shade}.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}
