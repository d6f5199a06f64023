"""Every kind of page, in both languages, on a phone and on a desk: nothing runs over, nothing complains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.support.browser import DESK, PHONE
from tests.support.served import FINDING, INSPECTION, PERSONAL, Portal

pytestmark = pytest.mark.browser

RECORDS: Mapping[str, str] = {
    "home": "/",
    "list": f"/r/{INSPECTION}/list/",
    "filtered list": f"/r/{INSPECTION}/list/?q=DC&f.kind=routine&sort=-found_at",
    "empty list": f"/r/{INSPECTION}/list/?q=nowhere",
    "record": f"/r/{INSPECTION}/show/{{inspection}}",
    "results": f"/r/{INSPECTION}/show/{{inspection}}?tab=results",
    "related": f"/r/{INSPECTION}/show/{{inspection}}?tab=related",
    "history": f"/r/{INSPECTION}/show/{{inspection}}?tab=history",
    "new record": f"/r/{INSPECTION}/add",
    "edited record": f"/r/{INSPECTION}/edit/{{inspection}}",
    "deletion": f"/r/{INSPECTION}/delete/{{planned}}",
    "choice of checklists": f"/run/{INSPECTION}/{{planned}}/checklist",
    "running checklist": f"/run/{INSPECTION}/{{planned}}/checklist/{PERSONAL}",
    "findings": f"/r/{FINDING}/list/",
    "finding": f"/r/{FINDING}/show/{{finding}}",
    "transition": f"/r/{FINDING}/move/charge/{{finding}}",
    "penalties": "/r/penalty/list/",
    "penalty": "/r/penalty/show/{penalty}",
    "people": "/r/person/list/",
    "tasks": "/r/task/list/",
    "profile": "/profile/",
    "password": "/profile/password",
}
"""Pages on which people read words, never the names that the configuration gives things."""
TECHNICAL: Mapping[str, str] = {
    "reasons": "/r/penalty/show/{penalty}?tab=reasons",
    "audit trail": "/r/audit_entry/list/",
    "console": "/console/",
    "raw table": "/console/tables/restaurant_supervision__inspection/",
    "files": "/console/files/",
    "releases": "/console/releases/",
    "accounts": "/accounts/",
    "new account": "/accounts/add",
    "roles": "/accounts/roles",
    "interface": "/swagger/v1",
}
SIZES: Mapping[str, dict[str, Any]] = {"phone": PHONE, "desk": DESK}
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


@pytest.fixture(scope="module")
def keys(portal: Portal) -> dict[str, int]:
    """Records to show: an answered inspection, a planned one, a finding, a penalty."""
    inspection, findings = portal.inspected({"uniform": "领口有污渍", "nails": "指甲过长"})
    penalties = portal.penalties(portal.finding("R01-3", "serious_fault"))
    return {
        "inspection": inspection,
        "planned": portal.inspection(),
        "finding": findings[0],
        "penalty": penalties[0],
    }


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_pages_fit_and_are_silent(open_as: Open, keys: dict[str, int], language: str, size: str) -> None:
    """No page is wider than the screen, writes to the console, or shows a bare name where words belong."""
    admin = open_as("admin", **SIZES[size])
    admin.go(f"/lang/{language}")
    wide, bare = [], []
    for name, path in {**RECORDS, **TECHNICAL}.items():
        page = admin.go(path.format(**keys))
        expect(page.locator("h1").first).to_be_attached()
        if admin.width() > SIZES[size]["viewport"]["width"]:
            wide.append(f"{name}: {admin.width()}")
        if name in RECORDS:
            bare += [f"{name}: {word}" for word in NAME.findall(page.locator("main").inner_text())]
    assert wide == []
    assert bare == []
    assert admin.complaints == []


def test_a_page_that_is_not_there(open_as: Open) -> None:
    """A wrong address is answered in the portal's look and in words, with a way back."""
    hr = open_as("hr", **PHONE)
    page = hr.go(f"/r/{INSPECTION}/show/987654")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main a[href='/'], main a.btn").first).to_be_visible()
    assert hr.width() <= 390
