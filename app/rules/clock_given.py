"""A record in words, as examples of service levels and the command line give it: facts, moments, states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.expressions import DATETIME, LinkType
from app.expressions.core import FACTS
from app.rules.clock_history import Version, moment_of
from app.rules.clock_targets import Extension
from app.rules.conditions import nested
from app.rules.facts import FactType, moment, read_value
from app.rules.mistakes import CaseError, Mistake, mistake, unknown
from app.rules.pauses import Pause
from app.rules.schedules import path_type
from app.rules.service_levels import CompiledLevel, Mark
from app.source import N_
from app.spec.durations import Duration, parse_duration
from app.spec.service_levels import CLOCK_WORDS

_STATE = re.compile(r"(?P<state>[a-z][a-z0-9_]*)\s+(?P<at>\S.*)")
_MOMENT = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})[ T]24:00")
_TIME_HINT = N_("write it like 2026-01-31, or 2026-01-31 18:00 with a time")


@dataclass(frozen=True, slots=True)
class GivenClock:
    """What `judge_clock` wants: the record's history, the moment, and what was given besides."""

    versions: tuple[Version, ...]
    now: datetime
    extensions: tuple[Extension, ...] = ()
    pauses: tuple[Pause, ...] = ()


def clock_in_words(level: CompiledLevel, given: Mapping[str, str | None]) -> GivenClock:
    """The record that the words mean; raises CaseError with every word that is not understood.

    Names of fields and paths hold facts. Further words, where the record has no field of that name: `from`
    and `to` (when it came into the states at which the clock starts and stops), `states` (`taken 2026-03-02
    10:00; waiting 2026-03-02 12:00`), `pauses` (`2026-03-02 10:00..2026-03-02 12:00; …`), `extended` (a time,
    or how much more), `now`. Without `now` it is judged at the last moment that is named.
    """
    reader = _Reader(level)
    facts = reader.facts(given)
    entries = sorted(reader.entries(given), key=lambda entry: entry[1])
    pauses = tuple(reader.pauses(given.get("pauses") if "pauses" in reader.words else None))
    now = reader.moment("now", given.get("now")) if "now" in reader.words else None
    reader.no_mistakes()
    moments = [at for value in facts.values() if (at := moment_of(value, level.zone)) is not None]
    moments += [at for _, at in entries] + [end for one in pauses if (end := one.end) is not None]
    named = [at for at in (now, *moments) if at is not None] or [datetime(2026, 1, 5, 4, tzinfo=UTC)]
    extended = reader.extension(given.get("extended"), min(named)) if "extended" in reader.words else None
    reader.no_mistakes()
    return GivenClock(
        versions=tuple(_versions(level, facts, entries, min(named))),
        now=now or max(named),
        extensions=(extended,) if extended is not None else (),
        pauses=pauses,
    )


def read_moment_words(text: str, zone: str) -> datetime:
    """A date or a time of `zone` as UTC; `24:00` is the end of the day. Raises ValueError."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return moment(text.strip(), zone)
    try:
        day = date.fromisoformat(found["day"]) + timedelta(days=1)
    except OverflowError as error:
        raise ValueError(text) from error
    return moment(datetime.combine(day, time.min), zone)


class _Reader:
    """Reads the words for one level, and notes what cannot be read."""

    def __init__(self, level: CompiledLevel) -> None:
        self.level = level
        self.mistakes: list[Mistake] = []
        names = level.environment.names
        self.words = tuple(word for word in CLOCK_WORDS if word == "now" or word not in names)

    def no_mistakes(self) -> None:
        if self.mistakes:
            raise CaseError(self.mistakes)

    def facts(self, given: Mapping[str, str | None]) -> dict[str, object]:
        """The facts by path, each of its field's type."""
        found: dict[str, object] = {}
        for name, written in given.items():
            if name in self.words:
                continue
            fact = self._fact(name)
            if fact is None:
                known = (*self.level.environment.names, *self.words)
                text = N_("'{owner}' has no field '{name}'")
                self.mistakes.append(unknown(name, text, known, owner=self.level.record))
                continue
            value = self._value(fact, written)
            if isinstance(value, Mistake):
                self.mistakes.append(value)
            else:
                found[name] = value
        return found

    def entries(self, given: Mapping[str, str | None]) -> Iterator[tuple[str, datetime]]:
        """The states with the times at which the record came into them."""
        for word, marks in (("from", (self.level.start,)), ("to", self.level.ends)):
            if word in self.words and given.get(word):
                yield from self._marked(word, marks, given[word])
        written = given.get("states") if "states" in self.words else None
        for part in _parts(written):
            found = _STATE.fullmatch(part)
            if found is None or found["state"] not in self.level.states:
                hint = N_("write states of the record with their times: taken 2026-01-31 18:00; closed …")
                self.mistakes.append(
                    mistake("states", N_("'{value}' is no state with a time"), hint, value=part)
                )
                continue
            at = self.moment("states", found["at"])
            if at is not None:
                yield found["state"], at

    def pauses(self, written: str | None) -> Iterator[Pause]:
        for part in _parts(written):
            start, _, end = part.partition("..")
            first, last = self.moment("pauses", start), self.moment("pauses", end)
            if first is not None and last is not None:
                yield Pause(first, last)

    def extension(self, written: str | None, at: datetime) -> Extension | None:
        """`extended: 2026-01-31 18:00`, or `extended: 2 working days`."""
        if not written:
            return None
        more = parse_duration(written)
        if isinstance(more, Duration) and more.kind == "length":
            return Extension("", at, "", more=more)
        until = self.moment("extended", written)
        return Extension("", at, "", until=until) if until is not None else None

    def moment(self, name: str, written: str | None) -> datetime | None:
        if not written:
            return None
        try:
            return read_moment_words(written, self.level.zone)
        except ValueError:
            text = N_("'{value}' is no time for {name}")
            self.mistakes.append(mistake(name, text, _TIME_HINT, value=written))
            return None

    def _marked(
        self, word: str, marks: tuple[Mark, ...], written: str | None
    ) -> Iterator[tuple[str, datetime]]:
        states = [mark.state for mark in marks if mark.state]
        if not states:
            text = N_("'{name}' is for a clock that starts or stops at a state; this one goes by fields")
            self.mistakes.append(mistake(word, text))
            return
        at = self.moment(word, written)
        if at is not None:
            yield states[-1], at

    def _fact(self, name: str) -> FactType | None:
        try:
            return FactType(name, path_type(self.level.environment, name))
        except KeyError:
            return None

    def _value(self, fact: FactType, written: str | None) -> object | Mistake:
        if written and fact.type == DATETIME:
            try:
                return read_moment_words(written, self.level.zone)
            except ValueError:
                return mistake(fact.name, N_("'{value}' is no value for {name}"), _TIME_HINT, value=written)
        value = read_value(fact, written, self.level.zone)
        if isinstance(fact.type, LinkType) and not isinstance(value, Mistake) and value is not None:
            return {"id": value}
        return value


def _versions(
    level: CompiledLevel, facts: Mapping[str, object], entries: list[tuple[str, datetime]], first: datetime
) -> Iterator[Version]:
    """The history that the words tell: the facts all along, the states as they came."""
    values = nested(facts, {FACTS: dict.fromkeys(lookup.key for lookup in level.lookups)})
    state = facts.get("state")
    if not entries or entries[0][1] > first:
        before = state if state is not None and not entries else level.first_state
        yield Version(first, values={**values, "state": before})
    for name, at in entries:
        yield Version(at, values={**values, "state": name})


def _parts(written: str | None) -> list[str]:
    return [part.strip() for part in (written or "").split(";") if part.strip()]
