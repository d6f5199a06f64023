"""Late payment of what lies outside of floor and cap: a share, an amount that an appeal has corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.rules import CompiledSchedule
from app.rules.late import late_payment

ScheduleOf = Callable[[str], CompiledSchedule]


@pytest.mark.parametrize(
    ("amount", "after"),
    [("5", "10"), ("49", "98"), ("50", "100"), ("140", "200"), ("200", "200"), ("300", "300"), ("3.4", "7")],
    ids=["far below", "below", "at the floor", "beyond the cap", "at the cap", "above the cap", "rounded"],
)
def test_being_late_lifts_nothing_to_the_floor(
    schedule_of: ScheduleOf, noon: datetime, amount: str, after: str
) -> None:
    """A tenth of 50 is 5, and doubled 10: the floor of 50 is for the person in breach. Nothing is lowered."""
    schedule = schedule_of("""
        levels: {one: 50}
        bounds: {floor: 50, cap: 200, step: 1}
        payment: {late: [{multiply: 2}]}
    """)
    found = late_payment(schedule, Decimal(amount), noon, noon + timedelta(seconds=1))
    assert found.amount == Decimal(after)
