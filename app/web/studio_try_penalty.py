"""A case of a penalty schedule judged by a draft, beside what the release in service says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app import rules
from app.expressions import BOOLEAN, LinkType
from app.rules.schedules import OFFENDER, party_label
from app.rules.values import figure, money
from app.rules.worded import case_in_words
from app.source import N_
from app.spec.portal import Portal
from app.spec.records import FieldSpec
from app.web.languages import label
from app.web.reasons import Step, steps_of
from app.web.studio_try_fields import FactField, fact_field, path_words, yes_no

LEVEL, EARLIER, AMOUNT, AT, JOINT = "level", "earlier", "amount", "at", "joint"
NOBODY = "~"
PERSONS = tuple((name, name) for name in "ABCD")
"""Stand-ins: two places with the same letter are held by one person."""
_SAME: Mapping[str, str] = {"item": N_("Item"), "class": N_("Class"), "unit": N_("Unit")}
"""What earlier penalties may have to agree in, besides the person and the level."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one person would be charged, and why."""

    who: str
    what: str
    because: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result under one configuration, or the reasons why there is none."""

    mistakes: tuple[str, ...] = ()
    level: str = ""
    charges: tuple[Charge, ...] = ()
    exempt: tuple[Step, ...] | None = None
    besides: tuple[Step, ...] = ()


def penalty_fields(
    portal: Portal, schedule: rules.CompiledSchedule, given: Mapping[str, str]
) -> tuple[FactField, ...]:
    """The level, the facts, the persons, how many penalties came before, and a set amount."""
    levels = tuple((name, label(one.label)) for name, one in schedule.levels.items())
    found = [FactField(LEVEL, _("Level"), given.get(LEVEL, ""), True, levels, whole=True)]
    for name, fact in schedule.facts.items():
        options = tuple((key, label(words)) for key, words in schedule.options.get(name, {}).items())
        if fact.type == BOOLEAN:
            options = yes_no()
        words = label(schedule.labels.get(name, name))
        found.append(FactField(name, words, given.get(name, ""), fact.required, options))
    found += [*_people(portal, schedule, given)]
    found.append(FactField(EARLIER, _("Earlier penalties"), given.get(EARLIER, "")))
    found.append(FactField(AMOUNT, _("Amount set by the decider"), given.get(AMOUNT, "")))
    if AT not in schedule.facts:
        found.append(FactField(AT, _("Happened at"), given.get(AT, ""), kind="datetime-local"))
    return tuple(found)


def _people(
    portal: Portal, schedule: rules.CompiledSchedule, given: Mapping[str, str]
) -> Iterator[FactField]:
    """Who holds each place that the schedule looks at, what its conditions read of them, and what a repeated
    fault has to agree in."""
    for path in schedule.person_paths:
        words = label(party_label(portal, schedule.spec.regime, path))
        options = (*PERSONS, *(((NOBODY, _("nobody")),) if path != OFFENDER else ()))
        yield FactField(path, words, given.get(path, ""), False, options, hint=_("somebody else"))
    for path, fact in schedule.link_types.items():
        if path not in schedule.person_paths:
            words, spec = _read_words(portal, schedule, path)
            yield fact_field(portal, path, fact.type, words, given.get(path, ""), spec)
    if len(schedule.person_paths) > 1:
        yield FactField(JOINT, _("Others answer jointly"), given.get(JOINT, ""), False, yes_no())
    same = schedule.repeat.spec.same if schedule.repeat is not None else ()
    for name in same:
        if name in _SAME and name not in schedule.facts and name not in schedule.link_types:
            yield FactField(name, _(_SAME[name]), given.get(name, ""))


def _read_words(portal: Portal, schedule: rules.CompiledSchedule, path: str) -> tuple[str, FieldSpec | None]:
    """What a condition reads, in words: `the person in breach · post`; and the field that it is."""
    root, _dot, rest = path.partition(".")
    start = schedule.environment.names.get(root)
    if not rest or not isinstance(start, LinkType):
        return label(party_label(portal, schedule.spec.regime, path)), None
    words, spec = path_words(portal, start.record, rest)
    return f"{label(party_label(portal, schedule.spec.regime, root))} · {words}", spec


def penalty_verdict(portal: Portal, name: str, given: Mapping[str, str], now: datetime) -> Verdict:
    """What a configuration says of the case; given: fact -> text, empty ones left out."""
    spec = portal.penalty_schedules.get(name)
    if spec is None:
        return Verdict((_("This schedule is not in the release in service."),))
    schedule = rules.compile_schedule(portal, spec)
    paths = {*schedule.person_paths, *schedule.link_types}
    known = {*schedule.facts, *paths, *_SAME, LEVEL, EARLIER, AMOUNT, AT, JOINT}
    words: dict[str, str | None] = {key: text for key, text in given.items() if key in known}
    words |= {key: None for key in paths if given.get(key) == NOBODY}
    try:
        result = rules.assess(schedule, case_in_words(schedule, words, now))
    except rules.CaseError as error:
        return Verdict(tuple(one.message(_) for one in error.mistakes))
    charges = tuple(
        Charge(label(party_label(portal, spec.regime, one.to)), _charge(one), steps_of(one.because))
        for one in result.penalties
    )
    return Verdict(
        level=label(schedule.levels[result.level].label),
        charges=charges,
        exempt=steps_of(result.exempt.because) if result.exempt is not None else None,
        besides=steps_of(result.because),
    )


def _charge(penalty: rules.Penalty) -> str:
    if penalty.points is not None and penalty.amount is None:
        return str(_("{points} points")).format(points=figure(penalty.points))
    if penalty.amount is not None:
        return f"{money(penalty.amount)} {penalty.currency}"
    return str(_("amount not set; the decider sets it") if penalty.amount_asked else _("no money"))
