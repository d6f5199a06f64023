"""What happens to a finding: who is responsible, the fine, its payment, the slip, and the end of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from app.demo.appeals import contest
from app.demo.stage import Stage
from app.storage import read_record

REGIME = "restaurant_supervision"
FINDING, SLIP = f"{REGIME}.finding", f"{REGIME}.feedback_slip"
ANALYSES = (
    "岗前检查流于形式，班组长没有逐人确认。",
    "清洁工具不足，交接班时责任不清。",
    "新员工培训不到位，不熟悉标准。",
)
MEASURES = (
    "调整班次，每餐前由主管逐项检查并签字。",
    "增购器具，张贴责任区图示，次日复查。",
    "组织标准培训并考核，合格后上岗。",
)


SLIPS = 0.8
"""So many of the problems that the personnel department found get the slip that the regulation wants."""


class Seen(Protocol):
    """What the settling needs to know of the visit."""

    @property
    def unit(self) -> str: ...
    @property
    def own(self) -> bool: ...


def settle_finding(stage: Stage, visit: Seen, ident: int, found: datetime, now: datetime) -> None:
    """Take one finding as far as its age allows; a few are left lying, as in life."""
    rnd, age = stage.rnd, now - found
    values = _values(stage, FINDING, ident)
    if age < timedelta(days=1) or rnd.random() < 0.06:
        return
    if values.get("class") == "breach":
        _breach(stage, visit, ident, values, found, now)
    else:
        _defect(stage, visit, ident, found, now)


def _breach(
    stage: Stage, visit: Seen, ident: int, values: dict[str, object], found: datetime, now: datetime
) -> None:
    """Charge the offender, decide, notify, pay; then confirm and close."""
    rnd, head = stage.rnd, f"{visit.unit}-0"
    offender = (
        values.get("offender") or rnd.choice(stage.organisation.of_unit(visit.unit, "service", "kitchen")).id
    )
    level = values.get("level") or "minor_fault"
    if rnd.random() < 0.07:
        level = rnd.choice(("serious_fault", "serious_fault", "major_fault"))
    day = found + timedelta(days=1, hours=rnd.randrange(3))
    small = level in ("minor_fault", "fault")
    if visit.own and small:
        stage.move(head, day, FINDING, ident, "charge_own", offender=offender, level=level)
        decider = head
    else:
        if visit.own:
            opinion = "情节较重，建议人事部从严处理。"
            stage.move(
                head, day, FINDING, ident, "refer", offender=offender, level=level, unit_opinion=opinion
            )
        stage.move(
            "hr_lead", day + timedelta(hours=3), FINDING, ident, "charge", offender=offender, level=level
        )
        decider = "hr_lead"
    for penalty in _penalties(stage, ident):
        _settle_penalty(stage, penalty, decider, day + timedelta(hours=5), now)
    if not visit.own and rnd.random() < SLIPS:
        _slip(stage, visit, ident, day + timedelta(hours=6), now)
    passed = day + timedelta(days=3)
    if passed > now:
        return
    event, who = ("pass_own", head) if visit.own else ("pass", "hr_lead")
    stage.move(who, passed, FINDING, ident, event, rectification_passed_at=passed)
    _close(stage, ident, passed, now)


def _defect(stage: Stage, visit: Seen, ident: int, found: datetime, now: datetime) -> None:
    """Handle inside the unit, then train or close."""
    rnd, head, day = stage.rnd, f"{visit.unit}-0", found + timedelta(days=1)
    stage.move(
        head,
        day,
        FINDING,
        ident,
        "handle",
        analysis=rnd.choice(ANALYSES),
        internal_measure=rnd.choice(MEASURES),
        spotted_in_time=True,
        economic_loss=False,
        image_loss=False,
    )
    if not visit.own and rnd.random() < SLIPS:
        _slip(stage, visit, ident, day + timedelta(hours=2), now)
    passed = day + timedelta(days=4)
    if passed > now or rnd.random() < 0.1:
        return
    if rnd.random() < 0.4:
        values = {
            "topic": "服务质量标准专题培训",
            "kind": "regular",
            "unit": stage.unit(visit.unit).id,
            "held_on": passed.date(),
            "trainer": stage.person(head).id,
            "content": "结合本次缺陷讲解标准。",
        }
        training = stage.make(head, passed, "common.training", values)
        stage.move(head, passed, FINDING, ident, "train", training=training)
    else:
        stage.move("hr_lead", passed, FINDING, ident, "pass", rectification_passed_at=passed)
    _close(stage, ident, passed, now)


def _close(stage: Stage, ident: int, passed: datetime, now: datetime) -> None:
    at = passed + timedelta(days=2)
    if at >= now or stage.rnd.random() >= 0.92:
        return
    settled = {"measures_taken": True, "responsibility_settled": True, "educated": True}
    stage.move("hr_lead", at, FINDING, ident, "close", **settled)
    later = at + timedelta(days=1)
    for slip in _slips(stage, ident) if later < now else ():
        if _values(stage, SLIP, slip).get("state") == "verified" and stage.rnd.random() < 0.9:
            stage.move("hr_lead", later, SLIP, slip, "close")


def _settle_penalty(stage: Stage, ident: int, decider: str, at: datetime, now: datetime) -> None:
    """Decide, hand over the notice, pay within two days or late; some are still open, some are contested."""
    rnd, values = stage.rnd, _values(stage, "penalty", ident)
    if values.get("state") != "proposed" or at > now or rnd.random() < 0.04:
        return
    if values.get("person") == stage.person(decider).id:
        decider = "hr_lead"
    base = values.get("joint_with")
    if isinstance(base, int) and _values(stage, "penalty", base).get("state") == "proposed":
        return
    open_amount = values.get("amount_due") is None and base is None
    asked = {"amount_due": rnd.choice((500, 800, 1000))} if open_amount else {}
    stage.move(decider, at, "penalty", ident, "decide", **asked, basis="依据条例及现场检查记录。")
    notified = at + timedelta(hours=rnd.randrange(2, 20))
    if notified > now or rnd.random() < 0.04:
        return
    stage.move(decider, notified, "penalty", ident, "notify", notified_at=notified)
    paid = notified + timedelta(hours=rnd.choice((3, 8, 20, 26, 40, 46, 70)))
    if paid < now and rnd.random() < 0.93:
        stage.pass_time(paid)
        due = _values(stage, "penalty", ident).get("amount_due")
        receipt = f"SJ{paid:%y%m%d}-{ident:04d}"
        stage.move(
            "keeper", paid, "penalty", ident, "pay", paid_at=paid, paid_amount=due, receipt_number=receipt
        )
        if rnd.random() < 0.12:
            contest(stage, ident, notified, decider, now, paid)
    elif rnd.random() < 0.5:
        contest(stage, ident, notified, decider, now)


def _slip(stage: Stage, visit: Seen, finding: int, at: datetime, now: datetime) -> None:
    """A feedback slip: issued, answered in time or not, verified, closed."""
    rnd = stage.rnd
    if at > now:
        return
    stage.move("hr_lead", at, FINDING, finding, "send_slip")
    slip = _slips(stage, finding)[-1]
    if rnd.random() < 0.03:
        return
    due = at.date() + timedelta(days=rnd.choice((3, 5, 7)))
    stage.move(
        "hr_lead",
        at,
        SLIP,
        slip,
        "issue",
        requirement="限期整改并反馈原因与措施。",
        due_fill=due,
        due_return=due,
    )
    answered = at + timedelta(days=rnd.choice((1, 2, 3)))
    if rnd.random() < 0.05:
        # Nobody answers: the clock finds it overdue by itself.
        return
    if answered > now:
        return
    head = f"{visit.unit}-0"
    stage.move(
        head,
        answered,
        SLIP,
        slip,
        "answer_done",
        result=rnd.choice(MEASURES),
        penalty_opinion="按条例处理，责任人已认识错误。",
        measures=[{"what": rnd.choice(MEASURES), "who": stage.person(head).id, "by": due, "done": True}],
        photos=[stage.photo(head, answered)],
    )
    verified = answered + timedelta(days=2)
    if verified < now:
        stage.move("hr_lead", verified, SLIP, slip, "verify", verify_note="现场复核，措施有效。")


def _values(stage: Stage, kind: str, ident: int) -> dict[str, object]:
    with stage.database.reading() as session:
        found = read_record(session, stage.models, kind, ident)
    return dict(found.values) if found is not None else {}


def _penalties(stage: Stage, finding: int) -> tuple[int, ...]:
    return stage.ids_of("penalty", record_type=FINDING, record_id=finding)


def _slips(stage: Stage, finding: int) -> tuple[int, ...]:
    return stage.ids_of(SLIP, finding_id=finding)
