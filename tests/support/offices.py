"""A small organisation in a database, and contexts to act in: for tests of actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.access import Actor, Policy, compile_policy
from app.actions import Context
from app.release import Release
from app.source import untranslated
from app.storage import Database, Models, Record, Stamp, insert_record, read_record, subtree_ids
from tests.support.portals import NOW, install, release_from

PEOPLE = {
    "boss": ("总经理", "company", None),
    "hr": ("人事", "hr", "boss"),
    "head": ("店长", "shop", "boss"),
    "cook": ("厨师", "shop", "head"),
    "other_head": ("别店店长", "other", "boss"),
    "other_cook": ("别店厨师", "other", "other_head"),
}
"""Key -> name, unit, superior. `hr`, `shop` and `other` lie below `company`; `boss`, `head` and `other_head`
are heads of their units."""


@dataclass(frozen=True)
class Office:
    """A release installed in a database with a few units and people; ids by key."""

    release: Release
    database: Database
    models: Models
    units: Mapping[str, int]
    people: Mapping[str, int]
    policy: Policy
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def actor(self, key: str, *roles: str) -> Actor:
        """The person `key` with these roles (beside those of `roles`)."""
        name, unit, _ = PEOPLE[key]
        headed = [self.units[PEOPLE[one][1]] for one in ("boss", "head", "other_head") if one == key]
        with self.database.reading() as session:
            below = subtree_ids(session, self.models, {self.units[unit], *headed})
        return Actor(
            person_id=self.people[key],
            account_id=self.people[key],
            name=name,
            roles=frozenset(roles) | self.roles.get(key, frozenset()),
            unit_id=self.units[unit],
            subtree=below,
            headed=frozenset(headed),
        )

    def context(self, actor: Actor, now: datetime = NOW) -> Context:
        """What actions are given when `actor` acts."""
        return Context(
            release=self.release,
            policy=self.policy,
            models=self.models,
            session=self.database.session(),
            actor=actor,
            now=now,
            translate=untranslated,
            instance=self.database.instance,
        )

    def as_(self, key: str, *roles: str, now: datetime = NOW) -> Context:
        """The context of the person `key` with these roles."""
        return self.context(self.actor(key, *roles), now)

    def read(self, record_type: str, record_id: int) -> Record:
        """A record as it is stored now."""
        with self.database.reading() as session:
            found = read_record(session, self.models, record_type, record_id)
        assert found is not None
        return found


def office_from(database: Database, tmp_path: Path, files: Mapping[str, str]) -> Office:
    """Install the configuration and hire the people."""
    release = release_from(tmp_path, files)
    models = install(database, release)
    units: dict[str, int] = {}
    people: dict[str, int] = {}
    stamp = Stamp(None, NOW)
    with database.writing() as session:
        for key, parent in (("company", None), ("hr", "company"), ("shop", "company"), ("other", "company")):
            values = {"title": key, "code": key.upper(), "parent": units.get(parent or ""), "active": True}
            units[key] = insert_record(session, models, "unit", values, stamp)
        for key, (name, unit, superior) in PEOPLE.items():
            person = {
                "name": name,
                "unit": units[unit],
                "superior": people.get(superior or ""),
                "active": True,
            }
            people[key] = insert_record(session, models, "person", person, stamp)
        unit_table = models.tables["unit"]
        for head, unit in (("boss", "company"), ("head", "shop"), ("other_head", "other")):
            change = unit_table.update().where(unit_table.c.id == units[unit])
            session.execute(change.values(head_id=people[head]))
    return Office(release, database, models, units, people, compile_policy(release))


def with_roles(office: Office, **roles: tuple[str, ...]) -> Office:
    """The same office, where persons have these roles."""
    return replace(office, roles={key: frozenset(names) for key, names in roles.items()})
