"""A portal whose complaints run against time, and a hand on its clocks, for the tests of what runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.access import SYSTEM
from app.actions import Context, create_record, save_record
from app.actions.advance_workflow import advance_workflow
from app.actions.deliver_outbox import Post, do_item, note_failure, take_items
from app.actions.mail import Letter, MailSettings
from app.actions.run_timers import Checkpoint, pass_by, sweep
from app.source import PortalError
from app.storage import Database
from app.storage.deadlines import DeadlineRow, deadlines_of
from app.storage.system_tables import TABLES
from tests.support.offices import Office, office_from

CASE = "r.case"
MAIL = MailSettings("mail.example.org", 25, security="none", sender="ducha@example.org")
CONFIG: Mapping[str, str] = {
    "config/portal.yaml": """
        portal:
          {title: 平台, timezone: Asia/Shanghai, languages: [zh_Hans, en], regimes: [r], calendar: office}
        calendars:
          office: {hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}}
          early: {hours: {mon-fri: ["06:00-14:00"]}}
        """,
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              r.case: [create, read, update, delete, answer, hold, resume, close]
              r.shop: [create, read, update]
              deadline: [read]
              penalty: [read, update, decide, notify, pay, withdraw]
              unit: [read, update]
              person: [read]
          head:
            title: 店长
            can: {r.case: [read subtree, answer], deadline: [read], penalty: [read subtree]}
          staff: {title: 员工, can: {r.case: [read own], deadline: [read]}}
          stranger: {title: 外人, can: {deadline: [read], person: [read]}}
        """,
    "config/regimes/r/all.yaml": """
        choices:
          level: {ordered: true, options: {minor: 轻, grave: 重}}
        penalty_schedules:
          conduct:
            title: 违纪处罚
            kind: fine
            rank: level
            levels: {minor: 20, grave: 200}
            decided_by: [{who: role.hr}]
        messages:
          reminder: {subject: "{title} 请抓紧", text: "{handler.name}：请处理。", channels: [inbox, email]}
        records:
          shop: {title: 摊位, fields: {title: {type: text, title: 名}, vip: {type: boolean, title: 贵宾}}}
          case:
            title: 投诉
            label: "{title}"
            workflow: case
            fields:
              title: {type: text, title: 标题, required: true}
              unit: {type: unit, title: 单位}
              handler: {type: person, title: 处理人, owner: true}
              received_at: {type: datetime, title: 收到}
              answered_at: {type: datetime, title: 答复}
              serious: {type: boolean, title: 严重}
              shop: {type: link, to: shop, title: 摊位}
              escalated: {type: boolean, title: 已上报}
              count: {type: integer, title: 次数}
        workflows:
          case:
            start: open
            states:
              open: {title: 开}
              waiting: {title: 等客户}
              overdue: {title: 逾期}
              answered: {title: 已答复}
              closed: {title: 已关闭, final: true, locked: true}
            transitions:
              hold: {title: 等待, from: open, to: waiting}
              resume: {title: 继续, from: waiting, to: open}
              answer:
                {title: 答复, from: [open, waiting, overdue], to: answered, do: [{set: {answered_at: now}}]}
              expire: {title: 判为逾期, from: [open, waiting], to: overdue, at: missed(answer_in_time)}
              close: {title: 关闭, from: answered, to: closed}
        service_levels:
          answer_in_time:
            title: 答复时限
            of: case
            from: received_at
            to: answered_at
            pause: state == 'waiting'
            within:
              - {when: shop.vip, time: 2 hours}
              - {when: serious, time: 4 hours}
              - {time: 10 hours}
            warn: [80 %]
            escalate:
              - {at: 50 %, notify: [handler]}
              - at: missed
                notify: [handler.superior, role.hr]
                do:
                  - {set: {escalated: true, count: "coalesce(count, 0) + 1"}}
                  - {assess: {schedule: conduct, level: minor, offender: handler}}
                  - {task: {title: 立即答复, to: [handler]}}
                  - {notify: [handler], message: reminder}
              - {at: missed + 4 hours, notify: [role.hr]}
            extend_by: [role.hr]
          office_reply:
            title: 办公时限
            of: case
            when: serious
            from: received_at
            to: answered_at
            calendar: office
            within: [{time: 4 working hours}]
            escalate: [{at: missed, notify: [role.hr], office_hours: true}]
        """,
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 in Shanghai; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@dataclass
class Clockwork:
    """An office, and what lets time pass in it. `letters` are the mails that were sent."""

    office: Office
    kept: dict[object, object] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    mail: MailSettings | None = field(default_factory=lambda: MAIL)

    def system(self, now: datetime) -> Context:
        """What jobs are given."""
        return replace(self.office.context(SYSTEM, now), kept=self.kept)

    def as_(self, key: str, now: datetime, *roles: str) -> Context:
        return replace(self.office.as_(key, *roles, now=now), kept=self.kept)

    def make(self, now: datetime, record_type: str = CASE, **values: object) -> int:
        """A record that hr enters."""
        given = {"title": "C", "received_at": now, **values} if record_type == CASE else values
        return create_record(self.as_("hr", now, "hr"), record_type, given).id

    def change(self, now: datetime, ident: int, record_type: str = CASE, **values: object) -> None:
        save_record(self.as_("hr", now, "hr"), record_type, ident, values, None)

    def move(self, now: datetime, ident: int, event: str, record_type: str = CASE, **asked: object) -> None:
        advance_workflow(self.as_("hr", now, "hr"), record_type, ident, event, asked)

    def pass_time(self, now: datetime, checkpoint: Checkpoint = pass_by) -> list[str]:
        """What a worker does at `now`, once: the keys of the outbox rows that it worked on.
        What fails is noted."""
        while sweep(self.system(now), checkpoint=checkpoint):
            pass
        return self.work(now, checkpoint)

    def work(self, now: datetime, checkpoint: Checkpoint = pass_by) -> list[str]:
        """The outbox alone."""
        done = []
        while items := take_items(self.system(now)):
            checkpoint("claimed")
            for item in items:
                try:
                    do_item(self.system(now), item, self.post(checkpoint))
                except PortalError as error:
                    self.system(now).session.rollback()
                    note_failure(self.system(now), item, error)
                done.append(item.key)
        return done

    def post(self, checkpoint: Checkpoint = pass_by) -> Post:
        return Post(self.mail, lambda _settings, letter: self.letters.append(letter), checkpoint)

    def clock(self, ident: int, level: str = "answer_in_time", record_type: str = CASE) -> DeadlineRow:
        """The stored clock of a record."""
        with self.office.database.reading() as session:
            rows = deadlines_of(session, self.office.models, record_type, ident)
        return next(row for row in rows if row.service_level == f"r.{level}")

    def clocks(self, ident: int, record_type: str = CASE) -> dict[str, DeadlineRow]:
        with self.office.database.reading() as session:
            rows = deadlines_of(session, self.office.models, record_type, ident)
        return {row.service_level.partition(".")[2]: row for row in rows}

    def rows(self, record_type: str) -> list[Any]:
        """All rows of a record type, oldest first."""
        table = self.office.models.tables[record_type]
        with self.office.database.reading() as session:
            return list(session.execute(table.select().order_by(table.c.id)).all())

    def outbox(self) -> list[Any]:
        with self.office.database.reading() as session:
            return list(session.execute(TABLES["outbox"].select().order_by(TABLES["outbox"].c.id)).all())

    def told(self) -> list[tuple[int, str]]:
        """Who was told what: person and subject."""
        return [(row.person_id, row.subject) for row in self.rows("message")]


def clockwork(database: Database, tmp_path: Path, files: Mapping[str, str] = CONFIG) -> Clockwork:
    """The office above, with nobody in a role yet but hr."""
    return Clockwork(office_from(database, tmp_path, files))
