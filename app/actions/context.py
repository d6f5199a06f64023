"""What every action is given: the release, who acts, when, and the session to write through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from app.access import AccessDenied, Actor, Decision, Policy
from app.release import RecordModel, Release
from app.source import N_, Translate
from app.storage import Models, Session, Stamp, begin_write
from app.workflow import Machine, compile_workflow

Made = TypeVar("Made")


@dataclass(frozen=True)
class Context:
    """One request's (or job's) surroundings.

    policy and models belong to `release`; now: an aware moment that stands for the whole action; translate:
    into the user's language; instance: the folder that holds attachments and documents; machines: compiled
    workflows by record type, and kept: what else depends on the release alone (calendars, service levels),
    both filled on first use: let the contexts of one release share them.
    """

    release: Release
    policy: Policy
    models: Models
    session: Session
    actor: Actor
    now: datetime
    translate: Translate
    instance: Path
    machines: dict[str, Machine | None] = field(default_factory=dict, compare=False, repr=False)
    kept: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    def keep(self, key: object, make: Callable[[], Made]) -> Made:
        """What `make` gives, worked out once for this release."""
        if key not in self.kept:
            self.kept[key] = make()
        return cast(Made, self.kept[key])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.release.portal.settings.timezone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def stamp(self) -> Stamp:
        """Who writes, when, under which release."""
        return Stamp(self.actor.person_id, self.now, self.release.number)

    def record(self, record_type: str) -> RecordModel:
        """The record type of that full name. Raises AccessDenied when it is not served."""
        found = self.release.records.get(record_type)
        if found is None:
            text = N_("there is no record type '{type}'")
            raise AccessDenied(Decision(False, text, {"type": record_type}))
        return found

    def machine(self, record_type: str) -> Machine | None:
        """The workflow of a record type, compiled; None when it has none."""
        if record_type not in self.machines:
            self.machines[record_type] = compile_workflow(self.release, self.record(record_type))
        return self.machines[record_type]

    def say(self, text: str, **params: object) -> str:
        """A sentence in the user's language."""
        return self.translate(text).format(**params)


@contextmanager
def transaction(context: Context) -> Iterator[None]:
    """One action, one transaction: committed at the end, rolled back by whatever goes wrong."""
    begin_write(context.session)
    done = False
    try:
        yield
        context.session.commit()
        done = True
    finally:
        if not done:
            context.session.rollback()
