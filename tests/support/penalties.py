"""A small portal with two tariffs that exclude each other, for the tests of penalties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.actions.context import Context, transaction
from app.actions.penalties import PenaltyRequest, raise_penalties
from app.storage import Database, Record, insert_record, update_record
from app.storage.penalties import PenaltyRow, penalties_raised, penalty_row
from tests.support.offices import Office, office_from
from tests.support.portals import stamp

CONDUCT, DEFECT, POINTS, REPEATED = "r.conduct", "r.defect", "r.points", "r.repeated"
CASE = "r.case"
FOUND = datetime(2026, 2, 10, 2, tzinfo=UTC)
"""When the fault of a case happened, three weeks before `NOW`."""

CONFIG = {
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can: {penalty: [read, update, decide, notify, pay, withdraw], r.case: [create, read, update]}
          chief: {title: 门店, can: {penalty: [read, update, decide, notify, withdraw], r.case: [read]}}
          staff: {title: 员工, can: {penalty: [read own]}}
          shy: {title: 前台, can: {penalty: [read]}, hide: {penalty: [base_amount]}}
        """,
    "config/regimes/r/records.yaml": """
        choices:
          found_by: {options: {own_check: 自查, hr_patrol: 巡查}}
          rank:
            ordered: true
            options: {minor: 轻微, spot: 瑕疵, fault: 过失, accident: 事故, serious: 严重, major: 重大}
        workflows:
          case:
            start: open
            states: {open: {title: 开}, charged: {title: 已处罚, final: true}}
            transitions:
              charge:
                from: open
                to: charged
                by: [role.hr]
                do: [{assess: {schedule: conduct, level: level, offender: offender}}]
        records:
          case:
            title: 问题
            label: "{title}"
            workflow: case
            fields:
              title: {type: text, title: 标题}
              found_at: {type: datetime, title: 发现时间}
              found_by: {type: choice, title: 发现方式, options: found_by}
              spotted: {type: boolean, title: 及时}
              offender: {type: person, title: 责任人}
              unit: {type: unit, title: 单位}
              level: {type: choice, title: 等级, options: rank}
              item: {type: text, title: 检查项}
        """,
    "config/regimes/r/penalties.yaml": """
        penalty_schedules:
          conduct:
            title: 违纪
            kind: donation
            rank: rank
            facts:
              found_by: {type: choice, options: found_by, title: 发现方式, required: true}
              spotted: {type: boolean, title: 及时}
            levels:
              minor: {amount: 20}
              fault: {amount: 50}
              serious: {amount: 200}
              major: {amount: ~, min: 100, max: 5000, sanctions: [dismissal]}
            sanctions: {dismissal: 提请解除}
            decided_by:
              - {when: found_by == 'own_check' and level <= 'fault', who: unit.head}
              - {who: role.hr}
            joint_liability:
              - {person: offender.superior, share: 50 %, when: level >= 'serious', reason: 失察}
              - {person: unit.head, share: 10 %, when: level >= 'major'}
            not_with: [defect]
          defect:
            title: 缺陷
            kind: donation
            rank: rank
            facts: {spotted: {type: boolean, title: 及时}}
            levels: {spot: {amount: 20}, accident: {amount: 100}, serious: {amount: 300}, major: {amount: ~}}
            exempt: [{when: spotted, instead: training}]
            sanctions: {training: 培训}
            decided_by: [{when: level >= 'major', who: role.hr}]
            bounds: {step: 10}
          points:
            title: 扣分
            kind: points
            rank: rank
            levels: {minor: {points: 2}, fault: {points: 5}}
            joint_liability: [{person: offender.superior, share: 50 %}]
          repeated:
            title: 累犯
            rank: rank
            levels: {minor: {amount: 20}, fault: {amount: 50}}
            repeat: {within: 6 months, same: [person, level], from: 3, raise: 1 level}
        """,
}


def penalty_office(database: Database, tmp_path: Path) -> Office:
    """The organisation of `tests.support.offices` with the tariffs."""
    return office_from(database, tmp_path, CONFIG)


def make_case(office: Office, **values: Any) -> int:
    """A case at `FOUND`, found by the shop itself, in which the cook is in breach."""
    found = {"title": "case", "found_at": FOUND, "found_by": "own_check", "offender": office.people["cook"]}
    with office.database.writing() as session:
        given = {**found, "state": "open", **values}
        return insert_record(session, office.models, CASE, given, stamp())


def set_case(office: Office, case: int, **values: Any) -> None:
    """Change a case behind the portal's back."""
    with office.database.writing() as session:
        update_record(session, office.models, CASE, case, values, stamp(), None)


def raise_in(
    context: Context, office: Office, case: int, schedule: str, level: str | None, **more: Any
) -> tuple[int, ...]:
    """Raise penalties for the cook (or `offender`) in a transaction of their own."""
    offender = office.people[more.pop("offender", "cook")]
    request = PenaltyRequest(schedule, CASE, case, level, offender, **more)
    with transaction(context):
        return raise_penalties(context, request)


def raised(office: Office, case: int, schedule: str, level: str | None, **more: Any) -> tuple[int, ...]:
    """The same as the HR office does it."""
    return raise_in(office.as_("hr", "hr"), office, case, schedule, level, **more)


def row(office: Office, penalty: int) -> PenaltyRow:
    """A penalty as it is stored."""
    with office.database.reading() as session:
        found = penalty_row(session, office.models, penalty)
    assert found is not None
    return found


def rows_of(office: Office, case: int) -> tuple[PenaltyRow, ...]:
    """Every penalty of a case."""
    with office.database.reading() as session:
        return penalties_raised(session, office.models, CASE, case)


def penalty(office: Office, ident: int) -> Record:
    """A penalty as a record."""
    return office.read("penalty", ident)


def post(office: Office, key: str, *postings: Mapping[str, Any]) -> None:
    """Give a person these postings."""
    with office.database.writing() as session:
        values = {"postings": tuple(postings)}
        update_record(session, office.models, "person", office.people[key], values, stamp(), None)
