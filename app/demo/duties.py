"""Three weeks of duties: the portal makes them day by day, the restaurants see to most of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.actions.run_duties import run_duties
from app.demo.stage import Stage
from app.storage import read_records
from app.storage.duties import DUTY_RUN

REGIME = "restaurant_supervision"
INSPECTION, MEAL, PUBLICATION = (f"{REGIME}.{name}" for name in ("inspection", "meal_log", "publication"))
DAYS = 21
IN_TIME, LATE = 0.86, 0.93
"""Of all duties so many are done in time, and so many at all."""
READ = 0.9
"""So many self-checks are read and closed the day after."""


def play_duties(stage: Stage, now: datetime) -> None:
    """Let the portal look after its duties every morning, and people do them, late, or not at all."""
    zone = ZoneInfo(stage.release.portal.settings.timezone)
    today = now.astimezone(zone).date()
    for back in range(DAYS, -1, -1):
        morning = datetime.combine(today - timedelta(days=back), time(0, 5), zone).astimezone(UTC)
        before = frozenset(stage.ids_of(DUTY_RUN))
        run_duties(stage.context(None, min(morning, now)))
        for who, kind, ident in _made_since(stage, before):
            _see_to_it(stage, who, kind, ident, morning, now)


def _made_since(stage: Stage, before: frozenset[int]) -> list[tuple[str, str, int]]:
    """Who sees to it (by key), record type and id of what was made."""
    heads = {
        stage.person(place.head).id: place.head for place in stage.organisation.units.values() if place.head
    }
    new = [ident for ident in stage.ids_of(DUTY_RUN) if ident not in before]
    with stage.database.reading() as session:
        rows = [one.values for one in read_records(session, stage.models, DUTY_RUN, new)]
    made = ((row.get("assignee"), row.get("record_type"), row.get("record_id")) for row in rows)
    return [
        (heads.get(who, "hr_lead") if isinstance(who, int) else "hr_lead", kind, ident)
        for who, kind, ident in made
        if isinstance(kind, str) and isinstance(ident, int)
    ]


def _see_to_it(stage: Stage, who: str, kind: str, ident: int, morning: datetime, now: datetime) -> None:
    luck = stage.rnd.random()
    at = morning + timedelta(hours=stage.rnd.randrange(14, 21), minutes=stage.rnd.randrange(60))
    if luck >= LATE:
        return
    if luck >= IN_TIME:
        at += timedelta(days=1 if kind == MEAL else 5)
    if at >= now:
        return
    if kind == MEAL:
        _fill_in(stage, who, ident, morning, at)
    elif kind == INSPECTION:
        words = {
            "record_text": "按要求逐项自查，地面、台面、餐具和员工仪容均已查看。",
            "rectification_suggestion": "发现的小问题已当场处理，明日复看。",
            "penalty_opinion": "无需处理。",
        }
        stage.move(who, at, kind, ident, "write_up", **words)
        if stage.rnd.random() < READ and at + timedelta(days=1) < now:
            stage.move("hr_lead", at + timedelta(days=1), kind, ident, "close")
    elif kind == PUBLICATION:
        stage.move("hr_lead", at, kind, ident, "publish", summary="本期情况已汇总，详见附表。")


def _fill_in(stage: Stage, who: str, ident: int, morning: datetime, at: datetime) -> None:
    """The head writes what the meal was like."""
    opens, rnd = morning + timedelta(hours=10, minutes=55), stage.rnd
    stage.change(
        who,
        at,
        MEAL,
        ident,
        meal="lunch",
        opens_at=opens,
        staff_ready_at=opens - timedelta(minutes=rnd.choice((12, 9, 7, 6, 5, 3))),
        uniforms_changed=rnd.random() < 0.95,
        trays_washed_at=opens - timedelta(minutes=40),
        linen_changed_at=opens - timedelta(minutes=30),
        guests_left_at=opens + timedelta(hours=3),
        left_overs_cleared_at=opens + timedelta(hours=3, minutes=rnd.choice((5, 8, 12, 25))),
    )
