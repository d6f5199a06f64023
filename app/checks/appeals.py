"""Appeals and windows that look back: who hears them, whether their times can be counted."""

from __future__ import annotations

from app.checks.context import Checking, Found
from app.source import N_, Span, warning
from app.spec.durations import Duration, parse_duration
from app.spec.penalties import PenaltySchedule
from app.spec.portal_settings import Calendar, Role


def calendars_are_declared(checking: Checking) -> Found:
    """REF001, REF002: the calendar that counts the times of appeals."""
    for schedule in checking.each(PenaltySchedule):
        appeal = schedule.appeal
        if appeal is not None:
            yield from checking.refer(Calendar, appeal.calendar, schedule.regime, appeal.span_of("calendar"))


def every_decision_can_be_contested(checking: Checking) -> Found:
    """PEN006 (warning): somebody decides, and no row of `appeal.steps` says who hears appeals against it."""
    for schedule in checking.each(PenaltySchedule):
        appeal = schedule.appeal
        if appeal is None or not appeal.steps:
            continue
        named = {_who(checking, schedule, word) for word in appeal.steps}
        told: set[str] = set()
        for row in schedule.decided_by:
            for index, word in enumerate(row.who):
                who = _who(checking, schedule, word)
                if who in named or who in told:
                    continue
                told.add(who)
                text = N_("nobody hears an appeal against what '{who}' decides")
                hint = N_("write under 'appeal.steps' who does, or '{who}: []' if the decision is final")
                yield warning("PEN006", row.span_at("who", index), text, hint, who=word)


def _who(checking: Checking, schedule: PenaltySchedule, word: str) -> str:
    """A party by its full name, so that short and full names are the same."""
    if not word.startswith("role."):
        return word
    found = checking.find(Role, word.removeprefix("role."), schedule.regime)
    return f"role.{found.full_name}" if found is not None else word


def windows_can_be_counted(checking: Checking) -> Found:
    """PEN007 (warning): a window in working time that no calendar counts."""
    general = checking.portal.settings.calendar
    for schedule in checking.each(PenaltySchedule):
        appeal, repeat = schedule.appeal, schedule.repeat
        if appeal is not None:
            calendar = appeal.calendar or general
            hint = N_("name a calendar: under 'appeal.calendar', or for everything under 'portal.calendar'")
            yield from _counted(appeal.window, calendar, appeal.span_of("window"), hint)
            yield from _counted(appeal.answer, calendar, appeal.span_of("answer"), hint)
        if repeat is not None:
            hint = N_("name the calendar that counts everywhere under 'portal.calendar', or write days")
            yield from _counted(repeat.within, general, repeat.span_of("within"), hint)


def _counted(written: str | None, calendar: str | None, span: Span, hint: str) -> Found:
    found = parse_duration(written)
    working = isinstance(found, Duration) and (found.working or found.kind == "next_working_day")
    if working and calendar is None:
        text = N_("'{written}' is working time, and no calendar counts it here, so it is not counted at all")
        yield warning("PEN007", span, text, hint, written=written)
