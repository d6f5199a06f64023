"""A small portal whose decisions can be contested, for the tests of appeals and of the chain of penalties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from app.storage.penalty_chain import ChainEntry, chain_of
from tests.support.funds import FILES as FUND_FILES
from tests.support.offices import Office, office_from
from tests.support.penalties import make_case, penalty, raised, row
from tests.support.portals import NOW

APPEAL, DAY = "r.appeal", timedelta(days=1)
_PENALTIES = FUND_FILES["config/regimes/r/penalties.yaml"]
_RULES = """
            appeal:
              window: 3 days
              answer: 7 days
              steps:
                unit.head: [offender.superior.superior, role.hr]
                role.hr: [role.chief, role.gm]
                role.gm: []
"""
FILES: Mapping[str, str] = {
    **FUND_FILES,
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              penalty: [read, update, print, decide, notify, pay, pay_part, withdraw]
              r.case: [create, read, update]
              r.appeal: [read]
              fund_entry: [read]
          keeper: {title: 乐捐专人, can: {penalty: [read], fund_entry: [create, read]}}
          chief:
            title: 经理
            can: {penalty: [read, decide, notify, withdraw], r.case: [read], r.appeal: [read]}
          gm: {title: 总经理, can: {penalty: [read], r.appeal: [read]}}
          staff: {title: 员工, can: {penalty: [read own], r.appeal: [create, read own, update own]}}
          reader: {title: 读者, can: {penalty: [read], r.appeal: [create, read]}}
          shy: {title: 前台, can: {penalty: [read]}, hide: {penalty: [base_amount]}}
        """,
    "config/regimes/r/penalties.yaml": _PENALTIES.replace(
        "            not_with: [defect]\n", "            not_with: [defect]\n" + _RULES.lstrip("\n"), 1
    ),
    "config/regimes/r/appeals.yaml": """
        choices:
          result: {options: {keep: 维持, correct: 更正, withdraw: 撤销}}
        records:
          appeal:
            title: 申诉
            label: "申诉 {decision.number}"
            workflow: appeal
            fields:
              decision: {type: link, to: penalty, title: 处罚, required: true}
              appellant: {type: person, title: 申诉人, default: me, owner: true}
              result: {type: choice, title: 结果, options: result}
              level: {type: choice, title: 等级, options: rank}
              amount: {type: money, title: 金额}
              answer: {type: long_text, title: 答复}
        workflows:
          appeal:
            start: made
            states:
              made: {title: 已写}
              filed: {title: 已提交}
              answered: {title: 已答复, final: true}
              dropped: {title: 已放弃, final: true}
            transitions:
              file:
                from: made
                to: filed
                by: [appellant]
                do: [{appeal: {penalty: decision, result: open}}]
              drop:
                from: [made, filed]
                to: dropped
                by: [appellant]
                do: [{appeal: {penalty: decision, result: drop, reason: answer}}]
              answer:
                from: [made, filed]
                to: answered
                by: [role.hr, role.chief, role.gm, decision.person.superior.superior]
                ask: [result, level, amount, answer]
                require: [result]
                do:
                  - appeal: {penalty: decision, result: result, level: level, amount: amount, reason: answer}
        """,
}


def appeal_office(database: Database, tmp_path: Path, more: Mapping[str, str] | None = None) -> Office:
    """The organisation of `tests.support.offices` with tariffs, funds and appeals."""
    return office_from(database, tmp_path, {**FILES, **(more or {})})


def decided(
    office: Office, level: str = "fault", by: str = "hr", schedule: str = "r.conduct", **more: Any
) -> int:
    """A penalty of the cook's that was decided by HR (or by the head: `by="head"`) and notified at NOW."""
    found_by = "own_check" if by == "head" else "hr_patrol"
    case = more.pop("case", None) or make_case(office, found_by=found_by, **more)
    ident = raised(office, case, schedule, level)[0]
    who = office.as_("head", "chief") if by == "head" else office.as_("hr", "hr")
    asked = {} if penalty(office, ident).values["amount_due"] is not None else {"amount_due": Decimal(1000)}
    advance_workflow(who, "penalty", ident, "decide", {"basis": "依据", **asked})
    advance_workflow(who, "penalty", ident, "notify", {"notified_at": NOW})
    return ident


def filed(office: Office, penalty_id: int, who: str = "cook", at: datetime = NOW + DAY) -> int:
    """An appeal that was made and filed at that moment."""
    appeal = create_record(office.as_(who, "staff", now=at), APPEAL, {"decision": penalty_id}).id
    advance_workflow(office.as_(who, "staff", now=at), APPEAL, appeal, "file")
    return appeal


def answer(
    office: Office,
    appeal: int,
    result: str,
    who: str = "boss",
    role: str = "gm",
    at: datetime = NOW,
    **more: Any,
) -> None:
    """Answer an appeal."""
    posted = {"result": result, "answer": "查明", **more}
    advance_workflow(office.as_(who, role, now=at + 2 * DAY), APPEAL, appeal, "answer", posted)


def chain(office: Office, penalty_id: int) -> tuple[ChainEntry, ...]:
    """The chain of a penalty."""
    with office.database.reading() as session:
        return chain_of(session, office.models, penalty_id)


def kinds(office: Office, penalty_id: int) -> list[str]:
    """What happened to a penalty, in order."""
    return [one.kind for one in chain(office, penalty_id)]


def stands(office: Office, penalty_id: int) -> tuple[str, Decimal | None]:
    """State and amount of a penalty."""
    found = row(office, penalty_id)
    return found.state, found.amount_due
