"""What repetition makes of amounts that somebody decides, and what makes two faults the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.rules import Case, CaseError, CompiledSchedule, EarlierPenalty, Person, assess
from app.rules.worded import case_in_words

ScheduleOf = Callable[[str], CompiledSchedule]
RANGED = """
levels: {set: {amount: 500, min: 100, max: 1000}, asked: {amount: ~, min: 100, max: 1000}, fixed: 33.333}
repeat: {within: 3 months, same: person, from: 2, multiply: 2, add: 10}
"""


def again(noon: datetime, **more: object) -> Case:
    """The second fault of the same person."""
    earlier = (EarlierPenalty("1", noon - timedelta(days=1), person="7"),)
    return Case(noon, persons={"offender": Person("7")}, earlier=earlier, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bounds", "low", "high", "amount"),
    [("{}", "210", "2010", "1010"), ("{cap: 900, floor: 300}", "300", "900", "900")],
)
def test_the_bounds_of_a_level_are_repeated_too(
    schedule_of: ScheduleOf, noon: datetime, bounds: str, low: str, high: str, amount: str
) -> None:
    """A doubled amount lies within doubled bounds, else nobody could decide on it; a cap holds both."""
    schedule = schedule_of(f"{RANGED}bounds: {bounds}")
    penalty = assess(schedule, again(noon, level="set")).penalties[0]
    assert (penalty.minimum, penalty.maximum) == (Decimal(low), Decimal(high))
    assert penalty.amount == Decimal(amount)
    assert assess(schedule, again(noon, level="set", amount=Decimal(high))).penalties[0].amount == Decimal(
        high
    )
    with pytest.raises(CaseError, match="outside what the schedule allows"):
        assess(schedule, again(noon, level="set", amount=Decimal(high) + 1))


def test_an_amount_that_is_asked_says_what_repetition_asks(schedule_of: ScheduleOf, noon: datetime) -> None:
    """The decider sets the whole amount, and reads that it is a repeated fault."""
    penalty = assess(schedule_of(RANGED), again(noon, level="asked")).penalties[0]
    assert (penalty.amount, penalty.amount_asked) == (None, True)
    assert (penalty.minimum, penalty.maximum) == (Decimal(210), Decimal(2010))
    said = [one.sentence() for one in penalty.because]
    assert "repeated: multiplied by 2; the decider sets the whole amount" in said
    assert any("added; the decider sets the whole amount" in one for one in said)


def test_a_fixed_amount_is_what_is_charged_in_the_end(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Repetition and rounding included: the bare figure of the tariff is refused then."""
    schedule = schedule_of(RANGED)
    assert assess(schedule, again(noon, level="fixed")).penalties[0].amount == Decimal("76.67")
    assert assess(schedule, again(noon, level="fixed", amount=Decimal("76.67"))).penalties[
        0
    ].amount == Decimal("76.67")
    with pytest.raises(CaseError, match="is fixed"):
        assess(schedule, again(noon, level="fixed", amount=Decimal("33.33")))


@pytest.mark.parametrize("key", ["item", "class", "unit"])
@pytest.mark.parametrize(
    ("own", "theirs", "times"), [("a", "a", 2), ("a", "b", 1), ("", "", 1), ("", "a", 1)]
)
def test_what_nobody_said_is_not_the_same(
    schedule_of: ScheduleOf, noon: datetime, key: str, own: str, theirs: str, times: int
) -> None:
    """Two faults without an item (a class, a unit) are not two faults in the same one."""
    schedule = schedule_of(f"levels: {{one: 10}}\nrepeat: {{within: 1 month, same: {key}, from: 2, add: 1}}")
    slot = "class_" if key == "class" else key
    earlier = EarlierPenalty("1", noon, **{slot: theirs})
    case = Case(noon, "one", earlier=(earlier,), **{slot: own})  # type: ignore[arg-type]
    assert assess(schedule, case).penalties[0].amount == Decimal(9 + times)


@pytest.mark.parametrize(
    ("same", "given"),
    [
        ("[person, level]", {"level": "large"}),
        ("[person, level]", {"loss": "2000"}),
        ("[person, item, class, unit]", {"level": "large"}),
        ("[item]", {"level": "large", "item": "uniform"}),
    ],
    ids=["level given", "level by its condition", "nothing said", "item said"],
)
def test_earlier_faults_in_words_are_of_the_same_kind(
    schedule_of: ScheduleOf, noon: datetime, same: str, given: dict[str, str]
) -> None:
    """`earlier: 1` means one that agrees in everything, whatever the rule asks."""
    schedule = schedule_of(f"""
        facts: {{loss: {{type: money}}}}
        levels:
          small: {{amount: 1, when: loss < 1000}}
          large: {{amount: 90, when: loss == None or loss >= 1000}}
        repeat: {{within: 1 month, same: {same}, from: 2, multiply: 2}}
    """)
    case = case_in_words(schedule, {**given, "earlier": "1"}, noon)
    assert assess(schedule, case).penalties[0].amount == Decimal(180)


@pytest.mark.parametrize(
    ("events", "times"),
    [(("r.case#1", "r.case#1"), 2), (("r.case#1", "r.case#2"), 3), (("", ""), 3), (("r.case#1", ""), 3)],
    ids=["one event under two schedules", "two events", "two that name none", "one of each"],
)
def test_one_event_is_one_fault(
    schedule_of: ScheduleOf, noon: datetime, events: tuple[str, str], times: int
) -> None:
    """Two penalties for one event count once, those that tell no event each for itself."""
    schedule = schedule_of("levels: {one: 10}\nrepeat: {within: 1 month, same: person, from: 3, multiply: 2}")
    past = tuple(
        EarlierPenalty(str(number), noon, person="7", schedule=f"s{number}", event=event)
        for number, event in enumerate(events)
    )
    case = Case(noon, "one", persons={"offender": Person("7")}, earlier=past)
    penalty = assess(schedule, case).penalties[0]
    assert penalty.because[0].inputs["times"] == times
    assert penalty.amount == Decimal(20 if times == 3 else 10)
    assert Case.from_json(case.to_json()) == case
