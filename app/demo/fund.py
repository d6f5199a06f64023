"""The fund of the restaurant group: what it began with, and what was spent each month for the staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.demo.stage import Stage
from app.storage.fund import lowest_balance

FUND = "restaurant_supervision.donation_fund"
KEEPER = "keeper"
OPENING = Decimal(800)
SPENDING = (
    ("员工公益活动", "敬老院慰问，购米面油"),
    ("员工福利活动", "员工生日会蛋糕"),
    ("员工公益活动", "社区义卖物料"),
    ("员工福利活动", "高温慰问饮品"),
    ("员工福利活动", "季度优秀员工纪念品"),
    ("员工公益活动", "无偿献血日点心"),
)


def open_fund(stage: Stage) -> None:
    """Enter what is left of the year before."""
    if not _is_declared(stage):
        return
    opening = {
        "fund": FUND,
        "direction": "in",
        "amount": OPENING,
        "entered_on": stage.started,
        "remark": "上一年度结转",
    }
    stage.make(KEEPER, _moment(stage, stage.started, 9), "fund_entry", opening)


def spend_fund(stage: Stage, now: datetime) -> None:
    """Spend some of it in each month that is over; the first time the amount is written wrong and put
    right."""
    if not _is_declared(stage):
        return
    today = now.astimezone(ZoneInfo(stage.release.portal.settings.timezone)).date()
    for number, day in enumerate(_paydays(stage.started, today)):
        amount, at = _a_part(stage, day), _moment(stage, day, 15)
        if amount <= 20:
            continue
        purpose, remark = SPENDING[number % len(SPENDING)]
        spent = {"fund": FUND, "direction": "out", "purpose": purpose, "remark": remark, "entered_on": day}
        made = stage.make(KEEPER, at, "fund_entry", {**spent, "amount": amount})
        if number == 0:
            undo = {"fund": FUND, "direction": "in", "amount": amount, "corrects": made, "entered_on": day}
            later = at + timedelta(minutes=20)
            stage.make(KEEPER, later, "fund_entry", {**undo, "remark": "金额与发票不符"})
            stage.make(KEEPER, later, "fund_entry", {**spent, "amount": amount - 10})


def _is_declared(stage: Stage) -> bool:
    return FUND in stage.release.portal.choices["fund"].options


def _moment(stage: Stage, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(stage.release.portal.settings.timezone))


def _paydays(start: date, end: date) -> Iterator[date]:
    """The 25th of each month, as far as it is past."""
    month = start.replace(day=25)
    while month < end:
        if month > start:
            yield month
        month = (month.replace(day=1) + timedelta(days=32)).replace(day=25)


def _a_part(stage: Stage, day: date) -> Decimal:
    """About half of what can be spent then, in tens."""
    with stage.database.reading() as session:
        held = lowest_balance(session, stage.models, FUND, day)
    return (held * stage.rnd.randrange(20, 40) / 100 // 10) * 10
