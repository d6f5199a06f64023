"""An office with duties, and the portal at work on them at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.access import SYSTEM
from app.actions import Context
from app.actions.run_duties import DutiesDone, run_duties
from app.source import untranslated
from app.storage import Database
from tests.support.clients import Site
from tests.support.offices import Office, office_from

ZONE = ZoneInfo("Asia/Shanghai")
BASE = """
    calendars:
      office: {hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}, closed: [2026-10-01..2026-10-08]}
    portal: {title: 试验, timezone: Asia/Shanghai, regimes: [r], calendar: office}
    roles:
      inspector:
        can: {unit: [read], r.check: [create, read, update, export], duty_run: [read], task: [read own]}
      unit_head:
        can:
          unit: [read]
          r.check: [create, read subtree, update subtree, export]
          r.log: [create, read, update]
          duty_run: [read subtree]
          task: [read]
          deadline: [read]
          audit_entry: [read]
"""
RECORDS = """
    workflows:
      check:
        start: planned
        states: {planned: {title: 待查}, done: {title: 已查, final: true}, dropped: {final: true}}
        transitions:
          finish: {title: 完成, from: planned, to: done, by: [role.inspector, unit.head]}
          drop: {title: 取消, from: planned, to: dropped, by: [role.inspector]}
    records:
      check:
        title: 检查
        number: "JC-{seq:03d}"
        label: "{number} {unit.title}"
        workflow: check
        fields:
          kind: {type: choice, title: 方式, options: {routine: 常规, surprise: 突击}, default: routine}
          unit: {type: unit, title: 单位, required: true}
          finder: {type: person, title: 检查人, default: me}
          on: {type: date, title: 日期, default: today}
          month: {type: month, title: 月份}
          note: {type: text, title: 说明}
          slot: {type: text, title: 位置, unique: true}
      log:
        title: 记录
        fields:
          unit: {type: unit, title: 单位, required: true}
          day: {type: date, title: 日期, required: true, default: today}
          text: {type: text, title: 内容, required: true}
"""


def duties_office(database: Database, tmp_path: Path, duties: str) -> Office:
    """The office of `tests.support.offices` with these duties (YAML below `duties:`) of the regime `r`."""
    return office_from(database, tmp_path, duty_files(duties))


def duty_files(duties: str) -> Mapping[str, str]:
    """The files of such an office."""
    lines = "\n".join(f"      {line}" for line in duties.strip().splitlines())
    return {
        "config/portal.yaml": BASE,
        "config/regimes/r/records.yaml": RECORDS,
        "config/regimes/r/duties.yaml": f"    duties:\n{lines}\n",
    }


def local(text: str) -> datetime:
    """`2026-10-09 08:00` on the portal's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def run(office: Office, at: str, seed: str = "s") -> DutiesDone:
    """Let the portal look after its duties at a moment of its own clock."""
    return run_duties(office.context(SYSTEM, local(at)), lambda: seed)


def rows(office: Office, record_type: str, *names: str) -> list[tuple[Any, ...]]:
    """The columns `names` of every record of a type, in the order in which they were made."""
    table = office.models.tables[record_type]
    with office.database.reading() as session:
        chosen = sa.select(*(table.c[name] for name in names)).order_by(table.c.id)
        return [tuple(row) for row in session.execute(chosen)]


def clock(value: datetime | None) -> str | None:
    """A moment as the portal's clock shows it."""
    return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if value is not None else None


def run_on_site(site: Site, at: datetime, seed: str = "s") -> DutiesDone:
    """The same for a portal in a browser."""
    here = site.app.extensions["portal"]
    context = Context(
        release=here.release,
        policy=here.policy,
        models=here.models,
        session=site.database.session(),
        actor=SYSTEM,
        now=at,
        translate=untranslated,
        instance=site.database.instance,
    )
    try:
        return run_duties(context, lambda: seed)
    finally:
        site.database.session.remove()
