"""More time for a clock: from which day it is counted, and what is refused with words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.actions.extend_deadline import Asked, ExtensionRefused, extend_deadline
from app.storage import Database
from tests.support.clocks import CONFIG, Clockwork, at, clockwork

FILES = {
    **CONFIG,
    "config/regimes/r/levels.yaml": """
        service_levels:
          days_to_answer:
            of: case
            from: received_at
            to: answered_at
            within: [{time: 3 days}]
            extend_by: [role.hr]
          office_days: {extends: days_to_answer, calendar: office, within: [{time: 3 working days}]}
        """,
}


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Clockwork:
    return clockwork(database, tmp_path, FILES)


@pytest.mark.parametrize(
    ("level", "more", "day"),
    [("days_to_answer", "2 days", 8), ("office_days", "2 working days", 10), ("office_days", "2 days", 8)],
)
def test_more_days_follow_the_last_day(work: Clockwork, level: str, more: str, day: int) -> None:
    """From Monday the 2nd, three days end with Thursday the 5th, three working days too; two more follow."""
    made = work.make(at(2, 10))
    row = work.clock(made, level)
    assert row.due_at == at(6, 0)
    extend_deadline(work.as_("hr", at(4, 9), "hr"), row.id, Asked("缺材料", more=more))
    assert work.clock(made, level).due_at == at(day, 0)


def test_working_days_need_a_calendar(work: Clockwork) -> None:
    """Where none counts, working days would count weekends too: it is said, and nothing is extended."""
    made = work.make(at(2, 10))
    row = work.clock(made, "days_to_answer")
    with pytest.raises(ExtensionRefused, match="no calendar counts this time"):
        extend_deadline(work.as_("hr", at(4, 9), "hr"), row.id, Asked("缺材料", more="2 working days"))
    assert work.clock(made, "days_to_answer").due_at == at(6, 0)
