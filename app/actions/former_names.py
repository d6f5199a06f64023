"""Names that were changed since a release was in service, so that going back to it takes them back.

A release says what its names were before (`was:`), never what they will be: going back, its own `was:` do not
help. What every release since called each thing is followed here, step by step, and written into the former
names of the release that is brought back, for the plan alone.

A name is a path of type, part, name, …: `("r.visit", "field", "note")`, `(…, "option", "good")`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from app.actions.configurations import release_within
from app.release import FieldModel, RecordModel, Release
from app.source import ConfigError
from app.spec.portal_settings import Option
from app.spec.workflows import State
from app.storage import Session, StoredRelease
from app.storage.releases import served_since

Name = tuple[str, ...]
Names = Mapping[Name, Name]
FIELD, OPTION, STATE = "field", "option", "state"


def with_later_names(session: Session, instance: Path, release: Release, number: int) -> Release:
    """`release`, an earlier one of that number, whose `was:` are what its names are now. Releases that this
    program does not understand any more are passed over."""
    history = served_since(session)
    start = next((place for place, one in enumerate(history) if one.number == number), None)
    if start is None:
        return release
    steps = _Steps(session, instance, history)
    now = steps.between(start, len(history) - 1, [*_names(release)])
    return replace(release, records={name: _renamed(one, now) for name, one in release.records.items()})


class _Steps:
    """What each release of a history called by another name than the one before."""

    def __init__(self, session: Session, instance: Path, history: Sequence[StoredRelease]) -> None:
        self.session, self.instance, self.history = session, instance, history
        self.known: dict[int, Names] = {}
        self.named: dict[int, Names | None] = {}

    def between(self, start: int, end: int, names: Sequence[Name]) -> Names:
        """What each of these names of release `start` was when release `end` served; of what was given up on
        the way the last name that it had."""
        found = {name: name for name in names}
        for place in range(start + 1, end + 1):
            step = self.step(place)
            found = {name: _moved(step, now) for name, now in found.items()} if step else found
        return found

    def step(self, place: int) -> Names:
        """What release number `place` of the history calls otherwise: the name before -> its own."""
        if place not in self.known:
            self.known[place] = self._back(place) if self._is_back(place) is not None else self._own(place)
        return self.known[place]

    def _is_back(self, place: int) -> int | None:
        """The release that the one at `place` brought back."""
        one = self.history[place]
        if one.origin != "rollback":
            return None
        earlier = (before for before in range(place - 1, -1, -1) if self.history[before].hash == one.hash)
        return next(earlier, None)

    def _back(self, place: int) -> Names:
        back, names = self._is_back(place), self._named(place)
        if back is None or names is None:
            return {}
        now = self.between(back, place - 1, [*names])
        return {before: name for name, before in now.items() if name != before}

    def _own(self, place: int) -> Names:
        known, after = self._named(place - 1), self._named(place)
        if known is None or after is None:
            return {}
        return {
            was: name for name, was in after.items() if was != name and was in known and name not in known
        }

    def _named(self, place: int) -> Names | None:
        """The names of one release, each read once; None for one that cannot be read."""
        if place not in self.named:
            try:
                release = release_within(self.session, self.instance, self.history[place].number)
                self.named[place] = _names(release)
            except (ConfigError, KeyError):
                self.named[place] = None
        return self.named[place]


def _moved(step: Names, name: Name) -> Name:
    """A name after a step; what has none of its own moves with what it belongs to."""
    if name in step:
        return step[name]
    return (*_moved(step, name[:-2]), *name[-2:]) if len(name) > 2 else name


def _names(release: Release) -> dict[Name, Name]:
    """Every name of stored things -> the one that it says it had before."""
    found: dict[Name, Name] = {}
    for name, record in release.records.items():
        was = record.spec.was
        before = ".".join(part for part in (record.regime, was) if part) if was else name
        found[(name,)] = (before,)
        for state, spec in (record.workflow.states if record.workflow is not None else {}).items():
            found[(name, STATE, state)] = (before, STATE, spec.was or state)
        found |= dict(_field_names((name,), (before,), record.fields))
    return found


def _field_names(own: Name, before: Name, fields: Mapping[str, FieldModel]) -> Iterator[tuple[Name, Name]]:
    for name, found in fields.items():
        here, there = (*own, FIELD, name), (*before, FIELD, found.spec.was or name)
        yield here, there
        for option, spec in found.options.items():
            yield (*here, OPTION, option), (*there, OPTION, spec.was or option)
        yield from _field_names(here, there, found.lines)


def _renamed(record: RecordModel, now: Names) -> RecordModel:
    own: Name = (record.name,)
    spec, workflow = record.spec, record.workflow
    later = _later(now, own)
    if later is not None:
        spec = spec.model_copy(update={"was": later.rpartition(".")[2]})
    if workflow is not None:
        states = {
            name: state if was is None else state.model_copy(update={"was": was})
            for name, state in workflow.states.items()
            for was in [_later(now, (*own, STATE, name))]
        }
        workflow = workflow.model_copy(update={"states": cast(Mapping[str, State], states)})
    fields = {name: _renamed_field((*own, FIELD, name), one, now) for name, one in record.fields.items()}
    return replace(record, spec=spec, workflow=workflow, fields=fields)


def _renamed_field(own: Name, found: FieldModel, now: Names) -> FieldModel:
    later, spec = _later(now, own), found.spec
    if later is not None:
        spec = spec.model_copy(update={"was": later})
    options: dict[str, Option] = {}
    for name, option in found.options.items():
        was = _later(now, (*own, OPTION, name))
        options[name] = option if was is None else option.model_copy(update={"was": was})
    lines = {name: _renamed_field((*own, FIELD, name), one, now) for name, one in found.lines.items()}
    return replace(found, spec=spec, options=options, lines=lines)


def _later(now: Names, name: Name) -> str | None:
    """What a thing is called now, where that is another name."""
    later = now.get(name, name)[-1]
    return later if later != name[-1] else None
