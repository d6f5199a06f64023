"""Late payment of a share and of the penalty it is taken of: whoever is late first, the sum is the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.rules import Reason
from app.storage import Database
from tests.support.clocks import Clockwork, at, clockwork
from tests.unit.actions.test_late_payment import LATE

PAY = "config/regimes/r/pay.yaml"
PENALTY = "penalty"


@pytest.fixture
def work(sqlite_database: Database, tmp_path: Path) -> Clockwork:
    """The superior owes half of what is due, late payment included."""
    joint = "            joint_liability: [{person: offender.superior, share: 50 %, of: due}]\n"
    text = LATE[PAY].replace("            payment:\n", joint + "            payment:\n")
    return clockwork(sqlite_database, tmp_path, {**LATE, PAY: text})


def _due(work: Clockwork, ident: int) -> object:
    return work.office.read(PENALTY, ident).values["amount_due"]


@pytest.mark.parametrize(
    ("direct_hour", "joint_hour"),
    [(10, 12), (12, 10), (10, 10)],
    ids=["direct first", "joint first", "at once"],
)
def test_a_share_of_what_is_due_does_not_hang_on_the_order(
    work: Clockwork, direct_hour: int, joint_hour: int
) -> None:
    """50 doubled is 100, half of it 50, doubled by its own late payment 100; then 10 more for each."""
    clerk = work.as_("hr", at(2, 8), "r.clerk", "hr")
    matter = create_record(clerk, "r.matter", {"title": "M", "handler": work.office.people["cook"]}).id
    advance_workflow(clerk, "r.matter", matter, "fine", {})
    rows = {row.origin: int(row.id) for row in work.rows(PENALTY)}
    for origin, hour in (("direct", direct_hour), ("joint", joint_hour)):
        work.move(at(2, 9), rows[origin], "decide", PENALTY)
        work.move(at(2, hour), rows[origin], "notify", PENALTY, notified_at=at(2, hour))
    work.pass_time(at(4, 11))
    work.pass_time(at(4, 13))
    assert (_due(work, rows["direct"]), _due(work, rows["joint"])) == (100, 100)
    work.pass_time(at(6, 1))
    assert (_due(work, rows["direct"]), _due(work, rows["joint"])) == (110, Decimal(120))
    stored = next(row.reasons for row in work.rows(PENALTY) if row.origin == "joint")
    assert [Reason.from_json(one).rule for one in stored][-1].startswith(("payment.late", "joint_liability"))


def test_a_share_that_is_paid_in_time_only_follows(work: Clockwork) -> None:
    """What is paid stays; what is not late itself follows the other alone."""
    clerk = work.as_("hr", at(2, 8), "r.clerk", "hr")
    matter = create_record(clerk, "r.matter", {"title": "M", "handler": work.office.people["cook"]}).id
    advance_workflow(clerk, "r.matter", matter, "fine", {})
    rows = {row.origin: int(row.id) for row in work.rows(PENALTY)}
    for origin, hour in (("direct", 10), ("joint", 17)):
        work.move(at(2, 9), rows[origin], "decide", PENALTY)
        work.move(at(2, hour), rows[origin], "notify", PENALTY, notified_at=at(2, hour))
    work.pass_time(at(4, 11))
    assert _due(work, rows["joint"]) == 50
    work.move(at(4, 12), rows["joint"], "pay", PENALTY, paid_at=at(4, 12), paid_amount=50)
    work.pass_time(at(6, 1))
    assert (_due(work, rows["direct"]), _due(work, rows["joint"])) == (110, 50)
