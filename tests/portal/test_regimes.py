"""The four shipped regimes of response times: sound, complete, and honest about what the source leaves open.

When things are due is in `test_regime_due_times.py`, who may do what in `test_regimes_in_use.py`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.checks import run_checks
from app.rules import run_examples
from app.rules.recurrence import occurrences
from app.spec.recurrence import Recurrence, parse_recurrence
from tests.support.regimes import clock, facts, said, shipped

CONCIERGE, PROPERTY, HOTLINE, AFTERSALES = (
    "concierge_sla",
    "property",
    "hotline_12345",
    "aftersales_complaint",
)
REGIMES = (CONCIERGE, PROPERTY, HOTLINE, AFTERSALES)


def test_each_regime_is_sound() -> None:
    """Only figures left open and sections not yet served are remarked on."""
    told = [one for one in run_checks(shipped()) if any(regime in one.span.file for regime in REGIMES)]
    assert {one.code for one in told} <= {"UNS001", "NYS001"}


def test_all_examples_pass_and_reach_every_target() -> None:
    """The regimes' own examples: none fails, and no row of `within`, no level is left out."""
    report = run_examples(shipped())
    assert report.failed == ()
    assert [str(one.span) for one in report.unreached if any(name in one.span.file for name in REGIMES)] == []


@pytest.mark.parametrize(
    ("regime", "rows"),
    [
        (CONCIERGE, [f"CS-D{number:02d}" for number in range(1, 17)]),
        (PROPERTY, [f"D{number}" for number in range(15, 24)]),
        (HOTLINE, [f"D15.{number}" for number in range(1, 7)]),
        (AFTERSALES, [f"D01.{number}" for number in range(1, 10)]),
    ],
    ids=REGIMES,
)
def test_every_row_of_the_deadline_table_is_declared(regime: str, rows: list[str]) -> None:
    """Each row is the source of a service level with an example, or of a recurring duty."""
    levels = [one for one in shipped().service_levels.values() if one.regime == regime]
    duties = [one for one in shipped().duties.values() if one.regime == regime]
    told = {row for one in (*levels, *duties) for row in one.source.split("、")}
    assert set(rows) <= told
    assert all(one.examples for one in levels)


@pytest.mark.parametrize(
    ("level", "given"),
    [
        (f"{CONCIERGE}.complaint_resolution", "category=repair class=urgent received_at=2026-03-06T15:30"),
        (
            f"{CONCIERGE}.complaint_resolution",
            "category=common_area class=hazardous received_at=2026-03-06T15:30",
        ),
        (f"{CONCIERGE}.complaint_resolution", "category=neighbour received_at=2026-03-06T15:30"),
        (f"{CONCIERGE}.complaint_resolution", "category=other received_at=2026-03-06T15:30"),
        (f"{CONCIERGE}.reported_up", "stuck_at=2026-03-06T15:30"),
        (f"{CONCIERGE}.enquiry_answer", "category=fees no_set_fee=true received_at=2026-03-06T15:30"),
        (f"{PROPERTY}.repair_completion", "domain=water urgency=general reported_at=2026-03-06T15:30"),
        (f"{PROPERTY}.repair_completion", "domain=house urgency=urgent reported_at=2026-03-06T15:30"),
        (f"{PROPERTY}.certificate_renewal", "issued_on=2026-01-05 valid_until=2026-04-01"),
        (f"{HOTLINE}.receipt", "track=complaint received_at=2026-03-06T15:30"),
        (f"{AFTERSALES}.forwarding", "received_at=2026-03-06T15:30"),
        (f"{AFTERSALES}.contact", "verification=found_true verified_at=2026-03-06T15:30"),
        (f"{AFTERSALES}.timetable", "at_once=false promised_on=2026-05-01 contacted_at=2026-03-06T15:30"),
        (f"{AFTERSALES}.informing", "solved_at=2026-03-06T15:30"),
    ],
)
def test_what_has_no_figure_is_never_late(level: str, given: str) -> None:
    """Promptly, as soon as possible, cut off: listed, and a year later still not missed."""
    found = clock(level, {**facts(given), "now": "2027-03-06 15:30"})
    assert (found.state, found.due_at, found.missed) == ("unset", None, False)


@pytest.mark.parametrize("category", ["community", "fees", "outside", "other_departments"])
def test_at_once_has_no_threshold(category: str) -> None:
    """CS-D10 to CS-D13: what can be answered at once is recorded, and never late."""
    given = {"category": category, "received_at": "2026-03-06 10:00"}
    assert clock(f"{CONCIERGE}.enquiry_answer", {**given, "now": "2026-03-07 10:00"}).state == "running"
    answered = clock(f"{CONCIERGE}.enquiry_answer", {**given, "answered_at": "2026-03-06 10:45"})
    assert (answered.state, answered.missed) == ("recorded", False)


@pytest.mark.parametrize(
    ("level", "given"),
    [
        (f"{CONCIERGE}.complaint_arrival", "category=attitude class=serious received_at=2026-03-06T15:30"),
        (f"{PROPERTY}.repair_arrival", "domain=house urgency=general reported_at=2026-03-06T15:30"),
        (f"{HOTLINE}.review", "track=suggestion received_at=2026-03-06T15:30"),
        (f"{HOTLINE}.investigation", "track=grievance further=false reviewed_at=2026-03-06T15:30"),
        (f"{HOTLINE}.investigation", "track=complaint further=true reviewed_at=2026-03-06T15:30"),
        (f"{HOTLINE}.settlement", "track=complaint received_at=2026-03-06T15:30"),
        (f"{AFTERSALES}.promise", "at_once=true contacted_at=2026-03-06T15:30"),
    ],
)
def test_stages_that_do_not_exist(level: str, given: str) -> None:
    """A stage under a condition has no clock where it does not hold; the complaint track inherits nothing."""
    assert clock(level, facts(given)).state == "cancelled"


@pytest.mark.parametrize(
    ("told", "state"),
    [(None, "missed"), ("2026-03-06 09:19", "met"), ("2026-03-06 09:21", "missed")],
    ids=["never told", "told in time", "told too late"],
)
def test_a_stage_is_not_finished_until_somebody_was_told(told: str | None, state: str) -> None:
    """Of the hotline: the review was done within an hour; what counts is when the user learned of it."""
    given = {"track": "grievance", "received_at": "2026-03-05 09:20", "reviewed_at": "2026-03-05 10:00"}
    more = {"review_told_at": told} if told else {}
    assert clock(f"{HOTLINE}.review", {**given, **more, "now": "2026-03-07 09:00"}).state == state


@pytest.mark.parametrize(("approved", "due"), [("false", "2026-03-11 24:00"), ("true", "2026-03-30 17:00")])
def test_only_with_leave_past_the_cap(approved: str, due: str) -> None:
    """CS-D05: a time agreed with the resident beyond seven working days counts only with the manager's leave;
    extensions of all clocks of the concierge are the manager's alone."""
    given = facts("category=repair class=lasting received_at=2026-03-02T10:00 agreed_at=2026-03-30T17:00")
    assert said(clock(f"{CONCIERGE}.complaint_resolution", {**given, "beyond_approved": approved})) == due
    levels = [one for one in shipped().service_levels.values() if one.regime == CONCIERGE]
    assert {who for one in levels for who in one.extend_by} == {"role.centre_manager"}


def test_forwarding_again_restarts_the_verification_only() -> None:
    """Of after-sales: the 24 hours count from the lodging, whatever happens afterwards."""
    given = {"received_at": "2026-03-02 09:00", "forwarded_at": "2026-03-02 10:00"}
    again = {**given, "forwarded_at": "2026-03-04 10:00"}
    response, verification = f"{AFTERSALES}.response", f"{AFTERSALES}.verification"
    assert said(clock(response, given)) == said(clock(response, again)) == "2026-03-03 09:00"
    assert [said(clock(verification, one)) for one in (given, again)] == [
        "2026-03-05 24:00",
        "2026-03-09 24:00",
    ]


@pytest.mark.parametrize("regime", REGIMES)
def test_no_missed_limit_is_punished_by_itself(regime: str) -> None:
    """No source gives a penalty for a missed limit, so no escalation assesses one; property, hotline and
    after-sales have no tariff at all."""
    levels = [one for one in shipped().service_levels.values() if one.regime == regime]
    effects = [effect for one in levels for step in one.escalate for effect in step.do]
    assert effects and all(effect.notify is not None for effect in effects)
    tariffs = [one for one in shipped().penalty_schedules.values() if one.regime == regime]
    assert bool(tariffs) is (regime == CONCIERGE)
    assert all(level.amount in (None, 0) for one in tariffs for level in one.levels.values())


@pytest.mark.parametrize(
    ("duty", "days"),
    [
        (f"{CONCIERGE}.monthly_call_back", ["2026-11-01", "2026-12-01", "2027-01-01"]),
        (f"{PROPERTY}.yearly_survey", ["2027-03-01"]),
        (f"{PROPERTY}.yearly_satisfaction", ["2026-11-01"]),
    ],
)
def test_recurring_rows_come_round(duty: str, days: list[str]) -> None:
    """CS-D14, D20 and D21: monthly and yearly work, on the days that the organisation chose."""
    rule = parse_recurrence(shipped().duties[duty].every or "")
    assert isinstance(rule, Recurrence)
    after, until = datetime(2026, 10, 20, tzinfo=UTC), datetime(2027, 3, 31, tzinfo=UTC)
    turns = occurrences(rule, after, until, "Asia/Shanghai", lambda _day: True, date(2026, 1, 1))
    assert [str(turn.day) for turn in turns][: len(days)] == days


@pytest.mark.parametrize(
    "duty",
    [
        f"{CONCIERGE}.community_news",
        *(f"{PROPERTY}.{name}" for name in ("wear_grading", "power_upkeep", "tank_cleaning")),
        *(f"{AFTERSALES}.{name}" for name in ("analysis", "assessment", "new_staff_training")),
    ],
)
def test_work_without_a_period_stays_open(duty: str) -> None:
    """CS-D16, D23, D01.7 to D01.9: the source gives no period, so none is made up."""
    found = shipped().duties[duty]
    assert found.wrote("every") and found.every is None and found.note


@pytest.mark.parametrize(
    ("standard", "codes"),
    [
        (
            f"{CONCIERGE}.concierge",
            [f"CS-C{n:02d}" for n in range(1, 9)] + [f"CS-K{n:02d}" for n in range(1, 5)],
        ),
        (
            f"{PROPERTY}.property_service",
            [
                f"PM-{part}{n}"
                for part, last in (("A", 14), ("B", 6), ("C", 10), ("D", 7))
                for n in range(1, last + 1)
            ],
        ),
        (f"{HOTLINE}.case_handling", [f"C15.{n}" for n in range(1, 6)]),
        (f"{AFTERSALES}.aftersales", [f"C01.{n}" for n in range(1, 9)]),
    ],
    ids=REGIMES,
)
def test_every_clause_is_in_the_library_and_asked(standard: str, codes: list[str]) -> None:
    """Each coded clause once, in order; each of them is asked by the regime's checklist, indicators aside."""
    clauses = shipped().standards[standard].clauses
    assert [clause.clause for clause in clauses.values()] == codes
    regime, _, name = standard.partition(".")
    lists = [one for one in shipped().checklists.values() if one.regime == regime]
    asked = {item.standard for one in lists for _, item in one.items()}
    assert asked == {f"{name}.{key}" for key, clause in clauses.items() if "-K" not in clause.clause}


@pytest.mark.parametrize(
    ("indicator", "target"),
    [
        (f"{CONCIERGE}.rounds_in_full", ">= 50 %"),
        (f"{CONCIERGE}.major_call_back", "= 100 %"),
        (f"{CONCIERGE}.satisfaction", ">= 90 %"),
        (f"{PROPERTY}.houses_in_order", ">= 98 %"),
        (f"{PROPERTY}.house_repairs_passed", "= 100 %"),
        (f"{PROPERTY}.power_repairs_passed", "= 100 %"),
        (f"{PROPERTY}.survey_coverage", ">= 80 %"),
        (f"{PROPERTY}.satisfaction", None),
    ],
)
def test_targets_are_the_sources(indicator: str, target: str | None) -> None:
    """The printed targets, and no target where none is printed: 80 % is coverage, not satisfaction."""
    assert shipped().indicators[indicator].target == target
