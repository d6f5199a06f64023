"""Clocks of records: stored with every save, computed from the history, never counted up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.actions import create_record, save_record
from app.actions.delete_record import delete_record
from app.storage import Database, read_record
from tests.support.clocks import CASE, CONFIG, Clockwork, at, clockwork
from tests.support.offices import with_roles

HOUR = timedelta(hours=1)


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Clockwork:
    return clockwork(database, tmp_path)


def test_a_record_gets_its_clocks_in_the_commit_that_makes_it(work: Clockwork) -> None:
    """Start, due time, target, holder and unit stand with each clock that applies; others are not stored."""
    cook, shop = work.office.people["cook"], work.office.units["shop"]
    case = work.make(at(2, 8), handler=cook, unit=shop)
    found = work.clocks(case)
    assert list(found) == ["answer_in_time"]
    clock = found["answer_in_time"]
    assert (clock.status, clock.target, clock.person_id, clock.unit_id) == ("running", "10 hours", cook, shop)
    assert (clock.started_at, clock.due_at, clock.missed) == (at(2, 8), at(2, 18), False)
    assert clock.next_step_at == at(2, 13)
    serious = work.make(at(2, 8), serious=True)
    assert {name: one.due_at for name, one in work.clocks(serious).items()} == {
        "answer_in_time": at(2, 12),
        "office_reply": at(2, 14, 30),
    }


def test_a_clock_follows_what_is_written(work: Clockwork) -> None:
    """A change of priority keeps the time served; a pause moves the due time; an answer stops the clock."""
    case = work.make(at(2, 8))
    work.move(at(2, 10), case, "hold")
    assert work.clock(case).status == "paused" and work.clock(case).next_step_at is None
    work.move(at(2, 13), case, "resume")
    clock = work.clock(case)
    assert (clock.status, clock.due_at, clock.next_step_at) == ("running", at(2, 21), at(2, 16))
    work.change(at(2, 13, 30), case, serious=True)
    assert work.clock(case).due_at == at(2, 15)
    work.move(at(2, 14), case, "answer")
    clock = work.clock(case)
    assert (clock.status, clock.stopped_at, clock.next_step_at) == ("met", at(2, 14), None)
    assert clock.served == 3 * HOUR


def test_an_edit_of_the_past_counts_from_the_start(work: Clockwork) -> None:
    """A corrected moment of receipt moves the due time, and can make an answer late."""
    case = work.make(at(2, 8))
    work.move(at(2, 17), case, "answer")
    assert work.clock(case).status == "met"
    work.change(at(2, 18), case, received_at=at(2, 6))
    clock = work.clock(case)
    assert (clock.status, clock.due_at, clock.missed) == ("missed", at(2, 16), True)


def test_a_clock_that_ends_before_the_portal_knows_it_tells_nobody(work: Clockwork) -> None:
    """What is entered afterwards is history: it is shown as missed and sets nothing off."""
    case = work.make(at(5, 8), received_at=at(2, 8), answered_at=at(3, 20))
    assert work.clock(case).status == "missed" and work.clock(case).next_step_at is None
    assert work.pass_time(at(5, 9)) == []
    work.change(at(5, 10), case, title="again")
    assert work.pass_time(at(5, 11)) == [] and work.told() == []


def test_a_clock_begins_by_itself_at_the_moment_that_the_record_names(work: Clockwork) -> None:
    """Nobody writes anything at that time; until then the clock has not started."""
    case = work.make(at(2, 8), received_at=at(4, 9))
    assert work.clock(case).status == "not_started" and work.clock(case).next_step_at == at(4, 9)
    work.pass_time(at(4, 9))
    clock = work.clock(case)
    assert (clock.status, clock.due_at, clock.next_step_at) == ("running", at(4, 19), at(4, 14))


def test_a_clock_ends_by_itself_at_the_moment_that_the_record_names(work: Clockwork) -> None:
    """An answer that is announced stops the clock when it comes, and not before."""
    case = work.make(at(2, 8), answered_at=at(2, 12))
    assert work.clock(case).status == "running"
    work.pass_time(at(2, 12))
    assert (work.clock(case).status, work.clock(case).stopped_at) == ("met", at(2, 12))


def test_the_calendar_of_the_unit_counts(work: Clockwork) -> None:
    """A unit's own calendar takes the place of the level's, and a change of it reaches the running clocks."""
    shop = work.office.units["shop"]
    case = work.make(at(2, 8), serious=True, unit=shop)
    assert work.clock(case, "office_reply").due_at == at(2, 14, 30)
    company = work.office.units["company"]
    work.change(at(2, 8, 5), company, "unit", calendar="early")
    assert work.clock(case, "office_reply").due_at == at(2, 14, 30)
    work.work(at(2, 8, 6))
    assert work.clock(case, "office_reply").due_at == at(2, 12)
    assert work.clock(case).due_at == at(2, 12)


def test_a_linked_record_that_conditions_read_brings_the_clocks_along(work: Clockwork) -> None:
    """The target hangs on the shop; when the shop changes, the open clocks behind it are computed anew."""
    shop = work.make(at(2, 7), "r.shop", title="A", vip=False)
    other = work.make(at(2, 7), "r.shop", title="B", vip=False)
    case, elsewhere = work.make(at(2, 8), shop=shop), work.make(at(2, 8), shop=other)
    work.change(at(2, 8, 30), shop, "r.shop", title="Anew")
    assert work.work(at(2, 8, 31)) == []
    work.change(at(2, 9), shop, "r.shop", vip=True)
    assert work.clock(case).due_at == at(2, 18)
    assert len(work.work(at(2, 9, 1))) == 1
    assert (work.clock(case).due_at, work.clock(elsewhere).due_at) == (at(2, 10), at(2, 18))


def test_a_deleted_record_takes_its_clocks_along(work: Clockwork) -> None:
    """And a step that was on its way finds nothing to do."""
    case = work.make(at(2, 8), handler=work.office.people["cook"])
    work.pass_time(at(2, 12))
    from app.actions.run_timers import sweep

    assert sweep(work.system(at(2, 13))) == 1
    delete_record(work.as_("hr", at(2, 13), "hr"), CASE, case)
    (key,) = work.work(at(2, 13))
    assert work.told() == [] and [row.error for row in work.outbox() if row.key == key] == [
        "the record is gone"
    ]
    assert work.rows("deadline") == []


def test_only_who_may_read_the_record_sees_its_clock(work: Clockwork) -> None:
    """Lists, single reads and counts agree, whatever the roles grant on clocks themselves."""
    from app.access import decide, row_scope
    from app.actions.records import load_for
    from app.storage import RecordGone, scope_where

    office = with_roles(work.office, head=("head",), cook=("staff",), other_cook=("stranger",), hr=("hr",))
    for unit, handler in (("shop", "cook"), ("other", "other_cook")):
        work.make(at(2, 8), unit=office.units[unit], handler=office.people[handler])
    table = office.models.tables["deadline"]
    seen: dict[str, list[int]] = {}
    for key in ("hr", "head", "cook", "other_cook"):
        context = office.as_(key, now=at(2, 9))
        scope = row_scope(context.policy, context.actor, "read", "deadline")
        where = scope_where(office.models, "deadline", scope, context.actor, context.now)
        listed = [row.id for row in context.session.execute(table.select().where(where)).all()]
        opened = []
        for row in work.rows("deadline"):
            try:
                opened.append(load_for(context, "deadline", row.id)[0].id)
            except RecordGone:
                continue
        assert listed == opened
        assert decide(context.policy, context.actor, "read", "deadline").allowed
        seen[key] = listed
        context.session.rollback()
    assert seen == {"hr": [1, 2], "head": [1], "cook": [1], "other_cook": []}


@pytest.mark.parametrize("how", ["create", "update", "delete"])
def test_nobody_writes_clocks_by_hand(work: Clockwork, how: str) -> None:
    """Not even the administrator: they follow from the record."""
    from app.access import AccessDenied

    case = work.make(at(2, 8))
    root = work.as_("boss", at(2, 9), "administrator")
    ident = work.clock(case).id
    with pytest.raises(AccessDenied):
        if how == "create":
            create_record(root, "deadline", {"service_level": "r.answer_in_time"})
        elif how == "update":
            save_record(root, "deadline", ident, {"due_at": at(9, 8)}, None)
        else:
            delete_record(root, "deadline", ident)
    assert work.clock(case).due_at == at(2, 18)


def test_a_clock_is_judged_by_the_release_under_which_it_began(database: Database, tmp_path: Path) -> None:
    """Another time in a later release holds for clocks that begin from then on."""
    from app.release import compile_release
    from app.source import collect_files
    from app.storage import Stamp, build_models, store_release
    from tests.support.portals import portal_from

    work = clockwork(database, tmp_path)
    office = work.office
    files = collect_files(tmp_path / "root").files
    with database.writing() as session:
        first = store_release(session, files, Stamp(None, at(1, 8)))
    object.__setattr__(office.release, "number", first)
    old = work.make(at(2, 8))
    assert work.clock(old).release_id == first
    changed = {
        **CONFIG,
        "config/regimes/r/all.yaml": CONFIG["config/regimes/r/all.yaml"].replace("10 hours", "6 hours"),
    }
    release = compile_release(portal_from(tmp_path / "second", changed), first + 1)
    with database.writing() as session:
        store_release(session, collect_files(tmp_path / "second" / "root").files, Stamp(None, at(1, 9)))
    object.__setattr__(office, "release", release)
    object.__setattr__(office, "models", build_models(release))
    work.kept.clear()
    new = work.make(at(2, 9))
    work.change(at(2, 9), old, title="still the old time")
    assert (work.clock(old).due_at, work.clock(new).due_at) == (at(2, 18), at(2, 15))


def test_clocks_that_are_thrown_away_come_back_as_they_were(work: Clockwork) -> None:
    """They are computed from the record's history, so nothing is lost with them."""
    case = work.make(at(2, 8), serious=True)
    work.move(at(2, 9), case, "hold")
    work.move(at(2, 10), case, "resume")
    before = work.clocks(case)
    with work.office.database.writing() as session:
        session.execute(work.office.models.tables["deadline"].delete())
    work.change(at(2, 10, 30), case, title="anew")
    after = work.clocks(case)
    names = ("status", "started_at", "due_at", "next_step_at", "missed")
    assert {key: [getattr(one, name) for name in names] for key, one in after.items()} == {
        key: [getattr(one, name) for name in names] for key, one in before.items()
    }
    with work.office.database.reading() as session:
        assert read_record(session, work.office.models, CASE, case) is not None
