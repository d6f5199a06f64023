"""Single rules of a schedule: joint shares, repetition, bounds, formulas, kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.rules import Case, CaseError, CompiledSchedule, EarlierPenalty, Penalty, Person, assess
from app.source import ConfigError

ScheduleOf = Callable[[str], CompiledSchedule]
PEOPLE = {"offender": Person("7"), "offender.superior": Person("3")}


def only(schedule: CompiledSchedule, case: Case) -> Penalty:
    result = assess(schedule, case)
    assert len(result.penalties) == 1
    return result.penalties[0]


def rules_of(penalty: Penalty) -> list[str]:
    return [reason.rule for reason in penalty.because]


@pytest.mark.parametrize(
    ("share", "amount"),
    [("100 %", "33.33"), ("50 %", "16.67"), ("33.3 %", "11.10"), ("150 %", "50.00"), ("0.1 %", "0.03")],
)
def test_a_joint_share_is_exact_to_the_cent(
    schedule_of: ScheduleOf, noon: datetime, share: str, amount: str
) -> None:
    """Shares are computed exactly and rounded once, half up."""
    schedule = schedule_of(f"""
        levels: {{one: 33.33}}
        joint_liability: [{{person: offender.superior, share: "{share}"}}]
    """)
    joint = assess(schedule, Case(noon, "one", persons=PEOPLE)).penalties[1]
    assert joint.amount == Decimal(amount)
    assert joint.origin == "joint"


def test_one_person_by_two_paths_pays_once_and_the_heavier(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Two rules that reach one person are merged; the reason of the lighter one is kept below."""
    schedule = schedule_of("""
        levels: {one: 100}
        joint_liability:
          - {person: offender.superior, share: 50 %}
          - {person: offender.unit.head, share: 80 %}
    """)
    head = Person("3")
    people = {"offender": Person("7"), "offender.superior": head, "offender.unit.head": head}
    _, joint = assess(schedule, Case(noon, "one", persons=people)).penalties
    assert (joint.to, joint.amount) == ("offender.unit.head", Decimal(80))
    assert joint.because[-1].children[0].rule == "joint_liability[0].share"


def test_two_people_pay_each_their_share(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Different people are not merged, and the shares add up."""
    schedule = schedule_of("""
        levels: {one: 100}
        joint_liability:
          - {person: offender.superior, share: 30 %}
          - {person: offender.unit.head, share: 70 %}
    """)
    people = {**PEOPLE, "offender.unit.head": Person("4")}
    result = assess(schedule, Case(noon, "one", persons=people))
    assert sum((one.amount or Decimal(0)) for one in result.penalties[1:]) == Decimal(100)


REPEATED = """
levels: {minor: 20, fault: 50, serious: 200}
sanctions: {warning: 警告}
repeat: {within: 12 months, same: [person, level], from: 3, raise: 1 level, sanctions: warning}
"""


def earlier(at: datetime, number: int = 1, **values: str) -> EarlierPenalty:
    facts = {"person": "7", "level": "minor", "schedule": "house.tariff"} | values
    return EarlierPenalty(str(number), at, f"CF-{number}", **facts)


@pytest.mark.parametrize(
    ("others", "level", "amount"),
    [
        ([], "minor", "20"),
        ([{}], "minor", "20"),
        ([{}, {}], "fault", "50"),
        ([{}, {}, {}, {}], "fault", "50"),
        ([{}, {"level": "fault"}], "minor", "20"),
        ([{}, {"person": "8"}], "minor", "20"),
    ],
    ids=["first", "second", "third", "fifth", "other level", "other person"],
)
def test_a_repeated_fault_is_raised(
    schedule_of: ScheduleOf, noon: datetime, others: list[dict[str, str]], level: str, amount: str
) -> None:
    """From the third time on within the window the next level is charged."""
    past = tuple(earlier(noon - timedelta(days=10 + i), i, **values) for i, values in enumerate(others))
    result = assess(schedule_of(REPEATED), Case(noon, "minor", persons=PEOPLE, earlier=past))
    assert (result.level, result.found_level) == (level, "minor")
    assert result.penalties[0].amount == Decimal(amount)


def test_the_earlier_penalties_that_counted_are_listed(schedule_of: ScheduleOf, noon: datetime) -> None:
    """The reason of a repetition names each earlier penalty that was counted, and no other."""
    past = (
        earlier(noon - timedelta(days=5), 1),
        earlier(noon - timedelta(days=500), 2),
        earlier(noon - timedelta(days=40), 3),
    )
    penalty = only(schedule_of(REPEATED), Case(noon, "minor", persons=PEOPLE, earlier=past))
    counted = [child.inputs["id"] for child in penalty.because[0].children]
    assert counted == ["1", "3"]
    assert penalty.sanctions == ("warning",)
    assert rules_of(penalty)[:2] == ["repeat", "repeat.raise"]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2025-03-10T00:00:00+08:00", True),
        ("2025-03-09T23:59:59+08:00", False),
        ("2026-03-10T12:00:01+08:00", False),
        ("2026-03-10T12:00:00+08:00", True),
    ],
    ids=["the day a year ago", "the day before that", "later than this one", "at the same moment"],
)
def test_the_edges_of_the_window(schedule_of: ScheduleOf, noon: datetime, at: str, counts: bool) -> None:
    """Twelve months reach back to the same day of last year, in the portal's time zone."""
    schedule = schedule_of("""
        levels: {minor: 20, fault: 50}
        repeat: {within: 12 months, same: person, from: 2, raise: 1 level}
    """)
    past = (earlier(datetime.fromisoformat(at)),)
    result = assess(schedule, Case(noon, "minor", persons=PEOPLE, earlier=past))
    assert result.level == ("fault" if counts else "minor")


def test_the_highest_level_cannot_be_raised(schedule_of: ScheduleOf, noon: datetime) -> None:
    """At the top nothing rises, and the reason says so."""
    past = tuple(earlier(noon, i, level="serious") for i in range(4))
    result = assess(schedule_of(REPEATED), Case(noon, "serious", persons=PEOPLE, earlier=past))
    assert result.level == "serious"
    assert any("already the highest" in one.sentence() for one in result.penalties[0].because)


def test_a_repetition_multiplies_and_adds_then_the_cap_holds(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Multiplied, added, capped, in this order, each with its reason."""
    schedule = schedule_of("""
        levels: {minor: 20}
        repeat: {within: 30 days, same: item, from: 2, multiply: 1.5, add: 5}
        bounds: {cap: 32}
    """)
    past = (EarlierPenalty("1", noon - timedelta(days=1), item="uniform"),)
    penalty = only(schedule, Case(noon, "minor", earlier=past, item="uniform"))
    assert penalty.amount == Decimal(32)
    assert rules_of(penalty) == [
        "repeat",
        "levels.minor.amount",
        "repeat.multiply",
        "repeat.add",
        "bounds.cap",
    ]


def test_a_window_in_working_time_is_not_guessed(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Without a calendar the repetition is not judged, and the reason says so."""
    schedule = schedule_of("""
        levels: {minor: 20, fault: 50}
        repeat: {within: 5 working days, same: person, from: 2, raise: 1 level}
    """)
    penalty = only(schedule, Case(noon, "minor", persons=PEOPLE | {}, earlier=(earlier(noon),)))
    assert penalty.amount == Decimal(20)
    assert "no calendar counts" in penalty.because[0].sentence()


@pytest.mark.parametrize(
    ("bounds", "loss", "amount"),
    [
        ("{step: 0.01}", "100.10", "5.01"),
        ("{step: 1}", "90", "5"),
        ("{step: 1, rounding: half_even}", "90", "4"),
        ("{step: 10, rounding: up}", "100", "10"),
        ("{step: 10, rounding: down}", "190", "0"),
        ("{cap: 500}", "100000", "500"),
        ("{floor: 20}", "1", "20"),
        ("{cap: 25, step: 10}", "100000", "20"),
        ("{floor: 24, step: 10}", "1", "30"),
        ("{cap: 95, floor: 93, step: 10, rounding: up}", "1900", "90"),
    ],
)
def test_formula_and_bounds(
    schedule_of: ScheduleOf, noon: datetime, bounds: str, loss: str, amount: str
) -> None:
    """An amount by formula, with floor, cap and rounding."""
    schedule = schedule_of(f"""
        facts: {{loss: {{type: money}}}}
        levels: {{one: {{amount: ~}}}}
        formula: loss * 0.05
        bounds: {bounds}
    """)
    assert only(schedule, Case(noon, "one", {"loss": loss})).amount == Decimal(amount)


def test_a_formula_without_its_facts_asks(schedule_of: ScheduleOf, noon: datetime) -> None:
    """An empty formula charges nothing by itself."""
    schedule = schedule_of("""
        facts: {loss: {type: money}}
        levels: {one: {amount: 10}}
        formula: amount + loss
    """)
    penalty = only(schedule, Case(noon, "one"))
    assert (penalty.amount, penalty.amount_asked) == (None, True)
    assert only(schedule, Case(noon, "one", {"loss": "2.5"})).amount == Decimal("12.50")


def test_registry_functions_serve_formulas(schedule_of: ScheduleOf, noon: datetime) -> None:
    """50 for every full 30 minutes, at most 200."""
    schedule = schedule_of("""
        facts: {late: {type: integer}}
        levels: {one: {amount: 50}}
        formula: clamp(steps(late, 30) * amount, 0, 200)
    """)
    found = [only(schedule, Case(noon, "one", {"late": late})).amount for late in (29, 30, 89, 1000)]
    assert found == [Decimal(0), Decimal(50), Decimal(100), Decimal(200)]


def test_points(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Points are no money: the amount is empty, the points are shared."""
    schedule = schedule_of("""
        kind: points
        levels: {one: 3, two: {points: 6}}
        joint_liability: [{person: offender.superior, share: 50 %}]
        bounds: {step: 1}
    """)
    for level, points, joint in (("one", 3, 2), ("two", 6, 3)):
        direct, shared = assess(schedule, Case(noon, level)).penalties
        assert (direct.amount, direct.points, direct.amount_asked) == (None, Decimal(points), False)
        assert (shared.amount, shared.points) == (None, Decimal(joint))


def test_a_sanction_without_money(schedule_of: ScheduleOf, noon: datetime) -> None:
    """No amount is asked, and there is nothing to share."""
    schedule = schedule_of("""
        kind: sanction
        levels: {oral: {sanctions: oral_warning}}
        sanctions: {oral_warning: 口头警告}
        joint_liability: [{person: offender.superior}]
    """)
    penalty = only(schedule, Case(noon, "oral"))
    assert (penalty.amount, penalty.amount_asked, penalty.sanctions) == (None, False, ("oral_warning",))


def test_a_fine_schedule_with_a_level_of_sanctions_only(schedule_of: ScheduleOf, noon: datetime) -> None:
    """A level that writes no amount at all but a sanction leaves nothing open; `~` does."""
    schedule = schedule_of("""
        levels: {oral: {sanctions: warned}, open: {amount: ~, sanctions: warned}}
        sanctions: {warned: 警告}
    """)
    assert only(schedule, Case(noon, "oral")).amount_asked is False
    assert only(schedule, Case(noon, "open")).amount_asked is True


def test_a_range_bounds_the_decider(schedule_of: ScheduleOf, noon: datetime) -> None:
    """A level with min and max: asked, bounded, and charged as decided within."""
    schedule = schedule_of("levels: {one: {amount: ~, min: 100, max: 500}}")
    penalty = only(schedule, Case(noon, "one"))
    assert (penalty.amount_asked, penalty.minimum, penalty.maximum) == (True, Decimal(100), Decimal(500))
    assert only(schedule, Case(noon, "one", amount=Decimal(500))).amount == Decimal(500)
    with pytest.raises(CaseError, match=r"100\.00 to 500\.00"):
        assess(schedule, Case(noon, "one", amount=Decimal("500.01")))


def test_the_level_may_follow_from_the_facts(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Without a given level the highest whose condition holds is taken; a given one must hold."""
    schedule = schedule_of("""
        facts: {loss: {type: money}}
        levels:
          small: {amount: 10, when: loss >= 1}
          large: {amount: 90, when: loss >= 1000}
    """)
    assert assess(schedule, Case(noon, facts={"loss": "999.99"})).level == "small"
    assert assess(schedule, Case(noon, facts={"loss": 1000})).level == "large"
    with pytest.raises(CaseError, match="does not apply here"):
        assess(schedule, Case(noon, "large", {"loss": 5}))


def test_conditions_read_links_of_the_offender(schedule_of: ScheduleOf, noon: datetime) -> None:
    """A dotted path is loaded by the caller, who learns its name from the compiled schedule."""
    schedule = schedule_of("""
        levels: {one: 10}
        exempt: [{when: offender.post.kind == 'office'}]
    """)
    assert "offender.post.kind" in schedule.link_types
    assert assess(schedule, Case(noon, "one", links={"offender.post.kind": "office"})).exempt is not None
    assert assess(schedule, Case(noon, "one", links={"offender.post.kind": "kitchen"})).exempt is None
    assert assess(schedule, Case(noon, "one")).exempt is None


def test_dates_in_conditions_are_those_of_the_case(schedule_of: ScheduleOf) -> None:
    """`today` is the day on which the case is judged, in the portal's time zone."""
    schedule = schedule_of("levels: {one: 10}\nexempt: [{when: today >= '2026-05-01'}]")
    before = datetime(2026, 4, 30, 15, 59, tzinfo=UTC)
    assert assess(schedule, Case(before, "one")).exempt is None
    assert assess(schedule, Case(before, "one", now=before + timedelta(minutes=1))).exempt is not None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("levels: {one: 1}\njoint_liability: [{person: offender.superior, share: half}]", "PEN004"),
        ("levels: {one: 1}\nrepeat: {within: 1 month, from: 2, raise: much}", "PEN005"),
        ("levels: {one: 1}\nrepeat: {within: 3 moons, from: 2, raise: 1 level}", "DUR001"),
        ("levels: {one: 1}\nexempt: [{when: loss}]", "EXPR003"),
    ],
)
def test_a_faulty_schedule_does_not_compile(schedule_of: ScheduleOf, body: str, code: str) -> None:
    """What `check` would say is said again, at its place, before anything is judged."""
    with pytest.raises(ConfigError) as caught:
        schedule_of(body)
    assert [one.code for one in caught.value.diagnostics] == [code]
