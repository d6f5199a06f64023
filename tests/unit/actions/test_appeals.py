"""Appeals: in time, by whom they are about, before whom the schedule names, and what comes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow, open_moves
from app.actions.appeal_spans import appeal_is_open, appeal_spans
from app.actions.appeal_standing import standing_of
from app.actions.context import transaction
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import append_change
from app.actions.rejudging import rejudge_penalty
from app.storage import Database
from app.workflow import TransitionRefused
from tests.support.appeals import (
    APPEAL,
    DAY,
    FILES,
    answer,
    appeal_office,
    chain,
    decided,
    filed,
    kinds,
    stands,
)
from tests.support.funds import balance, keeper, pay, spend
from tests.support.offices import Office
from tests.support.penalties import CONDUCT, make_case, post, raised, row
from tests.support.portals import NOW

PENALTY = "penalty"
LAST = datetime(2026, 3, 5, 16, tzinfo=UTC)
"""24:00 of the third day after the notice, in Shanghai."""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return appeal_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return appeal_office(sqlite_database, tmp_path)


def moves(office: Office, appeal: int, who: str, role: str, at: datetime = NOW + DAY) -> list[str]:
    """The transitions of an appeal that the page offers."""
    options = open_moves(office.as_(who, role, now=at), APPEAL, appeal)
    return [one.name for one in options if one.ready]


def same(office: Office, *penalties: int) -> bool:
    found = [rejudge_penalty(office.as_("hr", "hr"), ident) for ident in penalties]
    assert all(one.same for one in found), [one.message() for each in found for one in each.differences]
    return True


@pytest.mark.parametrize(
    ("at", "may"),
    [
        pytest.param(NOW, True, id="at once"),
        pytest.param(LAST, True, id="24:00 of the third day"),
        pytest.param(LAST + timedelta(seconds=1), False, id="a second later"),
    ],
)
def test_the_window(local: Office, at: datetime, may: bool) -> None:
    """Three days after the notice was received, the first day not counted: the page and the action agree."""
    ident = decided(local)
    appeal = create_record(local.as_("cook", "staff"), APPEAL, {"decision": ident}).id
    assert ("file" in moves(local, appeal, "cook", "staff", at)) is may
    cook = local.as_("cook", "staff", now=at)
    if may:
        advance_workflow(cook, APPEAL, appeal, "file")
        assert kinds(local, ident)[-1] == "appealed"
    else:
        with pytest.raises(TransitionRefused, match="ended 2026-03-06 00:00"):
            advance_workflow(cook, APPEAL, appeal, "file")
        (refused,) = [one for one in open_moves(cook, APPEAL, appeal) if one.name == "file"]
        assert "ended" in refused.refusal.message()  # type: ignore[union-attr]
        assert kinds(local, ident)[-1] == "notified"


def test_a_window_that_only_counts(sqlite_database: Database, tmp_path: Path) -> None:
    """With `lapses: false` a late appeal is heard, and noted as late."""
    path = "config/regimes/r/penalties.yaml"
    text = FILES[path].replace("window: 3 days\n", "window: 3 days\n              lapses: false\n")
    office = appeal_office(sqlite_database, tmp_path, {path: text})
    ident = decided(office)
    filed(office, ident, at=NOW + 30 * DAY)
    assert chain(office, ident)[-1].detail["late"] is True


def test_working_days_count_by_a_calendar(sqlite_database: Database, tmp_path: Path) -> None:
    """Three working days after a Monday evening, with a public holiday between, by the named calendar."""
    path = "config/regimes/r/penalties.yaml"
    text = FILES[path].replace("window: 3 days", "window: 3 working days\n              calendar: office")
    calendar = """
        calendars:
          office: {hours: {mon-fri: ["09:00-18:00"]}, closed: [2026-03-04]}
        """
    office = appeal_office(sqlite_database, tmp_path, {path: text, "config/calendars.yaml": calendar})
    ident = decided(office)
    until = standing_of(office.as_("hr", "hr"), row(office, ident)).until
    assert until == datetime(2026, 3, 6, 16, tzinfo=UTC)


def test_before_the_notice_the_time_has_not_begun(local: Office) -> None:
    """A decision that was not handed over yet can be contested at any time."""
    ident = raised(local, make_case(local, found_by="hr_patrol"), CONDUCT, "fault")[0]
    appeal = create_record(local.as_("cook", "staff"), APPEAL, {"decision": ident}).id
    with pytest.raises(TransitionRefused, match="only a decision that stands"):
        advance_workflow(local.as_("cook", "staff"), APPEAL, appeal, "file")
    advance_workflow(local.as_("hr", "hr"), PENALTY, ident, "decide", {})
    advance_workflow(local.as_("cook", "staff", now=NOW + 90 * DAY), APPEAL, appeal, "file")


def test_only_the_person_who_is_charged(local: Office) -> None:
    """Nobody contests the penalty of another; the superior contests the own share."""
    direct, joint = raised(local, make_case(local, found_by="hr_patrol"), CONDUCT, "serious")
    for ident in (direct, joint):
        advance_workflow(local.as_("hr", "hr"), PENALTY, ident, "decide", {})
    for ident in (direct, joint):
        made = create_record(local.as_("head", "reader"), APPEAL, {"decision": ident}).id
        head = local.as_("head", "reader")
        if ident == joint:
            advance_workflow(head, APPEAL, made, "file")
            continue
        with pytest.raises(TransitionRefused, match="only the person who is charged"):
            advance_workflow(head, APPEAL, made, "file")


def test_one_appeal_at_a_time(office: Office) -> None:
    """While one is heard no other is brought; it may be given up and brought again."""
    ident = decided(office)
    first = filed(office, ident)
    with pytest.raises(TransitionRefused, match="being heard already"):
        filed(office, ident)
    advance_workflow(office.as_("cook", "staff", now=NOW + DAY), APPEAL, first, "drop")
    assert not appeal_is_open(office.as_("hr"), ident)
    filed(office, ident)
    assert kinds(office, ident)[3:] == ["appealed", "dropped", "appealed"]
    first_span, second = appeal_spans(office.as_("hr"), ident)
    assert (first_span.start, first_span.end, second.end) == (NOW + DAY, NOW + DAY, None)


@pytest.mark.parametrize(
    ("by", "who", "role", "may"),
    [
        pytest.param("head", "boss", "reader", True, id="the skip-level superior, as a person"),
        pytest.param("head", "other_cook", "hr", False, id="not the second instance yet"),
        pytest.param("head", "head", "chief", False, id="never who decided"),
        pytest.param("head", "head", "administrator", False, id="who decided, even as administrator"),
        pytest.param("head", "cook", "hr", False, id="never the appellant"),
        pytest.param("head", "cook", "administrator", False, id="the appellant, even as administrator"),
        pytest.param("head", "other_head", "administrator", True, id="administrator"),
        pytest.param("hr", "other_head", "chief", True, id="the first instance for HR"),
        pytest.param("hr", "hr", "chief", False, id="who decided, in another role"),
        pytest.param("hr", "boss", "gm", False, id="not the second instance yet, for HR"),
        pytest.param("hr", "other_cook", "hr", False, id="not the same instance"),
    ],
)
def test_who_hears_it(local: Office, by: str, who: str, role: str, may: bool) -> None:
    """The instance that `steps` names for who decided: the page shows it to nobody else, nor does the action
    let others."""
    appeal = filed(local, decided(local, by=by))
    assert ("answer" in moves(local, appeal, who, role)) is may
    if may:
        answer(local, appeal, "keep", who, role)
        return
    with pytest.raises(TransitionRefused):
        answer(local, appeal, "keep", who, role)


def test_one_instance_after_another(office: Office) -> None:
    """After the first instance the second, then the row of that one, until somebody's decision is final; each
    time the window begins anew."""
    ident = decided(office, by="head")
    for who, role, day in (("boss", "reader", 1), ("other_cook", "hr", 4), ("other_head", "chief", 7)):
        appeal = filed(office, ident, at=NOW + day * DAY)
        answer(office, appeal, "keep", who, role, NOW + (day - 1) * DAY)
    parties = [one.party for one in chain(office, ident) if one.kind == "kept"]
    assert parties == ["offender.superior.superior", "role.hr", "role.chief"]
    last = filed(office, ident, at=NOW + 10 * DAY)
    with pytest.raises(TransitionRefused):
        answer(office, last, "keep", "other_head", "chief", NOW + 9 * DAY)
    answer(office, last, "keep", "hr", "administrator", NOW + 9 * DAY)
    with pytest.raises(TransitionRefused, match="is final"):
        filed(office, ident, at=NOW + 12 * DAY)
    assert same(office, ident)


def test_an_instance_that_nobody_holds_is_passed_over(local: Office) -> None:
    """Without a skip-level superior the next instance hears the appeal at once."""
    post(local, "head", {"from_date": NOW.date() - timedelta(days=100), "unit": local.units["shop"]})
    ident = decided(local, by="head")
    appeal = filed(local, ident)
    answer(local, appeal, "keep", "other_cook", "hr")
    assert chain(local, ident)[-1].party == "role.hr"


def test_the_penalty_stands(office: Office) -> None:
    """Kept: nothing changes but the chain, which says by whom and why."""
    ident = decided(office)
    answer(office, filed(office, ident), "keep", "other_head", "chief")
    last = chain(office, ident)[-1]
    assert (last.kind, last.party, last.words) == ("kept", "role.chief", "查明")
    assert (last.person_id, last.old_amount, last.new_amount) == (office.people["other_head"], 50, 50)
    assert stands(office, ident) == ("notified", Decimal(50))


def test_a_level_is_corrected(office: Office) -> None:
    """The schedule judges the lower level: amount, share and level follow; the old ones stay in the chain."""
    ident = decided(office, "serious")
    joint = ident + 1
    answer(office, filed(office, ident), "correct", "other_head", "chief", level="fault")
    found = row(office, ident)
    assert (found.level, found.base_amount, found.amount_due) == ("fault", Decimal(50), Decimal(50))
    assert stands(office, joint) == ("withdrawn", Decimal(0)), "a light fault has no joint liability"
    last = chain(office, ident)[-1]
    assert (last.kind, last.level, last.old_amount, last.new_amount) == ("corrected", "fault", 200, 50)
    assert chain(office, ident)[0].level == "serious"
    assert same(office, ident, joint)


def test_an_amount_is_corrected(office: Office) -> None:
    """The level stays; the joint share is taken of what is due now."""
    ident = decided(office, "serious")
    answer(office, filed(office, ident), "correct", "other_head", "chief", amount="120")
    assert (row(office, ident).level, row(office, ident).base_amount) == ("serious", Decimal(200))
    assert stands(office, ident) == ("notified", Decimal(120))
    assert stands(office, ident + 1) == ("proposed", Decimal(60))
    assert same(office, ident, ident + 1)


def test_a_level_and_its_open_amount(sqlite_database: Database, tmp_path: Path) -> None:
    """Where the lower level leaves the amount open, the answer says it, within the level's bounds."""
    path = "config/regimes/r/penalties.yaml"
    text = FILES[path].replace("serious: {amount: 200}", "serious: {amount: ~, min: 60, max: 300}")
    office = appeal_office(sqlite_database, tmp_path, {path: text})
    ident = decided(office, "major")
    appeal = filed(office, ident)
    with pytest.raises(TransitionRefused, match="leaves the amount open"):
        answer(office, appeal, "correct", "other_head", "chief", level="serious")
    with pytest.raises(TransitionRefused, match="outside"):
        answer(office, appeal, "correct", "other_head", "chief", level="serious", amount="59")
    answer(office, appeal, "correct", "other_head", "chief", level="serious", amount="90")
    assert stands(office, ident) == ("notified", Decimal(90))
    assert row(office, ident + 1).amount_due == Decimal(45)
    assert same(office, ident, ident + 1)


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        pytest.param({"amount": "50"}, "would change nothing", id="the same"),
        pytest.param({"amount": "51"}, "would ask for more", id="more"),
        pytest.param({"level": "serious"}, "would ask for more", id="a higher level"),
        pytest.param({"level": "fault"}, "which level or which amount", id="the same level"),
        pytest.param({}, "which level or which amount", id="nothing"),
        pytest.param({"amount": "0"}, "withdraw the penalty instead", id="nothing left"),
        pytest.param({"level": "spot"}, "no level of this schedule", id="a level of another ladder"),
    ],
)
def test_what_is_no_correction(local: Office, posted: dict[str, str], said: str) -> None:
    """Nobody comes off worse for contesting a decision, and a correction corrects."""
    ident = decided(local)
    appeal = filed(local, ident)
    with pytest.raises(TransitionRefused, match=said):
        answer(local, appeal, "correct", "other_head", "chief", **posted)
    assert stands(local, ident) == ("notified", Decimal(50))
    assert appeal_is_open(local.as_("hr"), ident)


def test_a_share_is_corrected_by_its_amount_alone(local: Office) -> None:
    """A joint penalty follows the level of its main one, and never rises with it again."""
    direct = decided(local, "serious")
    joint = direct + 1
    advance_workflow(local.as_("hr", "hr"), PENALTY, joint, "decide", {})
    appeal = filed(local, joint, "head")
    with pytest.raises(TransitionRefused, match="a joint share follows it"):
        answer(local, appeal, "correct", "other_head", "chief", level="fault")
    answer(local, appeal, "correct", "other_head", "chief", amount="40")
    answer(local, filed(local, direct), "correct", "other_head", "chief", amount="150")
    assert stands(local, joint) == ("decided", Decimal(40)), "less than the 75 of the share"
    assert same(local, direct, joint)


def test_a_paid_fine_is_refunded(office: Office) -> None:
    """What was paid beyond what is due leaves the fund, with its entry; what is due counts as paid."""
    ident = decided(office, "serious")
    pay(office, ident, 200)
    answer(office, filed(office, ident), "correct", "other_head", "chief", amount="80")
    found = row(office, ident)
    assert (found.state, found.amount_due, found.paid_amount) == ("paid", 80, 200)
    assert (found.refunded_amount, balance(office)) == (Decimal(120), Decimal(80))
    corrected, refunded = chain(office, ident)[-2:]
    assert (corrected.kind, refunded.kind, refunded.detail["refund"]) == ("corrected", "refunded", "120.00")
    entry = office.read("fund_entry", refunded.detail["entry"])
    assert (entry.values["kind"], entry.values["direction"]) == ("refund", "out")
    assert (entry.values["amount"], entry.values["penalty"]) == (Decimal(120), ident)
    assert same(office, ident)


def test_a_paid_fine_is_withdrawn(office: Office) -> None:
    """The whole goes back, that of those who answer jointly too."""
    ident = decided(office, "serious")
    pay(office, ident, 200)
    hr = office.as_("hr", "hr")
    advance_workflow(hr, PENALTY, ident + 1, "decide", {})
    advance_workflow(office.as_("hr", "hr"), PENALTY, ident + 1, "notify", {"notified_at": NOW})
    pay(office, ident + 1, 100)
    answer(office, filed(office, ident), "withdraw", "other_head", "chief")
    for one, paid in ((ident, 200), (ident + 1, 100)):
        found = row(office, one)
        assert (found.state, found.amount_due, found.refunded_amount) == ("withdrawn", 0, paid)
    assert balance(office) == 0
    assert row(office, ident).withdrawn_reason == "查明"
    assert same(office, ident, ident + 1)


def test_part_of_it_was_paid(local: Office) -> None:
    """Paid in part and corrected to less: the rest of the payment counts as the whole."""
    ident = decided(local, "serious")
    pay(local, ident, 100, "pay_part")
    answer(local, filed(local, ident), "correct", "other_head", "chief", amount="100")
    assert (stands(local, ident), row(local, ident).refunded_amount) == (("paid", Decimal(100)), None)
    assert kinds(local, ident)[-2:] == ["corrected", "paid"]


def test_money_that_is_spent_cannot_go_back(office: Office) -> None:
    """The answer is refused as a whole: nothing of it has happened."""
    ident = decided(office)
    pay(office, ident, 50)
    spend(office, 20)
    appeal = filed(office, ident)
    with pytest.raises(TransitionRefused, match=r"the fund holds 30\.00"):
        answer(office, appeal, "withdraw", "other_head", "chief")
    assert stands(office, ident) == ("paid", Decimal(50))
    assert kinds(office, ident)[-1] == "appealed" and balance(office) == 30


def test_a_refund_that_is_taken_back(local: Office) -> None:
    """The keeper corrects the entry: the penalty says so, and how much is refunded still."""
    ident = decided(local, "serious")
    pay(local, ident, 200)
    answer(local, filed(local, ident), "correct", "other_head", "chief", amount="80")
    entry = chain(local, ident)[-1].detail["entry"]
    undo = {"direction": "in", "amount": "120", "corrects": entry, "remark": "错", "fund": "r.welfare"}
    create_record(keeper(local, NOW + 4 * DAY), "fund_entry", undo)
    assert row(local, ident).refunded_amount is None and balance(local) == 200
    assert kinds(local, ident)[-1] == "refund_undone"


def test_an_answer_without_a_filing_brings_it(local: Office) -> None:
    """A workflow that answers at once: the moment when the appeal was made counts for the window."""
    ident = decided(local)
    made = create_record(local.as_("cook", "staff", now=NOW + DAY), APPEAL, {"decision": ident}).id
    answer(local, made, "keep", "other_head", "chief", NOW + 20 * DAY)
    assert kinds(local, ident)[-2:] == ["appealed", "kept"]
    late = decided(local)
    made = create_record(local.as_("cook", "staff", now=NOW + 9 * DAY), APPEAL, {"decision": late}).id
    with pytest.raises(TransitionRefused, match="ended"):
        answer(local, made, "keep", "other_head", "chief", NOW + 20 * DAY)


def test_what_was_withdrawn_meanwhile(local: Office) -> None:
    """The appeal is closed; there is nothing left to correct."""
    ident = decided(local)
    appeal = filed(local, ident)
    advance_workflow(local.as_("hr", "hr"), PENALTY, ident, "withdraw", {"withdrawn_reason": "撤"})
    assert not appeal_is_open(local.as_("hr"), ident)
    with pytest.raises(TransitionRefused, match="only a decision that stands"):
        answer(local, appeal, "correct", "other_head", "chief", amount="10")
    answer(local, appeal, "keep", "other_head", "chief")
    assert office_state(local, appeal) == "answered"


def office_state(office: Office, appeal: int) -> object:
    return office.read(APPEAL, appeal).values["state"]


def test_late_payment_falls_away_with_a_correction(local: Office) -> None:
    """What the answer says is what is due, whatever late payment had made of it."""
    ident = decided(local)
    with transaction(context := local.as_("hr", "hr")):
        append_change(context, ident, {"amount_due": Decimal(100)}, Note("late", detail={"step": 0}))
    answer(local, filed(local, ident), "correct", "other_head", "chief", amount="60")
    last = chain(local, ident)[-1]
    assert (last.old_amount, last.new_amount, last.decided_amount) == (100, 60, 60)
