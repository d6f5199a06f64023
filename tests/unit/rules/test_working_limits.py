"""Times to put right are counted in working days by the portal's calendar."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.rules import compile_checklist, read_answers, score
from app.source import parse_files, parse_text
from app.spec.decode import decode

CHECKLIST = """
title: 检查表
scoring: {method: deduct, full: 100}
sections:
  - id: s
    title: 一
    items: [{id: hair, title: 头发, points: 5, on_fail: {finding: true, rectify: 2 working days}}]
"""
CALENDARS = "calendars: {office: {hours: {mon-fri: [09:00-18:00]}, holidays: CN}}"


@pytest.mark.parametrize(
    ("portal", "rectify_by"),
    [
        ("portal: {title: 测试, regimes: [house], calendar: office}", "2026-10-10T00:00+08:00"),
        ("portal: {title: 测试, regimes: [house]}", None),
    ],
    ids=["with a calendar", "without"],
)
def test_a_finding_is_put_right_within_working_days(portal: str, rectify_by: str | None) -> None:
    """Two working days over the National Day; without a calendar the date is left open."""
    files = {
        "config/portal.yaml": portal,
        "config/calendars.yaml": CALENDARS,
        "config/regimes/house/regime.yaml": "regime: {title: 条例}",
        "checklists/house/list.yaml": CHECKLIST,
    }
    found, _ = decode(parse_files({path: text.encode() for path, text in files.items()}))
    assert found is not None
    compiled = compile_checklist(found, found.checklists["house.list"])
    answers, _ = read_answers(parse_text("hair: fail", "answers.yaml").files[0].raw)
    now = datetime(2026, 9, 30, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
    (finding,) = score(compiled, answers, {}, now).findings
    expected = datetime.fromisoformat(rectify_by) if rectify_by else None
    assert (finding.rectify_by, finding.rectify_open) == (expected, rectify_by is None)
