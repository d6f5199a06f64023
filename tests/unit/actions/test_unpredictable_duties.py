"""Days drawn at random: kept, checkable, not known beforehand, and hidden from those whom they concern."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from app.access import SYSTEM
from app.actions import create_record, load_for
from app.actions.advance_workflow import advance_workflow
from app.actions.run_duties import run_duties
from app.actions.visible import visible_records
from app.rules.draws import METHOD, draw_days
from app.storage import Database, RecordGone
from app.storage.account_rows import create_account
from app.storage.duties import draws_of
from tests.support.duties import clock, duties_office, local, rows, run
from tests.support.offices import Office, with_roles

SURPRISE = """
surprise:
  title: 突击检查
  at_least: {need}
  per: month
  for_each: unit
  where: code in ['SHOP', 'OTHER']
  unpredictable: true
  create: check
  with: {{kind: surprise}}
  done: state == 'done'
  hidden_from: unit
  due: 2 working days
"""
KEY = "r.surprise|unit:3|2026-11"


def surprising(database: Database, tmp_path: Path, need: int = 1, **roles: tuple[str, ...]) -> Office:
    """Surprise checks of two shops, so many a month."""
    return with_roles(duties_office(database, tmp_path, SURPRISE.format(need=need)), **roles)


def november(office: Office) -> None:
    """A whole month of a portal that is at work at its beginning and at its end."""
    for moment in ("2026-10-31 23:00", "2026-11-01 00:01", "2026-11-30 23:00"):
        run(office, moment)


def test_the_draw_is_kept_and_can_be_made_again(database: Database, tmp_path: Path) -> None:
    """Seed, method, the days to choose from and the day chosen, from the first of the month on."""
    office = surprising(database, tmp_path)
    run(office, "2026-10-31 23:00")
    run(office, "2026-11-01 00:01", seed="a seed of November")
    with database.reading() as session:
        draw = draws_of(session, [KEY])[KEY]
    assert (draw.method, draw.seed, draw.duty) == (METHOD, "a seed of November", "r.surprise")
    assert draw.days == draw_days(draw.seed, KEY, draw.eligible, 1)
    assert len(draw.eligible) == 21 and all(day.weekday() < 5 for day in draw.eligible)
    run(office, "2026-11-01 00:02", seed="another")
    with database.reading() as session:
        assert draws_of(session, [KEY])[KEY] == draw


def test_it_begins_with_work_on_the_day_drawn_and_not_before(database: Database, tmp_path: Path) -> None:
    """No record is there a minute earlier: nobody can find what is not made."""
    office = surprising(database, tmp_path)
    run(office, "2026-10-31 23:00")
    run(office, "2026-11-01 00:01")
    with database.reading() as session:
        day = draws_of(session, [KEY])[KEY].days[0]
    run(office, f"{day} 08:59")
    mine = [row for row in rows(office, "r.check", "unit_id") if row[0] == office.units["shop"]]
    assert mine == []
    run(office, f"{day} 09:00")
    mine = [row for row in rows(office, "r.check", "unit_id") if row[0] == office.units["shop"]]
    assert len(mine) == 1
    turns = rows(office, "duty_run", "key", "occurs_at", "part_of_id", "late")
    (at,) = [at for key, at, part, _late in turns if key == f"{KEY}/1" and part is not None]
    assert clock(at) == f"{day} 09:00"


def test_every_working_day_may_be_the_one(sqlite_database: Database, tmp_path: Path) -> None:
    """Over many months, the days of the month that came up; none is a day off, none is far more frequent."""
    office = surprising(sqlite_database, tmp_path)
    seeds = iter(range(10_000))
    run(office, "2026-10-31 23:00")
    for month in range(240):
        year, number = 2027 + month // 12, month % 12 + 1
        run_duties(office.context(SYSTEM, local(f"{year}-{number:02d}-01 00:01")), lambda: str(next(seeds)))
    with sqlite_database.reading() as session:
        table = office.models.system["duty_draw"]
        drawn = [day for row in session.execute(table.select()) for day in row.days]
    days = Counter(int(day[8:]) for day in drawn)
    assert len(drawn) >= 480 and set(days) >= set(range(2, 28))
    assert max(days.values()) < 45


def test_several_in_a_month_lie_apart(database: Database, tmp_path: Path) -> None:
    """Two checks: one in each half of the working days."""
    office = surprising(database, tmp_path, need=2)
    run(office, "2026-10-31 23:00")
    run(office, "2026-11-01 00:01", seed="x")
    with database.reading() as session:
        draw = draws_of(session, [KEY])[KEY]
    first, second = (draw.eligible.index(day) for day in draw.days)
    assert first < 10 <= second
    run(office, "2026-11-30 23:00")
    turns = [row[0] for row in rows(office, "duty_run", "key") if row[0].startswith(KEY)]
    assert sorted(turns) == [KEY, f"{KEY}/1", f"{KEY}/2"]


def test_a_month_that_is_begun_is_drawn_from_what_is_left(database: Database, tmp_path: Path) -> None:
    """A duty that is new on the 20th never falls on the 19th; after the last working day it waits a month."""
    office = surprising(database, tmp_path)
    run(office, "2026-11-20 10:00")
    with database.reading() as session:
        assert min(draws_of(session, [KEY])[KEY].eligible).day == 23


def test_a_duty_that_comes_too_late_for_a_month_waits(database: Database, tmp_path: Path) -> None:
    """On the evening of the last working day there is nothing left to draw from."""
    office = surprising(database, tmp_path)
    run(office, "2026-11-30 20:00")
    assert rows(office, "duty_run", "key") == []
    run(office, "2026-12-01 00:01")
    assert {row[0] for row in rows(office, "duty_run", "period")} == {"2026-12"}


def test_the_due_time_of_the_period_waits_for_the_last_check(database: Database, tmp_path: Path) -> None:
    """A check that is drawn for the last day may still take its two days."""
    office = surprising(database, tmp_path)
    run(office, "2026-10-31 23:00")
    run(office, "2026-11-29 23:00")
    due = dict(rows(office, "duty_run", "key", "due_at"))
    assert clock(due[KEY]) == "2026-12-03 00:00"


def test_a_check_that_was_made_by_hand_counts(database: Database, tmp_path: Path) -> None:
    """What was enough already is not drawn any more."""
    office = surprising(database, tmp_path, hr=("inspector",))
    run(office, "2026-10-31 23:00")
    run(office, "2026-11-01 00:01")
    hr = office.as_("hr", now=local("2026-11-01 10:00"))
    made = create_record(hr, "r.check", {"kind": "surprise", "unit": office.units["shop"]})
    advance_workflow(hr, "r.check", made.id, "finish")
    run(office, "2026-11-30 23:00")
    assert [row[0] for row in rows(office, "r.check", "unit_id")] == [
        office.units["shop"],
        office.units["other"],
    ]


def test_the_people_of_the_unit_see_nothing_before_it_is_done(database: Database, tmp_path: Path) -> None:
    """Neither the check nor its turn; those of another unit and of the house do; then everybody does."""
    everyone = {
        "head": ("unit_head",),
        "cook": ("inspector",),
        "other_cook": ("inspector",),
        "hr": ("inspector",),
    }
    office = surprising(database, tmp_path, **everyone)
    november(office)
    (check,) = [row[1] for row in rows(office, "r.check", "unit_id", "id") if row[0] == office.units["shop"]]
    shown = {who: _sees(office, who, check) for who in everyone}
    assert shown == {"head": (0, 0), "cook": (0, 0), "other_cook": (1, 2), "hr": (1, 2)}
    assert _sees(office, "boss", check, "administrator") == (1, 2)
    for who in ("head", "cook"):
        with pytest.raises(RecordGone):
            load_for(office.as_(who), "r.check", check)
    hr = office.as_("hr", now=local("2026-12-01 10:00"))
    advance_workflow(hr, "r.check", check, "finish")
    shown = {who: _sees(office, who, check) for who in ("head", "cook")}
    assert shown == {"head": (1, 2), "cook": (1, 2)}
    load_for(office.as_("cook"), "r.check", check)


def _sees(office: Office, who: str, check: int, *roles: str) -> tuple[int, int]:
    """How many of the check and of the shop's turns somebody sees."""
    context = office.as_(who, *roles)
    shop = office.units["shop"]
    checks = [one.id for one in visible_records(context, "r.check", {"unit": shop})]
    turns = visible_records(context, "duty_run", {"unit": shop})
    assert set(checks) <= {check}
    return len(checks), len(turns)


def test_who_is_below_the_unit_belongs_to_it_and_who_is_above_does_not(
    database: Database, tmp_path: Path
) -> None:
    """A team of the shop is kept in the dark; the head of the company is not."""
    office = surprising(database, tmp_path, boss=("inspector",))
    boss = office.as_("boss", "administrator")
    team = create_record(boss, "unit", {"title": "team", "code": "TEAM", "parent": office.units["shop"]}).id
    november(office)
    cook = office.actor("cook", "inspector")
    moved = replace(cook, unit_id=team, subtree=frozenset({team}), above=frozenset({office.units["shop"]}))
    shop = {"unit": office.units["shop"]}
    assert visible_records(office.context(moved), "r.check", shop) == []
    assert len(visible_records(office.as_("boss"), "r.check", shop)) == 1


def test_who_is_charged_sees_it_though_of_the_unit(database: Database, tmp_path: Path) -> None:
    """An inspector who belongs to the shop is the only one there who knows."""
    duty = SURPRISE.format(need=1) + "  assign: role.inspector\n"
    office = with_roles(duties_office(database, tmp_path, duty), cook=("inspector",), head=("unit_head",))
    with database.writing() as session:
        create_account(
            session, office.models, "cook", "secret-word", "cook", ["inspector"], office.people["cook"]
        )
    november(office)
    shop = {"unit": office.units["shop"]}
    assert len(visible_records(office.as_("cook"), "r.check", shop)) == 1
    assert len(visible_records(office.as_("cook"), "task", {"assignee": office.people["cook"]})) == 2
    assert visible_records(office.as_("head"), "r.check", shop) == []
    assert [one.label for one in visible_records(office.as_("head"), "task", {})] == ["突击检查 other"]


def test_a_check_planned_by_hand_is_as_secret(database: Database, tmp_path: Path) -> None:
    """But one of another kind is not, and its author sees it."""
    office = surprising(database, tmp_path, hr=("inspector",), head=("unit_head",), cook=("inspector",))
    run(office, "2026-11-01 00:01")
    shop = office.units["shop"]
    cook = office.as_("cook", now=local("2026-11-01 10:00"))
    secret = create_record(cook, "r.check", {"kind": "surprise", "unit": shop}).id
    plain = create_record(cook, "r.check", {"kind": "routine", "unit": shop}).id
    assert [one.id for one in visible_records(office.as_("head"), "r.check", {"unit": shop})] == [plain]
    assert [one.id for one in visible_records(office.as_("cook"), "r.check", {"unit": shop})] == [
        secret,
        plain,
    ]
    advance_workflow(cook, "r.check", secret, "finish")
    assert len(visible_records(office.as_("head"), "r.check", {"unit": shop})) == 2
