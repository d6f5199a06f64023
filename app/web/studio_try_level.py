"""A service level tried by a draft: a record told in words, its due time, the proof. Nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.rules import CaseError
from app.rules.calendars import compile_calendars
from app.rules.clock_examples import judge_in_words
from app.rules.clock_words import left_words
from app.rules.clocks import Clock
from app.rules.reasons import in_words
from app.rules.said_times import said_duration, said_moment
from app.rules.service_levels import CompiledLevel, compile_service_level
from app.spec.portal import Portal
from app.spec.service_levels import ServiceLevel
from app.web.clock_cards import Stretch, stretches_of
from app.web.languages import label
from app.web.reasons import Step, steps_of
from app.web.studio_try_fields import FactField, fact_field, path_words, typed_paths

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Calendars count day by day: what lies further away is refused."""
_YEAR = re.compile(r"(?<!\d)(\d{4,})-\d{1,2}-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Due:
    """The due time under one configuration with its proof, or the reasons why there is none."""

    mistakes: tuple[str, ...] = ()
    due: str = ""
    left: str = ""
    target: str = ""
    calendar: str = ""
    provisional: bool = False
    because: tuple[Step, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LevelForm:
    """The fields of a level: facts, times; pauses: (from, to) rows, the last of them empty."""

    facts: tuple[FactField, ...]
    times: tuple[FactField, ...]
    pauses: tuple[tuple[str, str], ...]


def level_form(
    portal: Portal, level: CompiledLevel, given: Mapping[str, str], pauses: Sequence[tuple[str, str]]
) -> LevelForm:
    """What a record of this level is told by; given: what was filled in."""
    marks = (level.start, *level.ends)
    facts = []
    for path, kind in typed_paths(level.environment, (".".join(one) for one in level.paths)).items():
        if path == "state" and any(mark.state for mark in marks):
            continue
        words, spec = path_words(portal, level.record, path)
        facts.append(fact_field(portal, path, kind, words, given.get(path, ""), spec))
    return LevelForm(tuple(facts), tuple(_times(level, given)), (*pauses, ("", "")))


def _times(level: CompiledLevel, given: Mapping[str, str]) -> Iterator[FactField]:
    """The moments that are no fields of the record: states it came into, more time, the moment of asking."""
    names = level.environment.names

    def field(name: str, words: str, kind: str = "datetime-local", hint: str = "") -> FactField:
        return FactField(name, words, given.get(name, ""), kind=kind, hint=hint)

    ends = [str(mark.label) for mark in level.ends if mark.state]
    if level.start.state and "from" not in names:
        yield field("from", _("Starts: %(what)s", what=label(str(level.start.label))))
    if ends and "to" not in names:
        yield field("to", _("Ends: %(what)s", what=label(ends[-1])))
    if level.states and "states" not in names:
        hint = f"{next(iter(level.states))} 2026-03-02 10:00; …"
        yield field("states", _("States with their times"), "text", hint)
    if "extended" not in names:
        yield field("extended", _("More time"), "text", "2026-03-05 18:00, 2 working days")
    yield field("now", _("Looked at"))


def level_due(portal: Portal, name: str, given: Mapping[str, str], pauses: Sequence[tuple[str, str]]) -> Due:
    """What a configuration says; given: field, path or word -> text, empty ones left out."""
    spec = portal.section(ServiceLevel).get(name)
    if spec is None:
        return Due((_("This service level is not in the release in service."),))
    level = compile_service_level(portal, spec)
    told: dict[str, str | None] = dict(given)
    if pauses and "pauses" not in level.environment.names:
        told["pauses"] = "; ".join(f"{begin}..{end}" for begin, end in pauses)
    if any(_is_far(text) for text in told.values() if text):
        text = _("Please give times between the years %(first)s and %(last)s.")
        return Due((text % {"first": FIRST_YEAR, "last": LAST_YEAR},))
    try:
        clock = judge_in_words(level, told, compile_calendars(portal))
    except CaseError as error:
        return Due(tuple(one.message(_) for one in error.mistakes))
    return _due(portal, level, clock, "now" in given)


def _is_far(text: str) -> bool:
    return any(not FIRST_YEAR <= int(year) <= LAST_YEAR for year in _YEAR.findall(text))


def _due(portal: Portal, level: CompiledLevel, clock: Clock, asked_now: bool) -> Due:
    zone = level.zone
    calendar = clock.counting.calendar if clock.counting is not None else None
    known = portal.calendars.get(calendar.name) if calendar is not None else None
    coming = sorted((step.at, step.text) for step in clock.steps if step.at is not None)
    return Due(
        due=said_moment(clock.due_at, zone, end=True) if clock.due_at else _("nothing is due"),
        left=left_words(clock).said(_) if asked_now else "",
        target=in_words(said_duration(clock.time), _) if clock.time is not None else "",
        calendar=label(known.label) if known is not None else _("around the clock"),
        provisional=clock.provisional,
        because=steps_of(clock.because),
        stretches=stretches_of(clock),
        steps=tuple((text, said_moment(at, zone, end=True)) for at, text in dict.fromkeys(coming)),
    )
