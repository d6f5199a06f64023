"""Which instance hears an appeal, and until when it can be brought."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.rules.appeals import Decided, answer_due, hearing_of, window_end
from app.rules.calendars import around_the_clock, compile_calendar
from app.rules.due_times import Counting
from app.spec.penalties import Appeal
from app.spec.portal_settings import Calendar

STEPS = {
    "unit.head": ("offender.superior.superior", "role.hr"),
    "role.hr": ("role.manager", "role.chief"),
    "role.chief": (),
}
RULES = Appeal(window="3 days", answer="7 working days", steps=STEPS)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ZONE = "Asia/Shanghai"


def same(one: str, other: str) -> bool:
    """Short and full names of a role are the same party."""
    return one.replace("role.r.", "role.") == other.replace("role.r.", "role.")


@pytest.mark.parametrize(
    ("last", "hears", "final"),
    [
        pytest.param(Decided("unit.head"), "offender.superior.superior", False, id="the first decision"),
        pytest.param(Decided("role.r.hr"), "role.manager", False, id="a role by its full name"),
        pytest.param(
            Decided("offender.superior.superior", "unit.head", 1), "role.hr", False, id="the next instance"
        ),
        pytest.param(Decided("role.hr", "unit.head", 2), "role.manager", False, id="the last one's own row"),
        pytest.param(Decided("role.chief", "role.hr", 2), "", True, id="an empty row is final"),
        pytest.param(Decided("role.manager", "role.hr", 1), "role.chief", False, id="in the middle of a row"),
        pytest.param(Decided("role.other"), "", True, id="nobody is named"),
    ],
)
def test_who_hears(last: Decided, hears: str, final: bool) -> None:
    """One instance after another, then the row of whoever answered last."""
    found = hearing_of(RULES, last, same)
    assert found.final is final
    assert (found.among(None)[:1] or ("",))[0] == hears


@pytest.mark.parametrize(
    ("asked", "hear"),
    [
        (None, ("offender.superior.superior", "role.hr")),
        (1, ("offender.superior.superior", "role.hr")),
        (2, ("role.hr",)),
        (9, ("role.hr",)),
    ],
)
def test_an_instance_that_is_asked_for(asked: int | None, hear: tuple[str, ...]) -> None:
    """It and those after it; beyond the last one the last."""
    assert hearing_of(RULES, Decided("unit.head"), same).among(asked) == hear


def test_an_instance_that_answered_is_not_asked_again() -> None:
    """Asking for the first one after it has answered means the next."""
    found = hearing_of(RULES, Decided("offender.superior.superior", "unit.head", 1), same)
    assert found.among(1) == ("role.hr",)


def test_without_steps_the_schedule_names_nobody() -> None:
    """Then only the workflow says who answers."""
    found = hearing_of(Appeal(window="3 days"), Decided("role.hr"), same)
    assert (found.row, found.final, found.among(None)) == (None, False, ())


def test_the_times() -> None:
    """Days end at 24:00; working days need a calendar, and without one there is no end."""
    office = compile_calendar(Calendar(hours={"mon-fri": ("09:00-18:00",)}), ZONE)
    assert window_end(RULES, MONDAY, Counting(None, ZONE)) == datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert answer_due(RULES, MONDAY, Counting(None, ZONE)) is None
    assert answer_due(RULES, MONDAY, Counting(office, ZONE)) == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert answer_due(RULES, MONDAY, Counting(around_the_clock(ZONE), ZONE)) == datetime(
        2026, 3, 9, 16, tzinfo=UTC
    )
    assert window_end(Appeal(), MONDAY, Counting(None, ZONE)) is None
