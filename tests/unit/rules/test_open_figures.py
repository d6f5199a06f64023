"""Figures that a regulation leaves open (`~`): said, asked, never made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.rules import Case, CompiledSchedule, EarlierPenalty, Person, assess
from app.rules.penalty_examples import run_schedule
from app.spec.portal import Portal

ScheduleOf = Callable[[str], CompiledSchedule]
PEOPLE = {"offender": Person("7"), "offender.superior": Person("3")}


@pytest.mark.parametrize(
    ("repeat", "said"),
    [
        (
            "{within: ~, from: 2, multiply: 2}",
            "repetition is not judged: the regulation leaves the window open",
        ),
        (
            "{within: 3 months, from: ~, same: person, multiply: 2}",
            "time 2 within 3 months; from which time on it is a repeated fault is left open",
        ),
        (
            "{within: 3 months, from: 2, same: person, raise: ~}",
            "time 2 within 3 months: a repeated fault from time 2 on",
        ),
    ],
    ids=["the window", "the time from which", "the consequence"],
)
def test_an_open_repetition_changes_nothing(
    schedule_of: ScheduleOf, noon: datetime, repeat: str, said: str
) -> None:
    """The amount stays as it is, and the reason says what is open and what is known."""
    schedule = schedule_of(f"levels: {{one: 20, two: 50}}\nrepeat: {repeat}")
    past = (EarlierPenalty("1", noon - timedelta(days=3), "CF-1", person="7"),)
    penalty = assess(schedule, Case(noon, "one", persons=PEOPLE, earlier=past)).penalties[0]
    assert penalty.amount == Decimal(20)
    assert penalty.because[0].sentence() == said


def test_an_open_share_is_asked(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Neither the whole amount nor nothing: whoever decides says what the second person pays."""
    schedule = schedule_of("levels: {one: 200}\njoint_liability: [{person: offender.superior, share: ~}]")
    direct, joint = assess(schedule, Case(noon, "one", persons=PEOPLE)).penalties
    assert (direct.amount, direct.amount_asked) == (Decimal(200), False)
    assert (joint.amount, joint.amount_asked, joint.share) == (None, True, None)
    assert "left open by the regulation" in joint.because[0].sentence()


def test_of_two_shares_the_one_that_is_known_counts(schedule_of: ScheduleOf, noon: datetime) -> None:
    """One person by two rows is charged once."""
    schedule = schedule_of("""
        levels: {one: 200}
        joint_liability: [{person: offender.superior, share: ~}, {person: offender.unit.head, share: 30 %}]
    """)
    people = {**PEOPLE, "offender.unit.head": Person("3")}
    assert [one.amount for one in assess(schedule, Case(noon, "one", persons=people)).penalties] == [200, 60]


@pytest.mark.parametrize(
    ("kind", "level", "asked", "points"),
    [
        ("fine", "{amount: ~, points: 3}", True, 3),
        ("fine", "{points: 3}", False, 3),
        ("fine", "{amount: ~, points: 3, sanctions: talk}", True, 3),
        ("fine", "{amount: ~}", True, None),
        ("fine", "{sanctions: talk}", False, None),
        ("points", "{points: ~}", True, None),
        ("points", "{amount: ~}", True, None),
        ("points", "{points: 3}", False, 3),
        ("points", "{points: ~, sanctions: talk}", True, None),
        ("points", "{sanctions: talk}", False, None),
    ],
)
def test_money_is_asked_whatever_comes_beside_it(
    schedule_of: ScheduleOf, noon: datetime, kind: str, level: str, asked: bool, points: int | None
) -> None:
    """Points and sanctions beside an open amount do not make it nothing."""
    schedule = schedule_of(f"kind: {kind}\nlevels: {{one: {level}}}\nsanctions: {{talk: 谈话}}")
    penalty = assess(schedule, Case(noon, "one", persons=PEOPLE)).penalties[0]
    assert (penalty.amount, penalty.amount_asked, penalty.points) == (None, asked, points)


@pytest.mark.parametrize(
    ("instead", "loss", "exempt", "told"),
    [
        ("", "1", "yes", None),
        ("", "1", "~", ("not exempt", "exempt")),
        ("", "9", "~", None),
        ("", "9", "yes", ("exempt", "not exempt")),
        (", instead: talk", "1", "talk", None),
        (", instead: talk", "1", "yes", None),
        (", instead: talk", "1", "~", ("not exempt", "talk")),
        (", instead: talk", "9", "talk", ("talk", "not exempt")),
        ("", "1", "talk", ("talk", "exempt")),
    ],
)
def test_an_example_says_whether_somebody_is_let_off(
    portal_of: Callable[..., Portal], instead: str, loss: str, exempt: str, told: tuple[str, str] | None
) -> None:
    """Also where nothing is done instead; what comes out otherwise is told in words that differ."""
    portal = portal_of(f"""
        penalty_schedules:
          tariff:
            facts: {{loss: {{type: money}}}}
            levels: {{one: 5}}
            exempt: [{{when: loss < 5{instead}}}]
            examples: [{{given: {{level: one, loss: {loss}}}, exempt: {exempt}}}]
    """)
    failed = run_schedule(portal, portal.penalty_schedules["house.tariff"]).failed
    assert [(one.expected, one.got) for one in failed] == ([] if told is None else [told])


def test_the_note_of_a_level_is_among_the_reasons(schedule_of: ScheduleOf, noon: datetime) -> None:
    """Why a figure is open is said with the penalty itself, printed or not."""
    schedule = schedule_of("levels: {one: {amount: ~, note: 附件缺失}, two: 5}")
    said = [
        [r.sentence() for r in assess(schedule, Case(noon, name)).penalties[0].because]
        for name in ("one", "two")
    ]
    assert ["note: 附件缺失" in one for one in said] == [True, False]


@pytest.mark.parametrize(("points", "failed"), [("3", 0), ("4", 1), ("~", 1)])
def test_an_example_compares_points_beside_the_money(
    portal_of: Callable[..., Portal], points: str, failed: int
) -> None:
    """`points` of an expected penalty."""
    portal = portal_of(f"""
        penalty_schedules:
          tariff:
            levels: {{one: {{amount: 5, points: 3}}}}
            examples: [{{given: {{level: one}}, expect: [{{to: offender, amount: 5, points: {points}}}]}}]
    """)
    assert len(run_schedule(portal, portal.penalty_schedules["house.tariff"]).failed) == failed


@pytest.mark.parametrize("note", ["", "第12条"])
def test_the_notes_of_exemptions_and_joint_rows_are_said(
    schedule_of: ScheduleOf, noon: datetime, note: str
) -> None:
    """They stand below the reason that they belong to."""
    written = f", note: {note}" if note else ""
    schedule = schedule_of(f"""
        facts: {{loss: {{type: money}}}}
        levels: {{one: 100}}
        exempt: [{{when: loss < 5{written}}}]
        joint_liability: [{{person: offender.superior, share: 50 %, own: true{written}}}]
    """)
    wanted = [f"note: {note}"] if note else []
    exempt = assess(schedule, Case(noon, "one", {"loss": "1"}, persons=PEOPLE)).exempt
    assert exempt is not None
    assert [child.sentence() for child in exempt.because[0].children] == wanted
    joint = assess(schedule, Case(noon, "one", {"loss": "9"}, persons=PEOPLE)).penalties[1]
    said = [child.sentence() for child in joint.because[0].children]
    assert [one for one in said if one.startswith("note")] == wanted
    assert "the share is set by the organisation itself" in said
