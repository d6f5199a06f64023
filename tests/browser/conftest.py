"""Chromium, and the shipped portal before it. Both are started once for all browser tests of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.browser import DESK, PATIENCE, Visitor, launch, visitor
from tests.support.needs import MISSING, skip_or_fail
from tests.support.served import Portal, serve_portal

Open = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    if reason := MISSING["browser"]():
        skip_or_fail(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The shipped portal with the sample organisation; tests make the records that they need."""
    with serve_portal(tmp_path_factory.mktemp("browser") / "instance") as served:
        yield served


@pytest.fixture
def open_as(browser: Browser, portal: Portal) -> Iterator[Open]:
    """Opens a window, signed in as the account that is named (nobody when it is empty)."""
    with ExitStack() as windows:

        def opened(account: str = "", **options: Any) -> Visitor:
            found = windows.enter_context(visitor(browser, portal.address, **(options or DESK)))
            return found.sign_in(account) if account else found

        yield opened
