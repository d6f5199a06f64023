"""Half a year of a restaurant group: inspections, findings, slips, fines, payments, appeals, daily logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.actions.checklists import GivenAnswer, submit_checklist
from app.demo.after import settle_finding
from app.demo.duties import play_duties
from app.demo.fund import open_fund, spend_fund
from app.demo.open_ends import NEW, leave_open
from app.demo.stage import Stage
from app.rules.checklists import CompiledChecklist, ItemRule, compile_checklist
from app.storage.checklist_runs import RunPlace

Lists = Mapping[str, CompiledChecklist]
REGIME = "restaurant_supervision"
INSPECTION, FINDING = f"{REGIME}.inspection", f"{REGIME}.finding"
DAYS = 182
LISTS = ("environment", "reception", "personal_hygiene", "tableware", "environment", "food", "reception")
REMARKS = (
    "现场提醒后当场改正，要求班后复查。",
    "连续两次检查均有此问题，店长已知悉。",
    "高峰时段人手不足，责任人承认疏忽。",
    "已拍照留存，责令当日整改到位并由主管签字确认。",
    "台面有明显污渍，抹布未按颜色区分使用。",
    "与员工当面说明标准，员工表示接受。",
    "Checked at 12:40, corrected on the spot.",
    "温度计读数偏高，已通知维修。",
)
RECORDS = (
    "对前厅、后厨及公共区域逐项检查，营业秩序正常，未影响客人用餐。",
    "按检查表逐项查看，抽查员工六名，查看清洁与消毒记录。",
    "分早市、午市两个时段检查，重点查看备餐间与洗消间。",
)
SUGGESTIONS = (
    "加强班前检查，主管每日签字；一周内组织一次标准培训。",
    "补齐清洁用具，明确各区域责任人并上墙公示。",
    "对不合格项立即整改，三日内由门店负责人自查复核。",
)
OPINIONS = (
    "对不合格项按条例处理，其余口头提醒。",
    "轻微过失由门店处理，其余报人事部决定。",
    "本次以教育为主，再犯从重。",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection to come: when, where, by whom, how."""

    at: datetime
    unit: str
    finder: str
    kind: str
    checklist: str
    own: bool


def play(stage: Stage, count: int, now: datetime, tell: Callable[[int, int], None]) -> None:
    """Play the whole story: `count` inspections that end shortly before `now`; `tell` hears the progress."""
    visits = sorted(_visits(stage, count, now), key=lambda visit: visit.at)
    portal = stage.release.portal
    lists = {name: compile_checklist(portal, portal.checklists[f"{REGIME}.{name}"]) for name in set(LISTS)}
    campaign = _campaign(stage, visits[0].at)
    open_fund(stage)
    for number, visit in enumerate(visits, 1):
        _inspect(stage, visit, lists, campaign, now, last=number > len(visits) - 4)
        tell(number, len(visits))
    _daily_logs(stage, now)
    leave_open(stage, now)
    stage.pass_time(now)
    play_duties(stage, now)
    spend_fund(stage, now)


def _visits(stage: Stage, count: int, now: datetime) -> Iterator[Visit]:
    rnd, zone = stage.rnd, ZoneInfo(stage.release.portal.settings.timezone)
    units = [place for place in stage.organisation.units.values() if place.kind == "restaurant"]
    today = now.astimezone(zone).date()
    for number in range(count):
        day = today - timedelta(days=round((DAYS - 1) * (1 - (number + 1) / count)))
        clock = time(rnd.choice((9, 10, 11, 13, 14, 15, 16, 17)), rnd.randrange(0, 60, 5))
        at = min(
            datetime.combine(day, clock, tzinfo=zone), now - timedelta(minutes=30 + 7 * (count - number))
        )
        unit = units[number % len(units)] if rnd.random() < 0.7 else rnd.choice(units)
        own = rnd.random() < 0.3
        kind = rnd.choices(("routine", "special", "surprise", "comprehensive"), (62, 14, 16, 8))[0]
        finder = f"{unit.key}-0" if own else rnd.choice(("inspector1", "inspector2", "hr_lead"))
        kind = "routine" if own else kind
        yield Visit(at, unit.key, finder, kind, LISTS[number % len(LISTS)], own)


def _campaign(stage: Stage, at: datetime) -> int:
    values = {
        "title": "夏季食品卫生专题改进",
        "theme": "hygiene_level",
        "problems": "每周质量管理工作中多次发现洗消间、备餐间清洁不到位。",
        "leader": stage.person("hr_lead").id,
        "starts_on": at.date(),
    }
    kind = f"{REGIME}.campaign"
    options = list(stage.release.records[kind].fields["theme"].options)
    values["theme"] = values["theme"] if values["theme"] in options else options[-2]
    campaign = stage.make("hr_lead", at, kind, values)
    stage.move("hr_lead", at, kind, campaign, "start")
    return campaign


def _inspect(stage: Stage, visit: Visit, lists: Lists, campaign: int, now: datetime, last: bool) -> None:
    """Plan, go, answer, write up, follow up; the newest are left unfinished."""
    at, who, rnd = visit.at, visit.finder, stage.rnd
    values: dict[str, object] = {
        "kind": visit.kind,
        "unit": stage.unit(visit.unit).id,
        "found_at": at,
        "finder": stage.person(who).id,
        "found_by": "own_check" if visit.own else "hr_patrol",
        "people": "mixed",
        "posts": rnd.choice(("both", "service", "kitchen")),
        "meal": rnd.choice(("breakfast", "lunch", "dinner")),
        "on_duty": True,
    }
    offender = None
    if visit.checklist == "personal_hygiene":
        offender = rnd.choice(stage.organisation.of_unit(visit.unit, "service", "kitchen"))
        values |= {"offender": offender.id, "people": "women" if offender.gender == "female" else "men"}
        values["posts"] = "kitchen" if offender.kind == "kitchen" else "service"
    if visit.kind == "special":
        theme = next(iter(stage.release.records[INSPECTION].fields["theme"].options))
        values |= {"theme": theme, "campaign": campaign}
    if visit.kind == "surprise":
        values |= {"trigger": "complaint", "ground": "顾客来电反映上菜慢、餐具有水渍，需到店核实。"}
    ident = stage.make(who, at - timedelta(hours=2), INSPECTION, values)
    if last and rnd.random() < 0.5:
        return
    stage.move(who, at, INSPECTION, ident, "start")
    if last:
        return
    findings = _answer(stage, visit, ident, lists, strict=now - at < NEW)
    written = at + timedelta(minutes=50)
    stage.move(
        who,
        written,
        INSPECTION,
        ident,
        "write_up",
        record_text=rnd.choice(RECORDS),
        rectification_suggestion=rnd.choice(SUGGESTIONS),
        penalty_opinion=rnd.choice(OPINIONS),
    )
    _conclude(stage, visit, ident, written, now)
    for finding in findings if now - at > NEW else ():
        settle_finding(stage, visit, finding, written, now)


def _answer(stage: Stage, visit: Visit, ident: int, lists: Lists, strict: bool) -> tuple[int, ...]:
    """Answer the checklist as the inspector saw it; a place with worries fails more, less so each month."""
    checklist, rnd = lists[visit.checklist], stage.rnd
    months = (visit.at.date() - stage.started).days / 30
    worry = stage.unit(visit.unit).worry * (1.25 - 0.08 * months) * (0.6 if visit.own else 1)
    worry *= 2.5 if strict else 1
    answers = {item.id: _one_answer(stage, visit, item, worry) for item in checklist.items.values()}
    context = stage.context(visit.finder, visit.at + timedelta(minutes=25 + rnd.randrange(15)))
    place = RunPlace(INSPECTION, ident, "checklist")
    return submit_checklist(context, place, checklist.spec.full_name, answers).findings


def _one_answer(stage: Stage, visit: Visit, item: ItemRule, worry: float) -> GivenAnswer:
    rnd, spec = stage.rnd, item.spec
    failed = rnd.random() < worry * (0.35 if spec.critical else 1)
    if spec.not_applicable and not failed and rnd.random() < 0.04:
        return GivenAnswer(not_applicable=True)
    value: object = {"pass_fail": "fail" if failed else "pass"}.get(spec.answer)
    if spec.answer == "yes_no":
        value = spec.expect if not failed else {"yes": "no", "no": "yes"}[spec.expect]
    elif spec.answer in ("number", "count", "score"):
        value = _figure(stage, item, failed)
    elif spec.answer == "choice":
        good = [name for name in item.options if name not in item.fails] or list(item.options)
        value = rnd.choice(sorted(item.fails) or list(item.options)) if failed else good[-1]
    elif spec.answer == "text":
        value = rnd.choice(REMARKS)
    wanted = set(spec.evidence) | (set(item.fail.spec.evidence) if failed and item.fail else set())
    photos = (
        (stage.photo(visit.finder, visit.at),)
        if "photo" in wanted or (failed and rnd.random() < 0.25)
        else ()
    )
    remark = rnd.choice(REMARKS) if failed or "remark" in wanted else ""
    return GivenAnswer(value, False, remark, photos)


def _figure(stage: Stage, item: ItemRule, failed: bool) -> str:
    """A figure inside the limit, or outside it."""
    low = item.limit.low if item.limit and item.limit.low is not None else item.spec.min
    high = item.limit.high if item.limit and item.limit.high is not None else item.best or item.spec.max
    base = high if high is not None else low if low is not None else 5
    if not failed:
        return str(base if low is None or high is None else low + (high - low) / 2)
    return str(base + 3 if high is not None else max(0, base - 3))


def _conclude(stage: Stage, visit: Visit, ident: int, written: datetime, now: datetime) -> None:
    """What each kind of inspection asks for after it is written up."""
    age, rnd = now - written, stage.rnd
    day = written + timedelta(days=1)
    if visit.kind == "comprehensive":
        stage.move(
            "hr_lead",
            written,
            INSPECTION,
            ident,
            "tell",
            told_at=written,
            due_date=written.date() + timedelta(days=10),
            follow_up_unit=stage.unit("admin").id,
        )
        if age > timedelta(days=12):
            later = written + timedelta(days=9)
            stage.move(
                "admin_head",
                later,
                INSPECTION,
                ident,
                "follow_up",
                follow_up_result="逐项复核，均已整改到位。",
            )
            stage.move("hr_lead", later + timedelta(days=1), INSPECTION, ident, "close")
    elif visit.kind == "surprise" and age > timedelta(days=3):
        text = "经核实，所反映的问题部分属实，已责令门店整改并对责任人作出处理。"
        stage.move("hr_lead", day, INSPECTION, ident, "post_report", report_text=text, posted_at=day)
        stage.move("hr_lead", day + timedelta(days=1), INSPECTION, ident, "close")
    elif visit.kind == "routine" and age > timedelta(days=5) and rnd.random() < 0.9:
        stage.move("hr_lead", day + timedelta(days=2), INSPECTION, ident, "close")


def _daily_logs(stage: Stage, now: datetime) -> None:
    """A fortnight of tableware logs, and a few reports of insects."""
    zone = ZoneInfo(stage.release.portal.settings.timezone)
    today, rnd = now.astimezone(zone).date(), stage.rnd
    units = [place for place in stage.organisation.units.values() if place.kind == "restaurant"]
    for back in range(14, 0, -1):
        day = today - timedelta(days=back)
        for place in units:
            if rnd.random() < 0.5:
                _log_tableware(stage, place.key, day, zone)
    for place in rnd.sample(units, 3):
        at = datetime.combine(today - timedelta(days=rnd.randrange(3, 40)), time(21, 10), tzinfo=zone)
        values = {
            "unit": place.id,
            "seen_at": at,
            "finder": stage.person(f"{place.key}-7").id,
            "kind": "fly",
            "place": "后厨排水沟旁",
            "photos": [stage.photo(f"{place.key}-7", at)],
        }
        stage.make(f"{place.key}-7", at, f"{REGIME}.pest_report", values)


def _log_tableware(stage: Stage, unit: str, day: date, zone: ZoneInfo) -> None:
    at, who = datetime.combine(day, time(15, 30), tzinfo=zone), f"{unit}-7"
    values = {
        "unit": stage.unit(unit).id,
        "done_at": at,
        "meal": "lunch",
        "what": "餐具、茶具、酒具",
        "disinfected": True,
        "method": "热力消毒 100 ℃，10 分钟",
        "metal_polished": stage.rnd.random() < 0.7,
        "person": stage.person(who).id,
    }
    stage.make(who, at, f"{REGIME}.tableware_log", values)
