"""Raising penalties: who pays what, by the people of that day, once, and which of two schedules counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.actions import save_record
from app.actions.advance_workflow import advance_workflow
from app.storage import Database, history_of, verify_audit
from app.workflow import TransitionRefused
from tests.support.offices import Office
from tests.support.penalties import (
    CASE,
    CONDUCT,
    DEFECT,
    FOUND,
    POINTS,
    REPEATED,
    make_case,
    penalty,
    penalty_office,
    post,
    raise_in,
    raised,
    row,
    rows_of,
    set_case,
)
from tests.support.portals import NOW


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """The organisation, on both databases."""
    return penalty_office(database, tmp_path)


@pytest.fixture
def local(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same where the database makes no difference."""
    return penalty_office(sqlite_database, tmp_path)


def test_a_serious_fault_makes_two_records(office: Office) -> None:
    """The offender pays the tariff, the superior the share; each record says everything that it is."""
    case = make_case(office)
    ids = raised(office, case, CONDUCT, "serious", event="厨房检查")
    direct, joint = (penalty(office, ident) for ident in ids)
    cook, head, shop = office.people["cook"], office.people["head"], office.units["shop"]
    shared = {
        "schedule": CONDUCT,
        "level": "serious",
        "kind": "donation",
        "record_type": CASE,
        "record_id": case,
        "event": "厨房检查",
        "occurred_at": FOUND,
        "may_decide": "role.hr",
        "amount_asked": False,
        "state": "proposed",
        "sanctions": None,
    }
    expected = shared | {"person": cook, "unit": shop, "origin": "direct", "joint_with": None}
    assert {name: direct.values[name] for name in expected} == expected
    assert (direct.values["base_amount"], direct.values["amount_due"]) == (200, 200)
    expected = shared | {"person": head, "unit": shop, "origin": "joint", "joint_with": ids[0]}
    assert {name: joint.values[name] for name in expected} == expected
    assert (joint.values["base_amount"], joint.values["amount_due"]) == (100, 100)
    assert [direct.values["number"], joint.values["number"]] == ["CF-202603-0001", "CF-202603-0002"]
    with office.database.reading() as session:
        entries = [entry for ident in ids for entry in history_of(session, office.models, "penalty", ident)]
        assert [(entry["action"], entry["person_id"]) for entry in entries] == [
            ("create", office.people["hr"])
        ] * 2
        assert verify_audit(session, office.models).broken_at is None


@pytest.mark.parametrize(
    ("level", "facts", "people", "decides"),
    [
        pytest.param("fault", {}, ["cook"], "unit.head", id="light: no joint liability, the head decides"),
        pytest.param("fault", {"found_by": "hr_patrol"}, ["cook"], "role.hr", id="given facts count first"),
        pytest.param("serious", {}, ["cook", "head"], "role.hr", id="serious: the superior too"),
    ],
)
def test_who_answers_follows_the_schedule(
    local: Office, level: str, facts: dict[str, object], people: list[str], decides: str
) -> None:
    """Joint liability and the deciders hang on level and facts."""
    ids = raised(local, make_case(local), CONDUCT, level, facts=facts)
    found = [penalty(local, ident).values for ident in ids]
    assert [one["person"] for one in found] == [local.people[key] for key in people]
    assert {one["may_decide"] for one in found} == {decides}


def test_a_fault_of_ones_own_sets_off_nothing(local: Office) -> None:
    """`joint: false` charges the person in breach alone."""
    assert len(raised(local, make_case(local), CONDUCT, "serious", joint=False)) == 1


@pytest.mark.parametrize(
    ("postings", "payer"),
    [
        pytest.param(
            [("2026-01-01", "2026-02-15", "other_head"), ("2026-02-16", None, "boss")],
            "other_head",
            id="changed since",
        ),
        pytest.param(
            [("2026-01-01", "2026-02-09", "other_head"), ("2026-02-10", None, "boss")],
            "boss",
            id="changed on that very day",
        ),
        pytest.param([("2026-02-11", None, "boss")], "head", id="no posting covers the day"),
    ],
)
def test_the_superior_is_the_one_of_the_day(
    office: Office, postings: list[tuple[str, str | None, str]], payer: str
) -> None:
    """Who was the superior when it happened answers, whoever is it now."""
    lines = [
        {
            "from_date": date.fromisoformat(start),
            "to_date": date.fromisoformat(end) if end else None,
            "unit": office.units["other"],
            "superior": office.people[key],
        }
        for start, end, key in postings
    ]
    post(office, "cook", *lines)
    ids = raised(office, make_case(office), CONDUCT, "serious")
    assert penalty(office, ids[1]).values["person"] == office.people[payer]
    unit = "shop" if payer == "head" else "other"
    assert penalty(office, ids[0]).values["unit"] == office.units[unit]


def test_without_postings_the_audit_trail_tells(office: Office) -> None:
    """A superior and a head that were changed in the portal since are told from its audit trail."""
    case, admin = make_case(office), office.as_("hr", "administrator")
    save_record(admin, "person", office.people["cook"], {"superior": office.people["boss"]}, None)
    save_record(admin, "unit", office.units["shop"], {"head": office.people["other_head"]}, None)
    ids = raised(office, case, CONDUCT, "major")
    payers = [penalty(office, ident).values["person"] for ident in ids]
    assert payers == [office.people["cook"], office.people["head"]], "the head is the superior of that day"
    later = raised(office, make_case(office, found_at=NOW + timedelta(days=1)), CONDUCT, "major")
    payers = [penalty(office, ident).values["person"] for ident in later]
    assert payers == [office.people[key] for key in ("cook", "boss", "other_head")]


def test_a_first_entry_is_no_vacancy(local: Office) -> None:
    """A head who is entered only after the fault counts for it: it was not known who it was, not nobody."""
    admin = local.as_("hr", "administrator")
    save_record(admin, "unit", local.units["hr"], {"head": local.people["boss"]}, None)
    post(local, "hr", {"from_date": date(2026, 1, 1), "unit": local.units["hr"], "superior": None})
    ids = raised(local, make_case(local), CONDUCT, "major", offender="hr")
    assert [penalty(local, ident).values["person"] for ident in ids[1:]] == [local.people["boss"]]


def test_nobody_held_the_place(office: Office) -> None:
    """Without a superior only the person in breach pays, and the reasons say so."""
    post(office, "cook", {"from_date": date(2026, 1, 1), "unit": office.units["shop"], "superior": None})
    (only,) = raised(office, make_case(office), CONDUCT, "serious")
    texts = [one["text"] for one in row(office, only).reasons or ()]
    assert any("nobody held this place" in text for text in texts)


def test_an_open_amount_is_asked(office: Office) -> None:
    """An amount that the regulation leaves open stays empty, for the one who answers jointly too."""
    ids = raised(office, make_case(office), CONDUCT, "major")
    found = [penalty(office, ident).values for ident in ids]
    assert [(one["base_amount"], one["amount_due"], one["amount_asked"]) for one in found] == [
        (None, None, True)
    ] * 2
    assert found[0]["sanctions"] == "提请解除"


def test_an_exemption_is_on_record(office: Office) -> None:
    """Nobody pays, what is done instead is said, and the reasons are kept."""
    (only,) = raised(office, make_case(office, spotted=True), DEFECT, "accident")
    values = penalty(office, only).values
    assert (values["state"], values["amount_due"], values["sanctions"]) == ("exempt", 0, "培训")
    assert (row(office, only).reasons or ())[0]["rule"].startswith("exempt")


def test_points_stand_where_the_amount_stands(local: Office) -> None:
    """The figures of a schedule of points are points, shared and rounded like money."""
    ids = raised(local, make_case(local), POINTS, "fault")
    figures = [(row(local, ident).base_amount, row(local, ident).amount_due) for ident in ids]
    assert figures == [(5, 5), (Decimal("2.5"), Decimal("2.5"))]


def test_no_row_of_deciders_holds(local: Office) -> None:
    """Where the schedule names deciders and none applies, only an administrator decides."""
    (only,) = raised(local, make_case(local), DEFECT, "accident")
    assert row(local, only).may_decide == "role.administrator"


def test_raising_again_changes_nothing(office: Office) -> None:
    """The same matter has its penalties once: same ids, same versions, no further audit entries."""
    case = make_case(office)
    ids = raised(office, case, CONDUCT, "serious")
    before = [penalty(office, ident) for ident in ids]
    later = office.as_("boss", "hr", now=NOW + timedelta(days=3))
    assert raise_in(later, office, case, CONDUCT, "serious", event="again") == ids
    assert [penalty(office, ident) for ident in ids] == before
    assert len(rows_of(office, case)) == 2


def test_changed_inputs_are_judged_again(office: Office) -> None:
    """While nobody decided a new level counts; the joint liability that falls away is let off, the reasons
    before and after are in the audit trail, and back again it is the same two records."""
    case = make_case(office)
    ids = raised(office, case, CONDUCT, "serious")
    old = list(row(office, ids[0]).reasons or ())
    assert raised(office, case, CONDUCT, "fault") == ids[:1]
    assert (row(office, ids[0]).amount_due, row(office, ids[0]).may_decide) == (Decimal(50), "unit.head")
    assert (row(office, ids[1]).state, row(office, ids[1]).amount_due) == ("exempt", Decimal(0))
    with office.database.reading() as session:
        entry = history_of(session, office.models, "penalty", ids[0])[0]
    assert entry["action"] == "update" and entry["before"]["reasons"] == old
    assert entry["after"]["reasons"] == list(row(office, ids[0]).reasons or ())
    assert raised(office, case, CONDUCT, "serious") == ids
    assert [(row(office, one).state, row(office, one).amount_due) for one in ids] == [
        ("proposed", Decimal(200)),
        ("proposed", Decimal(100)),
    ]


@pytest.mark.parametrize("event", ["decide", "withdraw"])
def test_after_a_decision_nothing_is_judged_again(office: Office, event: str) -> None:
    """Once somebody decided, or took it back, the matter stays as it is."""
    case = make_case(office)
    ids = raised(office, case, CONDUCT, "serious")
    posted = {"amount_due": "200", "withdrawn_reason": "误判"}
    advance_workflow(office.as_("hr", "hr"), "penalty", ids[0], event, posted)
    before = [penalty(office, ident) for ident in ids]
    assert raised(office, case, CONDUCT, "fault", facts={"found_by": "hr_patrol"}) == ids
    assert [penalty(office, ident) for ident in ids] == before


def test_two_offenders_are_two_matters(local: Office) -> None:
    """Of one record each person in breach has penalties of the own."""
    case = make_case(local)
    first = raised(local, case, CONDUCT, "fault")
    second = raised(local, case, CONDUCT, "fault", offender="head")
    assert set(first).isdisjoint(second) and len(rows_of(local, case)) == 2


@pytest.mark.parametrize(
    ("first", "second", "charged"),
    [
        pytest.param((CONDUCT, "serious"), (DEFECT, "accident"), CONDUCT, id="the earlier is heavier"),
        pytest.param((DEFECT, "accident"), (CONDUCT, "serious"), CONDUCT, id="the later is heavier"),
        pytest.param((CONDUCT, "minor"), (DEFECT, "spot"), DEFECT, id="same amount: by rank"),
        pytest.param((CONDUCT, "fault"), (DEFECT, "major"), DEFECT, id="an open amount: by rank"),
    ],
)
def test_only_the_heavier_is_charged(
    office: Office, first: tuple[str, str], second: tuple[str, str], charged: str
) -> None:
    """One event under two schedules: the lighter one is kept without charge, with the reason."""
    case = make_case(office)
    raised(office, case, *first)
    raised(office, case, *second)
    rows = rows_of(office, case)
    assert {one.state for one in rows if one.schedule == charged} == {"proposed"}
    aside = [one for one in rows if one.schedule != charged]
    assert aside and {(one.state, one.amount_due) for one in aside} == {("not_charged", Decimal(0))}
    assert all((one.reasons or ())[-1]["rule"] == "not_with" for one in aside)
    assert raised(office, case, *first) == tuple(one.id for one in rows if one.schedule == first[0])
    assert [(one.id, one.state) for one in rows_of(office, case)] == [(one.id, one.state) for one in rows]


def test_a_let_off_defect_does_not_shield_the_breach(local: Office) -> None:
    """What was let off weighs nothing, and what stood behind it is proposed again."""
    case = make_case(local)
    (breach,) = raised(local, case, CONDUCT, "fault")
    (defect,) = raised(local, case, DEFECT, "accident")
    assert row(local, breach).state == "not_charged"
    set_case(local, case, spotted=True)
    raised(local, case, DEFECT, "accident")
    assert (row(local, defect).state, row(local, breach).state) == ("exempt", "proposed")
    assert row(local, breach).amount_due == 50
    assert all(one["rule"] != "not_with" for one in row(local, breach).reasons or ())


def test_another_event_is_charged_beside(local: Office) -> None:
    """The exclusion is about one event: another record's penalty stays."""
    raised(local, make_case(local), CONDUCT, "serious")
    (other,) = raised(local, make_case(local), DEFECT, "spot")
    assert row(local, other).state == "proposed"


def test_repeated_faults_are_counted(office: Office) -> None:
    """The third fault of a level in the window is raised; what was withdrawn, is older or another's does not
    count, and a raised one counts by the level that was found."""
    hr = office.as_("hr", "hr")
    (gone,) = raised(office, make_case(office), REPEATED, "minor")
    advance_workflow(hr, "penalty", gone, "withdraw", {"withdrawn_reason": "误判"})
    raised(office, make_case(office, found_at=FOUND - timedelta(days=300)), REPEATED, "minor")
    raised(office, make_case(office), REPEATED, "minor", offender="head")
    first = raised(office, make_case(office), REPEATED, "minor")[0]
    second = raised(office, make_case(office), REPEATED, "minor")[0]
    third = raised(office, make_case(office), REPEATED, "minor")[0]
    fourth = raised(office, make_case(office), REPEATED, "minor")[0]
    found = [(row(office, one).level, row(office, one).amount_due) for one in (first, second, third, fourth)]
    assert found == [
        ("minor", Decimal(20)),
        ("minor", Decimal(20)),
        ("fault", Decimal(50)),
        ("fault", Decimal(50)),
    ]
    counted = next(one for one in row(office, third).reasons or () if one["rule"] == "repeat")["children"]
    assert [one["inputs"]["id"] for one in counted] == [str(first), str(second)]


@pytest.mark.parametrize(
    ("schedule", "level", "said"),
    [
        pytest.param(CONDUCT, "worst", "worst", id="unknown level"),
        pytest.param(CONDUCT, None, "level", id="no level"),
        pytest.param("r.nothing", "fault", "r.nothing", id="no such schedule"),
    ],
)
def test_what_cannot_be_judged_is_refused(local: Office, schedule: str, level: str | None, said: str) -> None:
    """The refusal names the mistake, and nothing is stored."""
    case = make_case(local)
    with pytest.raises(TransitionRefused, match=said):
        raised(local, case, schedule, level)
    assert rows_of(local, case) == ()


def test_a_missing_fact_is_named(local: Office) -> None:
    """A required fact that the record does not hold is asked for by its name."""
    with pytest.raises(TransitionRefused, match="found_by"):
        raised(local, make_case(local, found_by=None), CONDUCT, "fault")


def test_the_effect_of_a_transition_raises(office: Office) -> None:
    """`assess` judges by the record's own time of the event, not by the day of the transition."""
    lines = (
        {
            "from_date": date(2026, 1, 1),
            "to_date": date(2026, 2, 20),
            "superior": office.people["other_head"],
        },
        {"from_date": date(2026, 2, 21), "superior": office.people["boss"]},
    )
    post(office, "cook", *lines)
    case = make_case(office, level="serious")
    advance_workflow(office.as_("hr", "hr"), CASE, case, "charge")
    rows = rows_of(office, case)
    assert [one.person_id for one in rows] == [office.people["cook"], office.people["other_head"]]
    assert {one.occurred_at for one in rows} == {FOUND}


def test_without_a_time_of_its_own_it_is_now(local: Office) -> None:
    """A record that does not say when it happened is judged as of now; what the caller says comes first."""
    (one,) = raised(local, make_case(local, found_at=None), CONDUCT, "minor")
    assert row(local, one).occurred_at == NOW
    said = datetime(2026, 1, 5, 8, tzinfo=UTC)
    (other,) = raised(local, make_case(local), CONDUCT, "minor", occurred_at=said)
    assert row(local, other).occurred_at == said
