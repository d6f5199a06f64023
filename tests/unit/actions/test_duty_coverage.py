"""The coverage list: what became of every turn, for whom it may be seen, and what is still to come."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.actions import create_record
from app.actions.advance_workflow import advance_workflow
from app.actions.duty_coverage import Counts, counts_of, coverage
from app.storage import Database
from app.storage.duty_lists import ListedRun
from tests.support.duties import duties_office, local, run
from tests.support.offices import Office, with_roles

DUTIES = """
weekly:
  title: 每周检查
  every: week on mon
  for_each: unit
  where: code in ['SHOP', 'OTHER']
  create: check
  done: state == 'done'
  due: 2 days
visits:
  title: 走访
  at_least: 2
  per: month
  for_each: unit
  where: code == 'SHOP'
  create: check
  with: {kind: surprise}
  done: state == 'done'
report: {title: 年报, every: year on 11-10, create: log, assign: role.inspector}
"""
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def november(database: Database, tmp_path: Path) -> Office:
    """The 18th of November: two Mondays of the shop were seen to, one in time; one visit of two was made."""
    roles = {"hr": ("inspector",), "head": ("unit_head",), "cook": ()}
    office = with_roles(duties_office(database, tmp_path, DUTIES), **roles)
    for day in (2, 9, 16, 18):
        run(office, f"2026-11-{day:02d} 09:00")
    shop = [row for row in _checks(office) if row[1] == office.units["shop"]]
    _finish(office, shop[0][0], "2026-11-03 10:00")
    _finish(office, shop[1][0], "2026-11-12 10:00")
    hr = office.as_("hr", now=local("2026-11-05 10:00"))
    made = create_record(hr, "r.check", {"kind": "surprise", "unit": office.units["shop"]})
    _finish(office, made.id, "2026-11-05 11:00")
    return office


def _checks(office: Office) -> list[tuple[int, int]]:
    table = office.models.tables["r.check"]
    with office.database.reading() as session:
        return [(row.id, row.unit_id) for row in session.execute(table.select().order_by(table.c.id))]


def _finish(office: Office, check: int, at: str) -> None:
    advance_workflow(office.as_("hr", now=local(at)), "r.check", check, "finish")


def seen(office: Office, who: str, *roles: str, first: date = FIRST, last: date = LAST) -> dict[str, Counts]:
    """`duty target` -> counts, as somebody sees them on the 18th at ten."""
    context = office.as_(who, *roles, now=local("2026-11-18 10:00"))
    return {
        f"{group.label} {line.label}".strip(): line.counts
        for group in coverage(context, first, last)
        for line in group.lines.values()
    }


def test_every_turn_is_counted_once(database: Database, tmp_path: Path) -> None:
    """Done, done late, open, missed and to come add up to the Mondays of the month and the visits needed."""
    office = november(database, tmp_path)
    found = seen(office, "boss", "administrator")
    assert found == {
        "每周检查 shop": Counts(done=1, late=1, open=1, not_due=2),
        "每周检查 other": Counts(missed=2, open=1, not_due=2),
        "走访 shop": Counts(done=1, open=1),
        "年报": Counts(open=1),
    }


def test_each_sees_what_the_roles_grant(database: Database, tmp_path: Path) -> None:
    """The head of the shop the shop; the inspector everything; who may not read turns, nothing."""
    office = november(database, tmp_path)
    assert set(seen(office, "hr")) == {"每周检查 shop", "每周检查 other", "走访 shop", "年报"}
    assert set(seen(office, "head")) == {"每周检查 shop", "走访 shop"}
    assert seen(office, "head")["每周检查 shop"].not_due == 2
    assert seen(office, "cook") == {}


def test_it_can_be_narrowed_to_a_duty_and_a_unit(database: Database, tmp_path: Path) -> None:
    """By full name and by id."""
    office = november(database, tmp_path)
    context = office.as_("hr", now=local("2026-11-18 10:00"))
    one = coverage(context, FIRST, LAST, "r.weekly", office.units["other"])
    assert [(group.duty, [line.label for line in group.lines.values()]) for group in one] == [
        ("r.weekly", ["other"])
    ]
    assert coverage(context, FIRST, LAST, "r.unknown") == []


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-09", "2026-11-15", {"每周检查 shop": 1, "每周检查 other": 1, "走访 shop": 2, "年报": 1}),
        ("2026-12-01", "2026-12-31", {"每周检查 shop": 4, "每周检查 other": 4, "走访 shop": 2, "年报": 1}),
        ("2026-01-01", "2026-12-31", {"每周检查 shop": 9, "每周检查 other": 9, "走访 shop": 4, "年报": 1}),
        ("2025-11-01", "2025-11-30", {}),
    ],
    ids=["a week", "the month to come", "the year", "a year ago"],
)
def test_any_stretch_may_be_asked_for(
    database: Database, tmp_path: Path, first: str, last: str, expected: dict[str, int]
) -> None:
    """Periods that begin in it, and longer ones that it lies in."""
    office = november(database, tmp_path)
    found = seen(office, "hr", first=date.fromisoformat(first), last=date.fromisoformat(last))
    totals = {
        name: counts.done + counts.late + counts.open + counts.missed + counts.not_due
        for name, counts in found.items()
    }
    assert totals == expected


NOW = local("2026-11-18 10:00")
BEFORE, AFTER = local("2026-11-17 10:00"), local("2026-11-19 10:00")
ROWS = [
    ("open", AFTER, None, 1, 0, Counts(open=1)),
    ("without a due time", None, None, 1, 0, Counts(open=1)),
    ("missed", BEFORE, None, 1, 0, Counts(missed=1)),
    ("done", AFTER, BEFORE, 1, 1, Counts(done=1)),
    ("done late", BEFORE, NOW, 1, 1, Counts(late=1)),
    ("two of three, not over", AFTER, None, 3, 2, Counts(done=2, open=1)),
    ("two of three, over", BEFORE, None, 3, 2, Counts(done=2, missed=1)),
    ("more than needed", AFTER, BEFORE, 2, 5, Counts(done=2)),
]


@pytest.mark.parametrize(
    ("due", "done", "needed", "made", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_became_of_a_turn(due: object, done: object, needed: int, made: int, expected: Counts) -> None:
    """Each turn, and each of the several that a period needs, is in one column."""
    one = ListedRun(1, "d", "t", None, None, "", None, due, done, needed, made)  # type: ignore[arg-type]
    assert counts_of(one, NOW) == expected
