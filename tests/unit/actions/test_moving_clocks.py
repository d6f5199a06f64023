"""A plan counts the clocks that move and the deadlines that become missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions import moving_clocks as moving
from app.storage import Database
from tests.support.houses import ALL, FILES, House, edited

LEVEL = "to: {state: done}, within: [{time: 2 hours}]"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """The first release, with two people, an hour and a half after a case came in."""
    made = House(database, tmp_path / "root")
    made.apply(FILES)
    made.hire("hr", "cook")
    made.case()
    made.now += timedelta(minutes=90)
    yield made
    database.session.remove()


@pytest.mark.parametrize(
    ("new", "moved", "missed"),
    [
        (LEVEL.replace("2 hours", "5 hours"), 1, 0),
        (LEVEL.replace("2 hours", "1 hours"), 1, 1),
        (LEVEL.replace("time", "when: \"state == 'held'\", time"), 1, 0),
        (f"{LEVEL}, pause: \"state == 'open'\"", 1, 0),
        (f"{LEVEL}, warn: [50 %]", 0, 0),
    ],
    ids=["later", "sooner", "no target", "pause", "warning"],
)
def test_what_moves_depends_on_what_open_records_do(house: House, new: str, moved: int, missed: int) -> None:
    """Those that keep their rules keep their times; those that switch come out as `apply` makes them."""
    files = edited((ALL, LEVEL, new))
    assert house.plan(files, "keep").affected.clocks.moved == 0
    plan = house.plan(files, "switch")
    clocks = plan.affected.clocks
    assert (clocks.moved, clocks.newly_missed, clocks.estimated) == (moved, missed, False)
    words = "\n".join(plan.lines())
    assert ("1 running clocks will be due at another time" in words) is bool(moved)
    before = house.clock(1)
    house.apply(files, open_records="switch")
    after = house.clock(1)
    assert (after.due_at != before.due_at) is bool(moved)
    assert bool(after.missed) is bool(missed)


def test_a_service_level_that_goes_ends_its_clocks(house: House) -> None:
    """They are not due any more."""
    line = next(one for one in FILES[ALL].splitlines() if "answer: {" in one)
    files = edited((ALL, line, ""), (ALL, "        service_levels:", ""))
    assert house.plan(files, "switch").affected.clocks.moved == 1
    assert house.plan(files, "keep").affected.clocks.moved == 0


def test_states_that_a_clock_rests_on(house: House) -> None:
    """A state that becomes final ends the clocks of those who stand in it, whatever their rules."""
    final = (ALL, "{title: 停}", "{title: 停, final: true}")
    files = edited(final, (ALL, "from: [open, held]", "from: open"))
    counted = house.plan(files, "keep").affected.clocks
    assert counted.counted == counted.of == 1


def test_of_many_some_are_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are worked out for all of them, and the words say that it is an estimate."""
    for number in range(59):
        house.case(str(number))
    monkeypatch.setattr(moving, "COUNTED", 12)
    monkeypatch.setattr(moving, "FEW", 4)
    plan = house.plan(edited((ALL, LEVEL, LEVEL.replace("2 hours", "5 hours"))), "switch")
    clocks = plan.affected.clocks
    assert clocks.of == 60 and 0 < clocks.counted < 30 and clocks.estimated and clocks.moved == 60
    words = "\n".join(plan.lines())
    assert "about 60 running clocks will be due at another time, and about 0 will have missed it" in words
    assert f"(an estimate from {clocks.counted} of 60 clocks)" in words
