"""Clocks computed anew because of something that was written elsewhere: a unit's calendar, a linked record,
the public holidays of a year, a calendar in a new release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from app.actions.clock_levels import all_levels, calendars
from app.actions.clocks import sync_clocks
from app.actions.context import Context, transaction
from app.rules.calendars import WorkingCalendar
from app.rules.wall_clock import moment
from app.storage import subtree_ids
from app.storage.deadlines import Wanted, clocks_across, clocks_behind, clocks_of_units, open_clocks
from app.storage.jobs import read_memo, write_memo

CALENDARS = "calendars"
AT_ONCE = 200
BACK, AHEAD = 1, 5
"""Years around the present one whose days are compared."""
MARK = 6
"""Characters that stand for one day."""
MANNER = "manner"
MOST_STRETCHES = 50
ALWAYS = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))


def recompute(context: Context, payload: Mapping[str, object]) -> int:
    """Carry out an order of `clock_links`: the clocks of a unit and those below it, or of the records that
    link to one; how many records there were. Each is a commit of its own."""
    if isinstance(payload.get("unit"), int):
        units = subtree_ids(context.session, context.models, [int(str(payload["unit"]))])
        return _each(context, clocks_of_units(context.models, units))
    kind, target, paths = payload.get("record_type"), payload.get("target"), payload.get("paths")
    if not isinstance(kind, str) or not isinstance(target, int) or not isinstance(paths, list):
        return 0
    if kind not in context.release.records:
        return 0
    links = [tuple(str(part) for part in path) for path in paths]
    return _each(context, clocks_behind(context.models, kind, links, target))


def follow_calendars(context: Context) -> int:
    """Compute those clocks anew that run across days which count differently than at the last look: holidays
    that were published or changed, a calendar of a new release. How many there were.

    What the calendars held is kept day by day in the job's memo, so it does not matter why it changed.
    """
    known = read_memo(context.session, CALENDARS)
    context.session.rollback()
    before: Mapping[str, object] = known if isinstance(known, Mapping) else {}
    first = date(context.today.year - BACK, 1, 1)
    last = date(context.today.year + AHEAD, 12, 31)
    now = {name: _days_of(calendar, first, last) for name, calendar in calendars(context).items()}
    done = 0
    for name, years in now.items():
        old = before.get(name)
        if isinstance(old, Mapping) and old != years:
            done += _follow(context, name, old, years)
    if now != before:
        with transaction(context):
            write_memo(context.session, CALENDARS, now)
    return done


def _follow(context: Context, name: str, old: Mapping[str, object], years: Mapping[str, str]) -> int:
    levels = {one.name for one in all_levels(context).values() if not one.compiled.always}
    if old.get(MANNER) != years[MANNER]:
        return _each(context, clocks_across(context.models, levels, [ALWAYS]))
    days = [
        date(int(year), 1, 1) + timedelta(days=place)
        for year, marks in years.items()
        if year != MANNER and isinstance(was := old.get(year), str)
        for place in _differing(was, marks)
    ]
    stretches = _stretches(calendars(context)[name], days)
    return _each(context, clocks_across(context.models, levels, stretches)) if days else 0


def _days_of(calendar: WorkingCalendar, first: date, last: date) -> dict[str, str]:
    """Year -> a mark for each of its days, alike for days with the same working time; and how it counts
    besides."""
    found: dict[str, str] = {MANNER: f"{calendar.zone} {calendar.hours.half_day}"}
    for year in range(first.year, last.year + 1):
        begin = date(year, 1, 1)
        days = (begin + timedelta(days=place) for place in range((date(year + 1, 1, 1) - begin).days))
        found[str(year)] = "".join(_mark(calendar, day) for day in days)
    return found


def _mark(calendar: WorkingCalendar, day: date) -> str:
    plan = calendar.day(day)
    told = [f"{one.start.timestamp():.0f}-{one.end.timestamp():.0f}" for one in plan.intervals]
    midnight = calendar.clock.instant(day)
    return hashlib.sha256(f"{midnight} {told} {plan.provisional}".encode()).hexdigest()[:MARK]


def _differing(before: str, after: str) -> Iterator[int]:
    """The places of the marks that are not the same."""
    for place in range(0, min(len(before), len(after)), MARK):
        if before[place : place + MARK] != after[place : place + MARK]:
            yield place // MARK


def _stretches(calendar: WorkingCalendar, days: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """From when to when the days reach, those that follow one another as one; a shift may run on into the
    next day."""
    found: list[tuple[datetime, datetime]] = []
    for day in days:
        begun = moment(calendar.clock.instant(day))
        midnight = moment(calendar.clock.instant(day + timedelta(days=1)))
        ended = max([midnight, *(one.end for one in calendar.day(day).intervals)])
        if found and found[-1][1] >= begun:
            found[-1] = (found[-1][0], max(ended, found[-1][1]))
        else:
            found.append((begun, ended))
    return found if len(found) <= MOST_STRETCHES else [(found[0][0], found[-1][1])]


def _each(context: Context, wanted: Wanted) -> int:
    """Compute the open clocks that meet the condition anew, record by record; how many records there were."""
    last, done = 0, 0
    while found := open_clocks(context.session, context.models, wanted, after=last, limit=AT_ONCE):
        context.session.rollback()
        for record_type, record_id in dict.fromkeys((kind, ident) for _, kind, ident in found):
            with transaction(context):
                sync_clocks(context, record_type, record_id, kept=True)
            done += 1
        last = found[-1][0]
    context.session.rollback()
    return done
