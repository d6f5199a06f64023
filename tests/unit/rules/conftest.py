"""Portals written in a test's own YAML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent, indent

import pytest

from app.rules import CompiledChecklist, CompiledSchedule, compile_checklist, compile_schedule
from app.source import parse_files
from app.spec.decode import decode, load_portal
from app.spec.portal import Portal

PortalOf = Callable[..., Portal]
ScheduleOf = Callable[[str], CompiledSchedule]
ChecklistOf = Callable[[str], CompiledChecklist]

BASE = """
choices:
  fault_level:
    ordered: true
    options: {minor: 轻微, fault: 过失, serious: 严重, major: 重大}
  defect_level:
    ordered: true
    options: {blemish: 瑕疵, accident: 事故}
  both_levels:
    ordered: true
    options: {minor: 轻微, blemish: 瑕疵, fault: 过失, serious: 严重, accident: 事故, major: 重大}
  found_by: {options: {own_check: 自查, patrol: 巡查}}
records:
  inspection:
    fields:
      kind: {type: choice, title: 类别, options: {routine: 常规, surprise: 突击}}
      guests: {type: integer, title: 客人}
      agreed: {type: date, title: 约定日期}
      run: {type: checklist, title: 检查, finding: finding}
  finding:
    fields:
      urgent: {type: boolean, title: 紧急}
      note: {type: text, title: 说明}
"""


def build_portal(text: str = "", checklist: str = "") -> Portal:
    """A portal with one regime `house` that holds `text` (and a checklist `list`)."""
    files = {
        "config/portal.yaml": "portal: {title: 测试, timezone: Asia/Shanghai, regimes: [house]}",
        "config/regimes/house/regime.yaml": "regime: {title: 条例}",
        "config/regimes/house/base.yaml": BASE,
    }
    if text:
        files["config/regimes/house/rules.yaml"] = dedent(text)
    if checklist:
        files["checklists/house/list.yaml"] = dedent(checklist)
    portal, found = decode(parse_files({path: written.encode() for path, written in files.items()}))
    faults = [f"{one.span}: {one.message()}" for one in found if one.severity == "error"]
    assert portal is not None and not faults, "\n".join(faults)
    return portal


@pytest.fixture(scope="session")
def portal_of() -> PortalOf:
    """`portal_of(rules_yaml, checklist_yaml)`."""
    return build_portal


@pytest.fixture(scope="session")
def schedule_of() -> ScheduleOf:
    """`schedule_of(body)`: the schedule `tariff` with this body, compiled."""

    def build(body: str) -> CompiledSchedule:
        text = "penalty_schedules:\n  tariff:\n" + indent(dedent(body).strip("\n"), "    ")
        portal = build_portal(text)
        return compile_schedule(portal, portal.penalty_schedules["house.tariff"])

    return build


@pytest.fixture(scope="session")
def checklist_of() -> ChecklistOf:
    """`checklist_of(yaml)`: the checklist with this text, compiled."""

    def build(text: str) -> CompiledChecklist:
        portal = build_portal(checklist=text)
        return compile_checklist(portal, portal.checklists["house.list"])

    return build


@pytest.fixture(scope="session")
def noon() -> datetime:
    """Noon in Beijing on Tuesday, 10 March 2026."""
    return datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture(scope="session")
def repository() -> Portal:
    """The portal that the repository ships."""
    portal, _ = load_portal(Path(__file__).resolve().parents[3])
    assert portal is not None
    return portal
