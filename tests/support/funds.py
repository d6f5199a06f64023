"""A small portal whose tariffs pay into funds, for the tests of funds and of the reports about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.actions.context import Context
from app.storage import Database
from app.storage.fund import fund_sums
from tests.support.offices import Office, office_from
from tests.support.penalties import CASE, CONFIG, make_case, penalty, raised
from tests.support.portals import NOW

SHARED, OWN = "r.welfare", "r.defect"
"""The fund that `conduct` and `points` name, and the one of `defect` alone."""
TEA, TRIP = "员工茶歇", "公益活动"

_PENALTIES = CONFIG["config/regimes/r/penalties.yaml"]
FILES: Mapping[str, str] = {
    **CONFIG,
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can:
              penalty: [read, update, print, decide, notify, pay, pay_part, withdraw]
              r.case: [create, read, update]
              fund_entry: [read]
          keeper:
            title: 乐捐专人
            can: {penalty: [read, print, pay, pay_part], fund_entry: [create, read, print, export, import]}
          clerk: {title: 出纳, can: {fund_entry: [create, read]}}
          chief: {title: 门店, can: {penalty: [read subtree, print subtree], fund_entry: [read own]}}
          staff: {title: 员工, can: {penalty: [read own]}}
          shy: {title: 前台, can: {penalty: [read, print], fund_entry: [read, print]},
                hide: {fund_entry: [amount]}}
        """,
    "config/regimes/r/penalties.yaml": _PENALTIES.replace(
        "            not_with: [defect]\n",
        "            not_with: [defect]\n"
        "            fund: {name: welfare, title: 福利基金, spend_on: [员工茶歇, 公益活动],\n"
        "                   keeper: role.keeper}\n",
    )
    .replace(
        "            bounds: {step: 10}\n",
        "            bounds: {step: 10}\n            fund: {spend_on: [设备维修]}\n",
    )
    .replace(
        "            repeat: {within: 6 months",
        "            fund: {name: welfare}\n            repeat: {within: 6 months",
    ),
}


def fund_office(database: Database, tmp_path: Path, more: Mapping[str, str] | None = None) -> Office:
    """The organisation of `tests.support.offices` with the tariffs and their funds."""
    return office_from(database, tmp_path, {**FILES, **(more or {})})


def owed(office: Office, level: str = "fault", schedule: str = "r.conduct", notified: datetime = NOW) -> int:
    """A penalty of the cook's (50 unless another level is asked for) that was decided and notified."""
    ident = raised(office, make_case(office, found_by="hr_patrol"), schedule, level)[0]
    context = office.as_("hr", "hr", "administrator")
    asked = {} if penalty(office, ident).values["amount_due"] is not None else {"amount_due": Decimal(200)}
    advance_workflow(context, "penalty", ident, "decide", {"basis": "依据", **asked})
    advance_workflow(context, "penalty", ident, "notify", {"notified_at": notified})
    return ident


def pay(
    office: Office, ident: int, amount: object, event: str = "pay", at: datetime = NOW, **more: Any
) -> None:
    """Register what was paid in all."""
    posted = {"paid_at": at, "paid_amount": amount, **more}
    advance_workflow(office.as_("hr", "hr"), "penalty", ident, event, posted)


def paid(office: Office, level: str = "fault", schedule: str = "r.conduct") -> int:
    """A penalty that is paid in full."""
    ident = owed(office, level, schedule)
    pay(office, ident, penalty(office, ident).values["amount_due"])
    return ident


def keeper(office: Office, now: datetime = NOW) -> Context:
    """The context of who keeps the accounts."""
    return office.as_("boss", "keeper", now=now)


def spend(office: Office, amount: object, **more: Any) -> int:
    """Money for tea, out of the shared fund."""
    posted = {"fund": SHARED, "direction": "out", "amount": amount, "purpose": TEA, **more}
    return create_record(keeper(office), "fund_entry", posted).id


def opening(office: Office, amount: object, **more: Any) -> int:
    """An opening balance of the shared fund, the day before everything else."""
    posted = {"fund": SHARED, "direction": "in", "amount": amount, "entered_on": "2026-02-01", **more}
    return create_record(keeper(office), "fund_entry", posted).id


def balance(office: Office, fund: str = SHARED) -> Decimal:
    """What a fund holds."""
    with office.database.reading() as session:
        return fund_sums(session, office.models, fund).left


__all__ = ["CASE", "balance", "fund_office", "keeper", "opening", "owed", "paid", "pay", "spend"]
