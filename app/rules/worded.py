"""A case in words, as examples and the command line give it: `level=fault found_by=own_check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.expressions import LinkType
from app.rules.cases import Case, EarlierPenalty, Person
from app.rules.facts import WORDS, moment, read_number
from app.rules.given import read_case
from app.rules.mistakes import CaseError, Mistake, mistake, unknown
from app.rules.penalties import level_found
from app.rules.schedules import OFFENDER, CompiledSchedule, path_type
from app.source import N_
from app.spec.penalties import CASE_WORDS

_MOST_EARLIER = 1000


def case_in_words(schedule: CompiledSchedule, given: Mapping[str, str | None], at: datetime) -> Case:
    """The case that the words mean. Raises CaseError with every word that is not understood.

    A person path without a value says that there is nobody; one that is left out stands for somebody who is
    not named.
    """
    facts, persons, links, words = {}, dict[str, Person | None](), {}, dict[str, str | None]()
    mistakes: list[Mistake] = []
    for name, value in given.items():
        if name in schedule.facts:
            facts[name] = value
        elif name in schedule.person_paths or _is_person(schedule, name):
            persons[name] = Person(value, value) if value else None
        elif name in schedule.link_types:
            links[name] = value
        elif name in CASE_WORDS:
            words[name] = value
        else:
            known = (*schedule.facts, *schedule.person_paths, *schedule.link_types, *CASE_WORDS)
            mistakes.append(unknown(name, N_("'{name}' is no fact of this schedule"), known))
    read = _Words(words, schedule.zone, mistakes)
    happened = read.moment("at") or at
    amount, earlier = read.number("amount"), read.number("earlier") or Decimal(0)
    if earlier % 1 != 0 or not 0 <= earlier <= _MOST_EARLIER:
        mistakes.append(
            mistake("earlier", N_("'{name}' is a whole number from 0 to {most}"), most=_MOST_EARLIER)
        )
        earlier = Decimal(0)
    case = Case(
        at=happened,
        level=words.get("level") or None,
        facts=facts,
        persons=persons,
        links=links,
        now=read.moment("now"),
        joint=read.switch("joint"),
        amount=amount,
        item=words.get("item") or "",
        class_=words.get("class") or "",
        unit=words.get("unit") or "",
        earlier=(),
    )
    if mistakes:
        raise CaseError([*mistakes, *_further(schedule, case)])
    return _with_earlier(schedule, case, int(earlier))


def _is_person(schedule: CompiledSchedule, path: str) -> bool:
    try:
        return path_type(schedule.environment, path) == LinkType("person")
    except KeyError:
        return False


def _further(schedule: CompiledSchedule, case: Case) -> tuple[Mistake, ...]:
    """What is wrong with the rest, so that all is said at once."""
    try:
        read_case(schedule, case)
    except CaseError as error:
        return error.mistakes
    return ()


def _with_earlier(schedule: CompiledSchedule, case: Case, count: int) -> Case:
    """The case with `count` earlier penalties that agree with it in everything a rule can ask."""
    if not count:
        return case
    case = replace(case, item=case.item or "?", class_=case.class_ or "?", unit=case.unit or "?")
    person = case.persons.get(OFFENDER)
    same = EarlierPenalty(
        id="",
        at=case.at,
        person=person.id if person else "",
        level=level_found(schedule, case),
        schedule=schedule.spec.full_name,
        item=case.item,
        class_=case.class_,
        unit=case.unit,
    )
    return replace(case, earlier=tuple(replace(same, id=f"#{number}") for number in range(1, count + 1)))


class _Words:
    """Reads the words of a case that are no facts, and notes what cannot be read."""

    def __init__(self, words: Mapping[str, str | None], zone: str, mistakes: list[Mistake]) -> None:
        self.words, self.zone, self.mistakes = words, zone, mistakes

    def number(self, name: str) -> Decimal | None:
        written = self.words.get(name)
        if not written:
            return None
        number = read_number(written)
        if number is None:
            self.mistakes.append(mistake(name, N_("'{value}' is no number for {name}"), value=written))
        return number

    def moment(self, name: str) -> datetime | None:
        written = self.words.get(name)
        if not written:
            return None
        try:
            return moment(written, self.zone)
        except ValueError:
            hint = N_("write it like 2026-01-31, or 2026-01-31 18:00 with a time")
            self.mistakes.append(mistake(name, N_("'{value}' is no time for {name}"), hint, value=written))
            return None

    def switch(self, name: str) -> bool:
        written = self.words.get(name)
        found = WORDS.get(written.strip().lower()) if written else True
        if found is None:
            self.mistakes.append(mistake(name, N_("'{value}' is neither true nor false"), value=str(written)))
            return True
        return found
