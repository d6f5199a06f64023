"""What a request works with: the release it runs under, the database, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from babel import Locale
from flask import current_app, g
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.access import ANONYMOUS, Actor, Policy
from app.actions import Context
from app.release import RecordModel, Release
from app.storage import Database, Models
from app.storage.people import load_actor
from app.web.display import Style
from app.web.languages import label
from app.web.settings import WebSettings
from app.workflow import Machine, compile_workflow

EXTENSION = "portal"
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Served:
    """One release in service: everything that a view needs and that outlives a request.

    models: the release's tables and mapped classes; cache: results that depend on the release alone, filled
    on first use by `remember`.
    """

    release: Release
    policy: Policy
    database: Database
    models: Models
    settings: WebSettings
    zone: ZoneInfo
    cache: dict[object, object] = field(default_factory=dict)

    def record(self, name: str) -> RecordModel:
        """The record type with this full name. KeyError when there is none."""
        return self.release.records[name]

    def machine(self, name: str) -> Machine | None:
        """The compiled workflow of a record type, or None when it has none."""
        return self.remember(("machine", name), lambda: compile_workflow(self.release, self.record(name)))

    def remember(self, key: object, make: Callable[[], Made]) -> Made:
        """What `make` gives, worked out once for this release. Two threads may both work it out: same
        result."""
        if key not in self.cache:
            self.cache[key] = make()
        return cast(Made, self.cache[key])


def served() -> Served:
    """The release that the current application serves."""
    found: Served = current_app.extensions[EXTENSION]
    return found


def account_id() -> int | None:
    """Id of the signed-in account, or None."""
    user = g.get("user")
    return int(user.id) if user is not None and user.is_authenticated else None


def session() -> Session:
    """This request's database session, shared with FAB; removed when the request ends."""
    return served().database.session()


def actor() -> Actor:
    """Who asks, loaded once a request."""
    if "actor" not in g:
        account = account_id()
        g.actor = ANONYMOUS if account is None else load_actor(session(), served().models, account)
    found: Actor = g.actor
    return found


def now() -> datetime:
    """This request's moment, the same everywhere in it (UTC)."""
    if "moment" not in g:
        g.moment = datetime.now(UTC)
    moment: datetime = g.moment
    return moment


def action_context() -> Context:
    """What actions are given in this request."""
    here = served()
    return Context(
        release=here.release,
        policy=here.policy,
        models=here.models,
        session=session(),
        actor=actor(),
        now=now(),
        translate=label,
        instance=here.database.instance,
        machines=here.remember("machines", dict),
        kept=here.remember("kept", dict),
    )


def style() -> Style:
    """How this portal writes figures and moments in the request's language."""
    here = served()
    locale = get_locale() or Locale("en")
    return Style(here.zone, here.release.portal.settings.currency, locale, here.release.names)
