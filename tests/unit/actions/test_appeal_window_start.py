"""From when the time to contest a decision is counted: the notice, or the decision."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.advance_workflow import advance_workflow
from app.storage import Database
from app.workflow import TransitionRefused
from tests.support.appeals import FILES, filed
from tests.support.offices import office_from
from tests.support.penalties import make_case, raised
from tests.support.portals import NOW

_PENALTIES = "config/regimes/r/penalties.yaml"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "last"), [("", 5), ("from: notified_at\n", 5), ("from: decided_at\n", 3)], ids=str
)
def test_three_days_are_counted_from(
    sqlite_database: Database, tmp_path: Path, start: str, last: int
) -> None:
    """The notice came two days after the decision; on the last day it is in time, on the next too late."""
    window = "window: 3 days\n"
    assert FILES[_PENALTIES].count(window) == 1
    text = FILES[_PENALTIES].replace(window, window + (f"              {start}" if start else ""))
    office = office_from(sqlite_database, tmp_path, {**FILES, _PENALTIES: text})
    ident = raised(office, make_case(office, found_by="hr_patrol"), "r.conduct", "fault")[0]
    advance_workflow(office.as_("hr", "hr"), "penalty", ident, "decide", {"basis": "依据"})
    told = {"notified_at": NOW + 2 * DAY}
    advance_workflow(office.as_("hr", "hr", now=NOW + 2 * DAY), "penalty", ident, "notify", told)
    with pytest.raises(TransitionRefused, match="the time to contest this decision ended"):
        filed(office, ident, at=NOW + (last + 1) * DAY)
    filed(office, ident, at=NOW + last * DAY)
