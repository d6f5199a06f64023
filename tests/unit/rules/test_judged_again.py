"""A stored case gives the same result again, to the cent and to the last reason."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import Case, CompiledSchedule, EarlierPenalty, PenaltyAssessment, Person, assess

SCHEDULE = """
facts:
  found_by: {type: choice, options: found_by}
  loss: {type: money}
  days: {type: integer}
  known: {type: boolean}
  on: {type: date}
  at_time: {type: datetime}
  remark: {type: text}
  witness: {type: person}
levels: {minor: 20, fault: 50.50, serious: {amount: ~, min: 100, max: 900}}
formula: "coalesce(loss * 0.07, amount)"
decided_by: [{when: loss > 1000 or days >= 3, who: role.hr}, {who: unit.head}]
joint_liability:
  - {person: offender.superior, share: 33.3 %, when: level >= 'fault'}
  - {person: witness, share: 10 %, when: known}
repeat: {within: 6 months, same: person, from: 2, raise: 1 level, multiply: 1.15}
exempt: [{when: on < '2026-01-01' and offender.post.kind == 'office', instead: training}]
sanctions: {training: 培训}
bounds: {cap: 5000, step: 0.05}
"""
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
facts = st.fixed_dictionaries(
    {},
    optional={
        "found_by": st.sampled_from(["own_check", "patrol", None]),
        "loss": st.decimals(0, 10**6, places=2),
        "days": st.integers(0, 30),
        "known": st.booleans(),
        "on": moments.map(datetime.date),
        "at_time": moments,
        "remark": st.text(max_size=5),
        "witness": st.integers(1, 9),
    },
)
people = st.dictionaries(
    st.sampled_from(["offender", "offender.superior", "witness"]),
    st.none() | st.builds(Person, st.sampled_from("1234"), st.text(max_size=3)),
)
earlier = st.builds(
    EarlierPenalty,
    st.text("0123456789", min_size=1, max_size=3),
    moments,
    label=st.text(max_size=4),
    person=st.sampled_from("1234"),
    level=st.sampled_from(["minor", "fault"]),
)
cases = st.builds(
    Case,
    at=moments,
    level=st.sampled_from(["minor", "fault", "serious"]),
    facts=facts,
    persons=people,
    links=st.fixed_dictionaries({}, optional={"offender.post.kind": st.sampled_from(["office", "kitchen"])}),
    earlier=st.lists(earlier, max_size=4).map(tuple),
    now=st.none() | moments,
    joint=st.booleans(),
)


@pytest.fixture(scope="module")
def schedule(schedule_of: Callable[[str], CompiledSchedule]) -> CompiledSchedule:
    return schedule_of(SCHEDULE)


def test_a_stored_case_gives_the_same_result(schedule: CompiledSchedule) -> None:
    """Through JSON text and back the assessment is equal, reasons included."""

    @given(cases)
    def holds(case: Case) -> None:
        first = assess(schedule, case)
        again = assess(schedule, Case.from_json(json.loads(json.dumps(case.to_json()))))
        assert again == first
        assert PenaltyAssessment.from_json(json.loads(json.dumps(first.to_json()))) == first
        assert json.dumps(again.told()) == json.dumps(first.told())

    holds()


def test_what_holds_for_every_assessment(schedule: CompiledSchedule) -> None:
    """Nobody is charged twice, a joint share is exact to half a step, an open amount is flagged, and every
    penalty has its reasons with a place."""

    @given(cases)
    def holds(case: Case) -> None:
        result = assess(schedule, case)
        assert (result.exempt is None) == bool(result.penalties)
        ids = [one.person.id for one in result.penalties if one.person]
        assert len(ids) == len(set(ids))
        for penalty in result.penalties:
            assert penalty.amount_asked == (penalty.amount is None)
            assert penalty.because and all(reason.file and reason.line for reason in penalty.because)
            if penalty.amount is not None:
                assert Decimal(0) <= penalty.amount <= Decimal(5000)
                assert penalty.amount % Decimal("0.05") == 0
            if penalty.share is not None and penalty.amount is not None:
                assert result.offender is not None and result.offender.amount is not None
                exact = result.offender.amount * penalty.share.numerator / penalty.share.denominator
                assert abs(penalty.amount - exact) <= Decimal("0.025")

    holds()


def test_the_order_of_what_is_given_never_matters(schedule: CompiledSchedule) -> None:
    """Facts and earlier penalties in another order give the same charges."""

    @given(cases, st.randoms())
    def holds(case: Case, rnd: random.Random) -> None:
        names, past = list(case.facts), list(case.earlier)
        rnd.shuffle(names)
        rnd.shuffle(past)
        other = replace(case, facts={name: case.facts[name] for name in names}, earlier=tuple(past))
        first, second = assess(schedule, case), assess(schedule, other)
        assert [(one.to, one.amount, one.sanctions) for one in first.penalties] == [
            (one.to, one.amount, one.sanctions) for one in second.penalties
        ]

    holds()


def test_times_keep_their_moment(schedule: CompiledSchedule) -> None:
    """A case stored in another time zone is the same moment."""
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    case = Case(at, "fault", now=at + timedelta(hours=1))
    assert Case.from_json(case.to_json()) == case
