"""Transitions in the database: state, asked fields, effects, and what stays undone when one fails."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions import InvalidRecord, create_record, save_record
from app.actions.advance_workflow import advance_workflow, open_moves
from app.storage import Database, RecordGone, StaleRecord, history_of
from app.workflow import TransitionRefused
from tests.support.offices import Office, office_from
from tests.support.portals import NOW

CONFIG = {
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              unit: [read]
              person: [read]
              r.slip: [create, read, update]
              r.finding: [create, read, update]
              penalty: [read, update, decide, withdraw]
          head: {title: 店长, can: {penalty: [read, update, decide]}}
          staff: {title: 员工, can: {r.slip: [read own], penalty: [read own]}, hide: {r.slip: [note]}}
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
            joint_liability: [{person: offender.superior, when: level == 'grave', reason: 失察}]
        messages:
          issued:
            subject: "{number} 已下达"
            text: "{addressee.name} 请于 {due} 前反馈"
            channels: [inbox, email]
        records:
          finding:
            title: 问题
            workflow: finding
            fields: {title: {type: text, title: 名称, required: true}, done: {type: boolean, title: 完成}}
          slip:
            title: 反馈单
            number: "S-{seq:03d}"
            workflow: slip
            fields:
              title: {type: text, title: 标题, required: true}
              finding: {type: link, to: finding, title: 问题}
              addressee: {type: person, title: 责任人, owner: true}
              level: {type: choice, title: 等级, options: level}
              due: {type: date, title: 期限}
              result: {type: long_text, title: 结果, max: 50, read_only: true}
              cost: {type: money, title: 费用}
              double: {type: formula, gives: money, title: 两倍, formula: cost * 2}
              note: {type: text, title: 内部}
              answered_at: {type: datetime, title: 反馈时间, read_only: true}
        workflows:
          finding:
            start: open
            states: {open: {title: 开}, closed: {title: 关, final: true, locked: true}}
            transitions: {close: {title: 关闭, from: open, to: closed, when: done, refuse: 还没完成}}
          slip:
            start: drafted
            states:
              drafted: {title: 草拟}
              issued: {title: 已下达}
              answered: {title: 已反馈}
              overdue: {title: 逾期}
              closed: {title: 已关闭, final: true, locked: true}
            transitions:
              issue:
                title: 下达
                from: drafted
                to: issued
                by: [role.hr]
                ask: [due]
                require: [due, addressee]
                do:
                  - {notify: [addressee, addressee.superior], message: issued}
                  - {task: {title: 反馈, to: [addressee], due: 3 days}}
                  - {print: r.slip_report}
              answer:
                title: 反馈
                from: issued
                to: answered
                by: [addressee, addressee.superior]
                ask: [result, cost, note]
                require: [result]
                do:
                  - {set: {answered_at: now}}
                  - {create: {record: finding, with: {title: result, done: true}}}
              expire:
                title: 判为逾期
                from: issued
                to: overdue
                by: [role.hr]
                do:
                  - {assess: {schedule: conduct, level: level, offender: addressee, joint: false}}
                  - {notify: [role.hr]}
              forgive: {title: 谅解, from: overdue, to: issued, by: [role.hr], do: [{revoke: conduct}]}
              close:
                title: 关闭
                from: answered
                to: closed
                by: [role.hr]
                not_by: [addressee]
                do: [{move: {record: finding, transition: close}}]
        """,
    "report_templates/r/slip_report.yaml": "title: 反馈单\nof: record\nrecord: slip\n",
}
SLIP = "r.slip"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation with slips, on both databases."""
    return office_from(database, tmp_path, CONFIG)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return office_from(sqlite_database, tmp_path, CONFIG)


def slip(office: Office, **values: Any) -> int:
    posted = {"title": "t", "addressee": office.people["cook"], "level": "minor", **values}
    return create_record(office.as_("hr", "hr"), SLIP, posted).id


def issued(office: Office, **values: Any) -> int:
    made = slip(office, **values)
    advance_workflow(office.as_("hr", "hr"), SLIP, made, "issue", {"due": "2026-03-09"})
    return made


def rows(office: Office, record_type: str) -> list[dict[str, Any]]:
    with office.database.reading() as session:
        table = office.models.tables[record_type]
        return [dict(row) for row in session.execute(table.select().order_by(table.c.id)).mappings()]


def outbox(office: Office) -> list[tuple[str, str]]:
    with office.database.reading() as session:
        table = office.models.system["outbox"]
        return [(row.kind, row.key) for row in session.execute(table.select().order_by(table.c.id))]


def test_transition_with_its_effects(office: Office) -> None:
    """State, asked field, messages, task and outbox rows are written in one go, with one audit entry."""
    made = slip(office)
    saved = advance_workflow(office.as_("hr", "hr"), SLIP, made, "issue", {"due": "2026-03-09"}, 1)
    stored = office.read(SLIP, made)
    assert (stored.values["state"], str(stored.values["due"]), saved.version) == ("issued", "2026-03-09", 2)
    messages = rows(office, "message")
    assert [row["person_id"] for row in messages] == [office.people["cook"], office.people["head"]]
    assert (messages[0]["subject"], messages[0]["text"]) == ("S-001 已下达", "厨师 请于 2026-03-09 前反馈")
    (task,) = rows(office, "task")
    assert (task["assignee_id"], task["state"], task["record_id"]) == (office.people["cook"], "open", made)
    assert task["due_at"] == datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert [kind for kind, _ in outbox(office)] == ["deliver", "deliver", "print"]
    with office.database.reading() as session:
        newest = history_of(session, office.models, SLIP, made)[0]
    assert (newest["action"], newest["detail"]) == ("transition", "下达")
    assert newest["before"] == {"due": None, "state": "drafted"}
    assert newest["after"] == {"due": "2026-03-09", "state": "issued"}


def test_asked_fields_take_values_and_others_do_not(local: Office) -> None:
    """What the transition asks for is written even where forms lock it; anything else that is sent is not,
    nor what a role hides; formulas follow, and what is set and created comes out of the new values."""
    made = issued(local)
    posted = {
        "result": "拖干净了",
        "cost": "1.50",
        "note": "secret",
        "title": "changed",
        "answered_at": "2020-01-01",
    }
    advance_workflow(local.as_("cook", "staff"), SLIP, made, "answer", posted)
    values = local.read(SLIP, made).values
    assert (values["state"], values["result"], values["title"]) == ("answered", "拖干净了", "t")
    assert (values["double"], values["answered_at"], values["note"]) == (Decimal("3.00"), NOW, None)
    (finding,) = rows(local, "r.finding")
    assert (finding["title"], finding["done"], finding["state"]) == ("拖干净了", True, "open")
    assert finding["created_by_id"] == local.people["cook"]


def test_limits_hold_for_asked_fields(local: Office) -> None:
    """A value beyond its limits and one that is missing are both refused, and nothing has happened."""
    made = issued(local)
    cook = local.as_("cook", "staff")
    with pytest.raises(InvalidRecord) as caught:
        advance_workflow(cook, SLIP, made, "answer", {"result": "x" * 51, "cost": "much"})
    assert caught.value.errors == {"result": ("at most 50 characters",), "cost": ("write a number",)}
    with pytest.raises(TransitionRefused) as refused:
        advance_workflow(cook, SLIP, made, "answer", {})
    assert refused.value.missing == ("result",)
    assert local.read(SLIP, made).values["state"] == "issued"


def test_who_may(local: Office) -> None:
    """Rights are asked of the stored record; who may not read it does not learn of it."""
    made = issued(local)
    with pytest.raises(RecordGone):
        advance_workflow(local.as_("other_cook", "staff"), SLIP, made, "answer", {"result": "r"})
    with pytest.raises(TransitionRefused, match="none of your roles"):
        advance_workflow(local.as_("hr", "hr"), SLIP, made, "answer", {"result": "r"})
    assert [option.name for option in open_moves(local.as_("hr", "hr"), SLIP, made)] == ["expire"]
    assert [option.name for option in open_moves(local.as_("cook", "staff"), SLIP, made)] == ["answer"]


def test_seen_version_counts(office: Office) -> None:
    """A transition of a record that was changed meanwhile is refused."""
    made = slip(office)
    with pytest.raises(StaleRecord):
        advance_workflow(office.as_("hr", "hr"), SLIP, made, "issue", {"due": "2026-03-09"}, 7)
    assert rows(office, "message") == []


def test_linked_record_moves_along_or_nothing_does(local: Office) -> None:
    """The linked record's own guard counts: when it refuses, the transition and all it did are undone."""
    hr = local.as_("hr", "hr")
    finding = create_record(hr, "r.finding", {"title": "f"}).id
    made = issued(local, finding=finding)
    advance_workflow(local.as_("cook", "staff"), SLIP, made, "answer", {"result": "r"})
    with pytest.raises(TransitionRefused, match="还没完成"):
        advance_workflow(hr, SLIP, made, "close")
    assert local.read(SLIP, made).values["state"] == "answered"
    with local.database.writing() as session:
        table = local.models.tables["r.finding"]
        session.execute(table.update().where(table.c.id == finding).values(done=True))
    advance_workflow(hr, SLIP, made, "close")
    assert local.read(SLIP, made).values["state"] == "closed"
    assert local.read("r.finding", finding).values["state"] == "closed"


def test_assess_and_revoke(office: Office) -> None:
    """A fine is raised once for the offender, and withdrawn when the record is forgiven."""
    hr = office.as_("hr", "hr")
    made = issued(office, level="grave")
    advance_workflow(hr, SLIP, made, "expire")
    (fine,) = rows(office, "penalty")
    assert (fine["person_id"], fine["amount_due"], fine["state"]) == (
        office.people["cook"],
        Decimal("200.00"),
        "proposed",
    )
    assert (fine["record_type"], fine["record_id"], fine["level"]) == (SLIP, made, "grave")
    advance_workflow(hr, SLIP, made, "forgive")
    (fine,) = rows(office, "penalty")
    assert fine["state"] == "withdrawn"
    assert fine["withdrawn_reason"] == "S-001 谅解"


def test_penalty_is_decided_by_whom_the_schedule_names(local: Office) -> None:
    """The role's grant is not enough: the schedule says who decides; the decision says by whom and when."""
    hr = local.as_("hr", "hr")
    advance_workflow(hr, SLIP, issued(local), "expire")
    (fine,) = rows(local, "penalty")
    head = local.as_("head", "head")
    assert open_moves(head, "penalty", fine["id"]) == ()
    with pytest.raises(TransitionRefused):
        advance_workflow(head, "penalty", fine["id"], "decide", {"amount_due": "20"})
    with pytest.raises(InvalidRecord) as caught:
        advance_workflow(hr, "penalty", fine["id"], "decide", {"amount_due": "5"})
    assert list(caught.value.errors) == ["amount_due"]
    with pytest.raises(InvalidRecord):
        save_record(hr, "penalty", fine["id"], {"amount_due": "5"}, None)
    advance_workflow(hr, "penalty", fine["id"], "decide", {"basis": "条例 五"})
    (fine,) = rows(local, "penalty")
    assert (fine["state"], fine["amount_due"], fine["basis"]) == ("decided", Decimal("20.00"), "条例 五")
    assert (fine["decider_id"], fine["decided_at"]) == (local.people["hr"], NOW)


def test_no_workflow(local: Office) -> None:
    """A record type without a workflow has no transitions to offer or to make."""
    context = local.as_("boss", "administrator")
    unit = local.units["shop"]
    assert open_moves(context, "unit", unit) == ()
    with pytest.raises(TransitionRefused, match="have no workflow"):
        advance_workflow(context, "unit", unit, "close")
