"""The first and the last day of a regulation: what happens outside of them sets nothing going."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.rules.in_force import in_force
from app.storage import Database
from tests.support import clocks
from tests.support.clocks import clockwork
from tests.support.offices import office_from
from tests.support.penalties import CONFIG, make_case, raised, rows_of
from tests.support.portals import portal_from

REGIME = "config/regimes/r/regime.yaml"
DATED = {REGIME: "regime: {title: 条例, in_force_from: 2026-03-03, in_force_to: 2026-03-31}\n"}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 16, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 16, tzinfo=UTC), False),
    ],
)
def test_days_begin_in_the_zone_of_the_portal(tmp_path: Path, at: datetime, expected: bool) -> None:
    """From midnight to midnight there, not in UTC."""
    portal = portal_from(tmp_path, DATED)
    assert in_force(portal, "r", at) is expected
    assert in_force(portal, "", at)


def test_a_fault_before_the_first_day_raises_nothing(database: Database, tmp_path: Path) -> None:
    """Nor one after the last; between them it does."""
    office = office_from(database, tmp_path, {**CONFIG, **DATED})
    for day, expected in ((2, 0), (3, 1), (31, 1)):
        case = make_case(office, found_at=datetime(2026, 3, day, 4, tzinfo=UTC))
        assert len(raised(office, case, "r.conduct", "minor")) == expected
    late = make_case(office, found_at=datetime(2026, 4, 1, 4, tzinfo=UTC))
    assert raised(office, late, "r.conduct", "minor") == () and rows_of(office, late) == ()


def test_a_clock_that_began_before_the_first_day_is_none(database: Database, tmp_path: Path) -> None:
    """Whether it is entered that day or later, and though its beginning lay ahead when it was entered."""
    work = clockwork(database, tmp_path, {**clocks.CONFIG, **DATED})
    before, after = clocks.at(2, 9), clocks.at(3, 9)
    ahead = work.make(before, received_at=before + timedelta(hours=2))
    early = work.make(after, received_at=before)
    work.pass_time(before + timedelta(hours=3))
    assert work.clocks(early) == {} and work.clocks(ahead) == {}
    there = work.make(after)
    assert set(work.clocks(there)) == {"answer_in_time"}
