"""The history of a penalty: every change is one more entry, none is ever changed, and all follow from what is
stored."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access import AccessDenied
from app.actions import InvalidRecord, create_record, delete_record, save_record
from app.actions.advance_workflow import advance_workflow
from app.actions.context import transaction
from app.actions.penalty_chain import KINDS, Note
from app.actions.penalty_changes import append_change
from app.actions.penalty_settling import withdraw_penalty
from app.actions.rejudging import rejudge_penalty
from app.rules.reasons import Reason
from app.storage import Database, update_record
from app.storage.penalties import PenaltyRow
from app.storage.penalty_chain import ChainEntry, broken_at
from app.storage.penalty_tables import CHAIN
from app.workflow import TransitionRefused
from tests.support.appeals import DAY, answer, appeal_office, chain, decided, filed, kinds, stands
from tests.support.funds import balance, pay
from tests.support.offices import Office
from tests.support.penalties import CONDUCT, DEFECT, make_case, raised, row, rows_of, set_case
from tests.support.portals import NOW, empty, stamp

PENALTY = "penalty"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return appeal_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return appeal_office(sqlite_database, tmp_path)


def same(office: Office, *penalties: int) -> bool:
    """Whether each of them comes out as it is stored."""
    found = [rejudge_penalty(office.as_("hr", "hr"), ident) for ident in penalties]
    assert all(one.same for one in found), [one.message() for each in found for one in each.differences]
    return True


def withdraw(office: Office, ident: int, who: str = "hr", role: str = "hr") -> None:
    advance_workflow(office.as_(who, role), PENALTY, ident, "withdraw", {"withdrawn_reason": "查错了"})


def test_the_whole_life_is_in_the_chain(office: Office) -> None:
    """Proposal, decision, notice, part payment and payment, each with who, when and how much."""
    ident = decided(office)
    pay(office, ident, 20, "pay_part")
    pay(office, ident, 50)
    found = chain(office, ident)
    assert [one.kind for one in found] == ["proposed", "decided", "notified", "part_paid", "paid"]
    assert [one.seq for one in found] == [1, 2, 3, 4, 5]
    assert {one.new_amount for one in found} == {Decimal(50)}
    assert [one.paid_amount for one in found[-2:]] == [Decimal(20), Decimal(50)]
    proposed, decision = found[:2]
    assert (decision.party, decision.words, decision.person_id) == ("role.hr", "依据", office.people["hr"])
    assert proposed.facts is not None and decision.facts is None
    assert next(one["rule"] for one in proposed.reasons) == "levels.fault.amount"
    assert decision.at == NOW and broken_at(found) is None
    assert same(office, ident)


def test_who_decided_as_whom(local: Office) -> None:
    """The head of the unit decides as that; an administrator in the stead of whom the schedule names."""
    assert chain(local, decided(local, by="head"))[1].party == "unit.head"
    ident = raised(local, make_case(local), CONDUCT, "serious")[0]
    admin = local.as_("boss", "administrator")
    advance_workflow(admin, PENALTY, ident, "decide", {"amount_due": "200"})
    assert chain(local, ident)[1].party == "role.hr"


def test_an_open_amount_and_its_shares(office: Office) -> None:
    """What the decider sets is in the entry of the decision with its reason; the share follows."""
    direct, joint = raised(office, make_case(office), CONDUCT, "major")
    assert [one.new_amount for one in chain(office, joint)] == [None]
    advance_workflow(office.as_("hr", "hr"), PENALTY, direct, "decide", {"amount_due": "333.33"})
    decision = chain(office, direct)[-1]
    assert (decision.old_amount, decision.new_amount) == (None, Decimal("333.33"))
    assert [one["text"] for one in decision.reasons] == ["{amount}, set by the decider"]
    share = chain(office, joint)[-1]
    assert (share.kind, share.new_amount, share.detail) == (
        "share_set",
        Decimal("166.67"),
        {"of": direct, "seq": 2},
    )
    advance_workflow(office.as_("hr", "hr"), PENALTY, joint, "decide", {"amount_due": "166.67"})
    assert same(office, direct, joint)


def test_judging_again_is_noted(local: Office) -> None:
    """Another level of an open case, an exemption, and the heavier of two schedules leave their entries."""
    case = make_case(local)
    (ident,) = raised(local, case, CONDUCT, "fault")
    raised(local, case, CONDUCT, "serious")
    assert kinds(local, ident) == ["proposed", "judged_again"]
    (defect,) = raised(local, case, DEFECT, "spot")
    assert kinds(local, defect) == ["not_charged"]
    raised(local, case, DEFECT, "accident")
    set_case(local, case, spotted=True)
    raised(local, case, DEFECT, "accident")
    assert kinds(local, defect)[-1] == "exempt"
    assert same(local, ident, defect)


def test_an_edit_that_means_nothing_leaves_no_entry(local: Office) -> None:
    """A receipt's number is in the audit trail alone; a moved notice is in the chain too."""
    ident = decided(local)
    before = kinds(local, ident)
    hr = local.as_("hr", "hr")
    save_record(hr, PENALTY, ident, {"receipt_number": "SJ-1"}, None)
    assert kinds(local, ident) == before
    save_record(local.as_("hr", "hr"), PENALTY, ident, {"notified_at": (NOW + DAY).isoformat()}, None)
    assert kinds(local, ident) == [*before, "notice_moved"]


def test_what_was_brought_in_is_entered(local: Office) -> None:
    """A penalty that no schedule judged begins with what was written, and every edit follows."""
    admin = local.as_("boss", "administrator")
    saved = create_record(admin, PENALTY, {"person": local.people["cook"], "amount_due": "10"})
    save_record(local.as_("hr", "hr"), PENALTY, saved.id, {"amount_due": "20"}, None)
    found = chain(local, saved.id)
    assert [(one.kind, one.new_amount) for one in found] == [
        ("entered", Decimal(10)),
        ("amount_set", Decimal(20)),
    ]


def test_a_penalty_is_not_deleted(local: Office) -> None:
    """What a schedule judged is withdrawn, not deleted; what was merely written down may go."""
    ident = decided(local)
    admin = local.as_("boss", "administrator")
    with pytest.raises(AccessDenied, match="never deleted"):
        delete_record(admin, PENALTY, ident)
    saved = create_record(local.as_("boss", "administrator"), PENALTY, {"person": local.people["cook"]})
    delete_record(local.as_("boss", "administrator"), PENALTY, saved.id)


def test_a_late_step_keeps_what_was_decided(local: Office) -> None:
    """The step is an entry of its own: what is due rises, what was decided stays."""
    ident = decided(local)
    why = Reason("payment.late[0]", "x.yaml", 1, "not paid in time")
    with transaction(context := local.as_("hr", "hr")):
        note = Note("late", detail={"step": 0, "at": NOW.isoformat()})
        append_change(context, ident, {"amount_due": Decimal(100)}, note, [why])
    last = chain(local, ident)[-1]
    amounts = (last.kind, last.old_amount, last.new_amount, last.decided_amount)
    assert amounts == ("late", Decimal(50), Decimal(100), Decimal(50))
    assert row(local, ident).reasons[-1]["rule"] == "payment.late[0]"  # type: ignore[index]


def test_a_withdrawal_takes_its_shares_along(office: Office) -> None:
    """The person in breach owes nothing any more, so nobody answers jointly; nothing is overwritten."""
    direct, joint = raised(office, make_case(office), CONDUCT, "serious")
    for ident in (direct, joint):
        advance_workflow(office.as_("hr", "hr"), PENALTY, ident, "decide", {})
    withdraw(office, direct)
    assert stands(office, direct) == stands(office, joint) == ("withdrawn", Decimal(0))
    assert row(office, direct).base_amount == Decimal(200)
    first, second = chain(office, direct)[-1], chain(office, joint)[-1]
    assert (first.kind, first.words, first.old_amount) == ("withdrawn", "查错了", Decimal(200))
    assert (second.kind, second.detail) == ("withdrawn", {"of": direct})
    assert "CF-202603-0001 was withdrawn" in (second.words or "")
    assert same(office, direct, joint)


def test_withdrawing_a_share_leaves_the_rest(local: Office) -> None:
    """Only the joint one falls."""
    direct, joint = raised(local, make_case(local), CONDUCT, "serious")
    withdraw(local, joint)
    assert (row(local, joint).state, row(local, direct).state) == ("withdrawn", "proposed")


def test_part_payments_go_back(office: Office) -> None:
    """What was paid of a withdrawn penalty is refunded from the fund that it came into."""
    ident = decided(office)
    pay(office, ident, 30, "pay_part")
    assert balance(office) == 30
    withdraw(office, ident)
    found = row(office, ident)
    assert (found.state, found.paid_amount, found.refunded_amount) == ("withdrawn", 30, 30)
    assert balance(office) == 0
    last = chain(office, ident)[-1]
    assert (last.kind, last.detail["refund"]) == ("refunded", "30.00")
    assert same(office, ident)


def test_the_other_schedule_is_offered(office: Office) -> None:
    """What had stood back beside a penalty is proposed again when that is withdrawn, and can be decided."""
    case = make_case(office)
    direct, _ = raised(office, case, CONDUCT, "serious")
    (defect,) = raised(office, case, DEFECT, "accident")
    assert stands(office, defect) == ("not_charged", Decimal(0))
    withdraw(office, direct)
    assert stands(office, defect) == ("proposed", Decimal(100))
    last = chain(office, defect)[-1]
    assert last.kind == "taken_up"
    assert [one["text"] for one in last.reasons] == [
        "proposed again, because {number} was withdrawn, for which it had stood back"
    ]
    advance_workflow(office.as_("boss", "administrator"), PENALTY, defect, "decide", {})
    assert row(office, defect).state == "decided"
    assert same(office, direct, defect)


def test_those_who_decide_are_told(local: Office) -> None:
    """Whoever decides on what is proposed again has a message about it."""
    case = make_case(local)
    (defect,) = raised(local, case, DEFECT, "serious")
    (direct,) = raised(local, case, CONDUCT, "fault")
    assert row(local, direct).state == "not_charged"
    withdraw(local, defect)
    table = local.models.tables["message"]
    with local.database.reading() as session:
        told = session.execute(table.select().where(table.c.record_type == PENALTY)).all()
    assert [(one.record_id, one.person_id) for one in told] == [(direct, local.people["head"])]
    assert "CF-202603-0001 was withdrawn" in told[0].subject


def test_revoking_is_withdrawing(local: Office) -> None:
    """The effect `revoke` takes shares along as well."""
    direct, joint = raised(local, make_case(local), CONDUCT, "serious")
    with transaction(context := local.as_("hr", "hr")):
        withdraw_penalty(context, row(local, direct), "作废", Note("withdrawn", "作废"))
    assert {row(local, ident).state for ident in (direct, joint)} == {"withdrawn"}


def repeated(office: Office, count: int) -> list[int]:
    """As many light faults of the cook's, decided, a few days apart."""
    found = []
    for day in range(count):
        case = make_case(office, found_at=NOW - DAY * (30 - day))
        (ident,) = raised(office, case, "r.repeated", "minor")
        found.append(ident)
        if day < count - 1:
            admin = office.as_("boss", "administrator")
            advance_workflow(admin, PENALTY, ident, "decide", {})
    return found


def test_the_third_time_is_raised_and_says_what_it_counted(office: Office) -> None:
    """The reason tree of a repeated fault names each earlier penalty by its id."""
    first, second, third = repeated(office, 3)
    assert (row(office, third).level, row(office, third).amount_due) == ("fault", Decimal(50))
    (reason,) = [one for one in row(office, third).reasons or () if one["rule"] == "repeat"]
    counted = [(one["rule"], one["inputs"]["id"]) for one in reason["children"]]
    assert counted == [("repeat.counted", str(first)), ("repeat.counted", str(second))]
    assert same(office, first, second, third)


def test_what_was_withdrawn_does_not_count(office: Office) -> None:
    """A proposal that counted a penalty which is withdrawn is judged again at once."""
    first, _, third = repeated(office, 3)
    withdraw(office, first)
    found = row(office, third)
    assert (found.level, found.amount_due, found.state) == ("minor", Decimal(20), "proposed")
    assert kinds(office, third) == ["proposed", "judged_again"]
    (fourth,) = raised(office, make_case(office, found_at=NOW), "r.repeated", "minor")
    assert row(office, fourth).level == "fault", "second and third count, the first does not"
    assert same(office, third, fourth)


def test_what_was_decided_is_only_noted(local: Office) -> None:
    """A decision that counted a withdrawn penalty stands, and says what it would come to."""
    first, _, third = repeated(local, 3)
    advance_workflow(local.as_("boss", "administrator"), PENALTY, third, "decide", {})
    withdraw(local, first)
    last = chain(local, third)[-1]
    assert (last.kind, last.new_amount, last.detail) == ("noted", Decimal(50), {"of": first})
    assert "comes to {amount}" in last.reasons[0]["text"]
    assert last.reasons[0]["params"]["amount"] == "20.00 CNY"
    assert same(local, third)


@pytest.mark.parametrize("column", ["new_amount", "words", "at", "kind", "reasons", "seq"])
def test_a_changed_entry_breaks_the_seal(office: Office, column: str) -> None:
    """Whoever changes an entry in the database is found out."""
    ident = decided(office)
    values = {
        "new_amount": Decimal(1),
        "words": "别的",
        "at": NOW + DAY,
        "kind": "noted",
        "reasons": [],
        "seq": 9,
    }
    table = office.models.system[CHAIN]
    with office.database.writing() as session:
        second = (table.c.penalty_id == ident) & (table.c.seq == (1 if column == "reasons" else 2))
        session.execute(table.update().where(second).values({column: values[column]}))
    assert broken_at(chain(office, ident)) is not None
    assert not rejudge_penalty(office.as_("hr", "hr"), ident).same


def test_a_changed_amount_is_found(local: Office) -> None:
    """What stands in the penalty must be what its chain ends with."""
    ident = decided(local)
    with local.database.writing() as session:
        update_record(session, local.models, PENALTY, ident, {"amount_due": Decimal(49)}, stamp(), None)
    (found,) = rejudge_penalty(local.as_("hr", "hr"), ident).differences
    assert (found.what, found.stored, found.again) == ("amount", "49.00", "50.00")
    assert "stored as 49.00" in found.message()


EVENTS = ("decide", "notify", "pay_part", "pay", "withdraw", "appeal", "keep", "correct", "level", "raise")


def carry_out(office: Office, case: int, event: str, amount: int) -> None:
    """Try one step with every penalty of a case; what is refused has not happened."""
    for found in rows_of(office, case):
        with suppress(InvalidRecord, TransitionRefused):
            _step(office, found, event, amount)
    if event == "raise":
        raised(office, case, CONDUCT, ("fault", "serious", "major")[amount % 3])


def _step(office: Office, found: PenaltyRow, event: str, amount: int) -> None:
    posted = {
        "decide": {} if found.amount_due is not None else {"amount_due": 100 + amount},
        "notify": {"notified_at": NOW},
        "pay_part": {"paid_at": NOW, "paid_amount": amount},
        "pay": {"paid_at": NOW, "paid_amount": found.amount_due},
        "withdraw": {"withdrawn_reason": "x"},
    }
    answers: dict[str, dict[str, object]] = {
        "keep": {},
        "correct": {"amount": amount},
        "level": {"level": ("minor", "fault")[amount % 2]},
    }
    appeal = _open_appeal(chain(office, found.id))
    if event in posted:
        advance_workflow(office.as_("other_cook", "hr"), PENALTY, found.id, event, posted[event])
    elif event == "appeal" and found.person_id == office.people["cook"]:
        filed(office, found.id, at=NOW)
    elif event in answers and appeal is not None:
        result = "keep" if event == "keep" else "correct"
        answer(office, appeal, result, "boss", "administrator", NOW - 2 * DAY, **answers[event])


def _open_appeal(entries: tuple[ChainEntry, ...]) -> int | None:
    found = None
    for entry in entries:
        if entry.kind == "appealed":
            found = entry.detail["appeal"][1]
        elif entry.detail.get("appeal"):
            found = None
    return found


def holds(office: Office, case: int) -> None:
    """What is true of the penalties of a case whatever has happened to them."""
    for found in rows_of(office, case):
        entries = chain(office, found.id)
        assert broken_at(entries) is None and {one.kind for one in entries} <= KINDS.keys()
        for before, after in pairwise(entries):
            assert after.old_amount == before.new_amount and after.at >= before.at
            assert before.seq + 1 == after.seq
        assert (entries[-1].new_amount, entries[-1].state) == (found.amount_due, found.state)
        paid, back = found.paid_amount or 0, found.refunded_amount or 0
        assert 0 <= back <= paid
        if found.state == "withdrawn":
            assert found.amount_due == 0 and back == paid
        elif found.state == "paid":
            assert paid - back == found.amount_due
        assert same(office, found.id)


def test_whatever_happens_the_chain_holds(local: Office) -> None:
    """The amount is that of the last entry, entries hang together, refunds never exceed payments, nothing is
    due of what was withdrawn, and everything comes out again as it is stored."""

    @settings(max_examples=12, deadline=None)
    @given(
        level=st.sampled_from(["fault", "serious", "major"]),
        steps=st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(1, 300)), max_size=9),
    )
    def lives(level: str, steps: list[tuple[str, int]]) -> None:
        case = make_case(local, found_by="hr_patrol")
        raised(local, case, CONDUCT, level)
        carry_out(local, case, "decide", 50)
        carry_out(local, case, "notify", 50)
        for event, amount in steps:
            carry_out(local, case, event, amount)
        holds(local, case)

    lives()


def test_the_fixture_can_be_emptied(local: Office) -> None:
    """The chain is among the tables that go with a database."""
    decided(local)
    empty(local.database, local.models)
    assert chain(local, 1) == ()
