"""The stage of the story: an organisation in the database, and people who act at moments of the past."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.access import SYSTEM, Actor, Policy, compile_policy
from app.actions import Context, create_record
from app.actions.advance_workflow import advance_workflow
from app.actions.attach_file import attach_file
from app.actions.clock_links import RECOMPUTE
from app.actions.deliver_outbox import Post, do_item, take_items
from app.actions.run_timers import CLOCK, sweep
from app.actions.save_record import save_record
from app.demo.people import Organisation, Place, Someone, make_organisation
from app.demo.pictures import draw_picture
from app.release import Release
from app.source import untranslated
from app.spec.portal import ADMINISTRATOR
from app.storage import Database, Models, build_models
from app.storage.account_rows import create_account
from app.storage.deadlines import step_is_due
from app.storage.records import ids_where
from app.workflow import Machine

PASSWORD = "ducha-demo"
"""Of every demo account; printed at the start, and only ever used with demo data."""
PICTURES = 24


@dataclass
class Stage:
    """Everything a scene needs. `people` and `units` are the organisation's, with their ids."""

    release: Release
    database: Database
    models: Models
    policy: Policy
    organisation: Organisation
    rnd: random.Random
    started: date
    pictures: list[bytes] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)
    machines: dict[str, Machine | None] = field(default_factory=dict)
    kept: dict[object, object] = field(default_factory=dict)

    def context(self, who: str | None, at: datetime) -> Context:
        """What an action of `who` (a person's key, None for the portal itself) at that moment is given."""
        return Context(
            release=self.release,
            policy=self.policy,
            models=self.models,
            session=self.database.session(),
            actor=self.actors[who] if who else SYSTEM,
            now=at,
            translate=untranslated,
            instance=self.database.instance,
            machines=self.machines,
            kept=self.kept,
        )

    def pass_time(self, at: datetime) -> None:
        """What the portal does by itself up to that moment: clocks that run out, and what follows from them.
        Prints and letters are left to the worker."""
        while True:
            context = self.context(None, at)
            due = step_is_due(context.session, context.models, at)
            context.session.rollback()
            if not due:
                return
            sweep(context)
            while items := take_items(context, kinds=(CLOCK, RECOMPUTE)):
                for item in items:
                    do_item(context, item, Post())

    def make(self, who: str | None, at: datetime, kind: str, values: Mapping[str, object]) -> int:
        """Create a record; its id."""
        self.pass_time(at)
        return create_record(self.context(who, at), kind, values).id

    def change(self, who: str | None, at: datetime, kind: str, ident: int, **values: object) -> None:
        """Change fields of a record."""
        save_record(self.context(who, at), kind, ident, values, None)

    def move(self, who: str | None, at: datetime, kind: str, ident: int, event: str, **asked: object) -> None:
        """Make a transition."""
        self.pass_time(at)
        advance_workflow(self.context(who, at), kind, ident, event, asked)

    def photo(self, who: str, at: datetime) -> int:
        """Upload one of the drawn pictures."""
        return attach_file(self.context(who, at), "现场照片.jpg", self.rnd.choice(self.pictures), photo=True)

    def ids_of(self, kind: str, **columns: object) -> tuple[int, ...]:
        """Ids of the records whose columns have these values, in the order they were made."""
        with self.database.reading() as session:
            return ids_where(session, self.models, kind, columns)

    def person(self, key: str) -> Someone:
        return self.organisation.people[key]

    def unit(self, key: str) -> Place:
        return self.organisation.units[key]


def set_stage(
    release: Release, database: Database, started: date, seed: int = 20261, people: bool = True
) -> Stage:
    """Create units, posts, people and accounts (not where `people` is false: then the portal has its own);
    everything else is the story's."""
    rnd = random.Random(seed)
    stage = Stage(
        release=release,
        database=database,
        models=build_models(release),
        policy=compile_policy(release),
        organisation=make_organisation(rnd),
        rnd=rnd,
        started=started,
    )
    at = datetime.combine(started, time(8), tzinfo=ZoneInfo(release.portal.settings.timezone))
    if not people:
        return stage
    _create_organisation(stage, at)
    _create_accounts(stage)
    stage.actors = {key: _actor(stage, one) for key, one in stage.organisation.people.items()}
    captions = [f"{place.title} 现场" for place in stage.organisation.units.values() if place.worry]
    stage.pictures = [draw_picture(rnd, rnd.choice(captions)) for _ in range(PICTURES)]
    return stage


def _create_organisation(stage: Stage, at: datetime) -> None:
    made = stage.organisation
    posts: dict[str, int] = {}
    for one in made.people.values():
        if one.post not in posts:
            posts[one.post] = stage.make(None, at, "post", {"title": one.post, "kind": one.kind})
    for place in made.units.values():
        parent = made.units[place.parent].id if place.parent else None
        named = {"title": place.title, "code": place.code, "kind": place.kind, "parent": parent}
        place.id = stage.make(None, at, "unit", named)
    for number, one in enumerate(made.people.values()):
        superior = made.people[one.superior].id if one.superior else None
        unit, post = made.units[one.unit].id, posts[one.post]
        joined = date(stage.started.year - 1 - number % 6, 1 + number % 12, 1 + number % 27)
        values: dict[str, object] = {
            "name": one.name,
            "employee_number": one.number,
            "gender": one.gender,
            "unit": unit,
            "post": post,
            "superior": superior,
            "phone": f"138{stage.rnd.randrange(10**8):08d}",
            "joined_on": joined,
            "postings": [{"from_date": joined, "unit": unit, "post": post, "superior": superior}],
        }
        one.id = stage.make(None, at, "person", values)
    for place in made.units.values():
        if place.head:
            stage.change(None, at, "unit", place.id, head=made.people[place.head].id)


def _create_accounts(stage: Stage) -> None:
    """Accounts for those who have a log-in name."""
    with stage.database.writing() as session:
        for one in stage.organisation.people.values():
            if one.account:
                create_account(
                    session, stage.models, one.account, PASSWORD, one.name, known_roles(stage, one), one.id
                )


def known_roles(stage: Stage, one: Someone) -> list[str]:
    """The roles that the configuration declares, of those the story gives this person."""
    known = {ADMINISTRATOR, *stage.release.portal.roles}
    return [role for role in one.roles if role in known]


def _actor(stage: Stage, one: Someone) -> Actor:
    units = stage.organisation.units
    headed = {place.key for place in units.values() if place.head == one.key}
    below = {one.unit, *headed}
    for place in units.values():
        if place.parent in below:
            below.add(place.key)
    return Actor(
        person_id=one.id,
        name=one.name,
        roles=frozenset(one.roles),
        unit_id=units[one.unit].id,
        subtree=frozenset(units[key].id for key in below),
        headed=frozenset(units[key].id for key in headed),
    )
