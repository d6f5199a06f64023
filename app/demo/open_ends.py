"""What is under way at the very end: notices of the last two days, slips and appeals not answered yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.appeals import contest
from app.demo.stage import Stage
from app.storage import read_record

REGIME = "restaurant_supervision"
FINDING, SLIP = f"{REGIME}.finding", f"{REGIME}.feedback_slip"
HOURS_AGO = (43, 38, 27, 22, 15, 9, 6, 4)
"""How long ago each of them was charged: some payments fall due within hours."""
NEW = timedelta(days=14)
"""Findings of these days are left for the end of the story; the checks before a feast are strict ones."""
_LEADER = "hr_lead"


def leave_open(stage: Stage, now: datetime) -> None:
    """Take the newest findings that nobody has touched up to a notice, a slip, or an appeal."""
    for number, (finding, hours) in enumerate(zip(_untouched(stage, now), HOURS_AGO, strict=False)):
        at = now.replace(second=0, microsecond=0) - timedelta(hours=hours)
        offender = _offender(stage, finding)
        stage.move(_LEADER, at, FINDING, finding, "charge", offender=offender, level="minor_fault")
        if number < len(HOURS_AGO) - 2:
            _notify(stage, finding, at + timedelta(hours=1))
        if number == 0:
            for penalty in _penalties(stage, finding):
                contest(stage, penalty, at + timedelta(hours=1), _LEADER, now)
        if number % 3 == 1:
            _slip(stage, finding, at + timedelta(hours=2))


def _untouched(stage: Stage, now: datetime) -> Iterator[int]:
    """Breaches of the last weeks that the office found and nobody acted on, the newest first."""
    for ident in reversed(stage.ids_of(FINDING, state="open")):
        values = _values(stage, FINDING, ident)
        found = values.get("found_at")
        old = isinstance(found, datetime) and not now - NEW < found < now - timedelta(hours=HOURS_AGO[0])
        if values.get("class") == "breach" and values.get("found_by") == "hr_patrol" and not old:
            yield ident


def _offender(stage: Stage, finding: int) -> object:
    values = _values(stage, FINDING, finding)
    known = values.get("offender")
    unit = next(one for one in stage.organisation.units.values() if one.id == values.get("unit"))
    return known or stage.rnd.choice(stage.organisation.of_unit(unit.key, "service", "kitchen")).id


def _notify(stage: Stage, finding: int, at: datetime) -> None:
    for penalty in _penalties(stage, finding):
        if _values(stage, "penalty", penalty).get("state") == "proposed":
            stage.move(_LEADER, at, "penalty", penalty, "decide", basis="依据条例及现场检查记录。")
            stage.move(_LEADER, at, "penalty", penalty, "notify", notified_at=at)


def _slip(stage: Stage, finding: int, at: datetime) -> None:
    stage.move(_LEADER, at, FINDING, finding, "send_slip")
    slip = stage.ids_of(SLIP, finding_id=finding)[-1]
    due, words = at.date() + timedelta(days=3), "三日内整改并反馈原因与措施。"
    stage.move(
        _LEADER,
        at,
        SLIP,
        slip,
        "issue",
        requirement=words,
        due_fill=due,
        due_return=due,
    )


def _penalties(stage: Stage, finding: int) -> tuple[int, ...]:
    return stage.ids_of("penalty", record_type=FINDING, record_id=finding)


def _values(stage: Stage, kind: str, ident: int) -> dict[str, object]:
    with stage.database.reading() as session:
        found = read_record(session, stage.models, kind, ident)
    return dict(found.values) if found is not None else {}
