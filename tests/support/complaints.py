"""Complaints with clocks: a portal, levels compiled from a few lines, histories told in local time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from textwrap import dedent, indent
from zoneinfo import ZoneInfo

from app.rules.calendars import WorkingCalendar, compile_calendars
from app.rules.clock_history import Version
from app.rules.clock_targets import Extension
from app.rules.clocks import Clock, judge_clock
from app.rules.said_times import said_moment
from app.rules.service_levels import CompiledLevel, calendar_for, compile_service_level
from app.source import parse_files
from app.spec.decode import decode
from app.spec.portal import Portal

ZONE = "Asia/Shanghai"
PORTAL = """
portal: {title: 测试, timezone: Asia/Shanghai, calendar: office, regimes: [house]}
calendars:
  office: {title: 办公, hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}, holidays: CN}
  shop: {title: 门店, hours: {mon-sun: ["10:00-22:00"]}}
  always: {title: 不间断, always: true}
"""
RECORDS = """
records:
  complaint:
    title: 投诉
    workflow: complaint
    fields:
      category:
        {type: choice, title: 类别, options: {attitude: 态度, flood: 跑水, power_cut: 停电, other: 其他}}
      severity: {type: choice, title: 程度, options: {ordinary: 一般, serious: 严重}}
      urgent: {type: boolean, title: 紧急}
      received_at: {type: datetime, title: 受理时间}
      received_on: {type: date, title: 受理日期}
      resolved_at: {type: datetime, title: 解决时间}
      informed_at: {type: datetime, title: 告知时间}
      opens_at: {type: datetime, title: 开餐时间}
      agreed_date: {type: date, title: 约定日期}
      over_reason: {type: text, title: 超期理由}
      handler: {type: person, title: 处理人}
workflows:
  complaint:
    start: received
    states:
      received: {title: 已受理}
      taken: {title: 处理中}
      waiting: {title: 等待客户}
      resolved: {title: 已解决}
      closed: {title: 已关闭, final: true}
      rejected: {title: 不受理, final: true}
    transitions:
      take: {title: 接手, from: [received, waiting, resolved], to: taken}
      wait: {title: 等待, from: taken, to: waiting}
      resolve: {title: 解决, from: taken, to: resolved}
      close: {title: 关闭, from: resolved, to: closed}
      reject: {title: 不受理, from: [received, taken], to: rejected}
      reopen: {title: 重开, from: closed, to: taken}
"""
LEVEL_FILE = "config/regimes/house/levels.yaml"
_UNSET = "any: {of: complaint, from: received_at, to: resolved_at, within: [{time: ~}]}"


def portal_of(levels: str) -> Portal:
    """A portal with these lines below `service_levels:`."""
    files = {
        "config/portal.yaml": PORTAL,
        "config/regimes/house/regime.yaml": "regime: {title: 条例}",
        "config/regimes/house/records.yaml": RECORDS,
        LEVEL_FILE: "service_levels:\n" + indent(dedent(levels).strip("\n"), "  "),
    }
    portal, found = decode(parse_files({path: text.encode() for path, text in files.items()}))
    faults = [f"{one.span}: {one.message()}" for one in found if one.severity == "error"]
    assert portal is not None and not faults, "\n".join(faults)
    return portal


def level_of(body: str) -> CompiledLevel:
    """The level `answer` of complaints with this body, compiled."""
    portal = portal_of("answer:\n  title: 答复\n  of: complaint\n" + indent(dedent(body).strip("\n"), "  "))
    return compile_service_level(portal, portal.service_levels["house.answer"])


def calendars() -> Mapping[str, WorkingCalendar]:
    """The calendars of these portals."""
    return compile_calendars(portal_of(_UNSET))


def at(text: str) -> datetime:
    """A local time of the portal, aware."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def history(*changes: tuple[str, Mapping[str, object]], by: str = "王", why: str = "") -> tuple[Version, ...]:
    """The versions after each change; texts in fields that end in `_at` are local times."""
    values: dict[str, object] = {"state": "received"}
    versions = []
    for when, changed in changes:
        for name, value in changed.items():
            values[name] = at(value) if name.endswith("_at") and isinstance(value, str) else value
        versions.append(Version(at(when), by, why, dict(values)))
    return tuple(versions)


def judged(
    level: CompiledLevel, versions: tuple[Version, ...], now: str, extensions: tuple[Extension, ...] = ()
) -> Clock:
    """The clock at `now`, by the calendar that the level names."""
    calendar = calendars().get(calendar_for(level) or "")
    return judge_clock(level, versions, at(now), calendar, extensions)


def due(clock: Clock) -> str:
    """The due time in local words, `-` where nothing is due."""
    return said_moment(clock.due_at, ZONE, end=True) if clock.due_at else "-"
