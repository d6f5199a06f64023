"""Some penalties are contested: settled in a talk, rejected, or upheld with a correction or a refund."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.demo.stage import Stage
from app.storage import read_record

APPEAL = "restaurant_supervision.appeal"
JUDGES = ("boss", "hr_lead", "hr_manager")
"""Who hears appeals, and is in no position to bring one here."""
_TALK = "经面谈说明条例依据，本人接受处理。"
_ANSWERS = {
    "keep": "经复核，事实清楚，依据适当，维持原决定。",
    "correct": "经复核，情节较轻，酌情减少金额。",
    "withdraw": "经复核，当事人当日不在岗，撤销原决定。",
}


def contest(
    stage: Stage, penalty: int, notified: datetime, decider: str, now: datetime, since: datetime | None = None
) -> None:
    """The person contests a penalty, the morning after the notice (or after `since`) if that is early enough:
    a talk, mostly; sometimes the form is handed in."""
    found = _values(stage, penalty)
    who = next(one for one in stage.organisation.people.values() if one.id == found.get("person"))
    at = _morning(stage, notified, since or notified)
    if at is None or at + timedelta(hours=4) > now or who.key in JUDGES:
        return
    by_hr = decider == "hr_lead"
    values = {
        "decision": penalty,
        "appellant": who.id,
        "unit": stage.unit(who.unit).id,
    }
    appeal = stage.make(who.key, at, APPEAL, values)
    talk = {"talk_with": stage.person("hr_manager").id, "talk_at": at + timedelta(hours=1)}
    chance = stage.rnd.random()
    if chance < 0.35:
        stage.move(who.key, at + timedelta(hours=2), APPEAL, appeal, "settle", **talk, talk_result=_TALK)
    elif chance < 0.9:
        _in_writing(stage, appeal, penalty, who.key, "boss" if by_hr else "hr_lead", at, now)


def _morning(stage: Stage, notified: datetime, since: datetime) -> datetime | None:
    """Ten o'clock of the next day, if the appeal can still be handed in then; None where it is too late."""
    zone = ZoneInfo(stage.release.portal.settings.timezone)
    at = (since.astimezone(zone) + timedelta(days=1)).replace(hour=10, minute=0)
    days = at.date() - notified.astimezone(zone).date()
    return at.astimezone(UTC) if days <= timedelta(days=3) else None


def _in_writing(
    stage: Stage, appeal: int, penalty: int, who: str, judge: str, at: datetime, now: datetime
) -> None:
    talk = {
        "talk_with": stage.person("hr_manager").id,
        "talk_at": at + timedelta(hours=1),
        "talk_result": "未能达成一致，转书面申诉。",
    }
    filed = at + timedelta(hours=4)
    form = stage.photo(who, filed)
    stage.move(who, filed, APPEAL, appeal, "file", **talk, grounds="对事实认定有不同意见。", form=form)
    answered = filed + timedelta(days=stage.rnd.choice((1, 2, 4)), hours=1)
    if answered > now:
        return
    result = stage.rnd.choice(("keep", "correct", "correct", "withdraw"))
    if result == "keep":
        stage.move(judge, answered, APPEAL, appeal, "reject", answer=_ANSWERS[result])
        return
    due = _values(stage, penalty).get("amount_due")
    less: dict[str, object] = {}
    if result == "correct" and isinstance(due, Decimal):
        less = {"corrected_amount": (due / 2).quantize(Decimal("0.01"))}
    measure = stage.rnd.choice(("none", "reminder"))
    asked = {"answer": _ANSWERS[result], "correction": result, "decider_measure": measure, **less}
    stage.move(judge, answered, APPEAL, appeal, "uphold", **asked)


def _values(stage: Stage, penalty: int) -> dict[str, object]:
    with stage.database.reading() as session:
        found = read_record(session, stage.models, "penalty", penalty)
    return dict(found.values) if found is not None else {}
