"""The four shipped regimes of response times in use: their traps, through the actions behind every door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions import InvalidRecord
from app.actions.issue_document import Issued, issue_document
from app.demo.anything import fill_anything
from app.spec.reports import Report
from app.workflow import TransitionRefused
from tests.support.regimes import REGIMES, Served, served

NOW = datetime(2026, 3, 6, 2, tzinfo=UTC)
"""Ten in the morning of a Friday in Beijing."""
LATER = NOW + timedelta(hours=2)
CLERK, WORKER, CHIEF, BOSS = "R01-1", "R01-3", "R01-0", "boss"
Cast = Mapping[str, str]
CASTS: Mapping[str, Cast] = {
    "concierge_sla": {CLERK: "assistant", WORKER: "repairer", CHIEF: "director", BOSS: "centre_manager"},
    "property": {CLERK: "night_duty", WORKER: "repairer", CHIEF: "day_manager", BOSS: "manager"},
    "hotline_12345": {CLERK: "platform_clerk", WORKER: "reviewer", CHIEF: "handler", BOSS: "platform_head"},
    "aftersales_complaint": {CLERK: "customer_service", WORKER: "responsible", BOSS: "after_sales_manager"},
}


def in_service(tmp_path_factory: pytest.TempPathFactory, regime: str) -> Iterator[Served]:
    """One regime with its cast."""
    with served(tmp_path_factory.mktemp(regime), regime, NOW) as portal:
        for who, role in CASTS[regime].items():
            portal.cast(who, role)
        yield portal


@pytest.fixture(scope="module")
def concierge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from in_service(tmp_path_factory, "concierge_sla")


@pytest.fixture(scope="module")
def repairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from in_service(tmp_path_factory, "property")


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from in_service(tmp_path_factory, "hotline_12345")


@pytest.fixture(scope="module")
def aftersales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from in_service(tmp_path_factory, "aftersales_complaint")


@pytest.mark.parametrize("regime", REGIMES)
def test_each_regime_can_be_filled(tmp_path: Path, regime: str) -> None:
    """Switched on alone it installs, every one of its record types takes a record (a call-back only waits
    for a case that was resolved), and every one of its forms is printed from a record."""
    with served(tmp_path, regime, NOW) as portal:
        types = [name for name in portal.stage.release.records if name.startswith(f"{regime}.")]
        fill_anything(portal.stage, 12 * len(types), NOW, lambda _done, _total: None)
        empty = [name for name in types if not portal.stage.ids_of(name)]
        printed = [issued for report in _forms(portal) for issued in _printed(portal, report)]
    assert len(types) >= 3 and len(printed) >= 3
    assert all(one.pages and not one.missing_characters for one in printed)
    assert set(empty) <= {"concierge_sla.call_back"}


def _forms(portal: Served) -> list[Report]:
    reports = portal.stage.release.portal.reports.values()
    return [report for report in reports if report.regime == portal.regime]


def _printed(portal: Served, report: Report) -> Iterator[Issued]:
    """A preview of the form for the first record that it can be printed from."""
    record = portal.stage.release.record(report.record or "", report.regime)
    assert record is not None
    for ident in portal.stage.ids_of(record.name)[:1]:
        yield issue_document(portal.stage.context(None, NOW), report.full_name, ident, store=False)


# ── concierge ──


@pytest.fixture(scope="module")
def building(concierge: Served) -> int:
    assistant = concierge.id_of(CLERK)
    return concierge.make(CHIEF, NOW, "building", title="一号楼", assistant=assistant)


@pytest.fixture(scope="module")
def complaint(concierge: Served, building: int) -> Callable[..., int]:
    """`complaint(category, class, …)`: taken by the assistant and given to the repairer."""

    def make(category: str, kind: str | None = None, **more: object) -> int:
        values = {"category": category, "class": kind, "content": "水管漏水", "received_at": NOW, **more}
        made = concierge.make(CLERK, NOW, "complaint", building=building, **values)
        asked = {"category": category, "class": kind, "handler": concierge.id_of(WORKER)}
        concierge.move(CLERK, NOW, "complaint", made, "assign", **asked)
        return made

    return make


def resolved(concierge: Served, complaint: int) -> int:
    concierge.move(WORKER, LATER, "complaint", complaint, "resolve", resolved_at=LATER, result="已修好")
    return complaint


def called_back(concierge: Served, complaint: int, satisfied: bool = True, **more: object) -> int:
    """The director calls back about a complaint."""
    made = concierge.make(CHIEF, LATER, "call_back", complaint=complaint, **more)
    said = {"called_on": LATER.date(), "solved": True, "satisfied": satisfied}
    concierge.move(CHIEF, LATER, "call_back", made, "finish", **said)
    return made


@pytest.mark.parametrize(
    ("category", "kind"),
    [("repair", "urgent"), ("common_area", "hazardous"), ("neighbour", None), ("other", None)],
)
def test_what_is_limited_by_arrival_is_resolved_after_it(
    concierge: Served, complaint: Callable[..., int], category: str, kind: str | None
) -> None:
    """Two clocks: where the limit is on arrival, a complaint is not resolved before somebody arrived."""
    one = complaint(category, kind, place="二座 801")
    with pytest.raises(TransitionRefused, match="先登记到场时间"):
        resolved(concierge, one)
    concierge.move(WORKER, NOW, "complaint", one, "arrive", arrived_at=NOW)
    assert concierge.read("complaint", resolved(concierge, one))["state"] == "resolved"


def test_a_neighbours_noise_needs_the_neighbours_address(concierge: Served, building: int) -> None:
    """Arrival is at the complained-about home, so that it must be known."""
    values = {"building": building, "category": "neighbour", "content": "装修噪声"}
    with pytest.raises(InvalidRecord, match="place"):
        concierge.make(CLERK, NOW, "complaint", **values)


def test_the_matrix_offers_the_classes_of_its_category(concierge: Served, building: int) -> None:
    """A repair is not serious and an attitude is not urgent."""
    for category, kind in (("repair", "serious"), ("attitude", "urgent"), ("common_area", "simple")):
        values = {"building": building, "category": category, "class": kind, "content": "x"}
        with pytest.raises(InvalidRecord, match="class"):
            concierge.make(CLERK, NOW, "complaint", **values)


def test_only_the_manager_allows_more_than_the_cap(concierge: Served, complaint: Callable[..., int]) -> None:
    """A time beyond the cap is the centre manager's to allow, with a reason."""
    one = complaint("repair", "lasting")
    asked = {"agreed_at": NOW + timedelta(days=30), "beyond_reason": "等配件"}
    for who in (CLERK, WORKER, CHIEF):
        with pytest.raises(TransitionRefused):
            concierge.move(who, NOW, "complaint", one, "allow_beyond", **asked)
    with pytest.raises(TransitionRefused, match="理由"):
        concierge.move(BOSS, NOW, "complaint", one, "allow_beyond", agreed_at=asked["agreed_at"])
    concierge.move(BOSS, NOW, "complaint", one, "allow_beyond", **asked)
    assert concierge.read("complaint", one)["beyond_approved"] is True


def test_what_the_assistant_cannot_solve_goes_up(concierge: Served, complaint: Callable[..., int]) -> None:
    """CS-D15: it is reported with the time, and given out again by the director."""
    one = complaint("attitude", "ordinary")
    concierge.move(CLERK, LATER, "complaint", one, "report_up")
    assert concierge.read("complaint", one)["reported_up_at"] == LATER
    concierge.move(CHIEF, LATER, "complaint", one, "assign", handler=concierge.id_of(CHIEF))
    assert concierge.read("complaint", one)["state"] == "assigned"


def test_the_handler_does_not_call_back(concierge: Served, complaint: Callable[..., int]) -> None:
    """The sample is drawn and called by another than who handled the case."""
    one = complaint("attitude", "ordinary")
    concierge.move(CLERK, NOW, "complaint", one, "report_up")
    concierge.move(CHIEF, NOW, "complaint", one, "assign", handler=concierge.id_of(CHIEF))
    concierge.move(CHIEF, LATER, "complaint", one, "resolve", resolved_at=LATER, result="已道歉")
    with pytest.raises(TransitionRefused):
        called_back(concierge, one)


def test_a_major_complaint_is_always_called_back(concierge: Served, complaint: Callable[..., int]) -> None:
    """It cannot be closed before; an ordinary one can."""
    major, small = (
        resolved(concierge, complaint("attitude", "ordinary", major=one)) for one in (True, False)
    )
    concierge.move(CHIEF, LATER, "complaint", small, "close")
    with pytest.raises(TransitionRefused, match="重大投诉须先回访"):
        concierge.move(CHIEF, LATER, "complaint", major, "close")
    called_back(concierge, major)
    concierge.move(CHIEF, LATER, "complaint", major, "close")
    assert concierge.read("complaint", major)["state"] == "closed"


def test_half_of_the_cases_rounded_up(
    concierge: Served, complaint: Callable[..., int], building: int
) -> None:
    """CS-D14: of four complaints and one enquiry three are called; with two the round stays open, and so it
    does while a major complaint was not called."""
    day = NOW + timedelta(days=40)
    span = {"starts_on": day.date(), "ends_on": day.date()}
    cases = [complaint("attitude", "ordinary", major=major) for major in (True, False, False, False)]
    for one in cases:
        concierge.move(WORKER, day, "complaint", one, "resolve", resolved_at=day, result="已道歉")
    asked = {"building": building, "category": "community", "question": "班车时刻"}
    enquiry = concierge.make(CLERK, day, "enquiry", **asked)
    concierge.move(CLERK, day, "enquiry", enquiry, "answer", answered_at=day, answer="见公告")
    rounds = concierge.make(CHIEF, day, "call_back_round", **span)
    for one in cases[1:]:
        called_back(concierge, one, round=rounds)
    for closes in (False, True):
        concierge.move(CHIEF, day, "call_back_round", rounds, "count")
        counted = concierge.read("call_back_round", rounds)
        assert (counted["handled"], counted["major_left"]) == (5, 0 if closes else 1)
        if not closes:
            with pytest.raises(TransitionRefused, match="重大投诉"):
                concierge.move(CHIEF, day, "call_back_round", rounds, "close")
            called_back(concierge, cases[0], satisfied=False, round=rounds)
    concierge.move(CHIEF, day, "call_back_round", rounds, "close")
    done = concierge.read("call_back_round", rounds)
    assert (done["called"], done["satisfied"], done["state"]) == (4, 3, "closed")


def test_two_of_five_are_not_half(concierge: Served, complaint: Callable[..., int]) -> None:
    """The size of the sample is rounded up."""
    day = NOW + timedelta(days=50)
    cases = [complaint("attitude", "ordinary") for _ in range(5)]
    for one in cases:
        concierge.move(WORKER, day, "complaint", one, "resolve", resolved_at=day, result="已道歉")
    rounds = concierge.make(CHIEF, day, "call_back_round", starts_on=day.date(), ends_on=day.date())
    for one in cases[:2]:
        called_back(concierge, one, round=rounds)
    concierge.move(CHIEF, day, "call_back_round", rounds, "count")
    with pytest.raises(TransitionRefused, match="回访未满一半"):
        concierge.move(CHIEF, day, "call_back_round", rounds, "close")
    called_back(concierge, cases[2], round=rounds)
    concierge.move(CHIEF, day, "call_back_round", rounds, "count")
    concierge.move(CHIEF, day, "call_back_round", rounds, "close")


def test_insincerity_needs_evidence_and_the_bonus_is_asked(concierge: Served) -> None:
    """Of the three faults the third needs evidence; a warning comes with a deduction whose sum is open."""
    values = {"person": concierge.id_of(WORKER), "facts": "态度敷衍", "happened_at": NOW}
    with pytest.raises(InvalidRecord, match="evidence"):
        concierge.make(CHIEF, NOW, "fault_record", **values, fault="insincere")
    fault = concierge.make(CHIEF, NOW, "fault_record", **values, fault="shirking")
    concierge.move(CHIEF, NOW, "fault_record", fault, "punish", level="written_warning")
    (ident,) = concierge.stage.ids_of("penalty", record_id=fault)
    found = concierge.read("penalty", ident)
    assert (found["kind"], found["amount_due"], found["amount_asked"]) == ("deduction", None, True)


def test_household_profiles_are_not_for_everybody(concierge: Served, building: int) -> None:
    """An assistant reads the homes of the own building; a repairer sees none of the family's details."""
    policy = concierge.stage.policy.types["concierge_sla.household"]
    hidden = policy.hide["concierge_sla.repairer"]
    assert hidden == {"members", "background", "habits", "food", "leisure", "health", "business"}
    rules = policy.of(frozenset({"concierge_sla.assistant"}), "read", "update")
    assert [rule.text.partition(" where ")[2] for rule in rules] == ["building.assistant == me"] * 2


# ── property ──


@pytest.fixture(scope="module")
def order(repairs: Served) -> Callable[..., int]:
    def make(**values: object) -> int:
        asked = {"location": "三号楼", "problem": "灯不亮", "domain": "power", "reported_at": NOW, **values}
        return repairs.make(CLERK, NOW, "repair_order", **asked)

    return make


def test_at_night_only_urgent_repairs_are_sent_out(repairs: Served, order: Callable[..., int]) -> None:
    """A general repair waits for the day (its clock runs); the daytime manager sends it out."""
    worker = repairs.id_of(WORKER)
    general, urgent = (order(taken_by="night", urgency=one) for one in ("general", "urgent"))
    repairs.move(CLERK, NOW, "repair_order", urgent, "dispatch", worker=worker)
    with pytest.raises(TransitionRefused, match="夜间只派急修"):
        repairs.move(CLERK, NOW, "repair_order", general, "dispatch", worker=worker)
    repairs.move(CHIEF, LATER, "repair_order", general, "dispatch", worker=worker)
    assert repairs.read("repair_order", general)["state"] == "dispatched"


def test_a_failed_repair_is_done_again_by_the_same_clock(repairs: Served, order: Callable[..., int]) -> None:
    """Checked by another than who did it; what failed is not finished, and its start stays as it was."""
    one = order()
    repairs.move(CHIEF, NOW, "repair_order", one, "dispatch", worker=repairs.id_of(WORKER))
    repairs.move(WORKER, NOW, "repair_order", one, "arrive", on_site_at=NOW)
    repairs.move(WORKER, LATER, "repair_order", one, "finish", finished_at=LATER, work_done="换灯")
    with pytest.raises(TransitionRefused):
        repairs.move(WORKER, LATER, "repair_order", one, "pass")
    repairs.move(CHIEF, LATER, "repair_order", one, "fail")
    found = repairs.read("repair_order", one)
    assert (found["checked"], found["finished_at"], found["reported_at"]) == ("failed", None, NOW)


def test_nothing_is_altered_without_the_owners_consent(repairs: Served) -> None:
    """PM-B3."""
    asked = {"place": "承重墙", "wanted": "开门洞", "applicant": "张", "right_holder": "李"}
    one = repairs.make(CHIEF, NOW, "alteration", **asked)
    with pytest.raises(TransitionRefused, match="未经产权人同意"):
        repairs.move(CHIEF, NOW, "alteration", one, "allow")
    repairs.move(CHIEF, NOW, "alteration", one, "allow", consented=True)
    assert repairs.read("alteration", one)["state"] == "allowed"


def test_coverage_is_not_satisfaction(repairs: Served) -> None:
    """80 % of the households asked is one figure, how many of them are satisfied another."""
    fields = repairs.stage.release.records["property.survey_round"].fields
    assert (fields["coverage"].spec.formula, fields["satisfaction"].spec.formula) == (
        "share(asked, households)",
        "share(satisfied, answered)",
    )


# ── hotline ──


GRIEVANCE = {
    "track": "grievance",
    "user_name": "王先生",
    "phone": "13800000000",
    "subject": "补贴未到账",
    "happened_at": NOW,
    "place": "某街道",
    "people": "窗口人员",
    "wanted": "补发",
}


@pytest.mark.parametrize("missing", ["happened_at", "place", "people", "wanted"])
def test_a_grievance_is_complete_or_not_taken(hotline: Served, missing: str) -> None:
    """C15.1: what must be said depends on the track."""
    with pytest.raises(InvalidRecord, match=missing):
        hotline.make(CLERK, NOW, "submission", **{**GRIEVANCE, missing: None})


@pytest.mark.parametrize("missing", ["object", "reason", "evidence"])
def test_a_complaint_asks_for_other_things(hotline: Served, missing: str) -> None:
    """The complaint track needs its subject, reason and evidence, and none of the grievance's facts."""
    values = {name: GRIEVANCE[name] for name in ("user_name", "phone", "subject")}
    said = {"object": "某窗口", "reason": "态度差", "evidence": [hotline.stage.photo(CLERK, NOW)]}
    with pytest.raises(InvalidRecord, match=missing):
        hotline.make(CLERK, NOW, "submission", track="complaint", **values, **{**said, missing: None})
    assert hotline.make(CLERK, NOW, "submission", track="complaint", **values, **said)


REVIEW = {"facts_found": "属实", "reviewed_at": NOW, "review_result": "受理", "review_told_at": NOW}


def reviewed(hotline: Served, further: bool) -> int:
    one = hotline.make(CLERK, NOW, "submission", **GRIEVANCE)
    hotline.move(CLERK, NOW, "submission", one, "confirm", reviewer=hotline.id_of(WORKER))
    hotline.move(WORKER, NOW, "submission", one, "review", **REVIEW, further=further)
    return one


def test_receipt_is_confirmed_with_process_and_time(hotline: Served) -> None:
    """C15.2: receipt is confirmed in one step with telling the process, and printed."""
    one = hotline.make(CLERK, NOW, "submission", **GRIEVANCE)
    hotline.move(CLERK, LATER, "submission", one, "confirm", reviewer=hotline.id_of(WORKER))
    found = hotline.read("submission", one)
    assert (found["confirmed_at"], found["process_told"]) == (LATER, True)


def test_a_review_is_not_done_before_it_is_told(hotline: Served) -> None:
    """C15.4: the result and the time at which the user was told are asked together."""
    one = hotline.make(CLERK, NOW, "submission", **GRIEVANCE)
    hotline.move(CLERK, NOW, "submission", one, "confirm", reviewer=hotline.id_of(WORKER))
    with pytest.raises(TransitionRefused) as refused:
        hotline.move(WORKER, NOW, "submission", one, "review", **{**REVIEW, "review_told_at": None})
    assert refused.value.missing == ("review_told_at",)


def test_the_further_investigation_is_a_stage_on_a_condition(hotline: Served) -> None:
    """D15.3: with it no plan is made before its end, without it there is none."""
    plan = {"department": hotline.stage.unit("R01").id, "plan": "补发并致歉"}
    short, long = reviewed(hotline, False), reviewed(hotline, True)
    with pytest.raises(TransitionRefused, match="确需进一步调查"):
        hotline.move(WORKER, NOW, "submission", short, "investigate")
    hotline.move(WORKER, NOW, "submission", short, "plan", **plan)
    with pytest.raises(TransitionRefused, match="先完成调查"):
        hotline.move(WORKER, NOW, "submission", long, "plan", **plan)
    hotline.move(WORKER, NOW, "submission", long, "investigate")
    done = {"investigated_at": NOW, "investigation_result": "已查清", "investigation_told_at": NOW}
    hotline.move(WORKER, NOW, "submission", long, "report", **done)
    hotline.move(WORKER, NOW, "submission", long, "plan", **plan)
    assert hotline.read("submission", long)["state"] == "planned"


# ── after-sales ──


@pytest.fixture
def forwarded(aftersales: Served) -> int:
    """A complaint with the first restaurant's kitchen as the responsible department."""
    values = {"user_name": "陈女士", "phone": "13900000000", "content": "商品破损", "received_at": NOW}
    one = aftersales.make(CLERK, NOW, "complaint", **values)
    unit = aftersales.stage.unit("R01").id
    asked = {"department": unit, "handler": aftersales.id_of(WORKER)}
    aftersales.move(CLERK, NOW, "complaint", one, "forward", **asked)
    return one


def confirmed(aftersales: Served, one: int) -> int:
    asked = {"verified_at": LATER, "responded_at": LATER, "verification_note": "属实"}
    aftersales.move(WORKER, LATER, "complaint", one, "confirm", **asked)
    return one


def test_forwarding_again_clears_the_verification(aftersales: Served, forwarded: int) -> None:
    """The other department's three days begin anew; the lodging stays."""
    other = {"department": aftersales.stage.unit("R02").id}
    aftersales.move(CLERK, LATER, "complaint", forwarded, "forward_again", **other)
    found = aftersales.read("complaint", forwarded)
    assert (found["forwarded_at"], found["verified_at"], found["received_at"]) == (LATER, None, NOW)


def test_what_cannot_be_solved_at_once_needs_a_promise(aftersales: Served, forwarded: int) -> None:
    """D01.5: no promise without a date and without telling the user."""
    one = confirmed(aftersales, forwarded)
    said = {"contacted_at": LATER, "promised_on": date(2026, 3, 20), "timetable_told_at": LATER}
    for missing in ("promised_on", "timetable_told_at"):
        with pytest.raises((TransitionRefused, InvalidRecord)):
            aftersales.move(WORKER, LATER, "complaint", one, "promise", **{**said, missing: None})
    aftersales.move(WORKER, LATER, "complaint", one, "promise", **said)
    found = aftersales.read("complaint", one)
    assert (found["state"], found["at_once"], found["promised_on"]) == ("promised", False, date(2026, 3, 20))


def test_the_answer_goes_through_customer_service(aftersales: Served, forwarded: int) -> None:
    """D01.6: the department hands back; who handled the case does not tell the user the end of it."""
    one = confirmed(aftersales, forwarded)
    aftersales.move(WORKER, LATER, "complaint", one, "agree", contacted_at=LATER, solution="换新")
    aftersales.move(WORKER, LATER, "complaint", one, "solve", solved_at=LATER, result="已换新")
    with pytest.raises(TransitionRefused):
        aftersales.move(CLERK, LATER, "complaint", one, "inform", informed_at=LATER)
    aftersales.move(WORKER, LATER, "complaint", one, "hand_back")
    with pytest.raises(TransitionRefused):
        aftersales.move(WORKER, LATER, "complaint", one, "inform", informed_at=LATER)
    aftersales.move(CLERK, LATER, "complaint", one, "inform", informed_at=LATER)
    assert aftersales.read("complaint", one)["state"] == "closed"


def test_what_is_not_true_is_explained_and_closed(aftersales: Served, forwarded: int) -> None:
    """The exit that the source does not describe is the organisation's own."""
    asked = {"verified_at": LATER, "verification_note": "并非本公司产品"}
    aftersales.move(WORKER, LATER, "complaint", forwarded, "refute", **asked)
    aftersales.move(CLERK, LATER, "complaint", forwarded, "inform", informed_at=LATER)
    found = aftersales.read("complaint", forwarded)
    assert (found["state"], found["verification"]) == ("closed", "not_true")


def test_returns_follow_the_policy(aftersales: Served) -> None:
    """C01.7: a return outside of the policy is not accepted; the user's loss is kept."""
    asked = {"user_name": "陈女士", "product": "电饭煲", "reason": "破损"}
    one = aftersales.make(BOSS, NOW, "return_request", **asked)
    with pytest.raises(TransitionRefused, match="退货政策"):
        aftersales.move(BOSS, NOW, "return_request", one, "accept", within_policy=False)
    aftersales.move(BOSS, NOW, "return_request", one, "accept", within_policy=True, user_loss=Decimal(20))
    assert aftersales.read("return_request", one)["user_loss"] == 20
