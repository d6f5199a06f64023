"""Funds: what is paid comes in, what is spent goes out on allowed purposes, never more than there is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import AccessDenied
from app.actions import InvalidRecord, create_record, delete_record, save_record
from app.actions.advance_workflow import advance_workflow, open_moves
from app.actions.context import Context, transaction
from app.actions.fund_refunds import record_refund, refundable
from app.actions.importing import import_records
from app.storage import AppendOnly, Database, RecordGone, RecordInUse, update_record
from app.storage import delete_record as remove
from app.storage.fund import daily_sums, fund_sums, monthly_sums
from app.workflow import TransitionRefused
from tests.support.funds import (
    OWN,
    SHARED,
    TEA,
    balance,
    fund_office,
    keeper,
    opening,
    owed,
    paid,
    pay,
    spend,
)
from tests.support.offices import Office
from tests.support.penalties import penalty
from tests.support.portals import NOW, stamp

ENTRY = "fund_entry"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return fund_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return fund_office(sqlite_database, tmp_path)


def entries(office: Office) -> list[dict[str, Any]]:
    """Every entry, oldest first."""
    table = office.models.tables[ENTRY]
    with office.database.reading() as session:
        rows = session.execute(table.select().order_by(table.c.id)).mappings().all()
    return [dict(row) for row in rows]


def errors_of(make: Any, *arguments: Any, **more: Any) -> dict[str, tuple[str, ...]]:
    with pytest.raises(InvalidRecord) as caught:
        make(*arguments, **more)
    return caught.value.errors


def test_a_payment_comes_into_the_fund_of_its_schedule(office: Office) -> None:
    """In the same transaction, with what it was for; schedules that name one fund share it."""
    first = owed(office)
    pay(office, first, 50, receipt_number="SJ-1")
    paid(office, "accident", "r.defect")
    paid(office, "minor", "r.repeated")
    assert (balance(office), balance(office, OWN)) == (Decimal(70), Decimal(100))
    entry = entries(office)[0]
    told = {
        name: entry[name] for name in ("fund", "kind", "direction", "amount", "line", "penalty_id", "remark")
    }
    assert told == {
        "fund": SHARED, "kind": "payment", "direction": "in", "amount": Decimal(50), "line": 1,
        "penalty_id": first, "remark": "SJ-1",
    }  # fmt: skip
    assert entry["entered_on"] == date(2026, 3, 2)
    assert [row["line"] for row in entries(office) if row["fund"] == SHARED] == [1, 2]


def test_a_schedule_without_a_fund_books_nothing(local: Office) -> None:
    """Points bring no money, and are marked as settled all the same."""
    points = owed(local, "minor", "r.points")
    pay(local, points, penalty(local, points).values["amount_due"])
    assert (penalty(local, points).values["state"], entries(local)) == ("paid", [])


def test_part_payments_add_up(office: Office) -> None:
    """The penalty stays open until all is paid; each part is an entry of its own."""
    ident = owed(office)
    pay(office, ident, 20, "pay_part")
    assert penalty(office, ident).values["state"] == "notified"
    pay(office, ident, 35, "pay_part")
    pay(office, ident, 50)
    assert penalty(office, ident).values["state"] == "paid"
    assert [row["amount"] for row in entries(office)] == [Decimal(20), Decimal(15), Decimal(15)]


@pytest.mark.parametrize(
    ("amount", "event", "said"),
    [
        (51, "pay", "more than the 50.00 that are due"),
        (60, "pay_part", "more than the 50.00 that are due"),
        (49, "pay", "register a part payment"),
        (50, "pay_part", "register it as the whole payment"),
        (20, "pay_part", "20.00 were paid before"),
    ],
    ids=["too much", "too much in parts", "too little", "a part that is all", "no more than before"],
)
def test_a_payment_fits_what_is_due(local: Office, amount: int, event: str, said: str) -> None:
    """What was paid in all is held against what is due, and nothing is booked that does not fit."""
    ident = owed(local)
    pay(local, ident, 20, "pay_part")
    found = errors_of(pay, local, ident, amount, event)
    assert said in found["paid_amount"][0]
    assert balance(local) == 20


def test_nothing_is_paid_in_the_future_or_by_an_edit(local: Office) -> None:
    """Money comes in by a registered payment and in no other way."""
    ident = owed(local)
    assert "paid_at" in errors_of(pay, local, ident, 50, at=NOW + timedelta(days=1))
    found = errors_of(save_record, local.as_("hr", "hr"), "penalty", ident, {"paid_amount": 50}, None)
    assert found == {"paid_amount": ("this is set when a payment is registered",)}
    made = {"person": local.people["cook"], "schedule": "r.conduct", "paid_amount": 5}
    root = local.as_("boss", "administrator")
    assert "paid_amount" in errors_of(create_record, root, "penalty", made)
    assert entries(local) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": "设备维修"}, "purpose"),
        ({"purpose": "买酒"}, "purpose"),
        ({"purpose": ""}, "purpose"),
        ({"amount": "100.01"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"entered_on": "2026-03-03"}, "entered_on"),
        ({"entered_on": "2026-01-31"}, "amount"),
        ({"fund": "r.nothing"}, "fund"),
        ({"fund": ""}, "fund"),
        ({"penalty": 1}, "penalty"),
    ],
    ids=[
        "purpose of another fund", "no purpose of any", "none", "more than there is", "nothing",
        "less than nothing", "tomorrow", "before there was any", "no such fund", "which of two",
        "a payment by hand",
    ],
)  # fmt: skip
def test_spending_that_is_refused(local: Office, changes: dict[str, str], field: str) -> None:
    """Only on the purposes of the fund, only what there is, and not in the portal's own name."""
    opening(local, 100)
    owed(local)
    assert field in errors_of(spend, local, **{"amount": "10", **changes})
    assert balance(local) == 100


def test_spending_lowers_the_balance(office: Office) -> None:
    """To nothing at the least."""
    opening(office, 100)
    first = spend(office, "60.50", remark="春茶")
    assert balance(office) == Decimal("39.50")
    spend(office, "39.50")
    assert balance(office) == 0
    stored = office.read(ENTRY, first).values
    assert (stored["kind"], stored["purpose"], stored["entered_on"]) == ("spending", TEA, date(2026, 3, 2))
    assert str(stored["number"]).startswith("SZ-202603-")


def test_a_day_in_the_past_is_not_overdrawn_either(office: Office) -> None:
    """What was spent later is not spent once more by an entry of an earlier day."""
    opening(office, 100)
    spend(office, 80, entered_on="2026-02-20")
    paid(office)
    found = errors_of(spend, office, 50, entered_on="2026-02-10")
    assert "the fund holds 20.00 that can leave it on 2026-02-10; 50.00 is more" in found["amount"][0]
    spend(office, 20, entered_on="2026-02-10")
    with office.database.reading() as session:
        later = daily_sums(session, office.models, SHARED, date(2026, 2, 10))
    assert [one.left for one in later.values()] == [Decimal(-80), Decimal(50)]


def test_only_the_keeper_enters(local: Office) -> None:
    """The right to make entries is not enough where the regulation names who keeps the accounts."""
    opening(local, 100)
    posted = {"fund": SHARED, "direction": "out", "amount": 5, "purpose": TEA}
    with pytest.raises(AccessDenied, match="kept by others"):
        create_record(local.as_("head", "clerk"), ENTRY, posted)
    create_record(local.as_("head", "clerk"), ENTRY, {"fund": OWN, "direction": "in", "amount": 5})
    assert (balance(local), balance(local, OWN)) == (Decimal(100), Decimal(5))


def test_an_opening_balance_is_entered_once(local: Office) -> None:
    """And not later than the first entry; what was entered wrong is levelled out and entered anew."""
    first = opening(local, 30)
    assert "direction" in errors_of(opening, local, 30)
    undo = {"fund": SHARED, "direction": "out", "amount": 30, "corrects": first, "remark": "写错"}
    create_record(keeper(local), ENTRY, undo)
    found = errors_of(opening, local, 40, entered_on="2026-02-02")
    assert found == {
        "entered_on": ("an opening balance cannot be later than the first entry of the fund, on 2026-02-01",)
    }
    opening(local, 40)
    paid(local)
    assert balance(local) == 90


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"direction": "out"}, "direction"),
        ({"amount": 59}, "amount"),
        ({"remark": ""}, "remark"),
        ({"entered_on": "2026-03-01"}, "entered_on"),
        ({"fund": OWN}, "corrects"),
    ],
    ids=["same way", "a part", "no reason", "earlier", "another fund"],
)
def test_a_correction_levels_out_its_entry(local: Office, changes: dict[str, Any], field: str) -> None:
    """All of it, with the reason, in the same fund, the other way, once."""
    opening(local, 100)
    wrong = spend(local, 60)
    undo = {"fund": SHARED, "direction": "in", "amount": 60, "corrects": wrong, "remark": "金额写错"}
    assert field in errors_of(create_record, keeper(local), ENTRY, {**undo, **changes})
    done = create_record(keeper(local), ENTRY, undo).id
    assert (balance(local), local.read(ENTRY, done).values["purpose"]) == (Decimal(100), TEA)
    again = errors_of(create_record, keeper(local), ENTRY, undo)
    assert "corrected already" in again["corrects"][0]
    of_it = {**undo, "corrects": done, "direction": "out"}
    assert (
        "a correction is not corrected"
        in errors_of(create_record, keeper(local), ENTRY, of_it)["corrects"][0]
    )


def test_taking_back_a_payment_opens_the_penalty_again(office: Office) -> None:
    """What was registered wrong is levelled out, and the penalty is owed as before."""
    ident = paid(office)
    entry = entries(office)[0]["id"]
    undo = {"fund": SHARED, "direction": "out", "amount": 50, "corrects": entry, "remark": "收据作废"}
    create_record(keeper(office), ENTRY, undo)
    values = penalty(office, ident).values
    assert (values["state"], values["paid_amount"], values["paid_at"]) == ("notified", None, None)
    pay(office, ident, 50)
    assert balance(office) == 50
    with transaction(context := office.as_("hr", "hr")):
        assert refundable(context, ident) == 50


def test_a_payment_that_was_spent_is_not_taken_back(local: Office) -> None:
    """The fund would hold less than nothing."""
    paid(local)
    entry = entries(local)[0]["id"]
    spend(local, 10)
    undo = {"fund": SHARED, "direction": "out", "amount": 50, "corrects": entry, "remark": "作废"}
    assert "amount" in errors_of(create_record, keeper(local), ENTRY, undo)


def refund(context: Context, ident: int, amount: object) -> int | None:
    with transaction(context):
        return record_refund(context, ident, Decimal(str(amount)), "申诉成立")


def test_a_refund_is_an_entry_and_never_more_than_was_paid(office: Office) -> None:
    """Neither at once nor in parts, and not after the payment was taken back."""
    ident, context = paid(office), office.as_("hr", "hr")
    opening(office, 100)
    refund(context, ident, 30)
    with pytest.raises(TransitionRefused, match=r"20\.00 were paid and not refunded yet"):
        refund(context, ident, "20.01")
    refund(context, ident, 20)
    for wrong in (1, 0, -5):
        with pytest.raises(TransitionRefused):
            refund(context, ident, wrong)
    assert balance(office) == 100
    last = entries(office)[-1]
    assert (last["kind"], last["penalty_id"], last["remark"]) == ("refund", ident, "申诉成立")
    assert [row["line"] for row in entries(office)] == [1, 2, 3, 4]
    undo = {
        "fund": SHARED,
        "direction": "out",
        "amount": 50,
        "corrects": entries(office)[0]["id"],
        "remark": "x",
    }
    assert "refunded" in errors_of(create_record, keeper(office), ENTRY, undo)["corrects"][0]


def test_a_refund_needs_the_money(local: Office) -> None:
    """What was spent cannot go back; nothing is paid without a fund, so nothing is refunded."""
    ident = paid(local)
    spend(local, 10)
    with pytest.raises(TransitionRefused, match=r"50\.00 is more"):
        refund(local.as_("hr", "hr"), ident, 50)
    assert balance(local) == 40


def test_entries_are_only_added(office: Office) -> None:
    """At every door: by an edit, by deleting, behind the actions, by deleting what they are about."""
    ident = paid(office)
    entry, root = entries(office)[0]["id"], office.as_("boss", "administrator")
    with pytest.raises(AppendOnly, match="correction"):
        save_record(root, ENTRY, entry, {"remark": "anders"}, None)
    with pytest.raises(AppendOnly):
        delete_record(root, ENTRY, entry)
    with office.database.writing() as session:
        with pytest.raises(AppendOnly):
            update_record(session, office.models, ENTRY, entry, {"amount": Decimal(1)}, stamp(), None)
        with pytest.raises(AppendOnly):
            remove(session, office.models, ENTRY, entry)
        with pytest.raises(RecordInUse):
            remove(session, office.models, "penalty", ident)
    assert balance(office) == 50


def test_an_import_is_held_to_the_same_rules(local: Office, tmp_path: Path) -> None:
    """Row after row, each against what the rows before it have left."""
    from openpyxl import Workbook

    opening(local, 100)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["基金", "收支", "金额", "用途", "日期"])
    for amount, purpose in ((60, TEA), (60, TEA), (5, "设备维修")):
        sheet.append(["福利基金", "支出", amount, purpose, date(2026, 3, 1)])
    book.save(tmp_path / "spending.xlsx")
    found = import_records(keeper(local), ENTRY, tmp_path / "spending.xlsx")
    assert [(row.row, sorted(row.errors)) for row in found.faults] == [(3, ["amount"]), (4, ["purpose"])]
    assert balance(local) == 100


def test_a_workflow_spends_by_the_same_rules(sqlite_database: Database, tmp_path: Path) -> None:
    """A request that is approved makes an entry, as far as the fund can pay it."""
    request = {
        "config/regimes/r/request.yaml": """
            workflows:
              request:
                start: asked
                states: {asked: {title: 申请}, granted: {title: 同意, final: true}}
                transitions:
                  grant:
                    from: asked
                    to: granted
                    by: [role.hr]
                    do:
                      - create:
                          record: fund_entry
                          with: {fund: r.welfare, direction: out, amount: amount, purpose: purpose}
            records:
              request:
                title: 申请
                workflow: request
                fields: {amount: {type: money}, purpose: {type: choice, options: fund_purpose}}
            """
    }
    office = fund_office(sqlite_database, tmp_path, request)
    root = office.as_("boss", "administrator")
    opening(office, 100)
    for amount, purpose, granted in ((30, TEA, True), (90, TEA, False), (1, "设备维修", False)):
        ident = create_record(root, "r.request", {"amount": amount, "purpose": purpose}).id
        if granted:
            advance_workflow(root, "r.request", ident, "grant")
        else:
            with pytest.raises(InvalidRecord):
                advance_workflow(root, "r.request", ident, "grant")
        assert office.read("r.request", ident).values["state"] == ("granted" if granted else "asked")
    assert balance(office) == 70


@pytest.mark.parametrize("writers", [2, 6])
def test_two_at_once_do_not_spend_the_same_money(office: Office, writers: int) -> None:
    """Whoever comes second sees what the first one has left."""
    opening(office, 100)
    barrier, outcomes = Barrier(writers), []

    def run() -> None:
        barrier.wait()
        try:
            spend(office, 60)
            outcomes.append("spent")
        except InvalidRecord as error:
            outcomes.append(",".join(error.errors))
        finally:
            office.database.session.remove()

    threads = [Thread(target=run) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [*["amount"] * (writers - 1), "spent"]
    assert balance(office) == 40


def test_a_penalty_is_not_refunded_twice_at_once(office: Office) -> None:
    """Two refunds of the whole at the same moment: one is made."""
    ident = paid(office)
    opening(office, 500)
    barrier, outcomes = Barrier(2), []

    def run() -> None:
        barrier.wait()
        try:
            refund(office.as_("hr", "hr"), ident, 50)
            outcomes.append("refunded")
        except TransitionRefused:
            outcomes.append("refused")
        finally:
            office.database.session.remove()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refunded", "refused"]
    assert balance(office) == 500


def test_months_add_up(local: Office) -> None:
    """Each month's ins and outs, in order."""
    opening(local, 100)
    spend(local, 10, entered_on="2026-02-03")
    paid(local)
    with local.database.reading() as session:
        months = monthly_sums(session, local.models, SHARED)
        until = fund_sums(session, local.models, SHARED, date(2026, 2, 28))
    assert {month: (one.came_in, one.went_out) for month, one in months.items()} == {
        date(2026, 2, 1): (Decimal(100), Decimal(10)),
        date(2026, 3, 1): (Decimal(50), Decimal(0)),
    }
    assert until.left == 90


_STEPS = st.lists(
    st.tuples(st.sampled_from(["spend", "pay", "refund", "undo"]), st.integers(1, 90), st.integers(1, 28)),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_no_series_of_entries_overdraws_any_day(local: Office, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is tried in whatever order: no day ends below nothing, and lines are numbered without gaps."""
    for what, amount, day in steps:
        try:
            _try(local, what, amount, day)
        except (InvalidRecord, TransitionRefused, RecordGone):
            continue
    with local.database.reading() as session:
        running = Decimal(0)
        for one in daily_sums(session, local.models, SHARED, date(2000, 1, 1)).values():
            running += one.left
            assert running >= 0
    lines = [row["line"] for row in entries(local) if row["fund"] == SHARED]
    assert lines == list(range(1, len(lines) + 1))


def _try(office: Office, what: str, amount: int, day: int) -> None:
    found = entries(office)
    if what == "pay":
        paid(office, "minor")
    elif what == "spend":
        spend(office, amount, entered_on=f"2026-02-{day:02d}" if day % 2 else "2026-03-02")
    elif what == "refund" and found:
        refund(office.as_("hr", "hr"), found[amount % len(found)]["penalty_id"] or 0, amount % 20 + 1)
    elif found:
        entry = found[amount % len(found)]
        way = "out" if entry["direction"] == "in" else "in"
        undo = {"direction": way, "amount": entry["amount"], "corrects": entry["id"], "remark": "错"}
        create_record(keeper(office), ENTRY, {"fund": SHARED, **undo})


def test_part_payments_are_offered(local: Office) -> None:
    """Beside the whole payment, to those who may register payments."""
    ident = owed(local)
    assert {"pay", "pay_part"} <= {one.name for one in open_moves(local.as_("hr", "hr"), "penalty", ident)}
