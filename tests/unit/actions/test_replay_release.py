"""What if: stored penalties, checklists and clocks judged by a draft, and nothing of it written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.release_plan import plan_release
from app.actions.replay_release import Replay, replay_in
from app.actions.save_record import create_record
from app.storage import Database
from app.storage.checklist_runs import RunPlace
from tests.support import clocks
from tests.support.clocks import clockwork
from tests.support.offices import Office, office_from, with_roles
from tests.support.penalties import CONFIG, make_case, penalty_office, raised
from tests.support.portals import NOW, release_from
from tests.unit.actions.test_release_life import applied
from tests.unit.actions.test_submit_checklist import FILES, VISIT

FINES = "config/regimes/r/penalties.yaml"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def rewritten(files: Mapping[str, str], *changes: tuple[str, str]) -> dict[str, str]:
    """The files with pieces of text replaced, each of which must be there."""
    found = dict(files)
    for old, new in changes:
        assert any(old in text for text in found.values()), old
        found = {path: text.replace(old, new) for path, text in found.items()}
    return found


def tried(
    office: Office,
    tmp_path: Path,
    files: Mapping[str, str],
    *changes: tuple[str, str],
    since: datetime = LONG_AGO,
) -> Replay:
    """The replay of a draft that differs from the office's configuration in these pieces."""
    draft = release_from(tmp_path / "draft", rewritten(files, *changes))
    context = office.as_("boss")
    return replay_in(context, draft, since)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A cook with three fines: 50 for a fault, 200 for a serious one with half of it for the head, 20."""
    made = penalty_office(database, tmp_path)
    for level in ("fault", "serious", "minor"):
        raised(made, make_case(made), "r.conduct", level)
    return made


def test_the_same_configuration_moves_nothing(office: Office, tmp_path: Path) -> None:
    """What is in service judges to what is stored, to the cent."""
    found = tried(office, tmp_path, CONFIG)
    told = found.as_json()
    assert found.records == 4
    assert found.penalties.total.moved == 0 and not found.movers and not found.unjudged
    assert told["penalties"]["before"] == told["penalties"]["after"] == "370.00"  # type: ignore[index]


def test_raised_and_lowered_amounts(office: Office, tmp_path: Path) -> None:
    """Each penalty by the draft's tariff, with those who answer jointly, in total and by unit."""
    found = tried(office, tmp_path, CONFIG, ("fault: {amount: 50}", "fault: {amount: 80}"),
                  ("serious: {amount: 200}", "serious: {amount: 150}"))  # fmt: skip
    total = found.penalties.total
    assert (total.before, total.after) == (Decimal(370), Decimal(325))
    assert (total.raised, total.lowered, total.newly_charged, total.no_longer_charged) == (1, 2, 0, 0)
    ((unit, _, tally),) = found.by_unit()
    assert unit == office.units["shop"] and tally.raised == 1
    moves = [(f"{one.before:.0f}", f"{one.after:.0f}") for one in found.movers]
    assert moves == [("200", "150"), ("50", "80"), ("100", "75")]


def test_a_mover_tells_the_reasons_of_both_sides(office: Office, tmp_path: Path) -> None:
    """Both trees name the line of the amount that was, and of the one that would be."""
    found = tried(office, tmp_path, CONFIG, ("minor: {amount: 20}", "minor: {amount: 30}"))
    (told,) = found.as_json()["penalties"]["movers"]  # type: ignore[index]
    assert (told["before"], told["after"], told["change"]) == ("20.00", "30.00", "raised")
    assert told["name"] == "厨师" and told["penalty"]
    before, after = (told["because"][side][0] for side in ("before", "after"))
    assert "20.00" in before["text"] and "30.00" in after["text"]
    assert before["file"] == after["file"] == FINES


def test_joint_liability_comes_and_goes(office: Office, tmp_path: Path) -> None:
    """A superior who answers for nothing any more, and one who would answer for the first time."""
    gone = tried(office, tmp_path, CONFIG, (
        "{person: offender.superior, share: 50 %, when: level >= 'serious', reason: 失察}",
        "{person: offender.superior, share: 50 %, when: level >= 'major', reason: 失察}",
    ))  # fmt: skip
    assert gone.penalties.total.no_longer_charged == 1 and gone.penalties.total.after == 270
    come = tried(
        office,
        tmp_path / "more",
        CONFIG,
        ("when: level >= 'serious', reason", "when: level >= 'fault', reason"),
    )
    assert come.penalties.total.newly_charged == 1 and come.penalties.total.after == 395
    (mover,) = come.movers
    assert mover.penalty_id is None and mover.person_id == office.people["head"]


def test_an_exemption_is_no_charge(office: Office, tmp_path: Path) -> None:
    """A draft that lets off what the shop found itself charges nobody for it."""
    found = tried(
        office,
        tmp_path,
        CONFIG,
        ("not_with: [defect]", "not_with: [defect]\n            exempt: [{when: found_by == 'own_check'}]"),
    )
    assert found.penalties.total.after == 0 and found.penalties.total.no_longer_charged == 4
    assert found.movers[0].because_after[0].rule.startswith("exempt")


def test_what_the_draft_cannot_judge_is_named(office: Office, tmp_path: Path) -> None:
    """A level that is gone: which record, by which schedule, and why; its money is in neither sum."""
    found = tried(office, tmp_path, CONFIG, ("minor: {amount: 20}\n              fault", "fault"))
    (one,) = found.unjudged
    assert one.rule == "r.conduct" and one.count == 1 and len(one.ids) == 1
    assert "minor" in one.why
    assert found.penalties.total.before == 350


def test_a_renamed_schedule_goes_on(office: Office, tmp_path: Path) -> None:
    """`was` says which schedule judges what the old one judged."""
    renamed = ("          conduct:\n", "          manners:\n            was: conduct\n")
    found = tried(office, tmp_path, CONFIG, renamed, ("schedule: conduct", "schedule: manners"))
    assert not found.unjudged and found.penalties.total.before == found.penalties.total.after == 370


def test_a_fact_that_the_draft_asks_for_is_read_from_the_record(database: Database, tmp_path: Path) -> None:
    """What was not noted when the penalty was judged is read of the record and the people of that day."""
    made = penalty_office(database, tmp_path)
    raised(made, make_case(made, item="A1"), "r.conduct", "fault")
    changes = (
        ("spotted: {type: boolean, title: 及时}\n            levels:\n              minor",
         "item: {type: text, title: 项}\n            levels:\n              minor"),
        ("not_with: [defect]", "not_with: [defect]\n            exempt: [{when: item == 'A1'}]"),
    )  # fmt: skip
    found = tried(made, tmp_path, CONFIG, *changes)
    assert not found.unjudged and found.penalties.total.no_longer_charged == 1


def test_records_before_the_day_are_left_out(office: Office, tmp_path: Path) -> None:
    """Only what happened since then is judged."""
    since = NOW - timedelta(days=5)
    assert tried(office, tmp_path, CONFIG, since=since).records == 0
    make_one = raised(office, make_case(office, found_at=NOW - timedelta(days=1)), "r.conduct", "minor")
    assert make_one and tried(office, tmp_path / "more", CONFIG, since=since).records == 1


def test_points_stand_beside_the_money(database: Database, tmp_path: Path) -> None:
    """Points are never added to amounts."""
    made = penalty_office(database, tmp_path)
    raised(made, make_case(made), "r.points", "fault")
    found = tried(made, tmp_path, CONFIG, ("fault: {points: 5}", "fault: {points: 8}"))
    total = found.penalties.total
    assert total.before == total.after == 0
    assert total.points_after > total.points_before and total.raised == 2


def test_of_two_that_exclude_each_other_the_draft_charges_the_heavier(
    database: Database, tmp_path: Path
) -> None:
    """The lighter one was set aside; made the heavier one, it is charged and the other is not."""
    made = penalty_office(database, tmp_path)
    case = make_case(made)
    raised(made, case, "r.conduct", "minor")
    raised(made, case, "r.defect", "accident")
    assert tried(made, tmp_path / "same", CONFIG).penalties.total.moved == 0
    found = tried(
        made,
        tmp_path,
        CONFIG,
        ("minor: {amount: 20}\n              fault", "minor: {amount: 500}\n              fault"),
    )
    total = found.penalties.total
    assert (total.newly_charged, total.no_longer_charged) == (1, 1)
    assert (total.before, total.after) == (Decimal(100), Decimal(500))


def test_grades_that_change(database: Database, tmp_path: Path) -> None:
    """A stricter bound changes the grade of a list that was submitted, and its verdict."""
    office = with_roles(office_from(database, tmp_path, FILES), hr=("inspector",))
    made = create_record(office.as_("hr"), VISIT, {"unit": office.units["shop"]})
    answers = {"floor": "pass", "fridge": "4", "tidy": "fail"}
    given = {item: GivenAnswer(value) for item, value in answers.items()}
    submit_checklist(office.as_("hr"), RunPlace(VISIT, made.id, "answers"), "r.kitchen", given)
    same = tried(office, tmp_path / "same", FILES)
    assert same.records == 1 and same.scores.score_changed == same.scores.grade_changed == 0
    found = tried(office, tmp_path, FILES, ("pass: 90", "pass: 98"), ("from: 90", "from: 98"))
    assert (found.scores.grade_changed, found.scores.newly_failed) == (1, 1)


def test_conditions_of_a_list_read_the_record(database: Database, tmp_path: Path) -> None:
    """An item that only night visits were asked, and by the draft only day visits are."""
    office = with_roles(office_from(database, tmp_path, FILES), hr=("inspector",))
    made = create_record(office.as_("hr"), VISIT, {"unit": office.units["shop"], "night": True})
    answers = {"floor": "pass", "fridge": "4", "tidy": "pass", "light": "fail"}
    given = {item: GivenAnswer(value) for item, value in answers.items()}
    submit_checklist(office.as_("hr"), RunPlace(VISIT, made.id, "answers"), "r.kitchen", given)
    found = tried(office, tmp_path, FILES, ("when: night", "when: not night"))
    assert found.scores.score_changed == 1 and not found.unjudged


@pytest.fixture
def timed(database: Database, tmp_path: Path) -> Any:
    """Two complaints with ten hours each: one answered after eight, one after twelve."""
    work = clockwork(database, tmp_path)
    for hours in (8, 12):
        begun = clocks.at(2, 9)
        ident = work.make(begun, handler=work.office.people["cook"])
        work.move(begun + timedelta(hours=hours), ident, "answer")
    return work


def test_deadlines_newly_missed_and_newly_met(timed: Any, tmp_path: Path) -> None:
    """A shorter target is missed by one more, a longer one by none."""
    short = tried(timed.office, tmp_path, clocks.CONFIG, ("{time: 10 hours}", "{time: 6 hours}"))
    assert (short.deadlines.moved, short.deadlines.newly_missed, short.deadlines.newly_met) == (2, 1, 0)
    long = tried(timed.office, tmp_path / "more", clocks.CONFIG, ("{time: 10 hours}", "{time: 20 hours}"))
    assert (long.deadlines.moved, long.deadlines.newly_missed, long.deadlines.newly_met) == (2, 0, 1)


def test_clocks_of_a_renamed_field_are_counted(timed: Any, tmp_path: Path) -> None:
    """The draft's name for the field finds the values that lie under the old one."""
    field = "{type: datetime, title: 收到"
    renamed = (
        (f"received_at: {field}}}", f"taken_at: {field}, was: received_at}}"),
        ("from: received_at", "from: taken_at"),
        ("{time: 10 hours}", "{time: 6 hours}"),
    )  # fmt: skip
    found = tried(timed.office, tmp_path, clocks.CONFIG, *renamed)
    assert not found.unjudged and found.deadlines.newly_missed == 1


def test_another_workflow_ends_clocks_otherwise(database: Database, tmp_path: Path) -> None:
    """A service level that reads the same is judged again where a state becomes final in the draft."""
    work = clockwork(database, tmp_path)
    begun = clocks.at(2, 9)
    ident = work.make(begun, handler=work.office.people["cook"])
    work.move(begun + timedelta(hours=9), ident, "hold")
    work.move(begun + timedelta(hours=10), ident, "resume")
    work.move(begun + timedelta(hours=20), ident, "answer")
    same = tried(work.office, tmp_path, clocks.CONFIG)
    assert (same.deadlines.moved, same.deadlines.newly_met) == (0, 0)
    final = ("waiting: {title: 等客户}", "waiting: {title: 等客户, final: true}")
    found = tried(work.office, tmp_path / "final", clocks.CONFIG, final)
    assert found.deadlines.newly_met == 1


def test_the_count_of_records_is_known_beforehand(timed: Any, tmp_path: Path) -> None:
    """What progress is told in the end is what was said at the beginning."""
    told: list[tuple[int, int]] = []
    draft = release_from(tmp_path / "draft", clocks.CONFIG)
    context = timed.office.as_("boss")
    found = replay_in(context, draft, LONG_AGO, lambda done, of: told.append((done, of)))
    assert told[0] == (0, found.records) and told[-1] == (found.records, found.records)


def test_in_words(office: Office, tmp_path: Path) -> None:
    """The same in sentences."""
    found = tried(office, tmp_path, CONFIG, ("fault: {amount: 50}", "fault: {amount: 80}"))
    said = "\n".join(found.lines())
    assert "Penalties: 370.00 → 400.00 CNY" in said
    assert "1 would rise, 0 would fall, 0 would be charged anew, 0 no longer" in said
    assert "What moves the most" in said and "shop" in said


def test_a_plan_says_which_running_clocks_move(database: Database, tmp_path: Path) -> None:
    """Running clocks follow the calendars of the next release, and keep the targets that they began with."""
    work = clockwork(database, tmp_path)
    begun = clocks.at(3, 9)
    work.make(begun, serious=True, handler=work.office.people["cook"])
    applied(database, tmp_path / "live", clocks.CONFIG)
    hours = (
        'office: {hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}}',
        'office: {hours: {mon-fri: ["09:00-18:00"]}}',
    )
    plans = {}
    for name, change in {
        "targets": ("{time: 4 working hours}", "{time: 1 working hours}"),
        "calendar": hours,
    }.items():
        draft = release_from(tmp_path / name, rewritten(clocks.CONFIG, change))
        plans[name] = plan_release(database, draft, begun + timedelta(hours=4, minutes=40)).affected
    assert (plans["targets"].running_clocks, plans["targets"].clocks.moved) == (1, 0)
    assert (plans["calendar"].clocks.moved, plans["calendar"].clocks.newly_missed) == (1, 1)
    told = {"moved": 1, "newly_missed": 1, "newly_met": 0, "estimated": False, "counted": 1, "of": 1}
    assert plans["calendar"].as_json()["clocks"] == told
