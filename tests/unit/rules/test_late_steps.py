"""Late payment: doubled after the deadline, the next step waits where the regulation leaves it open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.rules import Case, CompiledSchedule, assess, joint_due, late_payment

ScheduleOf = Callable[[str], CompiledSchedule]
SCHEDULE = """
levels: {one: 100}
sanctions: {suspended: 待岗}
joint_liability:
  - {person: offender.superior, share: 50 %, of: base}
  - {person: offender.unit.head, share: 50 %, of: due}
payment:
  suspended_by_appeal: true
  late:
    - {multiply: 2}
    - {sanction: suspended, after: ~}
"""


@pytest.fixture(scope="module")
def schedule(schedule_of: ScheduleOf) -> CompiledSchedule:
    return schedule_of(SCHEDULE)


@pytest.mark.parametrize(
    ("after", "amount", "taken"),
    [(timedelta(hours=-1), 100, 0), (timedelta(0), 100, 0), (timedelta(seconds=1), 200, 1)],
    ids=["in time", "at the very moment", "a second late"],
)
def test_the_first_step_comes_when_the_deadline_has_passed(
    schedule: CompiledSchedule, noon: datetime, after: timedelta, amount: int, taken: int
) -> None:
    """At the deadline itself payment is in time."""
    found = late_payment(schedule, Decimal(100), noon, noon + after)
    assert (found.amount, found.taken) == (Decimal(amount), taken)


def test_an_open_second_step_waits_for_a_decision(schedule: CompiledSchedule, noon: datetime) -> None:
    """Years later it still waits; once ordered it takes hold."""
    later = noon + timedelta(days=1000)
    found = late_payment(schedule, Decimal(100), noon, later)
    assert (found.amount, found.sanctions) == (Decimal(200), ())
    assert found.next is not None and (found.next.at, found.next.sanction) == (None, "suspended")
    assert "left open by the regulation" in found.next.because.sentence()
    ordered = late_payment(schedule, Decimal(100), noon, later, {1: noon + timedelta(days=9)})
    assert (ordered.sanctions, ordered.taken, ordered.next) == (("suspended",), 2, None)


def test_an_appeal_suspends_only_where_the_regulation_says_so(
    schedule: CompiledSchedule, schedule_of: ScheduleOf, noon: datetime
) -> None:
    """The switch decides."""
    later = noon + timedelta(days=3)
    assert late_payment(schedule, Decimal(100), noon, later, suspended=True).amount == Decimal(100)
    strict = schedule_of(SCHEDULE.replace("suspended_by_appeal: true", "suspended_by_appeal: false"))
    assert late_payment(strict, Decimal(100), noon, later, suspended=True).amount == Decimal(200)


def test_no_deadline_no_step(schedule: CompiledSchedule, noon: datetime) -> None:
    """Without a due time nothing is doubled."""
    found = late_payment(schedule, Decimal(100), None, noon)
    assert (found.amount, found.taken) == (Decimal(100), 0)


def test_an_open_amount_stays_open(schedule: CompiledSchedule, noon: datetime) -> None:
    """Nothing is multiplied while the decider has not set the amount."""
    assert late_payment(schedule, None, noon, noon + timedelta(days=1)).amount is None


def test_steps_follow_each_other_and_the_cap_holds(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Each step works on the amount then due, after the time since the one before."""
    schedule = schedule_of("""
        levels: {one: 100}
        bounds: {cap: 350}
        payment:
          late:
            - {after: 24 hours, multiply: 2}
            - {after: 2 days, multiply: 1.5, add: 10}
            - {after: 1 day, add: 500}
    """)
    amounts = [
        late_payment(schedule, Decimal(100), noon, noon + timedelta(hours=hours)).amount
        for hours in (24, 25, 24 + 59, 24 + 61, 24 + 200)
    ]
    assert amounts == [Decimal(100), Decimal(200), Decimal(200), Decimal(310), Decimal(350)]


def test_a_step_follows_the_day_with_which_the_time_ended(schedule_of: ScheduleOf) -> None:
    """Due with the 12th: doubled from then on, and seven days later, with the 19th, the next step."""
    schedule = schedule_of("""
        levels: {one: 100}
        payment: {late: [{multiply: 2}, {after: 7 days, add: 50}]}
    """)
    due = datetime(2026, 3, 13, tzinfo=ZoneInfo(schedule.zone))
    ends = [
        late_payment(schedule, Decimal(100), due, due + timedelta(hours=hours)) for hours in (1, 168, 169)
    ]
    assert [one.amount for one in ends] == [Decimal(200), Decimal(200), Decimal(250)]
    assert ends[0].next is not None and ends[0].next.at == due + timedelta(days=7)


def test_the_superiors_share_follows_only_where_it_is_of_the_due(
    schedule: CompiledSchedule, noon: datetime
) -> None:
    """`of: base` stays, `of: due` doubles with the employee."""
    _, base, due = assess(schedule, Case(noon, "one")).penalties
    assert (base.amount, due.amount) == (Decimal(50), Decimal(50))
    assert joint_due(schedule, base, Decimal(200)) == Decimal(50)
    assert joint_due(schedule, due, Decimal(200)) == Decimal(100)
