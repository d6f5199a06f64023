"""Repeated faults: which earlier penalties count, and what the repetition changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.rules.cases import Case, EarlierPenalty
from app.rules.elapsed import in_window, needs_calendar
from app.rules.reasons import Reason, because
from app.rules.said_times import said_duration
from app.rules.schedules import OFFENDER, CompiledSchedule, LevelRule, RepeatRule
from app.source import N_


@dataclass(frozen=True, slots=True)
class Repetition:
    """Whether the rule takes hold (`applies`), the level it leads to, the reasons with what was counted."""

    applies: bool
    level: LevelRule
    because: tuple[Reason, ...] = ()


def repetition(schedule: CompiledSchedule, case: Case, level: LevelRule) -> Repetition:
    """Count the earlier penalties of the same kind in the window, this one included."""
    rule = schedule.repeat
    if rule is None:
        return Repetition(False, level)
    if not rule.within.set:
        text = N_("repetition is not judged: the regulation leaves the window open")
        return Repetition(False, level, (because("repeat.within", rule.at, text),))
    if rule.calendar is None and needs_calendar(rule.within):
        text = N_("repetition is not judged: no calendar counts a window of '{within}'")
        why = because("repeat.within", rule.at, text, within=said_duration(rule.within))
        return Repetition(False, level, (why,))
    counted = _once_for_each_event(
        earlier
        for earlier in case.earlier
        if _same(schedule, rule, case, level, earlier)
        and in_window(earlier.at, case.at, rule.within, schedule.zone, rule.calendar)
    )
    times, first = len(counted) + 1, rule.spec.from_
    applies = first is not None and times >= first
    if not counted and not applies:
        return Repetition(False, level)
    text = N_("time {times} within {within}; only from time {first} on is it a repeated fault")
    if applies:
        text = N_("time {times} within {within}: a repeated fault from time {first} on")
    elif first is None:
        text = N_("time {times} within {within}; from which time on it is a repeated fault is left open")
    inputs = {"times": times, "from": first}
    children = tuple(_counted(schedule, rule, earlier) for earlier in counted)
    within = said_duration(rule.within)
    reason = because("repeat", rule.at, text, inputs, children, times=times, within=within, first=first or 0)
    if not applies:
        return Repetition(False, level, (reason,))
    raised, more = _raised(schedule, rule, level)
    return Repetition(True, raised, (reason, *more))


def _once_for_each_event(penalties: Iterable[EarlierPenalty]) -> tuple[EarlierPenalty, ...]:
    """Without those for an event that is among them already: one fault under two schedules is one fault."""
    found: dict[tuple[str, str], EarlierPenalty] = {}
    for one in penalties:
        found.setdefault(("event", one.event) if one.event else ("penalty", one.id), one)
    return tuple(found.values())


def _same(
    schedule: CompiledSchedule, rule: RepeatRule, case: Case, level: LevelRule, earlier: EarlierPenalty
) -> bool:
    """Whether an earlier penalty agrees with the case in everything that `same` names. Two faults of which
    nobody said the item, the class or the unit are not the same by that."""
    person = case.persons.get(OFFENDER)
    own = {
        "person": person.id if person else "",
        "level": level.name,
        "schedule": schedule.spec.full_name,
        "item": case.item,
        "class": case.class_,
        "unit": case.unit,
    }
    theirs = {
        "person": earlier.person,
        "level": earlier.level,
        "schedule": earlier.schedule,
        "item": earlier.item,
        "class": earlier.class_,
        "unit": earlier.unit,
    }
    return all(own[key] == theirs[key] and (own[key] or key == "person") for key in rule.spec.same)


def _counted(schedule: CompiledSchedule, rule: RepeatRule, earlier: EarlierPenalty) -> Reason:
    day = earlier.at.astimezone(ZoneInfo(schedule.zone)).date().isoformat()
    text = N_("counted: {label} of {day}")
    inputs = {"id": earlier.id, "at": earlier.at.isoformat(), "level": earlier.level}
    return because("repeat.counted", rule.at, text, inputs, label=earlier.label or earlier.id, day=day)


def _raised(
    schedule: CompiledSchedule, rule: RepeatRule, level: LevelRule
) -> tuple[LevelRule, tuple[Reason, ...]]:
    if not rule.levels_up:
        return level, ()
    place, ladder = rule.spec.span_of("raise"), schedule.ladder
    raised = ladder[min(level.index + rule.levels_up, len(ladder) - 1)]
    if raised is level:
        text = N_("level {level} is already the highest; nothing is raised")
        return level, (because("repeat.raise", place, text, level=level.label),)
    text = N_("raised from level {level} to {raised}")
    return raised, (because("repeat.raise", place, text, level=level.label, raised=raised.label),)
