"""What counts as an earlier fault: not a reward, and one event once, under however many schedules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.storage import Database
from tests.support.offices import Office, office_from
from tests.support.penalties import CONFIG, FOUND, REPEATED, make_case, penalty, raised

_FILE = "config/regimes/r/penalties.yaml"
_MORE = """
          other: {title: 另一标准, rank: rank, levels: {minor: 5}}
          praise: {title: 表扬, kind: reward, rank: rank, levels: {minor: 5}, REPEAT}
"""
_REPEAT = "repeat: {within: 6 months, same: [person, level], from: 3, multiply: 2}"


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    text = CONFIG[_FILE].rstrip() + _MORE.replace("REPEAT", _REPEAT)
    return office_from(sqlite_database, tmp_path, {**CONFIG, _FILE: text})


def amount_after(office: Office, schedule: str, *earlier: tuple[str, ...]) -> object:
    """What the cook is charged by a schedule after events that were judged by these schedules each."""
    for number, schedules in enumerate(earlier):
        case = make_case(office, found_at=FOUND - timedelta(days=10 - number))
        for one in schedules:
            raised(office, case, one, "minor")
    (ident,) = raised(office, make_case(office), schedule, "minor")
    return penalty(office, ident).values["base_amount"]


@pytest.mark.parametrize(
    ("schedule", "earlier", "amount"),
    [
        pytest.param(REPEATED, [(REPEATED,), ("r.other",)], 50, id="two events"),
        pytest.param(REPEATED, [(REPEATED, "r.other")], 20, id="one event under two schedules"),
        pytest.param(REPEATED, [(REPEATED,), ("r.praise",)], 20, id="a reward is no fault"),
        pytest.param("r.praise", [(REPEATED,), ("r.praise",)], 5, id="a fault is no reward"),
        pytest.param("r.praise", [("r.praise",), ("r.praise",)], 10, id="rewards count among themselves"),
    ],
)
def test_earlier_faults(office: Office, schedule: str, earlier: list[tuple[str, ...]], amount: int) -> None:
    """The third time is charged more."""
    assert amount_after(office, schedule, *earlier) == amount
