"""Deciding on penalties: who may, what amount, what follows; and why an amount is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions import InvalidRecord, create_record, save_record
from app.actions.advance_workflow import advance_workflow, open_moves
from app.actions.penalties import ShownReason, decision_guard, may_decide, why
from app.actions.rejudging import NotRejudged, rejudge_penalty
from app.storage import Database, RecordGone, update_record
from app.workflow import TransitionRefused
from tests.support.offices import Office
from tests.support.penalties import (
    CONDUCT,
    DEFECT,
    POINTS,
    make_case,
    penalty,
    penalty_office,
    post,
    raised,
    row,
)
from tests.support.portals import NOW, stamp

PENALTY = "penalty"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return penalty_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return penalty_office(sqlite_database, tmp_path)


def decide(office: Office, ident: int, amount: object, who: str = "hr", role: str = "hr") -> None:
    posted = {"amount_due": amount, "basis": "依据"}
    advance_workflow(office.as_(who, role), PENALTY, ident, "decide", posted)


def refused(office: Office, ident: int, amount: object) -> dict[str, tuple[str, ...]]:
    with pytest.raises(InvalidRecord) as caught:
        decide(office, ident, amount)
    return caught.value.errors


@pytest.mark.parametrize(
    ("level", "who", "role", "may"),
    [
        pytest.param("fault", "head", "chief", True, id="head of the unit: a light fault"),
        pytest.param("fault", "other_head", "chief", False, id="head of another unit"),
        pytest.param("fault", "hr", "hr", False, id="not the role that decides graver ones"),
        pytest.param("fault", "cook", "chief", False, id="own, whatever the role"),
        pytest.param("fault", "cook", "administrator", False, id="own, even as administrator"),
        pytest.param("serious", "head", "chief", False, id="head of the unit: a serious fault"),
        pytest.param("serious", "hr", "hr", True, id="the role: a serious fault"),
        pytest.param("serious", "boss", "administrator", True, id="administrator"),
        pytest.param("serious", "boss", "chief", False, id="another role"),
        pytest.param("major", "head", "hr", False, id="sets an amount of which he pays a share"),
    ],
)
def test_who_may_decide(local: Office, level: str, who: str, role: str, may: bool) -> None:
    """The holders that the schedule names, and nobody in a matter of the own: page and action agree."""
    ident = raised(local, make_case(local), CONDUCT, level)[0]
    context = local.as_(who, role)
    assert may_decide(context, penalty(local, ident)).allowed is may
    assert ("decide" in {move.name for move in open_moves(local.as_(who, role), PENALTY, ident)}) is may
    amount = row(local, ident).amount_due or 500
    if may:
        decide(local, ident, amount, who, role)
        assert row(local, ident).state == "decided"
    else:
        with pytest.raises(TransitionRefused):
            decide(local, ident, amount, who, role)
        assert row(local, ident).state == "proposed"


def test_the_refusal_says_who_decides(local: Office) -> None:
    """A head of unit learns that it is for HR."""
    ident = raised(local, make_case(local), CONDUCT, "serious")[0]
    decision = may_decide(local.as_("head", "chief"), penalty(local, ident))
    assert decision.reason() == "this penalty is decided by 人事"


def test_nobody_decides_on_the_own_joint_penalty(office: Office) -> None:
    """Neither the one who pays jointly nor the person in breach decides on the joint penalty."""
    joint = raised(office, make_case(office), CONDUCT, "serious")[1]
    for who in ("head", "cook"):
        assert not may_decide(office.as_(who, "hr"), penalty(office, joint)).allowed
        with pytest.raises(TransitionRefused, match="of his own"):
            advance_workflow(office.as_(who, "hr"), PENALTY, joint, "withdraw", {"withdrawn_reason": "x"})
    assert may_decide(office.as_("hr", "hr"), penalty(office, joint)).allowed


def test_the_new_head_decides(local: Office) -> None:
    """Who heads the offender's unit of that day now, decides; the head of then no more."""
    (ident,) = raised(local, make_case(local), CONDUCT, "fault")
    post(local, "cook", {"from_date": date(2026, 2, 20), "unit": local.units["hr"]})
    with local.database.writing() as session:
        values = {"head": local.people["other_head"]}
        update_record(session, local.models, "unit", local.units["shop"], values, stamp(), None)
    assert may_decide(local.as_("other_head", "chief"), penalty(local, ident)).allowed
    assert not may_decide(local.as_("head", "chief"), penalty(local, ident)).allowed


def test_a_decision_is_signed_by_the_action(office: Office) -> None:
    """Decider and time are the actor's and the action's; what the form sends for them is nothing."""
    ident = raised(office, make_case(office), CONDUCT, "serious")[0]
    posted = {"amount_due": "200.00", "decider": office.people["boss"], "decided_at": "2020-01-01 00:00"}
    advance_workflow(office.as_("hr", "hr"), PENALTY, ident, "decide", posted)
    found = row(office, ident)
    assert (found.state, found.decider_id, found.decided_at) == ("decided", office.people["hr"], NOW)


@pytest.mark.parametrize("amount", ["0", "199.99", "201"])
def test_a_fixed_amount_is_not_decided_otherwise(local: Office, amount: str) -> None:
    """The tariff's amount stands."""
    ident = raised(local, make_case(local), CONDUCT, "serious")[0]
    assert refused(local, ident, amount) == {"amount_due": ("the amount of this level is fixed: 200.00",)}


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        pytest.param("99.99", "outside", id="below"),
        pytest.param("5000.01", "outside", id="above"),
        pytest.param("", "fill in first", id="none"),
    ],
)
def test_an_asked_amount_keeps_its_bounds(local: Office, amount: str, said: str) -> None:
    """What the decider sets lies between the level's bounds, and is set at all."""
    ident = raised(local, make_case(local), CONDUCT, "major")[0]
    with pytest.raises((InvalidRecord, TransitionRefused), match=said):
        decide(local, ident, amount)
    assert row(local, ident).state == "proposed"


def test_an_asked_amount_is_a_multiple_of_the_step(local: Office) -> None:
    """Amounts are what the schedule's rounding allows."""
    (ident,) = raised(local, make_case(local), DEFECT, "major")
    assert "multiple of 10" in refused(local, ident, "55")["amount_due"][0]
    decide(local, ident, "60")


def test_the_share_follows_the_decision(office: Office) -> None:
    """Those who answer jointly wait for the amount, then owe their share of it and nothing else."""
    direct, superior = raised(office, make_case(office), CONDUCT, "major")
    assert "first" in refused(office, superior, "100")["amount_due"][0]
    decide(office, direct, "333.33")
    assert (row(office, direct).base_amount, row(office, direct).amount_due) == (None, Decimal("333.33"))
    assert row(office, superior).amount_due == Decimal("166.67")
    assert "166.67" in refused(office, superior, "166")["amount_due"][0]
    decide(office, superior, "166.67")
    texts = [one.text for one in why(office.as_("hr", "hr"), direct)]
    assert "333.33 CNY, set by the decider" in texts
    texts = [one.text for one in why(office.as_("hr", "hr"), superior)]
    assert "166.67 CNY: the share of the 333.33 CNY that was decided" in texts
    for ident in (direct, superior):
        assert rejudge_penalty(office.as_("hr", "hr"), ident).same


def edited(office: Office, ident: int, posted: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    with pytest.raises(InvalidRecord) as caught:
        save_record(office.as_("hr", "hr"), PENALTY, ident, posted, None)
    return caught.value.errors


def test_an_edit_settles_nothing(office: Office) -> None:
    """Amount, person and unit of a fixed penalty stay; other fields may be written."""
    ident = raised(office, make_case(office), CONDUCT, "serious")[0]
    before = penalty(office, ident)
    assert set(edited(office, ident, {"amount_due": "1"})) == {"amount_due"}
    assert set(edited(office, ident, {"person": office.people["boss"]})) == {"person"}
    assert set(edited(office, ident, {"unit": office.units["hr"]})) == {"unit"}
    assert penalty(office, ident) == before
    save_record(office.as_("hr", "hr"), PENALTY, ident, {"basis": "现场照片", "amount_due": "200"}, None)
    assert penalty(office, ident).values["basis"] == "现场照片"


def test_a_decided_amount_is_not_edited(local: Office) -> None:
    """An asked amount may be prepared by those who decide, and stays once it is decided."""
    direct = raised(local, make_case(local), CONDUCT, "major")[0]
    assert set(edited(local, direct, {"amount_due": "99"})) == {"amount_due"}
    with pytest.raises(InvalidRecord, match="decided by"):
        save_record(local.as_("boss", "chief"), PENALTY, direct, {"amount_due": "500"}, None)
    save_record(local.as_("hr", "hr"), PENALTY, direct, {"amount_due": "500"}, None)
    decide(local, direct, "500")
    assert "correction" in edited(local, direct, {"amount_due": "400"})["amount_due"][0]


@pytest.mark.parametrize("name", ["decider", "decided_at", "schedule", "base_amount", "may_decide"])
def test_the_guard_keeps_what_no_form_writes(local: Office, name: str) -> None:
    """Who calls it with values that no form opens is refused as well."""
    ident = raised(local, make_case(local), CONDUCT, "serious")[0]
    values = {"decider": local.people["hr"], "decided_at": NOW, "schedule": DEFECT, "base_amount": Decimal(1)}
    context = local.as_("hr", "hr")
    with pytest.raises(InvalidRecord) as caught:
        decision_guard(context, ident, None, {name: values.get(name, "role.chief")})
    assert set(caught.value.errors) == {name}


def test_a_notice_comes_after_the_decision(office: Office) -> None:
    """The notice was received neither before the decision nor without one."""
    ident = raised(office, make_case(office), CONDUCT, "serious")[0]
    hr = office.as_("hr", "hr")
    assert set(edited(office, ident, {"notified_at": "2026-03-05 09:00"})) == {"notified_at"}
    decide(office, ident, "200")
    early = {"notified_at": (NOW - timedelta(minutes=1)).isoformat()}
    with pytest.raises(InvalidRecord) as caught:
        advance_workflow(hr, PENALTY, ident, "notify", early)
    assert set(caught.value.errors) == {"notified_at"}
    advance_workflow(hr, PENALTY, ident, "notify", {"notified_at": NOW.isoformat()})
    assert row(office, ident).state == "notified"
    assert set(edited(office, ident, early)) == {"notified_at"}


def test_an_event_is_charged_once(office: Office) -> None:
    """Of two schedules whose weight is open the one that is decided stands; the other is set aside, and what
    was charged is not charged again in the other's name."""
    case = make_case(office)
    direct, _ = raised(office, case, CONDUCT, "major")
    (defect,) = raised(office, case, DEFECT, "spot")
    assert row(office, defect).state == "not_charged"
    decide(office, direct, "150")
    set_level = raised(office, case, DEFECT, "serious")
    assert row(office, set_level[0]).state == "proposed", "heavier than what was decided"
    with pytest.raises(TransitionRefused, match="charged already by CF-202603-0001"):
        decide(office, defect, "300", "boss", "administrator")


def test_the_lighter_amount_is_not_decided(local: Office) -> None:
    """A decider who sets less than another penalty of the same event is told that it is not charged."""
    case = make_case(local)
    direct = raised(local, case, CONDUCT, "major")[0]
    (defect,) = raised(local, case, DEFECT, "serious")
    with local.database.writing() as session:
        update_record(session, local.models, PENALTY, defect, {"state": "proposed"}, stamp(), None)
    assert "not charged" in refused(local, direct, "100")[""][0]
    decide(local, direct, "400")
    assert row(local, defect).state == "not_charged"


def flat(reasons: tuple[ShownReason, ...]) -> list[ShownReason]:
    return [one for reason in reasons for one in (reason, *flat(reason.children))]


def test_why_names_rule_and_place(office: Office) -> None:
    """Every step is a sentence with its file and line; the translation is the reader's."""
    direct, joint = raised(office, make_case(office), CONDUCT, "serious")
    hr = office.as_("hr", "hr")
    text = (Path(hr.instance).parent / "root/config/regimes/r/penalties.yaml").read_text("utf-8").splitlines()
    steps = flat(why(hr, joint))
    assert all(step.file == "config/regimes/r/penalties.yaml" for step in steps)
    assert "失察: 50 % of 200.00 CNY is 100.00 CNY; taken of the amount decided" in [
        one.text for one in steps
    ]
    lines = {one.text: text[one.line - 1].strip() for one in flat(why(hr, direct))}
    assert lines["level 严重: 200.00 CNY"] == "serious: {amount: 200}"
    assert lines["decided by 人事"] == "- {who: role.hr}"
    chinese = replace(hr, translate=lambda words: words.replace("decided by", "决定人："))
    assert "决定人： 人事" in [one.text for one in why(chinese, direct)]


def test_why_is_for_those_who_may_read(local: Office) -> None:
    """Each sees the own penalty's reasons; who may not see the amounts sees no reasons."""
    direct, joint = raised(local, make_case(local), CONDUCT, "serious")
    assert why(local.as_("cook", "staff"), direct)
    with pytest.raises(RecordGone):
        why(local.as_("cook", "staff"), joint)
    with pytest.raises(RecordGone):
        why(local.as_("other_cook"), direct)
    assert why(local.as_("other_cook", "shy"), direct) == ()


@pytest.mark.parametrize(
    ("schedule", "level", "values"),
    [
        pytest.param(CONDUCT, "serious", {}, id="with joint liability"),
        pytest.param(CONDUCT, "major", {}, id="open"),
        pytest.param(DEFECT, "accident", {"spotted": True}, id="exempt"),
        pytest.param(POINTS, "fault", {}, id="points"),
    ],
)
def test_judged_again_it_is_the_same(
    office: Office, schedule: str, level: str, values: dict[str, object]
) -> None:
    """The stored case alone gives the stored amounts, whatever happened to the people since."""
    ids = raised(office, make_case(office, **values), schedule, level)
    post(office, "cook", {"from_date": date(2026, 1, 1), "superior": office.people["boss"]})
    for ident in ids:
        found = rejudge_penalty(office.as_("hr", "hr"), ident)
        assert (found.same, found.steps, found.amount) == (True, 1, row(office, ident).amount_due)


def test_judged_again_a_cent_is_noticed(office: Office) -> None:
    """An amount that somebody changed in the database comes to light."""
    ident = raised(office, make_case(office), CONDUCT, "serious")[0]
    with office.database.writing() as session:
        values = {"base_amount": Decimal("199.99")}
        update_record(session, office.models, PENALTY, ident, values, stamp(), None)
    (found,) = rejudge_penalty(office.as_("hr", "hr"), ident).differences
    assert (found.what, found.stored, found.again) == ("tariff", "199.99", "200.00")


def test_a_release_that_is_gone_is_said(local: Office) -> None:
    """What was judged under a release that the database does not hold cannot be judged again."""
    ident = raised(local, make_case(local), CONDUCT, "serious")[0]
    with local.database.writing() as session:
        table = local.models.tables[PENALTY]
        session.execute(table.update().where(table.c.id == ident).values(release_id=None))
        chain = local.models.system["penalty_change"]
        session.execute(chain.update().values(release_id=7))
    with pytest.raises(NotRejudged, match="release 7"):
        rejudge_penalty(local.as_("hr", "hr"), ident)


def test_what_no_schedule_judged_says_so(local: Office) -> None:
    """A penalty that was brought in from elsewhere has no reasons, and is not judged again."""
    admin = local.as_("boss", "administrator")
    saved = create_record(admin, PENALTY, {"person": local.people["cook"], "amount_due": "10"})
    assert why(admin, saved.id) == ()
    with pytest.raises(NotRejudged, match="not judged by a schedule"):
        rejudge_penalty(admin, saved.id)
    save_record(local.as_("hr", "hr"), PENALTY, saved.id, {"amount_due": "20"}, None)
    assert row(local, saved.id).amount_due == 20
