"""Late payment: doubled by its clock, person by person; what is left open waits for a decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.access import AccessDenied
from app.actions import save_record
from app.actions.late_payment import order_late_step, waiting_step
from app.rules import Reason
from app.storage import Database
from app.workflow import TransitionRefused
from tests.support.clocks import CASE, CONFIG, Clockwork, at, clockwork

PENALTY = "penalty"
LATE = {
    **CONFIG,
    "config/regimes/r/pay.yaml": """
        penalty_schedules:
          fine:
            title: 罚款
            kind: fine
            rank: level
            levels: {minor: 50, grave: 200}
            decided_by: [{who: role.hr}]
            sanctions: {suspended: 停岗}
            payment:
              clock: pay
              late:
                - {multiply: 2}
                - {add: 10, after: 1 day}
                - {sanction: suspended, after: ~}
        service_levels:
          pay:
            title: 缴纳时限
            of: penalty
            from: notified_at
            to: paid_at
            within: [{time: 48 hours}]
        workflows:
          fined:
            start: open
            states: {open: {title: 开}, fined: {title: 已罚, final: true}}
            transitions:
              fine:
                title: 处罚
                from: open
                to: fined
                do: [{assess: {schedule: fine, level: minor, offender: handler}}]
        records:
          matter:
            title: 事项
            workflow: fined
            fields: {title: {type: text, title: 名}, handler: {type: person, title: 人}}
        roles:
          clerk: {title: 办事员, can: {r.matter: [create, read, fine]}}
        """,
}


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Clockwork:
    return clockwork(database, tmp_path, LATE)


def _notified(work: Clockwork, who: str = "cook") -> int:
    """A penalty of 50 whose notice was received on the 2nd at 10."""
    from app.actions import create_record
    from app.actions.advance_workflow import advance_workflow

    clerk = work.as_("hr", at(2, 8), "r.clerk", "hr")
    matter = create_record(clerk, "r.matter", {"title": "M", "handler": work.office.people[who]}).id
    advance_workflow(clerk, "r.matter", matter, "fine", {})
    penalty = int(work.rows(PENALTY)[-1].id)
    work.move(at(2, 9), penalty, "decide", PENALTY)
    work.move(at(2, 10), penalty, "notify", PENALTY, notified_at=at(2, 10))
    return penalty


def _due(work: Clockwork, penalty: int) -> object:
    return work.office.read(PENALTY, penalty).values["amount_due"]


def test_an_unpaid_penalty_is_doubled_and_then_more(work: Clockwork) -> None:
    """Each step at its time, with its reason; in time still is at the due time itself."""
    penalty = _notified(work)
    assert work.clock(penalty, "pay", PENALTY).due_at == at(4, 10)
    work.pass_time(at(4, 10))
    assert _due(work, penalty) == 50
    work.pass_time(at(4, 10, 1))
    assert _due(work, penalty) == 100
    work.pass_time(at(5, 23, 59))
    assert _due(work, penalty) == 100
    work.pass_time(at(6, 0, 1))
    assert _due(work, penalty) == 110
    reasons = [Reason.from_json(one) for one in work.rows(PENALTY)[-1].reasons]
    assert [one.rule for one in reasons][-2:] == ["payment.late[0]", "payment.late[1]"]
    work.pass_time(at(20, 9))
    assert _due(work, penalty) == 110


def test_everybody_has_a_clock_of_the_own_notice(work: Clockwork) -> None:
    """The second person was told a day later and owes the double a day later."""
    first, second = _notified(work), _notified(work, "head")
    work.change(at(2, 11), second, PENALTY, notified_at=at(3, 10))
    work.pass_time(at(4, 12))
    assert (_due(work, first), _due(work, second)) == (100, 50)
    work.pass_time(at(5, 12))
    assert _due(work, second) == 100


def test_what_is_left_open_waits_for_who_decides(work: Clockwork) -> None:
    """It is offered after the miss, takes a reason, and is refused to others and a second time."""
    penalty = _notified(work)
    assert waiting_step(work.as_("hr", at(3, 9), "hr"), work.office.read(PENALTY, penalty)) is None
    work.pass_time(at(7, 9))
    stored = work.office.read(PENALTY, penalty)
    step = waiting_step(work.as_("hr", at(7, 9), "hr"), stored)
    assert step is not None and (step.index, step.sanction, step.at) == (2, "suspended", None)
    with pytest.raises(AccessDenied):
        order_late_step(work.as_("head", at(7, 9), "head"), penalty, "enough")
    with pytest.raises(TransitionRefused):
        order_late_step(work.as_("hr", at(7, 9), "hr"), penalty, "  ")
    order_late_step(work.as_("hr", at(7, 9), "hr"), penalty, "屡催不缴")
    values = work.office.read(PENALTY, penalty).values
    assert (values["amount_due"], values["sanctions"]) == (110, "停岗")
    with pytest.raises(TransitionRefused):
        order_late_step(work.as_("hr", at(7, 10), "hr"), penalty, "again")


def test_who_pays_in_time_owes_no_more(work: Clockwork) -> None:
    """Also when the payment is only registered after the doubling: the step is taken back."""
    early, noted_late = _notified(work), _notified(work, "head")
    work.move(at(3, 9), early, "pay", PENALTY, paid_at=at(3, 9), paid_amount="50")
    work.pass_time(at(4, 12))
    assert (_due(work, early), _due(work, noted_late)) == (50, 100)
    work.move(at(4, 13), noted_late, "pay", PENALTY, paid_at=at(4, 9), paid_amount="50")
    values = work.office.read(PENALTY, noted_late).values
    assert (values["amount_due"], values["state"]) == (50, "paid")


def test_who_pays_late_owes_the_double_though_nobody_was_watching(work: Clockwork) -> None:
    """The worker was away; registering the payment looks at the clock itself."""
    from app.actions import InvalidRecord

    penalty = _notified(work)
    with pytest.raises(InvalidRecord):
        work.move(at(4, 12), penalty, "pay", PENALTY, paid_at=at(4, 11), paid_amount="50")
    assert _due(work, penalty) == 50
    work.move(at(4, 12), penalty, "pay", PENALTY, paid_at=at(4, 11), paid_amount="100")
    assert _due(work, penalty) == 100
    work.pass_time(at(9, 9))
    assert _due(work, penalty) == 100


def test_a_corrected_notice_moves_the_clock_and_the_amount(work: Clockwork) -> None:
    """The notice turns out to have been received later: nothing was late."""
    penalty = _notified(work)
    work.pass_time(at(4, 10, 1))
    assert _due(work, penalty) == 100
    save_record(work.as_("hr", at(4, 11), "hr"), PENALTY, penalty, {"notified_at": at(3, 10)}, None)
    assert _due(work, penalty) == 50
    work.pass_time(at(5, 10, 1))
    assert _due(work, penalty) == 100


def test_a_week_of_downtime_brings_each_step_once(work: Clockwork) -> None:
    """In their order, with their own times in the reasons."""
    penalty = _notified(work)
    work.pass_time(at(12, 9))
    work.pass_time(at(12, 9) + timedelta(minutes=1))
    assert _due(work, penalty) == Decimal(110)
    reasons = [Reason.from_json(one) for one in work.rows(PENALTY)[-1].reasons]
    late = [one for one in reasons if one.rule.startswith("payment.late")]
    assert [one.rule for one in late] == ["payment.late[0]", "payment.late[1]"]
    assert [str(one.inputs["at"])[:10] for one in late] == ["2026-03-04", "2026-03-05"]
    assert CASE == "r.case"
