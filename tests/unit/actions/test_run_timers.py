"""What runs out: each effect once, in order, late if need be, and nothing for what was met in time."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.actions.deliver_outbox import WAITS, do_item, note_failure, take_items
from app.actions.run_timers import sweep
from app.storage import Database
from app.storage.deadlines import due_statement, insert_deadline
from app.storage.outbox import OutboxItem, troubled, try_again
from tests.support.clocks import CASE, CONFIG, Clockwork, at, clockwork
from tests.support.portals import stamp

MISSED = ["transition", "notify", "do[0]", "do[1]", "do[2]", "do[3]"]


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Clockwork:
    return clockwork(database, tmp_path)


def _cook(work: Clockwork) -> int:
    return work.office.people["cook"]


def test_an_escalation_runs_its_course(work: Clockwork) -> None:
    """Half of the time, a warning, the miss with all that it sets off, and four hours later."""
    case = work.make(at(2, 8), handler=_cook(work))
    assert work.pass_time(at(2, 12, 59)) == []
    assert work.pass_time(at(2, 13)) == ["clock:1:escalate[0]:1:notify"]
    assert work.pass_time(at(2, 16, 30)) == ["clock:1:warn[0]:1:warn"]
    assert work.clock(case).warned and not work.clock(case).missed
    assert work.pass_time(at(2, 18)) == []
    keys = [f"clock:1:{'missed' if one == 'transition' else 'escalate[1]'}:1:{one}" for one in MISSED]
    assert [key for key in work.pass_time(at(2, 18, 1)) if key.startswith("clock")] == keys
    assert work.office.read(CASE, case).values["state"] == "overdue"
    assert work.office.read(CASE, case).values["count"] == 1
    (penalty,) = work.rows("penalty")
    assert (penalty.person_id, penalty.occurred_at) == (_cook(work), at(2, 18))
    assert [task.assignee_id for task in work.rows("task")] == [_cook(work)]
    assert work.pass_time(at(2, 22)) == ["clock:1:escalate[2]:1:notify"]
    assert work.pass_time(at(9, 22)) == []
    subjects = Counter(person for person, _ in work.told())
    assert subjects == {_cook(work): 3, work.office.people["head"]: 1}


def test_the_portal_itself_is_named_as_who_did_it(work: Clockwork) -> None:
    """Audit entries of a clock's doing have no person, and the transition goes by its title."""
    case = work.make(at(2, 8))
    work.pass_time(at(2, 18, 1))
    entries = [row for row in work.rows("audit_entry") if (row.record_type, row.record_id) == (CASE, case)]
    assert [(row.action, row.person_id) for row in entries][1:] == [("transition", None), ("update", None)]
    assert entries[1].detail == "判为逾期"


def test_a_week_of_downtime_is_made_up_for_in_order_and_says_so(work: Clockwork) -> None:
    """Late steps run once, in the order of their times, and every message tells that it is late."""
    first = work.make(at(2, 8), handler=_cook(work))
    second = work.make(at(2, 9), handler=_cook(work), serious=True)
    done = [key for key in work.pass_time(at(9, 9)) if key.startswith("clock")]
    steps = [(int(key.split(":")[1]), key.split(":")[2]) for key in done]
    clocks = {
        work.clock(first).id: "first",
        work.clock(second).id: "second",
        work.clock(second, "office_reply").id: "x",
    }
    order = [(clocks[ident], step) for ident, step in dict.fromkeys(steps)]
    assert [step for name, step in order if name == "first"] == [
        "escalate[0]", "warn[0]", "missed", "escalate[1]", "escalate[2]"]  # fmt: skip
    assert order.index(("second", "missed")) < order.index(("first", "missed"))
    texts = [row.text for row in work.rows("message")]
    assert texts and all("This is told late" in text for text in texts)
    assert work.pass_time(at(9, 10)) == []
    assert [row.count for row in work.rows(CASE)] == [1, 1]


def test_a_clock_that_is_met_first_does_nothing(work: Clockwork) -> None:
    """Neither what was not set going, nor what was, and is only worked on after the answer."""
    case = work.make(at(2, 8), handler=_cook(work))
    assert sweep(work.system(at(2, 13))) == 1
    work.move(at(2, 13), case, "answer")
    assert work.work(at(2, 14)) == ["clock:1:escalate[0]:1:notify"]
    assert work.pass_time(at(3, 8)) == [] and work.told() == []
    assert [row.error for row in work.outbox()] == [
        "met, ended or set to another time before it came to this"
    ]


def test_a_clock_that_is_set_to_another_time_tells_it_then(work: Clockwork) -> None:
    """A step on its way is overtaken by the later time, and comes then; one that was told is told again only
    for the new time."""
    case = work.make(at(2, 8), handler=_cook(work))
    assert sweep(work.system(at(2, 13))) == 1
    work.change(at(2, 13), case, received_at=at(2, 10))
    work.work(at(2, 13, 1))
    assert work.told() == []
    assert work.pass_time(at(2, 15)) == ["clock:1:escalate[0]:2:notify"]
    assert len(work.told()) == 1
    work.change(at(2, 15, 30), case, received_at=at(2, 9))
    assert work.pass_time(at(2, 15, 31)) == []
    work.change(at(2, 15, 40), case, received_at=at(2, 11))
    assert work.pass_time(at(2, 16)) == ["clock:1:escalate[0]:3:notify"]


def test_an_answer_that_came_late_while_nobody_watched_is_still_a_miss(work: Clockwork) -> None:
    """What regulations attach to the miss does not depend on whether the portal was running; what warns and
    what comes after the answer is left out."""
    case = work.make(at(2, 8), handler=_cook(work))
    work.move(at(2, 19), case, "answer")
    done = [key.split(":", 2)[2] for key in work.pass_time(at(2, 23)) if key.startswith("clock")]
    assert done == ["missed:1:transition", *(f"escalate[1]:1:{one}" for one in MISSED[1:])]
    assert work.office.read(CASE, case).values["state"] == "answered"
    assert len(work.rows("penalty")) == 1


def test_office_hours_hold_an_escalation_back(work: Clockwork) -> None:
    """Missed in the evening, told the next working morning; the miss itself is seen at once."""
    work.make(at(2, 15, 30), serious=True)
    due = work.clock(1, "office_reply")
    assert due.due_at == at(3, 10, 30)
    work.change(at(2, 15, 31), 1, received_at=at(2, 14))
    assert work.clock(1, "office_reply").due_at == at(2, 18)
    work.pass_time(at(2, 18, 5))
    assert work.clock(1, "office_reply").missed
    assert work.clock(1, "office_reply").next_step_at == at(3, 9)


def test_two_workers_at_once_do_everything_once(work: Clockwork) -> None:
    """Many clocks run out; four threads sweep and work on the outbox at the same time."""
    cases = [work.make(at(2, 8), handler=_cook(work)) for _ in range(6)]
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work.pass_time(at(2, 23))
        except BaseException as error:
            failures.append(error)
        finally:
            work.office.database.session.remove()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work.pass_time(at(2, 23))
    assert failures == []
    assert [row.count for row in work.rows(CASE)] == [1] * 6
    assert len(work.rows("penalty")) == len(work.rows("task")) == 6
    assert Counter(subject.partition(":")[0] for _, subject in work.told())["C"] == 6 * 3
    assert len({row.key for row in work.outbox()}) == len(work.outbox())
    assert all(row.done_at or row.kind == "deliver" for row in work.outbox())
    assert [work.clock(case).status for case in cases] == ["missed"] * 6


def test_effects_of_one_clock_wait_for_each_other_and_failures_hold_nobody_up(work: Clockwork) -> None:
    """Rows of a lane are claimed one at a time; one that failed is tried again later, the next goes on."""
    work.make(at(2, 8), handler=_cook(work))
    now = at(2, 18, 1)
    sweep(work.system(now))
    (first,) = take_items(work.system(now))
    assert first.key.endswith("escalate[0]:1:notify") and take_items(work.system(now)) == ()
    again = note_failure(work.system(now), first, OSError("disk full"))
    assert again == now + WAITS[0]
    (second,) = take_items(work.system(now))
    assert second.key.endswith("warn[0]:1:warn")
    do_item(work.system(now), second, work.post())
    done = work.work(now)
    assert first.key not in done
    assert first.key in work.work(now + WAITS[0])


def test_waits_grow_and_a_row_that_fails_too_often_is_given_up_and_can_be_tried_again(
    work: Clockwork,
) -> None:
    """Nothing is lost: what is given up stays with its words until somebody has it tried again."""
    work.make(at(2, 8), handler=_cook(work))
    now, waits = at(2, 13), []
    sweep(work.system(now))
    while items := take_items(work.system(now)):
        again = note_failure(work.system(now), items[0], OSError("no route"))
        if again is None:
            break
        waits.append(again - now)
        now = again
    assert waits == list(WAITS) and waits == sorted(waits)
    with work.office.database.reading() as session:
        (row,) = troubled(session)
    assert (row.failed_at, row.error) == (now, "OSError: no route")
    assert take_items(work.system(now + timedelta(days=30))) == ()
    with work.office.database.writing() as session:
        assert try_again(session, [row.id], now) == 1
    assert work.work(now) == [row.key] and len(work.told()) == 1


def test_a_row_that_ends_its_worker_each_time_is_given_up_too(work: Clockwork) -> None:
    """A worker that dies leaves no words; the tries are counted all the same."""
    work.make(at(2, 8), handler=_cook(work))
    sweep(work.system(at(2, 13)))
    now = at(2, 13)
    for _ in range(len(WAITS) + 1):
        assert len(take_items(work.system(now))) == 1
        now += timedelta(minutes=6)
    work.work(now)
    with work.office.database.reading() as session:
        (row,) = troubled(session)
    assert row.failed_at is not None and work.told() == []


def test_a_transition_that_is_not_possible_any_more_is_passed_over(work: Clockwork) -> None:
    """The miss is noted, the reason stands with the row, and everything else goes on."""
    case = work.make(at(2, 8), handler=_cook(work))
    work.move(at(2, 8, 30), case, "answer")
    work.change(at(2, 8, 31), case, answered_at=None)
    work.pass_time(at(2, 18, 1))
    (row,) = [row for row in work.outbox() if row.key.endswith("transition")]
    assert row.done_at is not None and "判为逾期" in row.error
    assert work.office.read(CASE, case).values["state"] == "answered"


def test_mail_goes_out_beside_the_inbox(work: Clockwork) -> None:
    """With an address it is sent once; without one, or without a server, it waits for somebody."""
    person = work.office.models.tables["person"]
    with work.office.database.writing() as session:
        session.execute(person.update().where(person.c.id == _cook(work)).values(email="cook@example.org"))
    work.make(at(2, 8), handler=_cook(work))
    work.pass_time(at(2, 18, 1))
    (letter,) = work.letters
    assert (letter.to, letter.subject, letter.key[:8]) == ("cook@example.org", "C 请抓紧", "deliver:")
    work.mail = None
    work.make(at(3, 8), handler=_cook(work), title="D")
    work.pass_time(at(3, 18, 1))
    with work.office.database.reading() as session:
        (row,) = troubled(session)
    assert row.failed_at is not None and "SMTP_HOST" in row.error
    work.mail = Clockwork(work.office).mail
    with work.office.database.writing() as session:
        try_again(session, [row.id], at(3, 19))
    work.work(at(3, 19))
    assert [one.subject for one in work.letters] == ["C 请抓紧", "D 请抓紧"]


def test_an_unknown_kind_of_row_is_kept(work: Clockwork) -> None:
    """Another version of the program may know what to do with it."""
    from app.actions.deliver_outbox import Undeliverable

    with pytest.raises(Undeliverable):
        do_item(work.system(at(2, 8)), OutboxItem(1, "k", "teleport", {}, 1), work.post())


def test_the_sweep_reads_only_what_is_due_by_its_index(work: Clockwork) -> None:
    """Neither database scans the table, however many clocks are open."""
    table = work.office.models.tables["deadline"]
    with work.office.database.writing() as session:
        for number in range(300):
            values = {
                "service_level": f"r.l{number}",
                "record_type": CASE,
                "record_id": number,
                "status": "running",
                "next_step_at": at(20, 8) if number % 3 else None,
                "steps": [],
            }
            insert_deadline(session, work.office.models, values, stamp())
    statement = due_statement(table, at(2, 8), 100)
    with work.office.database.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.execute(sa.text("ANALYZE deadline"))
        text = str(statement.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        plan = connection.execute(sa.text(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {text}")).all()
    said = "\n".join(str(row) for row in plan)
    assert "ix_deadline_step" in said and "Seq Scan" not in said and "SCAN deadline'" not in said


def test_the_index_holds_open_steps_only(work: Clockwork) -> None:
    """Clocks that have ended cost the sweep nothing, not even room."""
    with work.office.database.engine.connect() as connection:
        source = (
            "SELECT sql FROM sqlite_master WHERE name = 'ix_deadline_step'"
            if connection.dialect.name == "sqlite"
            else "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_deadline_step'"
        )
        words = connection.scalar(sa.text(source))
    assert "IS NOT NULL" in words


def test_a_second_install_leaves_the_index_alone(work: Clockwork) -> None:
    """The schema is read back as it was written, condition included."""
    from app.storage import plan_for

    with work.office.database.engine.connect() as connection:
        assert plan_for(connection, work.office.models).operations == ()


def test_the_configuration_of_these_tests_is_sound(tmp_path: Path) -> None:
    """Check finds nothing against it."""
    from app.actions.configurations import read_folder
    from tests.support.portals import write_files

    found = read_folder(write_files(tmp_path, CONFIG))
    assert [one.message() for one in found.diagnostics if one.severity == "error"] == []
