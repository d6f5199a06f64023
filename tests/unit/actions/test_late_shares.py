"""A joint share of an amount that late payment has doubled before the share was decided on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from tests.support.clocks import at, clockwork
from tests.unit.actions.test_late_payment import LATE

PAY = "config/regimes/r/pay.yaml"
OPEN = "{minor: {amount: ~, min: 10, max: 500}, grave: 200}"


@pytest.mark.parametrize(("taken_of", "share"), [("base", 50), ("due", 100)])
def test_a_share_is_decided_after_the_main_amount_was_doubled(
    database: Database, tmp_path: Path, taken_of: str, share: int
) -> None:
    """It is the share of what was decided, or of what is due in the end, as the regulation says."""
    joint = f"            joint_liability: [{{person: offender.superior, share: 50 %, of: {taken_of}}}]\n"
    text = LATE[PAY].replace("{minor: 50, grave: 200}", OPEN)
    text = text.replace("            payment:\n", joint + "            payment:\n")
    work = clockwork(database, tmp_path, {**LATE, PAY: text})
    clerk = work.as_("hr", at(2, 8), "r.clerk", "hr")
    matter = create_record(clerk, "r.matter", {"title": "M", "handler": work.office.people["cook"]}).id
    advance_workflow(clerk, "r.matter", matter, "fine", {})
    rows = {row.origin: int(row.id) for row in work.rows("penalty")}
    work.move(at(2, 9), rows["direct"], "decide", "penalty", amount_due=100)
    work.move(at(2, 10), rows["direct"], "notify", "penalty", notified_at=at(2, 10))
    work.pass_time(at(4, 11))
    assert work.office.read("penalty", rows["direct"]).values["amount_due"] == 200
    work.move(at(4, 12), rows["joint"], "decide", "penalty")
    assert work.office.read("penalty", rows["joint"]).values["amount_due"] == share
