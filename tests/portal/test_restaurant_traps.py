"""The traps of the shipped penalty rules that only show in use: who may do what, when, and what follows.

The 23 traps of the source and where each is held:
1 clock from the notice, 2 hours against days, 3 joint by level and finder, 4 base of the share, 6 heavier of
two, 7 serious below major, 20 obstruction: `test_restaurant_penalties.py`;
12 surprise checks in hiding (what is granted): `test_restaurant_supervision.py`;
5, 8 to 19, 21 to 23: here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions import InvalidRecord, load_for
from app.demo.stage import Stage, set_stage
from app.spec.records import RecordType
from app.storage import RecordGone, open_database, read_record
from app.web.start import start
from app.workflow import TransitionRefused

ROOT = Path(__file__).resolve().parents[2]
REGIME = "restaurant_supervision"
FINDING, SLIP, PROPOSAL, APPEAL, INSPECTION = (
    f"{REGIME}.{name}" for name in ("finding", "feedback_slip", "penalty_proposal", "appeal", "inspection")
)
HEAD, COOK, WAITER = "R01-0", "R01-7", "R01-3"
"""Of the first restaurant: its head, a cook, a waiter."""
NOW = datetime(2026, 3, 6, 2, tzinfo=UTC)
"""Ten in the morning of a Friday in Beijing."""
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The shipped configuration with the sample organisation in it."""
    database = open_database("", tmp_path_factory.mktemp("traps"))
    release = start(database, ROOT, NOW).release
    yield set_stage(release, database, date(2026, 2, 1))
    database.dispose()


@pytest.fixture(scope="module")
def found(stage: Stage) -> Callable[..., int]:
    """`found(class, level, …)`: a finding at the first restaurant, made by the personnel department."""

    def make(kind: str, level: str | None, who: str = "hr_lead", offender: str = COOK, **more: object) -> int:
        values = {
            "class": kind,
            "level": level,
            "description": "未按标准操作",
            "unit": stage.unit("R01").id,
            "found_at": NOW,
            "finder": stage.person(who).id,
            "found_by": "hr_patrol" if who == "hr_lead" else "own_check",
            "offender": stage.person(offender).id,
        }
        return stage.make(who, NOW, FINDING, {**values, **more})

    return make


def values_of(stage: Stage, kind: str, ident: int) -> dict[str, Any]:
    with stage.database.reading() as session:
        stored = read_record(session, stage.models, kind, ident)
    assert stored is not None
    return dict(stored.values)


def penalties(stage: Stage, kind: str, ident: int) -> list[dict[str, Any]]:
    """The penalties that a record led to, in the order in which they were made."""
    ids = sorted(stage.ids_of("penalty", record_type=kind, record_id=ident))
    return [values_of(stage, "penalty", one) | {"id": one} for one in ids]


def issued_slip(stage: Stage, finding: int, **asked: object) -> int:
    """A slip to the cook, issued to be sent back on the tenth of March."""
    stage.move("hr_lead", NOW, FINDING, finding, "send_slip")
    (slip,) = stage.ids_of(SLIP, finding_id=finding)
    stage.move("hr_lead", NOW, SLIP, slip, "issue", **{"due_fill": date(2026, 3, 10), **asked})
    return slip


ANSWER = {"cannot_finish_reason": "设备未到货", "remedial_plan": "三日内到货后更换"}


def test_an_unanswered_slip_is_two_faults_of_their_own(stage: Stage, found: Callable[..., int]) -> None:
    """Rule 2, trap 5: one fault for the person and one for the superior, each direct; nothing goes up."""
    slip = issued_slip(stage, found("defect", "quality_accident"))
    with pytest.raises(TransitionRefused, match="期限还没有过"):
        stage.move("hr_lead", datetime(2026, 3, 10, 15, tzinfo=UTC), SLIP, slip, "expire")
    stage.pass_time(datetime(2026, 3, 10, 17, tzinfo=UTC))
    raised = penalties(stage, SLIP, slip)
    superior = stage.organisation.people[COOK].superior
    assert superior is not None
    whom = [stage.person(COOK).id, stage.person(superior).id]
    assert [(one["person"], one["level"], one["origin"], one["amount_due"]) for one in raised] == [
        (person, "fault", "direct", Decimal(50)) for person in whom
    ]


def test_an_answer_without_effect_is_the_same(stage: Stage, found: Callable[..., int]) -> None:
    """Rule 2: answered in time, judged without effective action: again one fault each."""
    slip = issued_slip(stage, found("defect", "blemish"))
    stage.move(HEAD, NOW + DAY, SLIP, slip, "answer_done", result="已提醒", penalty_opinion="批评教育")
    stage.move("hr_lead", NOW + 2 * DAY, SLIP, slip, "reject", verify_note="没有任何改变")
    assert [one["level"] for one in penalties(stage, SLIP, slip)] == ["fault", "fault"]


def test_nothing_is_proposed_before_the_rectification_passed(stage: Stage, found: Callable[..., int]) -> None:
    """Rule 7, trap 8: a proposal is blocked while its defect is being put right, and goes on after that;
    what is approved is charged to the offender alone."""
    finding = found("defect", "quality_accident", who=HEAD)
    asked = {"analysis": "备货不足", "internal_measure": "加备", "spotted_in_time": True}
    stage.move(HEAD, NOW, FINDING, finding, "handle", **asked, economic_loss=True, image_loss=False)
    line = {"person": stage.person(COOK).id, "proposed": "乐捐", "basis": "条例 五（十）"}
    values = {"finding": finding, "unit": stage.unit("R01").id, "persons": [line], "measures": "已加备"}
    proposal = stage.make(HEAD, NOW, PROPOSAL, values)
    with pytest.raises(TransitionRefused, match="整改合格之后"):
        stage.move(HEAD, NOW, PROPOSAL, proposal, "submit")
    stage.move("hr_lead", NOW + DAY, FINDING, finding, "pass", rectification_passed_at=NOW + DAY)
    stage.move(HEAD, NOW + DAY, PROPOSAL, proposal, "submit")
    stage.move("hr_lead", NOW + DAY, PROPOSAL, proposal, "approve")
    (only,) = penalties(stage, PROPOSAL, proposal)
    assert (only["person"], only["amount_due"]) == (stage.person(COOK).id, Decimal(100))


@pytest.mark.parametrize(
    ("at", "taken"),
    [(datetime(2026, 3, 9, 15, 59, tzinfo=UTC), True), (datetime(2026, 3, 9, 16, 1, tzinfo=UTC), False)],
    ids=["the last minute before the date", "on the date"],
)
def test_a_good_reason_must_come_before_the_date(
    stage: Stage, found: Callable[..., int], at: datetime, taken: bool
) -> None:
    """Trap 9, deadline D06: the reason and the plan count before the date, not on it and not after it."""
    slip = issued_slip(stage, found("defect", "blemish"))
    if taken:
        stage.move(HEAD, at, SLIP, slip, "answer_extension", **ANSWER)
        assert values_of(stage, SLIP, slip)["state"] == "answered_extension"
    else:
        with pytest.raises(TransitionRefused):
            stage.move(HEAD, at, SLIP, slip, "answer_extension", **ANSWER)


@pytest.mark.parametrize("missing", list(ANSWER))
def test_a_reason_needs_its_plan(stage: Stage, found: Callable[..., int], missing: str) -> None:
    """Deadline D06: reason and remedial plan come together."""
    slip = issued_slip(stage, found("defect", "blemish"))
    with pytest.raises((TransitionRefused, InvalidRecord)):
        stage.move(HEAD, NOW, SLIP, slip, "answer_extension", **{**ANSWER, missing: None})


@pytest.mark.parametrize(
    ("who", "level"),
    [(HEAD, "serious_fault"), (HEAD, "major_fault"), ("hr_lead", "minor_fault"), ("hr_lead", "fault")],
    ids=["own check, serious", "own check, major", "patrol, minor", "patrol, fault"],
)
def test_the_head_cannot_charge_what_is_not_his(
    stage: Stage, found: Callable[..., int], who: str, level: str
) -> None:
    """Trap 10: serious and major faults, and whatever the patrol found, are not the unit head's to punish."""
    with pytest.raises(TransitionRefused, match="自查发现的轻微过失和过失"):
        stage.move(HEAD, NOW, FINDING, found("breach", level, who=who), "charge_own")


def test_the_head_cannot_decide_a_serious_fault_either(stage: Stage, found: Callable[..., int]) -> None:
    """Trap 10: nor through the penalty itself, once the personnel department has raised it."""
    finding = found("breach", "serious_fault")
    stage.move("hr_lead", NOW, FINDING, finding, "charge")
    direct, joint = penalties(stage, FINDING, finding)
    with pytest.raises((TransitionRefused, InvalidRecord, RecordGone)):
        stage.move(HEAD, NOW, "penalty", direct["id"], "decide", basis="从轻", amount_due=20)
    assert (values_of(stage, "penalty", direct["id"])["state"], joint["origin"]) == ("proposed", "joint")


def test_each_has_a_notice_of_his_own(stage: Stage, found: Callable[..., int]) -> None:
    """Trap 1: employee and superior are told at different times, and each penalty keeps its own."""
    finding = found("breach", "serious_fault")
    stage.move("hr_lead", NOW, FINDING, finding, "charge")
    for hours, one in enumerate(penalties(stage, FINDING, finding)):
        at = NOW + timedelta(hours=1 + hours)
        stage.move("hr_lead", at, "penalty", one["id"], "decide", basis="条例 五（三）")
        stage.move("hr_lead", at, "penalty", one["id"], "notify", notified_at=at)
    told = [one["notified_at"] for one in penalties(stage, FINDING, finding)]
    assert told == [NOW + timedelta(hours=1), NOW + timedelta(hours=2)]


def test_the_personnel_department_does_not_judge_itself(stage: Stage, found: Callable[..., int]) -> None:
    """Rule 3, trap 11: one of its own is charged by the general manager, not by itself."""
    more = {"breach_ground": "not_handled", "offender_in_hr": True, "offender": "inspector1"}
    finding = found("breach", "fault", **more)
    with pytest.raises(TransitionRefused, match="由总经理决定"):
        stage.move("hr_lead", NOW, FINDING, finding, "charge")
    stage.move("boss", NOW, FINDING, finding, "charge")
    (only,) = penalties(stage, FINDING, finding)
    assert only["may_decide"] == "role.general_manager"


def test_a_surprise_check_is_not_seen_before_it_happens(stage: Stage) -> None:
    """Trap 12: the inspected unit's head does not find it while it is planned, and does once written up."""
    values = {"kind": "surprise", "unit": stage.unit("R01").id, "finder": stage.person("inspector1").id}
    more = {"trigger": "complaint", "ground": "顾客来电反映", "found_at": NOW, "found_by": "hr_patrol"}
    check = stage.make("inspector1", NOW, INSPECTION, {**values, **more})
    with pytest.raises(RecordGone):
        load_for(stage.context(HEAD, NOW), INSPECTION, check)
    texts = dict.fromkeys(("record_text", "rectification_suggestion", "penalty_opinion"), "见记录")
    stage.move("inspector1", NOW, INSPECTION, check, "write_up", **texts)
    stored, _ = load_for(stage.context(HEAD, NOW), INSPECTION, check)
    assert stored.values["state"] == "written"


def test_the_finder_tracks_a_hazard_to_its_end(stage: Stage, found: Callable[..., int]) -> None:
    """Traps 13 and 18: only an urgent hazard is called; the department that was called does not end it, the
    finder who tracks it does; one that is not urgent goes by a slip."""
    calm = found("hazard", None, who="hr_lead", removable_on_spot=False, urgent=False)
    with pytest.raises(TransitionRefused, match="只用于紧急"):
        stage.move("hr_lead", NOW, FINDING, calm, "call_department", called_unit=stage.unit("admin").id)
    assert issued_slip(stage, calm)
    hazard = found("hazard", "quality_accident", who=HEAD, removable_on_spot=False, urgent=True)
    assert values_of(stage, FINDING, hazard)["tracker"] == stage.person(HEAD).id
    stage.move(HEAD, NOW, FINDING, hazard, "call_department", called_unit=stage.unit("admin").id)
    gone = {"removed_at": NOW + DAY, "cause": "not_human"}
    with pytest.raises((TransitionRefused, RecordGone, InvalidRecord)):
        stage.move("admin_head", NOW + DAY, FINDING, hazard, "remove", **gone)
    stage.move(HEAD, NOW + DAY, FINDING, hazard, "remove", **gone)
    assert values_of(stage, FINDING, hazard)["state"] == "passed"
    with pytest.raises(TransitionRefused, match="非人为隐患不处罚"):
        stage.move("hr_lead", NOW + DAY, FINDING, hazard, "propose")


def test_gaps_are_marked(stage: Stage) -> None:
    """Traps 14 and 15: the missing attachments are listed, the routine check says that it has no stated
    frequency, irregular checks have none, and no amount passes for the source's own."""
    portal = stage.release.portal
    missing = " ".join(portal.regimes[REGIME].missing)
    assert all(word in missing for word in ("员工手册", "附件", "附录"))
    assert "原文未写" in portal.choices["common.check_kind"].options["routine"].note
    assert portal.duties[f"{REGIME}.comprehensive_check"].every is None
    for schedule in portal.penalty_schedules.values():
        if schedule.regime == REGIME:
            assert all(level.own or level.amount is None for level in schedule.levels.values())


@pytest.mark.parametrize(("name", "start"), [("appeal_window", "notified_at"), ("appeal_answer", "filed_at")])
def test_where_the_appeals_clocks_begin(stage: Stage, name: str, start: str) -> None:
    """Trap 16: both starts are the organisation's own reading, and say so."""
    level = stage.release.portal.service_levels[f"{REGIME}.{name}"]
    assert (level.from_, "本单位自定" in level.note) == (start, True)


@pytest.mark.parametrize("back", [None, date(2026, 3, 12)], ids=["one date written", "two dates"])
def test_a_slip_has_two_dates(stage: Stage, found: Callable[..., int], back: date | None) -> None:
    """Trap 17: the date to fill in and the date to send back are equal unless both are written."""
    slip = values_of(stage, SLIP, issued_slip(stage, found("defect", "blemish"), due_return=back))
    assert (slip["due_fill"], slip["due_return"]) == (date(2026, 3, 10), back or date(2026, 3, 10))


def test_the_reporter_cannot_lower_the_level(stage: Stage, found: Callable[..., int]) -> None:
    """Trap 19: once referred, the head who may have to pay the share changes neither the level nor the
    offender; the personnel department may."""
    finding = found("breach", "serious_fault", who=HEAD)
    stage.move(HEAD, NOW, FINDING, finding, "refer", unit_opinion="建议从严")
    for name, value in {"level": "minor_fault", "offender": stage.person(WAITER).id}.items():
        before = values_of(stage, FINDING, finding)[name]
        with suppress(InvalidRecord):
            stage.change(HEAD, NOW, FINDING, finding, **{name: value})
        assert values_of(stage, FINDING, finding)[name] == before != value
    stage.change("hr_lead", NOW, FINDING, finding, level="major_fault")
    assert values_of(stage, FINDING, finding)["level"] == "major_fault"


@pytest.fixture(scope="module")
def fined(stage: Stage, found: Callable[..., int]) -> Callable[[str], int]:
    """`fined(head or hr)`: a penalty of the cook, decided by the head or the personnel department, told."""

    def make(by: str) -> int:
        finding = found("breach", "fault", who=by)
        stage.move(by, NOW, FINDING, finding, "charge_own" if by == HEAD else "charge")
        (one,) = penalties(stage, FINDING, finding)
        stage.move(by, NOW, "penalty", one["id"], "decide", basis="条例 五")
        stage.move(by, NOW, "penalty", one["id"], "notify", notified_at=NOW)
        return int(one["id"])

    return make


def appeal_of(stage: Stage, decision: int, by: str, **more: object) -> int:
    """An appeal of the cook, filed after a talk."""
    values = {"decision": decision, "decided_by": by, "notified_at": NOW, "appellant": stage.person(COOK).id}
    appeal = stage.make(COOK, NOW + DAY, APPEAL, {**values, **more})
    form = stage.photo(COOK, NOW + DAY)
    talk = {"talk_with": stage.person("hr_manager").id, "talk_at": NOW + DAY, "talk_result": "没有谈拢"}
    stage.move(COOK, NOW + DAY, APPEAL, appeal, "file", **talk, grounds="事实不符", form=form)
    return appeal


@pytest.mark.parametrize(
    ("decider", "by", "not_heard_by", "heard_by"),
    [(HEAD, "direct_superior", "boss", "hr_lead"), ("hr_lead", "hr", "hr_lead", "boss")],
    ids=["trap 21: of the unit head", "of the personnel department"],
)
def test_who_hears_an_appeal(
    stage: Stage, fined: Callable[[str], int], decider: str, by: str, not_heard_by: str, heard_by: str
) -> None:
    """The chain is chosen by who decided: a unit head's decision (treated as the superior's) goes to the
    personnel department, its own to the general manager."""
    appeal = appeal_of(stage, fined(decider), by)
    with pytest.raises(TransitionRefused):
        stage.move(not_heard_by, NOW + 2 * DAY, APPEAL, appeal, "reject", answer="维持")
    stage.move(heard_by, NOW + 2 * DAY, APPEAL, appeal, "reject", answer="维持")
    assert values_of(stage, APPEAL, appeal)["state"] == "rejected"


def test_an_upheld_appeal_corrects_the_penalty(stage: Stage, fined: Callable[[str], int]) -> None:
    """Rule 9: an appeal is upheld by saying what becomes of the penalty, and that happens with it."""
    decision = fined(HEAD)
    appeal = appeal_of(stage, decision, "direct_superior")
    held = {"answer": "成立", "correction": "withdraw", "decider_measure": "reminder"}
    with pytest.raises(TransitionRefused):
        stage.move("hr_lead", NOW + 2 * DAY, APPEAL, appeal, "uphold", answer="成立")
    stage.move("hr_lead", NOW + 2 * DAY, APPEAL, appeal, "uphold", **held)
    assert values_of(stage, "penalty", decision)["state"] == "withdrawn"
    assert values_of(stage, APPEAL, appeal)["state"] == "upheld"


def test_an_upheld_appeal_can_lower_the_level(stage: Stage, fined: Callable[[str], int]) -> None:
    """Rule 9: corrected to a minor fault the penalty comes to the tariff of that, and is still owed."""
    decision = fined(HEAD)
    appeal = appeal_of(stage, decision, "direct_superior")
    held = {"answer": "情节轻微", "correction": "correct", "corrected_level": "minor_fault"}
    stage.move("hr_lead", NOW + 2 * DAY, APPEAL, appeal, "uphold", **held, decider_measure="none")
    found = values_of(stage, "penalty", decision)
    assert (found["state"], found["level"], found["amount_due"]) == ("notified", "minor_fault", Decimal(20))


def test_a_ruling_can_go_on_to_the_general_manager(stage: Stage, fined: Callable[[str], int]) -> None:
    """Trap 22: its ruling is a decision of its own; the second appeal names the first."""
    decision = fined(HEAD)
    first = appeal_of(stage, decision, "direct_superior")
    stage.move("hr_lead", NOW + 2 * DAY, APPEAL, first, "reject", answer="维持")
    second = appeal_of(stage, decision, "hr", previous=first)
    stage.move("boss", NOW + 4 * DAY, APPEAL, second, "reject", answer="维持")
    assert values_of(stage, APPEAL, second)["previous"] == first


def test_a_publication_names_nobody(stage: Stage) -> None:
    """Trap 23: a monthly publication has totals and no field for a person but the one who published it."""
    record = stage.release.portal.section(RecordType)[f"{REGIME}.publication"]
    persons = [name for name, field in record.fields.items() if field.target == "person"]
    assert persons == ["published_by"] and "合计" in record.note
