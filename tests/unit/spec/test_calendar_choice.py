"""A unit chooses its calendar among those that are declared."""

from __future__ import annotations

from app.checks import run_checks
from app.source import parse_files
from app.spec.decode import decode
from app.spec.portal import Portal

BASE = {
    "config/portal.yaml": "portal: {title: 测试, regimes: [house]}",
    "config/regimes/house/regime.yaml": "regime: {title: 条例}",
}


def _portal(files: dict[str, str]) -> Portal:
    texts = BASE | files
    portal, found = decode(parse_files({path: text.encode() for path, text in texts.items()}))
    assert portal is not None and not [one for one in found if one.severity == "error"]
    return portal


def test_the_built_in_list_offers_every_calendar() -> None:
    """By its full name and title; those of regulations too."""
    shared = {"config/calendars.yaml": "calendars: {office: {title: 办公, hours: {mon: 09:00-12:00}}}"}
    own = {"config/regimes/house/calendars.yaml": "calendars: {shop: {always: true}}"}
    options = _portal(shared | own).choices["calendar"].options
    assert {name: one.title for name, one in options.items()} == {"office": "办公", "house.shop": "shop"}


def test_without_calendars_it_is_empty() -> None:
    """And that is no fault of the portal."""
    portal = _portal({})
    assert portal.choices["calendar"].options == {}
    assert [one for one in run_checks(portal) if one.code == "FLD002"] == []
