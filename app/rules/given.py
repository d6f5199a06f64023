"""A case read: facts typed, names checked, everything where conditions and reasons find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.expressions import NUMBER, LinkType
from app.rules.cases import Case
from app.rules.conditions import FACTS, Condition, nested
from app.rules.facts import FactType, read_value
from app.rules.mistakes import CaseError, Mistake, mistake, unknown
from app.rules.reasons import Reason, Word, because
from app.rules.schedules import OFFENDER, CompiledSchedule, LevelRule
from app.rules.values import Plain, plain
from app.source import N_, Phrase


@dataclass(frozen=True, slots=True)
class Given:
    """scope: what conditions read; inputs: plain values by path; said: the same as (name, value) in words."""

    scope: dict[str, object]
    inputs: Mapping[str, Plain]
    said: Mapping[str, tuple[Word, Word]]

    def inputs_of(self, condition: Condition) -> dict[str, Plain]:
        """What a condition read, by name."""
        return {path: self.inputs.get(path) for path in condition.reads}

    def words_of(self, condition: Condition) -> Word:
        """What a condition read, in words."""
        return tuple(self.said.get(path, (path, UNKNOWN)) for path in condition.reads)

    def at_level(self, schedule: CompiledSchedule, level: LevelRule) -> Given:
        """The same case at another level."""
        inputs = {**self.inputs, "level": level.name, "amount": plain(level.amount)}
        inputs["points"] = plain(level.spec.points)
        said = {**self.said, "level": (schedule.labels["level"], level.label)}
        tariff = {"level": level.name, "amount": level.amount, "points": level.spec.points}
        return Given({**self.scope, **tariff}, inputs, said)


UNKNOWN = Phrase(N_("not known"))


def condition_reason(
    rule: str,
    condition: Condition,
    given: Given,
    text: str,
    children: tuple[Reason, ...] = (),
    **params: Word,
) -> Reason:
    """A reason that rests on a condition: `text` may use {condition} and {read}."""
    return because(
        rule,
        condition.span,
        text,
        given.inputs_of(condition),
        children,
        condition=condition.source,
        read=given.words_of(condition),
        **params,
    )


def read_case(schedule: CompiledSchedule, case: Case) -> Given:
    """Type every fact of the case. Raises CaseError with all mistakes: unknown facts and levels, values of
    the wrong type, required facts that are missing."""
    mistakes: list[Mistake] = []
    zone = schedule.zone
    scope: dict[str, object] = dict.fromkeys(schedule.facts)
    scope |= _typed(schedule.facts, case.facts, zone, mistakes, N_("'{name}' is no fact of this schedule"))
    mistakes += [
        mistake(fact.name, N_("the fact '{name}' is needed"))
        for fact in schedule.facts.values()
        if fact.required and scope[fact.name] is None
    ]
    links = _links(schedule, case, mistakes)
    if case.level is not None and case.level not in schedule.levels:
        mistakes.append(unknown(case.level, N_("'{name}' is no level of this schedule"), schedule.levels))
    if mistakes:
        raise CaseError(mistakes)
    now = case.now or case.at
    times = {"now": now, "today": now.astimezone(ZoneInfo(zone)).date()}
    values = {**scope, **links, **times}
    inputs = {name: plain(value) for name, value in values.items()}
    said = {name: _words(schedule, name, value) for name, value in values.items()}
    scope |= times
    scope |= {name: _record(value) for name, value in scope.items() if _is_link(schedule, name)}
    scope[FACTS] = _looked_up(schedule, case)
    return Given(nested(_records(schedule, links), scope), inputs, said)


def _typed(
    types: Mapping[str, FactType], given: Mapping[str, object], zone: str, mistakes: list[Mistake], text: str
) -> dict[str, object]:
    typed: dict[str, object] = {}
    for name, value in given.items():
        if name not in types:
            mistakes.append(unknown(name, text, types))
            continue
        read = read_value(types[name], value, zone)
        if isinstance(read, Mistake):
            mistakes.append(read)
        else:
            typed[name] = read
    return typed


def _links(schedule: CompiledSchedule, case: Case, mistakes: list[Mistake]) -> dict[str, object]:
    """People by their id and the further paths that conditions read; what no condition reads is left out."""
    links: dict[str, object] = {
        path: found.id for path, found in case.persons.items() if found is not None and "." not in path
    }
    read = {path: value for path, value in case.links.items() if path in schedule.link_types}
    return links | _typed(schedule.link_types, read, schedule.zone, mistakes, "")


def _is_link(schedule: CompiledSchedule, name: str) -> bool:
    return name in schedule.facts and isinstance(schedule.facts[name].type, LinkType)


def _records(schedule: CompiledSchedule, links: Mapping[str, object]) -> dict[str, object]:
    """Linked records as mappings, so that a path below one that was not loaded is empty, not an error."""
    return {
        path: _record(value)
        if path not in schedule.link_types or isinstance(schedule.link_types[path].type, LinkType)
        else value
        for path, value in links.items()
    }


def _record(value: object) -> object:
    return value if value is None or isinstance(value, Mapping) else {"id": value}


def _looked_up(schedule: CompiledSchedule, case: Case) -> Mapping[str, object]:
    """Counts and sums that were loaded for the conditions; one that was not is empty and decides nothing."""
    types = {lookup.key: FactType(lookup.key, lookup.type) for lookup in schedule.lookups}
    found: dict[str, object] = dict.fromkeys(types)
    for key, value in case.looked_up.items():
        read = read_value(types.get(key, FactType(key, NUMBER)), value, schedule.zone)
        found[key] = value if isinstance(read, Mistake) else read
    return found


def _words(schedule: CompiledSchedule, name: str, value: object) -> tuple[Word, Word]:
    label: Word = schedule.labels.get(name, name)
    if value is None:
        return label, UNKNOWN
    words = schedule.options.get(name)
    if words is not None and str(value) in words:
        return label, words[str(value)]
    if isinstance(value, datetime):
        return label, value.astimezone(ZoneInfo(schedule.zone)).strftime("%Y-%m-%d %H:%M")
    return label, str(plain(value))


def offender_name(case: Case) -> str:
    """The offender's name where it is known."""
    person = case.persons.get(OFFENDER)
    return person.name if person is not None else ""
