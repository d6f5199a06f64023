"""Duties make records and tasks: once, on time, late after a standstill, by as many workers as there are."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import app.actions.storing as storing
from app.access import SYSTEM
from app.actions import create_record, delete_record, save_record
from app.actions.advance_workflow import advance_workflow
from app.actions.run_duties import run_duties
from app.storage import Database
from app.storage.account_rows import create_account
from app.storage.duties import Progress, keep_progress, progress_of
from tests.support.duties import clock, duties_office, duty_files, local, rows, run
from tests.support.offices import Office, office_from, with_roles

WEEKLY = """
weekly:
  title: 每周检查
  every: week on mon at 09:00
  for_each: unit
  where: code in ['SHOP', 'OTHER']
  create: check
  with: {note: unit.head.name, month: today}
  assign: unit.head
  due: 3 working days
"""
DAILY = """
daily: {title: 每日记录, every: day, for_each: unit, where: code == 'SHOP', create: log, assign: unit.head}
"""
COUNTED = """
visits:
  title: 走访
  at_least: 2
  per: month
  for_each: unit
  where: code == 'SHOP'
  create: check
  with: {kind: surprise}
  done: state == 'done'
  dated: on
  assign: role.inspector
"""


def test_a_turn_makes_a_record_and_a_task(database: Database, tmp_path: Path) -> None:
    """With the values written, the defaults of the one who is charged, the due time of the calendar."""
    office = duties_office(database, tmp_path, WEEKLY)
    done = run(office, "2026-11-16 09:00")
    assert (done.created, done.late, done.failed) == (2, 0, [])
    shop, other = office.units["shop"], office.units["other"]
    head, rival = office.people["head"], office.people["other_head"]
    columns = ("kind", "unit_id", "finder_id", "note", "on", "created_by_id", "number")
    day = local("2026-11-16 12:00").date()
    assert rows(office, "r.check", *columns) == [
        ("routine", shop, head, "店长", day, None, "JC-001"),
        ("routine", other, rival, "别店店长", day, None, "JC-002"),
    ]
    tasks = rows(office, "task", "title", "assignee_id", "record_type", "record_id", "state")
    assert tasks == [
        ("每周检查 shop", head, "r.check", 1, "open"),
        ("每周检查 other", rival, "r.check", 2, "open"),
    ]
    times = rows(office, "duty_run", "target", "period", "occurs_at", "due_at", "late", "unit_id")
    assert [(row[0], row[1], clock(row[2]), clock(row[3]), row[4], row[5]) for row in times] == [
        ("shop", "2026-W47", "2026-11-16 09:00", "2026-11-20 00:00", False, shop),
        ("other", "2026-W47", "2026-11-16 09:00", "2026-11-20 00:00", False, other),
    ]
    audited = rows(office, "audit_entry", "record_type", "action")
    assert {("r.check", "create"), ("task", "create"), ("duty_run", "create")} <= set(audited)


def test_nothing_is_made_before_its_time(database: Database, tmp_path: Path) -> None:
    """A minute too early, then in time, then never again."""
    office = duties_office(database, tmp_path, WEEKLY)
    assert run(office, "2026-11-16 08:59").created == 0
    assert run(office, "2026-11-16 09:00").created == 2
    assert [run(office, f"2026-11-{day} 09:00").created for day in (16, 17, 20, 22)] == [0, 0, 0, 0]
    assert run(office, "2026-11-23 09:00").created == 2


def test_after_a_week_of_standstill_the_missed_ones_come_once(database: Database, tmp_path: Path) -> None:
    """Each with the date of its own day, marked as late but for the one that is in time."""
    office = duties_office(database, tmp_path, DAILY)
    run(office, "2026-11-02 00:10")
    done = run(office, "2026-11-09 00:30")
    assert (done.created, done.late) == (7, 6)
    days = [str(row[0]) for row in rows(office, "r.log", "day")]
    assert days == [f"2026-11-{day:02d}" for day in range(2, 10)]
    late = [row[0] for row in rows(office, "duty_run", "late")]
    assert late == [False, True, True, True, True, True, True, False]
    due = [clock(row[0]) for row in rows(office, "task", "due_at")]
    assert due[1] == "2026-11-04 00:00"
    assert run(office, "2026-11-09 00:31").created == 0


def test_a_lost_note_of_progress_makes_nothing_twice(database: Database, tmp_path: Path) -> None:
    """A crash between the turns and the note, or a restored backup: the keys of the turns decide."""
    office = duties_office(database, tmp_path, DAILY + COUNTED)
    run(office, "2026-11-02 00:10")
    run(office, "2026-11-05 00:10")
    made = rows(office, "duty_run", "key")
    with database.writing() as session:
        session.execute(office.models.system["duty_progress"].delete())
        for name in ("r.daily", "r.visits"):
            back = Progress(local("2026-11-02 00:10"), local("2026-11-01 00:00"), 0)
            keep_progress(session, name, back)
    assert run(office, "2026-11-05 00:11").created == 0
    assert rows(office, "duty_run", "key") == made
    with database.reading() as session:
        assert progress_of(session)["r.daily"].upto == local("2026-11-05 00:11")


def test_two_workers_at_once_make_each_turn_once(database: Database, tmp_path: Path) -> None:
    """Four of them begin together, over a fortnight of turns."""
    office = duties_office(database, tmp_path, WEEKLY + DAILY + COUNTED)
    run(office, "2026-11-02 00:10")
    before = len(rows(office, "duty_run", "key"))
    start, totals, faults = threading.Barrier(4), [], []

    def work() -> None:
        start.wait()
        try:
            done = run_duties(office.context(SYSTEM, local("2026-11-16 10:00")), lambda: "s")
            totals.append(done.created)
            faults.extend(done.failed)
        finally:
            office.database.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    keys = [row[0] for row in rows(office, "duty_run", "key")]
    assert len(keys) == len(set(keys)) == before + 14 + 6
    assert sum(totals) == 14 + 6 and faults == []
    assert len(rows(office, "r.log", "id")) == 15 and len(rows(office, "r.check", "id")) == 6
    assert len(rows(office, "task", "id")) == len(keys) - 1


class _Crash(Exception):
    """The machine stops."""


@pytest.mark.parametrize("step", range(1, 12))
def test_a_crash_at_any_write_leaves_all_or_nothing(
    database: Database, tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever insert is the last, the next run makes what is missing and nothing twice."""
    office = duties_office(database, tmp_path, WEEKLY)
    insert, count = storing.insert_record, [0]

    def stumbling(*args: object) -> int:
        count[0] += 1
        if count[0] == step:
            raise _Crash
        return insert(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(storing, "insert_record", stumbling)
    if step <= 6:
        with pytest.raises(_Crash):
            run(office, "2026-11-16 09:00")
    else:
        run(office, "2026-11-16 09:00")
    office.database.session.remove()
    monkeypatch.setattr(storing, "insert_record", insert)
    kept = [len(rows(office, kind, "id")) for kind in ("r.check", "duty_run", "task")]
    assert len(set(kept)) == 1
    run(office, "2026-11-16 09:01")
    assert [len(rows(office, kind, "id")) for kind in ("r.check", "duty_run", "task")] == [2, 2, 2]


def test_what_cannot_be_made_stops_nothing_else(database: Database, tmp_path: Path) -> None:
    """A value that is taken already: that turn is told of and tried again, the others are made."""
    office = duties_office(
        database, tmp_path, WEEKLY.replace("note: unit.head.name", "slot: unit.phone") + DAILY
    )
    _phone(office, shop="1", other="1")
    done = run(office, "2026-11-16 09:00")
    assert done.created == 2
    assert [fault.partition(":")[0] for fault in done.failed] == ["r.weekly|unit"]
    assert "r.weekly|unit:4|2026-11-16T09:00" in done.failed[0]
    assert run(office, "2026-11-16 09:01").failed == done.failed
    _phone(office, other="2")
    assert run(office, "2026-11-16 09:02").created == 1
    assert rows(office, "r.check", "slot") == [("1",), ("2",)]


def _phone(office: Office, **phones: str) -> None:
    """Give units a telephone number."""
    unit = office.models.tables["unit"]
    with office.database.writing() as session:
        for key, number in phones.items():
            session.execute(unit.update().where(unit.c.id == office.units[key]).values(phone=number))


def test_a_new_unit_owes_nothing_of_the_time_before_it(database: Database, tmp_path: Path) -> None:
    """It is there on Wednesday: Monday's check is not its own, the next one is."""
    office = duties_office(database, tmp_path, WEEKLY.replace("code in ['SHOP', 'OTHER']", "code == 'NEW'"))
    run(office, "2026-11-16 09:00")
    boss = office.as_("boss", "administrator", now=local("2026-11-18 10:00"))
    create_record(boss, "unit", {"title": "new", "code": "NEW", "head": office.people["cook"]})
    assert run(office, "2026-11-18 11:00").created == 0
    assert run(office, "2026-11-23 09:00").created == 1


def test_a_record_that_is_done_finishes_turn_and_task(database: Database, tmp_path: Path) -> None:
    """In the transition's own transaction; going back opens the turn again."""
    office = with_roles(duties_office(database, tmp_path, WEEKLY), head=("unit_head",))
    run(office, "2026-11-16 09:00")
    advance_workflow(office.as_("head", now=local("2026-11-17 10:00")), "r.check", 1, "finish")
    done = rows(office, "duty_run", "done_at", "done_by_id")
    assert [(clock(at), by) for at, by in done] == [("2026-11-17 10:00", office.people["head"]), (None, None)]
    assert [row[0] for row in rows(office, "task", "state")] == ["done", "open"]


def test_a_record_without_a_workflow_is_done_when_somebody_wrote_it(
    database: Database, tmp_path: Path
) -> None:
    """As the portal makes it, it says nothing yet."""
    office = with_roles(duties_office(database, tmp_path, DAILY), head=("unit_head",))
    run(office, "2026-11-16 09:00")
    assert rows(office, "duty_run", "done_at") == [(None,)]
    save_record(office.as_("head", now=local("2026-11-16 10:00")), "r.log", 1, {"text": "查过"}, None)
    assert [clock(row[0]) for row in rows(office, "duty_run", "done_at")] == ["2026-11-16 10:00"]


def test_several_people_are_charged_and_one_does_it(database: Database, tmp_path: Path) -> None:
    """A duty without a record is done with the first task; the others' are done with it."""
    office = duties_office(
        database, tmp_path, "ring: {title: 打电话, every: day at 08:00, assign: role.inspector}"
    )
    _grant(office, "inspector", "hr", "cook")
    run(office, "2026-11-16 08:00")
    tasks = rows(office, "task", "assignee_id", "role", "record_type", "record_id")
    assert tasks == [
        (office.people["hr"], "inspector", "duty_run", 1),
        (office.people["cook"], "inspector", "duty_run", 1),
    ]
    who = office.as_("cook", "inspector", now=local("2026-11-16 09:00"))
    advance_workflow(who, "task", 2, "finish")
    assert [row[0] for row in rows(office, "task", "state")] == ["done", "done"]
    assert rows(office, "duty_run", "done_by_id") == [(office.people["cook"],)]


def _grant(office: Office, role: str, *people: str) -> None:
    """Give persons accounts that hold a role."""
    with office.database.writing() as session:
        for name in people:
            create_account(session, office.models, name, "secret-word", name, [role], office.people[name])


def test_so_many_in_a_month_are_counted_whoever_makes_them(database: Database, tmp_path: Path) -> None:
    """Those of the right kind, unit and month that are done; a deleted one no longer."""
    office = with_roles(duties_office(database, tmp_path, COUNTED), hr=("inspector", "administrator"))
    shop, other = office.units["shop"], office.units["other"]
    early = _surprise(office, shop, "2026-11-03", done=True)
    run(office, "2026-11-05 09:00")
    assert _progress(office) == [(2, 1, None)]
    _surprise(office, other, "2026-11-06", done=True)
    _surprise(office, shop, "2026-10-31", done=True)
    _surprise(office, shop, "2026-11-06", done=False)
    assert _progress(office) == [(2, 1, None)]
    _surprise(office, shop, "2026-11-07", done=True)
    assert _progress(office) == [(2, 2, "2026-11-07 10:00")]
    delete_record(office.as_("hr", now=local("2026-11-08 10:00")), "r.check", early)
    assert _progress(office) == [(2, 1, None)]
    run(office, "2026-12-01 09:00")
    periods = rows(office, "duty_run", "period", "due_at")
    assert [(name, clock(due)) for name, due in periods] == [
        ("2026-11", "2026-12-01 00:00"),
        ("2026-12", "2027-01-01 00:00"),
    ]


def test_time_after_a_period_follows_its_last_day(database: Database, tmp_path: Path) -> None:
    """So many in a month, five days allowed: November ends with the 30th, and the time with the 5th."""
    office = duties_office(database, tmp_path, COUNTED.replace("per: month", "per: month\n  due: 5 days"))
    run(office, "2026-11-05 09:00")
    assert [clock(row[0]) for row in rows(office, "duty_run", "due_at")] == ["2026-12-06 00:00"]


def _surprise(office: Office, unit: int, day: str, done: bool) -> int:
    now = local(f"{day} 10:00")
    made = create_record(office.as_("hr", now=now), "r.check", {"kind": "surprise", "unit": unit, "on": day})
    if done:
        advance_workflow(office.as_("hr", now=now), "r.check", made.id, "finish")
    return made.id


def _progress(office: Office) -> list[tuple[object, ...]]:
    found = rows(office, "duty_run", "needed", "made", "done_at")
    return [(needed, made, clock(done)) for needed, made, done in found]


def test_it_comes_round_only_while_it_applies(database: Database, tmp_path: Path) -> None:
    """`from` and `until` are its first and last day."""
    office = duties_office(
        database, tmp_path, DAILY.replace("every: day", "every: day, from: 2026-11-03, until: 2026-11-05")
    )
    run(office, "2026-11-01 09:00")
    run(office, "2026-11-10 09:00")
    assert [str(row[0]) for row in rows(office, "r.log", "day")] == ["2026-11-03", "2026-11-04", "2026-11-05"]


@pytest.mark.parametrize(
    ("due", "expected"),
    [("", "2026-12-01 00:00"), (", due: 2 days", "2026-11-08 00:00"), (", due: ~", None)],
    ids=["end of its period", "as written", "left open"],
)
def test_by_when_it_must_be_done(database: Database, tmp_path: Path, due: str, expected: str | None) -> None:
    """Without `due` its month ends it; a time that is left open sets none."""
    office = duties_office(
        database,
        tmp_path,
        f"report: {{title: 月报, every: month on 5, create: log, with: {{text: 月报}}{due}}}",
    )
    run(office, "2026-11-01 09:00")
    run(office, "2026-11-05 09:00")
    assert [clock(row[0]) for row in rows(office, "duty_run", "due_at")] == [expected]


def test_a_unit_with_a_calendar_of_its_own_counts_by_that(database: Database, tmp_path: Path) -> None:
    """The shop, and whatever lies below a unit that has one; the others count by the duty's."""
    duty = """
report:
  every: week on last working day
  for_each: unit
  where: code in ['SHOP', 'OTHER']
  create: log
"""
    files = dict(duty_files(duty))
    files["config/portal.yaml"] = files["config/portal.yaml"].replace(
        "calendars:\n", 'calendars:\n      shop: {hours: {mon-sat: ["09:00-18:00"]}}\n'
    )
    office = office_from(database, tmp_path, files)
    with database.writing() as session:
        unit = office.models.tables["unit"]
        session.execute(unit.update().where(unit.c.id == office.units["shop"]).values(calendar="shop"))
    run(office, "2026-11-02 00:10")
    run(office, "2026-11-08 23:00")
    assert [(row[0], str(row[1])) for row in rows(office, "r.log", "unit_id", "day")] == [
        (office.units["shop"], "2026-11-07"),
        (office.units["other"], "2026-11-06"),
    ]
